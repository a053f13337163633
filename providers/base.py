"""The contract between Atelier and an image vendor: a request, three outcomes, and the models."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

PACKAGE = Path(__file__).parent


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
    """One paid call: `model` is the vendor's own id; `ratio` is width:height; seed is in 0..2**31-1."""

    operation: str
    model: str
    prompt: str
    count: int = 1
    ratio: str = "1:1"
    seed: int | None = None
    negative: str | None = None
    images: tuple[SourceImage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """Encoded pictures (PNG, JPEG or WebP), 1..count of them, and the cost in USD where it is told."""

    images: tuple[bytes, ...]
    cost_usd: float | None = None


Partial = Callable[[bytes], Awaitable[None]]
Accepted = Callable[[str], Awaitable[None]]


class Provider(Protocol):
    """A vendor, opened with its credentials; calls are bounded in time and never retried inside."""

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make the pictures; `partial` takes previews, `accepted` the vendor's job id at once."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class Resumable(Protocol):
    """A provider that can look a call up again by the vendor's id instead of repeating it."""

    async def resume(self, vendor_id: str, *, partial: Partial) -> ImageResult:
        """Wait for and fetch the result of a call made earlier."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the operator configured for one vendor; None where nothing is set."""

    key: str | None = field(default=None, repr=False)
    base_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor file's export: the settings it reads, and how to open it (None: not configured)."""

    name: str
    title: str
    key_setting: str | None = None
    url_setting: str | None = None
    free_to_repeat: bool = False
    open: Callable[[Credentials], Provider | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of models.toml: what one model can do and costs (`credits` for each picture)."""

    id: str
    vendor: str
    vendor_model: str
    title: str
    operations: tuple[str, ...]
    credits: int
    cost_usd: float = 0.0
    ratios: tuple[str, ...] = ("1:1", "16:9", "9:16", "4:3", "3:4")
    count_max: int = 4
    images_max: int = 0
    seed: bool = False
    negative: bool = False
    partials: bool = False
    as_of: date | None = None
    ends: date | None = None


def discover() -> dict[str, Vendor]:
    """Every vendor module's PROVIDER by name; a clash of names or a wrong type is an error."""
    vendors: dict[str, Vendor] = {}
    for module in pkgutil.iter_modules([str(PACKAGE)]):
        if module.name == "base":
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
        merged.setdefault(str(row["id"]), {}).update(row)
    return {key: _model(row) for key, row in merged.items()}


def _model(row: Mapping[str, object]) -> Model:
    """Build one row, lists as tuples; an unknown or missing column is an error that names the row."""
    columns = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    try:
        return Model(**columns)  # type: ignore[arg-type]  # TOML values; the row is data we ship
    except TypeError as error:
        raise ValueError(f"model {row.get('id')!r}: {error}") from error
