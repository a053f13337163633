"""ComfyUI: its socket and queue, jobs lost and found, and answers that are not what they seem."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from providers import comfyui
from providers.base import (
    Credentials,
    Fault,
    OutcomeUnknown,
    ProviderError,
    Step,
)
from providers.comfyui import ComfyUI
from tests.fakes.comfyui_server import OOM, FakeComfyUI
from tests.fakes.vendor import Trouble, picture
from tests.providers.comfyui_requests import (
    ASKED,
    EDIT,
    NESTED,
    OTHER_ID,
    fails,
    the_job,
    until_queued,
)
from tests.providers.requests import CALL_ID, ignore


@pytest.fixture
async def server() -> AsyncIterator[FakeComfyUI]:
    async with FakeComfyUI() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComfyUI]:
    monkeypatch.setattr(comfyui, "POLL_S", 0.02)
    opened = ComfyUI(server.url)
    yield opened
    await opened.close()


async def test_the_job_goes_by_the_request_s_id_and_its_previews_come(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    previews: list[bytes] = []
    ids: list[str] = []

    parts: list[float | None] = []

    async def partial(news: bytes | Step) -> None:
        if isinstance(news, Step):
            parts.append(news.part)
        else:
            previews.append(news)

    async def accepted(vendor_id: str) -> None:
        ids.append(vendor_id)

    server.previews = [b"no picture", picture(7, kind="JPEG"), picture(8)]
    await vendor.run(ASKED, partial=partial, accepted=accepted)
    assert ids == [CALL_ID] == list(server.jobs)
    # The second comes too soon after the first.
    assert previews == [picture(7, kind="JPEG")]
    await vendor.run(replace(ASKED, id=OTHER_ID, count=2), partial=partial, accepted=accepted)
    assert len(previews) == 1
    assert parts == [0.5, 0.5]


@pytest.mark.parametrize("how", [{"sockets": False}, {"drop": True}], ids=str)
async def test_without_the_socket_the_picture_still_comes(
    server: FakeComfyUI, vendor: ComfyUI, how: dict[str, bool]
) -> None:
    for name, value in how.items():
        setattr(server, name, value)
    server.script.append(Trouble(hang_s=0.1))
    result = await vendor.run(ASKED, partial=ignore, accepted=ignore)
    assert result.images == (picture(0),)


async def test_jobs_at_once_have_their_own_sockets(server: FakeComfyUI, vendor: ComfyUI) -> None:
    heard: dict[str, int] = {CALL_ID: 0, OTHER_ID: 0}

    async def one(name: str) -> None:
        async def partial(news: bytes | Step) -> None:
            heard[name] += isinstance(news, bytes)

        await vendor.run(replace(ASKED, id=name), partial=partial, accepted=ignore)

    await asyncio.gather(*(one(name) for name in heard))
    assert heard == {CALL_ID: 1, OTHER_ID: 1}


async def test_a_job_is_found_waited_for_and_never_queued_again(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script += [Trouble(hang_s=0.2), Trouble()]
    running = asyncio.create_task(vendor.run(ASKED, partial=ignore, accepted=ignore))
    await until_queued(server)
    running.cancel()
    await asyncio.wait([running])
    began = datetime.now(UTC)
    assert await vendor.find(ASKED, began) == CALL_ID
    assert await vendor.find(replace(ASKED, id=OTHER_ID), began) is None
    assert await vendor.find(replace(ASKED, id=""), began) is None
    result = await vendor.resume(CALL_ID, ASKED, partial=ignore)
    assert result.images == (picture(0),)
    assert await vendor.find(ASKED, began) == CALL_ID
    assert server.made == 1


async def test_an_old_server_s_own_id_is_taken_and_found_by_our_client(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.old = True
    ids: list[str] = []

    async def accepted(vendor_id: str) -> None:
        ids.append(vendor_id)

    server.script.append(Trouble(hang_s=0.2))
    running = asyncio.create_task(vendor.run(ASKED, partial=ignore, accepted=accepted))
    await until_queued(server)
    assert await vendor.find(ASKED, datetime.now(UTC)) == the_job(server).id != CALL_ID
    assert (await running).images == (picture(0),)
    assert ids == list(server.jobs)


async def test_a_job_that_a_restart_lost_made_nothing(
    server: FakeComfyUI, vendor: ComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfyui, "POLLS_PER_QUEUE", 2)
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    server.forget()
    for error in (await running, await _resumed(vendor)):
        assert error.fault is Fault.UNAVAILABLE
        assert "lost" in error.detail


async def _resumed(vendor: ComfyUI) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await vendor.resume(CALL_ID, ASKED, partial=ignore)
    return caught.value


async def test_a_server_that_is_gone_while_it_works_leaves_the_outcome_open(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    server.answers["/history"] = b"busy"
    assert isinstance(await running, OutcomeUnknown)


async def test_cancelling_touches_no_job_but_its_own(server: FakeComfyUI, vendor: ComfyUI) -> None:
    server.script += [Trouble(hang_s=5), Trouble(hang_s=5)]
    first = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    second = asyncio.create_task(fails(vendor, replace(ASKED, id=OTHER_ID)))
    await until_queued(server, 2)
    await vendor.cancel(OTHER_ID)
    assert list(server.jobs) == [CALL_ID]
    assert not any(seen.path == "/interrupt" for seen in server.seen)
    await vendor.cancel(CALL_ID)
    error = await first
    assert (error.fault, error.detail) == (Fault.UNAVAILABLE, "interrupted")
    assert (await second).fault is Fault.UNAVAILABLE
    await vendor.cancel("never-was")


async def test_a_job_that_outlives_the_call_is_stopped(
    server: FakeComfyUI, vendor: ComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfyui, "CALL_TIMEOUT_S", 0.2)
    server.script.append(Trouble(hang_s=5))
    assert isinstance(await fails(vendor, ASKED), OutcomeUnknown)
    assert the_job(server).interrupted.is_set()


async def test_memory_that_ran_out_is_told_without_the_traceback(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script.append(Trouble(error="memory"))
    error = await fails(vendor, ASKED)
    assert error.detail == f"KSampler: {OOM}"


FILE = {"filename": "a", "subfolder": "", "type": "output"}
HOSTILE: list[tuple[str, object, type[ProviderError]]] = [
    ("/prompt", b"<html>", OutcomeUnknown),
    ("/prompt", NESTED, OutcomeUnknown),
    ("/prompt", [], OutcomeUnknown),
    ("/prompt", {}, OutcomeUnknown),
    ("/prompt", {"prompt_id": 5}, OutcomeUnknown),
    ("/prompt", {"prompt_id": "../queue"}, OutcomeUnknown),
    ("/history", [], OutcomeUnknown),
    ("/history", NESTED, OutcomeUnknown),
    ("/history", {CALL_ID: {}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": "no"}, "2": 3}}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": [{"filename": 1}]}}}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": [FILE]}}}}, OutcomeUnknown),
    ("/history", {CALL_ID: {"status": {"status_str": "error", "messages": 3}}}, ProviderError),
    ("/history", {CALL_ID: {"status": {"status_str": "error", "messages": [1]}}}, ProviderError),
    ("/view", b"<html>", OutcomeUnknown),
    ("/upload", NESTED, ProviderError),
    ("/upload", {}, ProviderError),
    ("/upload", {"name": "", "subfolder": "", "type": "input"}, ProviderError),
]


@pytest.mark.parametrize(("path", "body", "kind"), HOSTILE, ids=lambda item: str(item)[:60])
async def test_an_answer_that_is_none_is_an_error_of_ours(
    server: FakeComfyUI, vendor: ComfyUI, path: str, body: object, kind: type[ProviderError]
) -> None:
    server.answers[path] = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = await fails(vendor, EDIT)
    assert type(error) is kind


@pytest.mark.parametrize(
    "body",
    [b"x", NESTED, b"5", b'{"queue_running": [[1], 5, "x"]}'],
    ids=lambda item: str(item)[:60],
)
async def test_looking_survives_any_answer(
    server: FakeComfyUI, vendor: ComfyUI, body: bytes
) -> None:
    server.answers = dict.fromkeys(("/queue", "/system_stats", "/models"), body)
    for look in (vendor.check, vendor.catalogue):
        with pytest.raises(ProviderError) as caught:
            await look()
        assert caught.value.fault is Fault.UNAVAILABLE
    if body.startswith(b"{"):
        assert await vendor.find(ASKED, datetime.now(UTC)) is None
        return
    with pytest.raises(ProviderError) as caught:
        await vendor.find(ASKED, datetime.now(UTC))
    assert caught.value.fault is Fault.UNAVAILABLE


async def test_a_job_of_nobody_is_not_ours(server: FakeComfyUI, vendor: ComfyUI) -> None:
    server.answers["/queue"] = b'{"queue_running": [[1, "theirs", {}, {}, []]]}'
    assert await vendor.find(replace(ASKED, id=""), datetime.now(UTC)) is None


async def test_a_proxy_s_password_is_sent_and_never_told(server: FakeComfyUI) -> None:
    url = server.url.replace("http://", "http://me:hunter%232000@")
    vendor = comfyui.PROVIDER.open(Credentials(base_url=url))
    assert isinstance(vendor, ComfyUI)
    await vendor.run(EDIT, partial=ignore, accepted=ignore)
    sent = {seen.headers.get("Authorization") for seen in server.seen}
    assert len(sent) == 1
    assert None not in sent
    server.answers["/prompt"] = b"{}"
    asked = replace(ASKED, model="text-to-image:hunter#2000")
    error = await fails(vendor, asked)
    assert "hunter" not in f"{error} {error.detail}"
    await vendor.close()
