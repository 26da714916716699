"""`engage fetch`: download the published files, where there is a network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from engage.cli.output import json_option, plain_errors, print_json
from engage.crime.addresses import SHIPPED, Published, addresses
from engage.crime.fetching import Fetched
from engage.crime.fetching import fetch as fetched
from engage.posts.errors import BadInput

UNCHECKED = (
    "its publisher gave no length, so its end could not be checked: compare it with the page it is from"
)


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("open-data"),
    show_default=True,
    help="The folder for the files.",
)
@click.option(
    "--addresses",
    "path",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    default=SHIPPED,
    help="Your own list of addresses, instead of the one that comes with Engage.",
)
@click.option("--list", "only_list", is_flag=True, help="Only say what can be fetched, and from where.")
@json_option
@plain_errors
def fetch(*, names: Sequence[str], into: Path, path: Path, only_list: bool, as_json: bool) -> None:
    """Download published crime files (all of the list, or those named), to be imported after.

    A download that was cut off goes on where it stopped; a file that has not changed is not fetched again.
    """
    known = addresses(path)
    wanted = [known[name] if name in known else _unknown(name, known) for name in names or known]
    if only_list:
        _show(wanted, as_json=as_json)
        return
    found = [_fetch(each, into, quiet=as_json) for each in wanted]
    if as_json:
        print_json([_fetched_json(each) for each in found])
        return
    for each in found:
        unchecked = "" if each.end_checked else f"; {UNCHECKED}"
        click.echo(f"{each.path}: {each.outcome.value}, {each.size:,} bytes{unchecked}")
    click.echo(f"Now: engage import {into}")


def _fetch(published: Published, into: Path, *, quiet: bool) -> Fetched:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(published.name, total=None)
        return fetched(
            published, into, told=lambda had, whole: bar.update(task, completed=had, total=whole or None)
        )


def _fetched_json(fetched: Fetched) -> dict[str, object]:
    return {
        "file": str(fetched.path),
        "outcome": fetched.outcome.value,
        "bytes": fetched.size,
        "end_checked": fetched.end_checked,
    }


def _unknown(name: str, known: Mapping[str, Published]) -> Published:
    raise BadInput(f"“{name}” is not in the list.", where="NAMES", remedy=f"There are: {', '.join(known)}.")


def _show(wanted: Sequence[Published], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"name": each.name, "what": each.what, "address": each.address or each.index} for each in wanted]
        )
        return
    for each in wanted:
        click.echo(f"{each.name}: {each.what}\n    {each.address or each.index}\n    {each.page}")


commands = (fetch,)
