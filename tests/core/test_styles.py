"""Styles: whose counts first, what is kept with a job, how many there may be, and who becomes one."""

from __future__ import annotations

import asyncio
import dataclasses
import io

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError

from core import linking, preferences, shipped_styles, styles
from core.app import App
from core.errors import BadOption, NotFound, UserError
from core.jobs import library
from core.operations.imagine import Imagine
from core.options import by_default, from_json
from core.people import recognise
from core.styles import Source
from storage import styles as stored
from storage.styles import StyleRow
from tests.core.jobs.test_calls import with_vendors
from tests.core.test_moderation import Judge
from tests.core.test_preferences import with_app
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio

HERE, THERE = "test:1", "test:2"


async def person(app: App, user: str = "ann") -> str:
    return await recognise(app, "test", user, user)


async def found(app: App, name: str, person_id: str, community: str | None = None) -> str:
    style = await styles.named(app, name, person_id, community)
    return f"{style.source}: {style.words}"


def test_every_shipped_style_has_its_example() -> None:
    every = shipped_styles.shipped()
    assert 16 <= len(every) <= 24
    files = {path.stem for path in shipped_styles.FOLDER.glob("*.webp")}
    assert files == {style.name for style in every}
    for style in every:
        assert style.name == styles.plain(style.name)
        assert len(style.words) <= stored.WORDS_LENGTH
        with Image.open(io.BytesIO(shipped_styles.example(style.name))) as image:
            assert (image.format, image.size) == ("WEBP", (256, 256))
        assert len(shipped_styles.example(style.name)) < 25_000
    with Image.open(io.BytesIO(shipped_styles.sheet())) as image:
        assert image.format == "JPEG"


async def test_ones_own_comes_before_the_communitys_and_that_before_a_shipped_one(
    room: Studio,
) -> None:
    app = room.app
    ann, ben = await person(app), await person(app, "ben")
    assert (await found(app, "ink", ann, HERE)).startswith("shipped: a sumi-e")
    await styles.add(app, "ink", "blue ink", community=HERE)
    assert await found(app, "INK", ann, HERE) == "community: blue ink"
    await styles.add(app, "Ink", "red ink", person_id=ann)
    assert await found(app, " ink ", ann, HERE) == "mine: red ink"
    assert await found(app, "ink", ann, None) == "mine: red ink"
    assert await found(app, "ink", ben, HERE) == "community: blue ink"
    assert (await found(app, "ink", ben, THERE)).startswith("shipped")
    assert (await found(app, "ink", ben, None)).startswith("shipped")
    listed = await styles.listed(app, ben, HERE)
    assert (listed.mine, [style.words for style in listed.community]) == ((), ["blue ink"])


async def test_names_and_words_are_kept_plain(room: Studio) -> None:
    ann = await person(room.app)
    await styles.add(room.app, "  Été  à la Mer ", "soft\n  light ", " fog ", person_id=ann)
    [style] = (await styles.listed(room.app, ann, None)).mine
    assert (style.name, style.words, style.negative) == ("été-à-la-mer", "soft light", "fog")
    assert (await styles.find(room.app, "ÉTÉ à la mer", ann, None)) == style
    assert await styles.add(room.app, "été à la mer", "hard light", person_id=ann)
    [style] = (await styles.listed(room.app, ann, None)).mine
    assert (style.words, style.negative, style.source) == ("hard light", None, Source.MINE)


@pytest.mark.parametrize(
    ("name", "words", "key"),
    [
        ("", "x", "style-name"),
        ("a/b", "x", "style-name"),
        ("x" * 41, "x", "style-name"),
        ("<b>", "x", "style-name"),
        ("a", " \n ", "option-missing"),
        ("a", "x" * 501, "option-too-long"),
    ],
)
async def test_what_is_no_style(room: Studio, name: str, words: str, key: str) -> None:
    with pytest.raises(BadOption) as refused:
        await styles.add(room.app, name, words, person_id=await person(room.app))
    assert refused.value.key == key


async def test_an_unknown_style_is_told_with_names_that_are_like_it(room: Studio) -> None:
    ann = await person(room.app)
    await styles.add(room.app, "water-lily", "x", person_id=ann)
    with pytest.raises(BadOption) as refused:
        await styles.named(room.app, "watercolor", ann, None)
    assert refused.value.key == "style-unknown-like"
    assert str(refused.value.values["like"]).startswith("watercolour")
    with pytest.raises(BadOption) as refused:
        await styles.named(room.app, "zzzzz", ann, None)
    assert refused.value.key == "style-unknown"


@pytest.mark.parametrize("of", ["person_id", "community"])
async def test_there_is_room_for_so_many(
    room: Studio, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    assert (styles.OWN_MAX, styles.COMMUNITY_MAX) == (50, 100)
    monkeypatch.setattr("core.styles.OWN_MAX", 2)
    monkeypatch.setattr("core.styles.COMMUNITY_MAX", 2)
    ann = await person(room.app)
    owner = {of: ann if of == "person_id" else HERE}
    for name in ("a", "b"):
        assert not await styles.add(room.app, name, "x", **owner)
    with pytest.raises(UserError) as refused:
        await styles.add(room.app, "c", "x", **owner)
    assert (refused.value.key, refused.value.values) == ("styles-too-many", {"max": 2})
    assert await styles.add(room.app, "b", "y", **owner)
    other = {of: await person(room.app, "ben") if of == "person_id" else THERE}
    await styles.add(room.app, "c", "x", **other)
    await styles.remove(room.app, "A", **owner)
    await styles.add(room.app, "c", "x", **owner)
    with pytest.raises(NotFound):
        await styles.remove(room.app, "a", **owner)


async def test_the_same_style_twice_at_once_is_one(room: Studio) -> None:
    ann = await person(room.app)
    await asyncio.gather(
        *(styles.add(room.app, "ink", f"{number}", person_id=ann) for number in range(5))
    )
    assert len((await styles.listed(room.app, ann, None)).mine) == 1


async def test_a_style_has_one_owner(room: Studio) -> None:
    ann = await person(room.app)
    for person_id, community in ((None, None), (ann, HERE)):
        row = StyleRow(
            id="1" * 32,
            person_id=person_id,
            community=community,
            name="a",
            words="x",
            negative=None,
            made_at=room.app.clock.now(),
        )
        with pytest.raises(IntegrityError):
            await room.app.database.transaction(stored.put, row)


async def test_two_who_become_one_keep_all_styles_and_may_part_again(room: Studio) -> None:
    app = room.app
    ann, ben = await person(app), await person(app, "ben")
    for name in ("ink", "mine"):
        await styles.add(app, name, f"{name} of ann", person_id=ann)
    for name in ("ink", "ink-2", "theirs"):
        await styles.add(app, name, f"{name} of ben", person_id=ben)
    code = await linking.make_code(app, ann)
    done = await linking.confirm(app, ben, (await linking.ask(app, ben, code)).id)
    listed = (await styles.listed(app, ann, None)).mine
    assert {style.name: style.words for style in listed} == {
        "ink": "ink of ann",
        "ink-2": "ink-2 of ben",
        "ink-3": "ink of ben",
        "mine": "mine of ann",
        "theirs": "theirs of ben",
    }
    await styles.add(app, "later", "x", person_id=ben)
    assert (await styles.listed(app, ben, None)).mine == ()
    await linking.unlink(app, done.link_id)
    assert [style.name for style in (await styles.listed(app, ann, None)).mine] == [
        "ink",
        "later",
        "mine",
    ]
    assert [style.name for style in (await styles.listed(app, ben, None)).mine] == [
        "ink-2",
        "ink-3",
        "theirs",
    ]


async def params_of(room: Studio, job_id: str | None) -> Imagine:
    assert job_id is not None
    return from_json(Imagine, (await library.find(room.app, job_id)).params)


async def test_a_job_keeps_the_words_that_it_was_asked_with(room: Studio) -> None:
    one, judge = Scripted(), Judge()
    room = with_vendors(room, one=one, judge=judge)
    room = with_app(room, rules=dataclasses.replace(room.app.rules, moderate=True))
    ann = await person(room.app)
    await styles.add(room.app, "mine", "gold leaf", "rust", person_id=ann)
    reply = await room.run("imagine", prompt="a fox, ", style="Mine", negative="snow")
    assert reply.prompt == "a fox,"
    await styles.remove(room.app, "mine", person_id=ann)
    assert await room.work() == 1
    [request] = one.calls
    assert request.prompt == "a fox, gold leaf"
    # This model cannot leave things out; another that stands in may, so all is judged.
    assert request.negative is None
    assert judge.judged == [("a fox, gold leaf\nsnow\nrust", ())]
    [(_, delivery)] = room.chat.delivered
    assert delivery.prompt == "a fox,"
    said = {line.key: line.values for line in delivery.lines}
    assert said["made-in-style"] == {"style": "mine"}
    # The same again is the same, though the style is gone; who asks anew is told.
    again = await room.run("again", job=delivery.job_id)
    assert (await params_of(room, again.job_id)).style_words == "gold leaf"
    refused = await room.run("imagine", prompt="a fox", style="mine")
    assert refused.error
    assert refused.lines[0].key.startswith("style-unknown")


async def test_what_a_style_leaves_out_is_told_to_who_takes_it(room: Studio) -> None:
    one = Scripted()
    room = with_vendors(room, one=one)
    models = {"one": dataclasses.replace(room.app.models["one"], negative=True)}
    room = with_app(room, models=models)
    await room.run("imagine", prompt="a fox", style="ink")
    await room.run("imagine", prompt="a fox", style="ink", negative="snow")
    await room.run("imagine", prompt="a fox")
    await room.work()
    ink = shipped_styles.by_name()["ink"]
    assert [call.negative for call in one.calls] == [ink.negative, f"snow, {ink.negative}", None]
    assert one.calls[0].prompt == f"a fox, {ink.words}"
    assert one.calls[2].prompt == "a fox"


async def test_a_communitys_style_is_for_those_who_speak_there(room: Studio) -> None:
    room = with_vendors(room, one=Scripted())
    await styles.add(room.app, "ours", "our words", community=HERE)
    call = room.call(prompt="a fox", style="ours")
    refused = await room.dispatch.run("imagine", call)
    assert refused.error
    reply = await room.dispatch.run(
        "imagine", dataclasses.replace(room.call(prompt="a fox", style="ours"), community=HERE)
    )
    assert (await params_of(room, reply.job_id)).style_words == "our words"


async def test_a_style_out_of_settings(room: Studio) -> None:
    room = with_vendors(room, one=Scripted())
    ann = await person(room.app)
    await styles.add(room.app, "mine", "gold leaf", person_id=ann)
    await preferences.put(room.app, ann, style="mine")
    reply = await room.run("imagine", prompt="a fox")
    params = await params_of(room, reply.job_id)
    assert (params.style, params.style_words) == ("mine", "gold leaf")
    row = await library.find(room.app, reply.job_id or "")
    assert by_default(row.params) == {"style"}
    reply = await room.run("imagine", prompt="a fox", style="ink")
    assert (await params_of(room, reply.job_id)).style == "ink"
    await styles.remove(room.app, "mine", person_id=ann)
    reply = await room.run("imagine", prompt="a fox")
    assert (await params_of(room, reply.job_id)).style is None
