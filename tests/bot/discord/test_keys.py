"""Own keys in Discord: put into a window, or on the page; never used where they are typed."""

from __future__ import annotations

import pytest

from core import keys, wallets
from core.app import Rules
from core.people import recognise
from providers.base import Fault
from tests.bot.discord.conftest import House
from tests.conftest import on_sqlite
from tests.fakes.canary import Canary
from tests.fakes.discord_world import Interaction, Message
from tests.fakes.locksmith import GOOD, OTHER, Locksmith

PAGE = "https://pictures.example"
RULES = Rules(page_url=PAGE, vendor_order=("sketch",))
WRONG = "lock-0000000000000000-wrong"

pytestmark = on_sqlite


@pytest.fixture
def rules() -> Rules | None:
    return RULES


@pytest.fixture
def lock(house: House) -> Locksmith:
    """A vendor that people bring keys for."""
    made = Locksmith()
    made.among(house.studio.app)
    return made


async def person(house: House) -> str:
    return await recognise(house.studio.app, "discord", house.server.ada.id, "ada")


async def told(house: House, asked: Interaction, said: str) -> Message:
    """An answer that only the person sees."""
    message = await house.server.shown(asked, said)
    assert message.ephemeral
    return message


async def window(house: House, vendor: str = "lock") -> Interaction:
    """The window of a vendor's button."""
    asked = await house.server.command("keys", {"do": "add", "vendor": vendor})
    message = await told(house, asked, "a window opens for it")
    opened = await house.server.press(message, "The locksmith")
    await house.server.responded(opened)
    assert opened.modal is not None
    return opened


async def test_a_key_by_a_window(house: House, lock: Locksmith, canary: Canary) -> None:
    server = house.server
    opened = await window(house)
    for key, fault, said in (
        (WRONG, None, "does not take this key"),
        (GOOD, Fault.UNAVAILABLE, "could not be asked whether this key is good"),
        ("x" * 11, None, "does not look like a key"),
    ):
        lock.fault = fault
        asked = await server.submit_modal(opened, {"key": key})
        await told(house, asked, said)
    lock.fault = None
    asked = await server.submit_modal(opened, {"key": GOOD})
    message = await told(house, asked, f"ends in {GOOD[-4:]} works and is kept")
    assert "It may use one model there." in message.text
    asked = await server.submit_modal(opened, {"key": OTHER})
    await told(house, asked, "in the place of the one before")
    assert all(shown.ephemeral for shown in server.visible())
    assert [canary.seen(secret) for secret in (GOOD, OTHER, WRONG)] == [[], [], []]


async def test_the_page_is_offered_too(house: House, lock: Locksmith) -> None:
    assert lock.vendor.own_keys
    asked = await house.server.command("keys", {"do": "add"})
    message = await told(house, asked, "The link works for one key, within 10 minutes")
    url = message.buttons["Put in a key on the page"]
    ticket = url.removeprefix(f"{PAGE}/keys/")
    assert await keys.peek_ticket(house.studio.app, ticket) == await person(house)


class TestWithoutPage:
    """Where the page takes no keys, the window does."""

    @pytest.fixture
    def rules(self) -> Rules | None:
        return Rules(page_url="http://pictures.example", vendor_order=("sketch",))

    async def test_there_is_still_the_window(self, house: House, lock: Locksmith) -> None:
        assert lock.vendor.own_keys
        asked = await house.server.command("keys", {"do": "add"})
        message = await told(house, asked, "a window opens for it")
        assert "The locksmith" in message.buttons


async def test_listing_testing_removing(house: House, lock: Locksmith) -> None:
    server = house.server
    await told(house, await server.command("keys"), "You have no keys of your own here.")
    await keys.add(house.studio.app, await person(house), "lock", GOOD)
    listed = await told(house, await server.command("keys"), "Not used this month.")
    assert f"The locksmith, key ending in {GOOD[-4:]}: works." in listed.text
    assert list(listed.buttons) == ["Add a key", "Test The locksmith", "Remove The locksmith"]
    lock.good.clear()
    tested = await server.press(listed, "Test The locksmith")
    await told(house, tested, "does not take this key")
    await told(house, await server.command("keys"), "switched off, The locksmith does not take it")
    lock.good.add(GOOD)
    asked = await server.command("keys", {"do": "test"})
    await told(house, asked, "Your key for The locksmith works.")
    gone = await server.press(listed, "Remove The locksmith")
    await told(house, gone, "is forgotten here")
    assert await keys.listed(house.studio.app, await person(house)) == []
    asked = await server.command("keys", {"do": "remove"})
    await told(house, asked, "You have no keys of your own here.")
    asked = await server.autocomplete("keys", "vendor", "lo")
    await server.responded(asked)
    assert asked.choices == ["lock"]


async def test_who_pays(house: House, lock: Locksmith) -> None:
    assert lock.vendor.own_keys
    given = {"do": "prefer", "prefer": "own", "fallback": True}
    asked = await house.server.command("keys", given)
    await told(house, asked, "and your credits where it cannot")
    chosen = await keys.preference(house.studio.app, await person(house))
    assert (chosen.prefer, chosen.fall_back) == ("own", True)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("imagine", {"prompt": f"a fox {GOOD}"}),
        ("imagine", {"prompt": "a fox", "negative": GOOD}),
        ("keys", {"do": "add", "vendor": GOOD}),
        ("redeem", {"code": GOOD}),
    ],
)
async def test_a_key_in_an_option_goes_nowhere(
    house: House, lock: Locksmith, canary: Canary, command: str, options: dict[str, object]
) -> None:
    asked = await house.server.command(command, options)
    message = await told(house, asked, "There was a key of The locksmith")
    assert "revoke it at https://lock.test/keys" in message.text
    assert GOOD not in message.text
    found = await wallets.balance(house.studio.app, await person(house))
    assert (found.wallet.free, found.wallet.pending) == (100, 0)
    assert lock.tried == []
    assert all(shown.ephemeral for shown in house.server.visible())
    assert canary.seen(GOOD) == []


async def test_a_key_in_the_name_of_a_picture_is_not_kept(
    house: House, lock: Locksmith, canary: Canary
) -> None:
    assert lock.vendor.own_keys
    message = await house.server.post("look", files={f"{GOOD}.png": b"\x89PNG"})
    asked = await house.server.context_menu("Edit image", message)
    await told(house, asked, "There was a key of The locksmith")
    assert canary.seen(GOOD) == []


async def test_a_key_in_the_window_of_another_command_goes_nowhere(
    house: House, lock: Locksmith, canary: Canary
) -> None:
    server = house.server
    message = await server.post("look", files={"photo.png": b"\x89PNG"})
    opened = await server.context_menu("Edit image", message)
    await server.responded(opened)
    asked = await server.submit_modal(opened, {"prompt": f"with {GOOD}"})
    await server.until(
        lambda: any("There was a key" in item.text for item in server.messages.values())
    )
    assert asked.original is None or "There was a key" not in asked.original.text
    assert lock.tried == []
    assert canary.seen(GOOD) == []
