"""Statements: a person's transfers as lines that can be read, page by page and as CSV."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core import sheets
from core.app import App
from core.ids import is_id
from core.wallets import EXPORT_MAX, PAGE, ids_of
from storage import gallery, ledger
from storage.database import Connection
from storage.ledger import TransferRow

COLUMNS = ("time", "change", "kind", "what", "reference", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One transfer as its owner sees it: `change` is what it did to their credits."""

    seq: str
    made_at: datetime
    change: int
    kind: str
    note: str
    reference: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Lines, newest first; `more` goes on behind the last one, None: that was all."""

    lines: tuple[Line, ...]
    more: str | None


async def page(app: App, person_id: str, before: str | None) -> Page:
    """A page of a person's transfers, before the line that a button names."""
    start = before if before is not None and is_id(before) else "z"
    found = await app.database.read(_lines, person_id, PAGE + 1, start)
    more = found[PAGE - 1].seq if len(found) > PAGE else None
    return Page(lines=tuple(found[:PAGE]), more=more)


async def as_csv(app: App, person_id: str) -> bytes:
    """All transfers as a table, newest first; UTF-8 with a mark, so that spreadsheets see it."""
    found = await app.database.read(_lines, person_id, EXPORT_MAX, "z")
    rows = [
        (
            line.made_at.isoformat(timespec="seconds"),
            line.change,
            line.kind,
            line.note,
            line.reference,
            line.id,
        )
        for line in found
    ]
    return sheets.as_csv(COLUMNS, rows)


def _lines(connection: Connection, person_id: str, limit: int, before: str) -> list[Line]:
    ids = ids_of(connection, person_id)
    rows = ledger.history(connection, ids, limit, before)
    done = [row.reference for row in rows if row.kind == "spend" and row.reference is not None]
    operations = gallery.operations(connection, done) if done else {}
    return [
        Line(
            seq=row.seq,
            made_at=row.made_at,
            change=_change(row, ids),
            kind=row.kind,
            note=operations.get(row.reference or "", row.note or ""),
            reference=row.reference or "",
            id=row.id,
        )
        for row in rows
    ]


def _change(row: TransferRow, ids: Collection[str]) -> int:
    """What a transfer did to one person; between two of their own accounts: nothing."""
    gained = row.amount if row.credit in ids else 0
    return gained - (row.amount if row.debit in ids else 0)
