"""From rows to HTML: the templates, and what they are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import i18n
from bot.catalogue import Catalogue, typed
from bot.command import Button, Command, Form
from bot.dispatch import Dispatch
from bot.links import Links
from bot.web import answer, assets
from bot.web.uploads import ACCEPTED, FILES_MAX, REQUEST_BYTES_MAX
from bot.web.visitor import PLATFORM, Visitor
from core.errors import Value
from core.ids import new_id
from core.keys import SECRET_LENGTH_MAX, SECRET_LENGTH_MIN
from core.messenger import Picture, Say, Stage
from core.options import Kind, Option
from core.pages import PageMessage

FOLDER = Path(__file__).parent
RANGE_MAX = 12
COLOUR_LENGTH = 7
SMALL_PX_MAX = 256
TEXT_LENGTH_MAX = 6000
PLAIN = "imagine"
LIMITS = {
    "files": FILES_MAX,
    "max_mb": REQUEST_BYTES_MAX // 2**20,
    "text": TEXT_LENGTH_MAX,
    "accepted": ACCEPTED,
}
SECRET_LIMITS = {"min": SECRET_LENGTH_MIN, "max": SECRET_LENGTH_MAX}
EXAMPLES = ("page-example-1", "page-example-2", "page-example-3")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """A picture with the addresses it is shown and opened under; `name` is set for a file to keep."""

    src: str
    href: str
    width: int
    height: int
    name: str | None = None

    @property
    def shape(self) -> str:
        """How wide it is shown: known before it is loaded, so that nothing jumps."""
        if max(self.width, self.height) <= SMALL_PX_MAX:
            return "small"
        if self.height > self.width * 1.2:
            return "tall"
        return "square" if self.width < self.height * 1.2 else "wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownButton:
    """A button: what it sends, or the form it opens, or the address it leads to."""

    packed: str
    command: str
    label: str
    form: Form | None = None
    url: str | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A sentence; `colour` is set where it tells of one, with its `cells`."""

    text: str
    colour: str | None = None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSample:
    """A small picture that ships with Atelier, and what it is called."""

    src: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """A person's words and the answer below them, ready for the template."""

    id: str
    revision: int
    command: str
    words: str
    files: tuple[str, ...]
    lines: tuple[ShownLine, ...]
    busy: bool
    error: bool
    alt: str
    pictures: tuple[ShownPicture, ...]
    downloads: tuple[ShownPicture, ...]
    preview: str | None
    buttons: tuple[ShownButton, ...]
    dismiss: bool
    samples: tuple[ShownSample, ...] = ()


class Renderer:
    """Renders pages and single messages."""

    def __init__(self, dispatch: Dispatch, links: Links) -> None:
        self._dispatch = dispatch
        self._links = links
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def message(self, row: PageMessage, visitor: Visitor) -> str:
        """One message as a fragment."""
        return self._render(
            "message.html", visitor.language, message=self._shown(row, visitor), visitor=visitor
        )

    def page(
        self,
        rows: list[PageMessage],
        visitor: Visitor,
        *,
        message_id: str,
        earlier: str | None,
        paging: bool,
        can_sign_out: bool,
    ) -> web.Response:
        """The whole page."""
        return self.whole(
            "page.html",
            visitor.language,
            200,
            messages=[self._shown(row, visitor) for row in rows],
            visitor=visitor,
            message_id=message_id,
            earlier=earlier,
            paging=paging,
            can_sign_out=can_sign_out,
            limits=LIMITS,
            examples=[i18n.translate(visitor.language, key) for key in EXAMPLES],
            commands=self.commands(visitor.language),
        )

    def key_form(self, language: str, *, status: int = 200, **values: object) -> web.Response:
        """The page where a key is put in; it shows no key."""
        return self.whole("keys.html", language, status, limits=SECRET_LIMITS, **values)

    def note(self, language: str, key: str, status: int, **values: Value) -> web.Response:
        """A page with one sentence and the way back."""
        sentence = i18n.translate(language, key, values)
        return self.whole(
            "note.html", language, status, sentence=sentence, back=status not in {401, 403}
        )

    def sentence(self, language: str, key: str, **values: Value) -> str:
        """One sentence as text."""
        return _translate(language, key, **values)

    def commands(self, language: str) -> list[dict[str, Any]]:
        """What can be typed, for the script's menu."""
        return [
            {
                "name": command.name,
                "text": command.summary,
                "options": [
                    self._option(command.name, item, language)
                    for item in command.options
                    if not item.hidden
                ],
            }
            for command in _visible(self._dispatch.catalogue)
        ]

    def _option(self, command: str, item: Option, language: str) -> dict[str, Any]:
        values = list(item.choices)
        texts = {}
        if item.suggest is not None:
            found = self._dispatch.suggest(command, item.name, "")
            values = [suggestion.value for suggestion in found]
            texts = {suggestion.value: i18n.say(language, suggestion.text) for suggestion in found}
        limits = ""
        if item.kind is Kind.BOOLEAN:
            values = ["yes", "no"]
        if item.min is not None and item.max is not None:
            limits = i18n.translate(language, "page-range", {"min": item.min, "max": item.max})
            if item.kind is Kind.INTEGER and item.max - item.min <= RANGE_MAX:
                values = [str(number) for number in range(item.min, item.max + 1)]
        return {
            "name": item.name,
            "text": item.text,
            "kind": item.kind,
            "main": item.main,
            "needed": item.required,
            "limits": limits,
            "values": values,
            "texts": texts,
        }

    def _shown(self, row: PageMessage, visitor: Visitor) -> ShownMessage:
        found = answer.read(row.answer)
        text, files = split_words(row.words)
        command, words = _split_command(text)
        pictures = tuple(
            self._picture(row.id, place, item, name)
            for place, (item, name) in enumerate(_named(found), start=1)
        )
        preview = None if found.preview is None else f"/preview/{row.id}/{row.revision}"
        return ShownMessage(
            id=row.id,
            revision=row.revision,
            command=command,
            words=words,
            files=files,
            lines=_lines(found, visitor.language),
            busy=found.stage in {Stage.QUEUED, Stage.RUNNING},
            error=found.error,
            alt=found.prompt or words or command,
            pictures=() if found.names else pictures,
            downloads=pictures if found.names else (),
            preview=preview,
            buttons=tuple(
                self.button(item, visitor.language) for item in found.buttons if item.sku is None
            ),
            dismiss=found.stage is None,
            samples=tuple(
                ShownSample(src=src, label=item.label)
                for item in found.samples
                if (src := assets.sample_address(item.name)) is not None
            ),
        )

    def _picture(self, message_id: str, place: int, picture: Picture, name: str) -> ShownPicture:
        file_name = name or f"picture-{place}.{picture.media_type.partition('/')[2]}"
        return ShownPicture(
            src=self._links.path(picture.sha256, file_name),
            href=f"/picture/{message_id}/{place}",
            width=picture.width,
            height=picture.height,
            name=name or None,
        )

    def button(self, button: Button, language: str) -> ShownButton:
        """A button, ready for the template."""
        packed = "" if button.url is not None else button.pack()
        return ShownButton(
            packed=packed,
            command=button.command,
            label=button.label or i18n.button_label(language, button.command, button.position),
            form=self._dispatch.form(packed, PLATFORM) if packed else None,
            url=button.url,
            row=button.row,
        )

    def whole(self, template: str, language: str, status: int, **values: object) -> web.Response:
        """A whole page of a template."""
        return web.Response(
            text=self._render(template, language, **values),
            status=status,
            content_type="text/html",
            headers={"Cache-Control": "no-store"},
        )

    def _render(self, template: str, language: str, **values: object) -> str:
        say: Callable[..., str] = partial(_translate, language)
        return self._templates.get_template(template).render(
            t=say, asset=assets.address, language=language, new_id=new_id, **values
        )


FILE_SIGN = "\n\N{PAPERCLIP} "


def join_words(text: str, files: list[str]) -> str:
    """A person's words with the names of the files that came with them."""
    return text + "".join(FILE_SIGN + " ".join(name.split()) for name in files)


def split_words(words: str) -> tuple[str, tuple[str, ...]]:
    """Words and names of files again."""
    text, *files = words.split(FILE_SIGN)
    return text, tuple(files)


def _visible(catalogue: Catalogue) -> list[Command]:
    """What can be typed to some end, first what plain words do: the page has no moderators."""
    commands = [item for item in typed(catalogue, PLATFORM).values() if not item.moderators]
    return sorted(commands, key=lambda command: command.name != PLAIN)


def _split_command(text: str) -> tuple[str, str]:
    if not text.startswith("/"):
        return "", text
    command, _, rest = text.partition(" ")
    return command, rest


def _lines(found: answer.Answer, language: str) -> tuple[ShownLine, ...]:
    """What an answer says; a line of the person's own, such as Info's, stands in no words above it."""
    alone = found.stage is None and not found.pictures
    own = (ShownLine(text=found.prompt),) if alone and found.prompt else ()
    return own + tuple(_line(item, language) for item in found.lines)


def _named(found: answer.Answer) -> list[tuple[Picture, str]]:
    names = found.names or ("",) * len(found.pictures)
    return list(zip(found.pictures, names, strict=False))


def _line(line: Say, language: str) -> ShownLine:
    text = i18n.say(language, line)
    colour = line.values.get("hex")
    if isinstance(colour, str) and len(colour) == COLOUR_LENGTH:
        cells = tuple(
            str(line.values[name])
            for name in ("hex", "name", "share", "rgb", "hsl")
            if name in line.values
        )
        return ShownLine(text=text, colour=colour, cells=cells)
    return ShownLine(text=text)


def _translate(language: str, key: str, **values: Value) -> str:
    return i18n.translate(language, key, values)
