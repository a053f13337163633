"""People at a local Discord: they type commands, press buttons, open menus and fill in forms."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping

from tests.fakes.discord_world import (
    JSON,
    WHEN,
    Channel,
    Interaction,
    Message,
    User,
    World,
    walk,
)

WAIT_S_MAX = 10.0
PAUSE_S = 0.005
_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_TYPES = {bool: 5, int: 4, float: 10, str: 3, User: 6}


class People(World):
    """Makes real INTERACTION_CREATE events out of what people do."""

    def send_event(self, name: str, data: JSON) -> None:
        """Put an event on the gateway."""
        raise NotImplementedError

    async def command(
        self,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        dm: bool = False,
        raw: bool = False,
        redelivered: Interaction | None = None,
    ) -> Interaction:
        """Type a slash command; bytes are attached. What a Discord client refuses fails, unless raw."""
        user = user or self.ada
        place = channel or (self.dm(user) if dm else self.general)
        registered = self._registered(name, 1)
        resolved: JSON = {}
        given = []
        for key, value in (options or {}).items():
            if not raw:
                check_option(registered, key, value)
            if isinstance(value, bytes):
                file = {**self.attach(place, f"{key}.png", value, "image/png"), "ephemeral": True}
                resolved.setdefault("attachments", {})[file["id"]] = file
                given.append({"name": key, "type": 11, "value": file["id"]})
            elif isinstance(value, User):
                resolved.setdefault("users", {})[value.id] = value.json()
                given.append({"name": key, "type": 6, "value": value.id})
            else:
                given.append({"name": key, "type": _TYPES[type(value)], "value": value})
        if not raw:
            missing = {item["name"] for item in registered["options"] if item.get("required")}
            missing -= set(options or {})
            assert not missing, f"Discord asks for {missing} first"
        data: JSON = {"id": registered["id"], "name": name, "type": 1, "options": given}
        if resolved:
            data["resolved"] = resolved
        return self._send(_COMMAND, user, place, data, redelivered=redelivered)

    async def context_menu(
        self, name: str, message: Message, *, user: User | None = None
    ) -> Interaction:
        """Choose an entry of a message's Apps menu."""
        registered = self._registered(name, 3)
        data = {
            "id": registered["id"],
            "name": name,
            "type": 3,
            "target_id": message.id,
            "resolved": {"messages": {message.id: message.json()}},
        }
        return self._send(_COMMAND, user or self.ada, message.channel, data)

    async def press(
        self, message: Message, label: str, *, user: User | None = None, custom_id: str = ""
    ) -> Interaction:
        """Press a button by its label, or with a forged custom_id."""
        user = user or self.ada
        pressed = custom_id or message.buttons[label]
        data = {"custom_id": pressed, "component_type": 2, "id": 5}
        return self._send(_COMPONENT, user, message.channel, data, message=message)

    async def autocomplete(
        self, name: str, option: str, typed: str, *, user: User | None = None
    ) -> Interaction:
        """Type into an option that completes itself."""
        registered = self._registered(name, 1)
        known = {item["name"]: item for item in registered["options"]}
        assert known[option].get("autocomplete"), f"{option} of /{name} does not complete"
        focused = {"name": option, "type": 3, "value": typed, "focused": True}
        data = {"id": registered["id"], "name": name, "type": 1, "options": [focused]}
        return self._send(_AUTOCOMPLETE, user or self.ada, self.general, data)

    async def submit_modal(self, opened: Interaction, answers: Mapping[str, str]) -> Interaction:
        """Fill in the form that an interaction opened."""
        modal = opened.modal
        assert modal is not None, "no form was opened"
        rows = []
        for row in modal["components"]:
            for item in walk([row]):
                if item["type"] != 4:
                    continue
                value = answers.get(item["custom_id"], "")
                assert value or not item.get("required", True), "this field must be filled in"
                assert len(value) <= item.get("max_length", 4000), "too long for this field"
                filled = {"type": 4, "id": 2, "custom_id": item["custom_id"], "value": value}
                if row["type"] == 18:
                    rows.append({"type": 18, "id": 1, "component": filled})
                else:
                    rows.append({"type": 1, "id": 1, "components": [filled]})
        data = {"custom_id": modal["custom_id"], "components": rows}
        return self._send(_MODAL, opened.user, opened.channel, data, message=opened.message)

    async def post(
        self,
        text: str = "",
        *,
        files: Mapping[str, bytes] | None = None,
        components: list[JSON] | None = None,
        user: User | None = None,
    ) -> Message:
        """An ordinary message by a person."""
        message = Message(
            id=self.snowflake(), channel=self.general, author=user or self.bob, content=text
        )
        message.attachments = [
            self.attach(self.general, name, data, "image/png")
            for name, data in (files or {}).items()
        ]
        message.components = components or []
        self.messages[message.id] = message
        return message

    async def until(self, true: Callable[[], object], wait_s: float = WAIT_S_MAX) -> None:
        """Wait until something is so."""
        end = time.monotonic() + wait_s
        while not true():
            assert time.monotonic() < end, "waited in vain"
            await asyncio.sleep(PAUSE_S)

    async def responded(self, interaction: Interaction, wait_s: float = WAIT_S_MAX) -> float:
        """Wait for the first answer; returns how long it took, in seconds."""
        await self.until(lambda: interaction.response_type is not None, wait_s)
        assert interaction.latency_s is not None
        return interaction.latency_s

    async def shown(
        self, interaction: Interaction, text: str = "", wait_s: float = WAIT_S_MAX
    ) -> Message:
        """Wait until the answer is no longer "thinking" and says `text`."""

        def says() -> bool:
            original = interaction.original
            return original is not None and not original.loading and text in original.text

        try:
            await self.until(says, wait_s)
        except AssertionError:
            seen = interaction.original.text if interaction.original else "no answer"
            raise AssertionError(f"no {text!r} in {seen!r}") from None
        assert interaction.original is not None
        return interaction.original

    def _registered(self, name: str, kind: int) -> JSON:
        for item in self.commands:
            if item["name"] == name and item.get("type", 1) == kind:
                return item
        raise AssertionError(f"no command {name!r} of type {kind} is registered")

    def _send(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: JSON,
        *,
        message: Message | None = None,
        redelivered: Interaction | None = None,
    ) -> Interaction:
        interaction = Interaction(
            id=redelivered.id if redelivered else self.snowflake(),
            token=f"aW50ZXJhY3Rpb246{secrets.token_urlsafe(64)}",
            kind=kind,
            user=user,
            channel=channel,
            sent_s=time.monotonic(),
            message=message,
        )
        self.interactions[interaction.token] = interaction
        self.send_event("INTERACTION_CREATE", self._event(interaction, data))
        return interaction

    def _event(self, interaction: Interaction, data: JSON) -> JSON:
        user, channel = interaction.user, interaction.channel
        owned = [
            item
            for item in self.entitlements.values()
            if item["user_id"] == user.id and not item["deleted"] and not item["consumed"]
        ]
        event: JSON = {
            "id": interaction.id,
            "application_id": self.application_id,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel": channel.json(),
            "channel_id": channel.id,
            "locale": user.locale,
            "entitlements": [dict(item) for item in owned],
            "entitlement_sku_ids": [item["sku_id"] for item in owned],
            "app_permissions": "562949953601536",
            "attachment_size_limit": self.file_bytes_max,
            "context": 0 if channel.guild_id else 1,
            "authorizing_integration_owners": {"0": channel.guild_id or "0"},
        }
        if channel.guild_id:
            event |= {
                "guild_id": channel.guild_id,
                "guild": {"id": channel.guild_id, "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": _member(user, *self.standing(user, channel.guild_id)),
            }
        else:
            event["user"] = user.json()
        if interaction.message is not None:
            event["message"] = interaction.message.json()
        return event


def _member(user: User, permissions: int, roles: tuple[str, ...]) -> JSON:
    return {
        "user": user.json(),
        "nick": None,
        "avatar": None,
        "roles": list(roles),
        "joined_at": WHEN,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "permissions": str(permissions),
        "communication_disabled_until": None,
    }


def check_option(command: JSON, name: str, value: object) -> None:
    """Refuse what a Discord client would not let anybody send."""
    known = {item["name"]: item for item in command["options"]}
    assert name in known, f"/{command['name']} has no option {name}"
    item = known[name]
    wanted = 11 if isinstance(value, bytes) else _TYPES[type(value)]
    assert item["type"] == wanted, f"{name} takes type {item['type']}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert item.get("min_value", value) <= value <= item.get("max_value", value), "limits"
    if isinstance(value, str):
        assert item.get("min_length", 0) <= len(value) <= item.get("max_length", 6000), "length"
        choices = [choice["value"] for choice in item.get("choices", [])]
        assert not choices or value in choices, f"{name} is one of {choices}"
