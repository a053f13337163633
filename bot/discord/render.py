"""From answers to Discord's Components V2: a card with text, pictures and buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot import i18n
from bot.command import Button, Reply, Sample, buttons_of
from bot.discord import buttons as controls
from bot.discord.rest import File
from core import shipped_styles
from core.errors import Value
from core.messenger import Attached, Delivery, Say, Stage

JSON = dict[str, Any]

COMPONENTS_V2 = 1 << 15
EPHEMERAL = 1 << 6
TEXT_LENGTH_MAX = 4000
PROMPT_LENGTH_MAX = 1000
ALT_LENGTH_MAX = 200
PICTURES_MAX = 10
_CONTAINER, _TEXT, _GALLERY, _FILE = 17, 10, 12, 13
_BLUE, _GREEN, _RED, _GREY = 0x5865F2, 0x3BA55D, 0xED4245, 0x99AAB5
_COLOURS = {
    Stage.QUEUED: _BLUE,
    Stage.RUNNING: _BLUE,
    Stage.SUCCEEDED: _GREEN,
    Stage.FAILED: _RED,
    Stage.CANCELLED: _GREY,
}
# What formats, mentions or links wherever it stands, and what does at the beginning of a line.
_SPECIAL = re.compile(r"[\\*_~`|<>\[\]@]|:(?=//)")
_AT_LINE_START = re.compile(r"^(\s*)(#{1,3}(?=\s)|-#|[-+](?=\s)|\d+(?=[.)]\s))", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one message is made of: components, and the files that they show."""

    components: tuple[JSON, ...]
    files: tuple[File, ...] = ()

    def payload(self, *, ephemeral: bool = False) -> JSON:
        """The request's JSON; an edit with it replaces all that the message showed before."""
        return {
            "flags": COMPONENTS_V2 | (EPHEMERAL if ephemeral else 0),
            "components": list(self.components),
            "attachments": [
                {"id": str(place), "filename": file.name} for place, file in enumerate(self.files)
            ],
            "allowed_mentions": {"parse": []},
        }


def literal(text: str) -> str:
    """A person's text so that it shows as typed: no format, mention or link comes of it."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return _AT_LINE_START.sub(_escape_mark, escaped)


def _escape_mark(match: re.Match[str]) -> str:
    mark = match[2]
    # Behind a number it is the full stop that makes a list.
    return f"{match[1]}{mark}\\" if mark.isdigit() else f"{match[1]}\\{mark}"


def delivery(item: Delivery, *, owner: str, language: str) -> Message:
    """A job's message at one moment."""
    return _message(
        lines=item.lines,
        prompt=item.prompt,
        attached=item.attached,
        buttons=buttons_of(item),
        colour=_COLOURS[item.stage],
        owner=owner,
        language=language,
    )


def reply(item: Reply, *, owner: str, language: str) -> Message:
    """An answer to a command."""
    return _message(
        lines=item.lines,
        prompt=item.prompt,
        attached=item.attached,
        buttons=item.buttons,
        samples=item.samples,
        colour=_RED if item.error else _BLUE,
        owner=owner,
        language=language,
    )


def _message(
    *,
    lines: tuple[Say, ...],
    prompt: str | None,
    attached: tuple[Attached, ...],
    buttons: tuple[Button, ...],
    colour: int,
    owner: str,
    language: str,
    samples: tuple[Sample, ...] = (),
) -> Message:
    shown = attached[:PICTURES_MAX]
    quoted = _quoted(prompt) if prompt else ""
    inner: list[JSON] = [{"type": _TEXT, "content": quoted}] if quoted else []
    said = _cut("\n".join(_sentences(language, lines)), TEXT_LENGTH_MAX - len(quoted))
    if said:
        inner.append({"type": _TEXT, "content": said})
    pictures = [item for item in shown if item.media_type.startswith("image/")]
    if pictures:
        inner.append({"type": _GALLERY, "items": [_picture(item, prompt) for item in pictures]})
    inner += [
        {"type": _FILE, "file": {"url": f"attachment://{item.name}"}}
        for item in shown
        if item not in pictures
    ]
    beside = [_sample(item) for item in samples[: PICTURES_MAX - len(shown)]]
    if beside:
        entries = [
            {"media": {"url": f"attachment://{file.name}"}, "description": item.label}
            for file, item in zip(beside, samples, strict=False)
        ]
        inner.append({"type": _GALLERY, "items": entries})
    inner += controls.rows(buttons, owner=owner, language=language)
    card = {"type": _CONTAINER, "accent_color": colour, "components": inner}
    files = tuple(
        File(name=item.name, media_type=item.media_type, data=item.data) for item in shown
    )
    return Message(components=(card,), files=(*files, *beside))


def _sample(item: Sample) -> File:
    return File(
        name=f"{item.name}.webp",
        media_type=shipped_styles.EXAMPLE_TYPE,
        data=shipped_styles.example(item.name),
    )


def _sentences(language: str, lines: Iterable[Say]) -> Iterable[str]:
    for line in map(_counting_down, lines):
        values = {name: _value(name, value) for name, value in line.values.items()}
        yield i18n.translate(language, line.key, values)


def _counting_down(line: Say) -> Say:
    """Discord itself counts down to a moment, without an edit."""
    if line.key != "ready":
        return line
    return Say(key="ready-at", values={"countdown": f"<t:{line.values['at']}:R>"})


def _value(name: str, value: Value) -> Value:
    return literal(value) if isinstance(value, str) and name not in i18n.OURS else value


def _quoted(prompt: str) -> str:
    """The prompt as a quotation, cut before it is escaped so that no escape is cut in two."""
    text = prompt
    while len(quoted := _quote(text)) > PROMPT_LENGTH_MAX:
        keep = min(len(text) - 1, max(len(text) * PROMPT_LENGTH_MAX // len(quoted), 1) - 1)
        text = text[:keep].rstrip("… ") + "…"
    return quoted


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in literal(text).splitlines())


def _cut(text: str, length_max: int) -> str:
    return text if len(text) <= length_max else text[: length_max - 1] + "…"


def _picture(item: Attached, prompt: str | None) -> JSON:
    entry: JSON = {"media": {"url": f"attachment://{item.name}"}}
    if prompt:
        entry["description"] = prompt[:ALT_LENGTH_MAX]
    return entry
