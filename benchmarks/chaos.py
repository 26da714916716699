"""What delivery keeps to while everything under it is broken, counted from the platforms' side; a rival beside it.

Real Celery workers, PostgreSQL, a Redis-protocol server and edge servers in a process of their own. A seed
draws the posts (some never signed off, some edited, withdrawn or overtaken by their case after they were, some
that must leave within seconds), the holds, and the faults: workers killed and stopped at random and at every
named step, dispatchers killed and stopped, the broker killed with and without its file, the database stopped at
once, black holes and resets on the lines to both, clocks that are 100 s wrong; and one answer in ten is lost.
Goal: no post twice, none lost, none without a sign-off that stands, none held, none late, none early, and every
unknown reconciled or before a person. The rival is a lease table with a Celery task for each post and retries.

    python3 dev.py bench chaos [--posts N] [--faults N] [--seed S] [--only engage|rival] [--json]
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks._chaos.count import Said, Wrong
from benchmarks._chaos.office import EngageTrial
from benchmarks._chaos.plan import Plan, drawn
from benchmarks._chaos.rival_trial import RivalTrial
from benchmarks._chaos.trial import Result, System, Tell, tried

POSTS, FAULTS = 5_000, 500
SYSTEMS: Mapping[str, Callable[[Plan], System]] = {"engage": EngageTrial, "rival": RivalTrial}


def main() -> int:
    """Print the tables or JSON; exit 1 where Engage broke a promise."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit("ended before it was over")
    )  # what was started stops too
    options = _options()
    plan = drawn(posts=options.posts, faults=options.faults, seed=options.seed)
    wanted = [SYSTEMS[name] for name in SYSTEMS if options.only in {None, name}]
    with _progress(plan) as tell:
        results = [_told(tried(make(plan), plan, tell)) for make in wanted]
    ours = next((each for each in results if each.system == EngageTrial.name), None)
    holds = ours is None or ours.tally.clean
    if options.json:
        print(json.dumps(_as_json(plan, results, holds=holds), indent=2))
    else:
        _print_tables(plan, results)
        print(_verdict(ours, options.seed))
    return 0 if holds else 1


def _told(result: Result) -> Result:
    """Say at once how one system did: the other takes as long again."""
    wrongs = {wrong.value: len(numbers) for wrong, numbers in result.tally.wrongs.items() if numbers}
    print(f"{result.system}: {result.seconds:.0f} s, {wrongs or 'no violation'}", file=sys.stderr, flush=True)
    return result


def _options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--posts", type=int, default=POSTS)
    reader.add_argument("--faults", type=int, default=FAULTS, help="besides the answers that are lost")
    reader.add_argument(
        "--seed", type=int, default=int(time.time()), help="draws the same posts and faults again"
    )
    reader.add_argument("--only", choices=list(SYSTEMS))
    reader.add_argument("--json", action="store_true")
    return reader.parse_args()


@contextmanager
def _progress(plan: Plan) -> Iterator[Tell]:
    """A line that says how far it is, on a terminal; silence elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("posts due"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("starting", total=len(plan.posts))

        def tell(what: str, due: int, faults: int) -> None:
            bar.update(task, description=f"{what}, {faults} of {len(plan.faults)} faults", completed=due)

        yield tell


def _print_tables(plan: Plan, results: Sequence[Result]) -> None:
    console = Console(width=110)
    console.print(
        f"seed {plan.seed}: {len(plan.posts):,} posts due within {plan.window:.0f} s, {len(plan.holds)} holds"
    )
    labels = sorted(
        {each.label for each in plan.faults} | {label for each in results for label in each.faults}
    )
    console.print(_table("faults done", labels, results, lambda each, label: each.faults.get(label, 0)))
    ways = sorted({way for each in results for way in each.lost_answers})
    console.print(
        _table("answers the platforms lost", ways, results, lambda each, way: each.lost_answers.get(way, 0))
    )
    console.print(
        _table("posts by ending", list(Said), results, lambda each, said: each.tally.endings.get(said, 0))
    )
    console.print(
        _table("violations", list(Wrong), results, lambda each, wrong: len(each.tally.wrongs[Wrong(wrong)]))
    )
    for each in results:
        _print_rest(each)


def _table(
    title: str, rows: Sequence[str], results: Sequence[Result], figure: Callable[[Result, str], int]
) -> Table:
    table = Table("", *(each.system for each in results), title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(str(row), *(f"{figure(each, row):,}" for each in results))
    table.add_row(
        "in all", *(f"{sum(figure(each, row) for row in rows):,}" for each in results), style="bold"
    )
    return table


def _print_rest(result: Result) -> None:
    ended = ", ".join(f"{name} {count}" for name, count in result.ended.items()) or "none"
    print(
        f"{result.system}: {result.seconds:.0f} s; asked again for what was public: {result.tally.asked_again}; "
        f"processes that ended by themselves and were started again: {ended}"
    )
    for wrong, numbers in result.tally.wrongs.items():
        if numbers:
            print(f"  {wrong.value}: posts {', '.join(map(str, numbers[:12]))}{' …' * (len(numbers) > 12)}")
    if result.let_go:
        ms = {name: 1000 * value for name, value in _let_go(result.let_go).items()}
        print(
            f"  from the last check to the platform: p50 {ms['p50']:.1f} ms, p99 {ms['p99']:.0f} ms, "
            f"longest {ms['longest']:.0f} ms (processes stopped in between are among them)"
        )


def _let_go(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50": seconds[len(seconds) // 2],
        "p99": seconds[int(len(seconds) * 0.99)],
        "longest": seconds[-1],
    }


def _verdict(ours: Result | None, seed: int) -> str:
    if ours is None:
        return "engage was not tried"
    count = sum(map(len, ours.tally.wrongs.values()))
    done = sum(ours.faults.values()) + sum(ours.lost_answers.values())
    kept = "holds" if ours.tally.clean else "MISSED"
    posts = sum(ours.tally.endings.values())
    return (
        f"{count} violations in {posts:,} posts and {done:,} faults (lost answers among them), "
        f"seed {seed}; goal 0: {kept}"
    )


def _as_json(plan: Plan, results: Sequence[Result], *, holds: bool) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "posts": len(plan.posts),
        "holds_placed": len(plan.holds),
        "faults_planned": len(plan.faults),
        "systems": {
            each.system: {
                "seconds": round(each.seconds),
                "faults": dict(each.faults),
                "lost_answers": dict(each.lost_answers),
                "endings": dict(each.tally.endings),
                "violations": {wrong.value: len(numbers) for wrong, numbers in each.tally.wrongs.items()},
                "violating_posts": {
                    wrong.value: numbers for wrong, numbers in each.tally.wrongs.items() if numbers
                },
                "ended_by_themselves": dict(each.ended),
                "asked_again_though_public": each.tally.asked_again,
                "seconds_from_last_check": _let_go(each.let_go) if each.let_go else None,
            }
            for each in results
        },
        "goal": "no violation by engage",
        "holds": holds,
    }


if __name__ == "__main__":
    sys.exit(main())
