"""styles: the looks there are, with examples; one more of one's own or of a community's, or one less."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot import i18n, looks
from bot.command import Button, Call, Command, Reply, Sample, Suggestion
from core import styles
from core.app import App
from core.errors import BadOption, UserError, Value
from core.messenger import Say
from core.options import option
from core.shipped_styles import shipped
from core.styles import Source, Style

PAGE = 10
# How many examples one message shows, where not all.
SAMPLES_MAX = {"discord": 10}
NAMES_LENGTH_MAX = 350
SHOWN_LENGTH_MAX = 160
WHOSE = ("mine", "community")
_PAGE = re.compile(r"(?P<source>mine|community|shipped)-(?P<page>[1-9]\d?)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Styles:
    """The options of styles; `page` is a button's."""

    do: str = option(
        "What to do; without it you see the styles",
        default="list",
        choices=("list", "add", "remove", "show"),
    )
    name: str | None = option("Which style", default=None, suggest="styles", length_max=40)
    words: str | None = option("What is added to the prompt", default=None, length_max=500)
    whose: str | None = option(
        "Your own, or (moderators) those of this community", default=None, choices=WHOSE
    )
    negative: str | None = option("What is added to what is left out", default=None, length_max=500)
    page: str | None = option("The page of a button", default=None, length_max=12, hidden=True)


async def _run(app: App, call: Call, params: Styles) -> Reply:
    return await _DO[params.do](app, call, params)


async def _list(app: App, call: Call, params: Styles) -> Reply:
    match = _PAGE.fullmatch(params.page or f"{params.whose or Source.SHIPPED}-1")
    if match is None:
        raise UserError("button-unknown")
    found = await styles.listed(app, call.person, call.community)
    number = int(match["page"])
    if match["source"] == Source.SHIPPED:
        return _overview(call, found, number)
    if match["source"] == Source.MINE:
        return _page(Source.MINE, found.mine, number)
    if call.community is None:
        raise UserError("styles-no-community")
    return _page(Source.COMMUNITY, found.community, number)


def _overview(call: Call, found: styles.Listed, number: int) -> Reply:
    """The shipped ones with their examples, and the names of the others."""
    common = shipped()
    most = SAMPLES_MAX.get(call.identity.platform, len(common))
    pages = math.ceil(len(common) / most)
    number = min(number, pages)
    samples = tuple(
        Sample(name=style.name, label=style.name)
        for style in common[(number - 1) * most : number * most]
    )
    lines = [Say(key="styles-title"), _names("styles-shipped", [style.name for style in common])]
    buttons = [_turn(Source.SHIPPED, number, pages)] if pages > 1 else []
    for source, theirs in ((Source.MINE, found.mine), (Source.COMMUNITY, found.community)):
        if theirs:
            lines.append(_names(f"styles-{source}", [style.name for style in theirs]))
            label = i18n.translate(call.language, f"button-styles-{source}")
            buttons.append(_button(source, 1, label))
    if not found.mine:
        lines.append(Say(key="styles-add-how"))
    return Reply(lines=tuple(lines), buttons=tuple(buttons), samples=samples)


def _page(source: Source, theirs: Sequence[Style], number: int) -> Reply:
    """A page of the styles of one owner, with their words."""
    if not theirs:
        return Reply(lines=(Say(key=f"styles-none-{source}"),))
    pages = math.ceil(len(theirs) / PAGE)
    # There may have been more when the button was made.
    number = min(number, pages)
    shown = theirs[(number - 1) * PAGE : number * PAGE]
    lines = (Say(key=f"styles-title-{source}"), *(_line(style) for style in shown))
    buttons = (_turn(source, number, pages),) if pages > 1 else ()
    return Reply(lines=lines, buttons=(*buttons, _button(Source.SHIPPED, 1)))


def _turn(source: Source, number: int, pages: int) -> Button:
    """To the next page, and from the last to the first."""
    following = number % pages + 1
    return _button(source, following, f"{following}/{pages} {'→' if following > 1 else '←'}")


def _button(source: Source, number: int, label: str | None = None) -> Button:
    return Button(command="styles", given=("page", f"{source}-{number}"), label=label)


def _names(key: str, names: Sequence[str]) -> Say:
    """Names in one line, as many as it has room for."""
    said, count = "", 0
    for name in names:
        longer = f"{said}, {name}" if said else name
        if len(longer) > NAMES_LENGTH_MAX:
            break
        said, count = longer, count + 1
    return Say(key=key, values={"names": said, "more": len(names) - count})


def _line(style: Style) -> Say:
    words = style.words
    if len(words) > SHOWN_LENGTH_MAX:
        words = words[: SHOWN_LENGTH_MAX - 1].rstrip() + "…"
    return Say(key="style-line", values={"style": style.name, "words": words})


async def _show(app: App, call: Call, params: Styles) -> Reply:
    style = await styles.named(app, _named(params), call.person, call.community)
    lines = [
        Say(key="style-line", values={"style": style.name, "words": style.words}),
        Say(key=f"style-is-{style.source}"),
    ]
    if style.negative is not None:
        lines.insert(1, Say(key="style-negative", values={"words": style.negative}))
    own = style.source is not Source.SHIPPED
    samples = () if own else (Sample(name=style.name, label=style.name),)
    return Reply(lines=tuple(lines), samples=samples)


async def _add(app: App, call: Call, params: Styles) -> Reply:
    name = _named(params)
    if params.words is None:
        raise BadOption("option-missing", option="words")
    replaced = await styles.add(
        app,
        name,
        params.words,
        params.negative,
        person_id=call.person,
        community=_community(call, params),
    )
    values: dict[str, Value] = {
        "style": styles.plain(name),
        "replaced": "yes" if replaced else "no",
        "whose": params.whose or "mine",
    }
    return Reply(lines=(Say(key="style-added", values=values),))


async def _remove(app: App, call: Call, params: Styles) -> Reply:
    name = _named(params)
    community = _community(call, params)
    await styles.remove(app, name, person_id=call.person, community=community)
    return Reply(lines=(Say(key="style-removed", values={"style": styles.plain(name)}),))


def _named(params: Styles) -> str:
    if params.name is None:
        raise BadOption("option-missing", option="name")
    return params.name


def _community(call: Call, params: Styles) -> str | None:
    """The community whose style it is to be; only its moderators may say so. Raises UserError."""
    if params.whose != "community":
        return None
    if call.authority is None:
        raise UserError("moderators-elsewhere")
    if not call.authority.moderator:
        raise UserError("moderators-only")
    return call.authority.community


def _weighs(values: Mapping[str, object]) -> bool:
    return values.get("whose") == "community" and values.get("do") in ("add", "remove")


_DO: dict[str, Callable[[App, Call, Styles], Awaitable[Reply]]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "remove": _remove,
}


def _suggest(_: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    return looks.common(typed) if option == "name" else ()


async def _suggest_own(app: App, person: str, option: str, typed: str) -> tuple[Suggestion, ...]:
    return await looks.own(app, person, typed) if option == "name" else ()


COMMAND = Command(
    name="styles",
    summary="Show the styles for pictures, and keep your own",
    params=Styles,
    run=_run,
    private=True,
    suggest=_suggest,
    suggest_own=_suggest_own,
    weighs=_weighs,
)
