"""A server that breaks HTTP's rules: each connection is handed to a test, byte by byte."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.vendor import picture

Part = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hostile:
    """`plays` is what it does with a request whose head it has read; `heads` are those it read."""

    plays: Part
    port: int = 0
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                self.came.set()
                lines = head.lower().split("\r\n")
                for line in lines:
                    if line.startswith("content-length:"):
                        await reader.readexactly(int(line.partition(":")[2]))
                await self.plays(writer)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        except asyncio.CancelledError:
            pass  # the test is over; a stream's task complains of it otherwise
        finally:
            writer.close()


@asynccontextmanager
async def hostile(plays: Part) -> AsyncIterator[Hostile]:
    """Listen on a free port of loopback."""
    server = Hostile(plays)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    tasks = asyncio.all_tasks()
    try:
        yield server
    finally:
        listening.close()
        for task in asyncio.all_tasks() - tasks:
            task.cancel()
            await asyncio.wait([task])


def says(data: bytes, *, then: str = "close") -> Part:
    """Write these bytes, and then "close", "abort" (a reset), "hang", or "stay" for the next."""

    async def part(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if then == "abort":
            await asyncio.sleep(0.05)  # what was written arrives before the reset
            writer.transport.abort()
        elif then == "close":
            writer.close()
        elif then == "hang":
            await asyncio.sleep(30)

    return part


def endless(head: bytes, chunk: bytes, pace_s: float = 0.0) -> Part:
    """Write a head, and then chunks until nobody reads them."""

    async def part(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pace_s)

    return part


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A right answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


PNG = picture()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"

# Answers that end too early.
CUTS = {
    "before the headers": says(b""),
    "before the headers, by a reset": says(b"", then="abort"),
    "within the headers": says(HEAD[:20]),
    "after the headers": says(HEAD),
    "after the headers, by a reset": says(HEAD, then="abort"),
    "within the body": says(HEAD + b"x" * 20),
    "within the body, by a reset": says(HEAD + b"x" * 20, then="abort"),
    "within a chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"),
    "within gzip": says(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"
        + gzip.compress(b"x" * 999)[:10]
    ),
}

# What is no HTTP.
GARBAGE = {
    "no HTTP": b"\0\1\2\r\n\r\n",
    "an odd status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "a chunk's length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000,
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000,
    "go on, go on": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
}


def gzipped(size: int) -> bytes:
    body = gzip.compress(bytes(size))
    return answer(body, Content_Encoding="gzip", Content_Type="image/png")


# Answers that do not end, or grow.
FLOODS = {
    "a length": endless(HEAD.replace(b"50", b"9" * 15), b"x" * 65536),
    "no length": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "chunks": endless(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"10000\r\n" + b"x" * 65536 + b"\r\n",
    ),
    "gzip": says(gzipped(100 * 2**20), then="hang"),
}
