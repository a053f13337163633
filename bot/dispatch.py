"""Runs any command for any frontend: who asks, what with, and every refusal as a sentence."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot import counter
from bot.catalogue import Catalogue
from bot.command import Button, Call, Command, Form, Identity, Reply, Suggestion, Upload
from core import keys, preferences, records
from core.app import App
from core.errors import BadImage, BadOption, UserError
from core.images import BYTES_MAX
from core.jobs import submit
from core.messenger import Address, Picture, Say
from core.options import Kind, Mentioned, parse
from core.people import find_mentioned, known, meet
from core.preferences import Preferences

log = structlog.get_logger(__name__)

# Stands for a picture while the other options are checked: nothing is fetched for a bad command.
_UNSEEN = Picture(sha256="", media_type="", width=0, height=0, size_bytes=0)
# The same for somebody who is named by a text.
_UNKNOWN = Mentioned(platform="", id="", name="")


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The one way from a frontend to the rules."""

    app: App
    catalogue: Catalogue

    def check(self, name: str, call: Call) -> Reply | None:
        """The refusal that is known without waiting for anything, as `run` would give it."""
        with structlog.contextvars.bound_contextvars(command=name, event=call.inbox):
            try:
                self._checked(name, call)
            except UserError as error:
                log.info("refused", key=error.key)
                return refusal(error)
            except Exception:  # as in run
                reference = secrets.token_hex(4)
                log.exception("check failed", reference=reference)
                return _failure(reference)
        return None

    async def run(self, name: str, call: Call) -> Reply:
        """Run a command; whatever goes wrong comes back as a Reply that says so."""
        with structlog.contextvars.bound_contextvars(command=name, event=call.inbox):
            try:
                return await self._run(name, call)
            except UserError as error:
                log.info("refused", key=error.key)
                reply = self._helped(refusal(error), call)
            except Exception:  # the supervisor of all commands: nothing may end a frontend
                reference = secrets.token_hex(4)
                log.exception("command failed", reference=reference)
                reply = _failure(reference)
            return dataclasses.replace(reply, language=await self.language(call))

    def check_press(self, packed: str, call: Call) -> Reply | None:
        """The refusal of a pressed button that is known without waiting."""
        button = self._button(packed)
        if button is None:
            return refusal(UserError("button-unknown"))
        return self.check(button.command, _pressed(button, call))

    async def press(self, packed: str, call: Call) -> Reply:
        """Run the command of a pressed button."""
        button = self._button(packed)
        if button is None:
            return refusal(UserError("button-unknown"))
        return await self.run(button.command, _pressed(button, call))

    def form(self, packed: str, platform: str) -> Form | None:
        """The form that a button's press opens, where its command needs words first."""
        button = self._button(packed)
        command = self.catalogue[button.command] if button is not None else None
        # Elsewhere a forged press could have a secret asked for where others read it.
        if button is None or command is None or not command.is_for(platform):
            return None
        return command.form(button.arguments)

    def check_text(self, text: str) -> None:
        """Raise UserError where somebody's key stands in words that are not yet a command.

        A frontend that keeps or takes apart what was written asks before it does.
        """
        keys.check_text(self.app, text)

    def pressed(self, packed: str) -> Command | None:
        """The command of a button."""
        button = self._button(packed)
        return None if button is None else self.catalogue[button.command]

    async def chosen(self, identity: Identity) -> Preferences:
        """The settings of who speaks, or none where they are not known in a moment."""
        return await preferences.glance(self.app, identity.platform, identity.id)

    async def language(self, call: Call) -> str | None:
        """The language that who speaks has chosen; None: none, or it is not known in a moment."""
        if call.person:
            return (await preferences.glance_at(self.app, call.person)).language
        return (await self.chosen(call.identity)).language

    async def answered(self, job_id: str, address: Address) -> bool:
        """Tell that the first answer of a job stands at `address`: the worker edits it from now on.

        False: it comes too late, and the job is shown elsewhere.
        """
        return await submit.answered(self.app, job_id, address)

    def suggest(self, name: str, option: str, typed: str) -> tuple[Suggestion, ...]:
        """Values to complete an option from, at most 25."""
        command = self.catalogue.get(name)
        if command is None or command.suggest is None:
            return ()
        return command.suggest(self.app, option, typed)

    async def suggest_to(
        self, who: Identity, name: str, option: str, typed: str
    ) -> tuple[Suggestion, ...]:
        """The same for a person, with what is their own first."""
        found = self.suggest(name, option, typed)
        command = self.catalogue.get(name)
        if command is None or command.suggest_own is None:
            return found
        person = await known(self.app, who.platform, who.id)
        if person is None:
            return found
        return (*await command.suggest_own(self.app, person, option, typed), *found)

    def _helped(self, refused: Reply, call: Call) -> Reply:
        """A refusal for want of credits shows where to get some."""
        buttons = counter.buy_buttons(self.app, call)
        if refused.lines[0].key != "not-enough-credits" or not buttons:
            return refused
        said = Say(key="not-enough-credits-buy", values=refused.lines[0].values)
        return dataclasses.replace(refused, lines=(said,), buttons=buttons)

    def _button(self, packed: str) -> Button | None:
        """The button, where it can be one of ours: a command that acts on what it is under."""
        button = Button.unpack(packed)
        if button is None:
            return None
        command = self.catalogue.get(button.command)
        return button if command is not None and _can_press(command, button) else None

    def _checked(self, name: str, call: Call) -> tuple[Command, dict[str, object]]:
        """The command and its arguments, after every check that needs nothing from elsewhere."""
        command = self.catalogue.get(name)
        if command is None or not command.is_for(call.identity.platform):
            raise UserError("command-unknown", command=name[:40])
        self._check_secrets(command, call)
        if command.moderators:
            _check_authority(call)
        filled = _with_uploads(command, call)
        params: object = parse(command.params, _unseen(command, filled))
        for value in filled.values():
            if isinstance(value, Upload):
                _check_size(value)
        if command.check is not None:
            command.check(self.app, params)
        return command, filled

    def _check_secrets(self, command: Command, call: Call) -> None:
        """Raise UserError where a key is given as anything but a secret, before anything is said of it."""
        # What is hidden is what buttons carry: nobody has written it.
        unwritten = {item.name for item in command.options if item.secret or item.hidden}
        for name, value in call.arguments.items():
            if isinstance(value, str) and name not in unwritten:
                keys.check_text(self.app, value)

    async def _run(self, name: str, call: Call) -> Reply:
        command, filled = self._checked(name, call)
        call = await self._known(call)
        params: object = parse(command.params, await self._admitted(command, filled))
        reply = await command.run(self.app, call, params)
        return dataclasses.replace(
            reply,
            private=reply.private or command.private,
            announced=command.announced,
            language=call.preferences.language if reply.language is None else reply.language,
        )

    async def _known(self, call: Call) -> Call:
        """The call with the person who gives it, their settings, and in their language."""
        person, chosen = await self._person(call)
        call = dataclasses.replace(call, person=person, preferences=chosen)
        if chosen.language is None:
            return call
        address = dataclasses.replace(call.address, language=chosen.language)
        return dataclasses.replace(call, language=chosen.language, address=address)

    async def _person(self, call: Call) -> tuple[str, Preferences]:
        """Who gives a command, and their settings; empty: nobody, as a group's administrator may be."""
        if call.person:
            return call.person, await preferences.of_person(self.app, call.person)
        if call.authority is not None and call.authority.anonymous:
            return "", preferences.NONE
        who = call.identity
        return await meet(self.app, who.platform, who.id, who.name, who.handle)

    async def _admitted(self, command: Command, values: Mapping[str, object]) -> dict[str, object]:
        """The arguments with every upload fetched, through the gate, and stored, and people found."""
        admitted = dict(values)
        for name in _named_by_text(command, values):
            admitted[name] = await find_mentioned(self.app, str(values[name]))
        # All are let in before one is stored: of a command that is refused, no picture is left.
        encoded = {
            name: await self.app.images.admit(await value.read())
            for name, value in values.items()
            if isinstance(value, Upload)
        }
        for name, item in encoded.items():
            admitted[name] = records.picture_of(item, await self.app.blobs.put(item.data))
        return admitted


def refusal(error: UserError) -> Reply:
    """A refusal as an answer that only the person sees."""
    return Reply(lines=(Say(key=error.key, values=error.values),), private=True, error=True)


def _failure(reference: str) -> Reply:
    """An error of ours as an answer: a number that finds it in the log, and nothing more."""
    said = Say(key="internal-error", values={"reference": reference})
    return Reply(lines=(said,), private=True, error=True)


def _can_press(command: Command, button: Button) -> bool:
    """Whether a command takes what a button gives; what moderators do needs a job's own button."""
    options = {item.name for item in command.options}
    return button.arguments.keys() <= options and not (command.moderators and "job" not in options)


def _pressed(button: Button, call: Call) -> Call:
    return dataclasses.replace(call, arguments={**button.arguments, **call.arguments})


def _check_size(upload: Upload) -> None:
    if upload.size_bytes > BYTES_MAX:
        raise BadImage(
            "image-too-many-bytes",
            size_mb=round(upload.size_bytes / 2**20, 1),
            max_mb=BYTES_MAX // 2**20,
        )


def _with_uploads(command: Command, call: Call) -> dict[str, object]:
    """The arguments, with files that no option names put into the picture options in order."""
    values = dict(call.arguments)
    waiting = list(call.uploads)
    for item in command.options:
        if item.kind is Kind.IMAGE and values.get(item.name) is None and waiting:
            values[item.name] = waiting.pop(0)
    if waiting:
        takes = sum(item.kind is Kind.IMAGE for item in command.options)
        raise BadOption("too-many-images", max=takes)
    return values


def _unseen(command: Command, values: Mapping[str, object]) -> dict[str, object]:
    seen = {name: _UNSEEN if isinstance(value, Upload) else value for name, value in values.items()}
    return {**seen, **dict.fromkeys(_named_by_text(command, values), _UNKNOWN)}


def _named_by_text(command: Command, values: Mapping[str, object]) -> list[str]:
    """The options for people that say who by a text."""
    return [
        item.name
        for item in command.options
        if item.kind is Kind.PERSON and isinstance(text := values.get(item.name), str) and text
    ]


def _check_authority(call: Call) -> None:
    """Raise UserError unless the platform says that this is a moderator of this community."""
    if call.authority is None:
        raise UserError("moderators-elsewhere")
    if not call.authority.moderator:
        raise UserError("moderators-only")
