"""What Discord is told of the catalogue, and when."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from bot import catalogue
from bot.discord.commands import build, fingerprint
from core.operations.base import discover
from tests.fakes import contract


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return build(catalogue.build(discover()))


@pytest.mark.specs
def test_keeps_discords_description(told: list[dict[str, Any]]) -> None:
    described = contract.openapi("discord")
    if described is None:
        pytest.skip("no description of Discord's API")
    assert described.check("PUT", "/api/v10/applications/1/commands", told) == []


def test_names_and_lengths(told: list[dict[str, Any]]) -> None:
    for command in told:
        if command["type"] == 1:
            assert re.fullmatch(r"[-_a-z0-9]{1,32}", command["name"])
            assert 1 <= len(command["description"]) <= 100
            required = [item["required"] for item in command["options"]]
            assert required == sorted(required, reverse=True)
            for item in command["options"]:
                assert re.fullmatch(r"[-_a-z0-9]{1,32}", item["name"])
                assert 1 <= len(item["description"]) <= 100
                assert not ("choices" in item and "autocomplete" in item)


def test_fingerprint_overlooks_what_discord_adds(told: list[dict[str, Any]]) -> None:
    known = copy.deepcopy(told)
    for item in known:
        item |= {
            "id": "1",
            "version": "2",
            "nsfw": False,
            "description": item.get("description", ""),
        }
        item["options"] = [
            {key: value for key, value in option.items() if value is not False}
            for option in item.get("options", [])
        ]
    assert fingerprint(list(reversed(known))) == fingerprint(told)


@pytest.mark.parametrize("change", ["description", "options", "contexts"])
def test_fingerprint_sees_changes(told: list[dict[str, Any]], change: str) -> None:
    known = copy.deepcopy(told)
    known[0][change] = []
    assert fingerprint(known) != fingerprint(told)
