"""Signing in to the page: a one-time link that the bot gives, then a session."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from core.app import App
from storage import logins

SESSION_S_MAX = 30 * 24 * 3600.0
TOKEN_BYTES = 24


async def invite(app: App, person_id: str) -> str:
    """A token for a link: good once, for `login_s_max`; only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = app.clock.now()
    until = now + timedelta(seconds=app.rules.login_s_max)
    await app.database.transaction(logins.add_login, _hash(token), person_id, now=now, until=until)
    return token


async def enter(app: App, token: str) -> str | None:
    """Use a link's token up: a session's token; None where it is unknown, used or over."""
    now = app.clock.now()
    person_id = await app.database.statement(logins.use_login, _hash(token), now)
    if person_id is None:
        return None
    session = secrets.token_urlsafe(TOKEN_BYTES)
    until = now + timedelta(seconds=SESSION_S_MAX)
    await app.database.transaction(
        logins.add_session, _hash(session), person_id, now=now, until=until
    )
    return session


async def person_of(app: App, session: str) -> str | None:
    """Whose session this is, if it is one."""
    return await app.database.read(logins.find_session, _hash(session), app.clock.now())


async def leave(app: App, session: str) -> None:
    """End a session."""
    await app.database.statement(logins.end_session, _hash(session))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
