"""`engage suggest`: which boroughs need to hear about which topic now, and whether that is balanced."""

from collections.abc import Sequence

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.crime.records import ATTRIBUTION
from engage.drafting.agenda import REMEMBERED, Agenda, agenda
from engage.drafting.suggesting import MOST, STANDING, Posted
from engage.posts.clock import utc_now
from engage.posts.places import borough as borough_called
from engage.wiring import open_engage


@click.command()
@click.option(
    "--most", type=click.IntRange(1, 96), default=MOST, show_default=True, help="How many at the most."
)
@click.option("--borough", multiple=True, help="Only this borough; may be given more than once.")
@json_option
@plain_errors
def suggest(*, most: int, borough: Sequence[str], as_json: bool) -> None:
    """Which boroughs need which topic now, with reasons, and whether that follows need.

    The greatest needs come first: what is out of line, the season, and what lies above London's rate. No
    borough is suggested too often, and nothing that was posted or begun in the last four weeks.
    """
    only = {borough_called(each).name for each in borough} or None
    engage, now = open_engage(), utc_now()
    with engage.transaction() as unit:
        posted = [Posted.of(post) for post in unit.posts.begun_since(now - REMEMBERED, STANDING)]
        found = agenda(
            unit.crime,
            engage.shelf,
            posted=posted,
            now=now,
            data_age_days=engage.policy_in(unit).force.thresholds.data_age_days,
            most=most,
            boroughs=only,
        )
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)


def _show(found: Agenda) -> None:
    if found.aged:
        click.echo(found.aged)
    title = f"Suggestions, figures to {found.data_to}" + (" (SYNTHETIC FIGURES)" if found.synthetic else "")
    rows = [
        (each.need.borough, each.need.label, each.template, " ".join(each.need.reasons))
        for each in found.suggestions
    ]
    print_table(title, ("Borough", "Topic", "Template", "Why"), rows)
    for held in found.held_back:
        click.echo(f"Held back: {held.borough}, {held.label}: {held.why}.")
    for words in (found.chance_words, *found.balance.words):
        click.echo(words)
    click.echo(ATTRIBUTION)


commands = (suggest,)
