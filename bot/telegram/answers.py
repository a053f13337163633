"""First answers: the waiting message, private words, alerts, files and questions."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable

import structlog
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    User,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.command import Form, Invoice, Reply
from bot.dispatch import Dispatch
from bot.i18n import translate
from bot.links import Links
from bot.telegram.connection import NO_PREVIEW, never_sent, wait_s
from bot.telegram.inbound import PLATFORM, Heard, alone
from bot.telegram.post import post, post_album, post_files, reply_to, says, without_topic
from bot.telegram.render import ALERT_MAX, Shown, Text, of_reply, plain, units
from bot.telegram.stars import START, Stars
from core.errors import UserError
from core.jobs import library
from core.messenger import Address, Attached, Say
from core.questions import Question, remember

log = structlog.get_logger(__name__)

# The worker waits 10 s for the first answer; later than that it sends the result by itself.
PATIENCE_S_MAX = 6.0
PAUSE_S = 0.3
FILES_MAX = 10
FILE_BYTES_MAX = 50 * 2**20
HINT_LENGTH_MAX = 64
# What a link into the private chat opens where no command was typed.
HELP = "help"

_NO_CHAT = ("chat not found", "user not found", "peer_id_invalid")


class Answers:
    """Says in the chat what a command answered; nothing here raises for a chat that is gone."""

    def __init__(
        self, dispatch: Dispatch, bot: Bot, username: str, links: Links, stars: Stars
    ) -> None:
        self._dispatch = dispatch
        self._bot = bot
        self._username = username
        self._links = links
        self._stars = stars

    async def to_message(self, heard: Heard, reply: Reply, *, private: bool, command: str) -> None:
        """Answer a typed command."""
        heard = _in_language(heard, reply)
        if reply.job_id is not None:
            await self._jobs(heard, reply)
        elif reply.attached:
            await self._attached(heard, reply, command, private=private)
        elif reply.invoice is not None:
            await self._invoice(heard, reply.invoice, command)
        elif private and heard.group:
            await self._private(heard, reply, command)
        else:
            await self._post(heard.address, of_reply(heard.language, reply))

    async def to_one(self, heard: Heard, reply: Reply, *, command: str) -> None:
        """Answer in the person's own chat, whatever it is; in the group say only that it was done."""
        heard = _in_language(heard, reply)
        await self.to_message(heard.alone, reply, private=True, command=command)
        await self.hint(heard, "telegram-told-privately")

    async def can_write(self, heard: Heard) -> bool:
        """Whether the person's own chat is open: a bot may not begin it."""
        try:
            await self._bot.send_chat_action(int(heard.address.user), ChatAction.TYPING)
        except TelegramError as error:
            log.info("no private chat", error=type(error).__name__)
            return False
        return True

    async def invite(self, heard: Heard, command: str) -> None:
        """Say that the answer is for the person alone, and how they get it."""
        await self._post(heard.address, self._invitation(heard.language, command))

    async def to_press(self, heard: Heard, query_id: str | None, reply: Reply) -> None:
        """Answer a press: by the alert where that is enough; `query_id` None: it was answered."""
        heard = _in_language(heard, reply)
        if reply.invoice is not None:
            if query_id is not None:
                await self.acknowledge(query_id)
            await self._invoice(heard, reply.invoice, START)
            return
        quiet = reply.job_id is None and not reply.attached
        text = plain(heard.language, reply.lines) if quiet else ""
        links = any(name == "url" for line in reply.lines for name in line.values)
        more = reply.announced or reply.prompt or reply.buttons or reply.samples or links
        fits = not more and units(text) < ALERT_MAX
        if query_id is not None:
            shown = text if fits or heard.group else ""
            await self.acknowledge(query_id, shown, alert=reply.error)
        if reply.job_id is not None:
            await self._jobs(heard, reply)
        elif reply.attached:
            await self._attached(heard, reply, HELP, private=reply.private)
        elif query_id is None or not fits:
            private = reply.private and heard.group
            address = alone(heard.address) if private else heard.address
            await self._post(address, of_reply(heard.language, reply))

    async def acknowledge(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press, once."""
        try:
            await self._bot.answer_callback_query(query_id, text or None, show_alert=alert or None)
        except TelegramError as error:
            log.info("press not answered", error=type(error).__name__)

    async def ask(self, heard: Heard, form: Form, *, private: bool) -> None:
        """Ask for the first missing words, of a private command the person alone."""
        if private and heard.group:
            await self._privately(heard, lambda: self._ask(heard.alone, form), form.command)
            return
        try:
            await self._ask(heard, form)
        except TelegramError as error:
            log.warning("question not asked", error=type(error).__name__)

    async def _ask(self, heard: Heard, form: Form) -> Address:
        """Ask where it is said; the reply to this message runs the command. Raises TelegramError."""
        field = form.fields[0]
        sentence = translate(heard.language, "telegram-question", {"what": field.text})
        entities = []
        name = heard.identity.name
        if heard.group and name:
            # Only who is named gets the reply box opened.
            sentence = f"{name}: {sentence}"
            entities.append(_mention(name, heard.identity.id))
        message = await self._bot.send_message(
            chat_id=int(heard.address.place),
            text=sentence,
            entities=entities,
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply_to(heard.address),
            message_thread_id=int(heard.address.thread) if heard.address.thread else None,
            reply_markup=ForceReply(
                selective=True, input_field_placeholder=field.text[:HINT_LENGTH_MAX]
            ),
        )
        question = Question(command=form.command, field=field.name, given=form.given)
        await remember(
            self._dispatch.app,
            PLATFORM,
            heard.address.place,
            str(message.message_id),
            question,
        )
        return heard.address

    async def hint(self, heard: Heard, key: str) -> None:
        """One sentence of help."""
        await self._post(heard.address, of_reply(heard.language, Reply(lines=(Say(key=key),))))

    async def take_away(self, heard: Heard) -> bool:
        """Delete what a person wrote, where Telegram lets us; whether all of it is gone."""
        gone = True
        for message in heard.messages:
            try:
                await self._bot.delete_message(int(heard.address.place), message)
            except TelegramError as error:
                log.warning("message not deleted", error=type(error).__name__)
                gone = False
        return gone

    async def tell_alone(self, heard: Heard, reply: Reply) -> None:
        """Tell a person alone, in one message; in the group only where there is no other way."""
        shown = of_reply(heard.language, reply)
        if not heard.anonymous:
            try:
                await self._patiently(lambda: post(self._bot, alone(heard.address), shown))
            except TelegramError as error:
                log.info("not told privately", error=type(error).__name__)
            else:
                return
        await self._post(dataclasses.replace(heard.address, reply_to=None), shown)

    async def _jobs(self, heard: Heard, reply: Reply) -> None:
        """Show each job that a command began, in a message of its own."""
        for each in (reply, *reply.beside):
            if each.job_id is not None:
                await self._waiting(heard, each, each.job_id)

    async def _waiting(self, heard: Heard, reply: Reply, job_id: str) -> None:
        """Show that the job waits, once, and tell where: from then on the worker edits it."""
        try:
            job = await library.find(self._dispatch.app, job_id)
        except UserError:
            return
        if job.answered_at is not None:
            return
        stands = await self._post(heard.address, of_reply(heard.language, reply))
        in_time = await self._dispatch.answered(job_id, stands or heard.address)
        if stands is not None and stands.message is not None and not in_time:
            await self._withdraw(int(stands.place), int(stands.message))

    async def _withdraw(self, place: int, message: int) -> None:
        """Delete a waiting message of a job that is shown elsewhere by now."""
        try:
            await self._bot.delete_message(place, message)
        except TelegramError as error:
            log.warning("late answer not deleted", error=type(error).__name__)

    async def _invoice(self, heard: Heard, invoice: Invoice, command: str) -> None:
        """Ask the person alone for money, wherever they asked."""
        await self._privately(heard, lambda: self._stars.send(heard.address, invoice), command)

    async def _private(self, heard: Heard, reply: Reply, command: str) -> None:
        shown = of_reply(heard.language, reply)
        await self._privately(heard, lambda: post(self._bot, alone(heard.address), shown), command)

    async def _privately(
        self, heard: Heard, send: Callable[[], Awaitable[Address]], command: str
    ) -> None:
        """Write to the person alone; in the group only that it was done, or how it can be."""
        try:
            await self._patiently(send)
        except (Forbidden, BadRequest) as error:
            if isinstance(error, BadRequest) and not says(error, *_NO_CHAT):
                log.warning("private answer not sent", error=error.message)
                return
            await self._post(heard.address, self._invitation(heard.language, command))
        except TelegramError as error:
            log.warning("private answer not sent", error=type(error).__name__)
        else:
            if heard.group:
                await self.hint(heard, "telegram-told-privately")

    def _invitation(self, language: str, command: str) -> Shown:
        text = Text(text=translate(language, "telegram-write-me"))
        url = f"https://t.me/{self._username}?start={command}"
        label = translate(language, "button-telegram-open")
        markup = InlineKeyboardMarkup([[InlineKeyboardButton(label, url=url)]])
        return Shown(text=text, caption=text, keyboard=markup)

    async def _attached(self, heard: Heard, reply: Reply, command: str, *, private: bool) -> None:
        """Send files to the person alone where they are private; a result's stay with the result."""
        if reply.album:
            await self._album(heard, reply, command, private=private)
            return
        if not (private and heard.group) or reply.pictures:
            await self._files(heard, reply)
            return
        shown, place = of_reply(heard.language, reply), alone(heard.address)

        async def send() -> Address:
            await post_files(self._bot, place, shown, reply.attached[:FILES_MAX])
            return place

        await self._privately(heard, send, command)

    async def _album(self, heard: Heard, reply: Reply, command: str, *, private: bool) -> None:
        """Show pictures as an album, and below it the words with the buttons, which no album has."""
        shown = of_reply(heard.language, reply)
        hidden = private and heard.group
        address = alone(heard.address) if hidden else heard.address
        if len(reply.attached) == 1:
            shown = dataclasses.replace(shown, picture=reply.attached[0])

        waiting = list(reply.attached) if len(reply.attached) > 1 else []

        async def send() -> Address:
            if waiting:
                await post_album(self._bot, address, waiting)
                waiting.clear()  # what follows may be tried again
            return await post(self._bot, address, shown)

        if hidden:
            await self._privately(heard, send, command)
            return
        try:
            await self._patiently(send)
        except TelegramError as error:
            log.warning("album not sent", error=type(error).__name__)

    async def _files(self, heard: Heard, reply: Reply) -> None:
        """Send files unchanged; one that is too large for the chat goes as a link."""
        files = [item for item in reply.attached if len(item.data) <= FILE_BYTES_MAX]
        shown = of_reply(heard.language, reply)
        address = heard.address
        for start in range(0, len(files), FILES_MAX):
            await self._send_files(address, shown, tuple(files[start : start + FILES_MAX]))
        lines = tuple(
            Say(key="original-link", values={"url": url})
            for item in reply.attached
            if len(item.data) > FILE_BYTES_MAX and (url := self._link(item)) is not None
        )
        if lines:
            await self._post(address, of_reply(heard.language, Reply(lines=lines)))

    def _link(self, item: Attached) -> str | None:
        return self._links.url(item.picture.sha256, item.name) if item.picture else None

    async def _send_files(
        self, address: Address, shown: Shown, files: tuple[Attached, ...]
    ) -> None:
        try:
            await without_topic(address, lambda place: post_files(self._bot, place, shown, files))
        except RetryAfter as error:
            # Nothing was sent; a person waits for the files, so it is worth the wait.
            await asyncio.sleep(min(wait_s(error), PATIENCE_S_MAX))
            with contextlib.suppress(TelegramError):
                await post_files(self._bot, address, shown, files)
        except TelegramError as error:
            log.warning("files not sent", error=type(error).__name__)

    async def _post(self, address: Address, shown: Shown) -> Address | None:
        """Send a message; None where it was not sent, or nobody knows."""
        try:
            return await self._patiently(lambda: post(self._bot, address, shown))
        except TelegramError as error:
            log.warning("answer not sent", error=type(error).__name__)
            return None

    async def _patiently(self, send: Callable[[], Awaitable[Address]]) -> Address:
        """Send a message, again only while it surely was not sent; an answer twice is worse."""
        waited_s = 0.0
        while True:
            try:
                return await send()
            except RetryAfter as error:
                pause_s = wait_s(error)
                if waited_s + pause_s > PATIENCE_S_MAX:
                    raise
            except TelegramError as error:
                pause_s = PAUSE_S
                if not never_sent(error) or waited_s + pause_s > PATIENCE_S_MAX:
                    raise
            await asyncio.sleep(pause_s)
            waited_s += pause_s


def _in_language(heard: Heard, reply: Reply) -> Heard:
    """What was heard, to be answered in the language that the person has chosen."""
    if reply.language is None:
        return heard
    return heard.in_language(reply.language or heard.spoken)


def _mention(name: str, user_id: str) -> MessageEntity:
    user = User(int(user_id), name, is_bot=False)
    return MessageEntity(MessageEntity.TEXT_MENTION, 0, units(name), user=user)
