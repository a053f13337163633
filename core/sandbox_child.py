"""The inside of a bounded child: reads a job, runs its task, answers, until the line ends."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from core.confine import allow_cpu, confine, step_back
from core.errors import BadImage

MEMORY_EXIT = 71
LENGTH_BYTES = 4

Task = Callable[[dict[str, Any], list[bytes]], tuple[dict[str, Any], list[bytes]]]


def main() -> None:
    """Serve until the line ends; the arguments are those that core/sandbox.py starts us with."""
    _, paths, module, memory_bytes_max, cpu_s, parent = sys.argv
    sys.path[:] = paths.split("\n")
    tasks: dict[str, Task] = importlib.import_module(module).TASKS
    line = os.fdopen(0, "r+b", buffering=0)
    reader = os.fdopen(0, "rb", buffering=2**16, closefd=False)
    step_back()
    filtered = confine(int(memory_bytes_max), int(parent))
    _send(line, {"ready": True, "filtered": filtered}, [])
    while _serve(reader, line, tasks, float(cpu_s)):
        pass


def _serve(reader: BinaryIO, line: BinaryIO, tasks: dict[str, Task], cpu_s: float) -> bool:
    """One job; False at the end of the line. What a task does not foresee ends the child."""
    prefix = reader.read(LENGTH_BYTES)
    if len(prefix) < LENGTH_BYTES:
        return False
    allow_cpu(cpu_s)
    try:
        header = json.loads(reader.read(int.from_bytes(prefix, "big")))
        blobs = [reader.read(size) for size in header["blobs"]]
        values, answers = tasks[header["task"]](header["values"], blobs)
    except BadImage as refusal:
        _send(line, {"refused": refusal.key, "values": dict(refusal.values)}, [])
    except MemoryError:
        os._exit(MEMORY_EXIT)
    else:
        _send(line, {"values": values}, answers)
    return True


def _send(line: BinaryIO, header: dict[str, Any], blobs: list[bytes]) -> None:
    text = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode()
    for part in (len(text).to_bytes(LENGTH_BYTES, "big") + text, *blobs):
        left = memoryview(part)
        while left:
            left = left[line.write(left) :]
