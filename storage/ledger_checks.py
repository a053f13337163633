"""The checks of the ledger: for each invariant the statements that find where it does not hold.

Plain SQL that both databases understand. Each statement gives rows of `subject, expected, found`, none
where all is well; only the first one is ever fetched.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

_CONSERVED = """
SELECT 'all accounts' AS subject, -s.total AS expected, k.total AS found
FROM (SELECT COALESCE(SUM(posted), 0) AS total FROM account WHERE kind <> 'system') k
CROSS JOIN (
    SELECT COALESCE(SUM(by_account.total), 0) AS total FROM (
        SELECT credit AS id, SUM(amount) AS total FROM transfer GROUP BY credit
        UNION ALL SELECT debit, -SUM(amount) FROM transfer GROUP BY debit
    ) by_account JOIN account a ON a.id = by_account.id WHERE a.kind = 'system'
) s
WHERE k.total <> -s.total
"""

_POSTED = """
SELECT a.id AS subject,
    CASE WHEN a.kind = 'system' THEN 0 ELSE COALESCE(m.total, 0) END AS expected, a.posted AS found
FROM account a LEFT JOIN (
    SELECT id, SUM(total) AS total FROM (
        SELECT credit AS id, SUM(amount) AS total FROM transfer GROUP BY credit
        UNION ALL SELECT debit, -SUM(amount) FROM transfer GROUP BY debit
    ) sides GROUP BY id
) m ON m.id = a.id
WHERE a.posted <> CASE WHEN a.kind = 'system' THEN 0 ELSE COALESCE(m.total, 0) END
ORDER BY a.id LIMIT 1
"""

_PENDING = """
SELECT a.id AS subject, COALESCE(h.total, 0) AS expected, a.pending AS found
FROM account a LEFT JOIN (
    SELECT id, SUM(amount) AS total FROM (
        SELECT account AS id, amount FROM hold WHERE state = 'pending'
        UNION ALL SELECT scoped, scoped_amount FROM hold
        WHERE state = 'pending' AND scoped IS NOT NULL
    ) sides GROUP BY id
) h ON h.id = a.id
WHERE a.pending <> COALESCE(h.total, 0)
ORDER BY a.id LIMIT 1
"""

# A scoped part without an account that it is held in would be in no sum.
_NOWHERE = """
SELECT h.job_id AS subject, 0 AS expected, h.scoped_amount AS found
FROM hold h WHERE h.scoped IS NULL AND h.scoped_amount <> 0
ORDER BY h.job_id LIMIT 1
"""

_FLOOR = """
SELECT a.id AS subject, 0 AS expected, a.posted - a.pending AS found
FROM account a WHERE a.kind <> 'system' AND a.posted < a.pending AND (
    a.kind = 'pool' OR NOT EXISTS (
        SELECT 1 FROM transfer t WHERE t.debit = a.id AND t.kind IN ('refund', 'dispute', 'link')
    )
)
ORDER BY a.id LIMIT 1
"""

_OWN = (
    "h.captured - CASE WHEN h.captured < h.scoped_amount THEN h.captured ELSE h.scoped_amount END"
)

_CAPTURED = f"""
SELECT h.job_id AS subject, h.captured AS expected,
    COALESCE(o.amount, 0) + COALESCE(s.amount, 0) AS found
FROM hold h
LEFT JOIN transfer o ON o.id = 'hold:' || h.job_id || ':capture'
    AND o.debit = h.account AND o.credit = 'revenue'
LEFT JOIN transfer s ON s.id = 'hold:' || h.job_id || ':capture:scoped'
    AND s.debit = h.scoped AND s.credit = 'revenue'
WHERE COALESCE(o.amount, 0) <> {_OWN} OR COALESCE(s.amount, 0) <> h.captured - ({_OWN})
ORDER BY h.job_id LIMIT 1
"""  # noqa: S608 - its parts are constants

_RESOLVED = """
SELECT h.job_id AS subject, 0 AS expected, h.captured AS found
FROM hold h WHERE (h.state = 'captured') <> (h.captured > 0)
ORDER BY h.job_id LIMIT 1
"""

_UNHELD = """
SELECT t.id AS subject, 0 AS expected, t.amount AS found
FROM transfer t LEFT JOIN hold h ON h.job_id = t.reference
    AND t.id IN ('hold:' || h.job_id || ':capture', 'hold:' || h.job_id || ':capture:scoped')
WHERE t.kind = 'spend' AND h.job_id IS NULL
ORDER BY t.id LIMIT 1
"""

_OPEN = """
SELECT h.job_id AS subject, 0 AS expected, h.amount + h.scoped_amount AS found
FROM hold h LEFT JOIN job j ON j.id = h.job_id
WHERE h.state = 'pending' AND (j.id IS NULL OR j.state NOT IN ('queued', 'running'))
ORDER BY h.job_id LIMIT 1
"""

_SUCCEEDED = """
SELECT h.job_id AS subject,
    CASE WHEN j.state = 'succeeded' THEN j.captured ELSE 0 END AS expected, h.captured AS found
FROM hold h LEFT JOIN job j ON j.id = h.job_id
WHERE h.captured <> COALESCE(j.captured, 0) OR (h.captured > 0 AND j.state <> 'succeeded')
ORDER BY h.job_id LIMIT 1
"""

# Also of jobs without a hold, as those before the ledger and those that cost nothing.
_PRICED = """
SELECT j.id AS subject, j.price AS expected, j.captured AS found
FROM job j WHERE j.captured > j.price
ORDER BY j.id LIMIT 1
"""

_HELD = """
SELECT h.job_id AS subject, j.price AS expected, h.amount + h.scoped_amount AS found
FROM hold h JOIN job j ON j.id = h.job_id WHERE h.amount + h.scoped_amount <> j.price
ORDER BY h.job_id LIMIT 1
"""

_GUARDED = {
    "sqlite": """
SELECT 'transfer' AS subject, 2 AS expected, t.found FROM (
    SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfer'
        AND name IN ('transfer_no_update', 'transfer_no_delete') AND sql LIKE '%RAISE(ABORT%'
) t WHERE t.found <> 2
""",
    # 58: before UPDATE, DELETE and TRUNCATE.
    "postgresql": """
SELECT 'transfer' AS subject, 1 AS expected, t.found FROM (
    SELECT COUNT(*) AS found FROM pg_trigger WHERE tgrelid = 'transfer'::regclass
        AND tgname = 'transfer_only_added' AND tgenabled IN ('O', 'A') AND tgtype & 58 = 58
) t WHERE t.found <> 1
""",
}

_WITHIN = """
SELECT l.id AS subject, l.amount AS expected, l.remaining AS found
FROM lot l WHERE l.remaining < 0 OR l.remaining > l.amount
ORDER BY l.id LIMIT 1
"""

_BEGUN = """
SELECT l.id AS subject, COALESCE(t.amount, 0) AS expected, l.amount AS found
FROM lot l LEFT JOIN transfer t ON t.id = l.id WHERE l.amount <> COALESCE(t.amount, 0)
ORDER BY l.id LIMIT 1
"""

_LOTS = """
SELECT a.id AS subject,
    CASE WHEN a.kind = 'person' AND a.posted > 0 THEN a.posted ELSE 0 END AS expected,
    COALESCE(l.total, 0) AS found
FROM account a LEFT JOIN (
    SELECT account, SUM(remaining) AS total FROM lot WHERE remaining <> 0 GROUP BY account
) l ON l.account = a.id
WHERE COALESCE(l.total, 0)
    <> CASE WHEN a.kind = 'person' AND a.posted > 0 THEN a.posted ELSE 0 END
ORDER BY a.id LIMIT 1
"""

_ALIKE = (
    # Before the sum of all, as it names the account.
    ("I2", "a balance is the sum of its transfers", _POSTED),
    ("I1", "what people and pools have is what the system's sides have given", _CONSERVED),
    ("I3", "what is pending is the sum of the pending holds", _PENDING),
    ("I3", "a hold has an account for each of its parts", _NOWHERE),
    ("I4", "nothing falls below zero unless a payment was taken back", _FLOOR),
    ("I5", "a captured hold has exactly its transfers", _CAPTURED),
    ("I5", "a hold took something if and only if it is captured", _RESOLVED),
    ("I5", "what was spent was held", _UNHELD),
    ("I6", "a pending hold belongs to an open job", _OPEN),
    ("I6", "a hold took what its job, which succeeded, says", _SUCCEEDED),
    ("I6", "a job takes no more than its price", _PRICED),
    ("I6", "what is held is the job's price", _HELD),
)
_LOTS_ALIKE = (
    ("I8", "a lot has from nothing to all of its amount left", _WITHIN),
    ("I8", "a lot has the amount of the transfer that made it", _BEGUN),
    ("I8", "the lots of an account come to its balance", _LOTS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One statement; `rule` says in words what has to be so."""

    invariant: str
    rule: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a check does not hold: an account, job, lot or transfer, and its two numbers."""

    check: Check
    subject: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many rows the ledger has."""

    accounts: int
    transfers: int
    lots: int
    holds: int


def _checks(dialect: str) -> tuple[Check, ...]:
    guarded = ("I7", "the database refuses to change or remove transfers", _GUARDED[dialect])
    return tuple(
        Check(invariant=invariant, rule=rule, statement=statement)
        for invariant, rule, statement in (*_ALIKE, guarded, *_LOTS_ALIKE)
    )


CHECKS = {dialect: _checks(dialect) for dialect in _GUARDED}
INVARIANTS = tuple(sorted({check.invariant for check in CHECKS["sqlite"]}))

_SIZE = (
    "SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(*) FROM transfer), "
    "(SELECT COUNT(*) FROM lot), (SELECT COUNT(*) FROM hold)"
)


def first(connection: Connection) -> Found | None:
    """The first difference, in the order of the invariants."""
    for check in CHECKS[connection.dialect.name]:
        row = connection.exec_driver_sql(check.statement).first()
        if row is not None:
            return Found(
                check=check, subject=row.subject, expected=int(row.expected), found=int(row.found)
            )
    return None


def size(connection: Connection) -> Size:
    """How many rows there are to check."""
    accounts, transfers, lots, holds = connection.exec_driver_sql(_SIZE).one()
    return Size(accounts=accounts, transfers=transfers, lots=lots, holds=holds)
