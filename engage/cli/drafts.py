"""`engage draft`: a draft for each platform, its evidence and the policy's decision, before anything is kept."""

import sys
from collections.abc import Sequence

import click

from engage.cli.output import NO, json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.drafting.desk import Draft, Order
from engage.drafting.desk import draft as draft_for
from engage.drafting.figures import CrimeFigures
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from engage.posts.length import length
from engage.wiring import open_engage


@click.command()
@click.option("--kind", type=click.Choice([each.value for each in Kind]), required=True)
@click.option("--borough", required=True)
@click.option("--topic", help="What the figures or the advice are about, such as home_burglary.")
@click.option("--month", help="The last month of the figures, as 2025-11; the newest where not given.")
@click.option("--template", help="The wording to use; the first that fits the kind and topic otherwise.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="What an officer states.")
@click.option("--platform", "platforms", multiple=True, type=click.Choice([each.value for each in Platform]))
@json_option
@plain_errors
def draft(
    *,
    kind: str,
    borough: str,
    topic: str | None,
    month: str | None,
    template: str | None,
    settings: Sequence[str],
    platforms: Sequence[str],
    as_json: bool,
) -> None:
    """Draft a post: its words for each platform, what they rest on, and the policy's decision.

    Nothing is stored. Exit code 1 where the policy blocks any of it.
    """
    order = Order(
        kind=Kind(kind),
        borough=borough,
        topic=topic,
        month=month,
        template=template,
        stated=stated(settings),
        platforms=[Platform(each) for each in platforms] or DRAFTED_FOR,
    )
    engage = open_engage()
    with engage.transaction() as unit:
        made = draft_for(
            order,
            shelf=engage.shelf,
            figures=CrimeFigures(unit.crime),
            rules=engage.policy_in(unit),
            by=operator(),
            now=utc_now(),
        )
    if as_json:
        print_json(made.to_json())
    else:
        _print(made)
    if made.blocked:
        sys.exit(NO)


commands = (draft,)


def stated(settings: Sequence[str]) -> dict[str, str]:
    """What `--set FIELD=VALUE` says, by field. Raises BadInput for anything else."""
    said: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise BadInput(f"“{setting}” is not FIELD=VALUE.", where="--set", remedy='Write --set place="…".')
        said[name] = value
    return said


def _print(made: Draft) -> None:
    click.echo(f"{made.template.title} ({made.template.name}), {made.borough}")
    for variant in made.variants:
        decision = made.decisions[variant.platform]
        for number, part in enumerate(variant.parts, start=1):
            counted = length(part, variant.platform)
            of = f", part {number} of {len(variant.parts)}" if len(variant.parts) > 1 else ""
            click.echo(f"\n── {variant.platform.label}{of}: {counted.used} of {counted.limit}\n{part}")
        click.echo(f"\nDecision: {decision.verdict.value}")
        for finding in decision.findings:
            click.echo(f"  {finding.rule} {finding.severity.value}: {finding.message} {finding.fix}")
    click.echo()
    rows = [(item.field, item.value, _origin(item.to_json()["source"]), item.id) for item in made.evidence]
    print_table("Evidence", ("field", "value", "from", "id"), rows)


def _origin(source: dict[str, object]) -> str:
    """Where an item came from, in few words."""
    match source["kind"]:
        case "file":
            return f"{source['file_name']}, {source['period']}"
        case "derived":
            return f"worked out: {source['method']}"
        case _:
            return f"stated by {source['stated_by']}"
