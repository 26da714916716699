"""Whether suggestions follow need or feed on themselves: how they are spread over boroughs, beside crime and people.

Twelve suggestions can never lie over 32 boroughs as thousands of offences do. So their distance from
recorded crime is held against that of as many drawn by chance in proportion to it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engage.crime.needs import Need

Shares = npt.NDArray[np.float64]
DRAWS = 2_000
SEED = 1829
TOP = 5
_FAR = 0.95
_SURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Distances are total variation, from 0 (spread alike) to 1 (nothing in common).

    `by_chance` is the distance from crime that 95 in 100 chance lists of this length stay within. `again` is
    the part of suggestions in boroughs talked about in the last 90 days, `again_due` those boroughs' part of crime.
    """

    suggestions: int
    from_crime: float
    from_people: float | None
    by_chance: float
    top: float
    top_crime: float
    rank: float
    again: float
    again_due: float

    @property
    def follows_need(self) -> bool:
        """Whether the list lies as near to recorded crime as chance lets it."""
        return self.from_crime <= self.by_chance

    @property
    def feeds_itself(self) -> bool:
        """Whether boroughs talked about lately are suggested more often than their crime accounts for."""
        error = float(np.sqrt(max(self.again_due * (1 - self.again_due), 0.0) / max(self.suggestions, 1)))
        return self.again > self.again_due + _SURE * error

    @property
    def words(self) -> tuple[str, ...]:
        """What the comparison shows, in sentences."""
        if not self.suggestions:
            return ("Nothing is suggested, so there is nothing to compare.",)
        follow = (
            "Suggestions follow need: they lie as close to recorded crime as a list this short can"
            if self.follows_need
            else "Suggestions do not lie where recorded crime does"
        )
        feeds = (
            "They feed on themselves: places talked about lately come up more often than their crime accounts for"
            if self.feeds_itself
            else "They do not feed on themselves"
        )
        people = "" if self.from_people is None else f", and {self.from_people:.0%} to lie where people live"
        far = (
            f"{follow}: {self.from_crime:.0%} of them would have to move to lie where crime does{people}; "
            f"by chance it would be up to {self.by_chance:.0%}."
        )
        top = (
            f"The {TOP} boroughs suggested most have {self.top:.0%} of the suggestions; the {TOP} with most crime "
            f"have {self.top_crime:.0%} of it. Rank correlation of suggestions with crime: {self.rank:+.2f}."
        )
        again = (
            f"{feeds}: boroughs with a post in the last 90 days have {self.again:.0%} of the suggestions and "
            f"{self.again_due:.0%} of the crime."
        )
        return far, top, again

    def to_json(self) -> dict[str, Any]:
        """The figures, the two answers and the words, as JSON types."""
        return {
            "suggestions": self.suggestions,
            "distance_from_crime": round(self.from_crime, 3),
            "distance_from_population": None if self.from_people is None else round(self.from_people, 3),
            "distance_by_chance": round(self.by_chance, 3),
            "top_five_share": round(self.top, 3),
            "top_five_share_of_crime": round(self.top_crime, 3),
            "rank_correlation": round(self.rank, 3),
            "share_posted_lately": round(self.again, 3),
            "crime_share_posted_lately": round(self.again_due, 3),
            "follows_need": self.follows_need,
            "feeds_itself": self.feeds_itself,
            "words": list(self.words),
        }


def balance(
    suggested: Sequence[str], *, needs: Sequence[Need], people: Mapping[str, int], lately: Sequence[str]
) -> Balance:
    """Compare boroughs suggested (one name for each suggestion) with the crime recorded there in a year.

    `needs` give the recorded counts of all topics considered; `people` are residents by borough; `lately`
    the boroughs of posts in the last 90 days.
    """
    recorded: Counter[str] = Counter()
    for need in needs:
        recorded[need.borough] += need.recorded
    names = sorted(recorded)
    crime = _shares([recorded[name] for name in names])
    tally = Counter(suggested)
    counted = np.array([tally[name] for name in names], dtype=float)
    spread = _shares(counted)
    residents = [people.get(name, 0) for name in names]
    again = np.array([name in set(lately) for name in names], dtype=bool)
    return Balance(
        suggestions=len(suggested),
        from_crime=_distance(spread, crime),
        from_people=_distance(spread, _shares(residents)) if all(residents) and residents else None,
        by_chance=_by_chance(crime, len(suggested)),
        top=float(np.sort(spread)[-TOP:].sum()),
        top_crime=float(np.sort(crime)[-TOP:].sum()),
        rank=_rank_correlation(counted, crime),
        again=float(spread[again].sum()),
        again_due=float(crime[again].sum()),
    )


def _shares(counts: Sequence[float] | Shares) -> Shares:
    values = np.asarray(counts, dtype=float)
    return np.asarray(values / max(values.sum(), 1e-9))


def _distance(one: Shares, other: Shares) -> float:
    """Total variation: the part of one that would have to move to become the other."""
    return float(np.abs(one - other).sum() / 2)


def _by_chance(crime: Shares, many: int) -> float:
    if not many or not crime.sum():
        return 0.0
    drawn = np.random.default_rng(SEED).multinomial(many, crime / crime.sum(), size=DRAWS) / many
    return float(np.quantile(np.abs(drawn - crime).sum(axis=1) / 2, _FAR))


def _rank_correlation(one: Shares, other: Shares) -> float:
    """Spearman's; ties share the mean of their ranks; 0 where either does not vary."""
    first, second = _ranks(one), _ranks(other)
    if len(one) == 0 or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: Shares) -> Shares:
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return np.asarray((last - (size - 1) / 2)[group])
