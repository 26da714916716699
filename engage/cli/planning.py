"""`engage planning-map`: where to look next, for planning inside the force; the only way to such a map."""

from pathlib import Path

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.planning.events import read_events
from engage.planning.maps import NOTE, Tried, planning_map
from engage.posts.clock import in_london, utc_now

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("planning-map")
@click.argument("events", type=_FILE)
@click.argument("output", type=_FILE)
@click.option(
    "--area-km2", type=click.FloatRange(1, 100_000), required=True, help="The land of the force's area."
)
@click.option("--cell", type=click.FloatRange(50, 2_000), default=250.0, show_default=True, help="Metres.")
@click.option("--days", type=click.IntRange(1, 31), default=7, show_default=True, help="A period's length.")
@json_option
@plain_errors
def planning_map_(
    *, events: Path, output: Path, area_km2: float, cell: float, days: int, as_json: bool
) -> None:
    """Rank the cells of a grid for the next period, from a force's own dated, located events.

    EVENTS is a CSV file with date, longitude and latitude; OUTPUT becomes GeoJSON for internal planning.
    Nothing is kept in the database and nothing of it can enter a draft.
    """
    today = in_london(utc_now()).date()
    made, tried = planning_map(
        read_events(events, today=today), area_km2=area_km2, metres=cell, period_days=days
    )
    made.write(output)
    if as_json:
        print_json({"written": str(output), "note": NOTE, "tried": _json(tried)})
        return
    print_table(
        f"Tried on the last {tried.periods} periods",
        ("Part of the area", "Held of what came", "Simple counts held"),
        [(f"{share:.0%}", f"{tried.held[share]:.1%}", f"{tried.counts[share]:.1%}") for share in tried.held],
    )
    click.echo(NOTE)


def _json(tried: Tried) -> dict[str, object]:
    return {
        "periods": tried.periods,
        "held": {f"{share:.0%}": round(rate, 4) for share, rate in tried.held.items()},
        "simple_counts": {f"{share:.0%}": round(rate, 4) for share, rate in tried.counts.items()},
    }


commands = (planning_map_,)
