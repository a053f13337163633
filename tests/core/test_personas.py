"""Personas: nothing is kept without a yes, nothing stays after a no, and they are their person's alone."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from core import personas, photos, sweep
from core.app import App
from core.errors import BadImage, BadOption, Busy, NotFound, UserError
from core.messenger import Limits
from core.people import recognise
from core.picture_header import read_header
from storage import personas as stored
from tests.fakes.critic import Critic, made, photo, there, upload
from tests.fakes.later import Later
from tests.fakes.studio import Studio, studio


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: made)
    return made


@pytest.fixture
async def room(critic: Critic, database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def app(room: Studio, clock: Later) -> App:
    return dataclasses.replace(room.app, clock=clock)


async def person(app: App, user: str = "ann") -> str:
    return await recognise(app, "test", user, user)


async def rows(app: App) -> tuple[int, int]:
    """How many personas and photos there are in the tables."""

    def count(connection: Connection) -> tuple[int, int]:
        first, second = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (stored.persona, stored.persona_photo)
        )
        return first, second

    return await app.database.read(count)


async def test_photos_that_are_agreed_to_are_ready(app: App, critic: Critic) -> None:
    ann = await person(app)
    given = await upload(app, 64, 65, 64)
    asked = await personas.create(app, ann, "  Anna   Maria ", given)
    # The same picture twice is one photo.
    assert (asked.name, asked.state, asked.count) == ("Anna Maria", "asked", 2)
    assert critic.looked == []
    with pytest.raises(UserError, match="persona-not-ready"):
        await personas.sitter(app, ann, "anna maria")
    found = await personas.agree(app, ann, asked.id)
    assert (found.state, found.photos, critic.looked) == ("ready", tuple(given[:2]), [64, 65])
    assert await personas.listed(app, ann) == [found]
    again = await personas.agree(app, ann, asked.id)
    assert (again, critic.looked) == (found, [64, 65])
    assert await personas.sitter(app, ann, "ANNA  maria") == found
    sources = await personas.sources(app, ann, found.id, "Anna")
    assert [item.data for item in sources] == [
        await app.blobs.get(item.sha256) for item in given[:2]
    ]
    limits = Limits(pictures_max=10, bytes_max=10**7)
    seen = await personas.shown(app, found, limits)
    assert [item.data for item in seen] == [item.data for item in sources]
    # What a message cannot carry is made smaller.
    (small, _) = await personas.shown(
        app, found, Limits(pictures_max=10, bytes_max=10**7, side_sum_max=64)
    )
    assert read_header(small.data).width == 32
    row = await app.database.read(stored.find, found.id)
    assert row is not None
    assert row.consent_at is not None


async def test_photos_that_are_not_fit_are_deleted_and_named(app: App, critic: Critic) -> None:
    ann = await person(app)
    critic.blames = {65: "no-face", 67: "too-blurred"}
    given = await upload(app, 64, 65, 66, 67)
    asked = await personas.create(app, ann, "Anna", given)
    found = await personas.agree(app, ann, asked.id)
    assert (found.state, found.count) == ("failed", 4)
    assert found.reasons == {2: "no-face", 4: "too-blurred"}
    assert found.photos == ()
    assert await there(app, *given) == [False] * 4
    with pytest.raises(UserError, match="persona-not-ready"):
        await personas.sitter(app, ann, "Anna")
    second = await personas.create(app, ann, "ANNA", await upload(app, 64, 66))
    assert (await personas.agree(app, ann, second.id)).state == "ready"
    assert [item.id for item in await personas.listed(app, ann)] == [second.id]
    assert await rows(app) == (1, 2)


async def test_what_is_not_agreed_to_is_deleted(app: App, clock: Later) -> None:
    ann = await person(app)
    given = await upload(app, 64, 65)
    asked = await personas.create(app, ann, "Anna", given)
    await personas.refuse(app, ann, asked.id)
    assert await there(app, *given) == [False, False]
    assert await rows(app) == (0, 0)
    for decide in (personas.agree, personas.refuse):
        with pytest.raises(NotFound, match="persona-over"):
            await decide(app, ann, asked.id)
    given = await upload(app, 64, 65)
    asked = await personas.create(app, ann, "Anna", given)
    clock.ahead = timedelta(minutes=59)
    await sweep.sweep(app)
    assert await there(app, *given) == [True, True]
    clock.ahead = timedelta(minutes=61)
    with pytest.raises(NotFound, match="persona-over"):
        await personas.agree(app, ann, asked.id)
    await sweep.sweep(app)
    assert await there(app, *given) == [False, False]
    assert await rows(app) == (0, 0)


async def test_a_no_after_a_yes_changes_nothing(app: App) -> None:
    ann = await person(app)
    found = await made(app, ann)
    with pytest.raises(UserError, match="persona-agreed"):
        await personas.refuse(app, ann, found.id)
    assert await personas.listed(app, ann) == [found]


async def test_photos_sent_again_take_the_place_of_those_not_agreed_to(app: App) -> None:
    ann = await person(app)
    first = await upload(app, 64, 65)
    before = await personas.create(app, ann, "Anna", first)
    second = await upload(app, 65, 66)
    asked = await personas.create(app, ann, "anna", second)
    assert await there(app, *first) == [False, True]
    with pytest.raises(NotFound, match="persona-over"):
        await personas.agree(app, ann, before.id)
    assert (await personas.agree(app, ann, asked.id)).photos == tuple(second)


async def test_a_name_is_had_once_by_each_person(app: App) -> None:
    ann, ben = await person(app), await person(app, "ben")
    await made(app, ann, "Anna")
    given = await upload(app, 70)
    with pytest.raises(UserError, match="persona-name-taken"):
        await personas.create(app, ann, "ANNA", given)
    assert await there(app, *given) == [False]
    assert (await made(app, ben, "Anna")).state == "ready"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", "option-missing"),
        (" \t ", "option-control-characters"),
        ("\N{ZERO WIDTH JOINER}", "option-missing"),
        ("A\nB", "option-control-characters"),
        ("A\N{RIGHT-TO-LEFT OVERRIDE}B", "option-control-characters"),
        ("x" * 41, "option-too-long"),
    ],
)
async def test_names_that_cannot_be(app: App, name: str, key: str) -> None:
    given = await upload(app, 64)
    with pytest.raises(BadOption, match=key):
        await personas.create(app, await person(app), name, given)
    assert await there(app, *given) == [False]


@pytest.mark.parametrize("name", ["x" * 40, "ﬃ" * 40, "علی\N{ZERO WIDTH NON-JOINER}رضا", "安娜"])
async def test_names_that_can_be(app: App, name: str) -> None:
    ann = await person(app)
    await made(app, ann, name)
    assert (await personas.sitter(app, ann, name)).count == 1


async def test_so_many_personas_and_photos_at_most(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personas, "PERSONAS_MAX", 2)
    ann = await person(app)
    given = await upload(app, *range(64, 70))
    with pytest.raises(BadOption, match="too-many-images"):
        await personas.create(app, ann, "Anna", given)
    assert await there(app, *given) == [False] * 6
    given = await upload(app, 64)
    made_at_once = await asyncio.gather(
        *(personas.create(app, ann, f"Anna {number}", given) for number in range(5)),
        return_exceptions=True,
    )
    refused = [item.key for item in made_at_once if isinstance(item, UserError)]
    assert refused == ["personas-too-many"] * 3
    assert len(await personas.listed(app, ann)) == 2


async def test_the_same_name_at_once_is_one_persona(app: App) -> None:
    ann = await person(app)
    given = await upload(app, 64)
    asked = await asyncio.gather(*(personas.create(app, ann, "Anna", given) for _ in range(5)))
    left = [item.id for item in await personas.listed(app, ann)]
    assert len(left) == 1
    assert left[0] in {item.id for item in asked}


async def test_agreed_to_at_once_it_is_decided_once(app: App) -> None:
    ann = await person(app)
    asked = await personas.create(app, ann, "Anna", await upload(app, 64, 65))
    found = await asyncio.gather(*(personas.agree(app, ann, asked.id) for _ in range(5)))
    assert {item.state for item in found} == {"ready"}
    assert await rows(app) == (1, 2)


async def test_somebody_else_can_do_nothing_and_is_told_nothing(app: App) -> None:
    ann, ben = await person(app), await person(app, "ben")
    asked = await personas.create(app, ann, "Anna", await upload(app, 64))
    for decide in (personas.agree, personas.refuse, personas.remove, personas.seen):
        with pytest.raises(NotFound) as theirs:
            await decide(app, ben, asked.id)
        with pytest.raises(NotFound) as unknown:
            await decide(app, ben, "0" * 32)
        assert (theirs.value.key, theirs.value.values) == (unknown.value.key, unknown.value.values)
    await personas.agree(app, ann, asked.id)
    for find in (personas.sitter, personas.named):
        said = []
        for name in ("Anna", "Ben"):
            with pytest.raises(NotFound) as refused:
                await find(app, ben, name)
            said.append((refused.value.key, dict(refused.value.values, persona="")))
        assert said[0] == said[1]
    assert (await personas.seen(app, ann, asked.id)).state == "ready"


async def test_what_is_removed_is_gone_at_once(room: Studio, app: App) -> None:
    ann = await person(app)
    found = await made(app, ann, "Anna", 64, 65)
    # A job that was given the same picture still needs it.
    await room.run("palette", uploads=[photo(65)])
    assert await personas.remove(app, ann, found.id) == "Anna"
    assert await there(app, *found.photos) == [False, True]
    assert await rows(app) == (0, 0)
    assert await room.work() == 1
    for find in (personas.sitter, personas.named):
        with pytest.raises(NotFound, match="persona-unknown"):
            await find(app, ann, "Anna")
    with pytest.raises(NotFound):
        await personas.remove(app, ann, found.id)


async def test_a_result_that_is_thrown_away_leaves_a_persona_its_photo(
    room: Studio, app: App
) -> None:
    ann = await person(app)
    found = await made(app, ann, "Anna", 64)
    asked = await room.run("palette", uploads=[photo(64)])
    await room.work()
    assert (await room.run("delete", job=asked.job_id)).lines[0].key == "deleted"
    assert await there(app, *found.photos) == [True]


async def test_the_sweep_leaves_photos_alone(app: App, clock: Later) -> None:
    ann = await person(app)
    found = await made(app, ann, "Anna", 64, 65)
    stray = await upload(app, 66)
    clock.ahead = timedelta(hours=25)
    for part in range(sweep.ROUNDS):
        await sweep._blobs(app, part)
    assert await there(app, *found.photos, *stray) == [True, True, False]


async def test_all_that_a_person_has_can_be_erased(app: App) -> None:
    ann, ben = await person(app), await person(app, "ben")
    first, second = await made(app, ann, "Anna", 64), await made(app, ann, "Bea", 65)
    other = await made(app, ben, "Ben", 65)
    hashes = await app.database.transaction(personas.erase, ann)
    await photos.forget(app, hashes)
    assert await there(app, *first.photos, *second.photos, *other.photos) == [False, True, True]
    assert await personas.listed(app, ann) == []
    assert await personas.listed(app, ben) == [other]


async def test_a_check_that_was_cut_off_goes_on(app: App, critic: Critic, clock: Later) -> None:
    ann = await person(app)
    asked = await personas.create(app, ann, "Anna", await upload(app, 64))
    critic.fails = [Busy("images-busy")]
    with pytest.raises(Busy):
        await personas.agree(app, ann, asked.id)
    assert (await personas.listed(app, ann))[0].state == "checking"
    with pytest.raises(UserError, match="persona-name-taken"):
        await personas.create(app, ann, "Anna", await upload(app, 65))
    assert (await personas.agree(app, ann, asked.id)).state == "ready"
    asked = await personas.create(app, ann, "Bea", await upload(app, 66))
    critic.fails = [Busy("images-busy"), Busy("images-busy")]
    with pytest.raises(Busy):
        await personas.agree(app, ann, asked.id)
    clock.ahead = timedelta(minutes=61)
    await sweep.sweep(app)
    await sweep.sweep(app)
    assert [item.state for item in await personas.listed(app, ann)] == ["ready", "ready"]


async def test_a_photo_that_cannot_be_looked_at_is_not_fit(app: App, critic: Critic) -> None:
    ann = await person(app)
    given = await upload(app, 64, 65)
    asked = await personas.create(app, ann, "Anna", given)
    await app.blobs.delete(given[0].sha256)
    critic.fails = [BadImage("image-too-heavy")]
    found = await personas.agree(app, ann, asked.id)
    assert (found.state, found.reasons) == ("failed", {1: "gone", 2: "unreadable"})
