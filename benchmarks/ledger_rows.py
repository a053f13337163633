"""A ledger of any size, written by the database itself: people with a hundred transfers each.

Ten of the hundred are credits that came in, each a lot, and ninety are pictures that were paid, each
with its job and its hold. The books are right.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

import asyncpg

EACH = 100
PUTS = 10
PUT, PRICE = 1000, 10
LEFT = PUTS * PUT - (EACH - PUTS) * PRICE

# What differs: how numbers are counted up, how one is written with leading zeros, and a time.
_DIALECTS = {
    "sqlite": (
        "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
        " SELECT i FROM n)",
        "substr('0000000' || ({value}), -8)",
        "'2026-01-01 00:00:00.000000'",
    ),
    "postgresql": (
        "(SELECT generate_series(0, {count} - 1) AS i)",
        "lpad(({value})::text, 8, '0')",
        "TIMESTAMPTZ '2026-01-01 00:00:00+00'",
    ),
}


def person(number: int) -> str:
    """The id of a person."""
    return f"p{number:08d}"


def _statements(dialect: str, rows: int) -> list[str]:
    series, padded, time = _DIALECTS[dialect]
    people = rows // EACH
    everybody, all_of_it = series.format(count=people), series.format(count=rows)
    who, one = padded.format(value="i"), padded.format(value=f"i % {people}")
    nth = f"(i / {people})"
    job = f"'j' || {one} || 'x' || {nth}"
    put = f"{nth} < {PUTS}"
    spent = f"FROM {all_of_it} s WHERE NOT {put}"
    return [
        f"INSERT INTO person (id, created_at) SELECT 'p' || {who}, {time} FROM {everybody} s",
        "INSERT INTO account (id, kind, owner, posted) "
        f"SELECT 'person:p' || {who}, 'person', 'p' || {who}, {LEFT} FROM {everybody} s",
        "INSERT INTO transfer (id, seq, debit, credit, amount, kind, reference, made_at) "
        f"SELECT CASE WHEN {put} THEN 'buy:' || {padded.format(value='i')} "
        f"ELSE 'hold:' || {job} || ':capture' END, '0' || {padded.format(value='i')}, "
        f"CASE WHEN {put} THEN 'operator' ELSE 'person:p' || {one} END, "
        f"CASE WHEN {put} THEN 'person:p' || {one} ELSE 'revenue' END, "
        f"CASE WHEN {put} THEN {PUT} ELSE {PRICE} END, "
        f"CASE WHEN {put} THEN 'operator' ELSE 'spend' END, "
        f"CASE WHEN {put} THEN NULL ELSE {job} END, {time} FROM {all_of_it} s",
        "INSERT INTO lot (id, account, source, rank, amount, remaining, made_at) "
        f"SELECT 'buy:' || {padded.format(value='i')}, 'person:p' || {one}, 'operator', 1, {PUT}, "
        f"CASE WHEN {nth} = 0 THEN {PUT - (EACH - PUTS) * PRICE} ELSE {PUT} END, {time} "
        f"FROM {series.format(count=people * PUTS)} s",
        "INSERT INTO hold (job_id, account, amount, captured, state) "
        f"SELECT {job}, 'person:p' || {one}, {PRICE}, {PRICE}, 'captured' {spent}",
        "INSERT INTO job (id, person_id, operation, params, address, count, price, state, captured, "
        f"created_at) SELECT {job}, 'p' || {one}, 'imagine', '{{}}', '{{}}', 1, {PRICE}, "
        f"'succeeded', {PRICE}, {time} {spent}",
    ]


async def fill(url: str, rows: int) -> None:
    """Write so many transfers, and what belongs to them."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(urlsplit(url).path)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        for statement in _statements("sqlite", rows):
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return
    opened = await asyncpg.connect(url.replace("+asyncpg", ""))
    # What refers to what is right by itself: not looked up a million times.
    await opened.execute("SET session_replication_role = replica")
    for statement in _statements("postgresql", rows):
        await opened.execute(statement)
    await opened.execute("VACUUM ANALYZE")
    await opened.close()
