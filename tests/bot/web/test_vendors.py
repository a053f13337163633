"""Webhooks of vendors at the real address: what they tell saves a call; nobody else tells anything."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.choice import Choice
from core.ids import new_id
from core.jobs import attempt
from core.jobs.claim import claim
from core.jobs.execute import run_next
from storage import attempts
from storage.attempts import AttemptRow
from tests.bot.web.conftest import Door, opened, settings_for
from tests.conftest import on_sqlite
from tests.fakes.replicate_server import SECRET, FakeReplicate, signed
from tests.fakes.studio import Remembering, SilentBell, Studio
from tests.fakes.vendor import Trouble

SAFE = "https://pictures.example"
MODEL = "flux-1.1-pro"
NEWER = "whsec_bmV3ZXI="
TOLD = json.dumps({"id": "theirs", "status": "succeeded"}).encode()
SECRET_PATH = "/v1/webhooks/default/secret"


@dataclass(frozen=True, kw_only=True)
class World:
    """A page that vendors reach, Replicate, and people who ask; `room` runs the jobs."""

    door: Door
    room: Studio
    vendor: FakeReplicate

    async def post(
        self, call: str | None, body: bytes = TOLD, headers: Mapping[str, str] | None = None
    ) -> int:
        """Send a webhook, a good one unless told otherwise; the status."""
        query = {} if call is None else {"call": call}
        address = f"{self.door.address}/webhooks/replicate"
        given = signed(body) if headers is None else headers
        # aiohttp warns of large bytes.
        data = io.BytesIO(body)
        async with self.door.http.post(address, params=query, data=data, headers=given) as answer:
            return answer.status

    async def begun(self, model: str = MODEL, *, own_key: bool = False) -> AttemptRow:
        """A call that is made at this moment."""
        await self.room.run("imagine", prompt="a fox", model="sketch")
        job = await claim(self.room.app)
        assert job is not None
        choice = Choice(model=self.room.app.models[model], own_key=own_key)
        await attempt.begin(self.room.app, job, choice)
        return await self.open(job.id)

    async def open(self, job_id: str) -> AttemptRow:
        """The call of a job as it is now."""
        found = await self.room.app.database.read(attempts.open_one, job_id)
        assert found is not None
        return found

    def paid(self) -> list[dict[str, object]]:
        """The bodies of the paid calls."""
        return [seen.body for seen in self.vendor.seen if seen.path.endswith("/predictions")]

    def asked_secret(self) -> int:
        """How often the secret was asked for."""
        return sum(seen.path == SECRET_PATH for seen in self.vendor.seen)


@contextlib.asynccontextmanager
async def world(
    folder: Path,
    redis_url: str,
    database_url: str | None = None,
    *,
    public_url: str | None = SAFE,
    key: str | None = FakeReplicate.key,
) -> AsyncIterator[World]:
    """Open one; Replicate finds the page whatever its public name."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with FakeReplicate() as vendor:
        vendor.public = f"http://127.0.0.1:{port}"
        vendors = {"REPLICATE_BASE_URL": vendor.url}
        vendors |= {} if key is None else {"REPLICATE_API_TOKEN": key}
        settings = settings_for(
            folder, database_url, public_url=public_url, port=port, vendors=vendors
        )
        async with opened(settings, redis_url, work=False) as door:
            app, chat = door.parts.app, Remembering()
            assert isinstance(app.messengers, dict)
            app.messengers["test"] = chat
            room = Studio(app=app, dispatch=door.parts.dispatch, chat=chat, bell=SilentBell())
            here = Door(address=vendor.public, parts=door.parts, http=door.http)
            yield World(door=here, room=room, vendor=vendor)
        assert vendor.violations == []


async def test_a_lost_answer_is_taken_up_by_what_the_webhook_told(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        here.vendor.script.append(Trouble(lose=True))
        here.vendor.listless = True
        await here.room.run("imagine", prompt="a fox", model=MODEL)
        assert await here.room.work() == 1
        [(_, delivery)] = here.room.chat.delivered
        assert [line.key for line in delivery.lines] == ["made-by", "receipt"]
        assert (here.vendor.made, here.vendor.heard) == (1, [200])


async def test_a_dead_worker_s_call_is_taken_up_by_what_the_webhook_told(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        here.vendor.script.append(Trouble(hang_s=30))
        here.vendor.listless = True
        await here.room.run("imagine", prompt="a fox", model=MODEL)
        working = asyncio.create_task(run_next(here.room.app))
        async with asyncio.timeout(10):
            while not here.vendor.heard:  # noqa: ASYNC110 - the vendor counts
                await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert await here.room.work() == 1
        [(_, delivery)] = here.room.chat.delivered
        assert [line.key for line in delivery.lines] == ["made-by", "receipt"]
        assert (here.vendor.made, here.vendor.heard) == (1, [200])


@on_sqlite
@pytest.mark.parametrize("public_url", [SAFE, "http://pictures.example", None])
async def test_only_an_https_address_is_told_to_the_vendor(
    tmp_path: Path, database_url: str, redis_url: str, public_url: str | None
) -> None:
    async with world(tmp_path, redis_url, database_url, public_url=public_url) as here:
        await here.room.run("imagine", prompt="a fox", model=MODEL)
        assert await here.room.work() == 1
        [body] = here.paid()
        if public_url != SAFE:
            assert body.keys() == {"input"}
            assert here.vendor.heard == []
            return
        assert body["webhook_events_filter"] == ["completed"]
        address, _, call = str(body["webhook"]).partition("?call=")
        assert address == f"{SAFE}/webhooks/replicate"
        assert len(call) == 36
        assert here.vendor.heard == [200]


def refused_ones(call: str) -> dict[str, tuple[int, str | None, bytes, Mapping[str, str]]]:
    """By name: the status, and what comes to the address."""
    now = datetime.now(UTC)
    late, early = now - timedelta(minutes=6), now + timedelta(minutes=6)
    other = TOLD.replace(b"theirs", b"others")
    bare = {"Content-Type": "application/json"}
    long = TOLD.replace(b"theirs", b"x" * 65)
    odd = TOLD.replace(b'"theirs"', b'["theirs"]')
    huge = b" " * (2**20 + 1)
    return {
        "another's signature": (404, call, TOLD, signed(TOLD, NEWER)),
        "another body's signature": (404, call, other, signed(TOLD)),
        "another message's signature": (404, call, TOLD, {**signed(TOLD), "Webhook-Id": "msg_2"}),
        "of long ago": (404, call, TOLD, signed(TOLD, at=late)),
        "of the future": (404, call, TOLD, signed(TOLD, at=early)),
        "unsigned": (404, call, TOLD, bare),
        "unsigned garbage": (404, call, b"\xff\x00", bare),
        "signed garbage": (404, call, b"\xff\x00", signed(b"\xff\x00")),
        "signed, of nothing": (404, call, b"", signed(b"")),
        "signed, no prediction": (404, call, b"[]", signed(b"[]")),
        "signed, too long an id": (404, call, long, signed(long)),
        "signed, an id that is none": (404, call, odd, signed(odd)),
        "huge": (413, call, huge, bare),
        "signed and huge": (413, call, huge, signed(huge)),
        "of no call": (404, None, TOLD, signed(TOLD)),
        "of a call that cannot be": (404, "x" * 36, TOLD, signed(TOLD)),
        "of a call that is too long": (404, call + "0" * 4000, TOLD, signed(TOLD)),
        "of an unknown call": (200, str(uuid4()), TOLD, signed(TOLD)),
    }


async def test_what_the_vendor_did_not_tell_of_a_call_changes_nothing(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        left = await here.begun()
        call = attempt.call_id(left.id)
        for name, (status, named, body, headers) in refused_ones(call).items():
            assert await here.post(named, body, headers) == status, name
            assert await here.open(left.job_id) == left, name
        assert here.asked_secret() == 1
        for path in ("", "/x"):
            address = f"{here.door.address}/webhooks/replicate{path}"
            async with here.door.http.get(address, params={"call": call}) as answer:
                assert answer.status in {404, 405}
        assert await here.post(call) == 200
        assert (await here.open(left.job_id)).vendor_id == "theirs"


async def test_the_first_id_of_a_call_stays(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        left = await here.begun()
        call, other = attempt.call_id(left.id), TOLD.replace(b"theirs", b"others")
        for body in (TOLD, TOLD, other, other):
            assert await here.post(call, body) == 200
            found = await here.open(left.job_id)
            assert (found.vendor_id, found.state) == ("theirs", "submitted")
        now = here.room.app.clock.now()
        await here.room.app.database.statement(attempts.end, left.id, "refused", now)
        assert await here.post(call, TOLD) == 200
        assert await here.room.app.database.read(attempts.open_one, left.job_id) is None


async def test_a_call_of_another_vendor_or_on_somebody_s_own_key_is_not_touched(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        for left in (await here.begun("gpt-image-2"), await here.begun(own_key=True)):
            assert await here.post(attempt.call_id(left.id)) == 200
            assert await here.open(left.job_id) == left


@on_sqlite
async def test_without_a_key_nobody_listens(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with world(tmp_path, redis_url, database_url, key=None) as here:
        assert await here.post(str(uuid4())) == 404
        assert here.vendor.seen == []


@on_sqlite
async def test_while_the_secret_is_not_told_the_vendor_is_to_come_again(
    tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        left = await here.begun()
        call = attempt.call_id(left.id)
        here.vendor.secret = None
        forged = [here.post(call, TOLD, signed(TOLD, NEWER)) for _ in range(10)]
        assert await asyncio.gather(*forged, here.post(call)) == [503] * 11
        assert here.asked_secret() == 1
        assert await here.open(left.job_id) == left
        here.vendor.secret = SECRET
        monkeypatch.setattr("providers.replicate.SECRET_AGE_S_MIN", 0.0)
        assert await here.post(call) == 200
        assert (await here.open(left.job_id)).vendor_id == "theirs"


@on_sqlite
@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!"])
async def test_a_secret_that_is_none_signs_nothing(
    tmp_path: Path, database_url: str, redis_url: str, secret: str
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        here.vendor.secret = secret
        for headers in (signed(TOLD, "whsec_"), signed(TOLD)):
            assert await here.post(new_id(), TOLD, headers) == 404


@on_sqlite
async def test_a_new_secret_is_learnt_and_the_old_one_is_over(
    tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, redis_url, database_url) as here:
        left = await here.begun()
        assert await here.post(str(uuid4())) == 200
        here.vendor.secret = NEWER
        call = attempt.call_id(left.id)
        for _ in range(10):
            assert await here.post(call, TOLD, signed(TOLD, NEWER)) == 404
        assert here.asked_secret() == 1
        monkeypatch.setattr("providers.replicate.SECRET_AGE_S_MIN", 0.0)
        assert await here.post(call, TOLD, signed(TOLD, NEWER)) == 200
        assert (await here.open(left.job_id)).vendor_id == "theirs"
        assert await here.post(call) == 404
