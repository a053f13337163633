"""What ComfyUI says, read with care: its answers are taken for nothing that they do not prove to be."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FILES_MAX = 64

_PREVIEW_EVENT = 1
_ENDINGS = frozenset({"execution_success", "execution_error", "execution_interrupted", "executing"})
_MODEL_INPUT = re.compile(
    r"(?:ckpt|unet|vae|clip|lora|control_net|model|style_model|gligen|hypernetwork)_name\d?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture that the server keeps, by the name that it goes by there."""

    name: str
    folder: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the history says of a job: the pictures it made, or why it made none."""

    files: tuple[File, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A job that waits or runs."""

    id: str
    client_id: str


def problems(told: object) -> Iterator[tuple[str, str]]:
    """Type and details of each error in a refusal, those of the nodes first."""
    if not isinstance(told, dict):
        return
    nodes = told.get("node_errors")
    for node in nodes.values() if isinstance(nodes, dict) else ():
        errors = node.get("errors") if isinstance(node, dict) else None
        for error in errors if isinstance(errors, list) else ():
            match error:
                case {"type": str(kind), "details": str(text)}:
                    yield kind, text
    match told.get("error"):
        case {"type": str(kind), "message": str(text)}:
            yield kind, text
        case str(text):
            yield "error", text


def is_missing_model(kind: str, details: str) -> bool:
    """Whether an input that names a model's file has a name that the server does not list."""
    name, found, _ = details.partition(":")
    return kind == "value_not_in_list" and bool(found) and bool(_MODEL_INPUT.fullmatch(name))


def ended_of(entry: Mapping[str, Any]) -> Ended:
    """How an entry of the history ended."""
    status = entry.get("status")
    if isinstance(status, dict) and status.get("status_str") == "error":
        return Ended(error=_why(status.get("messages")))
    outputs = entry.get("outputs")
    files = list(_files(outputs)) if isinstance(outputs, dict) else []
    # Where a workflow saves pictures, its previews are only steps on the way.
    saved = [file for file in files if file.kind == "output"]
    return Ended(files=tuple(saved or files)[:FILES_MAX])


def _why(messages: object) -> str:
    for message in messages if isinstance(messages, list) else ():
        match message:
            case ["execution_interrupted", _]:
                return "interrupted"
            case ["execution_error", {"node_type": str(node), "exception_message": str(text)}]:
                return f"{node}: {text.strip()}"
    return "the workflow failed"


def _files(outputs: Mapping[str, Any]) -> Iterator[File]:
    for output in outputs.values():
        images = output.get("images") if isinstance(output, dict) else None
        for image in images if isinstance(images, list) else ():
            match image:
                case {"filename": str(name), "subfolder": str(folder), "type": str(kind)}:
                    yield File(name=name, folder=folder, kind=kind)


def queued(items: object) -> Iterator[Queued]:
    """A queue's jobs: each is a list of its number, its id, its graph, and what came beside it."""
    for item in items if isinstance(items, list) else ():
        match item:
            case [_, str(theirs), _, dict() as extra, *_]:
                yield Queued(id=theirs, client_id=str(extra.get("client_id", "")))


def is_ending(text: str) -> bool:
    """Whether a message of the socket says that a job came to an end."""
    match _event(text):
        case {"type": str(kind), "data": dict() as data}:
            return kind in _ENDINGS and (kind != "executing" or data.get("node") is None)
    return False


def part_of(text: str) -> float | None:
    """The part of a node's work that a message of the socket tells of, 0..1."""
    match _event(text):
        case {"type": "progress", "data": {"value": int(value), "max": int(whole)}} if whole > 0:
            return min(1.0, max(0.0, value / whole))
    return None


def _event(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def preview_of(message: bytes) -> bytes | None:
    """The picture in a binary message: two numbers, its event and its format, come before it."""
    if len(message) < 8 or struct.unpack_from(">I", message)[0] != _PREVIEW_EVENT:
        return None
    return message[8:]
