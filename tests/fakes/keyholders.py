"""Many people with a sealed key each, put into the database at once."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from core.clock import SystemClock
from core.ids import new_id
from core.sealing import Seals
from storage import keys
from storage.people import person

VENDOR = "openai"


def fill(connection: Connection, seals: Seals, count: int) -> dict[str, str]:
    """So many people with a key each; their keys."""
    now = SystemClock().now()
    secrets = {new_id(): f"sk-{number:020}" for number in range(count)}
    connection.execute(insert(person), [{"id": who, "created_at": now} for who in secrets])
    wrapped = {who: seals.new_data_key(who) for who in secrets}
    connection.execute(
        insert(keys.data_key),
        [
            {"person_id": who, "wrapped": row.wrapped, "version": row.version}
            for who, row in wrapped.items()
        ],
    )
    ids = {who: new_id() for who in secrets}
    connection.execute(
        insert(keys.provider_key),
        [
            {
                "id": ids[who],
                "person_id": who,
                "vendor": VENDOR,
                "sealed": seals.seal(wrapped[who], VENDOR, ids[who], secret),
                "last4": secret[-4:],
                "state": "active",
                "made_at": now,
            }
            for who, secret in secrets.items()
        ],
    )
    return secrets
