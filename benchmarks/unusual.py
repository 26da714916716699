"""How often the search for unusual months cries wolf, and how many real rises it finds.

Nothing changed: histories of ten years are drawn around each real series' own level, season and spread,
and the last month is judged, many times over. A rise: each of the last 24 months of every real series in
turn, its count made half again or twice as large, all others left as they were. Beside it, in the same
run, the percentage rule people use and the bare comparison of two counts, and how what is found grows with
the false alarms one is ready to bear. The rule and its odds were chosen on the months before those 24 (on
the 24 before and on 2017 to 2019) and on draws of another seed.

    python3 dev.py bench unusual [--json]
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._panel import real_panel
from engage.crime.model import Estimate, estimate, seasons
from engage.crime.months import MONTHS_A_YEAR, days, later, number
from engage.crime.nowcast import nowcast
from engage.crime.series import Counts, Panel
from engage.crime.topics import MAJOR_CATEGORIES
from engage.crime.unusual import LEAST_COUNT, RISE, RISE_ODDS, named

SEED = 20_260_901
HISTORY = 120
ROUNDS = 300
TRIED = 24
FALSE_ALARMS = 0.5
POWER = {1.5: 60.0, 2.0: 88.0}
CURVE = (6.0, 10.0, RISE_ODDS, 30.0, 60.0)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One month of every borough: what was likely, and the counts it is compared with."""

    likely: Estimate
    came: Counts
    year_before: Counts

    def lifted(self, rise: float) -> Counts:
        """The counts, each made `rise` times as large by itself."""
        return np.round(self.came * rise)


Rule = Callable[[Judged, float], Counts]


def engage_rule(month: Judged, rise: float) -> Counts:
    """What Engage names, rises and falls alike."""
    risen, fallen = named(month.likely, month.lifted(rise))
    return np.asarray(risen | fallen)


def above(month: Judged, rise: float, *, odds: float) -> Counts:
    """Rises named at other odds."""
    came = month.lifted(rise)
    return np.asarray((month.likely.odds(came, change=RISE) >= odds) & (came >= LEAST_COUNT))


def fifth_above(month: Judged, rise: float) -> Counts:
    """A fifth above the same month a year before."""
    return np.asarray(month.lifted(rise) > 1.2 * month.year_before)


def two_counts(month: Judged, rise: float) -> Counts:
    """Beyond 1.96 times the root of the sum of this month and the same a year before."""
    now, before = month.lifted(rise), month.year_before
    return np.asarray(np.abs(now - before) > 1.96 * np.sqrt(now + before))


RULES: Mapping[str, Rule] = {
    "engage": engage_rule,
    "20 % above last year": fifth_above,
    "two counts": two_counts,
    **{f"odds of {odds:.0f} for a rise": partial(above, odds=odds) for odds in CURVE},
}


def measure(data: Path) -> dict[str, Any]:
    """The share of months each rule fires on, in per cent: with nothing changed, as it was, and with each rise."""
    panel = real_panel(data)
    null, real = list(_null(panel)), list(_real(panel))
    rules = {
        name: {
            "nothing changed": _fires(rule, null, 1.0),
            "as it was": _fires(rule, real, 1.0),
            **{str(rise): _fires(rule, real, rise) for rise in POWER},
        }
        for name, rule in RULES.items()
    }
    together = {str(rise): _fires(engage_rule, list(_real(panel, at_once=rise)), 1.0) for rise in POWER}
    return {"rules": rules, "all boroughs at once": together}


def _fires(rule: Rule, months: Sequence[Judged], rise: float) -> float:
    return float(np.concatenate([rule(month, rise) for month in months]).mean() * 100)


def _null(panel: Panel) -> Iterator[Judged]:
    chance = np.random.default_rng(SEED)
    for name in MAJOR_CATEGORIES:
        unchanged = Unchanged(panel.counts[name], panel.months)
        for _ in range(ROUNDS):
            yield _judge(*unchanged.drawn(chance))


def _real(panel: Panel, *, at_once: float = 1.0) -> Iterator[Judged]:
    """The real months; `at_once` lifts the last of them in every borough together, before anything is judged."""
    for name in MAJOR_CATEGORIES:
        for end in range(len(panel.months) - TRIED + 1, len(panel.months) + 1):
            counts = panel.counts[name][:, :end].copy()
            counts[:, -1] = np.round(counts[:, -1] * at_once)
            yield _judge(counts, panel.months[:end])


def _judge(counts: Counts, months: tuple[str, ...]) -> Judged:
    return Judged(nowcast(counts, months), counts[:, -1:], counts[:, -13:-12])


class Unchanged:
    """Histories in which nothing changes but the season, as varied as the real series of a topic are."""

    def __init__(self, counts: Counts, months: Sequence[str]) -> None:
        made = estimate(counts, months, horizon=1)
        self.factors = seasons(counts, months)
        first = made.months[0]
        self.rate = made.mean[:, 0] / (self.factors[:, number(first) % MONTHS_A_YEAR] * days(first))
        self.spread = made.spread
        self.newest = months[-1]

    def drawn(self, chance: np.random.Generator) -> tuple[Counts, tuple[str, ...]]:
        """Ten years, the last month any of the twelve that follow the real ones."""
        last = later(self.newest, int(chance.integers(MONTHS_A_YEAR)))
        months = tuple(later(last, step) for step in range(1 - HISTORY, 1))
        calendar = [number(month) % MONTHS_A_YEAR for month in months]
        means = self.factors[:, calendar] * [days(month) for month in months] * self.rate[:, None]
        size = np.broadcast_to(1 / self.spread, means.shape)
        return chance.negative_binomial(size, size / (size + means)).astype(float), months


def main() -> int:
    """Print the table or JSON; exit 1 where a goal is missed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--json", action="store_true")
    as_json = reader.parse_args().json
    found = measure(Path(os.environ.get("ENGAGE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data")))
    ours = found["rules"]["engage"]
    goals = {
        f"false alarms at most {FALSE_ALARMS} %": ours["nothing changed"] <= FALSE_ALARMS,
        **{f"finds {least:.0f} % at {rise} times": ours[str(rise)] >= least for rise, least in POWER.items()},
    }
    holds = all(goals.values())
    if as_json:
        print(json.dumps({**found, "goals": goals, "holds": holds}, indent=2))
        return 0 if holds else 1
    print(f"{'fires on % of series-months':<28} nothing changed   as it was    +50 %   doubled")
    for rule, each in found["rules"].items():
        print(
            f"{rule:<28} {each['nothing changed']:15.2f} {each['as it was']:11.2f} {each['1.5']:8.1f} {each['2.0']:9.1f}"
        )
    for rise, share in found["all boroughs at once"].items():
        print(f"every borough {rise} times as much at once: engage names {share:.1f} %")
    for goal, held in goals.items():
        print(f"{'holds ' if held else 'MISSED'} {goal}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
