"""The catalogue as Discord's slash commands and menus; told to Discord only when they have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import structlog

from bot.catalogue import Catalogue, typed
from bot.command import Command
from bot.discord import rest
from bot.discord.events import PLATFORM
from bot.discord.rest import Rest, RestLimited, RestLost, RestRefused
from core.options import Kind, Option

log = structlog.get_logger(__name__)

JSON = dict[str, Any]

DESCRIPTION_LENGTH_MAX = 100
CHOICES_MAX = 25
OPTIONS_MAX = 25
_CHAT_INPUT, _MESSAGE = 1, 3
_TYPES = {
    Kind.TEXT: 3,
    Kind.INTEGER: 4,
    Kind.BOOLEAN: 5,
    Kind.PERSON: 6,
    Kind.NUMBER: 10,
    Kind.IMAGE: 11,
}
# In servers and for people who installed the app; in servers, with the bot, and in other chats.
_EVERYWHERE = {"integration_types": [0, 1], "contexts": [0, 1, 2]}
# Where there is a community, and by whom Discord knows as its manager; we look for ourselves again.
_FOR_MODERATORS = {
    "integration_types": [0],
    "contexts": [0],
    "default_member_permissions": 1 << 5,
}
_PERMISSIONS = "default_member_permissions"
_COMPARED = (
    "type",
    "name",
    "description",
    "options",
    "integration_types",
    "contexts",
    _PERMISSIONS,
)


def build(catalogue: Catalogue) -> list[JSON]:
    """What Discord is told: a slash command for each command, and an entry in messages' menus."""
    shown = typed(catalogue, PLATFORM).values()
    menus = [command for command in shown if command.menu is not None]
    return [*(_slash(command) for command in shown), *(_menu(command) for command in menus)]


def _slash(command: Command) -> JSON:
    options = [item for item in command.options if not item.hidden]
    # Discord wants the required ones first.
    ordered = sorted(options, key=lambda item: not item.required)
    return {
        "type": _CHAT_INPUT,
        "name": command.name,
        "description": command.summary[:DESCRIPTION_LENGTH_MAX],
        "options": [_option(item) for item in ordered[:OPTIONS_MAX]],
        **(_FOR_MODERATORS if command.moderators else _EVERYWHERE),
    }


def _menu(command: Command) -> JSON:
    return {"type": _MESSAGE, "name": command.menu, **_EVERYWHERE}


def _option(item: Option) -> JSON:
    told: JSON = {
        "type": _TYPES[item.kind],
        "name": item.name,
        "description": item.text[:DESCRIPTION_LENGTH_MAX],
        "required": item.required,
    }
    if item.choices:
        told["choices"] = [{"name": word, "value": word} for word in item.choices[:CHOICES_MAX]]
    if item.suggest is not None:
        told["autocomplete"] = True
    if item.kind in {Kind.INTEGER, Kind.NUMBER}:
        told |= _given(min_value=item.min, max_value=item.max)
    if item.kind is Kind.TEXT and not item.choices:
        told |= _given(max_length=item.length_max)
    return told


def _given(**limits: int | None) -> JSON:
    return {name: value for name, value in limits.items() if value is not None}


def fingerprint(commands: list[JSON]) -> str:
    """A hash of all that people see of the commands, whatever else Discord adds to them."""
    plain = [_plain({key: _compared(key, item.get(key)) for key in _COMPARED}) for item in commands]
    texts = sorted(json.dumps(item, sort_keys=True) for item in plain)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _compared(key: str, value: object) -> object:
    """Permissions are told as a number and come back as a text."""
    return value if value is None or key != _PERMISSIONS else str(value)


def _plain(value: object) -> object:
    """Without what is empty or false: Discord leaves that out, and sends it, as it likes."""
    if isinstance(value, Mapping):
        items = {key: _plain(inner) for key, inner in value.items()}
        return {key: inner for key, inner in items.items() if inner not in (None, False, "", [])}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


async def sync(client: Rest, application: str, catalogue: Catalogue) -> bool:
    """Tell Discord of the commands if it knows others; whether it had to be told."""
    wanted = build(catalogue)
    try:
        known = await client.call(rest.commands("GET", application))
        if fingerprint(known) == fingerprint(wanted):
            return False
        await client.call(rest.commands("PUT", application), wanted)
    except (RestRefused, RestLimited, RestLost) as error:
        log.error("commands not synced", error=str(error))
        return False
    log.info("commands synced", count=len(wanted))
    return True
