"""From what a person did to a command, and to what is to be answered once it is committed."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable, Coroutine, Mapping
from functools import partial

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.command import Button, Call, Command, Form, Reply, Upload
from bot.commandline import arguments
from bot.dispatch import Dispatch, refusal
from bot.telegram.answers import Answers
from bot.telegram.inbound import PLATFORM, File, Heard, authority_of
from bot.telegram.parse import Spoken, spoken
from core.authority import Authority
from core.errors import BadOption, UserError
from core.jobs import library
from core.messenger import Say
from core.options import Kind, Option
from core.people import recognise
from core.questions import Question, recall

log = structlog.get_logger(__name__)

PROMPT_S = 2.0
# A word that says who is meant; without one it is the author of the message that is replied to.
_MEANT = re.compile(r"@\w|[a-z]+:\d|.*--person\b", re.DOTALL)

# What remains to be done when the command is committed: nothing of it can be lost or doubled.
Answer = Callable[[], Coroutine[object, object, None]]


class Talk:
    """Understands messages and presses."""

    def __init__(self, dispatch: Dispatch, bot: Bot, username: str, answers: Answers) -> None:
        self._dispatch = dispatch
        self._bot = bot
        self._username = username.lower()
        self._answers = answers

    async def message(self, heard: Heard) -> Answer | None:
        """Run what a message asks for, and return how to answer it; None: it is not for us."""
        said = spoken(heard.text)
        if not self._is_for_another(said):
            try:
                self._dispatch.check_text(heard.written)
            except UserError as error:
                return await self.refuse_key(heard, error)
        if said is None:
            question = await self._question(heard)
            if question is not None:
                return await self._answer_question(await self._personal(heard), question)
            return self._offer(await self._personal(heard)) if not heard.group else None
        if self._is_for_another(said):
            return None
        command = self._find(said)
        if command is None and heard.group and said.bot is None:
            return None  # another bot's, most likely
        heard = await self._personal(heard)
        if heard.anonymous and not self._for_group(heard, command):
            return partial(self._answers.hint, heard, "telegram-anonymous")
        if heard.anonymous and command is not None and command.private:
            return partial(self._answers.hint, heard, "telegram-anonymous-private")
        if command is None:
            reply = refusal(UserError("command-unknown", command=said.name[:40]))
            return self._say(heard, reply, private=False, command="help")
        rest = "" if said.name == "start" else said.rest
        if _person_of(command) is not None:
            named = spoken(heard.addressed)
            rest = named.rest if named is not None else rest
        return await self._typed(heard, command, rest)

    async def refuse_key(self, heard: Heard, error: UserError) -> Answer:
        """Take a message with a key in it out of the chat at once, and return how to tell why."""
        gone = await self._answers.take_away(heard)
        heard = await self._personal(heard)
        return partial(self._answers.tell_alone, heard, _about_key(error, gone=gone))

    async def _personal(self, heard: Heard) -> Heard:
        """What was heard, with what the person has chosen: their language, and who sees results."""
        if heard.anonymous:
            return heard
        chosen = await self._dispatch.chosen(heard.identity)
        if chosen.language is not None:
            heard = heard.in_language(chosen.language)
        return dataclasses.replace(heard, discreet=bool(chosen.private))

    def _is_for_another(self, said: Spoken | None) -> bool:
        """Whether a command is addressed to another bot."""
        return said is not None and said.bot is not None and said.bot.lower() != self._username

    async def press(self, heard: Heard, query_id: str, data: str) -> Answer | None:
        """Run the command of a pressed button, or ask for the words it needs first."""
        heard = await self._personal(heard)
        form = self._dispatch.form(data, PLATFORM)
        if form is not None:
            refused = await self._refused(heard, form)
            if refused is not None:
                return partial(self._answers.to_press, heard, query_id, refused)
            await self._answers.acknowledge(query_id)
            # At once: the person's words may come sooner than an answer that waits for its turn.
            asked = self._dispatch.catalogue[form.command]
            await self._answers.ask(heard, form, private=asked.private)
            return None
        command = self._dispatch.pressed(data)
        if _hides(heard, command):
            return await self._press_alone(heard, query_id, data)
        running = asyncio.ensure_future(self._pressed(heard, data))
        done, _ = await asyncio.wait({running}, timeout=PROMPT_S)
        if not done:
            await self._answers.acknowledge(query_id)
        reply = await running
        return partial(self._answers.to_press, heard, query_id if done else None, reply)

    async def _press_alone(self, heard: Heard, query_id: str, data: str) -> Answer:
        """Run it for the person alone, where they can be written to."""
        if not await self._answers.can_write(heard):
            reply = refusal(UserError("telegram-write-me"))
            return partial(self._answers.to_press, heard, query_id, reply)
        await self._answers.acknowledge(query_id)
        call = dataclasses.replace(heard.call({}), address=heard.alone.address)
        reply = await self._dispatch.press(data, call)
        return partial(self._answers.to_one, heard, reply, command="help")

    async def _pressed(self, heard: Heard, data: str) -> Reply:
        button = Button.unpack(data)
        values = {} if button is None else button.arguments
        try:
            authority = await self._authority(heard, self._dispatch.pressed(data), values)
        except UserError as error:
            return refusal(error)
        return await self._dispatch.press(data, heard.call({}, authority=authority))

    async def _authority(
        self, heard: Heard, command: Command | None, values: Mapping[str, object]
    ) -> Authority | None:
        """What Telegram says of who speaks, where a command asks for it; raises UserError."""
        if command is None or not (command.moderators or command.weighs(values)):
            return None
        try:
            return await authority_of(self._bot, heard)
        except TelegramError as error:
            log.warning("member not asked for", error=type(error).__name__)
            raise UserError("telegram-unsure") from error

    @staticmethod
    def _for_group(heard: Heard, command: Command | None) -> bool:
        """Whether a command may come from a group's administrator who does not say which."""
        return heard.as_group and command is not None and command.moderators

    def _find(self, said: Spoken) -> Command | None:
        """The command of a name; `/start balance` is what a link into the private chat sends."""
        name = said.name
        if name == "start":
            linked = self._dispatch.catalogue.get(said.rest.strip())
            ready = linked is not None and linked.is_typed(PLATFORM)
            name = linked.name if linked is not None and ready else "help"
        command = self._dispatch.catalogue.get(name) or self._dispatch.catalogue.get(
            name.replace("_", "-")
        )
        return command if command is not None and command.is_typed(PLATFORM) else None

    async def _typed(self, heard: Heard, command: Command, rest: str) -> Answer | None:
        person = _person_of(command)
        options = list(command.options)
        values: dict[str, object] = {}
        if person is not None and heard.author is not None and not _MEANT.match(rest):
            options.remove(person)
            values[person.name] = heard.author
        try:
            values.update(arguments(rest, options))
        except BadOption as error:
            return self._say(heard, refusal(error), private=False, command=command.name)
        if person is not None:
            meant = str(values.get(person.name))
            values[person.name] = heard.people.get(meant, values.get(person.name))
        return await self._run(heard, command, values)

    async def _run(
        self, heard: Heard, command: Command, values: dict[str, object]
    ) -> Answer | None:
        """Run a command with its files, unless words are missing: then ask for them."""
        open_ones = [
            item
            for item in command.options
            if item.kind is Kind.IMAGE and values.get(item.name) is None
        ]
        files = _sources(heard, command, len(open_ones))
        form = command.form(values)
        enough = len(files) >= sum(item.required for item in open_ones)
        plain = not heard.anonymous and _person_of(command) is None
        if form is not None and plain and enough and len(files) <= len(open_ones):
            packed = {item.name: file.pack() for item, file in zip(open_ones, files, strict=False)}
            given = {**_texts(values), **packed}
            question = Form(command=command.name, given=given, fields=form.fields)
            await self._answers.ask(heard, question, private=command.private)
            return None
        uploads = tuple(file.upload(self._bot) for file in files)
        given_files = {
            name: value.upload(self._bot) if isinstance(value, File) else value
            for name, value in values.items()
        }
        try:
            authority = await self._authority(heard, command, values)
        except UserError as error:
            return self._say(heard, refusal(error), private=False, command=command.name)
        call = heard.call(given_files, uploads, authority)
        if _hides(heard, command):
            return await self._run_alone(heard, command, call)
        reply = await self._dispatch.run(command.name, call)
        private = command.private or (reply.private and not reply.error)
        return self._say(heard, reply, private=private, command=command.name)

    async def _run_alone(self, heard: Heard, command: Command, call: Call) -> Answer:
        """Run it for the person alone; where they cannot be written to, nothing is begun."""
        if not await self._answers.can_write(heard):
            return partial(self._answers.invite, heard, command.name)
        call = dataclasses.replace(call, address=heard.alone.address)
        reply = await self._dispatch.run(command.name, call)
        return partial(self._answers.to_one, heard, reply, command=command.name)

    def _say(self, heard: Heard, reply: Reply, *, private: bool, command: str) -> Answer:
        return partial(self._answers.to_message, heard, reply, private=private, command=command)

    async def _question(self, heard: Heard) -> Question | None:
        if heard.replied_to is None or heard.anonymous:
            return None
        app = self._dispatch.app
        return await recall(app, PLATFORM, heard.address.place, heard.replied_to)

    async def _answer_question(self, heard: Heard, question: Question) -> Answer | None:
        """Run the command that a question was asked for."""
        command = self._dispatch.catalogue.get(question.command)
        # Of a private command people are asked alone: in a group it was asked of somebody else, once.
        if command is None or (command.private and heard.group):
            return None
        options = {item.name: item for item in command.options}
        values: dict[str, object] = {}
        for name, text in question.given.items():
            option = options.get(name)
            image = option is not None and option.kind is Kind.IMAGE
            values[name] = File.unpack(text) if image else text
        asked = options.get(question.field)
        if asked is None:
            return None
        if not asked.main:
            values[asked.name] = heard.text
            return await self._run(heard, command, values)
        try:
            values.update(arguments(heard.text, command.options))
        except BadOption as error:
            return self._say(heard, refusal(error), private=False, command=command.name)
        return await self._run(heard, command, values)

    def _offer(self, heard: Heard) -> Answer | None:
        """In a private chat, say what can be done with a picture or with plain words."""
        if heard.group or heard.anonymous:
            return None
        if any(file.picture for file in heard.files):
            return partial(self._answers.hint, heard, "telegram-picture-alone")
        return partial(self._answers.hint, heard, "telegram-words-alone") if heard.text else None

    async def _refused(self, heard: Heard, form: Form) -> Reply | None:
        """Why this person may not use this button, before they are asked for words."""
        app, who = self._dispatch.app, heard.identity
        job_id = form.given.get("job")
        if job_id is None:
            return None
        person = await recognise(app, who.platform, who.id, who.name)
        try:
            await library.own(app, person, job_id)
        except UserError as error:
            return refusal(error)
        return None


def _hides(heard: Heard, command: Command | None) -> bool:
    """Whether others read along who are not to see a result."""
    return heard.group and heard.discreet and command is not None and command.results


def _about_key(error: UserError, *, gone: bool) -> Reply:
    """Why nothing was done with a message, and where it is now."""
    said = refusal(error)
    stands = Say(key="key-pasted-deleted" if gone else "key-pasted-stands")
    return dataclasses.replace(said, lines=(*said.lines, stands))


def _sources(heard: Heard, command: Command, room: int) -> tuple[File, ...]:
    """What is replied to, as far as there is room, then what is sent: a picture, and a mask for it.

    Photos that are private are those that somebody sends, and no others.
    """
    if command.private and heard.files:
        return heard.files
    return heard.replied[: max(room - len(heard.files), 0)] + heard.files


def _person_of(command: Command) -> Option | None:
    return next((item for item in command.options if item.kind is Kind.PERSON), None)


def _texts(values: dict[str, object]) -> dict[str, str]:
    """Arguments as texts, to be kept with a question."""
    return {
        name: value.pack() if isinstance(value, File) else str(value)
        for name, value in values.items()
        if value is not None and not isinstance(value, Upload)
    }
