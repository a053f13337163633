"""Settings of vendors and models, held against the vendors there are: every mistake is told at the start."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from bot.settings import Settings, SettingsError, web_address
from providers.base import (
    OPERATIONS,
    QUALITIES,
    USUAL_QUALITY,
    Model,
    Vendor,
    discover,
    laid_over,
    load_models,
)

# Results are shown as at most a two by two picture.
COUNT_MAX = 4
_MODEL_ID = re.compile(r"[!-~]{1,100}")
_RATIO = re.compile(r"[1-9]\d{0,3}:[1-9]\d{0,3}")
_KEY = re.compile(r"[\x21-\x7e]+")
_COLUMNS = {field.name: field for field in dataclasses.fields(Model)}
_TYPES = get_type_hints(Model)


def _default(column: dataclasses.Field[Any]) -> object:
    """What a column is where a row does not name it; `...`: it has to."""
    if column.default_factory is not dataclasses.MISSING:
        return column.default_factory()
    return ... if column.default is dataclasses.MISSING else column.default


# A dataclass takes what it is given: the types of a row are checked by its twin.
_ROW: type[BaseModel] = create_model(
    "Row",
    __config__=ConfigDict(strict=True),
    **{name: (_TYPES[name], _default(column)) for name, column in _COLUMNS.items()},  # type: ignore[call-overload]
)


def check(settings: Settings) -> None:
    """Raise SettingsError with a line for each mistake."""
    vendors = discover()
    found = [
        *_environment(settings, vendors),
        *_orders(settings, vendors),
        *_models(settings.models, vendors),
    ]
    if found:
        raise SettingsError("\n".join(found))


def _environment(settings: Settings, vendors: Mapping[str, Vendor]) -> Iterator[str]:
    for vendor in vendors.values():
        key = settings.vendors.get(vendor.key_setting or "")
        if key is not None and not _KEY.fullmatch(key.get_secret_value()):
            yield f"{vendor.key_setting}: has a space or a sign that no key has; copy it again"
        file = settings.vendors.get(vendor.file_setting or "")
        if file is not None:
            yield from _file(vendor, file.get_secret_value())
        url = settings.vendors.get(vendor.url_setting or "")
        if url is None:
            continue
        try:
            web_address(url.get_secret_value())
        except ValueError as error:
            yield f"{vendor.url_setting}: {error}"


def _file(vendor: Vendor, path: str) -> Iterator[str]:
    if not Path(path).is_file():
        yield f"{vendor.file_setting}: there is no file {path}"
    if vendor.package is not None and importlib.util.find_spec(vendor.package) is None:
        yield f"{vendor.file_setting}: needs the package {vendor.package}, which is not installed"


def _orders(settings: Settings, vendors: Mapping[str, Vendor]) -> Iterator[str]:
    rules = settings.providers
    named = {"order": rules.order, "weights": rules.weights, "limits": rules.limits}
    named |= {f"orders.{name}": names for name, names in rules.orders.items()}
    for where, names in named.items():
        yield from _unknown(f"providers.{where}", "vendor", names, vendors)
    yield from _unknown("providers.orders", "operation", rules.orders, OPERATIONS)
    if rules.moderate and "OPENAI_API_KEY" not in settings.vendors:
        yield "atelier.toml: providers.moderate: needs OPENAI_API_KEY, OpenAI's moderation costs nothing"


def _models(rows: Iterable[Mapping[str, object]], vendors: Mapping[str, Vendor]) -> Iterator[str]:
    merged: dict[str, dict[str, object]] = {
        name: {column: getattr(model, column) for column in _COLUMNS}
        for name, model in load_models().items()
    }
    told = []
    for row in rows:
        if not isinstance(row.get("id"), str):
            yield "atelier.toml: models: a row has no id"
            continue
        told.append(str(row["id"]))
        merged[told[-1]] = laid_over(merged.get(told[-1], {}), row)
    for name in dict.fromkeys(told):
        yield from _row(f"models.{name}", merged[name], vendors)


def _row(where: str, row: Mapping[str, object], vendors: Mapping[str, Vendor]) -> Iterator[str]:
    yield from _unknown(where, "column", row, _COLUMNS)
    columns = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.items()
        if name in _COLUMNS
    }
    try:
        _ROW.model_validate(columns)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            column = ".".join(str(part) for part in fault["loc"])
            missing = fault["type"].startswith("missing")
            yield f"atelier.toml: {where}.{column}: {'is missing' if missing else fault['msg']}"
        return
    yield from (f"atelier.toml: {where}.{fault}" for fault in _odd(columns))
    yield from _unknown(where, "vendor", [str(columns["vendor"])], vendors)
    wanted = columns["operations"]
    assert isinstance(wanted, tuple)
    yield from _unknown(where, "operation", wanted, OPERATIONS)


def _odd(row: Mapping[str, Any]) -> Iterator[str]:
    """What no model can be, though each value is of its type."""
    yield from _odd_qualities(row.get("qualities", {}), row["credits"])
    numbers = ("credits", "cost_usd", "images_min", "images_max", "steps_max")
    for column, value in {**dict.fromkeys(numbers, 0), "count_max": 1}.items():
        if row.get(column, value) < value:
            yield f"{column}: has to be {value} or more"
    if row.get("count_max", 1) > COUNT_MAX:
        yield f"count_max: has to be {COUNT_MAX} or less"
    if row.get("images_min", 0) > row.get("images_max", 0):
        yield "images_min: is more than images_max"
    if not _MODEL_ID.fullmatch(row["id"]):
        yield "id: has to be 1 to 100 plain letters, digits and signs, without spaces"
    if not row.get("ratios", ("1:1",)):
        yield "ratios: names none"
    for ratio in row.get("ratios", ()):
        if not _RATIO.fullmatch(ratio):
            yield f"ratios: {ratio!r} is no width and height as 16:9"


def _odd_qualities(prices: Mapping[str, int], usual: int) -> Iterator[str]:
    """What is wrong with the prices of qualities; the usual one's is the model's own."""
    for name, price in prices.items():
        if name not in QUALITIES:
            yield f"qualities: there is no quality {name}; there are {', '.join(QUALITIES)}"
        if price < 0:
            yield f"qualities.{name}: has to be 0 or more"
    if prices and USUAL_QUALITY not in prices:
        yield f"qualities: does not name {USUAL_QUALITY}, the usual one"
    elif prices and prices[USUAL_QUALITY] != usual:
        yield f"credits: has to be {prices[USUAL_QUALITY]}, what qualities says of {USUAL_QUALITY}"


def _unknown(where: str, what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    all_known = list(known)
    for name in names:
        if name not in all_known:
            there = ", ".join(all_known)
            yield f"atelier.toml: {where}: there is no {what} {name}; there are {there}"
