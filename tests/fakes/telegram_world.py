"""What a Telegram server knows: users, chats, messages, files, pending updates, and its rules."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

JSON = dict[str, Any]

TEXT_MAX = 4096
CAPTION_MAX = 1024
PHOTO_BYTES_MAX = 10 * 2**20
PHOTO_SIDES_MAX = 10_000
PHOTO_RATIO_MAX = 20
DOCUMENT_BYTES_MAX = 50 * 2**20
DOWNLOAD_BYTES_MAX = 20 * 2**20
DATE = 1_790_000_000

_FOUND = (
    (
        "url",
        re.compile(r"https?://\S+|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me)\b(?:/\S*)?"),
    ),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}")),
    ("bot_command", re.compile(r"(?<![\w/<.])/[A-Za-z0-9_]{1,64}(?:@\w+)?")),
    ("hashtag", re.compile(r"(?<!\w)#[^\W\d]\w*")),
)


class ApiError(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> ApiError:
    """A 400."""
    return ApiError(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts offsets and lengths."""
    return len(text.encode("utf-16-le")) // 2


def entities_in(text: str, given: list[JSON]) -> list[JSON]:
    """The given entities, and what Telegram finds outside code: mentions, links, commands."""
    closed = [
        range(item["offset"], item["offset"] + item["length"])
        for item in given
        if item["type"] in {"code", "pre"}
    ]
    found = list(given)
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, length = units(text[: match.start()]), units(match.group())
            if any(start in span or start + length - 1 in span for span in closed):
                continue
            if kind != "url" and any(
                item["type"] == "url" and item["offset"] <= start < item["offset"] + item["length"]
                for item in found
            ):
                continue
            found.append({"type": kind, "offset": start, "length": length})
    return sorted(found, key=lambda item: (item["offset"], -item["length"]))


_LINK = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?|tg://\S+")


@dataclass
class File:
    """A stored file; `path` is where /file/ serves it."""

    id: str
    unique: str
    path: str
    data: bytes


@dataclass
class Chat:
    """A chat and all its messages; `gone` is the 403 that every request about it gets."""

    id: int
    kind: str
    title: str
    username: str | None = None
    forum: bool = False
    started: bool = True
    gone: str | None = None
    migrated_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, JSON] = field(default_factory=dict)
    next_id: int = 1

    def view(self) -> JSON:
        """The chat as messages name it."""
        shown: JSON = {"id": self.id, "type": self.kind}
        shown["first_name" if self.kind == "private" else "title"] = self.title
        if self.username:
            shown["username"] = self.username
        if self.forum:
            shown["is_forum"] = True
        return shown


@dataclass
class User:
    """A person who writes."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str = "en"

    def view(self) -> JSON:
        """The user as messages name them."""
        shown: JSON = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }
        if self.username:
            shown["username"] = self.username
        return shown


class World:
    """The state behind the methods."""

    def __init__(self, username: str = "atelier_test_bot") -> None:
        self.bot: JSON = {
            "id": 700_000_001,
            "is_bot": True,
            "first_name": "Atelier",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, User] = {}
        self.files: dict[str, File] = {}
        self.updates: list[JSON] = []
        self.history: dict[int, JSON] = {}
        self.confirmed = 0
        self.allowed: set[str] | None = None
        self.commands: dict[str, list[JSON]] = {}
        self.queries: dict[str, JSON | None] = {}
        self.deleted: list[tuple[int, int]] = []
        self.update_of: dict[tuple[int, int], int] = {}
        self.forced: dict[tuple[int, int], JSON] = {}
        self.actions: list[JSON] = []
        self.reactions: list[JSON] = []
        self.checkouts: dict[str, JSON | None] = {}
        self.asked_s: dict[str, float] = {}
        self.invoices: dict[tuple[int, int], str] = {}
        self.transactions: list[JSON] = []
        self._update_id = itertools.count(910_000_001)
        self._serial = itertools.count(1)

    def serial(self) -> int:
        """A number that never comes twice."""
        return next(self._serial)

    def push(self, kind: str, content: JSON) -> int:
        """Queue an update where the bot asked for its kind; returns its id (0: filtered out)."""
        if self.allowed is not None and kind not in self.allowed:
            return 0
        number = next(self._update_id)
        update: JSON = {"update_id": number, kind: content}
        self.updates.append(update)
        self.history[number] = update
        return number

    def keep(self, data: bytes, *, folder: str, name: str) -> File:
        """Store a file."""
        number = self.serial()
        ending = name.rpartition(".")[2] if "." in name else "bin"
        file = File(
            id=f"AgACAgQAAxkBAAI{number:06d}",
            unique=f"AQAD{number:06d}",
            path=f"{folder}/file_{number}.{ending}",
            data=data,
        )
        self.files[file.id] = file
        return file

    def chat(self, wanted: object) -> Chat:
        """The chat that a request means, in a state in which the bot may act there."""
        chat = next(
            (
                item
                for item in self.chats.values()
                if str(item.id) == str(wanted) or (item.username and f"@{item.username}" == wanted)
            ),
            None,
        )
        if chat is None:
            raise bad("chat not found")
        if chat.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.gone is not None:
            raise ApiError(403, chat.gone)
        if not chat.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def post(self, chat: Chat, sender: JSON, content: JSON, thread: int | None = None) -> JSON:
        """Put a message into a chat."""
        message: JSON = {
            "message_id": chat.next_id,
            "date": DATE + self.serial(),
            "chat": chat.view(),
            "from": sender,
            **content,
        }
        chat.next_id += 1
        if thread is not None:
            message["message_thread_id"] = thread
            message["is_topic_message"] = True
        replied = content.get("reply_to_message")
        if replied is not None and thread is None and chat.kind == "supergroup":
            # As the real one: a plain reply in a group without topics carries a thread id too.
            message["message_thread_id"] = replied["message_id"]
        chat.messages[message["message_id"]] = message
        return message

    def photo(self, data: bytes) -> list[JSON]:
        """A photo's sizes, smallest first; the largest holds the given bytes."""
        width, height = measure(data)
        with Image.open(io.BytesIO(data)) as image:
            small = image.convert("RGB")
        small.thumbnail((90, 90))
        out = io.BytesIO()
        small.save(out, "JPEG")
        sizes = []
        for content, sides in ((out.getvalue(), small.size), (data, (width, height))):
            file = self.keep(content, folder="photos", name="photo.jpg")
            sizes.append(
                {
                    "file_id": file.id,
                    "file_unique_id": file.unique,
                    "width": sides[0],
                    "height": sides[1],
                    "file_size": len(content),
                }
            )
        return sizes

    def document(self, name: str, data: bytes, mime: str) -> JSON:
        """A file as a message shows it."""
        file = self.keep(data, folder="documents", name=name)
        return {
            "file_id": file.id,
            "file_unique_id": file.unique,
            "file_name": name,
            "mime_type": mime,
            "file_size": len(data),
        }


def measure(data: bytes) -> tuple[int, int]:
    """Width and height of an encoded picture, by its header."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, Image.DecompressionBombError) as error:
        raise bad("IMAGE_PROCESS_FAILED") from error


def check_photo(data: bytes) -> None:
    """Refuse what cannot be sent as a photo."""
    if len(data) > PHOTO_BYTES_MAX:
        raise bad(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {PHOTO_BYTES_MAX} bytes"
        )
    width, height = measure(data)
    if width + height > PHOTO_SIDES_MAX or max(width, height) > PHOTO_RATIO_MAX * min(
        width, height
    ):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def check_markup(markup: JSON | None) -> JSON | None:
    """Refuse a keyboard that Telegram would refuse."""
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            _check_button(button)
    return markup


def _check_button(button: JSON) -> None:
    if not str(button.get("text", "")).strip():
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    doing = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if len(doing) != 1:
        raise bad("can't parse inline keyboard button: exactly one action is needed")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not re.match(
        r"(?:https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?|tg://\S+)$", url
    ):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
