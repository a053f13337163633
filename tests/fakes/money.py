"""Money without commands: people, jobs and their ends as bare rows, for tests of the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from core import accounts
from core.ids import new_id
from storage import people
from storage.jobs import job


def add_person(connection: Connection, person_id: str, now: datetime) -> str:
    """A person with an account of their own; the account's id."""
    people.add(connection, person_id, "test", person_id, person_id, now)
    return accounts.open_person(connection, person_id)


def add_job(connection: Connection, job_id: str, person_id: str, price: int, now: datetime) -> None:
    """A job that waits."""
    values = {
        "id": job_id,
        "person_id": person_id,
        "operation": "imagine",
        "params": "{}",
        "address": "{}",
        "count": max(price, 1),
        "price": price,
        "state": "queued",
        "created_at": now,
    }
    connection.execute(insert(job), values)


def end_job(connection: Connection, job_id: str, captured: int) -> None:
    """The end of a job, which succeeded where it took anything."""
    state = "succeeded" if captured else "failed"
    connection.execute(update(job).where(job.c.id == job_id).values(state=state, captured=captured))


def new_job(connection: Connection, person_id: str, price: int, now: datetime) -> str:
    """A job that waits, with an id of its own."""
    job_id = new_id()
    add_job(connection, job_id, person_id, price, now)
    return job_id
