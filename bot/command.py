"""The vocabulary of commands: defined once, rendered by every frontend."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.app import App
from core.messenger import Address, Attached, Delivery, Picture, Say
from core.options import Kind, Option, options_of

CUSTOM_ID_BYTES_MAX = 64
NO_JOB = "-"  # stands in a button whose command needs none
_PACKED = re.compile(r"(?P<command>[a-z][a-z-]{0,24}):(?P<job>[0-9a-f]{32}|-)(:(?P<position>\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who speaks, as the platform knows them; `name` is only for show."""

    platform: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a command, not yet fetched; `read` gets at most the gate's limit of bytes."""

    name: str
    size_bytes: int
    read: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command as it was given, free of platform types.

    `arguments` hold raw values by option (text, numbers, an Upload for a picture); `uploads` fill the
    picture options that no argument names, in order. `inbox` is the platform's id of this very event:
    the same one again is answered by the same job.
    """

    identity: Identity
    address: Address
    inbox: str
    community: str | None = None
    language: str = "en"
    arguments: Mapping[str, object] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message: a command's name and the job (and its picture) it acts on, or a link.

    Where the command needs no job, `position` is a place in the list that it shows.
    """

    command: str
    job_id: str = ""
    position: int | None = None
    url: str | None = None

    def pack(self) -> str:
        """The button's whole state, at most 64 bytes: it works after any restart."""
        packed = f"{self.command}:{self.job_id or NO_JOB}"
        if self.position is not None:
            packed += f":{self.position}"
        if len(packed.encode()) > CUSTOM_ID_BYTES_MAX:
            raise ValueError(f"button {packed!r} is over {CUSTOM_ID_BYTES_MAX} bytes")
        return packed

    @classmethod
    def unpack(cls, packed: str) -> Button | None:
        """Read a pressed button's state, which anybody may have forged; None where it is not ours."""
        if len(packed) > CUSTOM_ID_BYTES_MAX:
            return None
        match = _PACKED.fullmatch(packed)
        if match is None:
            return None
        position = match["position"]
        return cls(
            command=match["command"],
            job_id="" if match["job"] == NO_JOB else match["job"],
            position=int(position) if position else None,
        )

    @property
    def arguments(self) -> dict[str, object]:
        """What a press gives to the command."""
        given: dict[str, object] = {"job": self.job_id} if self.job_id else {}
        if self.position is not None:
            given["position"] = self.position
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A question for text: the frontend asks, then runs `command` with `given` and the answers."""

    command: str
    given: Mapping[str, str]
    fields: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: sentences from top to bottom, the person's own text shown literally, pictures, buttons.

    `job_id` is set where the message will later become that job's result; `error` marks a refusal.
    """

    lines: tuple[Say, ...]
    prompt: str | None = None
    attached: tuple[Attached, ...] = ()
    pictures: tuple[Picture, ...] = ()
    buttons: tuple[Button, ...] = ()
    private: bool = False
    job_id: str | None = None
    error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a person can ask for. `run` gets the checked parameters; `menu` also puts it on pictures.

    `check` raises UserError for what can be refused without waiting; pictures are not fetched yet.
    """

    name: str
    summary: str
    params: type
    run: Callable[[App, Call, Any], Awaitable[Reply]]
    private: bool = False
    hidden: bool = False
    menu: str | None = None
    suggest: Callable[[App, str, str], tuple[str, ...]] | None = None
    check: Callable[[App, Any], None] | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        """The options it takes, in order."""
        return options_of(self.params)

    def form(self, given: Mapping[str, object]) -> Form | None:
        """The form to show when a button's press leaves required text unsaid; None: it can run."""
        fields = tuple(
            item
            for item in self.options
            if item.required and item.kind is Kind.TEXT and item.name not in given
        )
        texts = {name: str(value) for name, value in given.items()}
        return Form(command=self.name, given=texts, fields=fields) if fields else None


def buttons_of(delivery: Delivery) -> tuple[Button, ...]:
    """The buttons under a job's message."""
    buttons = []
    for action in delivery.actions:
        command, _, position = action.partition(":")
        buttons.append(
            Button(
                command=command,
                job_id=delivery.job_id,
                position=int(position) if position else None,
            )
        )
    return tuple(buttons)
