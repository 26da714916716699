"""The agenda: what to talk about now, what was held back, how much of it chance may have put there, and its balance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engage.crime.months import in_words, last_day
from engage.crime.needs import needs
from engage.crime.records import ATTRIBUTION, CrimeReader
from engage.crime.series import panel_of
from engage.crime.unusual import BY_CHANCE
from engage.drafting.balance import Balance, balance
from engage.drafting.shelf import TemplateShelf
from engage.drafting.suggesting import MOST, HeldBack, Posted, Suggestion, advised_on, suggestions
from engage.posts.clock import in_london

REMEMBERED = timedelta(days=90)
"""How far back posts count in the balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """Suggestions for all of London, with the comparison that goes with every run.

    `aged` says that the figures are too old for a forecast in public, where they are.
    """

    data_to: str
    aged: str
    suggestions: tuple[Suggestion, ...]
    held_back: tuple[HeldBack, ...]
    looked_at: int
    urgent: int
    balance: Balance
    synthetic: bool

    @property
    def chance_words(self) -> str:
        """How many of the alarms chance alone would make, in words."""
        due = self.looked_at * BY_CHANCE
        about = "less than one" if due < 1 else f"about {due:.0f}"
        return (
            f"{self.looked_at} counts were looked at and {self.urgent} found unusually high; "
            f"{about} would be if nothing had changed anywhere."
        )

    def to_json(self) -> dict[str, Any]:
        """The agenda as JSON types."""
        return {
            "data_to": self.data_to,
            "aged": self.aged,
            "suggestions": [each.to_json() for each in self.suggestions],
            "held_back": [each.to_json() for each in self.held_back],
            "looked_at": self.looked_at,
            "unusually_high": self.urgent,
            "unusually_high_by_chance": round(self.looked_at * BY_CHANCE, 1),
            "balance": self.balance.to_json(),
            "synthetic": self.synthetic,
            "attribution": ATTRIBUTION,
        }


def agenda(
    reader: CrimeReader,
    shelf: TemplateShelf,
    *,
    posted: Sequence[Posted],
    now: datetime,
    data_age_days: int,
    most: int = MOST,
    boroughs: Collection[str] | None = None,
) -> Agenda:
    """What London, or some of its boroughs, needs to hear about now.

    `posted` are the posts out or in hand of the last 90 days at least, `data_age_days` is how old the policy
    lets the figures of a forecast in public be. The balance is always that of all
    London's list: of one borough's there is nothing to compare. Raises NoFigures where nothing was imported.
    """
    panel = panel_of(reader)
    found = needs(reader, advised_on(shelf, panel))
    chosen, held = everywhere = suggestions(found, shelf, posted=posted, now=now, most=most)
    if boroughs is not None:
        own = [need for need in found if need.borough in boroughs]
        chosen, held = suggestions(own, shelf, posted=posted, now=now, most=most)
    people = {each.borough: each.people for each in sorted(reader.population(), key=lambda each: each.year)}
    return Agenda(
        data_to=panel.last(),
        aged=_aged(panel.last(), now, at_most=data_age_days),
        suggestions=chosen,
        held_back=held,
        looked_at=len(found),
        urgent=sum(need.urgent for need in found),
        balance=balance(
            [each.need.borough for each in everywhere[0]],
            needs=found,
            people=people,
            lately=[each.borough for each in posted if now - each.at <= REMEMBERED],
        ),
        synthetic=any(file.synthetic for voices in panel.voices.values() for file in voices.values()),
    )


def _aged(data_to: str, now: datetime, *, at_most: int) -> str:
    days = (in_london(now).date() - date.fromisoformat(last_day(data_to))).days
    if days <= at_most:
        return ""
    return (
        f"The newest figures are of {in_words(data_to)}, {days} days old: what is suggested, and what is expected, is "
        f"as it was then. A forecast in public may rest on figures of {at_most} days. Import newer ones."
    )
