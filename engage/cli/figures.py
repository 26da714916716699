"""`engage figures`: which files the figures rest on, what each publication changed, and small areas for planning."""

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.crime.areas import FOR_PLANNING, Area, areas_of
from engage.crime.records import ATTRIBUTION, ImportedFile, other_terms, publications
from engage.crime.vintages import Vintage, vintages
from engage.wiring import open_engage


@click.group()
def figures() -> None:
    """What the figures rest on: files, vintages, and small areas for planning inside the force."""


@figures.command("files")
@json_option
@plain_errors
def files_(*, as_json: bool) -> None:
    """Every imported file: publisher, licence, months, vintage and what was left out."""
    with open_engage().transaction() as unit:
        files = unit.crime.files()
    published = publications(files)
    if as_json:
        print_json([_file_json(each, published[each.sha256]) for each in files])
        return
    print_table(
        "Imported files, the first imported first",
        ("File", "Kind", "Months", "Published by then", "Rows kept", "Left out", "SHA-256"),
        [
            (
                each.file_name,
                each.dataset.value,
                f"{each.months[0]} to {each.months[-1]}" if each.months else "",
                published[each.sha256],
                each.rows_kept,
                sum(each.rejected.values()),
                each.sha256[:12],
            )
            for each in files
        ],
    )
    click.echo(ATTRIBUTION)
    for terms in other_terms(files):
        click.echo(terms)


def _file_json(file: ImportedFile, published: str) -> dict[str, object]:
    return {
        "file": file.file_name,
        "sha256": file.sha256,
        "dataset": file.dataset.value,
        "publisher": file.publisher,
        "licence": file.licence,
        "first_month": file.months[0] if file.months else None,
        "last_month": file.months[-1] if file.months else None,
        "published": published,
        "rows_read": file.rows_read,
        "rows_kept": file.rows_kept,
        "rejected": dict(file.rejected),
        "whole": file.whole,
        "synthetic": file.synthetic,
    }


@figures.command("vintages")
@click.option("--month", help="One month, such as 2025-11.")
@json_option
@plain_errors
def vintages_(*, month: str | None, as_json: bool) -> None:
    """Months that two publications cover: how they differ, and which one speaks for the month now."""
    with open_engage().transaction() as unit:
        found = vintages(unit.crime, month=month)
    if as_json:
        print_json([_vintage_json(each) for each in found])
        return
    print_table(
        "Months that two publications cover",
        ("Month", "File", "Then known from", "Stands", "There", "Here", "Cells changed", "Most in"),
        [
            (
                each.revision.month,
                each.file.file_name,
                each.revision.other_name,
                "yes" if each.stands else "no",
                each.revision.total_other,
                each.revision.total,
                f"{each.revision.changed:,} of {each.revision.cells:,}",
                f"{each.revision.widest}: {each.revision.widest_other:,} to {each.revision.widest_here:,}",
            )
            for each in found
        ],
    )
    click.echo(ATTRIBUTION)


def _vintage_json(vintage: Vintage) -> dict[str, object]:
    return {
        "file": vintage.file.file_name,
        "sha256": vintage.file.sha256,
        "dataset": vintage.file.dataset.value,
        "stands": vintage.stands,
        **vintage.revision.to_json(),
        "attribution": ATTRIBUTION,
    }


@figures.command("areas")
@click.option("--borough", required=True, help="A borough by name or code.")
@click.option("--topic", required=True, help="A topic, such as home_burglary.")
@click.option("--level", type=click.Choice(["ward", "lsoa"]), default="ward", show_default=True)
@click.option("--month", help="A month, such as 2025-11; the newest where not given.")
@json_option
@plain_errors
def areas(*, borough: str, topic: str, level: str, month: str | None, as_json: bool) -> None:
    """A topic by ward or LSOA: for planning inside the force, never for a post."""
    with open_engage().transaction() as unit:
        found = areas_of(unit.crime, borough, topic, level=level, month=month)
    if as_json:
        print_json(
            {"use": FOR_PLANNING, "areas": [_area_json(each) for each in found], "attribution": ATTRIBUTION}
        )
        return
    print_table(
        f"By {level}, {found[0].month}" if found else f"By {level}",
        ("Code", "Name", "Recorded"),
        [(each.code, each.name, each.count) for each in found],
    )
    click.echo(FOR_PLANNING)
    click.echo(ATTRIBUTION)


def _area_json(area: Area) -> dict[str, object]:
    return {"code": area.code, "name": area.name, "month": area.month, "count": area.count}


commands = (figures,)
