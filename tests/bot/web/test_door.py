from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.links import Links
from bot.settings import SettingsError
from bot.web.app import HEADERS
from bot.web.login import FAILED_MAX, FAILED_WITHIN_S, PLACES_MAX, FailedLogins
from bot.web.visitor import Doorkeeper
from core import logins, pages
from core.ids import new_id
from core.people import recognise
from tests.bot.web.conftest import JSON, Door, opened, plain, settings_for
from tests.conftest import on_sqlite


async def _posted(door: Door, headers: dict[str, str], token: str | None = None) -> int:
    form = {"token": token or await door.token(), "id": new_id(), "text": "/help"}
    async with door.http.post(
        door.address + "/send", data=form, headers={**JSON, **headers}
    ) as answer:
        return answer.status


async def test_changes_come_only_from_our_own_page(quiet_door: Door) -> None:
    host = quiet_door.address.removeprefix("http://")
    assert await _posted(quiet_door, {}) == 200
    assert await _posted(quiet_door, {"Origin": f"http://{host}"}) == 200
    assert await _posted(quiet_door, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}) == 200
    assert await _posted(quiet_door, {"Origin": "https://elsewhere.example"}) == 403
    assert await _posted(quiet_door, {"Sec-Fetch-Site": "cross-site"}) == 403
    assert await _posted(quiet_door, {"Sec-Fetch-Site": "same-site"}) == 403
    assert await _posted(quiet_door, {}, token="0" * 64) == 403
    assert await _posted(quiet_door, {}, token="é") == 403


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/events", "/healthz", "/static/page.css"])
async def test_a_page_for_this_machine_answers_only_to_its_own_names(
    quiet_door: Door, path: str
) -> None:
    port = quiet_door.address.rpartition(":")[2]
    rebound = {"Host": f"atelier.example:{port}"}
    async with quiet_door.http.get(quiet_door.address + path, headers=rebound) as answer:
        assert answer.status == 403
        assert "answers only on this machine" in await answer.text()
    async with quiet_door.http.get(
        quiet_door.address + path, headers={"Host": "localhost:1"}
    ) as no:
        assert no.status == 403
    for name in ("localhost", "127.0.0.1", "[::1]"):
        own = {"Host": f"{name}:{port}"}
        async with quiet_door.http.get(quiet_door.address + path, headers=own) as answer:
            assert answer.status == 200


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/static/page.js", "/events"])
async def test_every_answer_has_the_strict_headers(quiet_door: Door, path: str) -> None:
    async with quiet_door.http.get(quiet_door.address + path) as answer:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_a_link_from_the_chat_lets_in_once_as_the_same_person(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with opened(
        settings_for(tmp_path, database_url, host="0.0.0.0"), redis_url, work=False
    ) as wide:
        address = wide.address.replace("0.0.0.0", "127.0.0.1")
        door = Door(address=address, parts=wide.parts, http=wide.http)
        assert "Send /login to the bot" in await door.html("/", 401)
        assert "Send /login to the bot" in await door.html("/events", 401)
        app = door.parts.app
        person = await recognise(app, "discord", "7", "Bea")
        token = await logins.invite(app, person)
        async with door.http.head(f"{address}/login/{token}") as peek:
            assert peek.status == 405
        chat = {"User-Agent": "TelegramBot (like TwitterBot)"}
        async with door.http.get(f"{address}/login/{token}", headers=chat) as peek:
            assert peek.status == 401
        assert "What shall we make?" in await door.html(f"/login/{token}")
        assert "This link has been used or is over." in await door.html(f"/login/{token}", 410)
        assert "You have 100 credits." in await door.says("/balance")
        assert len(await pages.latest(app, person, 9)) == 1
        async with aiohttp.ClientSession() as stranger, stranger.get(address) as refused:
            assert refused.status == 401
        form = {"token": await door.token()}
        kept = {item.key: item.value for item in door.http.cookie_jar}
        async with door.http.post(address + "/leave", data=form) as left:
            assert left.status == 401
        async with door.http.get(address, cookies=kept) as ended:
            assert ended.status == 401


async def test_the_session_cookie_is_guarded(tmp_path: Path, redis_url: str) -> None:
    settings = settings_for(tmp_path, public_url="https://pictures.example")
    async with opened(settings, redis_url, work=False) as door:
        assert door.address == "https://pictures.example"
        response = web.Response()
        Doorkeeper(door.parts).remember(response, "abc")
        cookie = str(response.cookies)
        for wanted in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=2592000"):
            assert wanted in cookie


class _Held:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime) -> None:
        self.wall = now
        self.steady = 0.0

    def now(self) -> datetime:
        return self.wall

    def steady_s(self) -> float:
        return self.steady


def test_guessing_links_is_slowed_and_remembering_it_is_bounded() -> None:
    clock = _Held(datetime(2026, 1, 1, tzinfo=UTC))
    failed = FailedLogins(clock)
    for _ in range(FAILED_MAX):
        assert not failed.too_many("1.2.3.4")
        failed.add("1.2.3.4")
    assert failed.too_many("1.2.3.4")
    assert not failed.too_many("1.2.3.5")
    clock.steady = FAILED_WITHIN_S + 1
    assert not failed.too_many("1.2.3.4")
    for number in range(PLACES_MAX + 10):
        failed.add(str(number))
    assert len(failed._failed) == PLACES_MAX


@on_sqlite
async def test_signed_links_are_good_for_one_file_and_a_time(quiet_door: Door) -> None:
    parts = quiet_door.parts
    sha256 = await parts.app.blobs.put(plain())
    path = parts.links.path(sha256, "fox.png")
    async with quiet_door.http.get(quiet_door.address + path) as answer:
        assert (answer.status, await answer.read()) == (200, plain())
    _, _, _, until, signature, name = path.split("/")
    forged = "0" * len(signature)
    for bad in (
        f"/files/{sha256}/{until}/{forged}/{name}",
        f"/files/{sha256}/{until}/{signature}/other.png",
        f"/files/{sha256}/{int(until) + 1}/{signature}/{name}",
        f"/files/{'0' * 64}/{until}/{signature}/{name}",
    ):
        assert "This link is over or not whole." in await quiet_door.html(bad, 403)
    assert parts.settings.master_key is not None
    later = _Held(parts.app.clock.now() + timedelta(hours=1))
    over = Links(None, parts.settings.master_key.get_secret_value(), later)
    assert parts.links.good(sha256, until, signature, name)
    assert not over.good(sha256, until, signature, name)
    await parts.app.blobs.delete(sha256)
    await quiet_door.html(path, 404)


async def test_health_names_what_is_missing(tmp_path: Path, database_url: str) -> None:
    async with opened(
        settings_for(tmp_path, database_url), "redis://127.0.0.1:1", work=False
    ) as door:
        async with door.http.get(door.address + "/healthz") as answer:
            assert answer.status == 200
        async with door.http.get(door.address + "/readyz") as answer:
            told = await answer.json()
            assert (answer.status, told["database"], told["redis"]) == (503, True, False)


async def test_ready_with_everything(quiet_door: Door) -> None:
    async with quiet_door.http.get(quiet_door.address + "/readyz") as answer:
        assert (answer.status, (await answer.json())["ready"]) == (200, True)


@on_sqlite
async def test_a_taken_port_is_told_with_its_name(quiet_door: Door, tmp_path: Path) -> None:
    port = int(quiet_door.address.rpartition(":")[2])
    with pytest.raises(SettingsError, match=f"PORT: {port} is taken"):
        async with opened(
            settings_for(tmp_path / "second", port=port), "redis://127.0.0.1:1", work=False
        ):
            pass


async def test_the_telegram_webhook_gets_secret_and_body(tmp_path: Path, redis_url: str) -> None:
    taken: list[tuple[str, bytes]] = []

    async def webhook(secret: str, body: bytes) -> int:
        await asyncio.sleep(0)
        taken.append((secret, body))
        return 200 if secret == "right" else 403

    settings = settings_for(tmp_path)
    async with opened(settings, redis_url, work=False, webhook=webhook) as door:
        for secret, status in (("right", 200), ("wrong", 403)):
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Host": "bot.example"}
            async with door.http.post(
                door.address + "/webhooks/telegram", data=b"{}", headers=headers
            ) as answer:
                assert answer.status == status
    assert taken == [("right", b"{}"), ("wrong", b"{}")]


@on_sqlite
async def test_without_telegram_there_is_no_webhook(quiet_door: Door) -> None:
    async with quiet_door.http.post(quiet_door.address + "/webhooks/telegram") as answer:
        assert answer.status == 404


async def test_open_streams_do_not_hold_the_end(tmp_path: Path, redis_url: str) -> None:
    async with opened(settings_for(tmp_path), redis_url, work=False) as door:
        stream = await door.http.get(door.address + "/events")
        await stream.content.readline()
        began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 1.5
