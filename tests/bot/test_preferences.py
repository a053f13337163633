"""settings: what is shown, what may be chosen, and in whose language it is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.command import Reply
from bot.i18n import sentences
from core import keys, preferences
from core.people import recognise
from core.preferences import Preferences
from tests.conftest import on_sqlite
from tests.fakes.studio import Studio, studio

pytestmark = on_sqlite


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """The offline sketch alone."""
    async with studio(database_url, tmp_path) as opened:
        yield opened


def said(reply: Reply, language: str = "en") -> list[str]:
    assert reply.private
    return list(sentences(language, reply.lines))


async def chosen(room: Studio) -> Preferences:
    return await preferences.of_person(room.app, await recognise(room.app, "test", "ann", "ann"))


NOTHING = {
    "en": [
        "What is taken where you do not say it:",
        "Model: the first that can do it",
        "Ratio: as usual",
        "Pictures at a time: as usual",
        "Style: none",
        "Results where others read along: for all there",
        "Language: that of the app you write with",
    ],
    "fr": [
        "Ce qui s’applique quand vous ne précisez rien :",
        "Modèle : le premier qui en est capable",
        "Format : comme d’habitude",
        "Images à la fois : comme d’habitude",
        "Style : aucun",
        "Résultats là où d’autres lisent : visibles par tout le monde",
        "Langue : celle de l’application où vous écrivez",
    ],
    "es": [
        "Lo que vale cuando no dices otra cosa:",
        "Modelo: el primero que pueda hacerlo",
        "Formato: el habitual",
        "Imágenes cada vez: las habituales",
        "Estilo: ninguno",
        "Resultados donde otros leen: a la vista de todos",
        "Idioma: el de la aplicación con la que escribes",
    ],
}


async def test_nothing_is_chosen_at_first(room: Studio) -> None:
    reply = await room.run("settings")
    for language, lines in NOTHING.items():
        assert said(reply, language)[:-1] == lines
    assert said(reply)[-1].startswith("Your own key pays first;")
    assert reply.buttons == ()
    assert not reply.language


async def test_what_is_chosen_is_kept_and_shown(room: Studio) -> None:
    reply = await room.run(
        "settings",
        model="Sketch",
        ratio="16:9",
        count="4",
        style="WaterColour",
        answers="private",
        language="fr",
        prefer="credits",
    )
    assert said(reply, "fr")[:-1] == [
        "C’est noté. Ce qui s’applique quand vous ne précisez rien :",
        "Modèle : sketch",
        "Format : 16:9",
        "Images à la fois : 4",
        "Style : watercolour",
        "Résultats là où d’autres lisent : visibles par vous uniquement",
        "Langue : français",
    ]
    assert reply.language == "fr"
    assert await chosen(room) == Preferences(
        model="sketch",
        ratio="16:9",
        count=4,
        style="watercolour",
        private=True,
        language="fr",
    )
    # Who pays is the same value as that of /keys.
    paying = await room.run("keys", do="prefer")
    assert paying.lines[0].values["prefer"] == "credits"
    await room.run("keys", do="prefer", prefer="only")
    assert (await room.run("settings")).lines[-1].values["prefer"] == "only"


async def test_each_is_taken_back_alone_and_all_by_a_press(room: Studio) -> None:
    await room.run("settings", model="sketch", ratio="16:9", count=2, language="es", prefer="only")
    await room.run("keys", do="prefer", fallback="yes")
    await room.run("settings", style="ink")
    reply = await room.run("settings", model="auto", ratio="AUTO", style="auto", language="auto")
    assert reply.language == ""
    assert await chosen(room) == Preferences(count=2)
    [button] = reply.buttons
    reply = await room.dispatch.press(button.pack(), room.call())
    assert said(reply)[0] == "All forgotten. What is taken where you do not say it:"
    assert said(reply)[1:-1] == NOTHING["en"][1:]
    assert await chosen(room) == preferences.NONE
    person = await recognise(room.app, "test", "ann", "ann")
    assert await keys.preference(room.app, person) == keys.Preference()


async def test_reset_and_choose_at_once(room: Studio) -> None:
    await room.run("settings", ratio="16:9", count=2)
    await room.run("settings", do="reset", count=3)
    assert await chosen(room) == Preferences(count=3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"model": "flux"},
            "There is no model “flux” here. Models for this: sketch.",
        ),
        (
            {"ratio": "2:1"},
            "ratio can be 1:1, 16:9, 9:16, 4:3, 3:4, 3:2, 2:3, 5:4, 4:5, 21:9, not “2:1”.",
        ),
        ({"count": "5"}, "count must be from 1 to 4, not 5."),
        ({"count": "many"}, "count must be a whole number, not “many”."),
        ({"answers": "secret"}, "answers can be public, private, not “secret”."),
        ({"language": "de"}, "language can be auto, en, es, fr, not “de”."),
        ({"style": "glitter"}, "There is no style “glitter”. /styles shows what there is."),
        ({"prefer": "you"}, "prefer can be own, credits, only, not “you”."),
        ({"do": "forget"}, "do can be show, reset, not “forget”."),
    ],
)
async def test_what_cannot_be_chosen(room: Studio, given: dict[str, str], sentence: str) -> None:
    reply = await room.run("settings", **{"count": "2", **given})
    assert reply.error
    assert said(reply) == [sentence]
    assert await chosen(room) == preferences.NONE


async def test_answers_and_results_come_in_the_language_that_was_chosen(room: Studio) -> None:
    await room.run("settings", language="es")
    reply = await room.run("imagine", prompt="a fox")
    assert reply.language == "es"
    await room.work()
    address, _ = room.chat.delivered[0]
    assert address.language == "es"
    for refused in (
        await room.run("imagine"),
        await room.run("imagine", prompt="a fox", model="flux"),
        await room.run("nonsense"),
        await room.dispatch.press(f"again:{'0' * 32}", room.call()),
    ):
        assert refused.error
        assert refused.language == "es"
    other = await room.run("imagine", "ben", prompt="a fox")
    assert other.language is None


async def test_suggestions(room: Studio) -> None:
    def values(option: str, typed: str = "") -> list[str]:
        return [item.value for item in room.dispatch.suggest("settings", option, typed)]

    assert values("model") == ["sketch"]
    assert values("model", "flux") == []
    assert values("ratio", "16") == ["16:9"]
    assert values("style", "water") == ["watercolour"]
    assert values("count") == []
