"""How often the search for unusual months cries wolf, and how many real rises it finds.

Nothing changed: histories of ten years are drawn around each real series' own level, season and spread,
and the last month is judged, many times over. A rise: each of the last 24 months of every real series in
turn, its count made half again or twice as large. Beside it, in the same run, the percentage rule people
use and the bare comparison of two counts.

    python3 dev.py bench unusual [--json]
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._panel import real_panel
from engage.crime.model import estimate, seasons
from engage.crime.months import MONTHS_A_YEAR, days, later, number
from engage.crime.series import Counts
from engage.crime.topics import MAJOR_CATEGORIES
from engage.crime.unusual import LEAST_COUNT, RARE_HIGH, RARE_LOW

SEED = 20_260_901
HISTORY = 120
ROUNDS = 30
TRIED = 24
FALSE_ALARMS = 0.5
POWER = {1.5: 60.0, 2.0: 88.0}
Rule = Callable[[Counts, tuple[str, ...]], Counts]


def tail(counts: Counts, months: tuple[str, ...]) -> Counts:
    """Engage's rule, for rises and falls alike."""
    judged = estimate(counts[:, :-1], months[:-1], horizon=1)
    came = counts[:, -1:]
    below, above = judged.tails(came)
    high = (above < RARE_HIGH) & (came >= LEAST_COUNT)
    low = (below < RARE_LOW) & (judged.mean >= LEAST_COUNT)
    return np.asarray((high | low)[:, 0])


def fifth_above(counts: Counts, months: tuple[str, ...]) -> Counts:  # noqa: ARG001 - one shape for every rule
    """A fifth above the same month a year before."""
    return np.asarray(counts[:, -1] > 1.2 * counts[:, -13])


def two_counts(counts: Counts, months: tuple[str, ...]) -> Counts:  # noqa: ARG001 - one shape for every rule
    """Beyond 1.96 times the root of the sum of this month and the same a year before."""
    now, before = counts[:, -1], counts[:, -13]
    return np.asarray(np.abs(now - before) > 1.96 * np.sqrt(now + before))


RULES: Mapping[str, Rule] = {"engage": tail, "20 % above last year": fifth_above, "two counts": two_counts}


def measure(data: Path) -> dict[str, Any]:
    """The share of months each rule fires on, in per cent: with nothing changed, and with each rise."""
    panel = real_panel(data)
    chance = np.random.default_rng(SEED)
    fired: dict[str, dict[float, list[Counts]]] = {rule: {1.0: [], 1.5: [], 2.0: []} for rule in RULES}
    for name in MAJOR_CATEGORIES:
        counts = panel.counts[name]
        for _ in range(ROUNDS):
            drawn, months = _unchanged(chance, counts, panel.months)
            _judge(fired, 1.0, drawn, months)
        for end in range(len(panel.months) - TRIED + 1, len(panel.months) + 1):
            for rise in POWER:
                lifted = counts[:, :end].copy()
                lifted[:, -1] = np.round(lifted[:, -1] * rise)
                _judge(fired, rise, lifted, panel.months[:end])
    return {
        rule: {str(rise): float(np.concatenate(each).mean() * 100) for rise, each in found.items()}
        for rule, found in fired.items()
    }


def _judge(
    fired: dict[str, dict[float, list[Counts]]], rise: float, counts: Counts, months: tuple[str, ...]
) -> None:
    for rule, fires in RULES.items():
        fired[rule][rise].append(fires(counts, months))


def _unchanged(
    chance: np.random.Generator, counts: Counts, months: Sequence[str]
) -> tuple[Counts, tuple[str, ...]]:
    """A history in which nothing changes but the season, as varied as the real series are."""
    made = estimate(counts, months, horizon=1)
    factors = seasons(counts, months)
    last = later(months[-1], int(chance.integers(MONTHS_A_YEAR)))
    drawn = tuple(later(last, step) for step in range(1 - HISTORY, 1))
    shape = factors[:, [number(month) % MONTHS_A_YEAR for month in drawn]] * [days(month) for month in drawn]
    first = made.months[0]
    rate = made.mean[:, 0] / (factors[:, number(first) % MONTHS_A_YEAR] * days(first))
    means = shape * rate[:, None]
    size = np.broadcast_to(1 / made.spread, means.shape)
    return chance.negative_binomial(size, size / (size + means)).astype(float), drawn


def main() -> int:
    """Print the table or JSON; exit 1 where a goal is missed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--json", action="store_true")
    as_json = reader.parse_args().json
    found = measure(Path(os.environ.get("ENGAGE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data")))
    ours = found["engage"]
    goals = {
        f"false alarms at most {FALSE_ALARMS} %": ours["1.0"] <= FALSE_ALARMS,
        **{f"finds {least:.0f} % at {rise} times": ours[str(rise)] >= least for rise, least in POWER.items()},
    }
    holds = all(goals.values())
    if as_json:
        print(json.dumps({"rules": found, "goals": goals, "holds": holds}, indent=2))
        return 0 if holds else 1
    for rule, each in found.items():
        print(
            f"{rule:<22} nothing changed {each['1.0']:6.2f} %   +50 % {each['1.5']:6.1f} %   doubled {each['2.0']:6.1f} %"
        )
    for goal, held in goals.items():
        print(f"{'holds ' if held else 'MISSED'} {goal}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
