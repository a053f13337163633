"""What a person sent, free of Telegram's types: the last place that sees a Message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from telegram import Bot, CallbackQuery, Message, MessageEntity, User
from telegram.error import BadRequest, TelegramError

from bot.command import Call, Identity, Upload
from core.authority import ANONYMOUS, Authority
from core.errors import BadImage
from core.images import BYTES_MAX
from core.messenger import Address
from core.options import Mentioned

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
    """One message, album or press: who, where, the words, the files, and the message it replies to.

    `anonymous` is who writes as a chat, `as_group` who does so as this very group: its administrator.
    `addressed` are the words where each person that is named without a @username is `telegram:ID`,
    a key of `people`; `author` wrote the message it replies to. `messages` are the ids of its parts, and
    `written` is all that stands in them. `spoken` is the language of their Telegram, whatever `language`
    they have chosen; `discreet` people want results for themselves.
    """

    identity: Identity
    address: Address
    inbox: str
    language: str
    text: str = ""
    files: tuple[File, ...] = ()
    replied: tuple[File, ...] = ()
    replied_to: str | None = None
    anonymous: bool = False
    as_group: bool = False
    addressed: str = ""
    people: Mapping[str, Mentioned] = field(default_factory=dict)
    author: Mentioned | None = None
    messages: tuple[int, ...] = ()
    written: str = ""
    spoken: str = "en"
    discreet: bool = False

    @property
    def group(self) -> bool:
        """Whether others read along."""
        return not self.address.private

    @property
    def community(self) -> str | None:
        """The group, where there is one."""
        return f"{PLATFORM}:{self.address.place}" if self.group else None

    @property
    def alone(self) -> Heard:
        """The same, to be answered in the person's own chat with the bot."""
        return replace(self, address=alone(self.address))

    def in_language(self, language: str) -> Heard:
        """The same, from somebody who reads this language."""
        return replace(self, language=language, address=replace(self.address, language=language))

    def call(
        self,
        arguments: Mapping[str, object],
        uploads: tuple[Upload, ...] = (),
        authority: Authority | None = None,
    ) -> Call:
        """The command of this event."""
        return Call(
            identity=self.identity,
            address=self.address,
            inbox=self.inbox,
            community=self.community,
            authority=authority,
            language=self.language,
            arguments=arguments,
            uploads=uploads,
        )


def alone(address: Address) -> Address:
    """The person's own chat with the bot."""
    return replace(address, place=address.user, thread=None, reply_to=None, private=True)


def heard_message(messages: Sequence[Message], inbox: str) -> Heard | None:
    """What a message says, or all messages of an album together; None where no person speaks."""
    first = messages[0]
    user = first.from_user
    anonymous = first.sender_chat is not None
    if user is None or (user.is_bot and not anonymous):
        return None
    worded = next((item for item in messages if item.text or item.caption), first)
    addressed, people = _addressed(worded)
    replied = first.reply_to_message
    as_group = first.sender_chat is not None and first.sender_chat.id == first.chat.id
    return Heard(
        identity=_identity(user),
        address=_address(first, user, str(first.message_id)),
        inbox=inbox,
        language=user.language_code or "en",
        spoken=user.language_code or "en",
        text=(worded.text or worded.caption or "").strip(),
        files=tuple(file for item in messages for file in _files(item)),
        replied=tuple(file for file in _files(replied) if file.picture) if replied else (),
        replied_to=str(replied.message_id) if replied is not None else None,
        anonymous=anonymous,
        as_group=as_group,
        addressed=addressed,
        people=people,
        author=_author(replied) if replied is not None else None,
        messages=tuple(item.message_id for item in messages),
        written="\n".join(item.text or item.caption or "" for item in messages),
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
        spoken=address.language,
    )


async def authority_of(bot: Bot, heard: Heard) -> Authority | None:
    """What Telegram says now of who speaks in a group; None in private. Raises TelegramError."""
    if heard.community is None:
        return None
    if heard.as_group:
        members = await bot.get_chat_administrators(int(heard.address.place))
        return Authority(
            community=heard.community,
            actor=ANONYMOUS,
            moderator=True,
            anonymous=True,
            among=frozenset(f"{PLATFORM}:{item.user.id}" for item in members),
        )
    member = await bot.get_chat_member(int(heard.address.place), int(heard.identity.id))
    return Authority(
        community=heard.community,
        actor=f"{PLATFORM}:{heard.identity.id}",
        moderator=member.status in {member.ADMINISTRATOR, member.OWNER},
    )


def _addressed(message: Message) -> tuple[str, dict[str, Mentioned]]:
    """The words with an id for each person that is named without a @username, and those people."""
    text = message.text or message.caption or ""
    units = text.encode("utf-16-le")
    people = {}
    named = [
        item
        for item in message.entities or message.caption_entities or ()
        if item.type == MessageEntity.TEXT_MENTION and item.user is not None
    ]
    for item in sorted(named, key=lambda item: item.offset, reverse=True):
        assert item.user is not None
        who = _mentioned(item.user)
        people[who.label] = who
        end = item.offset + item.length
        label = f" {who.label} ".encode("utf-16-le")
        units = units[: 2 * item.offset] + label + units[2 * end :]
    return units.decode("utf-16-le", "replace").strip(), people


def _author(message: Message) -> Mentioned | None:
    """Who wrote a message; nobody did where it only opens a topic. A chat that writes is no person."""
    if message.from_user is None or message.forum_topic_created is not None:
        return None
    who = _mentioned(message.from_user)
    return replace(who, is_bot=who.is_bot or message.sender_chat is not None)


def _mentioned(user: User) -> Mentioned:
    return Mentioned(platform=PLATFORM, id=str(user.id), name=user.full_name, is_bot=user.is_bot)


def _identity(user: User) -> Identity:
    handle = (user.username or "").lower()
    return Identity(platform=PLATFORM, id=str(user.id), name=user.full_name, handle=handle)


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
