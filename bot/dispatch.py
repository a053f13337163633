"""Runs any command for any frontend: who asks, what with, and every refusal as a sentence."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.catalogue import Catalogue
from bot.command import Button, Call, Command, Form, Reply, Upload
from core.app import App
from core.errors import BadImage, BadOption, UserError
from core.images import BYTES_MAX
from core.jobs import records, submit
from core.messenger import Address, Picture, Say
from core.options import Kind, parse
from core.people import recognise

log = structlog.get_logger(__name__)

# Stands for a picture while the other options are checked: nothing is fetched for a bad command.
_UNSEEN = Picture(sha256="", media_type="", width=0, height=0, size_bytes=0)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The one way from a frontend to the rules."""

    app: App
    catalogue: Catalogue

    async def run(self, name: str, call: Call) -> Reply:
        """Run a command; whatever goes wrong comes back as a Reply that says so."""
        with structlog.contextvars.bound_contextvars(command=name, event=call.inbox):
            try:
                return await self._run(name, call)
            except UserError as error:
                log.info("refused", key=error.key)
                return refusal(error)
            except Exception:  # the supervisor of all commands: nothing may end a frontend
                reference = secrets.token_hex(4)
                log.exception("command failed", reference=reference)
                return Reply(
                    lines=(Say(key="internal-error", values={"reference": reference}),),
                    private=True,
                    error=True,
                )

    async def press(self, packed: str, call: Call) -> Reply:
        """Run the command of a pressed button."""
        button = Button.unpack(packed)
        if button is None or button.command not in self.catalogue:
            return refusal(UserError("button-unknown"))
        pressed = dataclasses.replace(call, arguments={**button.arguments, **call.arguments})
        return await self.run(button.command, pressed)

    def form(self, packed: str) -> Form | None:
        """The form that a button's press opens, where its command needs words first."""
        button = Button.unpack(packed)
        command = self.catalogue.get(button.command) if button is not None else None
        if button is None or command is None:
            return None
        return command.form(button.arguments)

    async def answered(self, job_id: str, address: Address) -> None:
        """Tell that the first answer of a job stands at `address`: the worker edits it from now on."""
        await submit.answered(self.app, job_id, address)

    def suggest(self, name: str, option: str, typed: str) -> tuple[str, ...]:
        """Values to complete an option from, at most 25."""
        command = self.catalogue.get(name)
        if command is None or command.suggest is None:
            return ()
        return command.suggest(self.app, option, typed)

    async def _run(self, name: str, call: Call) -> Reply:
        command = self.catalogue.get(name)
        if command is None:
            raise UserError("command-unknown", command=name[:40])
        filled = _with_uploads(command, call)
        parse(command.params, _unseen(filled))
        identity = call.identity
        person = call.person or await recognise(
            self.app, identity.platform, identity.id, identity.name
        )
        call = dataclasses.replace(call, person=person)
        params: object = parse(command.params, await self._admitted(filled))
        reply = await command.run(self.app, call, params)
        return dataclasses.replace(reply, private=reply.private or command.private)

    async def _admitted(self, values: Mapping[str, object]) -> dict[str, object]:
        """The arguments with every upload fetched, through the gate, and stored."""
        admitted = dict(values)
        for name, value in values.items():
            if isinstance(value, Upload):
                admitted[name] = await self._admit(value)
        return admitted

    async def _admit(self, upload: Upload) -> Picture:
        if upload.size_bytes > BYTES_MAX:
            raise BadImage(
                "image-too-many-bytes",
                size_mb=round(upload.size_bytes / 2**20, 1),
                max_mb=BYTES_MAX // 2**20,
            )
        encoded = await self.app.images.admit(await upload.read())
        return records.picture_of(encoded, await self.app.blobs.put(encoded.data))


def refusal(error: UserError) -> Reply:
    """A refusal as an answer that only the person sees."""
    return Reply(lines=(Say(key=error.key, values=error.values),), private=True, error=True)


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


def _unseen(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _UNSEEN if isinstance(value, Upload) else value for name, value in values.items()}
