"""A force-wide campaign against the clock, beside bare Celery, Dramatiq and Procrastinate.

2,800 deliveries of 700 teams on four platforms, all due at the same moment; each platform answers after
100 ms (Facebook, which takes two requests for a post, after twice that). Engage checks every post once
more, keeps an intent before and an outcome after every single request; its rivals' tasks only make the
request, with the very adapters that Engage uses. Everybody has 100 requests under way at once. What came is
counted on the platforms' side: every post once, in its exact words. Then, on an idle system, how late
single posts leave; what a delivery costs with 1,000 to 1,000,000 rows in the ledger; and whether small
rate windows are kept.

    python3 dev.py bench delivery [--json] [--only campaign|idle|ledger|windows]
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks import _campaign as campaign
from benchmarks._carried import RIVALS, Run, carried_by, carried_by_engage
from benchmarks._ledger import idle, long_ledger, windows
from benchmarks._stage import Stage, open_stage

TEAMS = 700
PARTS = ("campaign", "idle", "ledger", "windows")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure beside its goal; `at_most` where less is better."""

    name: str
    figure: float
    goal: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal


@dataclass(slots=True)
class Found:
    """Everything measured so far."""

    runs: list[Run] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


def campaigned(stage: Stage, found: Found, teams: int) -> None:
    """The campaign, carried by everybody in turn."""
    stage.set(answer_seconds=0)
    campaign.open_accounts(stage.engage, teams)
    sessions = campaign.sign_in(stage.engage, teams)
    stage.set(answer_seconds=0.1)
    found.runs.append(carried_by_engage(stage, teams))
    if stage.rivals_python is not None:
        found.runs += [carried_by(name, stage, teams, sessions) for name in RIVALS]
    rates = {each.name: each.rate for each in found.runs}
    ours = found.runs[0]
    found.measures += [
        Measure("posts_exact", float(all(each.exact for each in found.runs)), 1),
        Measure("times_celery", ours.rate / rates["celery"] if "celery" in rates else 0.0, 1.5),
        Measure("times_dramatiq", ours.rate / rates["dramatiq"] if "dramatiq" in rates else 0.0, 1),
        Measure("last_receipt_s", ours.seconds, 15, at_most=True),
    ]


def idled(stage: Stage, found: Found) -> None:
    """Single posts."""
    single = idle(stage)
    found.details["idle_ms"] = asdict(single)
    found.measures += [
        Measure("idle_exact", float(single.exact), 1),
        Measure("idle_earliest_ms", single.earliest, 0),
        Measure("idle_p99_ms", single.p99, 50, at_most=True),
    ]


def lengthened(stage: Stage, found: Found) -> None:
    """The same posts with a longer and longer ledger."""
    by_rows = long_ledger(stage)
    found.details["ledger_ms"] = {f"{rows:,}": round(each, 3) for rows, each in by_rows.items()}
    times = by_rows[max(by_rows)] / by_rows[min(by_rows)]
    found.measures.append(Measure("ledger_growth", times, 1.25, at_most=True))


def windowed(stage: Stage, found: Found) -> None:
    """Small windows."""
    burst = windows(stage)
    found.details["windows"] = asdict(burst)
    found.measures += [
        Measure("windows_exact", float(burst.exact), 1),
        Measure("windows_over", burst.over, 0, at_most=True),
    ]


def measure(parts: Sequence[str], teams: int) -> Found:
    """Every part asked for."""
    found = Found()
    with open_stage() as stage:
        if "campaign" in parts:
            campaigned(stage, found, teams)
        else:
            campaign.open_accounts(stage.engage, 50)
            campaign.sign_in(stage.engage, 50)
            stage.set(answer_seconds=0.1)
        for name, part in (("idle", idled), ("windows", windowed), ("ledger", lengthened)):
            if name in parts:
                print(f"Measuring: {name} ...", file=sys.stderr)
                part(stage, found)
    return found


def table(runs: Sequence[Run]) -> str:
    """The campaign's runs side by side. CPU in milliseconds a post; commits and commands a post."""
    columns = (
        "posts/s",
        "last s",
        "p99 s",
        "worker",
        "edge",
        "database",
        "commits",
        "redis",
        "commands",
        "exact",
    )
    lines = [" " * 14 + "".join(f"{each:>10}" for each in columns)]
    for run in runs:
        figures = (
            run.rate,
            run.seconds,
            run.late_p99 / 1000,
            run.worker,
            run.edge,
            run.database,
            run.commits,
        )
        shown = "".join(f"{each:10.2f}" for each in (*figures, run.redis, run.commands))
        lines.append(f"{run.name:14}{shown}{'yes' if run.exact else 'NO':>10}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print every figure; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; may be given again")
    parser.add_argument("--teams", type=int, default=TEAMS, help="accounts on each platform, 50 at least")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # in order, so that nothing started here stays
    found = measure(options.only or PARTS, options.teams)
    holds = all(each.holds for each in found.measures)
    if options.json:
        figures = {
            each.name: {"figure": each.figure, "goal": each.goal, "holds": each.holds}
            for each in found.measures
        }
        runs = [{**asdict(each), "rate": each.rate} for each in found.runs]
        print(
            json.dumps(
                {
                    "benchmark": "delivery",
                    "figures": figures,
                    "runs": runs,
                    "details": found.details,
                    "holds": holds,
                }
            )
        )
        return 0 if holds else 1
    if found.runs:
        print(table(found.runs))
    for name, detail in found.details.items():
        print(f"{name:18} {detail}")
    for each in found.measures:
        print(
            f"{each.name:18} {each.figure:10,.2f}   goal {each.goal:,}   {'holds' if each.holds else 'missed'}"
        )
    said = f"{found.runs[0].rate:,.0f} posts a second" if found.runs else ", ".join(options.only)
    print(f"delivery: {said}, all goals {'hold' if holds else 'not met'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
