"""Jobs that people's own keys pay for: how many of them there were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, literal_column, select

from storage.attempts import attempt
from storage.jobs import job

_SINCE = (
    select(func.count())
    .select_from(job)
    .where(
        job.c.person_id == bindparam("person"),
        job.c.id >= bindparam("since"),
        job.c.own_key.is_(True),
        job.c.state.in_(
            [literal_column(f"'{name}'") for name in ("queued", "running", "succeeded")]
        ),
    )
)
_BY_VENDOR = (
    select(attempt.c.vendor, func.count().label("jobs"))
    .join(job, job.c.id == attempt.c.job_id)
    .where(
        job.c.person_id == bindparam("person"),
        job.c.own_key.is_(True),
        attempt.c.own_key.is_(True),
        attempt.c.state == literal_column("'done'"),
        attempt.c.started_at >= bindparam("since"),
    )
    .group_by(attempt.c.vendor)
)


def count_since(connection: Connection, person_id: str, since: str) -> int:
    """How many a person has begun since an id was made, without those that came to nothing."""
    return connection.execute(_SINCE, {"person": person_id, "since": since}).scalar_one()


def by_vendor(connection: Connection, person_id: str, since: datetime) -> Mapping[str, int]:
    """How many each vendor's own key has paid for."""
    rows = connection.execute(_BY_VENDOR, {"person": person_id, "since": since})
    return {row.vendor: row.jobs for row in rows}
