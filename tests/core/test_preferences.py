"""Settings: kept, checked, applied where a command leaves something open, and never in the way."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from core import keys, linking, preferences
from core.app import App
from core.errors import BadOption
from core.jobs import library
from core.operations.imagine import Imagine
from core.options import by_default, from_json
from core.people import recognise
from core.preferences import Preferences
from providers.base import Fault, ProviderError
from storage.database import Database
from tests.core.jobs.test_calls import free, with_vendors
from tests.fakes.locksmith import GOOD, Locksmith
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio


@pytest.fixture
def one() -> Scripted:
    return Scripted()


@pytest.fixture
def two() -> Scripted:
    return Scripted()


@pytest.fixture
def shop(room: Studio, one: Scripted, two: Scripted) -> Studio:
    """Two vendors; the first is taken where nobody names a model."""
    shop = with_vendors(room, one=one, two=two)
    return with_app(shop, rules=dataclasses.replace(shop.app.rules, queued_max=50))


def with_app(room: Studio, **changes: Any) -> Studio:  # noqa: ANN401
    app = dataclasses.replace(room.app, **changes)
    return dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))


def with_model(room: Studio, name: str, **more: Any) -> Studio:  # noqa: ANN401
    """The same with one model that is otherwise."""
    models = {**room.app.models, name: dataclasses.replace(room.app.models[name], **more)}
    return with_app(room, models=models)


async def person(room: Studio, user: str = "ann") -> str:
    return await recognise(room.app, "test", user, user)


async def choose(room: Studio, **chosen: object) -> None:
    await preferences.put(room.app, await person(room), **chosen)


async def drawn(room: Studio, **arguments: Any) -> tuple[Imagine, list[str]]:  # noqa: ANN401
    """The parameters that a job is stored with, and which of them nobody named."""
    reply = await room.run("imagine", prompt="a fox", **arguments)
    assert reply.job_id is not None, reply.lines
    row = await library.find(room.app, reply.job_id)
    return from_json(Imagine, row.params), sorted(by_default(row.params))


async def test_what_is_left_open_is_filled(shop: Studio, one: Scripted, two: Scripted) -> None:
    await choose(shop, model="two", ratio="16:9", count=3)
    params, filled = await drawn(shop)
    assert (params.model, params.ratio, params.count) == ("two", "16:9", 3)
    assert filled == ["count", "model", "ratio"]
    await shop.work()
    [request] = two.calls
    assert (request.ratio, request.count) == ("16:9", 3)
    assert one.calls == []


async def test_what_is_named_wins(shop: Studio) -> None:
    await choose(shop, model="two", ratio="16:9", count=3)
    params, filled = await drawn(shop, model="one", ratio="1:1", count=1)
    assert (params.model, params.ratio, params.count) == ("one", "1:1", 1)
    assert filled == []
    params, filled = await drawn(shop, count=2)
    assert (params.count, filled) == (2, ["model", "ratio"])


async def test_a_setting_that_does_not_fit_is_left_out(shop: Studio) -> None:
    await choose(shop, model="two", ratio="16:9", count=4)
    square = with_model(shop, "two", ratios=("1:1",), count_max=2)
    params, filled = await drawn(square)
    assert (params.model, params.ratio, params.count, filled) == ("two", "1:1", 1, ["model"])
    params, filled = await drawn(square, ratio="9:16")
    assert (params.model, params.ratio, params.count) == (None, "9:16", 4)
    for changes in ({"operations": ("edit",)}, {"operations": ()}, {"vendor": "gone"}):
        params, filled = await drawn(with_model(shop, "two", **changes))
        assert (params.model, filled) == (None, ["count", "ratio"])
    await choose(shop, model="never-was", ratio="7:5")
    params, filled = await drawn(shop)
    assert (params.model, params.ratio, filled) == (None, "1:1", ["count"])


async def test_a_setting_that_is_too_dear_is_left_out(room: Studio) -> None:
    room = with_vendors(room, one=Scripted(), dear=Scripted())
    room = with_app(room, rules=dataclasses.replace(room.app.rules, signup_credits=3))
    await choose(room, model="dear", count=4)
    params, filled = await drawn(room)
    assert (params.model, params.count, filled) == ("dear", 1, ["model"])
    params, filled = await drawn(room)
    assert (params.model, params.count, filled) == (None, 1, [])
    refused = await room.run("imagine", prompt="a fox")
    assert refused.lines[0].key == "not-enough-credits"
    assert refused.lines[0].values == {"needs": 1, "has": 0}


async def test_another_may_stand_in_for_a_model_that_nobody_named(
    shop: Studio, one: Scripted, two: Scripted
) -> None:
    await choose(shop, model="two")
    two.steps = [ProviderError(Fault.NO_FUNDS)] * 2
    await drawn(shop)
    await shop.work()
    _, delivery = shop.chat.delivered[-1]
    assert [line.key for line in delivery.lines] == ["made-by-other", "receipt"]
    assert (len(one.calls), len(two.calls)) == (1, 1)
    again = await shop.run("again", job=delivery.job_id)
    row = await library.find(shop.app, again.job_id or "")
    assert by_default(row.params) == {"model"}
    await shop.run("cancel", which="all")
    await shop.work()
    # Who names it wants that one.
    await drawn(shop, model="two")
    await shop.work()
    _, delivery = shop.chat.delivered[-1]
    assert delivery.lines[0].key == "provider-no-funds"


async def test_what_was_made_before_is_found_however_it_was_asked_for(
    shop: Studio, two: Scripted
) -> None:
    shop = with_app(shop, rules=dataclasses.replace(shop.app.rules, cache_s=3600.0))
    await drawn(shop, seed=5, model="two", ratio="16:9")
    await shop.work()
    await choose(shop, model="two", ratio="16:9")
    before = await free(shop)
    await drawn(shop, seed=5)
    await shop.work()
    assert len(two.calls) == 1
    assert await free(shop) == before


async def test_a_default_on_an_own_key(shop: Studio) -> None:
    lock = Locksmith()
    app = lock.beside(shop.app)
    theirs = dataclasses.replace(app.models["one"], id="lock-1", vendor="lock")
    shop = with_app(shop, vendors=app.vendors, models={**app.models, "lock-1": theirs})
    await choose(shop, model="lock-1", count=4)
    params, _ = await drawn(shop)
    assert params.model is None
    await keys.add(shop.app, await person(shop), "lock", GOOD)
    params, _ = await drawn(shop)
    assert (params.model, params.count) == ("lock-1", 4)


async def test_what_has_no_such_options_is_left_as_it_is(shop: Studio) -> None:
    palette = shop.app.operations["palette"]
    made = palette.params(image=None)
    chosen = Preferences(model="two", ratio="16:9", count=3)
    kept = await preferences.applied(
        shop.app, palette, made, (), chosen, person_id="-", community=None
    )
    assert kept == (made, frozenset())


async def test_choosing_changes_only_what_is_named(room: Studio) -> None:
    ann = await person(room)
    assert await preferences.of_person(room.app, ann) == preferences.NONE
    await asyncio.gather(
        preferences.put(room.app, ann, model="one"),
        preferences.put(room.app, ann, private=True, language="fr"),
        preferences.put(room.app, ann, count=2),
    )
    chosen = await preferences.put(room.app, ann, model=None)
    assert chosen == Preferences(count=2, private=True, language="fr")
    assert await preferences.glance(room.app, "test", "ann") == chosen
    assert await preferences.glance(room.app, "test", "nobody") == preferences.NONE
    await preferences.reset(room.app, ann)
    assert await preferences.of_person(room.app, ann) == preferences.NONE
    with pytest.raises(ValueError, match="colour"):
        await preferences.put(room.app, ann, colour="red")


async def test_a_glance_takes_no_longer_than_it_may(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        async def read(self, *_: object) -> Preferences:
            await asyncio.sleep(60)
            raise AssertionError

    class Broken:
        async def read(self, *_: object) -> Preferences:
            await asyncio.sleep(0)
            raise OSError("no such host")

    monkeypatch.setattr(preferences, "GLANCE_S_MAX", 0.02)
    for database in (Slow(), Broken()):
        app = dataclasses.replace(room.app, database=_as_database(database))
        async with asyncio.timeout(1):
            assert await preferences.glance(app, "test", "ann") == preferences.NONE


def _as_database(fake: Any) -> Database:  # noqa: ANN401
    found: Database = fake
    return found


async def link(app: App, kept: str, gone: str) -> str:
    code = await linking.make_code(app, kept)
    asked = await linking.ask(app, gone, code)
    return (await linking.confirm(app, gone, asked.id)).link_id


async def test_two_who_become_one_keep_what_either_has_chosen(room: Studio) -> None:
    ann, ben, cleo = [await person(room, user) for user in ("ann", "ben", "cleo")]
    await preferences.put(room.app, ann, model="one", private=False)
    await preferences.put(room.app, ben, model="two", private=True, language="es")
    await link(room.app, ann, ben)
    await link(room.app, ann, cleo)
    one = Preferences(model="one", private=False, language="es")
    assert await preferences.of_person(room.app, ann) == one
    assert await preferences.of_person(room.app, ben) == preferences.NONE
    assert await preferences.glance(room.app, "test", "ben") == one
    # Whoever read who they are before the link writes to who is kept.
    await preferences.put(room.app, ben, count=3)
    assert await preferences.of_person(room.app, ann) == dataclasses.replace(one, count=3)
    await preferences.reset(room.app, cleo)
    assert await preferences.of_person(room.app, ann) == preferences.NONE


async def test_a_model_is_known_by_any_of_its_names(shop: Studio) -> None:
    ann = await person(shop)
    for name in ("one", "ONE", "old-one"):
        assert await preferences.check_model(shop.app, ann, name) == "one"
    editing = with_model(shop, "two", operations=("edit",))
    assert await preferences.check_model(editing.app, ann, "two") == "two"
    with pytest.raises(BadOption) as refused:
        await preferences.check_model(shop.app, ann, "three")
    assert refused.value.key == "model-unknown"
    assert refused.value.values["known"] == "one, two"


async def test_a_ratio_is_one_that_some_model_takes(shop: Studio) -> None:
    ann = await person(shop)
    assert await preferences.check_ratio(shop.app, ann, "16:9") == "16:9"
    for name in ("one", "two"):
        shop = with_model(shop, name, ratios=("1:1", "3:4"))
    with pytest.raises(BadOption) as refused:
        await preferences.check_ratio(shop.app, ann, "16:9")
    assert refused.value.values["choices"] == "1:1, 3:4"
