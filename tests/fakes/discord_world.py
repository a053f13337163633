"""What a Discord knows: users, channels, messages, interactions, files, and its rules about them."""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15
FILE_BYTES_MAX = 10 * 2**20
REQUEST_BYTES_MAX = 25 * 2**20
TEXT_LENGTH_MAX = 4000
COMPONENTS_MAX = 40
RESPOND_S_MAX = 3.0
ALL_PERMISSIONS = 2251799813685247
EDIT_FLAGS = COMPONENTS_V2 | 1 << 2
WHEN = "2026-11-24T00:00:00.000000+00:00"
_EPOCH_MS = 1_420_070_400_000


class Refused(Exception):
    """An error answer with Discord's code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class User:
    """Somebody who types; `dm_closed` refuses messages from the bot."""

    id: str
    name: str
    locale: str = "en-US"
    dm_closed: bool = False
    bot: bool = False
    discriminator: str = "0"

    def json(self) -> JSON:
        """As the API shows it."""
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": self.discriminator,
            "global_name": self.name.title(),
            "avatar": None,
            "public_flags": 0,
            **({"bot": True} if self.bot else {}),
        }


@dataclass
class Channel:
    """A place for messages; `refuses` is what the bot gets told when it writes there itself."""

    id: str
    guild_id: str | None = None
    user_id: str | None = None
    refuses: tuple[int, int, str] | None = None

    def json(self) -> JSON:
        """As an interaction shows it."""
        if self.guild_id is None:
            return {"id": self.id, "type": 1, "last_message_id": None, "flags": 0}
        return {
            "id": self.id,
            "type": 0,
            "name": "pictures",
            "guild_id": self.guild_id,
            "position": 0,
            "permissions": "2251799813685247",
            "permission_overwrites": [],
            "nsfw": False,
            "topic": None,
            "rate_limit_per_user": 0,
            "flags": 0,
            "parent_id": None,
        }


@dataclass
class Message:
    """A message; `edits` counts how often it changed, `interaction` made it where one did."""

    id: str
    channel: Channel
    author: User
    content: str = ""
    components: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    reference: str | None = None
    loading: bool = False
    edits: int = 0
    deleted: bool = False
    payload: JSON = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """All that can be read in it, from top to bottom."""
        said = [item["content"] for item in walk(self.components) if item["type"] == 10]
        return "\n".join(filter(None, [self.content, *said]))

    @property
    def buttons(self) -> dict[str, str]:
        """The custom_id (or address) of each button by its label."""
        return {
            item.get("label", ""): item.get("custom_id") or item.get("url", "")
            for item in walk(self.components)
            if item["type"] == 2
        }

    @property
    def pictures(self) -> list[str]:
        """Addresses of the pictures that it shows."""
        return [
            entry["media"]["url"]
            for item in walk(self.components)
            if item["type"] == 12
            for entry in item["items"]
        ]

    def json(self) -> JSON:
        """As the API shows it."""
        return {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": {**self.author.json(), "bot": self.author.name == "atelier"},
            "type": 0,
            "content": self.content,
            "timestamp": WHEN,
            "edited_timestamp": WHEN if self.edits else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": self.attachments,
            "embeds": [],
            "pinned": False,
            "flags": self.flags | (1 << 7 if self.loading else 0),
            "components": self.components,
        }


@dataclass
class Interaction:
    """One event that the bot must answer, and what became of it."""

    id: str
    token: str
    kind: int
    user: User
    channel: Channel
    sent_s: float
    message: Message | None = None
    response: JSON | None = None
    response_type: int | None = None
    latency_s: float | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    expired: bool = False

    @property
    def private(self) -> bool:
        """Whether its answer is seen by the person alone."""
        return self.original is not None and self.original.ephemeral

    @property
    def modal(self) -> JSON | None:
        """The form that it opened."""
        return (self.response or {}).get("data") if self.response_type == 9 else None

    @property
    def choices(self) -> list[str]:
        """What it was offered to complete with."""
        data = (self.response or {}).get("data", {}) if self.response_type == 8 else {}
        return [item["value"] for item in data.get("choices", [])]


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, however deep."""
    for item in components:
        yield item
        yield from walk(item.get("components", []))
        for inner in ("component", "accessory"):
            if inner in item:
                yield from walk([item[inner]])


class World:
    """The state, and the rules that a change of it must keep."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.application_id = self.snowflake()
        self.bot = User(id=self.application_id, name="atelier")
        self.guild_id = self.snowflake()
        self.channels: dict[str, Channel] = {}
        self.users: dict[str, User] = {}
        self.messages: dict[str, Message] = {}
        self.interactions: dict[str, Interaction] = {}
        self.files: dict[str, bytes] = {}
        self.commands: list[JSON] = []
        self.entitlements: dict[str, JSON] = {}
        self.cdn = ""
        self.members: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
        self.file_bytes_max = FILE_BYTES_MAX
        self.general = self.add_channel(guild_id=self.guild_id)
        self.ada = self.add_user("ada")
        self.bob = self.add_user("bob")

    def standing(self, user: User, guild_id: str) -> tuple[int, tuple[str, ...]]:
        """Somebody's permissions and roles in a server; all permissions unless told otherwise."""
        return self.members.get((guild_id, user.id), (ALL_PERMISSIONS, ()))

    def snowflake(self) -> str:
        """A new id that tells the present time."""
        return str((int(time.time() * 1000) - _EPOCH_MS) << 22 | next(self._count))

    def add_user(self, name: str, *, locale: str = "en-US", dm_closed: bool = False) -> User:
        """Somebody new."""
        user = User(id=self.snowflake(), name=name, locale=locale, dm_closed=dm_closed)
        self.users[user.id] = user
        return user

    def add_channel(self, *, guild_id: str | None = None, user_id: str | None = None) -> Channel:
        """A new place."""
        channel = Channel(id=self.snowflake(), guild_id=guild_id, user_id=user_id)
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: User) -> Channel:
        """The channel between a user and the bot."""
        for channel in self.channels.values():
            if channel.user_id == user.id:
                return channel
        return self.add_channel(user_id=user.id)

    def visible(self) -> list[Message]:
        """The messages by the bot that stand, oldest first."""
        return [
            item for item in self.messages.values() if not item.deleted and item.author is self.bot
        ]

    def attach(self, channel: Channel, name: str, data: bytes, kind: str | None) -> JSON:
        """Store a file, as an attachment of that channel."""
        file_id = self.snowflake()
        path = f"/attachments/{channel.id}/{file_id}/{name}"
        self.files[path] = data
        url = f"{self.cdn}{path}?ex=6a&is=69&hm={hashlib.sha256(data).hexdigest()}"
        return {
            "id": file_id,
            "filename": name,
            "size": len(data),
            "url": url,
            "proxy_url": url,
            "content_type": kind,
            "width": 64,
            "height": 64,
        }

    def create(
        self, channel: Channel, body: JSON, files: Mapping[str, tuple[str, bytes, str]]
    ) -> Message:
        """A new message by the bot."""
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            for earlier in self.messages.values():
                if earlier.nonce == nonce and earlier.channel is channel:
                    return earlier
        message = Message(id=self.snowflake(), channel=channel, author=self.bot, nonce=nonce)
        message.flags = body.get("flags", 0)
        reference = body.get("message_reference")
        if reference is not None:
            target = self.messages.get(reference["message_id"])
            if target is not None and not target.deleted:
                message.reference = target.id
            elif reference.get("fail_if_not_exists", True):
                raise Refused(400, 50035, "Invalid Form Body: Unknown message")
        self._fill(message, body, files)
        if not (message.content or message.components or message.attachments):
            raise Refused(400, 50006, "Cannot send an empty message")
        self.messages[message.id] = message
        return message

    def edit(
        self, message: Message, body: JSON, files: Mapping[str, tuple[str, bytes, str]]
    ) -> None:
        """Change a message of the bot."""
        if message.deleted:
            raise Refused(404, 10008, "Unknown Message")
        if body.get("flags", 0) & ~EDIT_FLAGS:
            raise Refused(400, 50035, "Invalid Form Body: flags")
        message.flags |= body.get("flags") or 0
        self._fill(message, body, files)
        message.loading = False
        message.edits += 1

    def _fill(
        self, message: Message, body: JSON, files: Mapping[str, tuple[str, bytes, str]]
    ) -> None:
        sizes = [len(data) for _, data, _ in files.values()]
        if any(size > self.file_bytes_max for size in sizes) or sum(sizes) > REQUEST_BYTES_MAX:
            raise Refused(413, 40005, "Request entity too large")
        content = body.get("content", message.content) or ""
        components = body.get("components", message.components) or []
        v2 = bool(message.flags & COMPONENTS_V2)
        if v2 and (content or body.get("embeds")):
            raise Refused(400, 50035, "Invalid Form Body: content with IS_COMPONENTS_V2")
        if not v2 and any(item["type"] >= 9 for item in walk(components)):
            raise Refused(400, 50035, "Invalid Form Body: components need IS_COMPONENTS_V2")
        _check_components(components)
        attachments = self._attachments(message, body, files)
        message.attachments = attachments
        message.content = content
        message.components = _resolved(components, attachments)
        message.payload = body

    def _attachments(
        self, message: Message, body: JSON, files: Mapping[str, tuple[str, bytes, str]]
    ) -> list[JSON]:
        named = body.get("attachments")
        old = {item["id"]: item for item in message.attachments}
        if named is None:
            kept = list(old.values())
        else:
            kept = [old[str(item["id"])] for item in named if str(item["id"]) in old]
        fresh = {str(item["id"]): item for item in named or () if str(item["id"]) not in old}
        for part, (name, data, kind) in files.items():
            number = re.fullmatch(r"files\[(\d)\]", part)
            if number is None:
                raise Refused(400, 50035, f"Invalid Form Body: {part}")
            described = fresh.pop(number[1], {})
            name = described.get("filename", name)
            kept.append(self.attach(message.channel, name, data, kind))
        if fresh:
            raise Refused(400, 50035, "Invalid Form Body: attachments without a file")
        return kept


def _check_components(components: list[JSON]) -> None:
    every = list(walk(components))
    ids = [item["custom_id"] for item in every if "custom_id" in item]
    length = sum(len(item["content"]) for item in every if item["type"] == 10)
    if len(every) > COMPONENTS_MAX or length > TEXT_LENGTH_MAX:
        raise Refused(400, 50035, "Invalid Form Body: too much in one message")
    if len(ids) != len(set(ids)):
        raise Refused(400, 50035, "Invalid Form Body: Component custom id cannot be duplicated")
    for item in every:
        if item["type"] == 1 and not 1 <= len(item["components"]) <= 5:
            raise Refused(400, 50035, "Invalid Form Body: a row takes 1 to 5 buttons")
        if item["type"] == 12 and not 1 <= len(item["items"]) <= 10:
            raise Refused(400, 50035, "Invalid Form Body: a gallery takes 1 to 10 pictures")


def _resolved(components: list[JSON], attachments: list[JSON]) -> list[JSON]:
    """The components with attachment:// replaced by the file's address."""
    urls = {item["filename"]: item["url"] for item in attachments}
    made = []
    for item in components:
        item = dict(item)
        if "components" in item:
            item["components"] = _resolved(item["components"], attachments)
        if item["type"] == 12:
            item["items"] = [
                {**entry, "media": _media(entry["media"]["url"], urls)} for entry in item["items"]
            ]
        made.append(item)
    return made


def _media(url: str, urls: Mapping[str, str]) -> JSON:
    name = url.removeprefix("attachment://")
    if name == url:
        return {"url": url, "proxy_url": url}
    if name not in urls:
        raise Refused(400, 50035, f"Invalid Form Body: no attachment {name}")
    return {"url": urls[name], "proxy_url": urls[name], "content_type": "image/png"}
