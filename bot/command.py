"""The vocabulary of commands: defined once, rendered by every frontend."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.app import App
from core.authority import Authority
from core.messenger import NEW_ROW, Address, Attached, Delivery, Picture, Say
from core.options import Kind, Option, options_of
from core.preferences import NONE, Preferences

CUSTOM_ID_BYTES_MAX = 64
NO_JOB = "-"  # stands in a button whose command needs none
_PACKED = re.compile(
    r"(?P<command>[a-z][a-z0-9-]{0,24}):(?P<job>[0-9a-f]{32}|-)(:(?P<position>\d))?"
)
_GIVEN = re.compile(
    r"(?P<command>[a-z][a-z0-9-]{0,24}):(?P<name>[a-z_]{1,10})=(?P<value>[a-z0-9_-]{1,45})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who speaks, as the platform knows them; `name` is only for show.

    `handle` is their @username (empty: none), where the platform tells it and people use it.
    """

    platform: str
    id: str
    name: str = ""
    handle: str | None = None


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
    the same one again is answered by the same job. `authority` is what the platform says of the
    person in this place at this moment; None: nothing, as on the page. `preferences` are the person's
    settings, once they are known.
    """

    identity: Identity
    address: Address
    inbox: str
    community: str | None = None
    authority: Authority | None = None
    language: str = "en"
    arguments: Mapping[str, object] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    person: str = ""
    preferences: Preferences = NONE

    @property
    def given(self) -> frozenset[str]:
        """The options that were named."""
        named = (name for name, value in self.arguments.items() if value not in (None, ""))
        return frozenset(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message: a command's name and the job (and its picture) it acts on, or a link.

    `given` is an option and its value instead of a job; `label` stands on it instead of the command's
    own words. `sku` is sold by Discord itself: only its frontend shows such a button. Buttons with
    the same `row` stand side by side, as far as there is room.
    """

    command: str
    job_id: str = ""
    position: int | None = None
    url: str | None = None
    given: tuple[str, str] | None = None
    label: str | None = None
    sku: str | None = None
    row: int = 0

    def pack(self) -> str:
        """The button's whole state, at most 64 bytes: it works after any restart."""
        about = "=".join(self.given) if self.given is not None else self.job_id or NO_JOB
        packed = f"{self.command}:{about}"
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
            chosen = _GIVEN.fullmatch(packed)
            if chosen is None:
                return None
            return cls(command=chosen["command"], given=(chosen["name"], chosen["value"]))
        position = match["position"]
        return cls(
            command=match["command"],
            job_id="" if match["job"] == NO_JOB else match["job"],
            position=int(position) if position else None,
        )

    @property
    def arguments(self) -> dict[str, object]:
        """What a press gives to the command."""
        if self.given is not None:
            return dict([self.given])
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
class Suggestion:
    """A value to complete an option from, and what people read beside it: what it is and costs."""

    value: str
    text: Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What is to be paid in Telegram Stars for one order; the texts are what the person sees."""

    order_id: str
    title: str
    description: str
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A small picture that ships with Atelier: the example of a style."""

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: sentences from top to bottom, the person's own text shown literally, pictures, buttons.

    `job_id` is set where the message will later become that job's result; `error` marks a refusal;
    `announced` is for all in the room, also where it answers a press; `invoice` is shown by Telegram
    alone, in the person's private chat. In an `album` the files are there to be looked at, not to be kept.
    `language` is the one that the person has chosen, which the dispatch fills in; empty: that of their
    platform. `samples` are small pictures to look at: side by side, or where one message has one
    picture, all in one. `beside` are answers in messages of their own: of the other jobs that the same
    command began.
    """

    lines: tuple[Say, ...]
    prompt: str | None = None
    attached: tuple[Attached, ...] = ()
    pictures: tuple[Picture, ...] = ()
    buttons: tuple[Button, ...] = ()
    private: bool = False
    job_id: str | None = None
    error: bool = False
    announced: bool = False
    invoice: Invoice | None = None
    album: bool = False
    language: str | None = None
    samples: tuple[Sample, ...] = ()
    beside: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a person can ask for. `run` gets the checked parameters; `menu` also puts it on pictures.

    `check` raises UserError for what can be refused without waiting; pictures are not fetched yet.
    `moderators` alone may give some, in their own community; what is `announced` all there see. `weighs`
    tells of others by their arguments whether it matters who speaks there. What makes `results` is seen
    by all, or by the person alone where they have chosen so. `platforms` are those it is for; None: all.
    `suggest_own` completes an option from what a person has.
    """

    name: str
    summary: str
    params: type
    run: Callable[[App, Call, Any], Awaitable[Reply]]
    private: bool = False
    hidden: bool = False
    moderators: bool = False
    announced: bool = False
    results: bool = False
    menu: str | None = None
    suggest: Callable[[App, str, str], tuple[Suggestion, ...]] | None = None
    suggest_own: Callable[[App, str, str, str], Awaitable[tuple[Suggestion, ...]]] | None = None
    check: Callable[[App, Any], None] | None = None
    platforms: frozenset[str] | None = None
    weighs: Callable[[Mapping[str, object]], bool] = lambda _: False

    def is_for(self, platform: str) -> bool:
        """Whether a platform has this command."""
        return self.platforms is None or platform in self.platforms

    def is_typed(self, platform: str) -> bool:
        """Whether people can find and type it there."""
        return not self.hidden and self.is_for(platform)

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
    return buttons_for(delivery.job_id, delivery.actions)


def buttons_for(job_id: str, actions: Sequence[str]) -> tuple[Button, ...]:
    """The buttons that act on a job; `take-one:2` acts on its second picture."""
    buttons = []
    row = 0
    for action in actions:
        command, _, position = action.partition(":")
        row += action == NEW_ROW
        if action != NEW_ROW:
            place = int(position) if position else None
            buttons.append(Button(command=command, job_id=job_id, position=place, row=row))
    return tuple(buttons)
