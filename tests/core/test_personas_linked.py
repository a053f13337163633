"""Personas of two people who become one, and of two who are parted again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import linking, personas
from core.app import App
from core.people import recognise
from tests.fakes.critic import Critic, made, upload
from tests.fakes.studio import studio


@pytest.fixture
async def app(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    monkeypatch.setattr("tests.fakes.studio.Images", Critic)
    async with studio(database_url, tmp_path) as opened:
        yield opened.app


async def person(app: App, user: str) -> str:
    return await recognise(app, "test", user, user)


async def link(app: App, kept: str, gone: str) -> linking.Linked:
    code = await linking.make_code(app, kept)
    asked = await linking.ask(app, gone, code)
    return await linking.confirm(app, gone, asked.id)


async def test_personas_go_to_who_is_kept_and_back(app: App) -> None:
    ann, ben = await person(app, "ann"), await person(app, "ben")
    long = "x" * 40
    for who in (ann, ben):
        await made(app, who, "Anna")
        await made(app, who, long)
    theirs = await made(app, ben, "Ben", 66)
    pending = await personas.create(app, ben, "Cleo", await upload(app, 67))
    done = await link(app, ann, ben)
    names = [item.name for item in await personas.listed(app, ann)]
    assert sorted(names) == sorted(["Anna", long, "Anna 2", "x" * 38 + " 2", "Ben", "Cleo"])
    assert await personas.listed(app, ben) == []
    assert (await personas.sitter(app, ann, "anna 2")).count == 1
    # Who pressed before the link is who is kept now.
    assert (await personas.agree(app, ben, pending.id)).state == "ready"
    await personas.remove(app, ann, theirs.id)
    await linking.unlink(app, done.link_id)
    assert [item.name for item in await personas.listed(app, ann)] == ["Anna", long]
    back = sorted(item.name for item in await personas.listed(app, ben))
    assert back == sorted(["Anna 2", "x" * 38 + " 2", "Cleo"])


async def test_photos_that_come_while_a_link_is_made_are_not_lost(app: App) -> None:
    for number in range(5):
        ann, ben = await person(app, f"ann{number}"), await person(app, f"ben{number}")
        code = await linking.make_code(app, ann)
        asked = await linking.ask(app, ben, code)
        await asyncio.gather(
            personas.create(app, ben, "Anna", await upload(app, 64)),
            linking.confirm(app, ben, asked.id),
            personas.create(app, ann, "Anna", await upload(app, 65)),
        )
        left = sorted(item.name for item in await personas.listed(app, ann))
        # One of two that come after one another to the same person takes the other's place.
        assert left in (["Anna"], ["Anna", "Anna 2"])
        assert await personas.listed(app, ben) == []
