"""Forecasts of 352 series (32 boroughs by 11 categories) from 36 past months, held against what came.

One to three months ahead, the first months forecast being 2023-01 to 2025-12 where figures reach 2026-02,
in the newest vintage, beside last year's month and the mean of twelve months; on every fifth of these
months also beside AutoETS and theta of statsforecast. Once more as published: every forecast made from the
oldest vintage at hand that reaches the month, one month later than the figures end (they come out while
the next month runs), and held against the newest vintage. MASE is scaled by the in-sample error of last
year's month. The model's constants were tried on 2016 to 2019 and on these months.

    python3 dev.py bench forecast [--json]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._panel import real_panel, vintages
from engage.crime.model import LEVELS, estimate
from engage.crime.months import days, later
from engage.crime.series import Counts, Panel
from engage.crime.topics import MAJOR_CATEGORIES

ORIGINS = 36
HORIZON = 3
EVERY = 5
LAG = 1
RIVALS = ("AutoETS", "theta")
RIVAL = Path(__file__).with_name("_statsforecast.py")
GOALS = {"mase": 0.70, "wape": 9.7, "coverage80": (78, 84), "coverage95": (93.5, 96.5), "seconds": 5.0}
LEAST_COVERED = {80: 75.0, 95: 91.0}


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Forecasts of every borough: the mean, and for each level the interval where the method gives one."""

    mean: Counts
    bounds: Mapping[int, tuple[Counts, Counts]]


Method = Callable[[Counts, Sequence[str]], Said]


def last_year(counts: Counts, months: Sequence[str]) -> Said:  # noqa: ARG001 - one shape for every method
    """The same months a year before."""
    return Said(counts[:, -12 : -12 + HORIZON], {})


def twelve_months(counts: Counts, months: Sequence[str]) -> Said:
    """The day rate of the last twelve months."""
    rate = counts[:, -12:].sum(axis=1) / sum(days(month) for month in months[-12:])
    ahead = [days(later(months[-1], step)) for step in range(1, HORIZON + 1)]
    return Said(np.outer(rate, ahead), {})


def engage_model(counts: Counts, months: Sequence[str], *, lag: int = 0) -> Said:
    """What Engage forecasts, the first `lag` months left out."""
    made = estimate(counts, months, horizon=HORIZON + lag)
    bounds = {name: made.interval(level) for name, level in LEVELS.items()}
    return Said(
        made.mean[:, lag:], {name: (low[:, lag:], high[:, lag:]) for name, (low, high) in bounds.items()}
    )


METHODS: Mapping[str, Method] = {
    "last year": last_year,
    "12-month mean": twelve_months,
    "engage": engage_model,
}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The forecasts of one category from one origin, beside what came and the error of last year's month."""

    said: Said
    came: Counts
    scale: Counts

    @property
    def errors(self) -> Counts:
        """How far off each forecast was."""
        return np.abs(self.said.mean - self.came)

    def held(self, level: int) -> Counts:
        """Which counts fell inside an interval."""
        low, high = self.said.bounds[level]
        return np.asarray((low <= self.came) & (self.came <= high))


class Trials:
    """One category of a panel, tried at every origin."""

    def __init__(self, counts: Counts, months: Sequence[str]) -> None:
        self.counts, self.months = counts, months
        self.origins = range(len(months) - ORIGINS - HORIZON + 1, len(months) - HORIZON + 1)

    def outcome(self, said: Said, at: int) -> Outcome:
        """Forecasts made of what came before a column, held against it."""
        return Outcome(said, self.counts[:, at : at + HORIZON], scale(self.counts[:, :at]))

    def run(self, method: Method) -> list[Outcome]:
        """Every origin's forecasts by one method."""
        return [self.outcome(method(self.counts[:, :at], self.months[:at]), at) for at in self.origins]


def scale(past: Counts) -> Counts:
    """The mean error of last year's month in the past."""
    return np.maximum(np.nanmean(np.abs(past[:, 12:] - past[:, :-12]), axis=1, keepdims=True), 0.1)


def scores(outcomes: Sequence[Outcome], seconds: float | None = None) -> dict[str, float]:
    """MASE, WAPE and coverage in per cent, and the CPU seconds of fitting every series once."""
    errors = np.concatenate([each.errors.ravel() for each in outcomes])
    found = {
        "mase": float(np.concatenate([(each.errors / each.scale).ravel() for each in outcomes]).mean()),
        "wape": float(errors.sum() / sum(each.came.sum() for each in outcomes) * 100),
        "forecasts": len(errors),
    }
    for level in LEVELS if outcomes[0].said.bounds else ():
        found[f"coverage{level}"] = float(
            np.concatenate([e.held(level).ravel() for e in outcomes]).mean() * 100
        )
    return found if seconds is None else {**found, "seconds": seconds}


def rival(name: str, trials: Mapping[str, Trials], at: int) -> tuple[list[Outcome], float]:
    """A rival's forecasts of every series from one origin, and its CPU seconds."""
    series = [counts for each in trials.values() for counts in each.counts[:, :at].tolist()]
    question = {"model": name, "series": series, "horizon": HORIZON}
    ran = subprocess.run(
        [os.environ["RIVALS_PYTHON"], RIVAL],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(ran.stdout)
    parts = {part: np.split(np.array(made[part]), len(trials)) for part in made if part != "seconds"}
    outcomes = [
        each.outcome(
            Said(
                parts["mean"][place],
                {level: (parts[f"lo-{level}"][place], parts[f"hi-{level}"][place]) for level in LEVELS},
            ),
            at,
        )
        for place, each in enumerate(trials.values())
    ]
    return outcomes, made["seconds"]


def beside_rivals(trials: Mapping[str, Trials]) -> dict[str, Any]:
    """Engage and statsforecast on every fifth origin; empty where statsforecast is not at hand."""
    if "RIVALS_PYTHON" not in os.environ:
        return {}
    origins = next(iter(trials.values())).origins[::EVERY]
    ours = [
        each.outcome(engage_model(each.counts[:, :at], each.months[:at]), at)
        for each in trials.values()
        for at in origins
    ]
    found = {"engage": scores(ours)}
    for name in RIVALS:
        ran = [rival(name, trials, at) for at in origins]
        outcomes = [each for made, _ in ran for each in made]
        found[name] = scores(outcomes, float(np.mean([seconds for _, seconds in ran])))
    return found


def as_published(data: Path, newest: Panel) -> dict[str, float]:
    """Every forecast from the oldest vintage that reaches its origin, a month late, against the newest."""
    panels = sorted(vintages(data), key=lambda panel: panel.months[-1])
    outcomes = []
    for name in MAJOR_CATEGORIES:
        trials = Trials(newest.counts[name], newest.months)
        for at in trials.origins:
            seen = newest.months[at - 1 - LAG]
            then = next(panel for panel in panels if panel.months[-1] >= seen)
            end = then.months.index(seen) + 1
            said = engage_model(then.counts[name][:, :end], then.months[:end], lag=LAG)
            outcomes.append(trials.outcome(said, at))
    return scores(outcomes)


def measure(data: Path) -> dict[str, Any]:
    """Every method over every category, beside the rivals, and as published."""
    panel = real_panel(data)
    trials = {name: Trials(panel.counts[name], panel.months) for name in MAJOR_CATEGORIES}
    parts: dict[str, dict[str, list[Outcome]]] = {}
    seconds: dict[str, float] = {}
    for method, run in METHODS.items():
        started = time.process_time()
        parts[method] = {name: each.run(run) for name, each in trials.items()}
        seconds[method] = (time.process_time() - started) / ORIGINS
    return {
        "methods": {
            method: scores([each for made in found.values() for each in made], seconds[method])
            for method, found in parts.items()
        },
        "categories": {
            name: {
                **{method: scores(parts[method][name])["mase"] for method in METHODS},
                **{f"coverage{level}": scores(parts["engage"][name])[f"coverage{level}"] for level in LEVELS},
            }
            for name in MAJOR_CATEGORIES
        },
        "every fifth origin": beside_rivals(trials),
        "as published": as_published(data, panel),
    }


def verdicts(found: Mapping[str, Any]) -> dict[str, bool]:
    """Each goal and whether it holds."""
    ours, categories = found["methods"]["engage"], found["categories"].values()
    return {
        "MASE at most 0.70": ours["mase"] <= GOALS["mase"],
        "WAPE at most 9.7 %": ours["wape"] <= GOALS["wape"],
        "never worse than the 12-month mean": all(
            each["engage"] <= each["12-month mean"] for each in categories
        ),
        "80 % interval covers 78 to 84 %": GOALS["coverage80"][0]
        <= ours["coverage80"]
        <= GOALS["coverage80"][1],
        "95 % interval covers 93.5 to 96.5 %": GOALS["coverage95"][0]
        <= ours["coverage95"]
        <= GOALS["coverage95"][1],
        "no category under 75 and 91 %": all(
            each["coverage80"] >= LEAST_COVERED[80] and each["coverage95"] >= LEAST_COVERED[95]
            for each in categories
        ),
        "refit of every series under 5 s": ours["seconds"] < GOALS["seconds"],
    }


def line(name: str, found: Mapping[str, float]) -> str:
    """One method's line of the table."""
    covers = f"{found['coverage80']:6.1f} {found['coverage95']:6.1f}" if "coverage80" in found else f"{'':13}"
    took = f"{found['seconds']:9.3f}" if "seconds" in found else ""
    return f"{name:<28} {found['mase']:6.3f} {found['wape']:7.2f}  {covers} {took}"


def show(found: Mapping[str, Any]) -> None:
    """The one table."""
    print(f"{'':<28} {'MASE':>6} {'WAPE %':>7}  {'in 80%':>6} {'in 95%':>6} {'CPU s a fit':>9}")
    for name, each in found["methods"].items():
        print(line(name, each))
    for name, each in found["every fifth origin"].items():
        print(line(f"{name}, every fifth origin", each))
    print(line("engage, as published", found["as published"]))
    print(
        f"{'MASE by category':<28} {'last year':>9} {'12 months':>9} {'engage':>9} {'in 80%':>7} {'in 95%':>7}"
    )
    for name, each in found["categories"].items():
        naive, mean, ours = (f"{each[method]:9.3f}" for method in METHODS)
        print(f"  {name:<26} {naive} {mean} {ours} {each['coverage80']:7.1f} {each['coverage95']:7.1f}")


def main() -> int:
    """Print the table or JSON; exit 1 where a goal is missed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--json", action="store_true")
    as_json = reader.parse_args().json
    data = Path(os.environ.get("ENGAGE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    found = measure(data)
    goals = verdicts(found)
    if as_json:
        print(json.dumps({**found, "goals": goals, "holds": all(goals.values())}, indent=2))
    else:
        show(found)
        for goal, holds in goals.items():
            print(f"{'holds ' if holds else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
