"""styles: what is shown, what is kept and for whom, and what a real vendor's server is told."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.command import Call, Reply
from bot.i18n import sentences
from core import styles
from core.app import Rules
from core.authority import Authority
from core.people import recognise
from core.shipped_styles import by_name, shipped
from providers.base import Credentials
from providers.openai import PROVIDER as OPENAI
from tests.conftest import on_sqlite
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.studio import Studio, studio

pytestmark = on_sqlite

HERE = "test:room"
MODERATOR = Authority(community=HERE, actor="test:ann", moderator=True)
MEMBER = dataclasses.replace(MODERATOR, moderator=False)


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """The offline sketch alone."""
    async with studio(database_url, tmp_path) as opened:
        yield opened


def said(reply: Reply, language: str = "en") -> list[str]:
    assert reply.private
    return list(sentences(language, reply.lines))


async def there(
    room: Studio,
    authority: Authority | None = None,
    **arguments: Any,  # noqa: ANN401
) -> Reply:
    """A command in a community."""
    call: Call = dataclasses.replace(room.call(**arguments), community=HERE, authority=authority)
    return await room.dispatch.run("styles", call)


OVERVIEW = {
    "en": ["Styles: one of these names goes", "For all: photo, cinematic, noir, watercolour"],
    "fr": ["Styles : un de ces noms va", "Pour tout le monde : photo, cinematic, noir"],
    "es": ["Estilos: uno de estos nombres va", "Para todos: photo, cinematic, noir"],
}


@pytest.mark.parametrize("language", OVERVIEW)
async def test_the_shipped_ones_are_shown_with_examples(room: Studio, language: str) -> None:
    reply = await room.run("styles")
    for line, begins in zip(said(reply, language), OVERVIEW[language], strict=False):
        assert line.startswith(begins)
    assert [sample.name for sample in reply.samples] == [style.name for style in shipped()]
    assert reply.buttons == ()
    assert "/styles" in said(reply, language)[-1]


async def test_keeping_showing_and_removing_ones_own(room: Studio) -> None:
    reply = await room.run("styles", do="add", name="Soft Gold", words="gold leaf, soft light")
    assert said(reply) == ["The style soft-gold is kept."]
    reply = await room.run("styles", do="add", name="soft-gold", words="gold leaf", negative="fog")
    assert said(reply) == ["The style soft-gold has other words now."]
    reply = await room.run("styles", do="show", name="soft gold")
    assert said(reply) == ["soft-gold: gold leaf", "Left out: fog", "It is yours."]
    assert reply.samples == ()
    reply = await room.run("styles")
    assert said(reply)[-1] == "Yours: soft-gold"
    [button] = reply.buttons
    assert button.label == "Yours"
    listed = await room.dispatch.press(button.pack(), room.call())
    assert said(listed) == ["Your styles:", "soft-gold: gold leaf"]
    assert said(await room.run("styles", whose="mine")) == said(listed)
    assert said(await room.run("styles", "ben", whose="mine"))[0].startswith("You have no styles")
    refused = await room.run("styles", "ben", do="remove", name="soft-gold")
    assert said(refused)[0].startswith("There is no style “soft-gold” to remove there.")
    reply = await room.run("styles", do="remove", name="Soft Gold")
    assert said(reply) == ["The style soft-gold is forgotten."]
    assert said(await room.run("styles", do="remove", name="ink"))[0].startswith("There is no")


async def test_a_shipped_one_is_shown_with_its_example(room: Studio) -> None:
    reply = await room.run("styles", do="show", name="Ink")
    ink = by_name()["ink"]
    assert said(reply) == [f"ink: {ink.words}", f"Left out: {ink.negative}", "All have it."]
    assert [sample.name for sample in reply.samples] == ["ink"]


async def test_a_communitys_are_its_moderators(room: Studio) -> None:
    given = {"do": "add", "name": "ours", "words": "our words", "whose": "community"}
    elsewhere = await room.run("styles", **given)
    assert said(elsewhere) == [
        "That is for moderators, in their own server or group. Here there is none."
    ]
    refused = await there(room, MEMBER, **given)
    assert said(refused) == ["Only moderators of this community can do that."]
    assert said(await there(room, MODERATOR, **given)) == [
        "The style ours is kept for this community."
    ]
    listed = await there(room, MEMBER, whose="community")
    assert said(listed) == ["The styles of this community:", "ours: our words"]
    assert said(await there(room, MEMBER))[2] == "Of this community: ours"
    assert said(await there(room, MEMBER, do="show", name="ours"))[-1] == (
        "It is one of this community."
    )
    assert said(await room.run("styles", whose="community")) == [
        "That is for servers and groups. Here there is none."
    ]
    gone = {"do": "remove", "name": "ours", "whose": "community"}
    assert said(await there(room, MEMBER, **gone)) == said(refused)
    assert (await there(room, MODERATOR, do="remove", name="ours")).error
    assert said(await there(room, MODERATOR, **gone)) == ["The style ours is forgotten."]
    assert said(await there(room, MEMBER, whose="community"))[0].startswith("This community has no")


async def test_pages(room: Studio) -> None:
    person = await recognise(room.app, "test", "ann", "ann")
    for number in range(21):
        await styles.add(
            room.app, f"a-long-name-of-style-{number:02}", "w " * 200, person_id=person
        )
    reply = await room.run("styles")
    assert said(reply)[-1].endswith("and 7 more")
    shown, reply = [], await room.run("styles", whose="mine")
    for page in ("2/3 →", "3/3 →", "1/3 ←"):
        shown += [str(line.values["style"]) for line in reply.lines[1:]]
        assert all(len(line) < 200 for line in said(reply))
        button, back = reply.buttons
        assert (button.label, back.given) == (page, ("page", "shipped-1"))
        reply = await room.dispatch.press(button.pack(), room.call())
    assert len(set(shown)) == 21
    late = await room.dispatch.press("styles:page=mine-99", room.call())
    assert len(late.lines) == 2
    for forged in ("mine-0", "yours-1", "mine", "mine-100"):
        reply = await room.dispatch.press(f"styles:page={forged}", room.call())
        assert (reply.error, reply.lines[0].key) == (True, "button-unknown")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"do": "add", "name": "x"}, "Something is missing: words. Say it and try again."),
        ({"do": "add", "words": "x"}, "Something is missing: name. Say it and try again."),
        ({"do": "show"}, "Something is missing: name. Say it and try again."),
        ({"do": "remove"}, "Something is missing: name. Say it and try again."),
        (
            {"do": "add", "name": "a/b", "words": "x"},
            "A style's name has letters, digits and hyphens, 40 at the most.",
        ),
        ({"do": "show", "name": "zzz"}, "There is no style “zzz”. /styles shows what there is."),
        ({"do": "paint"}, "do can be list, add, remove, show, not “paint”."),
        ({"whose": "yours"}, "whose can be mine, community, not “yours”."),
    ],
)
async def test_what_cannot_be_done(room: Studio, given: dict[str, str], sentence: str) -> None:
    reply = await room.run("styles", **given)
    assert reply.error
    assert said(reply) == [sentence]


async def test_suggestions(room: Studio) -> None:
    for command, option in (("styles", "name"), ("imagine", "style"), ("settings", "style")):
        found = [item.value for item in room.dispatch.suggest(command, option, "paint")]
        assert found == ["oil"]
        assert len(room.dispatch.suggest(command, option, "")) == len(shipped())


async def test_a_vendors_server_is_told_the_words_and_so_is_its_moderation(
    database_url: str, tmp_path: Path
) -> None:
    async with FakeOpenAI() as server:
        opened = OPENAI.open(Credentials(key=server.key, base_url=server.url))
        assert opened is not None
        rules = Rules(vendor_order=("openai",), moderate=True)
        async with studio(
            database_url, tmp_path, rules=rules, providers={"openai": opened}
        ) as room:
            words = {"do": "add", "name": "mine", "words": "gold leaf", "negative": "rust"}
            await room.run("styles", **words)
            await room.run("imagine", prompt="a fox", style="mine")
            await room.run("styles", do="remove", name="mine")
            assert await room.work() == 1
            [(_, delivery)] = room.chat.delivered
            assert [line.key for line in delivery.lines] == ["made-in-style", "made-by", "receipt"]
            judged, asked = [seen.body for seen in server.seen if seen.method == "POST"]
            assert "gold leaf" in str(judged)
            assert "rust" in str(judged)
            assert asked["prompt"].startswith("a fox, gold leaf")
            assert "rust" in asked["prompt"]
        await opened.close()
        assert server.violations == []
