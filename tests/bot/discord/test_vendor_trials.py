"""The studio in Discord with each further vendor: what its server receives, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.app import Rules
from providers.base import Provider
from tests.bot.discord.conftest import House
from tests.bot.discord.test_personas import created
from tests.bot.discord.test_studio import credits_of, ended, files, given, rows
from tests.conftest import on_sqlite
from tests.fakes.critic import Critic, photo
from tests.fakes.paid import OTHER, PHOTO, opened
from tests.fakes.vendor_trials import CREDITS, TRIALS, Shop, one_of, rules_of, shop

pytestmark = on_sqlite
each_vendor = pytest.mark.parametrize("vendor", list(TRIALS))

MADE_BY = {
    "google": "Nano Banana 2.1",
    "a1111": "Stable Diffusion (AUTOMATIC1111)",
    "comfyui": "SDXL inpainting (ComfyUI)",
    "removebg": "remove.bg",
}


@pytest.fixture
async def store(vendor: str) -> AsyncIterator[Shop]:
    async with shop(vendor) as made:
        yield made


@pytest.fixture
def providers(store: Shop) -> dict[str, Provider]:
    return store.providers


@pytest.fixture
def rules(vendor: str) -> Rules:
    return rules_of(vendor)


@each_vendor
async def test_every_operation(house: House, vendor: str, store: Shop) -> None:
    left = CREDITS
    for trial in TRIALS[vendor]:
        before = len(store.server.received())
        asked = await house.server.command(trial.command, given(house, trial))
        message = await ended(house, asked, trial.receipt())
        for said in trial.says:
            assert said in message.text, (trial.typed(), message.text)
        trial.check_received(store.server.received()[before:])
        trial.check(files(house, message))
        left -= trial.used
    assert f"You have {left} credits." in await credits_of(house)


@each_vendor
async def test_a_vendor_that_is_gone_is_told_in_a_sentence_and_costs_nothing(
    house: House, vendor: str, store: Shop
) -> None:
    trial = one_of(vendor)
    await store.server.__aexit__(None, None, None)
    asked = await house.server.command(trial.command, given(house, trial))
    failed = await ended(house, asked, f"{CREDITS} credits left.")
    said = f"{MADE_BY[vendor]} cannot be reached at the moment. Not charged. Try again later"
    assert said in failed.text
    assert files(house, failed) == []
    assert rows(failed) == [["Again", "Delete"]]
    assert f"You have {CREDITS} credits." in await credits_of(house)
    await store.server.__aenter__()
    again = await house.server.press(failed, "Again")
    trial.check(files(house, await ended(house, again, trial.receipt())))
    trial.check_received(store.server.received())


@pytest.fixture
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: made)
    return made


@pytest.mark.parametrize("vendor", ["google"])
async def test_a_portrait_goes_by_all_photos_of_the_persona(
    critic: Critic, house: House, store: Shop
) -> None:
    await created(house, 64, 65, 66)
    options = {"persona": "Anna", "style": "noir", "count": 1, "example": photo(67)}
    asked = await house.server.command("portrait", options)
    message = await ended(house, asked, "Used 2 credits")
    assert "A portrait by 3 photos." in message.text
    (call,) = store.server.received()
    assert [opened(data).width for data in call.pictures] == [64, 65, 66, 67]
    assert "film noir" in call.text
    assert "Anna" not in call.text
    assert call.fields["aspectRatio"] == "3:4"
    (data,) = files(house, message)
    assert opened(data).size == (64, 64)


@pytest.mark.parametrize("vendor", ["a1111"])
async def test_the_sketch_does_not_stand_in_for_what_is_set_up(house: House) -> None:
    options = {"image": PHOTO, "image_2": OTHER, "prompt": "x"}
    asked = await house.server.command("edit", options)
    refused = await house.server.shown(asked, "takes one picture. Use fewer, or another model.")
    assert refused.ephemeral
    assert f"You have {CREDITS} credits." in await credits_of(house)
