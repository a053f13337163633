"""Bounded child processes: started when needed, reused, ended when idle, worn, late or dead."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import structlog

from core.errors import BadImage, Busy
from core.sandbox_child import LENGTH_BYTES, MEMORY_EXIT

log = structlog.get_logger(__name__)

ROOT = Path(__file__).parent.parent
BOOT = (
    "import sys; sys.path[:] = sys.argv[1].split('\\n'); "
    "from core.sandbox_child import main; main()"
)
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    # one thread for numpy's linear algebra: each more takes 8 MB of the address space
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # blocks of 16 MB kept for the next picture: to get them cleared anew takes a tenth of a decoding
    "PILLOW_BLOCKS_MAX": "4",
}
HEADER_BYTES_MAX = 64 * 2**10
STREAM_BYTES = 2**20
PART_BYTES = 2**18

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use, and how many there are."""

    children_max: int = field(default_factory=lambda: min(2, os.cpu_count() or 1))
    waiting_max: int = 64
    memory_bytes_max: int = 512 * 2**20
    cpu_s: float = 4.0  # the kernel counts samples, so it may be a quarter more
    wall_s: float = 30.0  # children stand back, so on a busy machine it takes a while
    start_s: float = 20.0
    idle_s: float = 30.0
    jobs_max: int = 200
    answer_bytes_max: int = 32 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a task gave back: small values, and blobs."""

    values: Mapping[str, Json]
    blobs: tuple[bytes, ...]


class SandboxError(Exception):
    """A child cannot be started: the host's fault, not the picture's."""


class ChildDied(Exception):
    """A child ended in the middle of a job; `how` is time, memory, error, signal or answer."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Sandbox:
    """A pool of children that run the tasks of one module (its TASKS) on hostile bytes."""

    def __init__(self, module: str, limits: Limits | None = None) -> None:
        self._module = module
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.children_max)
        self._waiting = 0
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the children that live now."""
        return tuple(child.pid for child in self._all)

    async def run(
        self, task: str, values: Mapping[str, Json], blobs: Sequence[bytes] = ()
    ) -> Answer:
        """One job in one child; raises BadImage, Busy, ChildDied, SandboxError."""
        if self._waiting >= self._limits.waiting_max:
            raise Busy("images-busy")
        self._waiting += 1
        try:
            async with self._slots:
                return await self._run(task, values, blobs)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End all children; a job that runs raises ChildDied."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(self._end(child) for child in tuple(self._all)), *self._ending)

    async def _run(self, task: str, values: Mapping[str, Json], blobs: Sequence[bytes]) -> Answer:
        child = self._fresh_idle() or await self._start()
        well = False
        try:
            async with asyncio.timeout(self._limits.wall_s):
                answer = await child.ask(task, values, blobs)
            well = True
        except BadImage:
            well = True
            raise
        except TimeoutError as error:
            log.warning("a picture child was too slow", task=task, wall_s=self._limits.wall_s)
            raise ChildDied("time") from error
        except (EOFError, OSError) as error:
            raise ChildDied(await self._cause(child)) from error
        except ValueError as error:
            raise ChildDied("answer") from error
        finally:
            if well and child.jobs < self._limits.jobs_max and not self._closed:
                self._keep(child)
            else:
                await self._end(child)
        return answer

    def _fresh_idle(self) -> _Child | None:
        while self._idle:
            child = self._idle.pop()
            child.stay()
            if child.alive:
                return child
            self._end_soon(child)
        return None

    async def _start(self) -> _Child:
        if self._closed:
            raise SandboxError("the sandbox is closed")
        child = await _start_child(self._module, self._limits)
        self._all.add(child)
        ready = False
        try:
            async with asyncio.timeout(self._limits.start_s):
                await child.read(self._limits.answer_bytes_max)
            ready = True
        except (TimeoutError, EOFError, OSError, ValueError) as error:
            raise SandboxError("the picture child does not start") from error
        finally:
            if not ready:
                await self._end(child)
        return child

    async def _cause(self, child: _Child) -> str:
        child.hang_up()
        code = await child.code(1.0)
        how = {MEMORY_EXIT: "memory", 1: "error"}.get(code or 0, "signal")
        log.warning("a picture child died", how=how, exit_code=code, jobs=child.jobs)
        return how

    def _keep(self, child: _Child) -> None:
        self._idle.append(child)
        child.leave_after(self._limits.idle_s, self._retire)

    def _retire(self, child: _Child) -> None:
        self._idle.remove(child)
        self._end_soon(child)

    def _end_soon(self, child: _Child) -> None:
        task = asyncio.get_running_loop().create_task(self._end(child))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, child: _Child) -> None:
        await child.end()
        self._all.discard(child)


class _Child:
    """One child and the line to it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer_bytes_max: int,
    ) -> None:
        self.jobs = 0
        self.pid = process.pid
        self._process = process
        self._reader = reader
        self._writer = writer
        self._answer_bytes_max = answer_bytes_max
        self._timer: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> bool:
        """Whether it has neither ended nor hung up."""
        return self._process.returncode is None and not self._reader.at_eof()

    async def ask(self, task: str, values: Mapping[str, Json], blobs: Sequence[bytes]) -> Answer:
        """One job; raises BadImage as the task did, EOFError or OSError when the child ends."""
        self.jobs += 1
        header = {"task": task, "values": dict(values), "blobs": [len(blob) for blob in blobs]}
        text = json.dumps(header).encode()
        self._writer.write(len(text).to_bytes(LENGTH_BYTES, "big") + text)
        for blob in blobs:
            await self._send(blob)
        await self._writer.drain()
        return await self.read(self._answer_bytes_max)

    async def read(self, bytes_max: int) -> Answer:
        """One frame; ValueError for what no child of ours says."""
        size = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
        if size > HEADER_BYTES_MAX:
            raise ValueError("a header that is too long")
        header: Json = json.loads(await self._reader.readexactly(size))
        if not isinstance(header, dict):
            raise ValueError("a header that is no object")
        refused, values, sizes = header.get("refused"), header.get("values"), header.get("blobs")
        if isinstance(refused, str):
            raise BadImage(refused, **_plain(values))
        if not isinstance(sizes, list):
            raise ValueError("a header without sizes")
        wanted = [size for size in sizes if isinstance(size, int) and size >= 0]
        if len(wanted) != len(sizes) or sum(wanted) > bytes_max:
            raise ValueError("blobs that are too large")
        blobs = tuple([await self._receive(size) for size in wanted])
        return Answer(values=values if isinstance(values, dict) else {}, blobs=blobs)

    async def _send(self, blob: bytes) -> None:
        """Part by part: one copy of 20 MB would hold the event loop for 10 ms and more."""
        whole = memoryview(blob)
        for at in range(0, len(whole), PART_BYTES):
            self._writer.write(whole[at : at + PART_BYTES])
            await self._writer.drain()

    async def _receive(self, size: int) -> bytes:
        blob = BytesIO()
        while left := size - blob.tell():
            part = await self._reader.read(min(left, PART_BYTES))
            if not part:
                raise EOFError
            blob.write(part)
        return blob.getvalue()

    def leave_after(self, seconds: float, leave: Callable[[_Child], None]) -> None:
        """Call `leave` with this child unless `stay` comes first."""
        self._timer = asyncio.get_running_loop().call_later(seconds, leave, self)

    def stay(self) -> None:
        """Undo `leave_after`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hang_up(self) -> None:
        """Close the line; a child that still reads ends by itself."""
        self._writer.close()

    async def code(self, wait_s: float) -> int | None:
        """The exit code, negative for a signal; None if it has not ended in time."""
        try:
            async with asyncio.timeout(wait_s):
                return await self._process.wait()
        except TimeoutError:
            return None

    async def end(self) -> None:
        """Kill and bury it."""
        self.stay()
        self.hang_up()
        if self._process.returncode is None:
            try:
                self._process.kill()
            except ProcessLookupError:
                log.debug("a picture child had ended already")
        await self._process.wait()


async def _start_child(module: str, limits: Limits) -> _Child:
    ours, theirs = socket.socketpair()
    command = (
        *(sys.executable, "-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])),
        *("-c", BOOT, _paths(), module),
        *(str(limits.memory_bytes_max), str(limits.cpu_s), str(os.getpid())),
    )
    reader, writer = await asyncio.open_connection(sock=ours, limit=STREAM_BYTES)
    process = None
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=ENVIRONMENT,
                # out of reach of the terminal's Ctrl-C; a session of its own would be weighed against
                # the parent's as its equal by Linux, whatever their niceness
                process_group=0,
            )
    except OSError as error:
        raise SandboxError("the picture child does not start") from error
    finally:
        if process is None:
            writer.close()
    return _Child(process, reader, writer, limits.answer_bytes_max)


def _paths() -> str:
    """Where this process finds modules; the child, without site or environment, finds the same."""
    return "\n".join([str(ROOT), *(entry for entry in sys.path if entry)])


def _plain(values: Json) -> dict[str, str | int | float]:
    if not isinstance(values, dict):
        return {}
    return {key: value for key, value in values.items() if isinstance(value, str | int | float)}
