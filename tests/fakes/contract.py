"""Checks requests against the platforms' official descriptions, where their folder is at hand."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

JSON = dict[str, Any]

BINARY = "<binary>"
SPECS_VARIABLE = "ATELIER_SPECS"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"
MESSAGE_LENGTH_MAX = 400
UNEVALUATED = "Unevaluated properties"

_ONE = ("not", "if", "then", "else", "contains", "propertyNames")
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_VALUES = ("items", "additionalProperties")
_ANNOTATIONS = {"description", "title", "example", "examples", "default", "deprecated", "nullable"}


def specs_folder() -> Path | None:
    """The folder of the official descriptions, named by ATELIER_SPECS; None where there is none."""
    named = os.environ.get(SPECS_VARIABLE)
    folder = Path(named) if named else None
    return folder if folder is not None and folder.is_dir() else None


@functools.cache
def openapi(name: str) -> OpenApi | None:
    """The OpenAPI description `<folder>/<name>/openapi.json`; None where it is absent."""
    folder = specs_folder()
    file = folder / name / "openapi.json" if folder is not None else None
    if file is None or not file.is_file():
        return None
    return OpenApi(json.loads(file.read_text(encoding="utf-8")))


@functools.cache
def stripe() -> OpenApi | None:
    """The description of Stripe's API as it was in 2023; None where it is absent."""
    folder = specs_folder()
    file = folder / "stripe" / "spec3-2023-09-12.json" if folder is not None else None
    if file is None or not file.is_file():
        return None
    return OpenApi(json.loads(file.read_text(encoding="utf-8")))


@functools.cache
def telegram() -> TelegramApi | None:
    """The description of the Bot API; None where it is absent."""
    folder = specs_folder()
    file = folder / "telegram" / "api.json" if folder is not None else None
    if file is None or not file.is_file():
        return None
    return TelegramApi(json.loads(file.read_text(encoding="utf-8")))


class OpenApi:
    """An OpenAPI 3.1 description; checks are strict: a property that it does not name is wrong."""

    def __init__(self, document: JSON) -> None:
        self._document = document
        self._prefix = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
        self._paths = [(_pattern(template), template) for template in document["paths"]]
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def check(self, method: str, path: str, body: object = None) -> list[str]:
        """What is wrong with a request; `body` None is no body, files are given as BINARY.

        A multipart body is a mapping of its parts: texts or BINARY, a list for a repeated name;
        Discord's payload_json may be text or already parsed.
        """
        operation = self._operation(method.lower(), urlsplit(path).path)
        if isinstance(operation, str):
            return [operation]
        where = f"{method.upper()} {urlsplit(path).path}"
        described = operation.get("requestBody")
        if described is None:
            return [] if body in (None, {}) else [f"{where}: takes no body"]
        if body is None:
            return [f"{where}: needs a body"] if described.get("required") else []
        content: JSON = self._resolve(described)["content"]
        multipart = isinstance(body, dict) and _is_multipart(body)
        kind = MULTIPART if multipart else "application/json"
        if list(content) == [FORM]:
            schema = content[FORM]["schema"]
            key = f"{operation['operationId']} {FORM}"
            found = self._problems(key, schema, self._grown(schema, body))
            return [f"{where}: {problem}" for problem in found]
        if kind not in content:
            if multipart or MULTIPART not in content:
                return [f"{where}: takes {', '.join(content)}, not {kind}"]
            kind = MULTIPART
        key = f"{operation['operationId']} {kind}"
        schema = content[kind]["schema"]
        if kind == MULTIPART and isinstance(body, dict):
            body = self._parts(schema, body)
        return [f"{where}: {problem}" for problem in self._problems(key, schema, body)]

    def _operation(self, method: str, path: str) -> JSON | str:
        path = path.removeprefix(self._prefix) if self._prefix else path
        matches = [template for pattern, template in self._paths if pattern.fullmatch(path)]
        if not matches:
            return f"{method.upper()} {path}: no such path"
        matches.sort(key=lambda template: template.count("{"))
        found: JSON | None = self._document["paths"][matches[0]].get(method)
        return found if found is not None else f"{method.upper()} {path}: no such method"

    def _resolve(self, schema: JSON) -> JSON:
        while "$ref" in schema:
            schema = self._at(schema["$ref"])
        return schema

    def _at(self, reference: str) -> JSON:
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return dict(node)

    def _problems(self, key: str, schema: JSON, body: object) -> list[str]:
        validator = self._validators.get(key)
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(self._closure(schema))
            self._validators[key] = validator
        told = [_told(error) for error in validator.iter_errors(body)]
        own = [problem for problem in told if UNEVALUATED not in problem]
        # A wrong value makes its object count as unevaluated too; the value's own error says it.
        return own or told

    def _closure(self, schema: JSON) -> JSON:
        """The schema with only the parts of the document that it refers to, made strict."""
        parts: JSON = {}
        waiting: list[str] = []
        root = _strict(schema, waiting, value=True)
        while waiting:
            name = waiting.pop()
            if name not in parts:
                parts[name] = _strict(self._at(name), waiting, value=False)
        defs = {_local(name): part for name, part in parts.items()}
        return {"$schema": DIALECT, **root, "$defs": defs}

    def _parts(self, schema: JSON, body: JSON) -> JSON:
        """The parts of a form as the values that its schema means."""
        merged: JSON = {}
        for name, value in body.items():
            if name == "payload_json":
                merged.update(json.loads(value) if isinstance(value, str) else value)
            elif name.endswith("[]"):
                merged[name[:-2]] = value if isinstance(value, list) else [value]
            else:
                merged[name] = value
        kinds = self._properties(schema)
        return {
            name: self._typed(kinds[name], value) if name in kinds else value
            for name, value in merged.items()
        }

    def _grown(self, schema: JSON, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """A nested form's texts as the values that its schema means."""
        if isinstance(value, dict):
            kinds = self._properties(schema)
            return {
                name: self._grown(kinds[name], inner) if name in kinds else inner
                for name, inner in value.items()
            }
        if isinstance(value, list):
            schema = self._resolve(schema)
            arms = [schema, *schema.get("anyOf", ())]
            items: JSON = next((arm["items"] for arm in arms if "items" in arm), {})
            return [self._grown(items, inner) for inner in value]
        return self._typed(schema, value)

    def _properties(self, schema: JSON) -> JSON:
        schema = self._resolve(schema)
        found = dict(schema.get("properties", {}))
        for combined in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(combined, ()):
                found.update(self._properties(part))
        return found

    def _typed(self, schema: JSON, value: object) -> object:
        """A form's text as number or boolean, where the schema wants one and no text."""
        types = self._types(schema)
        if not isinstance(value, str) or "string" in types:
            return value
        if "boolean" in types and value in {"true", "false"}:
            return value == "true"
        if types & {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return float(value) if "." in value else int(value)
        return value

    def _types(self, schema: JSON) -> set[str]:
        schema = self._resolve(schema)
        named = schema.get("type", [])
        types = {named} if isinstance(named, str) else set(named)
        for combined in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(combined, ()):
                types |= self._types(part)
        return types


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[^}]+\})", template)
    return re.compile(
        "".join("[^/]+" if piece.startswith("{") else re.escape(piece) for piece in pieces)
    )


def _is_multipart(body: JSON) -> bool:
    return "payload_json" in body or any(
        value == BINARY or (isinstance(value, list) and BINARY in value) for value in body.values()
    )


def _local(reference: str) -> str:
    return re.sub(r"\W", "_", reference)


def _strict(schema: Any, waiting: list[str], *, value: bool) -> Any:  # noqa: ANN401 - any JSON
    """The schema with local references; at the place of a value no unnamed property is allowed."""
    if not isinstance(schema, dict):
        return schema
    made: JSON = {}
    for word, inner in schema.items():
        if word in _ANNOTATIONS or word.startswith("x-"):
            continue
        if word == "$ref":
            waiting.append(inner)
            made[word] = f"#/$defs/{_local(inner)}"
        elif word == "properties":
            made[word] = {name: _strict(part, waiting, value=True) for name, part in inner.items()}
        elif word in _MANY:
            made[word] = [_strict(part, waiting, value=False) for part in inner]
        elif word in _VALUES:
            made[word] = _strict(inner, waiting, value=True)
        elif word in _ONE:
            made[word] = _strict(inner, waiting, value=False)
        else:
            made[word] = inner
    named = {"properties", "$ref", *_MANY} & made.keys()
    if not named and "additionalProperties" not in made:
        # An object that names nothing is free-form; this marks its properties as seen.
        made["additionalProperties"] = True
    if value and named:
        made["unevaluatedProperties"] = False
    if schema.get("nullable"):
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _told(error: jsonschema_rs.ValidationError) -> str:
    """The problem itself: of a union, what the branch says that comes closest."""
    seen = error
    while True:
        branches: list[list[jsonschema_rs.ValidationError]] = [
            branch for branch in getattr(seen.kind, "context", None) or () if branch
        ]
        if not branches:
            break
        closest = max(branches, key=_closeness)
        seen = max(closest, key=_depth)
    place = "/".join(str(part) for part in seen.instance_path) or "body"
    message = seen.message
    if len(message) > MESSAGE_LENGTH_MAX:
        half = MESSAGE_LENGTH_MAX // 2
        message = f"{message[:half]} … {message[-half:]}"
    return f"{place}: {message}"


def _depth(error: jsonschema_rs.ValidationError) -> tuple[int, bool]:
    return len(error.instance_path), UNEVALUATED not in error.message


def _closeness(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, tuple[int, bool]]:
    # A branch of another type is wrong at its `type` already, whatever else it says.
    other = any(list(error.instance_path)[-1:] == ["type"] for error in branch)
    return not other, max(_depth(error) for error in branch)


class TelegramApi:
    """The Bot API's description: methods, their parameters and the types within."""

    def __init__(self, document: JSON) -> None:
        self.version: str = document["version"]
        self._methods: JSON = {name.lower(): item for name, item in document["methods"].items()}
        self._types: JSON = document["types"]

    def check(self, method_name: str, params: JSON) -> list[str]:
        """What is wrong with a call; values may be texts of a form or parsed, files are BINARY."""
        method = self._methods.get(method_name.lower())
        if method is None:
            return [f"{method_name}: no such method"]
        fields = {item["name"]: item for item in method.get("fields", ())}
        attached = set(re.findall(r"attach://([\w.\-]+)", json.dumps(params, default=str)))
        problems = []
        for name, value in params.items():
            if name in fields:
                problems += self._any(fields[name]["types"], value, name, form=True)
            elif name in attached and value == BINARY:
                attached.remove(name)
            else:
                problems.append(f"{name}: no such parameter")
        problems += [f"attach://{name}: no such file" for name in attached if name not in params]
        problems += [
            f"{name}: missing"
            for name, item in fields.items()
            if item["required"] and params.get(name) is None
        ]
        return [f"{method_name}: {problem}" for problem in problems]

    def _any(self, types: list[str], value: object, at: str, *, form: bool = False) -> list[str]:
        found = [self._one(kind, value, at, form=form) for kind in types]
        return min(found, key=len)

    def _one(self, kind: str, value: object, at: str, *, form: bool) -> list[str]:
        if form and isinstance(value, str) and kind not in {"String", "InputFile"}:
            text = value
            try:
                value = json.loads(text)
            except ValueError:
                return [f"{at}: {text[:40]!r} is no {kind}"]
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{at}: is no list"]
            inner = kind.removeprefix("Array of ")
            return [
                problem
                for place, item in enumerate(value)
                for problem in self._one(inner, item, f"{at}[{place}]", form=False)
            ]
        if kind in _SCALARS:
            return [] if _SCALARS[kind](value) else [f"{at}: {value!r:.60} is no {kind}"]
        described = self._types.get(kind)
        if described is None:
            return [f"{at}: unknown type {kind}"]
        return self._object(described, value, at)

    def _object(self, described: JSON, value: object, at: str) -> list[str]:
        if "subtypes" in described:
            return min(
                (self._object(self._types[name], value, at) for name in described["subtypes"]),
                key=lambda problems: (any("must be" in item for item in problems), len(problems)),
            )
        if "fields" not in described:
            return []
        if not isinstance(value, dict):
            return [f"{at}: is no {described['name']}"]
        fields = {item["name"]: item for item in described["fields"]}
        problems = [f"{at}.{name}: no such field" for name in value if name not in fields]
        for name, item in fields.items():
            if value.get(name) is None:
                if item["required"]:
                    problems.append(f"{at}.{name}: missing")
                continue
            problems += self._any(item["types"], value[name], f"{at}.{name}")
            constant = re.search(r"(?:must be|always) [“\"*]?([a-z_]+)", item["description"])
            tagged = name in {"type", "source", "status"}
            if tagged and constant is not None and value[name] != constant[1]:
                problems.append(f"{at}.{name}: must be {constant[1]}")
        return problems


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SCALARS: dict[str, Callable[[object], bool]] = {
    "Integer": _is_integer,
    "Float": lambda value: _is_integer(value) or isinstance(value, float),
    "Boolean": lambda value: isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
    "InputFile": lambda value: value == BINARY,
}
