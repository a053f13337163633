"""Workflows: graphs in ComfyUI's API format, whose placeholders a request fills."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "workflows"
FILE_SUFFIX = ".json"
FILE_BYTES_MAX = 2**20

Value = str | int | float

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}", re.ASCII)
_STEM = re.compile(r"[\w-]+", re.ASCII)


class BadWorkflow(ValueError):
    """A workflow that cannot be read or filled; the text names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A graph with placeholders: `{{name}}` in any string of it."""

    name: str
    graph: Mapping[str, Any] = field(repr=False)
    takes: frozenset[str]

    def filled(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """The graph for one request; raises BadWorkflow where it takes what there is no value for."""
        missing = sorted(self.takes - values.keys())
        if missing:
            raise _wrong(self.name, f"there is nothing for {', '.join(missing)}")
        return {node: _replaced(value, values) for node, value in self.graph.items()}


def split(vendor_model: str) -> tuple[str, str]:
    """The workflow and the checkpoint that "<workflow>:<checkpoint>" names; the latter may be absent."""
    if vendor_model.endswith(FILE_SUFFIX) or ":" not in vendor_model:
        return vendor_model, ""
    name, _, checkpoint = vendor_model.rpartition(":")
    return name, checkpoint


def load(name: str) -> Workflow:
    """Read a shipped workflow by its name, or any by the path of its file; raises BadWorkflow."""
    if not name.endswith(FILE_SUFFIX) and not _STEM.fullmatch(name):
        raise _wrong(name, "it is neither a shipped workflow nor a path to a .json file")
    path = Path(name) if name.endswith(FILE_SUFFIX) else SHIPPED / f"{name}{FILE_SUFFIX}"
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
        graph = json.loads(text) if len(text) <= FILE_BYTES_MAX else None
    except OSError as error:
        raise _wrong(name, f"the file cannot be read ({type(error).__name__})") from error
    except (ValueError, RecursionError) as error:
        raise _wrong(name, f"the file is not JSON ({type(error).__name__})") from error
    if graph is None:
        raise _wrong(name, f"the file is larger than {FILE_BYTES_MAX} bytes")
    _check(name, graph)
    takes = {found for text in _texts(graph) for found in _PLACEHOLDER.findall(text)}
    return Workflow(name=name, graph=graph, takes=frozenset(takes))


def _check(name: str, graph: object) -> None:
    if isinstance(graph, dict) and isinstance(graph.get("nodes"), list):
        raise _wrong(name, 'it is in the format of the editor: use "Export (API)"')
    if not isinstance(graph, dict) or not graph:
        raise _wrong(name, "it is not an object of nodes")
    for node, value in graph.items():
        match value:
            case {"class_type": str(), "inputs": dict()}:
                continue
        raise _wrong(name, f"node {node!r} has no class_type and inputs")


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _replaced(value: object, values: Mapping[str, Value]) -> object:
    """The tree with values in place of placeholders; what a value says is not looked at again."""
    match value:
        case str():
            whole = _PLACEHOLDER.fullmatch(value)
            if whole:
                return values[whole[1]]
            return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
        case dict():
            return {key: _replaced(item, values) for key, item in value.items()}
        case list():
            return [_replaced(item, values) for item in value]
    return value


def _wrong(name: str, detail: str) -> BadWorkflow:
    return BadWorkflow(f"workflow {name!r}: {detail}")
