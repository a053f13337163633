"""Plans: which one a person is on, and when their own month begins and ends."""

from __future__ import annotations

import calendar
import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import accounts, credits
from core.app import App, Rules
from core.credits import Entry
from core.errors import BadOption, UserError
from core.offers import Plan
from storage import people, standings
from storage.database import UNREACHABLE, Connection
from storage.standings import StandingRow

log = structlog.get_logger(__name__)

# A card that fails is tried again by the till for a while; until then the plan goes on.
GRACE = timedelta(days=7)
FREE = Plan(id="free", title="Free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person's plan and their own month; `till` is None where nobody pays for it."""

    plan: Plan
    period_start: datetime
    period_end: datetime
    status: str = "active"
    till: str | None = None
    external_id: str | None = None
    ends: bool = False


async def standing(app: App, person_id: str) -> Standing:
    """A person's plan."""
    return await app.database.read(of_person, person_id, app.rules, app.clock.now())


def of_person(connection: Connection, person_id: str, rules: Rules, now: datetime) -> Standing:
    """A person's plan, inside a transaction."""
    row = standings.find(connection, person_id)
    plan = plan_of(row, rules, now)
    if row is None or plan.id != row.plan:
        began = people.began(connection, person_id) or now
        start, end = period_around(began, now)
        return Standing(plan=plan, period_start=start, period_end=end)
    return Standing(
        plan=plan,
        period_start=row.period_start,
        period_end=row.period_end,
        status=row.status,
        till=row.till,
        external_id=row.external_id,
        ends=row.ends,
    )


def current(connection: Connection, person_id: str, rules: Rules, now: datetime) -> Plan:
    """A person's plan alone."""
    return plan_of(standings.find(connection, person_id), rules, now)


def plan_of(row: StandingRow | None, rules: Rules, now: datetime) -> Plan:
    """The plan that a standing is worth today; the free one where it has run out."""
    if row is not None and row.status != "ended" and now < _good_until(row):
        named = find(rules, row.plan)
        if named is not None:
            return named
    return find(rules, FREE.id) or FREE


def _good_until(row: StandingRow) -> datetime:
    """Until when a standing is worth its plan, should its till tell nothing more."""
    # The till moves on to the new month before the card that fails has paid for it.
    return (row.period_start if row.status == "past_due" else row.period_end) + GRACE


def find(rules: Rules, plan_id: str) -> Plan | None:
    """A plan by its id."""
    return next((plan for plan in rules.plans if plan.id == plan_id), None)


async def assign(app: App, person_id: str, plan_id: str, *, renews: bool = True) -> Standing:
    """The operator puts a person on a plan, with its credits each month until it is taken back."""
    if find(app.rules, plan_id) is None:
        raise BadOption("plan-unknown", plan=plan_id[:40], known=_known(app.rules))
    await app.database.transaction(_assign, person_id, plan_id, renews, app.rules, app.clock.now())
    return await standing(app, person_id)


def _known(rules: Rules) -> str:
    return ", ".join(plan.id for plan in rules.plans)


def _assign(
    connection: Connection, person_id: str, plan_id: str, renews: bool, rules: Rules, now: datetime
) -> None:
    person_id = accounts.keep(connection, person_id)
    before = standings.find(connection, person_id)
    if before is not None and before.status != "ended":
        if before.till != accounts.OPERATOR:
            raise UserError("plan-subscribed", plan=before.plan, till=before.till)
        if before.plan == plan_id and now < before.period_end:
            # The month goes on: its credits have been given.
            standings.put(connection, dataclasses.replace(before, ends=not renews, told_at=now))
            return
    row = StandingRow(
        person_id=person_id,
        plan=plan_id,
        status="active",
        till=accounts.OPERATOR,
        external_id=f"{accounts.OPERATOR}:{person_id}",
        period_start=now,
        period_end=add_months(now, 1),
        ends=not renews,
        told_at=now,
    )
    standings.put(connection, row)
    _give_month(connection, row, rules, now)


async def renew_due(app: App, limit: int) -> int:
    """Begin the next month of plans that the operator gave, one by one; how many were due."""
    now = app.clock.now()
    due = await app.database.read(standings.due, accounts.OPERATOR, now, limit)
    for person_id in due:
        try:
            await app.database.transaction(_renew, person_id, app.rules, now)
        except UNREACHABLE:
            raise
        except Exception:
            # It is this person's alone, and due again in the next round.
            log.exception("plan not renewed", person=person_id)
    return len(due)


def _renew(connection: Connection, person_id: str, rules: Rules, now: datetime) -> None:
    # Accounts before the standing, as a link takes them.
    person_id = accounts.keep(connection, person_id)
    row = standings.locked(connection, person_id)
    # Another copy may have done it meanwhile, or the person subscribed.
    if row is None or row.till != accounts.OPERATOR or row.status == "ended":
        return
    if row.period_end > now:
        return
    if row.ends:
        standings.end(connection, person_id, now)
        return
    start = row.period_end
    fresh = dataclasses.replace(
        row, period_start=start, period_end=add_months(start, 1), told_at=now
    )
    standings.put(connection, fresh)
    _give_month(connection, fresh, rules, now)


def _give_month(connection: Connection, row: StandingRow, rules: Rules, now: datetime) -> None:
    """The month's credits, which are over with it."""
    plan = find(rules, row.plan)
    if plan is None or plan.credits == 0 or row.period_end <= now:
        return
    entry = Entry(
        id=f"plan:{row.external_id}:{row.period_start.isoformat()}",
        debit=accounts.OPERATOR,
        credit=accounts.person(row.person_id),
        amount=plan.credits,
        kind="plan",
        note=plan.title,
    )
    credits.put(connection, entry, now, source="plan", expires_at=row.period_end)


def period_around(began: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The month of somebody's own that `now` lies in, counted from the day they came."""
    months = (now.year - began.year) * 12 + now.month - began.month
    start = add_months(began, months)
    if start > now:
        months -= 1
        start = add_months(began, months)
    return start, add_months(began, months + 1)


def add_months(moment: datetime, months: int) -> datetime:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
