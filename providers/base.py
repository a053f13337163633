"""The contract between Atelier and an image vendor: a request, three outcomes, and the models."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

PACKAGE = Path(__file__).parent
# What vendors share; every other module is a vendor.
SHARED = frozenset({"base", "pictures", "reading", "transport"})

OPERATIONS = (
    "imagine",
    "edit",
    "region",
    "upscale",
    "restore",
    "background",
    "describe",
    "enhance",
)

QUALITIES = ("low", "medium", "high")
# What a model that takes qualities draws in where nobody asks for one: its row's `credits` are of it.
USUAL_QUALITY = "medium"


class Fault(StrEnum):
    """Why a call did not produce pictures; decides the sentence, and whether another try may help."""

    BAD_KEY = "bad-key"
    NO_FUNDS = "no-funds"
    RATE_LIMITED = "rate-limited"
    REFUSED = "refused"
    BAD_INPUT = "bad-input"
    MODEL_GONE = "model-gone"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class ProviderError(Exception):
    """The vendor made nothing and charges nothing; `detail` is for the log and holds no secret."""

    def __init__(
        self, fault: Fault, detail: str = "", *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.detail = detail
        self.retry_after_s = retry_after_s


class OutcomeUnknown(ProviderError):
    """The answer was lost after the request was sent: the vendor may have made and charged it."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(Fault.UNKNOWN, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImage:
    """A picture that goes to the vendor: encoded bytes that passed our gate, with their media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One paid call: `model` is the vendor's own id; `ratio` is width:height; seed is in 0..2**31-1.

    `id` is ours, a UUID that is new for each call, for vendors that keep one or call back at `webhook`.
    `mask` is a picture as large as the first of `images`: white is what may change, black what stays.
    `scale` is 2 or 4 (upscale); `subject` is one of auto, person, product, animal (background).
    `quality` is one of QUALITIES (None: the usual one). `strength`, 0..1, is how much of the picture
    may change (edit, region, restore; None: as the vendor does). `faces`: an upscale restores them too.
    """

    operation: str
    model: str
    prompt: str = ""
    id: str = ""
    count: int = 1
    ratio: str = "1:1"
    seed: int | None = None
    negative: str | None = None
    steps: int | None = None
    guidance: float | None = None
    transparent: bool = False
    quality: str | None = None
    strength: float | None = None
    scale: int = 2
    faces: bool = False
    subject: str = "auto"
    images: tuple[SourceImage, ...] = ()
    mask: SourceImage | None = None
    webhook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """Encoded pictures (PNG, JPEG or WebP), 1..count of them, and the cost in USD where it is told.

    Of `describe`: no picture, but up to four `texts`, each a prompt. Of `enhance`: one text, a prompt.
    """

    images: tuple[bytes, ...] = ()
    texts: tuple[str, ...] = ()
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a key is good for: the models it may use (None: not told), and what is left of funds."""

    models: frozenset[str] | None = None
    funds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a call is: the `part` that is drawn, 0..1, or that its model is loaded first.

    `loading_s`: for about so many seconds more.
    """

    part: float | None = None
    loading_s: float | None = None


Partial = Callable[[bytes | Step], Awaitable[None]]
Accepted = Callable[[str], Awaitable[None]]


@runtime_checkable
class Provider(Protocol):
    """A vendor, opened with its credentials; calls are bounded in time and never retried inside."""

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make the pictures; `partial` takes previews and steps, `accepted` the vendor's job id at once."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """A provider that can look a call up again by the vendor's id instead of repeating it."""

    async def resume(
        self, vendor_id: str, request: ImageRequest, *, partial: Partial
    ) -> ImageResult:
        """Wait for and fetch the result of a call made earlier; raises as `run` does."""
        ...


@runtime_checkable
class Findable(Protocol):
    """A provider that can tell whether a call arrived whose answer was lost."""

    async def find(self, request: ImageRequest, since: datetime) -> str | None:
        """The vendor's id of the call made at or after `since`; None: it never arrived.

        Raises ProviderError where the vendor cannot be asked now.
        """
        ...


@runtime_checkable
class Cancellable(Protocol):
    """A provider that can be told to stop a call."""

    async def cancel(self, vendor_id: str) -> bool:
        """Stop it; False: it was done before, and is charged. Raises ProviderError as `find` does."""
        ...


@runtime_checkable
class Hooked(Protocol):
    """A provider that calls `ImageRequest.webhook` when it is done."""

    async def hear(self, headers: Mapping[str, str], body: bytes, now_s: float) -> str | None:
        """Its id of the call that is told of; None where the vendor did not send this.

        Raises ProviderError where that cannot be found out now. `now_s`: Unix time.
        """
        ...


@runtime_checkable
class Checkable(Protocol):
    """A provider that can try its key without spending anything."""

    async def check(self) -> Checked:
        """What the key is good for; raises ProviderError, with BAD_KEY where it is refused."""
        ...


@runtime_checkable
class Catalogued(Protocol):
    """A provider that tells which models it has."""

    async def catalogue(self) -> Mapping[str, date | None]:
        """Its models, each with the day it ends where that is told; raises ProviderError."""
        ...


@runtime_checkable
class PartlyCatalogued(Protocol):
    """A provider that also takes models which its catalogue cannot name, such as the operator's own."""

    def lists(self, vendor_model: str) -> bool:
        """Whether the catalogue names this model where the vendor has it."""
        ...


@runtime_checkable
class Moderating(Protocol):
    """A provider that judges words and pictures without spending anything."""

    async def moderate(self, text: str, images: Sequence[SourceImage] = ()) -> frozenset[str]:
        """The categories that are flagged, in the vendor's words; raises ProviderError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the operator configured for one vendor; None where nothing is set."""

    key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor file's export: the settings it reads, and how to open it (None: not configured).

    `free_to_repeat`: a call that is made twice costs nothing. `stands_in`: it is for where nothing
    else is set up, and for who asks for it. `own_keys`: people may bring a key of
    theirs, which they get at `keys_url` and which `key_pattern` (a regular expression) recognises.
    `package` is what has to be installed beside Atelier for it; `file_setting` names a file.
    """

    name: str
    title: str
    key_setting: str | None = None
    url_setting: str | None = None
    file_setting: str | None = None
    package: str | None = None
    free_to_repeat: bool = False
    stands_in: bool = False
    own_keys: bool = False
    keys_url: str | None = None
    key_pattern: str | None = None
    open: Callable[[Credentials], Provider | None]

    @property
    def settings(self) -> tuple[str, ...]:
        """The environment names that it reads."""
        named = (self.key_setting, self.url_setting, self.file_setting)
        return tuple(name for name in named if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of models.toml: what one model can do and costs (`credits` for each picture).

    `images_min` and `images_max` count reference pictures; `aliases` are older names that it serves;
    `good_at` is said to people. The flags name the parameters that it really takes; `steps_max` is
    0 where only we bound them. `qualities` are those it draws in, each with its credits.
    """

    id: str
    vendor: str
    vendor_model: str
    title: str
    operations: tuple[str, ...]
    credits: int
    cost_usd: float = 0.0
    ratios: tuple[str, ...] = ("1:1", "16:9", "9:16", "4:3", "3:4")
    count_max: int = 4
    images_min: int = 0
    images_max: int = 0
    seed: bool = False
    negative: bool = False
    steps: bool = False
    steps_max: int = 0
    guidance: bool = False
    mask: bool = False
    transparent: bool = False
    partials: bool = False
    strength: bool = False
    faces: bool = False
    qualities: Mapping[str, int] = field(default_factory=dict, hash=False)
    good_at: str = ""
    aliases: tuple[str, ...] = ()
    as_of: date | None = None
    ends: date | None = None

    def price(self, quality: str | None) -> int:
        """Credits of one picture in this quality: the usual one's for None, or what it does not take."""
        return self.credits if quality is None else self.qualities.get(quality, self.credits)


def discover() -> dict[str, Vendor]:
    """Every vendor module's PROVIDER by name; a clash of names or a wrong type is an error."""
    vendors: dict[str, Vendor] = {}
    for module in pkgutil.iter_modules([str(PACKAGE)]):
        if module.name in SHARED:
            continue
        vendor = getattr(importlib.import_module(f"providers.{module.name}"), "PROVIDER", None)
        if not isinstance(vendor, Vendor):
            raise TypeError(f"providers/{module.name}.py must export PROVIDER, a Vendor")
        if vendor.name in vendors:
            raise ValueError(f"two vendors are called {vendor.name!r}")
        vendors[vendor.name] = vendor
    return vendors


def load_models(rows: Iterable[Mapping[str, object]] = ()) -> dict[str, Model]:
    """The shipped models.toml by model id, in its order, with the operator's rows laid over it."""
    shipped = tomllib.loads((PACKAGE / "models.toml").read_text(encoding="utf-8"))
    merged: dict[str, dict[str, object]] = {}
    for row in [*shipped["models"], *rows]:
        merged[str(row["id"])] = laid_over(merged.get(str(row["id"]), {}), row)
    return {key: _model(row) for key, row in merged.items()}


def laid_over(row: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """A row with another's columns over its own; new `credits` alone are those of the usual quality."""
    merged = {**row, **over}
    qualities = row.get("qualities")
    if "credits" in over and "qualities" not in over and isinstance(qualities, Mapping):
        usual = {USUAL_QUALITY: over["credits"]} if USUAL_QUALITY in qualities else {}
        merged["qualities"] = {**qualities, **usual}
    return merged


def _model(row: Mapping[str, object]) -> Model:
    """Build one row, lists as tuples; an unknown or missing column is an error that names the row."""
    columns = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    try:
        columns["qualities"] = _prices(columns.get("qualities", {}))
        return Model(**columns)  # type: ignore[arg-type]  # TOML values; the row is data we ship
    except TypeError as error:
        raise ValueError(f"model {row.get('id')!r}: {error}") from error


def _prices(told: object) -> dict[str, int]:
    """Credits by name, as a table of TOML holds them; raises TypeError."""
    if not isinstance(told, Mapping):
        raise TypeError("qualities is no table")
    if not all(type(value) is int for value in told.values()):
        raise TypeError("qualities: credits are whole numbers")
    return dict(told)
