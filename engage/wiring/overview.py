"""All that an operator asks at once: open work, lateness, accounts with their limits and budgets, who is at work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engage.delivery.budgets import Spending
from engage.delivery.health import Standing
from engage.delivery.ports import Allowance
from engage.store import operations, processes
from engage.store.operations import Work
from engage.store.processes import Seen
from engage.store.unit import Unit
from engage.wiring import Engage
from engage.wiring.policies import NoPolicy

ROLES = ("dispatcher", "worker")
MISSED = timedelta(minutes=3)
"""Both kinds of process say every minute that they are at work: after this, somebody should look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """One account in use. `spending` is of this month, None where it has no budget."""

    standing: Standing
    allowance: Allowance | None
    spending: Spending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How everything stands at one moment (UTC). `concerns` says what is wrong with the policy or the wording."""

    at: datetime
    work: Work
    accounts: Sequence[AccountNow]
    seen: Sequence[Seen]
    concerns: Sequence[str]

    def last_seen(self) -> Mapping[str, timedelta]:
        """How long ago the latest process of each role was seen; a role nobody was seen in is not in it."""
        return {
            role: min(self.at - each.at for each in self.seen if each.role == role)
            for role in sorted({each.role for each in self.seen})
        }

    def missing(self) -> Sequence[str]:
        """The roles in which nobody was seen lately."""
        ago = self.last_seen()
        return [role for role in ROLES if ago.get(role, MISSED) >= MISSED]


def overview(engage: Engage) -> Overview:
    """How everything stands now."""
    with engage.transaction() as unit:
        now = unit.deliveries.clock()
        standings = unit.accounts.standings()
        left = engage.rates.standing([each.account.id for each in standings])
        spent = unit.budgets.limited_accounts(due_at=now)
        return Overview(
            at=now,
            work=operations.work(unit.session, now=now),
            accounts=[_account(each, left, spent, now) for each in standings],
            seen=processes.last_seen(unit.session),
            concerns=_concerns(engage, unit),
        )


def _concerns(engage: Engage, unit: Unit) -> Sequence[str]:
    """What is wrong with the policy, its folder or the wording, in sentences."""
    wording = engage.wording_problem
    told = [f"A template cannot be used; the wording before it stays in use. {wording}"] if wording else []
    return [*_of_the_policy(engage, unit), *told]


def _of_the_policy(engage: Engage, unit: Unit) -> Sequence[str]:
    try:
        return engage.policies.concerns(unit)
    except NoPolicy as error:
        return [f"Nothing can be decided, and nothing leaves. {error}"]


def _account(
    standing: Standing, left: Mapping[str, Allowance], spent: Mapping[str, Spending], now: datetime
) -> AccountNow:
    allowance = left.get(standing.account.id)
    return AccountNow(
        standing=standing,
        allowance=allowance if allowance and allowance.resets_at > now else None,
        spending=spent.get(standing.account.id),
    )
