"""Tasks for a sandbox that misbehave, or try what a confined child must not be able to do."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadImage

Answer = tuple[dict[str, Any], list[bytes]]


def _echo(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    return values, blobs


def _refuse(values: dict[str, Any], _: list[bytes]) -> Answer:
    raise BadImage("image-broken", **values)


def _crash(_: dict[str, Any], __: list[bytes]) -> Answer:
    raise ZeroDivisionError


def _sleep(values: dict[str, Any], _: list[bytes]) -> Answer:
    time.sleep(values["seconds"])
    return {}, []


def _burn(values: dict[str, Any], _: list[bytes]) -> Answer:
    end = time.process_time() + values["seconds"]
    while time.process_time() < end:
        pass
    return {}, []


def _spin(_: dict[str, Any], __: list[bytes]) -> Answer:
    while True:
        pass


def _hog(values: dict[str, Any], _: list[bytes]) -> Answer:
    return {"size": len(bytearray(values["size"]))}, []


def _large(values: dict[str, Any], _: list[bytes]) -> Answer:
    return {}, [bytes(values["size"])]


def _look(_: dict[str, Any], __: list[bytes]) -> Answer:
    """What is left to this process."""
    return {"environment": sorted(os.environ), "pid": os.getpid(), "path": len(sys.path)}, []


def _try(values: dict[str, Any], _: list[bytes]) -> Answer:
    try:
        TRIALS[values["what"]]()
    except OSError as error:
        return {"error": type(error).__name__}, []
    return {"error": ""}, []


TRIALS: dict[str, Callable[[], object]] = {
    "socket": socket.socket,
    "read a file": lambda: Path("/etc/hostname").read_bytes(),
    "write a file": lambda: Path("/dev/shm/atelier-test").write_bytes(b"x"),
    "run a program": lambda: os.execv("/bin/true", ["true"]),
    "fork": os.fork,
    "signal the parent": lambda: os.kill(os.getppid(), 0),
}
TASKS = {
    "echo": _echo, "refuse": _refuse, "crash": _crash, "sleep": _sleep, "spin": _spin, "burn": _burn,
    "hog": _hog, "large": _large, "look": _look, "try": _try,
}  # fmt: skip
