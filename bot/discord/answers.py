"""Answers each event: a sign of life at once, then the command, then its answer in the same message.

A refusal is for the person alone: what is known without waiting is the first answer itself; what is
known later takes the place of a waiting message that all could see.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Collection

import structlog

from bot import i18n
from bot.command import Call, Command, Identity, Reply
from bot.discord import buttons, commands, saying
from bot.discord.events import PLATFORM, Event, Found, Kind
from bot.discord.messenger import TOKEN_S_MAX
from bot.discord.saying import Saying
from bot.discord.uploads import Uploads
from bot.dispatch import Dispatch, refusal
from core import questions
from core.authority import Authority
from core.discretion import Discretion
from core.errors import NotYours, UserError
from core.messenger import Address
from core.questions import Question

RUNNING_MAX = 64
ANSWER_S_MAX = 8.0


class Answers:
    """The frontend's own rules: which first answer, what runs, where the answer goes."""

    def __init__(
        self,
        dispatch: Dispatch,
        speaker: Saying,
        uploads: Uploads,
        roles: Collection[str] = (),
    ) -> None:
        self._roles = frozenset(roles)
        self._dispatch = dispatch
        self._saying = speaker
        self._uploads = uploads
        self._menus = {
            command.menu: command
            for command in dispatch.catalogue.values()
            if command.menu is not None
        }
        self._keeping: dict[str, asyncio.Future[None]] = {}
        self._slots = asyncio.Semaphore(RUNNING_MAX)
        self._discretion = Discretion(dispatch.app, PLATFORM)

    async def handle(self, event: Event) -> None:
        """Answer one event; the first request goes out before anything that can wait for long."""
        with structlog.contextvars.bound_contextvars(interaction=event.id, kind=event.kind):
            match event.kind:
                case Kind.COMPLETE:
                    await self._complete(event)
                case Kind.COMMAND:
                    await self._command(event)
                case Kind.MENU:
                    await self._menu(event)
                case Kind.BUTTON:
                    await self._button(event)
                case Kind.FORM:
                    await self._form(event)

    async def _complete(self, event: Event) -> None:
        option = event.focused or ""
        who = Identity(platform=PLATFORM, id=event.user, name=event.user_name)
        typed = str(event.values.get(option, ""))
        found = await self._dispatch.suggest_to(who, event.name, option, typed)
        choices = [
            {
                "name": i18n.say(event.language, item.text)[: commands.DESCRIPTION_LENGTH_MAX],
                "value": item.value,
            }
            for item in found[: commands.CHOICES_MAX]
        ]
        await self._saying.respond(event, saying.CHOICES, {"choices": choices})

    async def _command(self, event: Event) -> None:
        private = await self._hides(event, self._dispatch.catalogue.get(event.name))
        await self._start(event, event.name, self._arguments(event), private=private)

    async def _menu(self, event: Event) -> None:
        """Run a command on a message's picture, or first ask for the words that it needs."""
        command = self._menus.get(event.name)
        if command is None or not event.pictures:
            name = event.name if command is None else command.name
            await self._start(event, name, {}, private=True)
            return
        picture = event.pictures[0]
        try:
            self._dispatch.check_text(picture.name)
        except UserError as error:
            await self._saying.say_privately(event, refusal(error))
            return
        image = next(item.name for item in command.options if item.kind == "image")
        asked = command.form({image: picture.url})
        if asked is None:
            given: dict[str, object] = {image: self._uploads.upload(picture)}
            private = await self._hides(event, command)
            await self._start(event, command.name, given, private=private)
            return
        state = f"{buttons.QUESTION}:{event.id}"
        modal = buttons.form(state, command.summary, asked.fields)
        if await self._saying.respond(event, saying.MODAL, modal):
            # The picture's address is too long for a form; it is kept while the person types.
            question = Question(
                command=command.name, field=asked.fields[0].name, given={image: picture.url}
            )
            await self._remember(event, question)

    async def _remember(self, event: Event, question: Question) -> None:
        app = self._dispatch.app
        keeping = asyncio.ensure_future(
            questions.remember(app, PLATFORM, event.user, event.id, question)
        )
        self._keeping[event.id] = keeping
        try:
            await keeping
        finally:
            del self._keeping[event.id]

    async def _button(self, event: Event) -> None:
        pressed = buttons.read_custom_id(event.name)
        asked = self._dispatch.form(pressed.packed, PLATFORM)
        if asked is None:
            await self._press(event, pressed.packed)
        elif pressed.foreign(event.user):
            await self._saying.say_privately(event, refusal(NotYours()))
        else:
            title = self._dispatch.catalogue[asked.command].summary
            modal = buttons.form(event.name, title, asked.fields)
            await self._saying.respond(event, saying.MODAL, modal)

    async def _form(self, event: Event) -> None:
        """Run what a filled-in form was opened for."""
        word, _, key = event.name.partition(":")
        if word != buttons.QUESTION:
            await self._press(event, buttons.read_custom_id(event.name).packed)
            return
        # What was asked for in a menu makes a result.
        private = event.on_private or await self._is_discreet(event)
        if not await self._saying.defer(event, private=private):
            return
        if key in self._keeping:
            await asyncio.wait({self._keeping[key]})
        app = self._dispatch.app
        question = await questions.recall(app, PLATFORM, event.user, key)
        if question is None:
            reply = refusal(UserError("button-unknown"))
            await self._saying.refuse(event, reply, private=private)
            return
        given = {
            name: self._uploads.upload(Found(name=name, url=url))
            for name, url in question.given.items()
        }
        answers = {**given, **event.values}
        call = self._call(event, answers, private=private)
        await self._run(event, question.command, call)

    async def _press(self, event: Event, packed: str) -> None:
        private = event.on_private or await self._private(event, packed)
        call = self._call(event, dict(event.values), private=private)
        if not await self._begin(event, self._dispatch.check_press(packed, call), private=private):
            return
        async with self._slots:
            reply = await self._dispatch.press(packed, call)
        await self._finish(event, reply, call.address)

    async def _private(self, event: Event, packed: str) -> bool:
        """Whether a press is answered privately: only what makes a new result is for all to see."""
        command = self._dispatch.pressed(packed)
        theirs = buttons.read_custom_id(event.name).owner == event.user
        if command is None or command.announced or theirs:
            return await self._hides(event, command)
        return True

    async def _hides(self, event: Event, command: Command | None) -> bool:
        """Whether a command is answered privately: as all of its kind, or as the person wants it."""
        if command is None or command.private:
            return True
        return command.results and await self._is_discreet(event)

    async def _is_discreet(self, event: Event) -> bool:
        """Whether somebody wants results for themselves, where others read along."""
        if event.alone:
            return False
        return await self._discretion.wanted(event.user)

    async def _start(
        self, event: Event, name: str, arguments: dict[str, object], *, private: bool
    ) -> None:
        call = self._call(event, arguments, private=private)
        if await self._begin(event, self._dispatch.check(name, call), private=private):
            await self._run(event, name, call)

    async def _begin(self, event: Event, refused: Reply | None, *, private: bool) -> bool:
        """Answer for the first time, and whether the command is to run after that."""
        if refused is not None:
            await self._saying.say_privately(event, refused)
            return False
        return await self._saying.defer(event, private=private)

    async def _run(self, event: Event, name: str, call: Call) -> None:
        async with self._slots:
            reply = await self._dispatch.run(name, call)
        await self._finish(event, reply, call.address)

    def _arguments(self, event: Event) -> dict[str, object]:
        return {
            name: self._uploads.upload(value) if isinstance(value, Found) else value
            for name, value in event.values.items()
        }

    def _call(self, event: Event, arguments: dict[str, object], *, private: bool) -> Call:
        authority = self._authority(event)
        return Call(
            identity=Identity(platform=PLATFORM, id=event.user, name=event.user_name),
            address=Address(
                platform=PLATFORM,
                place=event.place,
                user=event.user,
                application=event.application,
                token=event.token,
                token_until=self._dispatch.app.clock.now() + TOKEN_S_MAX,
                bytes_max=event.bytes_max,
                private=private,
                language=event.language,
            ),
            inbox=f"{PLATFORM}:{event.id}",
            community=None if authority is None else authority.community,
            authority=authority,
            language=event.language,
            arguments=arguments,
        )

    def _authority(self, event: Event) -> Authority | None:
        if event.community is None:
            return None
        return Authority(
            community=f"{PLATFORM}:{event.community}",
            actor=f"{PLATFORM}:{event.user}",
            moderator=event.manages or not self._roles.isdisjoint(event.roles),
        )

    async def _finish(self, event: Event, reply: Reply, address: Address) -> None:
        """Show the answer; then, and also if that failed, the message is the worker's to edit."""
        if reply.job_id is None:
            # It may have been /settings.
            self._discretion.forget(event.user)
        if reply.error:
            await self._saying.refuse(event, reply, private=address.private)
            return
        message = None
        # The worker waits this long for the first answer; after that it must not come any more.
        limit_s = ANSWER_S_MAX if reply.job_id is not None else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                message = await self._saying.show(event, reply)
        language = reply.language or address.language
        address = dataclasses.replace(address, language=language)
        if reply.job_id is not None:
            stands = dataclasses.replace(address, message=message)
            await self._dispatch.answered(reply.job_id, stands)
        for other in reply.beside:
            shown = dataclasses.replace(other, language=language)
            await self._beside(event, shown, address, stands=message is not None)

    async def _beside(self, event: Event, reply: Reply, address: Address, *, stands: bool) -> None:
        """Show another job that the same command began; `stands`: the first answer does."""
        if reply.job_id is None:
            return
        address = dataclasses.replace(address, beside=True)
        # Before the first answer stands, a further message would take its place.
        if stands:
            address = await self._saying.beside(event, reply, address)
        in_time = await self._dispatch.answered(reply.job_id, address)
        if address.message is not None and not in_time:
            await self._saying.withdraw(address)
