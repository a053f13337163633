"""The connection: commands told once, sessions resumed, and a frontend that always comes back."""

from __future__ import annotations

import asyncio

import pytest

from bot.discord.client import Budget
from tests.bot.discord.conftest import House, frontend_for, running
from tests.fakes.discord_server import Fault


class Hurried:
    """asyncio for a library whose pauses nobody waits for."""

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0.01)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py pauses for seconds before it identifies or launches a shard again."""
    monkeypatch.setattr("discord.client.asyncio", Hurried())
    monkeypatch.setattr("discord.shard.asyncio", Hurried())


async def test_unchanged_commands_are_not_told_again(house: House) -> None:
    assert house.server.count("PUT", "/commands") == 1
    async with running(asyncio.create_task(frontend_for(house.server, house.studio).run())):
        await house.server.until(lambda: house.server.count("GET", "/commands") == 2)
        await asyncio.sleep(0.05)
    assert house.server.count("PUT", "/commands") == 1


async def test_registered_commands(house: House) -> None:
    commands = {(item["type"], item["name"]): item for item in house.server.commands}
    assert {(3, "Edit image"), (3, "Colour palette"), (1, "imagine")} < commands.keys()
    assert not {(1, "again"), (1, "edit-result")} & commands.keys()
    options = {item["name"]: item for item in commands[1, "imagine"]["options"]}
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 4)
    assert [item["value"] for item in options["ratio"]["choices"]][:2] == ["1:1", "16:9"]
    assert options["model"]["autocomplete"]
    assert options["prompt"]["max_length"] == 2000
    assert options["prompt"]["required"]
    assert options["reference"]["type"] == 11
    edit = commands[1, "edit"]
    assert [item["required"] for item in edit["options"]] == [True, True, False, False, False]
    assert edit["integration_types"] == [0, 1]
    assert edit["contexts"] == [0, 1, 2]


async def test_intents_are_the_least(house: House) -> None:
    assert house.server.identified[0]["intents"] == 1


async def test_session_is_resumed_with_what_was_missed(house: House) -> None:
    await house.server.drop_gateway()
    asked = await house.server.command("balance")
    await house.server.shown(asked, "You have")
    assert house.server.resumed == 1
    assert len(house.server.identified) == 1


@pytest.mark.usefixtures("hurried")
async def test_comes_back_after_an_invalid_session(house: House) -> None:
    await house.server.invalidate_session(resumable=False)
    await house.server.until(lambda: len(house.server.identified) == 2)
    asked = await house.server.command("balance")
    await house.server.shown(asked, "You have")


@pytest.mark.usefixtures("hurried")
async def test_comes_back_after_a_refused_gateway(house: House) -> None:
    house.server.refuse_gateway = 1
    async with running(asyncio.create_task(frontend_for(house.server, house.studio).run())):
        await house.server.until(lambda: len(house.server.identified) == 2)
    assert house.server.refuse_gateway == 0
    # The house's own client, the refused one, and the one after it.
    assert house.server.count("GET", "/users/@me") == 3


async def test_unknown_token_does_not_end_the_process(house: House) -> None:
    house.server.fail("GET", "/users/@me", Fault(401))
    serving = asyncio.create_task(frontend_for(house.server, house.studio).run())
    async with running(serving):
        await house.server.until(lambda: house.server.count("GET", "/users/@me") == 2)
        await asyncio.sleep(0.1)
        assert not serving.done()
    assert house.server.count("GET", "/users/@me") == 2


def test_identifications_have_a_budget() -> None:
    class Held:
        steady = 0.0

        def steady_s(self) -> float:
            return self.steady

    clock = Held()
    budget = Budget(clock)  # type: ignore[arg-type]
    for _ in range(400):
        assert budget.wait_s() == 0
        budget.spend()
    clock.steady = 100
    assert budget.wait_s() == 86_300
    clock.steady = 86_401
    assert budget.wait_s() == 0
