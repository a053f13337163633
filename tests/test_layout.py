"""The rules of the house that no linter holds: sizes, names, docstrings, and what is not named."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import vendor_names

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "core", "providers", "storage")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
EMPTY_NAMES = {"utils", "helpers", "common", "misc", "manager", "service", "handlers"}
NEVER_LOOKED_INTO = {".git", ".venv", ".uv", "data", "__pycache__"}

SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
every_source = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(ROOT))
)


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 20
    assert len(TESTS) > 5


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*SOURCES, *TESTS]
    }
    assert {name: count for name, count in lengths.items() if count > MODULE_LINES_MAX} == {}


def test_no_module_has_an_empty_name() -> None:
    named = [path for path in [*SOURCES, *TESTS] if EMPTY_NAMES & {path.stem, path.parent.name}]
    assert named == []


@every_source
def test_functions_are_short_and_modules_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), "a module begins with what it is"
    long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_what_lies_beside_the_checkout_is_named_only_for_the_build() -> None:
    beside = "../" + "shared"
    naming = []
    for top in sorted(ROOT.iterdir()):
        if top.name in NEVER_LOOKED_INTO or top.name.endswith("_cache"):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            inside = path.is_file() and not NEVER_LOOKED_INTO & set(path.parts)
            if inside and beside.encode() in path.read_bytes():
                naming.append(str(path.relative_to(ROOT)))
    assert naming == [".ci/run"]


def test_the_example_names_every_setting() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    tables = {
        "credits",
        "jobs",
        "payments",
        "providers",
        "models",
        "packs",
        "plans",
        "vendors",
    }
    settings = {name.upper() for name in Settings.model_fields if name not in tables}
    only_for_tests, only_for_compose = {"ATELIER_FAILPOINT"}, {"POSTGRES_PASSWORD"}
    assert named - only_for_compose == (settings | set(vendor_names())) - only_for_tests
