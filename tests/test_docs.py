"""What newcomers and operators read is true of the code: settings, commands and sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor

from bot import catalogue, i18n
from bot.settings import Settings
from bot.wiring import vendor_names
from core.operations.base import discover

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPEAKERS = {"Say", "UserError", "BadOption", "BadImage", "Busy", "NotFound"}
SECTIONS = ("credits", "jobs", "providers", "grants", "payments")
NOT_IN_THE_ENVIRONMENT = {*SECTIONS, "models", "packs", "plans", "vendors"}
ONLY_FOR_TESTS = "ATELIER_FAILPOINT"

names = sorted(
    {name.upper() for name in Settings.model_fields if name not in NOT_IN_THE_ENVIRONMENT}
    | set(vendor_names())
)


@pytest.mark.parametrize("name", names)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", README, re.MULTILINE)


def test_the_readme_names_no_setting_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `([A-Z0-9_]+)` \|", README, re.MULTILINE)) == set(names)


@pytest.mark.parametrize("name", [name for name in names if name != ONLY_FOR_TESTS])
def test_every_setting_is_in_the_example_and_empty(name: str) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert f"{name}=" in example


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_the_file_is_in_the_readme(section: str) -> None:
    keys = type(getattr(Settings(), section)).model_fields
    assert [key for key in keys if f"| `{section}.{key}` |" not in README] == []


def test_every_command_is_in_the_readme_and_no_other() -> None:
    shown = {
        f"/{command.name}" for command in catalogue.build(discover()).values() if not command.hidden
    }
    assert set(re.findall(r"^\| `(/[a-z-]+)` \|", README, re.MULTILINE)) == shown


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


class _Placeholders(Visitor):
    """Names of the values that a sentence takes."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


def _sentences(code: str) -> dict[str, set[str]]:
    """The placeholders of each sentence by its key; a line that cannot be read fails the test."""
    text = (i18n.FOLDER / f"{code}.ftl").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for entry in FluentParser().parse(text).body:
        assert not isinstance(entry, fluent.Junk), entry.content
        if isinstance(entry, fluent.Message):
            assert entry.id.name not in found, f"{entry.id.name} stands twice in {code}.ftl"
            visitor = _Placeholders()
            visitor.visit(entry)
            found[entry.id.name] = visitor.found
    return found


@pytest.mark.parametrize("code", i18n.languages())
def test_a_language_has_the_keys_and_placeholders_of_english(code: str) -> None:
    assert _sentences(code) == _sentences(i18n.FALLBACK)


@pytest.mark.parametrize("code", i18n.languages())
def test_every_sentence_can_be_said_for_any_number(code: str) -> None:
    for key, placeholders in _sentences(code).items():
        for number in (0, 1, 2, 3, 4, 11, 21, 100):
            said = i18n.translate(code, key, dict.fromkeys(placeholders, number))
            assert said
            assert "{" not in said, f"{key}: {said}"


def _literals(path: Path) -> Iterator[str]:
    """Keys of sentences that a module names literally."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in SPEAKERS:
            given = [item.value for item in node.keywords if item.arg == "key"] + node.args[:1]
            for value in given:
                arms = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                for arm in arms:
                    if isinstance(arm, ast.Constant) and isinstance(arm.value, str):
                        yield arm.value


def test_every_sentence_that_the_code_names_is_there() -> None:
    named = {
        key: str(path.relative_to(ROOT))
        for package in ("bot", "core")
        for path in sorted((ROOT / package).rglob("*.py"))
        for key in _literals(path)
    }
    known = _sentences(i18n.FALLBACK)
    assert len(named) > 30
    assert {key: path for key, path in named.items() if key not in known} == {}


def test_every_button_has_its_words() -> None:
    known = _sentences(i18n.FALLBACK)
    jobs = ("again", "edit-result", "original", "delete", "cancel", "login")
    gallery = ("open", "favourite", "gallery-delete", "gallery-delete-yes", "gallery-download")
    pressed = (*jobs, *gallery, "approve", "refuse", "buy", "subscribe", "pay", "billing")
    assert [name for name in pressed if f"button-{name}" not in known] == []
