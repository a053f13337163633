"""The REST routes of a local Discord: what each request does to the world."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.discord_people import People
from tests.fakes.discord_world import (
    COMPONENTS_V2,
    EPHEMERAL,
    JSON,
    RESPOND_S_MAX,
    Channel,
    Interaction,
    Message,
    Refused,
)

Files = Mapping[str, tuple[str, bytes, str]]


class Rest(People):
    """The handlers, one for each method and path."""

    gateway_url: str

    def _gateway_bot(self, *_: object) -> JSON:
        limits = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": 1, "session_start_limit": limits}

    def _me(self, *_: object) -> JSON:
        return {**self.bot.json(), "bot": True, "verified": True, "mfa_enabled": True}

    def _application(self, *_: object) -> JSON:
        return {
            "id": self.application_id,
            "name": "atelier",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": self.ada.json(),
            "team": None,
            "summary": "",
        }

    def _commands(self, *_: object) -> list[JSON]:
        return self.commands

    def _put_commands(self, _: object, body: list[JSON], *__: object) -> list[JSON]:
        self.commands = [
            {
                "id": self.snowflake(),
                "application_id": self.application_id,
                "version": self.snowflake(),
                "type": 1,
                "options": [],
                "nsfw": False,
                **item,
                "default_member_permissions": _text(item.get("default_member_permissions")),
            }
            for item in body
        ]
        return self.commands

    def _callback(
        self, match: re.Match[str], body: JSON, files: Files, query: Mapping[str, str]
    ) -> JSON | None:
        interaction = self.interactions.get(match["token"])
        waited_s = time.monotonic() - interaction.sent_s if interaction else 0.0
        if interaction is None or interaction.id != match["id"] or waited_s > RESPOND_S_MAX:
            raise Refused(404, 10062, "Unknown interaction")
        if interaction.response_type is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        kind, data = body["type"], body.get("data") or {}
        allowed = {2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 4: {8}, 5: {4, 5, 6, 7}}[interaction.kind]
        if kind not in allowed:
            raise Refused(400, 50035, f"Invalid Form Body: type {kind} for this interaction")
        message = self._respond(interaction, kind, data, files)
        interaction.original = message
        interaction.response_type, interaction.response = kind, body
        interaction.latency_s = waited_s
        if query.get("with_response") not in {"true", "1"}:
            return None
        told: JSON = {
            "interaction": {
                "id": interaction.id,
                "type": interaction.kind,
                "response_message_id": message.id if message else None,
                "response_message_loading": message is not None and message.loading,
                "response_message_ephemeral": message is not None and message.ephemeral,
            }
        }
        if message is not None:
            told["resource"] = {"type": kind, "message": message.json()}
        return told

    def _respond(
        self, interaction: Interaction, kind: int, data: JSON, files: Files
    ) -> Message | None:
        if kind == 4:
            return self.create(interaction.channel, data, files)
        if kind == 5:
            waiting = Message(
                id=self.snowflake(), channel=interaction.channel, author=self.bot, loading=True
            )
            waiting.flags = data.get("flags", 0) & (EPHEMERAL | COMPONENTS_V2)
            self.messages[waiting.id] = waiting
            return waiting
        if kind == 7 and interaction.message is not None:
            self.edit(interaction.message, data, files)
        return interaction.message if kind in {6, 7} else None

    def _by_token(self, match: re.Match[str]) -> Interaction:
        interaction = self.interactions.get(match["token"])
        if interaction is None or match["app"] != self.application_id:
            raise Refused(404, 10015, "Unknown Webhook")
        if interaction.expired:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    def _original(self, match: re.Match[str]) -> Message:
        interaction = self._by_token(match)
        if interaction.response_type is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if interaction.original is None or interaction.original.deleted:
            raise Refused(404, 10008, "Unknown Message")
        return interaction.original

    def _get_original(self, match: re.Match[str], *_: object) -> JSON:
        return self._original(match).json()

    def _patch_original(self, match: re.Match[str], body: JSON, files: Files, *_: object) -> JSON:
        message = self._original(match)
        self.edit(message, body, files)
        return message.json()

    def _delete_original(self, match: re.Match[str], *_: object) -> None:
        self._original(match).deleted = True

    def _followup(self, match: re.Match[str], body: JSON, files: Files, *_: object) -> JSON:
        interaction = self._by_token(match)
        waiting = interaction.original
        if waiting is not None and waiting.loading and not waiting.deleted:
            # Right after a deferral it is an edit of the waiting message, as private as that is.
            self.edit(waiting, {**body, "flags": body.get("flags", 0) & ~EPHEMERAL}, files)
            return waiting.json()
        message = self.create(interaction.channel, body, files)
        interaction.followups.append(message)
        return message.json()

    def _further(self, match: re.Match[str]) -> Message:
        interaction = self._by_token(match)
        for message in (interaction.original, *interaction.followups):
            if message is not None and message.id == match["message"] and not message.deleted:
                return message
        raise Refused(404, 10008, "Unknown Message")

    def _patch_further(self, match: re.Match[str], body: JSON, files: Files, *_: object) -> JSON:
        message = self._further(match)
        self.edit(message, body, files)
        return message.json()

    def _delete_further(self, match: re.Match[str], *_: object) -> None:
        self._further(match).deleted = True

    def _channel(self, match: re.Match[str]) -> Channel:
        channel = self.channels.get(match["channel"])
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.refuses is not None:
            raise Refused(*channel.refuses)
        return channel

    def _post_message(self, match: re.Match[str], body: JSON, files: Files, *_: object) -> JSON:
        channel = self._channel(match)
        if channel.user_id is not None and self.users[channel.user_id].dm_closed:
            raise Refused(403, 50007, "Cannot send messages to this user")
        return self.create(channel, body, files).json()

    def _message(self, match: re.Match[str]) -> Message:
        channel = self._channel(match)
        message = self.messages.get(match["message"])
        gone = message is None or message.deleted or message.ephemeral
        if message is None or gone or message.channel is not channel:
            raise Refused(404, 10008, "Unknown Message")
        return message

    def _get_message(self, match: re.Match[str], *_: object) -> JSON:
        return self._message(match).json()

    def _patch_message(self, match: re.Match[str], body: JSON, files: Files, *_: object) -> JSON:
        message = self._message(match)
        if message.author is not self.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        self.edit(message, body, files)
        return message.json()

    def _delete_message(self, match: re.Match[str], *_: object) -> None:
        self._message(match).deleted = True

    def _open_dm(self, _: object, body: JSON, *__: object) -> JSON:
        user = self.users.get(str(body["recipient_id"]))
        if user is None:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        return {**self.dm(user).json(), "recipients": [user.json()]}


Handler = Callable[..., Any]

_HOOK = r"/webhooks/(?P<app>\d+)/(?P<token>[^/]+)"
_ORIGINAL = _HOOK + "/messages/@original"
_FURTHER = _HOOK + r"/messages/(?P<message>\d+)"
_MESSAGES = r"/channels/(?P<channel>\d+)/messages"
_MESSAGE = _MESSAGES + r"/(?P<message>\d+)"
_COMMANDS = r"/applications/\d+/commands"

# Method, path, handler, and whether it needs no bot token.
ROUTES: tuple[tuple[str, str, Handler, bool], ...] = (
    ("GET", "/gateway/bot", Rest._gateway_bot, False),
    ("GET", "/users/@me", Rest._me, False),
    ("GET", "/oauth2/applications/@me", Rest._application, False),
    ("GET", _COMMANDS, Rest._commands, False),
    ("PUT", _COMMANDS, Rest._put_commands, False),
    (
        "POST",
        r"/interactions/(?P<id>\d+)/(?P<token>[^/]+)/callback",
        Rest._callback,
        True,
    ),
    ("GET", _ORIGINAL, Rest._get_original, True),
    ("PATCH", _ORIGINAL, Rest._patch_original, True),
    ("DELETE", _ORIGINAL, Rest._delete_original, True),
    ("POST", _HOOK, Rest._followup, True),
    ("PATCH", _FURTHER, Rest._patch_further, True),
    ("DELETE", _FURTHER, Rest._delete_further, True),
    ("POST", _MESSAGES, Rest._post_message, False),
    ("GET", _MESSAGE, Rest._get_message, False),
    ("PATCH", _MESSAGE, Rest._patch_message, False),
    ("DELETE", _MESSAGE, Rest._delete_message, False),
    ("POST", "/users/@me/channels", Rest._open_dm, False),
)


def _text(permissions: int | None) -> str | None:
    """Permissions come back as a text, however they were told."""
    return None if permissions is None else str(permissions)
