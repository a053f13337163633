"""Credits: hold · capture · void · grant · balance. Whole numbers, no price is ever split."""

from __future__ import annotations

from core.app import App
from core.errors import BadOption
from storage import ledger
from storage.database import Connection
from storage.ledger import Wallet

GRANT_MAX = 1_000_000_000


def hold(connection: Connection, job_id: str, person_id: str, amount: int) -> int | None:
    """Set credits aside for a job, in its own transaction; what stays free, None: too few."""
    return ledger.place_hold(connection, job_id, person_id, amount)


def capture(connection: Connection, job_id: str, amount: int) -> Wallet | None:
    """Take `amount` of a job's hold and free the rest; None where the hold had ended already."""
    return ledger.resolve_hold(connection, job_id, amount)


def void(connection: Connection, job_id: str) -> Wallet | None:
    """Free all of a job's hold; None where it had ended already."""
    return ledger.resolve_hold(connection, job_id, 0)


def wallet(connection: Connection, person_id: str) -> Wallet:
    """What a person has, inside a transaction."""
    return ledger.read_wallet(connection, person_id)


async def grant(app: App, person_id: str, amount: int) -> Wallet:
    """Give credits to a person; what is there then."""
    if not 0 < amount <= GRANT_MAX:
        raise BadOption("option-out-of-range", option="amount", value=amount, min=1, max=GRANT_MAX)
    await app.database.statement(ledger.add, person_id, amount)
    return await balance(app, person_id)


async def balance(app: App, person_id: str) -> Wallet:
    """What a person has and what of it is held."""
    return await app.database.read(ledger.read_wallet, person_id)
