"""The gallery in Discord: one message for the person alone, its buttons, and a file with everything."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

from core import gallery
from core.gallery import Mark, Show
from core.messenger import Address
from core.people import recognise
from tests.bot.discord.conftest import House, frontend_for, running
from tests.bot.discord.test_client import drawn, result
from tests.fakes.discord_server import DiscordServer
from tests.fakes.discord_world import Message
from tests.fakes.exhibits import files_of, hang, png_of
from tests.fakes.studio import studio

ALL = ("1", "2", "3", "4", "5", "6")


async def owner(house: House) -> str:
    ada = house.server.ada
    return await recognise(house.studio.app, "discord", ada.id, ada.name)


async def filled(house: House, jobs: int, count: int = 1, **about: object) -> list[Mark]:
    """So many jobs with so many pictures; newest first."""
    person = await owner(house)
    made: list[Mark] = []
    for _ in range(jobs):
        one = await hang(house.studio.app, person, count=count, **about)  # type: ignore[arg-type]
        made = [*one, *made]
    return made


async def shown(house: House, **options: object) -> Message:
    asked = await house.server.command("gallery", options)
    return await house.server.shown(asked)


async def pressed(house: House, message: Message, label: str, text: str = "") -> Message:
    return await house.server.shown(await house.server.press(message, label), text)


async def test_an_empty_gallery(house: House) -> None:
    message = await shown(house)
    assert message.text.startswith("Your gallery is empty.")
    assert (message.ephemeral, message.buttons) == (True, {})


async def test_what_was_drawn_is_there_at_once(house: House) -> None:
    await drawn(house, count=2)
    message = await shown(house)
    assert message.ephemeral
    assert len(message.pictures) == 2
    assert "1. a fox in the snow (imagine, " in message.text
    assert list(message.buttons) == ["1", "2", "Delete several", "Download all"]


async def test_25_pictures_by_pages(house: House) -> None:
    every = await filled(house, 25)
    message = await shown(house, show="newest")
    first = message.buttons
    assert list(first) == [*ALL, "→", "Delete several", "Download all"]
    ids = [first[label].split(":")[1] for label in ALL]
    message = await pressed(house, message, "→")
    assert message.ephemeral
    assert list(message.buttons) == [*ALL, "←", "→", "Delete several", "Download all"]
    ids += [message.buttons[label].split(":")[1] for label in ALL]
    assert ids == [mark.job_id for mark in every[:12]]
    message = await pressed(house, message, "←")
    assert message.buttons == first
    assert len(message.pictures) == 6


async def test_a_button_twice_and_by_another(house: House) -> None:
    await filled(house, 8)
    message = await shown(house)
    pages = [await pressed(house, message, "→") for _ in range(2)]
    assert pages[0].buttons == pages[1].buttons
    assert pages[0] is not pages[1]
    for label, sentence in (("→", "Your gallery is empty."), ("1", "This is somebody else's.")):
        foreign = await house.server.press(message, label, user=house.server.bob)
        told = await house.server.shown(foreign, sentence)
        assert told.ephemeral


async def test_a_button_after_a_restart(database_url: str, tmp_path: Path) -> None:
    async with DiscordServer() as server:
        for start in (1, 2):
            async with studio(database_url, tmp_path) as opened:
                task = asyncio.create_task(frontend_for(server, opened).run())
                async with running(task):
                    await server.until(lambda count=start: len(server.identified) == count)  # type: ignore[misc]
                    await server.until(lambda: server.connected and server.commands)
                    if start == 1:
                        who = await recognise(opened.app, "discord", server.ada.id, "ada")
                        for _ in range(8):
                            await hang(opened.app, who)
                        message = await server.shown(await server.command("gallery"))
                    else:
                        further = await server.shown(await server.press(message, "→"))
                        assert list(further.buttons)[:3] == ["1", "2", "←"]
        assert server.violations == []


async def test_one_picture_with_its_own_buttons(house: House) -> None:
    made = await filled(house, 1, 3)
    message = await pressed(house, await shown(house), "2")
    assert message.text.startswith("> a fox\nMade with /imagine, sketch on ")
    assert list(message.buttons)[-6:] == [
        "Edit", "Again", "☆ Favourite", "Original", "Info", "Delete",
    ]  # fmt: skip
    assert {"Vary (subtle)", "Upscale 2×", "Zoom out"} < message.buttons.keys()
    assert len(message.pictures) == 1
    told = await pressed(house, message, "☆ Favourite")
    assert told.text == "★ It is one of your favourites now."
    page = await gallery.page(house.studio.app, await owner(house), Show(favourites=True), None, 9)
    assert [row.mark for row in page.pictures] == [made[1]]
    again = await house.server.press(message, "Again")
    assert (await result(house, again)).ephemeral
    original = await pressed(house, message, "Original")
    assert original.attachments[0]["filename"].endswith("-2.png")
    row = await gallery.find(house.studio.app, await owner(house), made[1])
    assert row.downloads == 1


async def test_several_are_deleted_with_their_messages(house: House) -> None:
    message = await drawn(house)
    await filled(house, 2, address=Address(platform="discord", place="1", user=house.server.ada.id))
    page = await shown(house)
    opened = await house.server.press(page, "Delete several")
    await house.server.responded(opened)
    assert opened.modal is not None
    asked = await house.server.submit_modal(opened, {"numbers": "1 3"})
    question = await house.server.shown(asked, "Delete these 2 pictures?")
    assert question.ephemeral
    foreign = await house.server.press(question, "Yes, delete", user=house.server.bob)
    await house.server.shown(foreign, "This question is over, or it was not asked of you.")
    assert [item for item in house.server.visible() if item is message]
    await pressed(house, question, "Yes, delete", "2 pictures deleted.")
    assert message.deleted
    await pressed(house, question, "Yes, delete", "These pictures are gone already.")
    assert list((await shown(house)).buttons) == ["1", "Delete several", "Download all"]


async def test_numbers_that_are_wrong_are_said(house: House) -> None:
    await filled(house, 2)
    opened = await house.server.press(await shown(house), "Delete several")
    await house.server.responded(opened)
    asked = await house.server.submit_modal(opened, {"numbers": "3"})
    await house.server.shown(asked, "Say the numbers of pictures on the page, from 1 to 2")


async def test_a_picture_whose_file_is_gone(house: House) -> None:
    made = await filled(house, 2)
    await house.studio.app.blobs.delete((await files_of(house.studio.app, made))[0])
    message = await shown(house)
    assert len(message.pictures) == 1
    assert message.text.endswith("Not shown, because their files are gone: 1")
    await pressed(house, message, "1", "The file of this picture is gone.")


async def test_everything_as_a_file_within_discords_limit(house: House) -> None:
    await filled(house, 3, files=[png_of("x") + bytes(4 * 2**20)])
    message = await shown(house)
    told = await pressed(house, message, "Download all", "2 pictures, and a table")
    assert told.ephemeral
    assert "1 older picture is left out" in told.text
    [file] = told.attachments
    assert file["filename"] == "gallery.zip"
    data = house.server.files[file["url"].partition("?")[0].removeprefix(house.server.cdn)]
    assert len(data) <= 10 * 2**20
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert len(found.namelist()) == 3
    page = await gallery.page(house.studio.app, await owner(house), Show(), None, 9)
    assert [row.downloads for row in page.pictures] == [1, 1, 0]
