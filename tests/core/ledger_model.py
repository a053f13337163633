"""The ledger as plain dicts: what each operation of core/credits.py has to come to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

RANKS = {"plan": 0, "signup": 1, "grant": 1, "operator": 1, "coupon": 1, "pack": 2, "gift": 2}


class Short(Exception):
    """An account has fewer free credits than are to come out of it."""


@dataclass(kw_only=True)
class Account:
    """A balance and what of it is held."""

    posted: int = 0
    pending: int = 0

    @property
    def free(self) -> int:
        return self.posted - self.pending


@dataclass(kw_only=True)
class Lot:
    """Credits that came in together."""

    id: str
    account: str
    source: str
    amount: int
    left: int
    expires: datetime | None
    made: datetime

    @property
    def order(self) -> tuple[bool, float, int, datetime, str]:
        expires = 0.0 if self.expires is None else self.expires.timestamp()
        return (self.expires is None, expires, RANKS[self.source], self.made, self.id)


@dataclass(kw_only=True)
class Hold:
    """Credits set aside for a job."""

    parts: dict[str, int]
    captured: int = 0
    state: str = "pending"

    @property
    def amount(self) -> int:
        return sum(self.parts.values())


@dataclass(kw_only=True)
class Model:
    """All of it, whole."""

    accounts: dict[str, Account] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    transfers: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    def left(self, account: str) -> list[Lot]:
        """Lots with something left, in the order they are spent."""
        mine = [lot for lot in self.lots.values() if lot.account == account and lot.left]
        return sorted(mine, key=lambda lot: lot.order)

    def put(
        self,
        entry: tuple[str, str, str, int],
        source: str | None,
        now: datetime,
        expires: datetime | None = None,
    ) -> None:
        """Credits in; a lot of them where there is a source."""
        name, debit, credit, amount = entry
        if debit in self.accounts:
            if self.accounts[debit].free < amount:
                raise Short
            self.accounts[debit].posted -= amount
        account = self.accounts[credit]
        before = max(account.posted, 0)
        account.posted += amount
        self.transfers[name] = (debit, credit, amount)
        if source is not None:
            self.lots[name] = Lot(
                id=name,
                account=credit,
                source=source,
                amount=amount,
                left=max(account.posted, 0) - before,
                expires=expires,
                made=now,
            )

    def take(
        self,
        entry: tuple[str, str, str, int],
        *,
        first: str | None = None,
        sources: Collection[str] | None = None,
        may_fall: bool = False,
    ) -> None:
        """Credits out of an account and its lots."""
        name, debit, credit, amount = entry
        found = [lot for lot in self.left(debit) if sources is None or lot.source in sources]
        if not may_fall and self.accounts[debit].free < amount:
            raise Short
        if sources is not None and sum(lot.left for lot in found) < amount:
            raise Short
        self.accounts[debit].posted -= amount
        if credit in self.accounts:
            self.accounts[credit].posted += amount
        self.transfers[name] = (debit, credit, amount)
        chosen = [lot for lot in found if lot.id == first]
        self._out([*chosen, *(lot for lot in found if lot.id != first)], amount)

    def _out(self, lots: list[Lot], amount: int) -> None:
        for lot in lots:
            part = min(lot.left, amount)
            lot.left -= part
            amount -= part

    def expire(self, account: str, now: datetime) -> int:
        """What is over goes, but not what is held."""
        total = 0
        for lot in self.left(account):
            part = min(lot.left, max(self.accounts[account].free, 0))
            if lot.expires is not None and lot.expires <= now and part:
                self.transfers[f"expire:{lot.id}:{lot.left}"] = (account, "expired", part)
                self.accounts[account].posted -= part
                lot.left -= part
                total += part
        return total

    def spendable(self, own: str, scoped: str | None, now: datetime) -> int:
        """What a job may cost, once what is over is gone."""
        for account in (own, scoped):
            if account in self.accounts:
                self.expire(account, now)
        if self.accounts[own].free < 0 or scoped not in self.accounts:
            return self.accounts[own].free
        return self.accounts[own].free + max(self.accounts[scoped].free, 0)

    def hold(
        self, job: str, own: str, scoped: str | None, amount: int, now: datetime
    ) -> int | None:
        """Credits set aside, those of the community first."""
        has = self.spendable(own, scoped, now)
        if has < amount:
            return None
        if amount:
            parts = {own: amount}
            if scoped in self.accounts:
                first = min(max(self.accounts[scoped].free, 0), amount)
                parts = {own: amount - first, scoped: first} if first else parts
            for account, part in parts.items():
                self.accounts[account].pending += part
            self.holds[job] = Hold(parts=parts)
        return has - amount

    def capture(self, job: str, own: str, taken: int) -> None:
        """Part of a hold is spent, the community's first; the rest is free again."""
        hold = self.holds[job]
        hold.captured, hold.state = taken, "captured" if taken else "voided"
        left = taken
        for account, part in sorted(hold.parts.items(), key=lambda item: item[0] == own):
            used = min(left, part)
            self.accounts[account].pending -= part
            self.accounts[account].posted -= used
            self._out(self.left(account), used)
            if used:
                suffix = "" if account == own else ":scoped"
                self.transfers[f"hold:{job}:capture{suffix}"] = (account, "revenue", used)
            left -= used
