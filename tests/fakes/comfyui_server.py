"""A local server that speaks ComfyUI's API: a queue, a history and a web socket, faults by script."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar

from aiohttp import web

from providers.base import Fault
from tests.fakes.comfyui_graphs import CHECKPOINTS, OUTPUTS, REFUSALS, UPSCALERS, count, invalid
from tests.fakes.vendor import JSON, FakeVendor, Trouble, picture

OOM = "Allocation on device 0 would exceed allowed memory. (out of memory)"
# What goes wrong while a job runs: the exception's type and message; None: it is interrupted.
EXECUTION: dict[str, tuple[str, str] | None] = {
    "execution": ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied"),
    "memory": ("torch.OutOfMemoryError", OOM),
    "interrupted": None,
}


@dataclass
class Job:
    """One graph in the queue."""

    number: int
    id: str
    graph: JSON
    client_id: str
    how: Trouble
    entry: JSON | None = None
    runs: bool = False
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)

    def item(self) -> list[object]:
        """The job as the queue shows it."""
        return [self.number, self.id, self.graph, {"client_id": self.client_id}, ["result"], {}]


class FakeComfyUI(FakeVendor):
    """`sockets` False refuses them, `drop` cuts them when a job begins; `previews` is what one sends.

    `old` chooses the ids of jobs itself. `answers` replaces the body of the answer at a path.
    """

    errors: ClassVar[Mapping[str, Fault]] = {
        "checkpoint-gone": Fault.MODEL_GONE,
        "upscaler-gone": Fault.MODEL_GONE,
        **dict.fromkeys([name for name in REFUSALS if "gone" not in name], Fault.BAD_INPUT),
        "too-large": Fault.BAD_INPUT,
        "not-comfyui": Fault.UNAVAILABLE,
        "crash": Fault.UNAVAILABLE,
        "proxy": Fault.UNKNOWN,
        "gateway-timeout": Fault.UNKNOWN,
        **dict.fromkeys(EXECUTION, Fault.UNAVAILABLE),
    }

    def __init__(self) -> None:
        super().__init__()
        self.sockets = True
        self.drop = False
        self.old = False
        self.previews: list[bytes] = [picture(7, kind="JPEG")]
        self.answers: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.results: dict[str, bytes] = {}
        self.jobs: dict[str, Job] = {}
        self.heard: list[str] = []
        self._listeners: dict[str, web.WebSocketResponse] = {}
        self._gpu = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self, app: web.Application) -> None:
        """Add the server's paths."""
        app.middlewares.append(self._middleware)
        app.router.add_post("/prompt", self._prompt)
        app.router.add_get("/history/{id}", self._history)
        app.router.add_get("/queue", self._queue)
        app.router.add_post("/queue", self._delete)
        app.router.add_post("/interrupt", self._interrupt)
        app.router.add_post("/upload/image", self._upload)
        app.router.add_get("/view", self._view)
        app.router.add_get("/ws", self._socket)
        app.router.add_get("/system_stats", self._stats)
        app.router.add_get("/models/{folder}", self._models)

    def authorized(self, request: web.Request) -> bool:
        """The server asks for no key."""
        return True

    def failure(self, name: str, told: str) -> web.Response:
        """The error as the server, or the proxy before it, tells it; it has no key to repeat."""
        texts = {
            "too-large": (413, "Maximum request body size 104857600 exceeded"),
            "not-comfyui": (404, "404: Not Found"),
            "crash": (500, "500 Internal Server Error"),
            "proxy": (502, "Bad Gateway"),
            "gateway-timeout": (504, "Gateway Time-out"),
        }
        if name in texts:
            status, text = texts[name]
            return web.Response(status=status, text=text)
        status, body = REFUSALS[name]
        return web.json_response(body, status=status)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what runs, and listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in list(self._listeners.values()):
            await listener.close()
        await super().__aexit__(kind, error, trace)

    def forget(self) -> None:
        """Lose the queue and the history, as a restart does."""
        for task in self._tasks:
            task.cancel()
        self.jobs.clear()

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401
        response: web.StreamResponse = await handler(request)
        for path, body in self.answers.items():
            if request.path.startswith(path):
                return web.Response(body=body, content_type="application/json")
        return response

    async def _prompt(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.script[0] if self.script else Trouble()
        if how.error in EXECUTION:
            self.script.popleft()
        else:
            troubled = self.trouble(request)
            if isinstance(troubled, web.Response):
                return troubled
            how = troubled
        body: JSON = seen.body
        self._check_ids(body)
        refused = invalid(body["prompt"], self.uploads, self.violations)
        if refused is not None:
            return web.json_response(refused, status=400)
        theirs = str(uuid.uuid4()) if self.old else body["prompt_id"]
        number = len(self.jobs)
        job = Job(number, theirs, body["prompt"], body["client_id"], how)
        self.jobs[theirs] = job
        task = asyncio.create_task(self._execute(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        response = web.json_response({"prompt_id": theirs, "number": number, "node_errors": {}})
        # The work is queued, not done: a late job answers in time.
        return await self.answer(request, Trouble(lose=how.lose), response)

    def _check_ids(self, body: JSON) -> None:
        try:
            canonical = str(uuid.UUID(body["prompt_id"])) == body["prompt_id"]
        except ValueError:
            canonical = False
        if not canonical:
            self.violations.append(f"prompt_id is {body['prompt_id']!r}")
        if self.sockets and body["client_id"] not in self.heard:
            self.violations.append("nobody listens to the job")
        if "{{" in json.dumps({**body["prompt"], "positive": None}):
            self.violations.append("a placeholder is left")

    async def _execute(self, job: Job) -> None:
        """One job after another; each tells its client how it goes."""
        async with self._gpu:
            if self.jobs.get(job.id) is not job:
                return
            job.runs = True
            about = {"prompt_id": job.id}
            await self._tell(job, "execution_start", about)
            if self.drop and (listener := self._listeners.get(job.client_id)) is not None:
                await listener.close()
            await self._tell(job, "progress", about | {"value": 1, "max": 2, "node": "sample"})
            for data in self.previews:
                await self._send(job, struct.pack(">II", 1, 1) + data)
            # Nodes further on send what is no preview.
            await self._send(job, struct.pack(">II", 3, 1) + b"text")
            try:
                async with asyncio.timeout(job.how.hang_s or 0.01):
                    await job.interrupted.wait()
            except TimeoutError:
                pass
            job.entry, ending = self._ended(job)
            await self._tell(job, ending, about)
            await self._tell(job, "executing", about | {"node": None})

    def _ended(self, job: Job) -> tuple[JSON, str]:
        """The history's entry, and the event that ends the job."""
        error = job.how.error
        if error == "interrupted" or job.interrupted.is_set():
            told = {"prompt_id": job.id, "node_id": "sample", "node_type": "KSampler"}
            return _entry(job, {}, "error", ["execution_interrupted", told])
        if error is not None:
            failed = EXECUTION[error]
            assert failed is not None
            why: JSON = {
                "prompt_id": job.id,
                "node_id": "sample",
                "node_type": "KSampler",
                "executed": [],
                "exception_type": failed[0],
                "exception_message": failed[1],
                "traceback": ["File /opt/comfy/execution.py"],
            }
            return _entry(job, {}, "error", ["execution_error", why])
        outputs: JSON = {}
        for node, value in job.graph.items():
            folder = OUTPUTS.get(value["class_type"])
            if folder is not None:
                files = [self._file(job, node, index, folder) for index in range(count(job.graph))]
                outputs[node] = {"images": files}
        return _entry(job, outputs, "success", ["execution_success", {"prompt_id": job.id}])

    def _file(self, job: Job, node: str, index: int, folder: str) -> JSON:
        name = f"ComfyUI_{job.number}_{node}_{index:05}_.png"
        self.results[name] = picture(index)
        return {"filename": name, "subfolder": "", "type": folder}

    async def _tell(self, job: Job, kind: str, data: JSON) -> None:
        listener = self._listeners.get(job.client_id)
        if listener is not None and not listener.closed:
            await listener.send_json({"type": kind, "data": data})

    async def _send(self, job: Job, message: bytes) -> None:
        listener = self._listeners.get(job.client_id)
        if listener is not None and not listener.closed:
            await listener.send_bytes(message)

    async def _history(self, request: web.Request) -> web.Response:
        await self.read(request)
        job = self.jobs.get(request.match_info["id"])
        done = job is not None and job.entry is not None
        return web.json_response({job.id: job.entry} if job is not None and done else {})

    async def _queue(self, request: web.Request) -> web.Response:
        await self.read(request)
        left = [job for job in self.jobs.values() if job.entry is None]
        return web.json_response(
            {
                "queue_running": [job.item() for job in left if job.runs],
                "queue_pending": [job.item() for job in left if not job.runs],
            }
        )

    async def _delete(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        for name in seen.body["delete"]:
            job = self.jobs.get(name)
            if job is not None and job.entry is None and not job.runs:
                del self.jobs[name]
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        job = self.jobs.get(seen.body["prompt_id"])
        if job is not None and job.runs and job.entry is None:
            job.interrupted.set()
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        ((name, _, data),) = seen.files
        folder = seen.form.get("type", ["input"])[0]
        if name != "image":
            return web.Response(status=400)
        filename = f"upload-{len(self.uploads)}.png"
        self.uploads[filename if folder == "input" else f"{filename} [{folder}]"] = data
        return web.json_response({"name": filename, "subfolder": "", "type": folder})

    async def _view(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        data = self.results.get(seen.query["filename"])
        return (
            web.Response(body=data, content_type="image/png") if data else web.Response(status=404)
        )

    async def _stats(self, request: web.Request) -> web.Response:
        await self.read(request)
        system = {"os": "posix", "comfyui_version": "0.38.2", "python_version": "3.12"}
        return web.json_response({"system": system, "devices": [{"name": "cuda:0"}]})

    async def _models(self, request: web.Request) -> web.Response:
        folders = {"checkpoints": CHECKPOINTS, "upscale_models": UPSCALERS}
        names = folders.get(request.match_info["folder"])
        return web.Response(status=404) if names is None else web.json_response(names)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not self.sockets:
            return web.Response(status=502)
        client_id = request.query["clientId"]
        listener = web.WebSocketResponse()
        await listener.prepare(request)
        self.heard.append(client_id)
        self._listeners[client_id] = listener
        await listener.send_json({"type": "status", "data": {"status": {}, "sid": client_id}})
        async for _ in listener:
            pass
        if self._listeners.get(client_id) is listener:
            del self._listeners[client_id]
        return listener


def _entry(job: Job, outputs: JSON, status: str, message: list[object]) -> tuple[JSON, str]:
    told = [["execution_start", {"prompt_id": job.id}], message]
    completed = status == "success"
    entry = {
        "prompt": job.item(),
        "outputs": outputs,
        "status": {"status_str": status, "completed": completed, "messages": told},
        "meta": {},
    }
    return entry, str(message[0])


FAKE = FakeComfyUI
