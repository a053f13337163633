"""ComfyUI on the operator's own machine: a request fills a workflow, and the queue runs it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp

from providers.base import (
    Accepted,
    Checked,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    Partial,
    ProviderError,
    SourceImage,
    Step,
    Vendor,
)
from providers.comfyui import answers, filling, listening, workflow
from providers.comfyui.workflow import BadWorkflow, Value, Workflow
from providers.reading import json_in
from providers.transport import DETAIL_LENGTH_MAX, IMAGE_BYTES_MAX, Answer, Wire, is_picture

CALL_TIMEOUT_S = 290.0
LOOK_TIMEOUT_S = 15.0
UPLOAD_TIMEOUT_S = 60.0
POST_TIMEOUT_S = 60.0
SOCKET_TIMEOUT_S = 3.0
POLL_S = 1.0
POLL_FAILURES_MAX = 5
# The queue holds whole graphs, so it is asked less often than the history.
POLLS_PER_QUEUE = 10
PREVIEW_S_MIN = 2.0

# The folder of models that each shipped workflow takes its checkpoint from.
FOLDERS = {
    "text-to-image": "checkpoints",
    "image-to-image": "checkpoints",
    "inpaint": "checkpoints",
    "upscale": "upscale_models",
}

_JOB_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class ComfyUI:
    """One server. A job, and the socket that hears of it, go by the request's own id.

    A name of its own for each socket: a server sends a client's news to its newest socket alone.
    """

    def __init__(self, base_url: str) -> None:
        # ComfyUI asks for no password, but a proxy before it may.
        parts = urlsplit(base_url)
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        headers = {}
        if login or password:
            headers["Authorization"] = aiohttp.encode_basic_auth(login, password, "utf-8")
        self._wire = Wire(address, headers=headers, secrets=[password, f"{login}:{password}"])

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Fill the workflow, queue it, and wait for its pictures; raises ProviderError."""
        job = request.id or str(uuid.uuid4())
        queued = False
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                graph = await self._graph(request, job)
                async with self._heard(job, request, partial) as woken:
                    queued = True
                    job = await self._post(graph, job)
                    await accepted(job)
                    return await self._result(job, request.count, woken)
        except TimeoutError as error:
            if not queued:
                raise ProviderError(Fault.UNAVAILABLE, "uploads take too long") from error
            raise await self._given_up(job) from error

    async def resume(
        self, vendor_id: str, request: ImageRequest, *, partial: Partial
    ) -> ImageResult:
        """Wait for the pictures of a job that was queued earlier; raises as `run` does."""
        try:
            async with (
                asyncio.timeout(CALL_TIMEOUT_S),
                self._heard(request.id or vendor_id, request, partial) as woken,
            ):
                return await self._result(vendor_id, request.count, woken)
        except TimeoutError as error:
            raise await self._given_up(vendor_id) from error

    async def find(self, request: ImageRequest, since: datetime) -> str | None:
        """The job's id where the history or the queue holds it; raises ProviderError."""
        # A job leaves the queue for the history, so the history is asked again after the queue.
        for look in (self._in_history, self._in_queue, self._in_history):
            if (found := await look(request.id)) is not None:
                return found
        return None

    async def cancel(self, vendor_id: str) -> bool:
        """Take a job out of the queue, or interrupt it if it runs; raises ProviderError."""
        await self._ask("POST", "/queue", {"delete": [vendor_id]})
        # It is there still, so it runs; old servers interrupt whatever runs, so not without a look.
        if await self._in_queue(vendor_id):
            await self._ask("POST", "/interrupt", {"prompt_id": vendor_id})
        return True

    async def check(self) -> Checked:
        """Whether a server answers; raises ProviderError."""
        told = await self._look("/system_stats")
        if not isinstance(told, dict) or not isinstance(told.get("system"), dict):
            raise ProviderError(Fault.UNAVAILABLE, "the answer is not ComfyUI's")
        return Checked()

    async def catalogue(self) -> Mapping[str, date | None]:
        """Each shipped workflow with each model of its folder, as `vendor_model` names them."""
        found: dict[str, date | None] = {}
        for folder in sorted(set(FOLDERS.values())):
            told = await self._look(f"/models/{folder}")
            if not isinstance(told, list):
                raise ProviderError(Fault.UNAVAILABLE, "the answer is not a list of models")
            names = [name for name in told if isinstance(name, str)]
            flows = [flow for flow, of in FOLDERS.items() if of == folder]
            found |= {f"{flow}:{name}": None for flow in flows for name in names}
        return found

    def lists(self, vendor_model: str) -> bool:
        """Whether it is a shipped workflow: the operator's own files are in no list of the server's."""
        return not vendor_model.endswith(workflow.FILE_SUFFIX)

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def _graph(self, request: ImageRequest, job: str) -> dict[str, Any]:
        """The workflow that the request names, filled with all that the request says."""
        name, checkpoint = workflow.split(request.model)
        try:
            flow = await asyncio.to_thread(workflow.load, name)
            values = await self._values(request, flow, job)
            if checkpoint:
                values["checkpoint"] = checkpoint
            return flow.filled(values)
        except BadWorkflow as error:
            raise ProviderError(Fault.BAD_INPUT, str(error)) from error

    async def _values(self, request: ImageRequest, flow: Workflow, job: str) -> dict[str, Value]:
        """What the workflow's placeholders stand for; pictures are uploaded for it."""
        values = await asyncio.to_thread(filling.values_of, request, job)
        pictures = {
            "image" if index == 1 else f"image{index}": item
            for index, item in enumerate(request.images, start=1)
        }
        if request.mask is not None:
            pictures["mask"] = request.mask
        for name, item in pictures.items():
            if name not in flow.takes:
                raise ProviderError(Fault.BAD_INPUT, f"workflow {flow.name!r} takes no {name}")
            values[name] = await self._uploaded(item, f"atelier-{job}-{name}")
        return values

    async def _uploaded(self, image: SourceImage, stem: str) -> str:
        """Upload a picture and name it as nodes do.

        It goes to the folder that the server empties when it starts: people's pictures do not stay.
        """
        form = aiohttp.FormData()
        form.add_field(
            "image",
            image.data,
            filename=f"{stem}.{image.media_type.partition('/')[2]}",
            content_type=image.media_type,
        )
        form.add_field("type", "temp")
        form.add_field("overwrite", "true")
        answer = await self._wire.ask(
            "POST", "/upload/image", timeout_s=UPLOAD_TIMEOUT_S, form=form, makes=False
        )
        if not answer.ok:
            raise self._refused(answer)
        match _seen(answer):
            case {"name": str(name), "subfolder": str(folder), "type": str(kind)} if name:
                return f"{folder}/{name} [{kind}]" if folder else f"{name} [{kind}]"
        raise ProviderError(Fault.UNAVAILABLE, "the answer does not name the upload")

    async def _post(self, graph: Mapping[str, Any], job: str) -> str:
        """Queue the graph; the id that the server gives it, which old ones choose themselves."""
        body = {"prompt": graph, "client_id": job, "prompt_id": job}
        answer = await self._wire.ask("POST", "/prompt", timeout_s=POST_TIMEOUT_S, body=body)
        if not answer.ok:
            raise self._refused(answer)
        match answer.json():
            case {"prompt_id": str(theirs)} if _JOB_ID.fullmatch(theirs):
                return theirs
        raise OutcomeUnknown("the answer does not name the job")

    async def _result(self, job: str, count: int, woken: asyncio.Event) -> ImageResult:
        """Ask the history until it knows the job, at once where the socket says that it ended."""
        polls = failures = 0
        while True:
            try:
                ended = await self._history(job)
                known = ended is not None or polls % POLLS_PER_QUEUE != 0 or await self._knows(job)
                failures = 0
            except ProviderError as error:
                failures += 1
                if failures == POLL_FAILURES_MAX:
                    raise OutcomeUnknown(f"the server does not tell: {error.detail}") from error
            else:
                if ended is not None:
                    return await self._pictures(ended, count)
                if not known:
                    raise ProviderError(Fault.UNAVAILABLE, "the server has lost the job")
            polls += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await woken.wait()
            woken.clear()

    async def _pictures(self, ended: answers.Ended, count: int) -> ImageResult:
        if ended.error is not None:
            told = self._wire.redacted(ended.error)[:DETAIL_LENGTH_MAX]
            raise ProviderError(Fault.UNAVAILABLE, told)
        if not ended.files:
            raise ProviderError(Fault.BAD_INPUT, "the workflow saves no picture")
        found = [await self._picture(file) for file in ended.files[:count]]
        images = tuple(data for data in found if data is not None)
        if not images:
            raise OutcomeUnknown("the pictures cannot be read")
        return ImageResult(images=images, cost_usd=0.0)

    async def _picture(self, file: answers.File) -> bytes | None:
        params = {"filename": file.name, "subfolder": file.folder, "type": file.kind}
        try:
            answer = await self._wire.ask(
                "GET", "/view", timeout_s=UPLOAD_TIMEOUT_S, params=params, makes=False
            )
        except ProviderError:
            return None
        fits = answer.ok and len(answer.body) <= IMAGE_BYTES_MAX
        return answer.body if fits and is_picture(answer.body) else None

    async def _history(self, job: str) -> answers.Ended | None:
        told = await self._look(f"/history/{quote(job, safe='')}")
        if not isinstance(told, dict):
            raise ProviderError(Fault.UNAVAILABLE, "the history is not an object")
        entry = told.get(job)
        return answers.ended_of(entry) if isinstance(entry, dict) else None

    async def _in_history(self, job: str) -> str | None:
        return job if job and await self._history(job) is not None else None

    async def _in_queue(self, job: str) -> str | None:
        for item in await self._queue():
            if job and job in (item.id, item.client_id):
                return item.id
        return None

    async def _knows(self, job: str) -> bool:
        return bool(await self._in_queue(job) or await self._in_history(job))

    async def _queue(self) -> list[answers.Queued]:
        told = await self._look("/queue")
        if not isinstance(told, dict):
            raise ProviderError(Fault.UNAVAILABLE, "the queue is not an object")
        parts = (told.get(part) for part in ("queue_running", "queue_pending"))
        return [item for part in parts for item in answers.queued(part)]

    async def _given_up(self, job: str) -> OutcomeUnknown:
        """Stop a job that is not waited for any longer, if the server can be asked."""
        with contextlib.suppress(ProviderError):
            await self.cancel(job)
        return OutcomeUnknown(f"no pictures within {CALL_TIMEOUT_S:g} s")

    async def _look(self, path: str) -> Any:  # noqa: ANN401
        return _seen(await self._ask("GET", path))

    async def _ask(self, method: str, path: str, body: object = None) -> Answer:
        answer = await self._wire.ask(
            method, path, timeout_s=LOOK_TIMEOUT_S, body=body, makes=False
        )
        if not answer.ok:
            raise self._refused(answer)
        return answer

    @contextlib.asynccontextmanager
    async def _heard(
        self, client_id: str, request: ImageRequest, partial: Partial
    ) -> AsyncIterator[asyncio.Event]:
        """Listen meanwhile: previews and steps go to `partial`, and the event is set when a job ends.

        Without a socket everything still comes by polling.
        """
        connected, woken = asyncio.Event(), asyncio.Event()
        clock = asyncio.get_running_loop()
        shown = -math.inf

        async def show(news: bytes | Step) -> None:
            nonlocal shown
            if isinstance(news, Step):
                await partial(news)
                return
            due = request.count == 1 and clock.time() - shown >= PREVIEW_S_MIN
            if due and is_picture(news):
                await partial(news)
                shown = clock.time()

        path = f"/ws?clientId={quote(client_id, safe='')}"
        task = asyncio.create_task(
            listening.listen(
                lambda: self._wire.socket(path), show, connected=connected, woken=woken
            )
        )
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SOCKET_TIMEOUT_S):
                    await connected.wait()
            yield woken
        finally:
            task.cancel()
            await asyncio.wait([task])

    def _refused(self, answer: Answer) -> ProviderError:
        """The error for an answer that says no; a graph is refused node by node."""
        if answer.status in (404, 405):
            return self._wire.refusal(answer, Fault.UNAVAILABLE, "the address is not ComfyUI's")
        if answer.status != 400:
            return self._wire.refusal(answer)
        told = json_in(answer)
        if told is None:
            return self._wire.refusal(answer)
        problems = list(answers.problems(told))
        gone = any(answers.is_missing_model(kind, text) for kind, text in problems)
        detail = "; ".join(f"{kind}: {text}" for kind, text in problems)
        return self._wire.refusal(answer, Fault.MODEL_GONE if gone else Fault.BAD_INPUT, detail)


def _seen(answer: Answer) -> Any:  # noqa: ANN401
    """The JSON of an answer that only looked: without any, the server cannot be asked now."""
    try:
        return answer.json()
    except OutcomeUnknown as error:
        raise ProviderError(Fault.UNAVAILABLE, error.detail) from error


def _open(credentials: Credentials) -> ComfyUI | None:
    return ComfyUI(credentials.base_url) if credentials.base_url else None


PROVIDER = Vendor(
    name="comfyui",
    title="ComfyUI",
    url_setting="COMFYUI_URL",
    free_to_repeat=True,
    open=_open,
)
