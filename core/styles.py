"""Styles: named looks, whose words are added to a prompt: shipped ones, a person's and a community's own."""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.app import App
from core.errors import BadOption, NotFound, UserError
from core.ids import new_id
from core.shipped_styles import Shipped, by_name, shipped
from storage import links
from storage import styles as stored
from storage.database import Connection
from storage.styles import NAME_LENGTH, WORDS_LENGTH, StyleRow

P = TypeVar("P")

OWN_MAX = 50
COMMUNITY_MAX = 100
LIKE_MAX = 5
_NAME = re.compile(r"[\w-]{1,40}")


class Source(StrEnum):
    """Whose a style is; where several have one of a name, the first of these counts."""

    MINE = "mine"
    COMMUNITY = "community"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A look: `words` are added to the prompt, `negative` to what is left out."""

    name: str
    words: str
    negative: str | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All styles that somebody can name where they speak."""

    mine: tuple[Style, ...]
    community: tuple[Style, ...]


def plain(name: str) -> str:
    """A name as it is kept: in small letters, with hyphens for spaces."""
    return "-".join(name.lower().split())


def of_shipped(style: Shipped) -> Style:
    """A shipped style as one of all."""
    return Style(name=style.name, words=style.words, negative=style.negative, source=Source.SHIPPED)


async def find(app: App, name: str, person_id: str, community: str | None) -> Style | None:
    """The style of a name; None where there is none."""
    name = plain(name)
    row = await app.database.read(stored.find, name, person_id, community)
    if row is not None:
        return _of_row(row)
    common = by_name().get(name)
    return None if common is None else of_shipped(common)


async def named(app: App, name: str, person_id: str, community: str | None) -> Style:
    """The same; raises BadOption, with names that are like it."""
    found = await find(app, name, person_id, community)
    if found is not None:
        return found
    own = await listed(app, person_id, community)
    names = [style.name for style in (*own.mine, *own.community)]
    names += [style.name for style in shipped() if style.name not in names]
    like = difflib.get_close_matches(plain(name), names, n=LIKE_MAX, cutoff=0.5)
    key = "style-unknown-like" if like else "style-unknown"
    raise BadOption(key, style=name[:NAME_LENGTH], like=", ".join(like))


async def listed(app: App, person_id: str, community: str | None) -> Listed:
    """A person's styles, and those of the community they speak in."""
    return await app.database.read(_listed, person_id, community)


def _listed(connection: Connection, person_id: str, community: str | None) -> Listed:
    theirs = [] if community is None else stored.of_community(connection, community)
    return Listed(
        mine=tuple(_of_row(row) for row in stored.of_person(connection, person_id)),
        community=tuple(_of_row(row) for row in theirs),
    )


def _of_row(row: StyleRow) -> Style:
    source = Source.MINE if row.community is None else Source.COMMUNITY
    return Style(name=row.name, words=row.words, negative=row.negative, source=source)


async def add(
    app: App,
    name: str,
    words: str,
    negative: str | None = None,
    *,
    person_id: str = "",
    community: str | None = None,
) -> bool:
    """Keep a style of a person's, or of a community's where one is named; whether it had other words before.

    That a community's are its moderators' is for the caller to know. Raises UserError.
    """
    name = plain(name)
    if _NAME.fullmatch(name) is None:
        raise BadOption("style-name", max=NAME_LENGTH)
    row = StyleRow(
        id=new_id(),
        person_id=None if community is not None else person_id,
        community=community,
        name=name,
        words=_said("words", words),
        negative=_said("negative", negative) if negative else None,
        made_at=app.clock.now(),
    )
    done = await app.database.transaction(_add, row)
    if isinstance(done, UserError):
        raise done
    return done


def _said(option: str, words: str) -> str:
    """Words on one line; raises BadOption where there are none, or too many."""
    said = " ".join(words.split())
    if not said:
        raise BadOption("option-missing", option=option)
    if len(said) > WORDS_LENGTH:
        raise BadOption("option-too-long", option=option, length=len(said), max=WORDS_LENGTH)
    return said


def _add(connection: Connection, row: StyleRow) -> bool | UserError:
    if row.person_id is not None:
        row = dataclasses.replace(row, person_id=links.kept(connection, row.person_id))
    theirs = (
        stored.of_community(connection, row.community)
        if row.community is not None
        else stored.of_person(connection, row.person_id or "")
    )
    replaced = any(known.name == row.name for known in theirs)
    most = OWN_MAX if row.community is None else COMMUNITY_MAX
    if not replaced and len(theirs) >= most:
        return UserError("styles-too-many", max=most)
    stored.put(connection, row)
    return replaced


async def remove(app: App, name: str, *, person_id: str = "", community: str | None = None) -> None:
    """Forget a style of a person's, or of a community's; raises NotFound."""
    if not await app.database.transaction(_remove, plain(name), person_id, community):
        raise NotFound("style-none", style=name[:NAME_LENGTH])


def _remove(connection: Connection, name: str, person_id: str, community: str | None) -> bool:
    if community is not None:
        return stored.remove(connection, name, community=community)
    return stored.remove(connection, name, person_id=links.kept(connection, person_id))


async def worded(app: App, params: P, person_id: str, community: str | None) -> P:
    """The parameters with the words of their style as they are now; raises BadOption.

    They are kept with the job: what the style becomes later changes nothing of it.
    """
    changed: Any = params
    name = getattr(params, "style", None)
    if name is None or not hasattr(params, "style_words") or changed.style_words is not None:
        return params
    style = await named(app, name, person_id, community)
    made: P = dataclasses.replace(
        changed, style=style.name, style_words=style.words, style_negative=style.negative
    )
    return made


def make_way(connection: Connection, gone: str, kept: str) -> None:
    """Where two who become one have a style of the same name, one gets another: both stay."""
    mine = {row.name for row in stored.of_person(connection, kept)}
    theirs = stored.of_person(connection, gone)
    taken = mine | {row.name for row in theirs}
    for row in theirs:
        if row.name in mine:
            free = _free(row.name, taken)
            stored.rename(connection, row.id, free)
            taken.add(free)


def _free(name: str, taken: Collection[str]) -> str:
    """The name with a number that none has yet."""
    endings = (f"-{number}" for number in itertools.count(2))
    made = (name[: NAME_LENGTH - len(ending)] + ending for ending in endings)
    return next(found for found in made if found not in taken)
