"""The provider in docs/extending.md is put in its place in a copy of the house, and has to pass there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("\n## A provider\n") : PAGE.index("\n## A ComfyUI workflow\n")]
FILES = dict(re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL))
ROWS = re.findall(r"^```toml\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
(RUN,) = re.findall(r'^make test ARGS="(.+)"$', SECTION, re.MULTILINE)
# Each suite that a vendor has to pass, by a test of it.
SUITES = (
    "test_contract.py::test_a_model_s_row_is_right[acme-1]",
    "test_contract.py::test_a_vendor_opens_without_credentials_or_says_that_it_needs_them[acme]",
    "test_own_keys.py::test_a_vendor_for_own_keys_opens_with_one_and_can_try_it[acme]",
    "test_secrets.py::test_no_key_is_told_or_logged[acme]",
    "test_vendor_faults.py::test_a_lost_answer_is_found_or_told_as_unknown[acme]",
    "test_vendor_faults.py::test_each_refusal_is_told_apart_and_makes_nothing[acme-busy]",
    "test_vendor_faults.py::test_every_model_does_what_it_declares[acme]",
)


def copied(house: Path, files: Mapping[str, str]) -> Path:
    """The house with these files and the page's rows; what they do not touch is only linked."""
    skipped = shutil.ignore_patterns("__pycache__")
    for name in ("providers", "tests"):
        shutil.copytree(ROOT / name, house / name, ignore=skipped)
    for name in ("bot", "core", "storage", "pyproject.toml", ".env.example"):
        (house / name).symlink_to(ROOT / name)
    for path, text in files.items():
        (house / path).write_text(text, encoding="utf-8")
    with (house / "providers" / "models.toml").open("a", encoding="utf-8") as table:
        table.write("\n" + "\n".join(ROWS))
    return house


def ran(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A tool in the house, which imports from there and not from here."""
    environment = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def suite(house: Path) -> subprocess.CompletedProcess[str]:
    where, flag, name = RUN.split()
    return ran(house, "pytest", "-vv", "-p", "no:cacheprovider", where, flag, name)


def test_the_page_s_provider_passes_every_suite(tmp_path: Path) -> None:
    assert set(FILES) == {"providers/acme.py", "tests/fakes/acme_server.py"}
    assert len(ROWS) == 1
    house = copied(tmp_path / "house", FILES)
    run = suite(house)
    assert run.returncode == 0, run.stdout + run.stderr
    assert [name for name in SUITES if name not in run.stdout] == []
    for check in (["check"], ["format", "--check"]):
        linted = ran(house, "ruff", *check, "--no-cache", *FILES)
        assert linted.returncode == 0, linted.stdout + linted.stderr


MISTAKES = {
    "body=body)": (
        "body=body, makes=False)",
        "test_a_lost_answer_is_found_or_told_as_unknown[acme]",
    ),
    "secrets=[key])": ("secrets=[])", "test_no_key_is_told_or_logged[acme]"),
}


@pytest.mark.parametrize("right", MISTAKES)
def test_a_mistake_in_it_is_found(tmp_path: Path, right: str) -> None:
    wrong, test = MISTAKES[right]
    text = FILES["providers/acme.py"]
    assert text.count(right) == 1
    house = copied(tmp_path / "house", {**FILES, "providers/acme.py": text.replace(right, wrong)})
    run = suite(house)
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(rf"^FAILED \S*::{re.escape(test)}", run.stdout, re.MULTILINE), run.stdout
