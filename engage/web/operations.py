"""The operators' page: what is open, how late posts were, who is at work, and how every account stands."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template

from engage.delivery.ports import TokenState
from engage.delivery.prices import Prices
from engage.posts.states import stands
from engage.store.operations import Work
from engage.web import access
from engage.web.costs import used
from engage.web.current import current_engage
from engage.wiring.overview import AccountNow, Overview, overview

blueprint = Blueprint("operations", __name__)

_TOKENS = {
    None: ("Not asked yet", "grey"),
    TokenState.OK: ("Works", "green"),
    TokenState.TRANSIENT: ("No answer", "yellow"),
    TokenState.REVOKED: ("Refused", "red"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account in words."""

    name: str
    handle: str
    token: str
    colour: str
    detail: str
    checked_at: datetime | None
    ends_at: datetime | None
    to_renew: bool
    left: str
    paused_until: datetime | None
    budget: str

    @property
    def at_work(self) -> bool:
        """Whether there is nothing to look after: its token works for a while yet, and it does not wait."""
        return self.colour == "green" and self.paused_until is None and not self.to_renew


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """One platform's lateness of the last day, in words."""

    platform: str
    count: int
    median: str
    p99: str


@blueprint.get("/operations")
@access.only(access.operates)
def page() -> str:
    """How delivery is doing now."""
    seen = overview(current_engage())
    rows = [_row(each, current_engage().prices, seen.at) for each in seen.accounts]
    return render_template(
        "operations.html",
        work=seen.work,
        oldest=lasting(seen.at - seen.work.oldest_due) if seen.work.oldest_due else "",
        missing=seen.missing(),
        wrong=seen.concerns,
        processes=[(each.role, each.name, lasting(seen.at - each.at)) for each in seen.seen],
        outcomes=_outcomes(seen.work),
        lateness=_lateness(seen),
        to_renew=[each.standing for each in seen.accounts if each.standing.to_renew(seen.at)],
        concerns=[each for each in rows if not each.at_work],
        at_work=[each for each in rows if each.at_work],
        prices=current_engage().prices,
        sees_deliveries=access.me().sees_all(),
    )


def _outcomes(work: Work) -> list[tuple[str, str, int]]:
    """How the last day's posts stand, in words, by platform and state."""
    found: Counter[tuple[str, str]] = Counter()
    for (platform, state, gone), count in sorted(work.outcomes.items()):
        found[platform.label, stands(state, by_hand=platform.by_hand, taken_down=gone)] += count
    return [(platform, said, count) for (platform, said), count in found.items()]


def _lateness(seen: Overview) -> list[Late]:
    return [
        Late(platform=platform.label, count=late.count, median=_seconds(late.median), p99=_seconds(late.p99))
        for platform, late in sorted(seen.work.lateness.items())
    ]


def _row(each: AccountNow, prices: Prices, now: datetime) -> Row:
    standing, allowance = each.standing, each.allowance
    by_hand = standing.account.platform.by_hand
    token, colour = ("None: a person posts", "green") if by_hand else _TOKENS[standing.health]
    paused = standing.paused_until
    return Row(
        name=standing.account.platform.label,
        handle=standing.account.handle,
        token=token,
        colour=colour,
        detail=standing.detail,
        checked_at=standing.checked_at,
        ends_at=standing.token_expires_at,
        to_renew=standing.to_renew(now),
        left=f"{allowance.remaining} of {allowance.limit}" if allowance else "",
        paused_until=paused if paused and paused > now else None,
        budget=used(each.spending, prices.get(standing.account.platform), now) if each.spending else "",
    )


def lasting(time: timedelta) -> str:
    """A length of time in words: "under a minute", "4 minutes", "3 hours", "2 days"."""
    minutes = int(time.total_seconds() // 60)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "under a minute"


def _seconds(time: float) -> str:
    return f"{time * 1000:.0f} ms" if time < 1 else f"{time:.1f} s"
