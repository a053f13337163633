"""The one arrow back from the rules to the chat: where an answer goes, what it shows, who carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.errors import Value

NEW_ROW = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a job's one message stands; ids are the platform's own, as text.

    `message` is the waiting message (None until it is known), `token` Discord's interaction token,
    which is good until `token_until` and is never logged. `beside`: of the jobs of one event it is not
    the first, so its message is never the event's first answer.
    """

    platform: str
    place: str
    user: str
    message: str | None = None
    thread: str | None = None
    reply_to: str | None = None
    application: str | None = None
    token: str | None = field(default=None, repr=False)
    token_until: datetime | None = None
    bytes_max: int | None = None
    private: bool = False
    beside: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A sentence to be: its key in the locales and the values it names."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored picture by the SHA-256 of its bytes; sizes in pixels and bytes."""

    sha256: str
    media_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A picture ready to send: encoded bytes within the messenger's limits, and the stored one it shows."""

    name: str
    media_type: str
    data: bytes
    picture: Picture | None = None


class Stage(StrEnum):
    """How far the job is that a message tells of."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """All that a job's message shows at one moment; the same delivery twice shows the same message.

    `lines` are the sentences from top to bottom; `prompt` is the person's own text, shown literally;
    `actions` are names of buttons (again, original, delete, cancel …), each acting on `job_id`;
    after NEW_ROW they stand in the next row.
    """

    id: str
    job_id: str
    operation: str
    stage: Stage
    lines: tuple[Say, ...]
    prompt: str | None = None
    attached: tuple[Attached, ...] = ()
    pictures: tuple[Picture, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message of a platform can carry; `pictures_max` 0 means it shows stored pictures by link.

    `file_bytes_max` is for a file that is no picture, where it may have more.
    """

    pictures_max: int
    bytes_max: int
    side_sum_max: int | None = None
    file_bytes_max: int | None = None


class Undeliverable(Exception):
    """No way is left to show this in the chat; `reason` is a short word for the log and the row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DeliveryDelayed(Exception):
    """The platform asks for patience, or its answer was lost: the same delivery may be tried again."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Messenger(Protocol):
    """Carries deliveries to one platform, from any process; every call is bounded in time."""

    @property
    def limits(self) -> Limits:
        """What one message can carry."""
        ...

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        """Edit the waiting message, or fall back; returns where it now stands. Safe to repeat."""
        ...

    async def progress(self, address: Address, delivery: Delivery) -> None:
        """Edit the waiting message in passing; a failure is not worth a retry and raises nothing."""
        ...

    async def remove(self, address: Address) -> None:
        """Take the message away; gone already is success."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
