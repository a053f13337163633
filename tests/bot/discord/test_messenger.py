"""Deliveries against every way in which Discord can refuse them."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.discord.messenger import DiscordMessenger
from bot.discord.rest import INVALID_MAX, Rest, RestLimited, callback
from bot.links import Links
from core.clock import SystemClock
from core.messenger import (
    Address,
    Attached,
    Delivery,
    DeliveryDelayed,
    Picture,
    Say,
    Stage,
    Undeliverable,
)
from tests.fakes.discord_server import TOKEN, DiscordServer, Fault, banned, limited, lost
from tests.fakes.discord_world import Interaction, Message
from tests.fakes.pictures import encode, scene

PICTURE = encode(scene((64, 64)))
CLOCK = SystemClock()
KICKED = (403, 50001, "Missing Access")


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as started:
        yield started
    assert started.violations == []


@pytest.fixture
async def messenger(server: DiscordServer) -> AsyncIterator[DiscordMessenger]:
    client = Rest(api_url=server.url, token=TOKEN, clock=CLOCK)
    opened = DiscordMessenger(client, Links("https://page.example", "0" * 64, CLOCK), CLOCK)
    yield opened
    await opened.close()


def waiting(server: DiscordServer, *, private: bool = False) -> tuple[Interaction, Address]:
    """A deferred interaction, and its address."""
    interaction = Interaction("1", "to-ken", 2, server.ada, server.general, 0.0)
    message = Message(id=server.snowflake(), channel=server.general, author=server.bot)
    message.flags = 64 if private else 0
    message.loading = True
    interaction.original, interaction.response_type = message, 5
    server.interactions[interaction.token] = interaction
    server.messages[message.id] = message
    address = Address(
        platform="discord",
        place=server.general.id,
        user=server.ada.id,
        message=message.id,
        application=server.application_id,
        token=interaction.token,
        token_until=CLOCK.now() + timedelta(minutes=14),
        private=private,
    )
    return interaction, address


def over(server: DiscordServer) -> Address:
    """The address of a waiting message whose token is over."""
    interaction, address = waiting(server)
    interaction.expired = True
    return dataclasses.replace(address, token_until=CLOCK.now())


def finished(size: int = 0, count: int = 1) -> Delivery:
    """A result to deliver."""
    picture = Picture(sha256="a" * 64, media_type="image/png", width=64, height=64, size_bytes=9)
    data = PICTURE + bytes(size)
    return Delivery(
        id="delivery-1",
        job_id="0" * 32,
        operation="imagine",
        stage=Stage.SUCCEEDED,
        lines=(Say(key="receipt-free"),),
        prompt="a fox",
        attached=tuple(
            Attached(name=f"picture-{place}.png", media_type="image/png", data=data)
            for place in range(count)
        ),
        pictures=(picture,),
        actions=("again", "delete"),
    )


async def test_edits_the_waiting_message(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    interaction, address = waiting(server)
    stands = await messenger.deliver(address, finished())
    again = await messenger.deliver(stands, finished())
    assert again == stands == address
    assert interaction.original is not None
    assert len(interaction.original.pictures) == 1
    assert len(interaction.original.attachments) == 1
    assert len(server.visible()) == 1
    assert not any(item.authorised for item in server.asked)


@pytest.mark.parametrize(
    "fault", [Fault(401, 50027), Fault(404, 10015), Fault(404, 10008), Fault(404, 10062)]
)
async def test_posts_once_the_message_is_gone(
    server: DiscordServer, messenger: DiscordMessenger, fault: Fault
) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", fault)
    stands = await messenger.deliver(address, finished())
    posted = server.messages[stands.message or ""]
    assert posted.channel is server.general
    assert stands.token is None
    assert server.visible() == [posted]
    shown = await messenger.deliver(stands, dataclasses.replace(finished(), lines=()))
    assert shown == stands
    assert posted.edits == 1
    assert [item.method for item in server.asked] == ["PATCH", "POST", "DELETE", "PATCH"]


async def test_token_over_is_not_even_tried(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    address = over(server)
    stands = await messenger.deliver(address, finished())
    assert [(item.method, item.path, item.authorised) for item in server.asked] == [
        ("POST", f"/channels/{server.general.id}/messages", True),
        ("DELETE", f"/channels/{server.general.id}/messages/{address.message}", True),
    ]
    assert "message_reference" not in (server.asked[0].body or {})
    assert [item.id for item in server.visible()] == [stands.message]


async def test_post_whose_answer_is_lost_is_not_doubled(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    interaction, address = waiting(server)
    interaction.expired = True
    server.fail("POST", "/messages", lost())
    with pytest.raises(DeliveryDelayed):
        await messenger.deliver(address, finished())
    assert server.count("DELETE", "/messages") == 0
    stands = await messenger.deliver(address, finished())
    assert [item.id for item in server.visible()] == [stands.message]


async def test_repeating_it_all_is_harmless(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    address = over(server)
    first = await messenger.deliver(address, finished())
    again = await messenger.deliver(address, finished())
    assert again == first
    assert [item.status for item in server.asked] == [200, 204, 200, 404]
    assert [item.id for item in server.visible()] == [first.message]


async def test_what_the_person_wrote_is_replied_to(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    said = await server.post("draw me a fox")
    address = dataclasses.replace(over(server), reply_to=said.id)
    stands = await messenger.deliver(address, finished())
    assert server.messages[stands.message or ""].reference == said.id
    assert [item.id for item in server.visible()] == [stands.message]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(403, 50001),
        Fault(404, 10008),
        Fault(502),
        lost(),
        limited(30),
        Fault(drop_before=True),
    ],
)
async def test_waiting_message_that_cannot_be_removed(
    server: DiscordServer, messenger: DiscordMessenger, fault: Fault
) -> None:
    server.fail("DELETE", "/messages/", fault)
    stands = await messenger.deliver(over(server), finished())
    assert server.visible()[-1].id == stands.message
    # aiohttp itself repeats a DELETE whose connection ended.
    assert [item.method for item in server.asked][:2] == ["POST", "DELETE"]


async def test_waiting_message_stays_until_the_result_stands(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    address = over(server)
    for fault in (lost(), limited(30), Fault(400, 50035)):
        server.fail("POST", "/messages", fault)
        with pytest.raises((DeliveryDelayed, Undeliverable)):
            await messenger.deliver(address, finished())
    assert server.count("DELETE", "/messages") == 0
    assert not server.messages[address.message or ""].deleted


async def test_waiting_message_is_not_known(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    await messenger.deliver(dataclasses.replace(over(server), message=None), finished())
    assert [item.method for item in server.asked] == ["POST"]


async def test_deletion_that_hangs_holds_nothing_up(
    server: DiscordServer, messenger: DiscordMessenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.messenger.TIDY_S_MAX", 0.05)
    server.fail("DELETE", "/messages/", limited(2))
    began = CLOCK.steady_s()
    stands = await messenger.deliver(over(server), finished())
    assert CLOCK.steady_s() - began < 1
    assert server.visible()[-1].id == stands.message


@pytest.mark.parametrize("refuses", [KICKED, (403, 50013, "x"), (404, 10003, "Unknown Channel")])
async def test_direct_message_where_the_channel_is_closed(
    server: DiscordServer, messenger: DiscordMessenger, refuses: tuple[int, int, str]
) -> None:
    interaction, address = waiting(server)
    interaction.expired = True
    server.general.refuses = refuses
    stands = await messenger.deliver(address, finished())
    assert stands.place == server.dm(server.ada).id
    assert [item.method for item in server.asked] == ["PATCH", "POST", "POST", "POST", "DELETE"]


async def test_no_way_left(server: DiscordServer, messenger: DiscordMessenger) -> None:
    user = server.add_user("shy", dm_closed=True)
    interaction, address = waiting(server)
    address = dataclasses.replace(address, user=user.id)
    interaction.expired = True
    server.general.refuses = KICKED
    with pytest.raises(Undeliverable) as failed:
        await messenger.deliver(address, finished())
    assert failed.value.reason == "direct-closed 50007"
    assert len(server.asked) <= 4


async def test_private_never_becomes_public(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    interaction, address = waiting(server, private=True)
    interaction.expired = True
    stands = await messenger.deliver(address, finished())
    assert stands.place == server.dm(server.ada).id
    assert server.count("POST", f"/channels/{server.general.id}") == 0
    assert server.count("DELETE", "/") == 0


async def test_short_limit_is_waited_out(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", limited(0.05), limited(0.05, everywhere=True))
    await messenger.deliver(address, finished())
    assert [item.status for item in server.asked] == [429, 429, 200]


@pytest.mark.parametrize(
    ("fault", "wait_s", "tries"),
    [(limited(30), 30, 1), (banned(), 120, 1), (Fault(502), 1, 1), (lost(), 1, 1)],
)
async def test_what_passes_is_tried_later(
    server: DiscordServer, messenger: DiscordMessenger, fault: Fault, wait_s: float, tries: int
) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", fault)
    with pytest.raises(DeliveryDelayed) as delayed:
        await messenger.deliver(address, finished())
    assert delayed.value.retry_after_s == pytest.approx(wait_s, abs=1)
    assert len(server.asked) == tries


async def test_limit_is_kept_without_asking_again(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", limited(30))
    for _ in range(3):
        with pytest.raises(DeliveryDelayed):
            await messenger.deliver(address, finished())
    assert len(server.asked) == 1


async def test_too_large_goes_by_link(server: DiscordServer, messenger: DiscordMessenger) -> None:
    interaction, address = waiting(server)
    server.file_bytes_max = 1000
    await messenger.deliver(address, finished(size=2000))
    assert interaction.original is not None
    assert "https://page.example/files/" in interaction.original.text
    assert not interaction.original.attachments


async def test_what_discord_cannot_read_ends(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", Fault(400, 50035))
    with pytest.raises(Undeliverable):
        await messenger.deliver(address, finished())
    assert len(server.asked) == 1


async def test_progress_swallows_failures(
    server: DiscordServer, messenger: DiscordMessenger
) -> None:
    interaction, address = waiting(server)
    for fault in (Fault(401, 50027), limited(99), lost()):
        server.fail("PATCH", "/webhooks/", fault)
        await messenger.progress(address, finished())
    assert interaction.original is not None


async def test_remove(server: DiscordServer, messenger: DiscordMessenger) -> None:
    interaction, address = waiting(server)
    assert interaction.original is not None
    await messenger.remove(address)
    assert interaction.original.deleted
    await messenger.remove(address)
    _, address = waiting(server)
    await messenger.remove(dataclasses.replace(address, token_until=CLOCK.now()))
    interaction, address = waiting(server)
    interaction.expired = True
    await messenger.remove(address)
    assert server.visible() == []


async def test_breaker_lets_only_first_answers_pass(
    server: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = Rest(api_url=server.url, token=TOKEN, clock=CLOCK)
    messenger = DiscordMessenger(client, None, CLOCK)
    interaction, address = waiting(server)
    interaction.response_type = None
    interaction.sent_s = CLOCK.steady_s()
    server.general.refuses = KICKED
    gone = dataclasses.replace(address, token=None, user="1")
    for _ in range(INVALID_MAX):
        client._invalid.append(CLOCK.steady_s())
    with pytest.raises(DeliveryDelayed) as delayed:
        await messenger.deliver(gone, finished())
    assert delayed.value.retry_after_s > 500
    assert server.asked == []
    await client.call(callback("1", interaction.token), {"type": 5})
    with pytest.raises(RestLimited):
        await client.call(dataclasses.replace(callback("1", "x"), urgent=False), {"type": 5})
    await client.close()
    assert "to-ken" not in caplog.text


async def test_refusals_are_counted(server: DiscordServer, messenger: DiscordMessenger) -> None:
    user = server.add_user("shy", dm_closed=True)
    interaction, address = waiting(server)
    interaction.expired = True
    server.general.refuses = KICKED
    with pytest.raises(Undeliverable):
        await messenger.deliver(dataclasses.replace(address, user=user.id), finished())
    assert len(messenger._rest._invalid) == 3


async def test_token_in_no_error(server: DiscordServer, messenger: DiscordMessenger) -> None:
    _, address = waiting(server)
    server.fail("PATCH", "/webhooks/", Fault(drop_before=True))
    with pytest.raises(DeliveryDelayed) as delayed:
        await messenger.deliver(address, finished())
    told: BaseException | None = delayed.value
    seen = []
    while told is not None:
        seen.append(repr(told))
        told = told.__cause__ or told.__context__
    assert len(seen) > 1
    assert "to-ken" not in " ".join([*seen, repr(address)])
