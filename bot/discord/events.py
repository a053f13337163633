"""What happens at Discord, free of its library's types: the first function that sees them ends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import discord

from core.options import Mentioned
from core.premium import Entitlement

JSON = Mapping[str, Any]

_USER, _ATTACHMENT, _MESSAGE_MENU = 6, 11, 3
_THUMBNAIL, _GALLERY = 11, 12
_EPHEMERAL = 1 << 6
PLATFORM = "discord"
# The discriminator of what a webhook posts as.
_WEBHOOK = "0000"
PICTURE_NAMES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
NAME_LENGTH_MAX = 100


class Kind(StrEnum):
    """What a person did."""

    COMMAND = "command"
    MENU = "menu"
    BUTTON = "button"
    COMPLETE = "complete"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file at Discord; its address is signed and good for about a day."""

    name: str
    url: str = field(repr=False)
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One interaction. `name` is the command's, the menu's, or the custom_id of a button or form.

    `values` are options or answers by name: texts, numbers and files; `focused` is the option being
    completed; `pictures` are those of the message whose menu was opened. `manages` and `roles` are
    what Discord says of the person in this server, in this very event. `alone`: nobody else reads there.
    """

    id: str
    token: str = field(repr=False)
    application: str
    kind: Kind
    name: str
    user: str
    user_name: str
    place: str
    community: str | None
    language: str
    bytes_max: int
    values: Mapping[str, object]
    manages: bool = False
    roles: frozenset[str] = frozenset()
    focused: str | None = None
    pictures: tuple[Found, ...] = ()
    on_private: bool = False
    alone: bool = False


_KINDS = {
    discord.InteractionType.application_command: Kind.COMMAND,
    discord.InteractionType.component: Kind.BUTTON,
    discord.InteractionType.autocomplete: Kind.COMPLETE,
    discord.InteractionType.modal_submit: Kind.FORM,
}


def read(interaction: discord.Interaction[Any]) -> Event | None:
    """An interaction as an event; None where it is of a kind that nothing here asks for."""
    data: JSON = interaction.data or {}
    kind = _KINDS.get(interaction.type)
    if kind is None:
        return None
    if kind is Kind.COMMAND and data.get("type") == _MESSAGE_MENU:
        kind = Kind.MENU
    named = kind in {Kind.COMMAND, Kind.MENU, Kind.COMPLETE}
    values, focused = _values(kind, data)
    return Event(
        id=str(interaction.id),
        token=interaction.token,
        application=str(interaction.application_id),
        kind=kind,
        name=str(data.get("name" if named else "custom_id", "")),
        user=str(interaction.user.id),
        user_name=interaction.user.display_name[:NAME_LENGTH_MAX],
        place=str(interaction.channel_id or 0),
        community=None if interaction.guild_id is None else str(interaction.guild_id),
        language=str(interaction.locale.value),
        bytes_max=interaction.filesize_limit,
        values=values,
        manages=_manages(interaction),
        roles=_roles(interaction),
        focused=focused,
        pictures=tuple(_pictures(data)) if kind is Kind.MENU else (),
        on_private=interaction.message is not None and interaction.message.flags.ephemeral,
        alone=bool(interaction.context.dm_channel),
    )


def owned(item: discord.Entitlement) -> Entitlement:
    """What the library tells of something that was bought."""
    return Entitlement(
        id=str(item.id),
        sku=str(item.sku_id),
        user=None if item.user_id is None else str(item.user_id),
        deleted=item.deleted,
        consumed=bool(item.consumed),
    )


def entitlement(told: JSON) -> Entitlement:
    """What Discord's list tells of something that was bought."""
    user = told.get("user_id")
    return Entitlement(
        id=str(told["id"]),
        sku=str(told["sku_id"]),
        user=None if user is None else str(user),
        deleted=bool(told.get("deleted")),
        consumed=bool(told.get("consumed")),
    )


def _values(kind: Kind, data: JSON) -> tuple[dict[str, object], str | None]:
    if kind is Kind.FORM:
        return dict(_answers(data.get("components", ()))), None
    resolved = data.get("resolved", {})
    files, users = resolved.get("attachments", {}), resolved.get("users", {})
    values: dict[str, object] = {}
    focused = None
    for item in data.get("options", ()):
        value = item.get("value")
        if item["type"] == _ATTACHMENT:
            value = _found(files[value]) if value in files else None
        elif item["type"] == _USER:
            value = _mentioned(users[value]) if value in users else None
        if value is not None:
            values[item["name"]] = value
        if item.get("focused"):
            focused = item["name"]
    return values, focused


def _manages(interaction: discord.Interaction[Any]) -> bool:
    granted = interaction.permissions
    return interaction.guild_id is not None and (granted.administrator or granted.manage_guild)


def _roles(interaction: discord.Interaction[Any]) -> frozenset[str]:
    # discord.py's own `roles` leaves out those of servers that it has no cache of.
    held = getattr(interaction.user, "_roles", ())
    return frozenset(str(role) for role in held)


def _mentioned(user: JSON) -> Mentioned:
    nobody = user.get("bot") or user.get("system") or user.get("discriminator") == _WEBHOOK
    name = user.get("global_name") or user.get("username") or user["id"]
    return Mentioned(
        platform=PLATFORM,
        id=str(user["id"]),
        name=str(name)[:NAME_LENGTH_MAX],
        is_bot=bool(nobody),
    )


def _answers(components: list[JSON]) -> Iterator[tuple[str, str]]:
    for item in components:
        if "value" in item:
            yield item["custom_id"], item["value"]
        inner = item.get("components", ())
        yield from _answers([*inner, item["component"]] if "component" in item else inner)


def _pictures(data: JSON) -> Iterator[Found]:
    """The pictures of the message a menu was opened on: attached ones, then those shown in cards."""
    for message in data.get("resolved", {}).get("messages", {}).values():
        for item in message.get("attachments", ()):
            named = str(item.get("filename", "")).lower().endswith(PICTURE_NAMES)
            if named or str(item.get("content_type") or "").startswith("image/"):
                yield _found(item)
        yield from _shown(message.get("components", ()))


def _shown(components: list[JSON]) -> Iterator[Found]:
    for item in components:
        if item.get("type") == _GALLERY:
            for entry in item.get("items", ()):
                yield Found(name="picture", url=entry["media"]["url"])
        elif item.get("type") == _THUMBNAIL and "media" in item:
            yield Found(name="picture", url=item["media"]["url"])
        yield from _shown(item.get("components", ()))
        if "accessory" in item:
            yield from _shown([item["accessory"]])


def _found(item: JSON) -> Found:
    return Found(name=str(item["filename"]), url=str(item["url"]), size_bytes=int(item["size"]))
