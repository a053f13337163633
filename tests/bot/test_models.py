"""models and info: what is shown of the models, to whom, on which page, and in which words."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.command import Reply
from bot.commands import models
from bot.i18n import sentences
from core import keys
from core.people import recognise
from providers.base import Model
from tests.conftest import on_sqlite
from tests.fakes.locksmith import GOOD, Locksmith
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio, studio


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """The offline sketch alone, as after the first start."""
    async with studio(database_url, tmp_path) as opened:
        yield opened


def row(name: str, vendor: str = "openai", **more: object) -> Model:
    given: dict[str, object] = {"title": name.title(), "operations": ("imagine",), "credits": 2}
    return Model(id=name, vendor=vendor, vendor_model=name, **(given | more))  # type: ignore[arg-type]


def stocked(room: Studio, *rows: Model, **rules: object) -> Studio:
    """A vendor of ours with these models, and one that people bring keys for."""
    app = Locksmith().beside(room.app)
    app = dataclasses.replace(
        app,
        providers={"openai": Scripted()},
        models={item.id: item for item in rows},
        rules=dataclasses.replace(app.rules, **rules),  # type: ignore[arg-type]
    )
    return dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))


async def with_key(room: Studio, prefer: str = "own") -> None:
    person = await recognise(room.app, "test", "ann", "ann")
    await keys.add(room.app, person, "lock", GOOD)
    await keys.prefer(room.app, person, prefer, fall_back=False)


def said(reply: Reply, language: str = "en") -> list[str]:
    assert reply.private
    return list(sentences(language, reply.lines))


def labels(reply: Reply) -> list[str | None]:
    return [button.label for button in reply.buttons]


async def shows(room: Studio, show: str = "imagine", language: str = "en") -> list[str]:
    return said(await room.run("models", show=show), language)


WORDS: Mapping[str, list[str]] = {
    "en": [
        "Models for /imagine:",
        "plain: Plain, free",
        "one: One, 1 credit a picture. Good at: hares",
        "two: Two, 2 credits a picture. Good at: foxes. Until 2026-12-31",
        "three: Three, 3 credits a picture. Until 2027-01-31",
    ],
    "fr": [
        "Modèles pour /imagine :",
        "plain : Plain, gratuit",
        "one : One, 1 crédit par image. Bon pour : hares",
        "two : Two, 2 crédits par image. Bon pour : foxes. Jusqu’au 2026-12-31",
        "three : Three, 3 crédits par image. Jusqu’au 2027-01-31",
    ],
    "es": [
        "Modelos para /imagine:",
        "plain: Plain, gratis",
        "one: One, 1 crédito por imagen. Bueno para: hares",
        "two: Two, 2 créditos por imagen. Bueno para: foxes. Hasta 2026-12-31",
        "three: Three, 3 créditos por imagen. Hasta 2027-01-31",
    ],
}


@on_sqlite
@pytest.mark.parametrize("language", WORDS)
async def test_a_line_for_each_model(room: Studio, language: str) -> None:
    rows = (
        row("plain", credits=0),
        row("one", credits=1, good_at="hares"),
        row("two", good_at="foxes", ends=date(2026, 12, 31)),
        row("three", credits=3, ends=date(2027, 1, 31)),
        row("another's", vendor="xai"),
        row("off", operations=()),
    )
    assert await shows(stocked(room, *rows), language=language) == WORDS[language]


OWN: Mapping[str, list[str]] = {
    "en": ["on your own key", "on your own key, 1 credit a picture", "2 credits a picture"],
    "fr": ["avec votre propre clé", "avec votre propre clé, 1 crédit par image"],
    "es": ["con tu propia clave", "con tu propia clave, 1 crédito por imagen"],
}


@pytest.mark.parametrize("language", OWN)
async def test_who_has_a_key_sees_that_it_pays(room: Studio, language: str) -> None:
    rows = (row("ours", title="X"), row("theirs", "lock", title="X"))
    room = stocked(room, *rows)
    assert len(await shows(room)) == 2
    await with_key(room)
    _, first, second = await shows(room, language=language)
    assert first.startswith("theirs")
    assert first.endswith(f"X, {OWN[language][0]}")
    assert second.startswith("ours")
    _, first, _ = await shows(stocked(room, *rows, own_key_fee=1), language=language)
    assert first.endswith(f"X, {OWN[language][1]}")
    other = await room.run("models", "ben")
    assert [line.values.get("model") for line in other.lines[1:]] == ["ours"]


async def test_what_they_chose_to_pay_with_counts(room: Studio) -> None:
    room = stocked(room, row("ours", title="X"), row("theirs", "lock", title="X"))
    await with_key(room, "credits")
    assert (await shows(room))[1:] == ["ours: X, 2 credits a picture", "theirs: X, on your own key"]
    await with_key(room, "only")
    assert (await shows(room))[1:] == ["theirs: X, on your own key"]
    await keys.remove(room.app, await recognise(room.app, "test", "ann", "ann"), "lock")
    (nothing,) = await shows(room)
    assert nothing.startswith("You pay with your own keys only, and none of them can do imagine.")


@on_sqlite
async def test_pages(room: Studio) -> None:
    count = 2 * models.PAGE + 1
    room = stocked(room, *(row(f"m{number}") for number in range(count)))
    shown, reply = [], await room.run("models")
    for page in range(1, 4):
        shown += [str(line.values["model"]) for line in reply.lines[1:]]
        more = [f"{page + 1}/3 →"] if page < 3 else []
        assert labels(reply) == [*more, "/design", "/illustrate"]
        if more:
            reply = await room.dispatch.press(reply.buttons[0].pack(), room.call())
    assert shown == [f"m{number}" for number in range(count)]


@on_sqlite
async def test_a_page_that_is_no_more_is_the_last_one(room: Studio) -> None:
    room = stocked(room, *(row(f"m{number}") for number in range(models.PAGE)))
    others = ["/design", "/illustrate"]
    assert labels(await room.run("models")) == others
    for show in ("imagine-2", "imagine-99"):
        reply = await room.dispatch.press(f"models:show={show}", room.call())
        assert [line.key for line in reply.lines] == ["models-title", *["models-line"] * 10]
        assert labels(reply) == others


@on_sqlite
async def test_the_buttons_lead_to_the_other_operations(room: Studio) -> None:
    room = stocked(room, row("both", operations=("imagine", "edit")), row("draws"))
    there = await room.run("models", show="Edit")
    assert said(there)[:2] == ["Models for /edit:", "both: Both, 2 credits a picture"]
    assert len(there.lines) == 2
    assert labels(there) == ["/design", "/illustrate", "/imagine", "/vary"]
    back = await room.dispatch.press(there.buttons[2].pack(), room.call())
    assert said(back)[0] == "Models for /imagine:"
    assert len(back.lines) == 3


ALL = (
    "background, blend, describe, design, edit, enhance, expand, illustrate, imagine, portrait, "
    "region, restore, upscale, vary"
)
NO_SUCH = {
    "en": f"show can be {ALL}, not “{{}}”.",
    "fr": f"Choix possibles pour show\xa0: {ALL}. «\xa0{{}}\xa0» n’en fait pas partie.",
    "es": f"Valores posibles de show: {ALL}. «{{}}» no es uno de ellos.",
}


@on_sqlite
async def test_an_unknown_operation(room: Studio) -> None:
    for show in ("palette", "imagine-0", "imagine-100", "imagine-", "paint", "-", "imagine-²"):
        reply = await room.run("models", show=show)
        assert reply.error
        for language, sentence in NO_SUCH.items():
            assert said(reply, language) == [sentence.format(show)]
    assert (await room.run("models", show="x" * 41)).lines[0].key == "option-too-long"


@on_sqlite
async def test_nothing_can_do_it(room: Studio) -> None:
    room = stocked(room)
    assert await shows(room) == ["Nothing here can do /imagine at the moment."]
    assert await shows(room, language="fr") == ["Rien ici ne peut faire /imagine pour le moment."]
    assert await shows(room, language="es") == ["Nada aquí puede hacer /imagine en este momento."]


@on_sqlite
async def test_before_anything_is_set_up_there_is_the_sketch(room: Studio) -> None:
    title, *lines = await shows(room)
    assert title == "Models for /imagine:"
    assert [line.partition(",")[0] for line in lines] == ["sketch: Offline sketch (not AI)"]


@on_sqlite
async def test_suggestions(room: Studio) -> None:
    def values(typed: str, option: str = "show") -> list[str]:
        return [item.value for item in room.dispatch.suggest("models", option, typed)]

    assert values("") == ALL.split(", ")
    assert values("IMA") == ["imagine"]
    assert values("xy") == []
    assert values("", "other") == []


INFO = {
    "en": "Up to 4 jobs at once and 10 more waiting for each person.",
    "fr": "Par personne, jusqu’à 4 tâches à la fois et 10 de plus en attente.",
    "es": "Por persona, hasta 4 trabajos a la vez y 10 más en espera.",
}


async def test_info(room: Studio) -> None:
    reply = await room.run("info")
    for language, limits in INFO.items():
        title, told, more = said(reply, language)
        assert title.startswith("Atelier ")
        assert told == limits
        assert more.startswith("/models")
