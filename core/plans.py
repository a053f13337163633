"""Plans: which one a person is on, and when their own month begins and ends."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.app import App, Rules
from core.offers import Plan
from storage import people, standings
from storage.database import Connection
from storage.standings import StandingRow

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
    if row is not None and row.status != "ended" and now < row.period_end + GRACE:
        named = find(rules, row.plan)
        if named is not None:
            return named
    return find(rules, FREE.id) or FREE


def find(rules: Rules, plan_id: str) -> Plan | None:
    """A plan by its id."""
    return next((plan for plan in rules.plans if plan.id == plan_id), None)


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
