"""The gallery's addresses: what is shown to whom, what forms do, and the file with everything."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image

from bot.web.assets import STATIC
from bot.web.gallery import PERSON_ZIPS_MAX
from core import archive, gallery, logins, removal
from core.errors import Busy
from core.gallery import Mark, Show
from core.images import Images
from core.people import recognise
from storage.blobs import Blobs
from tests.bot.web.conftest import JSON, Door, opened, settings_for
from tests.fakes.exhibits import files_of, hang
from tests.fakes.pictures import encode, scene

HERE = "/gallery"
SCRIPT_BYTES_MAX = 4 * 1024


async def owner(door: Door) -> str:
    return await recognise(door.parts.app, "web", "operator", "operator")


async def filled(door: Door, jobs: int, count: int = 1, **about: object) -> list[Mark]:
    """So many jobs with so many pictures; newest first."""
    person = await owner(door)
    made: list[Mark] = []
    for _ in range(jobs):
        one = await hang(door.parts.app, person, count=count, **about)  # type: ignore[arg-type]
        made = [*one, *made]
    return made


def tiles(html: str) -> list[str]:
    return re.findall(r'<li class="tile" id="([^"]+)"', html)


def keys(marks: list[Mark]) -> list[str]:
    return [f"{mark.job_id}:{mark.position + 1}" for mark in marks]


def link(html: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return None if found is None else found[1].replace("&amp;", "&")


async def act(
    door: Door, do: str, *pictures: str, token: str | None = None, **fields: str
) -> tuple[int, str, str]:
    """Send the page's form: the status, the page that it led to, and its address."""
    given = token if token is not None else await door.token()
    form = [("token", given), ("do", do), *fields.items(), *(("picture", it) for it in pictures)]
    async with door.http.post(door.address + HERE, data=form) as response:
        return response.status, await response.text(), str(response.url)


async def downloads(door: Door) -> list[int]:
    page = await gallery.page(door.parts.app, await owner(door), Show(), None, 50)
    return [row.downloads for row in page.pictures]


async def test_an_empty_gallery_and_one_of_a_single_picture(quiet_door: Door) -> None:
    html = await quiet_door.html(HERE)
    assert "Your gallery is empty." in html
    assert tiles(html) == []
    made = await filled(quiet_door, 1)
    html = await quiet_door.html(HERE)
    assert tiles(html) == keys(made)
    assert (link(html, "prev"), link(html, "next")) == (None, None)


async def test_pages_forwards_and_back(quiet_door: Door) -> None:
    every = await filled(quiet_door, 15, 4)
    html = await quiet_door.html(HERE)
    assert tiles(html) == keys(every[:24])
    html = await quiet_door.html(link(html, "next") or "")
    assert tiles(html) == keys(every[24:48])
    last = await quiet_door.html(link(html, "next") or "")
    assert tiles(last) == keys(every[48:])
    assert link(last, "next") is None
    assert tiles(await quiet_door.html(link(last, "prev") or "")) == keys(every[24:48])


async def test_filters_are_links_to_what_there_is(quiet_door: Door) -> None:
    drawn = await filled(quiet_door, 2)
    edited = await filled(quiet_door, 1, operation="edit")
    me = await filled(quiet_door, 1, operation="portrait", persona="Zoë & <b>")
    await gallery.favourite(quiet_door.parts.app, await owner(quiet_door), drawn[1])
    html = await quiet_door.html(HERE)
    found = re.findall(r'<a class="pill" href="(/gallery[^"]*)"[^>]*><span>([^<]*)</span>', html)
    shown = {label: tiles(await quiet_door.html(href)) for href, label in found}
    assert shown == {
        "Newest": keys([*me, *edited, *drawn]),
        "★ Favourites": keys(drawn[1:]),
        "/edit": keys(edited),
        "/imagine": keys(drawn),
        "/portrait": keys(me),
        "Zoë &amp; &lt;b&gt;": keys(me),
    }
    gone = await quiet_door.html(f"{HERE}?at=paaaaas")
    assert len(tiles(gone)) == 4
    assert "Nothing made by /x" in await quiet_door.html(f"{HERE}?show=x")


async def test_tiles_are_thumbnails_that_the_browser_keeps(quiet_door: Door) -> None:
    large = encode(scene((1200, 800)))
    [mark] = await filled(quiet_door, 1, files=[large])
    html = await quiet_door.html(HERE)
    [source] = re.findall(r'<img src="([^"]+)"[^>]* loading="lazy"', html)
    assert source.startswith(f"{HERE}/{mark.job_id}/1/small?v=")
    for _ in range(2):
        async with quiet_door.http.get(quiet_door.address + source) as response:
            assert response.content_type == "image/webp"
            assert response.headers["Cache-Control"].startswith("private, max-age=")
            with Image.open(io.BytesIO(await response.read())) as shown:
                assert shown.size == (512, 341)
    await removal.remove(quiet_door.parts.app, await owner(quiet_door), [mark])
    await quiet_door.html(source, 404)


async def test_where_no_thumbnail_can_be_made_the_picture_is_shown(
    quiet_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    [mark] = await filled(quiet_door, 1)

    async def busy(self: Images, data: bytes, *, side: int = 0) -> None:
        raise Busy("images-busy")

    monkeypatch.setattr(Images, "thumbnail", busy)
    address = f"{quiet_door.address}{HERE}/{mark.job_id}/1/small"
    async with quiet_door.http.get(address) as response:
        assert response.url.path.startswith("/files/")
        [sha256] = await files_of(quiet_door.parts.app, [mark])
        assert await response.read() == await quiet_door.parts.app.blobs.get(sha256)


async def test_large_pictures_come_by_signed_addresses_that_end(quiet_door: Door) -> None:
    [mark] = await filled(quiet_door, 1)
    html = await quiet_door.html(f"{HERE}/{mark.job_id}/1")
    [source] = re.findall(r'<img src="(/files/[^"]+)"', html)
    async with quiet_door.http.get(quiet_door.address + source) as response:
        [sha256] = await files_of(quiet_door.parts.app, [mark])
        assert await response.read() == await quiet_door.parts.app.blobs.get(sha256)
    forged = quiet_door.address + source.replace("/files/", "/files/0")
    async with quiet_door.http.get(forged) as response:
        assert response.status == 403


async def test_a_star_is_set_and_taken_with_script_and_without(quiet_door: Door) -> None:
    made = await filled(quiet_door, 1, 2)
    key = keys(made)[1]
    star = f'name="star" value="{key}" aria-pressed="'
    status, html, url = await act(quiet_door, "", star=key)
    assert status == 200
    assert urlsplit(url).path == HERE
    assert star + "true" in html
    form = {"token": await quiet_door.token(), "star": key}
    address = quiet_door.address + HERE
    async with quiet_door.http.post(address, data=form, headers=JSON) as response:
        assert await response.json() == {"favourite": False}
    assert star + "false" in await quiet_door.html(HERE)
    status, html, url = await act(quiet_door, "", star=key, alone="yes")
    assert urlsplit(url).path == f"{HERE}/{made[1].job_id}/2"


async def test_several_are_deleted_after_a_page_that_asks(quiet_door: Door) -> None:
    made = await filled(quiet_door, 2, 2)
    await filled(quiet_door, 1, state="running")
    chosen = keys([made[0], made[1], made[2]])
    await gallery.favourite(quiet_door.parts.app, await owner(quiet_door), made[1])
    status, html, _ = await act(quiet_door, "delete", *chosen)
    assert (status, len(tiles(html))) == (200, 0)
    assert "Delete these 3 pictures, one of them a favourite?" in html
    assert re.findall(r'name="picture" value="([^"]+)"', html) == chosen
    assert tiles(await quiet_door.html(HERE)) == keys(made)
    status, html, url = await act(quiet_door, "delete-yes", *chosen)
    assert urlsplit(url).query.endswith("&deleted=3&stay=1&running=1")
    assert "3 pictures deleted." in html
    assert "One result keeps other pictures" in html
    assert "/cancel stops it" in html
    assert tiles(html) == keys(made[3:])
    _, html, _ = await act(quiet_door, "delete-yes", *chosen)
    assert "These pictures are gone already." in html


async def test_all_of_a_filter_are_asked_about_as_they_are(
    quiet_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_ONCE_MAX", 5)
    drawn = await filled(quiet_door, 7)
    await filled(quiet_door, 1, operation="edit")
    page = await quiet_door.html(f"{HERE}?show=imagine")
    found = re.search(r'name="at" value="([^"]+)"', page)
    assert found is not None
    _, html, _ = await act(quiet_door, "delete-all", at=found[1])
    asked = re.findall(r'name="picture" value="([^"]+)"', html)
    assert asked == keys(drawn[:5])
    assert "2 more are older" in html
    status, html, _ = await act(quiet_door, "delete-all", at="paaaaas")
    assert status == 404
    assert "Nothing of that is left" in html


async def test_forms_without_a_choice_or_of_another_page_do_nothing(quiet_door: Door) -> None:
    made = await filled(quiet_door, 2)
    for do in ("delete", "delete-yes", "zip", "else"):
        status, html, _ = await act(quiet_door, do)
        assert (status, "Nothing was selected." in html) == (200, True)
    for wrong in ("x", "0:1", f"{made[0].job_id}:0", f"{made[0].job_id}:é", ":"):
        _, html, _ = await act(quiet_door, "delete", wrong)
        assert "Nothing was selected." in html
    status, html, _ = await act(quiet_door, "delete-yes", *keys(made), token="0" * 64)
    assert status == 403
    async with quiet_door.http.post(
        quiet_door.address + HERE,
        data={"token": await quiet_door.token(), "do": "delete-yes", "picture": keys(made)[0]},
        headers={"Sec-Fetch-Site": "cross-site"},
    ) as response:
        assert response.status == 403
    assert tiles(await quiet_door.html(HERE)) == keys(made)


async def test_one_picture_by_itself(quiet_door: Door) -> None:
    [parent] = await filled(quiet_door, 1)
    made = await filled(
        quiet_door, 1, 2, operation="imagine", parent=parent.job_id, prompt="<b>night</b>", seed=42
    )
    html = await quiet_door.html(f"{HERE}/{made[1].job_id}/2")
    assert "&lt;b&gt;night&lt;/b&gt;" in html
    assert "<dt>seed</dt><dd>42</dd>" in html
    assert f'href="{HERE}/{parent.job_id}/1">What it was made from' in html
    assert link(html, "prev") == f"{HERE}/{made[0].job_id}/1?in=s"
    assert link(html, "next") == f"{HERE}/{parent.job_id}/1?in=s"
    assert f'value="edit-result:{made[1].job_id}:2"' in html
    assert link(await quiet_door.html(f"{HERE}/{parent.job_id}/1?in=fs"), "prev") is None
    for path in (f"/{made[0].job_id}/3", f"/{'0' * 32}/1", "/x/1", f"/{made[0].job_id}/0"):
        await quiet_door.html(HERE + path, 404)


async def test_a_file_is_shown_freely_and_counted_when_it_is_kept(quiet_door: Door) -> None:
    made = await filled(quiet_door, 1, 2)
    path = f"{HERE}/{made[0].job_id}/1/file"
    for query, kept in (("", "inline"), ("?download", "attachment")):
        async with quiet_door.http.get(quiet_door.address + path + query) as response:
            assert response.status == 200
            assert response.headers["Content-Disposition"].startswith(kept)
    assert await downloads(quiet_door) == [1, 0]
    async with quiet_door.http.head(quiet_door.address + path + "?download") as response:
        assert response.status == 405
    assert "↓ 1" in await quiet_door.html(HERE)


async def test_a_download_in_the_chat_of_the_page_is_counted(door: Door) -> None:
    await door.says("a red fox")
    html = await door.until('value="original:')
    found = re.search(r'value="(original:[0-9a-f]{32})"', html)
    assert found is not None
    _, told = await door.send("", path="/press", button=found[1])
    assert await downloads(door) == [0]
    address = re.search(r'href="(/picture/[^"]+\?download)"', str(told["message"]))
    assert address is not None
    async with door.http.get(door.address + address[1]) as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
    assert await downloads(door) == [1]


async def read_zip(response: aiohttp.ClientResponse) -> list[str]:
    assert response.status == 200
    assert response.content_type == "application/zip"
    assert response.headers["Content-Disposition"] == "attachment; filename=gallery.zip"
    found = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert found.testzip() is None
    return found.namelist()


async def test_everything_or_what_was_chosen_as_one_file(quiet_door: Door) -> None:
    made = await filled(quiet_door, 3, 4)
    await filled(quiet_door, 1, operation="edit")
    address = quiet_door.address + HERE
    html = await quiet_door.html(f"{HERE}?show=imagine")
    everything = re.search(r'href="/gallery(/zip\?at=[^"]+)"', html)
    assert everything is not None
    async with quiet_door.http.get(address + everything[1]) as response:
        names = await read_zip(response)
    assert (len(names), names[-1]) == (13, archive.TABLE)
    form = [("token", await quiet_door.token()), ("do", "zip")]
    form += [("picture", key) for key in keys(made[:2])]
    async with quiet_door.http.post(address, data=form) as response:
        assert len(await read_zip(response)) == 3
    assert await downloads(quiet_door) == [0, 2, 2, *[1] * 10]


async def test_a_person_has_few_files_at_once(
    quiet_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(quiet_door, 1)
    release, get = asyncio.Event(), Blobs.get

    async def slow(self: Blobs, sha256: str) -> bytes:
        await release.wait()
        return await get(self, sha256)

    monkeypatch.setattr(Blobs, "get", slow)
    address = f"{quiet_door.address}{HERE}/zip"
    running = [await quiet_door.http.get(address) for _ in range(PERSON_ZIPS_MAX)]
    html = await quiet_door.html(f"{HERE}/zip", 429)
    assert "Your last downloads are still running." in html
    release.set()
    for response in running:
        assert len(await read_zip(response)) == 2
    async with quiet_door.http.get(address) as response:
        assert len(await read_zip(response)) == 2


async def test_only_the_owner_sees_a_gallery(
    tmp_path: Path, redis_url: str, database_url: str
) -> None:
    settings = settings_for(tmp_path, database_url, host="0.0.0.0")
    async with opened(settings, redis_url, work=False) as wide:
        door = dataclasses.replace(wide, address=wide.address.replace("0.0.0.0", "127.0.0.1"))
        app = door.parts.app
        theirs = await hang(app, await recognise(app, "discord", "7", "Ann"), count=2)
        bob = await recognise(app, "discord", "8", "Bob")
        key = keys(theirs)[0]
        one = f"/{theirs[0].job_id}/1"
        paths = ("", "/zip", one, f"{one}/file?download", f"{one}/small")
        for path in paths:
            assert "Send /login to the bot" in await door.html(HERE + path, 401)
        await door.html(f"/login/{await logins.invite(app, bob)}")
        assert tiles(await door.html(HERE)) == []
        for path in paths[2:]:
            await door.html(HERE + path, 404)
        assert (await act(door, "", star=key))[0] == 404
        assert "Nothing was selected." in (await act(door, "delete", key))[1]
        _, html, _ = await act(door, "delete-yes", key)
        assert "These pictures are gone already." in html
        page = await gallery.page(app, await recognise(app, "discord", "7", "Ann"), Show(), None, 9)
        assert [(row.downloads, row.favourite_at) for row in page.pictures] == [(0, None)] * 2


async def test_a_forged_zero_byte_is_nothing_that_there_is(
    tmp_path: Path, redis_url: str, database_url: str
) -> None:
    settings = settings_for(tmp_path, database_url)
    async with opened(settings, redis_url, work=False) as door:
        await hang(door.parts.app, await owner(door))
        for query in ("show=a%00b", "persona=a%00b"):
            assert tiles(await door.html(f"{HERE}?{query}")) == []
        for what in ("delete", "zip", "delete-yes"):
            assert "Nothing was selected." in (await act(door, what, "\x00:1"))[1]
        assert (await act(door, "", star="\x00:1"))[0] == 200


def test_the_script_stays_small() -> None:
    assert (STATIC / "gallery.js").stat().st_size < SCRIPT_BYTES_MAX
