"""What a person sent, free of Telegram's types: the last place that sees a Message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from telegram import Bot, CallbackQuery, Message, User
from telegram.error import BadRequest, TelegramError

from bot.command import Call, Identity, Upload
from core.errors import BadImage
from core.images import BYTES_MAX
from core.messenger import Address

log = structlog.get_logger(__name__)

PLATFORM = "telegram"
DOWNLOAD_S_MAX = 60.0
_FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file on Telegram's side; good for this bot for as long as the message lives."""

    id: str
    size_bytes: int
    picture: bool

    def pack(self) -> str:
        """As a text, to be kept with a question."""
        return f"{_FILE}:{self.size_bytes}:{self.id}"

    @classmethod
    def unpack(cls, packed: str) -> File | None:
        """Read what `pack` wrote."""
        kind, _, rest = packed.partition(":")
        size, _, file_id = rest.partition(":")
        if kind != _FILE or not size.isdigit() or not file_id:
            return None
        return cls(id=file_id, size_bytes=int(size), picture=True)

    def upload(self, bot: Bot) -> Upload:
        """The file as a command takes it: fetched when it is needed."""

        async def read() -> bytes:
            return await _fetch(bot, self)

        return Upload(name="picture", size_bytes=self.size_bytes, read=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, album or press: who, where, the words, the files, and the message it replies to."""

    identity: Identity
    address: Address
    inbox: str
    language: str
    text: str = ""
    files: tuple[File, ...] = ()
    replied: tuple[File, ...] = ()
    replied_to: str | None = None
    anonymous: bool = False

    @property
    def group(self) -> bool:
        """Whether others read along."""
        return not self.address.private

    def call(self, arguments: Mapping[str, object], uploads: tuple[Upload, ...] = ()) -> Call:
        """The command of this event."""
        return Call(
            identity=self.identity,
            address=self.address,
            inbox=self.inbox,
            community=self.address.place if self.group else None,
            language=self.language,
            arguments=arguments,
            uploads=uploads,
        )


def heard_message(messages: Sequence[Message], inbox: str) -> Heard | None:
    """What a message says, or all messages of an album together; None where no person speaks."""
    first = messages[0]
    user = first.from_user
    anonymous = first.sender_chat is not None
    if user is None or (user.is_bot and not anonymous):
        return None
    words = [text for item in messages if (text := item.text or item.caption)]
    replied = first.reply_to_message
    return Heard(
        identity=_identity(user),
        address=_address(first, user, str(first.message_id)),
        inbox=inbox,
        language=user.language_code or "en",
        text=words[0].strip() if words else "",
        files=tuple(file for item in messages for file in _files(item)),
        replied=tuple(file for file in _files(replied) if file.picture) if replied else (),
        replied_to=str(replied.message_id) if replied is not None else None,
        anonymous=anonymous,
    )


def heard_press(query: CallbackQuery, inbox: str) -> Heard | None:
    """Who pressed a button, and under which message; None where Telegram does not tell."""
    message = query.message
    if message is None:
        return None
    address = Address(
        platform=PLATFORM,
        place=str(message.chat.id),
        user=str(query.from_user.id),
        thread=_thread(message) if isinstance(message, Message) else None,
        reply_to=str(message.message_id),
        private=message.chat.type == message.chat.PRIVATE,
        language=query.from_user.language_code or "en",
    )
    return Heard(
        identity=_identity(query.from_user),
        address=address,
        inbox=inbox,
        language=address.language,
    )


def _identity(user: User) -> Identity:
    return Identity(platform=PLATFORM, id=str(user.id), name=user.full_name)


def _address(message: Message, user: User, reply_to: str) -> Address:
    return Address(
        platform=PLATFORM,
        place=str(message.chat.id),
        user=str(user.id),
        thread=_thread(message),
        reply_to=reply_to,
        private=message.chat.type == message.chat.PRIVATE,
        language=user.language_code or "en",
    )


def _thread(message: Message) -> str | None:
    # A plain reply in a group without topics carries a thread id too, which no message may be sent to.
    return str(message.message_thread_id) if message.is_topic_message else None


def _files(message: Message) -> list[File]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return [File(id=largest.file_id, size_bytes=largest.file_size or 0, picture=True)]
    document = message.document
    if document is None:
        return []
    picture = (document.mime_type or "").startswith("image/")
    return [File(id=document.file_id, size_bytes=document.file_size or 0, picture=picture)]


async def _fetch(bot: Bot, file: File) -> bytes:
    """The file's bytes, from the Bot API server alone; raises BadImage."""
    try:
        found = await bot.get_file(file.id)
        if (found.file_size or 0) > BYTES_MAX:
            raise _too_big(found.file_size or 0)
        return bytes(await found.download_as_bytearray(read_timeout=DOWNLOAD_S_MAX))
    except BadRequest as error:
        if "too big" in error.message.lower():
            raise _too_big(max(file.size_bytes, BYTES_MAX + 1)) from error
        raise BadImage("image-not-fetched") from error
    except TelegramError as error:
        log.warning("file not fetched", error=type(error).__name__)
        raise BadImage("image-not-fetched") from error


def _too_big(size_bytes: int) -> BadImage:
    megabyte = 2**20
    return BadImage(
        "image-too-many-bytes",
        size_mb=round(size_bytes / megabyte, 1),
        max_mb=BYTES_MAX // megabyte,
    )
