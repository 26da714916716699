"""`engage policy`: check, decide, test, replay and the schema, for people and for editors; and switching one on."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import Progress

from engage.cli import switching
from engage.cli.output import NO, UNUSABLE, json_option, plain_errors, print_json, print_table
from engage.policy import (
    CaseBook,
    CaseResult,
    Decision,
    Policy,
    PolicyError,
    Problem,
    Replay,
    Verdict,
    check_policy,
    json_schema,
    load_policy,
)
from engage.policy import replay as replay_drafts
from engage.posts.errors import BadInput, Unavailable
from engage.wiring import default_policy_dir, open_engage, policy_in_force

directory_argument = click.argument(
    "directory", required=False, type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]"
)
EXAMPLES_SHOWN = 10


@click.group()
def policy() -> None:
    """The force's policy: what may be published, who signs, and why."""


@policy.command()
@directory_argument
@json_option
@plain_errors
def check(directory: Path | None, *, as_json: bool) -> None:
    """Say whether a policy is well formed; every fault with file and line."""
    try:
        checked, problems = check_policy(directory or default_policy_dir())
    except PolicyError as error:
        _cannot_load(error, as_json=as_json)
    if as_json:
        print_json({"policy": _named(checked), "problems": [_problem(each) for each in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        verdict = f"{len(problems)} faults" if problems else "well formed"
        click.echo(f"{checked.force.title} {checked.version}: {len(checked.rules)} rules, {verdict}.")
    sys.exit(NO if problems else 0)


def _named(checked: Policy) -> dict[str, Any]:
    return {
        "name": checked.name,
        "version": checked.version,
        "hash": checked.hash,
        "rules": len(checked.rules),
    }


def _cannot_load(error: PolicyError, *, as_json: bool) -> NoReturn:
    """Every fault of a policy that cannot even be read."""
    if as_json:
        print_json({"policy": None, "problems": [_problem(each) for each in error.problems]})
    for problem in error.problems:
        click.echo(str(problem), err=True)
    sys.exit(UNUSABLE)


def _problem(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "message": problem.message}


@policy.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "--policy", "directory", type=click.Path(file_okay=False, path_type=Path), help="Another policy's folder."
)
@click.option(
    "--moment",
    type=click.Choice(["typing", "submit", "approval", "send"]),
    default="typing",
    show_default=True,
    help="When it is asked; from submission on, facts a rule needs must be stated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (it always does).")
@plain_errors
def decide(file: str, directory: Path | None, moment: str, *, as_json: bool) -> None:  # noqa: ARG001 - accepted everywhere
    """Decide a post given as JSON (`-`: standard input); a list gives a list.

    Where DATABASE_URL is set the policy in force there decides, otherwise the folder's. Ends with 1 where
    any verdict is block.
    """
    posts = _posts(file)
    in_force = load_policy(directory) if directory else _deciding_here()
    listed = posts if isinstance(posts, list) else [posts]
    decisions = [
        _decided(in_force, post, place, moment, many=isinstance(posts, list))
        for place, post in enumerate(listed)
    ]
    answers = [decision.to_json() for decision in decisions]
    print_json(answers if isinstance(posts, list) else answers[0])
    sys.exit(NO if any(decision.verdict is Verdict.BLOCK for decision in decisions) else 0)


def _deciding_here() -> Policy:
    """The policy of this installation: the signed one of its database, or the folder's where there is none."""
    try:
        signed = policy_in_force()
    except Unavailable as error:
        click.echo(f"{error} The folder's policy decides here instead.", err=True)
        signed = None
    return signed or load_policy(default_policy_dir())


def _decided(in_force: Policy, post: Mapping[str, Any], place: int, moment: str, *, many: bool) -> Decision:
    try:
        return in_force.decide(post, moment=moment)
    except BadInput as error:
        where = f"post {place + 1}, {error.where}" if many else error.where
        raise BadInput(error.problem, where=where, remedy=error.remedy) from error


def _posts(file: str) -> Any:
    name = "standard input" if file == "-" else file
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return json.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text.", where=name) from error
    except json.JSONDecodeError as error:
        raise BadInput(f"is not JSON: {error.msg}.", where=f"{name}, line {error.lineno}") from error
    except RecursionError as error:
        raise BadInput("is nested too deeply.", where=name) from error


@policy.command()
@directory_argument
@click.option("--rule", "only", help="Run one rule's cases only.")
@json_option
@plain_errors
def test(directory: Path | None, only: str | None, *, as_json: bool) -> None:
    """Run the policy's own cases."""
    book = CaseBook.read(directory or default_policy_dir())
    wanted = [pair for pair in book.cases if only in {None, pair[0].rule}]
    if not wanted:
        raise BadInput("has no cases.", where=only or str(directory or default_policy_dir()))
    results = _run(CaseBook(book.policy, tuple(wanted)), quiet=as_json)
    failed = [result for result in results if not result.holds]
    if as_json:
        print_json({"passed": len(results) - len(failed), "failed": [_failure(result) for result in failed]})
    else:
        _report(results, failed)
    sys.exit(NO if failed else 0)


def _run(book: CaseBook, *, quiet: bool) -> list[CaseResult]:
    results = []
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("Running cases", total=len(book.cases))
        for result in book.run():
            results.append(result)
            progress.advance(task)
    return results


def _failure(result: CaseResult) -> dict[str, Any]:
    return {
        "rule": result.case.rule,
        "name": result.case.name,
        "file": result.where.file,
        "line": result.where.line,
        "why": result.why_not,
    }


def _report(results: list[CaseResult], failed: list[CaseResult]) -> None:
    console = Console(highlight=False)
    groups: dict[str, list[CaseResult]] = {}
    for result in results:
        groups.setdefault(result.case.rule, []).append(result)
    for rule, cases in sorted(groups.items()):
        dots = "".join("[green].[/]" if each.holds else "[red]F[/]" for each in cases)
        console.print(f"{rule} {dots}")
    for result in failed:
        console.print(
            f"\n[red]{result.where.file}:{result.where.line}[/] {result.case.name}\n  {result.why_not}",
            markup=True,
        )
    colour = "red" if failed else "green"
    console.print(
        f"\n[{colour}]{len(results) - len(failed)} passed, {len(failed)} failed[/], {len(groups)} rules"
    )


@policy.command()
@click.option(
    "--with",
    "directory",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The other policy's folder.",
)
@json_option
@plain_errors
def replay(directory: Path, *, as_json: bool) -> None:
    """Decide every past draft under another policy: whose decision changes and why."""
    other = load_policy(directory)
    with open_engage().transaction() as unit:
        outcome = replay_drafts(unit.posts.all_for_policy(), other)
    if as_json:
        print_json(outcome.to_json())
    else:
        _show_replay(outcome, other)


def _show_replay(outcome: Replay, other: Policy) -> None:
    click.echo(
        f"Under {other.name} {other.version}, of {outcome.drafts:,} drafts {len(outcome.newly_blocked):,} would be newly "
        f"blocked, {len(outcome.let_through):,} let through, {len(outcome.signed_by_others):,} signed by others, "
        f"{len(outcome.changes):,} changed in all."
    )
    if outcome.unreadable:
        click.echo(f"{outcome.unreadable:,} could not be read and are not counted.")
    rows = [
        (
            each.before.value,
            each.after.value,
            " ".join(each.newly_fired) or "-",
            " ".join(each.no_longer) or "-",
            each.text[:60],
        )
        for each in outcome.changes[:EXAMPLES_SHOWN]
    ]
    if rows:
        print_table("Examples", ("before", "after", "fires now", "no longer", "text"), rows)


@policy.command()
@plain_errors
def schema() -> None:
    """Print the JSON Schema of policy.yaml, of rule files and of case files."""
    print_json(json_schema())


for _command in switching.commands:
    policy.add_command(_command)

commands = (policy,)
