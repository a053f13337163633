"""What a message shows, within Telegram's limits; nothing that a person typed pings or links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, MessageEntity

from bot.command import Reply, Sample, buttons_of
from bot.i18n import OURS, say
from bot.telegram.buttons import can_show, keyboard
from core import shipped_styles
from core.messenger import Attached, Delivery, Say

TEXT_MAX = 4096
CAPTION_MAX = 1024
ALERT_MAX = 200
PROMPT_MIN = 80

# What Telegram would make a link, a mention or a tag of; inside code it looks for none.
_LIVELY = re.compile(r"[@#/][\w]|\w\.[A-Za-z]{2}|://|\+\d{5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text and its entities; offsets count UTF-16 units."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message to be: words as text and as caption, a picture, buttons."""

    text: Text
    caption: Text
    picture: Attached | None = None
    keyboard: InlineKeyboardMarkup | None = None


def of_reply(language: str, reply: Reply) -> Shown:
    """A command's answer, without its files; samples in one picture."""
    links = [
        button.url
        for button in reply.buttons
        if button.url is not None and not can_show(button.url)
    ]
    return Shown(
        text=compose(language, reply.prompt, reply.lines, TEXT_MAX, links),
        caption=compose(language, reply.prompt, reply.lines, CAPTION_MAX, links),
        picture=_in_one(reply.samples),
        keyboard=keyboard(language, reply.buttons),
    )


def _in_one(samples: tuple[Sample, ...]) -> Attached | None:
    """One picture for several: a message has no more."""
    if not samples:
        return None
    if len(samples) == 1:
        name, data = samples[0].name, shipped_styles.example(samples[0].name)
        kind = shipped_styles.EXAMPLE_TYPE
        return Attached(name=f"{name}.webp", media_type=kind, data=data)
    kind, data = shipped_styles.SHEET_TYPE, shipped_styles.sheet()
    return Attached(name=shipped_styles.SHEET, media_type=kind, data=data)


def of_delivery(language: str, delivery: Delivery) -> Shown:
    """A job's message at one moment."""
    return Shown(
        text=compose(language, delivery.prompt, delivery.lines, TEXT_MAX),
        caption=compose(language, delivery.prompt, delivery.lines, CAPTION_MAX),
        picture=delivery.attached[0] if delivery.attached else None,
        keyboard=keyboard(language, buttons_of(delivery)),
    )


def plain(language: str, lines: Iterable[Say]) -> str:
    """The sentences alone, for an alert; cut to its length."""
    return _cut("\n".join(say(language, line) for line in lines), ALERT_MAX)


def compose(
    language: str,
    prompt: str | None,
    lines: Iterable[Say],
    units_max: int,
    links: Iterable[str] = (),
) -> Text:
    """The person's words as code, then the sentences; the words give way where it gets too long."""
    entities: list[MessageEntity] = []
    written = ""
    words = (prompt or "").strip()
    said = [(say(language, line), line) for line in lines]
    below = "\n".join([*(sentence for sentence, _ in said), *links])
    if words:
        room = max(units_max - units(below) - 2, PROMPT_MIN)
        written = _cut(words, room)
        entities.append(MessageEntity(MessageEntity.CODE, 0, units(written)))
        written += "\n\n" if below else ""
    for sentence, line in said:
        entities += _quiet(sentence, line, units(written))
        written += sentence + "\n"
    written = (written + "\n".join(links)).rstrip()
    shown = _cut(written, units_max)
    end = units(shown)
    kept = [item for item in entities if item.offset + item.length <= end]
    return Text(text=shown, entities=tuple(kept))


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _quiet(sentence: str, line: Say, before: int) -> list[MessageEntity]:
    """Code over each value that Telegram would find something in; our own addresses stay links."""
    found = []
    taken: list[range] = []
    for name, value in line.values.items():
        text = str(value)
        if name in OURS or not _LIVELY.search(text):
            continue
        start = sentence.find(text)
        if start < 0 or any(start in span or start + len(text) - 1 in span for span in taken):
            continue
        taken.append(range(start, start + len(text)))
        offset = before + units(sentence[:start])
        found.append(MessageEntity(MessageEntity.CODE, offset, units(text)))
    return found


def _cut(text: str, units_max: int) -> str:
    if units(text) <= units_max:
        return text
    cut = text.encode("utf-16-le")[: 2 * (units_max - 1)].decode("utf-16-le", "ignore")
    return cut.rstrip() + "…"
