"""The books: whether the ledger's invariants hold, and what happens where they do not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog

from core.app import App
from storage import ledger, ledger_checks, marks
from storage.database import Connection
from storage.ledger_checks import INVARIANTS, Size

log = structlog.get_logger(__name__)

__all__ = ["INVARIANTS", "Difference", "Size", "audit", "check", "sizes", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place where an invariant does not hold: an account, job, lot or transfer."""

    invariant: str
    rule: str
    subject: str
    expected: int
    found: int

    @property
    def sentence(self) -> str:
        """What is wrong, for the operator."""
        return (
            f"{self.invariant} does not hold ({self.rule}): "
            f"{self.subject} should have {self.expected} and has {self.found}."
        )


async def audit(app: App) -> Difference | None:
    """Check all invariants on one state of the ledger; the first difference, None: they hold."""
    return await app.database.snapshot(difference)


def difference(connection: Connection) -> Difference | None:
    """The first difference within a transaction."""
    found = ledger_checks.first(connection)
    if found is None:
        return None
    return Difference(
        invariant=found.check.invariant,
        rule=found.check.rule,
        subject=found.subject,
        expected=found.expected,
        found=found.found,
    )


async def sizes(app: App) -> Size:
    """How many rows there are to check."""
    return await app.database.read(ledger_checks.size)


async def check(app: App) -> Difference | None:
    """Audit, and stop paid jobs everywhere where the books are wrong; right ones let them go on."""
    began = app.clock.now()
    wrong = await audit(app)
    if wrong is not None:
        log.error("the books are wrong, paid jobs are stopped", **asdict(wrong))
        await app.database.transaction(
            marks.put, ledger.STOPPED, json.dumps(asdict(wrong)), app.clock.now()
        )
    elif await app.database.read(stopped):
        # Not a mark that another audit has set since: it has seen more than this one.
        await app.database.transaction(_go_on, began)
    return wrong


def _go_on(connection: Connection, began: datetime) -> None:
    if marks.remove(connection, ledger.STOPPED, began):
        log.warning("the books are right again, paid jobs go on")


def stopped(connection: Connection) -> bool:
    """Whether paid jobs are stopped: every hold asks for it."""
    return marks.find(connection, ledger.STOPPED) is not None
