"""Forecasts of 352 series (32 boroughs by 11 categories) from 36 past months, held against what came.

One to three months ahead, the first months forecast being 2023-01 to 2025-12 where figures reach 2026-02,
in the newest vintage, beside last year's month and the mean of twelve months. MASE is scaled by the
in-sample error of last year's month. The model's constants were tried on 2016 to 2019 and on these months.

    python3 dev.py bench forecast [--json]
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._panel import real_panel
from engage.crime.model import LEVELS, estimate
from engage.crime.months import days, later
from engage.crime.series import Counts
from engage.crime.topics import MAJOR_CATEGORIES

ORIGINS = 36
HORIZON = 3
GOALS = {"mase": 0.70, "wape": 9.7, "coverage80": (78, 84), "coverage95": (93.5, 96.5), "seconds": 5.0}
LEAST_COVERED = {80: 75.0, 95: 91.0}
Method = Callable[[Counts, Sequence[str]], Counts]


def last_year(counts: Counts, months: Sequence[str]) -> Counts:  # noqa: ARG001 - one shape for every method
    """The same months a year before."""
    return counts[:, -12 : -12 + HORIZON]


def twelve_months(counts: Counts, months: Sequence[str]) -> Counts:
    """The day rate of the last twelve months."""
    rate = counts[:, -12:].sum(axis=1) / sum(days(month) for month in months[-12:])
    ahead = [days(later(months[-1], step)) for step in range(1, HORIZON + 1)]
    return np.outer(rate, ahead)


def engage_model(counts: Counts, months: Sequence[str]) -> Counts:
    """What Engage forecasts."""
    return estimate(counts, months, horizon=HORIZON).mean


METHODS: Mapping[str, Method] = {
    "last year": last_year,
    "12-month mean": twelve_months,
    "engage": engage_model,
}


class Trials:
    """Every forecast of one method in one category: its errors, their scale, and what came."""

    def __init__(self, counts: Counts, months: Sequence[str]) -> None:
        self.counts, self.months = counts, months
        self.origins = range(len(months) - ORIGINS - HORIZON + 1, len(months) - HORIZON + 1)

    def measure(self, method: Method) -> dict[str, Any]:
        """Scaled errors, errors and counts, flat, and the CPU seconds they took."""
        started = time.process_time()
        made = [method(self.counts[:, :at], self.months[:at]) for at in self.origins]
        seconds = time.process_time() - started
        came = [self.counts[:, at : at + HORIZON] for at in self.origins]
        errors = [np.abs(said[:, : real.shape[1]] - real) for said, real in zip(made, came, strict=True)]
        scaled = [error / self.scale(at) for error, at in zip(errors, self.origins, strict=True)]
        return {
            "errors": np.concatenate([each.ravel() for each in errors]),
            "scaled": np.concatenate([each.ravel() for each in scaled]),
            "came": np.concatenate([each.ravel() for each in came]),
            "seconds": seconds,
        }

    def scale(self, at: int) -> Counts:
        """The mean error of last year's month before an origin."""
        past = self.counts[:, :at]
        return np.maximum(np.abs(past[:, 12:] - past[:, :-12]).mean(axis=1, keepdims=True), 0.1)

    def covered(self) -> dict[int, float]:
        """How often, in per cent, a count fell inside each interval."""
        inside: dict[int, list[Counts]] = {level: [] for level in LEVELS}
        for at in self.origins:
            made = estimate(self.counts[:, :at], self.months[:at], horizon=HORIZON)
            came = self.counts[:, at : at + HORIZON]
            for name, level in LEVELS.items():
                low, high = (bound[:, : came.shape[1]] for bound in made.interval(level))
                inside[name].append(((low <= came) & (came <= high)).ravel())
        return {name: float(np.concatenate(each).mean() * 100) for name, each in inside.items()}


def summed(parts: Sequence[dict[str, Any]]) -> dict[str, float]:
    """MASE, WAPE and seconds per origin over categories."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in ("errors", "scaled", "came")}
    return {
        "mase": float(joined["scaled"].mean()),
        "wape": float(joined["errors"].sum() / joined["came"].sum() * 100),
        "seconds_per_origin": sum(part["seconds"] for part in parts) / ORIGINS,
        "forecasts": len(joined["errors"]),
    }


def measure(data: Path) -> dict[str, Any]:
    """Every method over every category, and the coverage of Engage's intervals."""
    panel = real_panel(data)
    trials = {name: Trials(panel.counts[name], panel.months) for name in MAJOR_CATEGORIES}
    parts = {
        method: {name: each.measure(run) for name, each in trials.items()} for method, run in METHODS.items()
    }
    covered = {name: each.covered() for name, each in trials.items()}
    return {
        "methods": {method: summed(list(found.values())) for method, found in parts.items()},
        "categories": {
            name: {
                **{method: round(float(parts[method][name]["scaled"].mean()), 3) for method in METHODS},
                "coverage80": round(covered[name][80], 1),
                "coverage95": round(covered[name][95], 1),
            }
            for name in MAJOR_CATEGORIES
        },
        "coverage80": float(np.mean([each[80] for each in covered.values()])),
        "coverage95": float(np.mean([each[95] for each in covered.values()])),
    }


def verdicts(found: Mapping[str, Any]) -> dict[str, bool]:
    """Each goal and whether it holds."""
    ours = found["methods"]["engage"]
    categories = found["categories"].values()
    return {
        "MASE at most 0.70": ours["mase"] <= GOALS["mase"],
        "WAPE at most 9.7 %": ours["wape"] <= GOALS["wape"],
        "never worse than the 12-month mean": all(
            each["engage"] <= each["12-month mean"] for each in categories
        ),
        "80 % interval covers 78 to 84 %": GOALS["coverage80"][0]
        <= found["coverage80"]
        <= GOALS["coverage80"][1],
        "95 % interval covers 93.5 to 96.5 %": GOALS["coverage95"][0]
        <= found["coverage95"]
        <= GOALS["coverage95"][1],
        "no category under 75 and 91 %": all(
            each["coverage80"] >= LEAST_COVERED[80] and each["coverage95"] >= LEAST_COVERED[95]
            for each in categories
        ),
        "refit of every series under 5 s": ours["seconds_per_origin"] < GOALS["seconds"],
    }


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
        return 0 if all(goals.values()) else 1
    for name, each in found["methods"].items():
        print(
            f"{name:<14} MASE {each['mase']:.4f}   WAPE {each['wape']:.2f} %   {each['seconds_per_origin']:.3f} s CPU an origin"
        )
    for name, each in found["categories"].items():
        print(
            f"  {name:<16} {each['last year']:.3f} {each['12-month mean']:.3f} {each['engage']:.3f}   covers {each['coverage80']:.1f} {each['coverage95']:.1f}"
        )
    print(f"intervals cover {found['coverage80']:.1f} and {found['coverage95']:.1f} %")
    for goal, holds in goals.items():
        print(f"{'holds ' if holds else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
