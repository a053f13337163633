"""What vendors really have of the models that are offered, and the days on which these end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from core import model_check
from core.clock import SystemClock
from core.model_check import Found, Standing
from providers.base import Fault, Model, Provider, ProviderError
from tests.fakes.providers import Scripted
from tests.fakes.studio import studio

TODAY = SystemClock().now().date()
SOON, LATER = TODAY + timedelta(days=30), TODAY + timedelta(days=31)


class Listed(Scripted):
    """A vendor with a list, or with a reason why there is none now."""

    def __init__(self, told: Mapping[str, date | None] | ProviderError | Exception) -> None:
        super().__init__()
        self.told = told

    async def catalogue(self) -> Mapping[str, date | None]:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


class Partly(Listed):
    """One that also takes files, which are in no list."""

    def lists(self, vendor_model: str) -> bool:
        return not vendor_model.endswith(".json")


def row(vendor: str, name: str = "a", ends: date | None = None, *, off: bool = False) -> Model:
    return Model(
        id=f"{vendor}-{name}",
        vendor=vendor,
        vendor_model=name,
        title=name,
        operations=() if off else ("imagine",),
        credits=1,
        ends=ends,
    )


async def found(folder: Path, providers: Mapping[str, Provider], *rows: Model) -> list[Found]:
    async with studio(f"sqlite:///{folder / 'atelier.db'}", folder) as room:
        models = {item.id: item for item in rows}
        app = dataclasses.replace(room.app, providers=providers, models=models)
        return await model_check.check(app)


STANDINGS = [
    ({"a": None}, None, Standing.THERE, None),
    ({"a": None}, LATER, Standing.THERE, LATER),
    ({"a": None}, SOON, Standing.ENDS, SOON),
    ({"a": None}, TODAY, Standing.ENDED, TODAY),
    # What the vendor tells counts more than what the row says.
    ({"a": SOON}, LATER, Standing.ENDS, SOON),
    ({"a": LATER}, TODAY, Standing.THERE, LATER),
    ({"a": date(2020, 1, 1)}, None, Standing.ENDED, date(2020, 1, 1)),
    ({"A": None, "a ": None}, None, Standing.MISSING, None),
    ({}, LATER, Standing.MISSING, None),
]


@pytest.mark.parametrize(("told", "ends", "standing", "day"), STANDINGS)
async def test_where_a_model_stands(
    tmp_path: Path,
    told: Mapping[str, date | None],
    ends: date | None,
    standing: Standing,
    day: date | None,
) -> None:
    (one,) = await found(tmp_path, {"x": Listed(told)}, row("x", ends=ends))
    assert (one.standing, one.ends, one.reason) == (standing, day, "")


async def test_only_what_is_offered_by_a_vendor_that_is_set_up(tmp_path: Path) -> None:
    rows = (row("y", "b"), row("x", "off", off=True), row("gone"), row("x"))
    looked = await found(tmp_path, {"x": Listed({"a": None}), "y": Scripted()}, *rows)
    assert [(one.model.id, one.standing) for one in looked] == [
        ("y-b", Standing.NOT_TOLD),
        ("x-a", Standing.THERE),
    ]


async def test_without_a_list_the_row_s_own_day_counts(tmp_path: Path) -> None:
    rows = (row("x", "a", SOON), row("x", "b", TODAY), row("x", "c", LATER))
    looked = await found(tmp_path, {"x": Scripted()}, *rows)
    assert [one.standing for one in looked] == [Standing.ENDS, Standing.ENDED, Standing.NOT_TOLD]


async def test_what_no_list_can_name_is_not_missing(tmp_path: Path) -> None:
    rows = (row("x", "a"), row("x", "b"), row("x", "own/b.json"), row("x", "c.json", TODAY))
    looked = await found(tmp_path, {"x": Partly({"a": None})}, *rows)
    assert [one.standing for one in looked] == [
        Standing.THERE,
        Standing.MISSING,
        Standing.NOT_TOLD,
        Standing.ENDED,
    ]
    (cut,) = await found(tmp_path, {"x": Partly(ProviderError(Fault.UNAVAILABLE, "cut"))}, rows[2])
    assert (cut.standing, cut.reason) == (Standing.NOT_ASKED, "cut")


async def test_a_vendor_that_does_not_answer_keeps_the_others_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Listed):
        async def catalogue(self) -> Mapping[str, date | None]:
            raise TimeoutError

    monkeypatch.setattr("core.model_check.ASK_S_MAX", 7.0)
    vendors = {
        "cut": Listed(ProviderError(Fault.UNAVAILABLE, "connection refused")),
        "key": Listed(ProviderError(Fault.BAD_KEY)),
        "slow": Slow({}),
        "x": Listed({"a": None}),
    }
    rows = (row("cut", ends=SOON), row("key"), row("slow"), row("x"))
    looked = await found(tmp_path, vendors, *rows)
    assert [(one.standing, one.reason) for one in looked] == [
        (Standing.NOT_ASKED, "connection refused"),
        (Standing.NOT_ASKED, "bad-key"),
        (Standing.NOT_ASKED, "no answer in 7 s"),
        (Standing.THERE, ""),
    ]
