"""The names of accounts: people, pools of free credits, and the system's sides of each transfer."""

from __future__ import annotations

from storage import ledger, links
from storage.database import Connection

STRIPE = "stripe"
STARS = "stars"
DISCORD = "discord"
OPERATOR = "operator"
REVENUE = "revenue"
EXPIRED = "expired"
PROVIDER_LOSS = "provider_loss"
SYSTEM = (STRIPE, STARS, DISCORD, OPERATOR, REVENUE, EXPIRED, PROVIDER_LOSS)

SIGNUP_POOL = "pool:signup"
PROMOTION_POOL = "pool:promotion"


def person(person_id: str) -> str:
    """A person's own credits, good everywhere."""
    return f"person:{person_id}"


def scoped(person_id: str, community: str) -> str:
    """A person's credits that are good in one community only."""
    return f"person:{person_id}:{community}"


def pool(community: str) -> str:
    """What a community's moderators grant from."""
    return f"pool:{community}"


def is_system(account_id: str) -> bool:
    """Whether an account keeps no balance, and may go below zero."""
    return account_id in SYSTEM


def open_person(connection: Connection, person_id: str) -> str:
    """A person's own account, opened if it is not there."""
    account_id = person(person_id)
    ledger.open_account(connection, account_id, "person", person_id)
    return account_id


def open_scoped(connection: Connection, person_id: str, community: str) -> str:
    """A person's account in a community, opened if it is not there."""
    account_id = scoped(person_id, community)
    ledger.open_account(connection, account_id, "person", person_id, community)
    return account_id


def open_pool(connection: Connection, account_id: str) -> str:
    """A pool, opened if it is not there."""
    ledger.open_account(connection, account_id, "pool", account_id.removeprefix("pool:"))
    return account_id


def keep(connection: Connection, person_id: str) -> str:
    """Who a person is now, with their accounts locked until the end.

    Locked first, asked then: a link holds the accounts of both until it is committed, so what was read
    before may name somebody who has gone into another meanwhile.
    """
    ledger.of_owner(connection, person_id, lock=True)
    while (into := links.kept_by(connection, person_id)) is not None:
        person_id = into
        ledger.of_owner(connection, person_id, lock=True)
    return person_id
