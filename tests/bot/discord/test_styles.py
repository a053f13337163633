"""Styles in Discord: a gallery with pages, one's own, a community's, and a job in one of them."""

from __future__ import annotations

import io

from PIL import Image

from core.shipped_styles import shipped
from tests.bot.discord.conftest import House
from tests.bot.discord.test_client import drawn
from tests.bot.discord.test_grants import PLAIN
from tests.conftest import on_sqlite
from tests.fakes.discord_world import Interaction, Message

pytestmark = on_sqlite


async def told(house: House, asked: Interaction, said: str) -> Message:
    """An answer that only the person sees."""
    message = await house.server.shown(asked, said)
    assert message.ephemeral
    return message


def pictures(house: House, message: Message) -> list[tuple[str, tuple[int, int]]]:
    """The names and sizes of the pictures of a gallery, as Discord has stored them."""
    found = []
    for item in message.attachments:
        path = item["url"].removeprefix(house.server.cdn).partition("?")[0]
        with Image.open(io.BytesIO(house.server.files[path])) as image:
            found.append((item["filename"], image.size))
    return found


async def test_a_gallery_with_pages(house: House) -> None:
    message = await told(house, await house.server.command("styles"), "For all: photo, cinematic")
    names = [f"{style.name}.webp" for style in shipped()]
    assert pictures(house, message) == [(name, (256, 256)) for name in names[:10]]
    assert len(message.pictures) == 10
    assert list(message.buttons) == ["2/2 →"]
    turned = await told(
        house, await house.server.press(message, "2/2 →"), "For all: photo, cinematic"
    )
    assert [name for name, _ in pictures(house, turned)] == names[10:]
    assert list(turned.buttons) == ["1/2 ←"]


async def test_ones_own_and_a_job_in_it(house: House) -> None:
    server = house.server
    given = {"do": "add", "name": "Soft Gold", "words": "gold leaf"}
    await told(house, await server.command("styles", given), "The style soft-gold is kept.")
    shown = await told(
        house, await server.command("styles", {"do": "show", "name": "ink"}), "All have it."
    )
    assert [name for name, _ in pictures(house, shown)] == ["ink.webp"]
    message = await drawn(house, style="soft-gold")
    assert message.text.startswith("> a fox in the snow\n")
    assert "gold leaf" not in message.text
    assert "In the style soft-gold." in message.text
    asked = await server.command("imagine", {"prompt": "a fox", "style": "soft-golt"})
    await server.until(lambda: asked.followups)
    assert "Names that are like it: soft-gold" in asked.followups[0].text
    assert asked.followups[0].ephemeral
    completed = await server.autocomplete("imagine", "style", "glass")
    await server.responded(completed)
    assert completed.choices == ["stained-glass"]
    # What is one's own comes first, and nobody else is offered it.
    for user, offered in ((server.ada, ["soft-gold"]), (server.bob, [])):
        completed = await server.autocomplete("imagine", "style", "Soft G", user=user)
        await server.responded(completed)
        assert completed.choices == offered


async def test_a_communitys_are_its_moderators(house: House) -> None:
    server = house.server
    guild = server.general.guild_id
    assert guild is not None
    server.members[guild, server.bob.id] = PLAIN
    given = {"do": "add", "name": "ours", "words": "our words", "whose": "community"}
    refused = await server.command("styles", given, user=server.bob)
    await told(house, refused, "Only moderators of this community can do that.")
    await told(house, await server.command("styles", given), "The style ours is kept for this")
    listed = await server.command("styles", {"whose": "community"}, user=server.bob)
    await told(house, listed, "ours: our words")
    message = await drawn(house, user=server.bob, style="ours")
    assert "In the style ours." in message.text
    gone = {"do": "remove", "name": "ours", "whose": "community"}
    await told(house, await server.command("styles", gone, user=server.bob), "Only moderators")
    alone = await server.command("styles", given, channel=server.dm(server.ada))
    await told(house, alone, "That is for moderators, in their own server or group.")
