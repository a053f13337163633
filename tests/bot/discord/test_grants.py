"""Grants from the outside door of Discord: what its events say decides, at that moment."""

from __future__ import annotations

from core import communities
from tests.bot.discord.conftest import House


async def test_a_grant(house: House) -> None:
    server = house.server
    community = f"discord:{server.guild_id}"
    await communities.fund(house.studio.app, community, 1000)
    asked = await server.command(
        "grant", {"person": server.bob, "amount": 50, "reason": "the poster"}
    )
    message = await server.shown(asked, "Bob gets 50 credits. Reason: the poster (grant 2)")
    assert not message.ephemeral
    balance = await server.command("balance", user=server.bob)
    await server.shown(balance, "Here you have 50 more credits, good in this community only.")
