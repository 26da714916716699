"""`engage import`, `summary`, `forecast`, `samples` and `trace`: figures in, and figures out with where they are from."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from engage.cli.output import UNUSABLE, json_option, plain_errors, print_json, print_table
from engage.crime import importing
from engage.crime.backtest import accuracy
from engage.crime.figures import BoroughFigures, borough_figures
from engage.crime.forecast import Forecast, NoForecast, Refusal, forecast_for
from engage.crime.found_again import evidence_called
from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.notes import notes
from engage.crime.records import ATTRIBUTION, ImportedFile, speaking
from engage.crime.samples import write_samples
from engage.crime.series import LONDON, panel_of
from engage.crime.sourced import evidence, trace
from engage.crime.topics import TOPICS, topic_called
from engage.crime.vintages import gap_after
from engage.posts.errors import BadInput
from engage.posts.evidence import Evidence, FileSource
from engage.wiring import open_engage

borough_option = click.option("--borough", required=True, help="A borough by name or code.")
topic_option = click.option("--topic", help="A topic, such as home_burglary.")


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--newer",
    is_flag=True,
    help="Where two files disagree on the same months, these are the newer publication.",
)
@json_option
@plain_errors
def import_(*, paths: Sequence[Path], newer: bool, as_json: bool) -> None:
    """Import open data: CSV and Parquet files, folders, and whole archives of data.police.uk as they are.

    The kind of a file is known from its header. A file that was imported before is left as it is. A file
    that cannot be vouched for is refused whole, with its line (exit 2); the others are still imported.
    """
    with _progress(quiet=as_json) as progress, open_engage().transaction() as unit:
        reports = import_paths(unit, paths, progress=progress, newer=newer)
        files = unit.crime.files()
    reports = _told_of_gaps(reports, files)
    if as_json:
        print_json([each.to_json() for each in reports])
    else:
        _show(reports, files)
    refused = [each for each in reports if each.outcome is Outcome.REFUSED]
    for each in refused:
        click.echo(each.reason, err=True)
    if refused:
        sys.exit(UNUSABLE)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[importing.Progress | None]:
    if quiet:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading")

        def told(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name or "Keeping")

        yield told


def _told_of_gaps(reports: Sequence[FileReport], files: Sequence[ImportedFile]) -> list[FileReport]:
    """The reports, with the months that are still missing after a file, each gap once."""
    said = {"", *(words for each in reports for words in each.warnings)}
    return [
        replace(each, warnings=(*each.warnings, gap))
        if each.outcome is Outcome.IMPORTED
        and each.file
        and each.file.dataset.counts_crime
        and (gap := gap_after(files, each.file)) not in said
        else each
        for each in reports
    ]


def _show(reports: Sequence[FileReport], files: Sequence[ImportedFile]) -> None:
    rows = [
        (
            each.path.name,
            each.outcome.value,
            each.file.rows_read if each.file else "",
            each.file.rows_kept if each.file else "",
            sum(each.file.rejected.values()) if each.file else "",
            _why(each, files),
        )
        for each in reports
    ]
    print_table("Files", ("File", "Outcome", "Read", "Kept", "Left out", "Why"), rows)


def _why(report: FileReport, files: Sequence[ImportedFile]) -> str:
    if report.outcome is Outcome.REFUSED:
        return "see below"
    if report.file is None or report.outcome is Outcome.KNOWN:
        return report.reason
    left_out = (
        f"{many:,} {reason} ({report.examples.get(reason, '')})"
        for reason, many in report.file.rejected.items()
    )
    return "; ".join((*left_out, *report.warnings, *_changed(report.file, files)))


def _changed(file: ImportedFile, files: Sequence[ImportedFile]) -> Iterator[str]:
    """What a file changed of the months that were known before it, and which file stands now, in one sentence."""
    if not file.revisions:
        return
    first, last = file.revisions[0], file.revisions[-1]
    widest = max(file.revisions, key=lambda each: abs(each.widest_here - each.widest_other))
    before, after = (sum(getattr(each, name) for each in file.revisions) for name in ("total_other", "total"))
    voices = speaking(files, file.dataset)
    stand = {voices[each.month].sha256: voices[each.month].file_name for each in file.revisions}
    if file.sha256 in stand:
        stand[file.sha256] = "this file"
    yield (
        f"{len(file.revisions)} months were known, {first.month} to {last.month}: {before:,} there, {after:,} here; "
        f"most in {widest.widest}, {widest.month}: {widest.widest_other:,} there, {widest.widest_here:,} here; "
        f"what stands now is from {' and '.join(stand.values())}"
    )


@click.command()
@borough_option
@click.option("--month", help="A month, such as 2025-11; the newest where not given.")
@topic_option
@json_option
@plain_errors
def summary(*, borough: str, month: str | None, topic: str | None, as_json: bool) -> None:
    """A borough's counts, fairly compared, and what is unusual, each with its evidence."""
    with open_engage().transaction() as unit:
        figures = borough_figures(unit.crime, borough, month=month, topic=topic)
    if as_json:
        print_json(_summary_json(figures))
        return
    title = f"{figures.borough}, {figures.month}" + (" (SYNTHETIC FIGURES)" if figures.synthetic else "")
    print_table(
        title,
        ("Topic", "Count", "A year before", "Comparison", "Per 1,000", "To be said as"),
        [
            (
                each.label,
                each.count_now,
                "" if each.count_before is None else each.count_before,
                each.change,
                "" if each.rate is None else f"{each.rate:.2f}",
                each.said_now,
            )
            for each in figures.topics
        ],
    )
    for each in figures.topics:
        if each.not_compared:
            click.echo(f"Not compared, {each.label}: {each.not_compared}")
    for each in figures.unusual:
        click.echo(f"Unusual, {each.label}: {each.unusual}")
    for each in figures.topics:
        click.echo(f"{_id(evidence(each), 'count_now')}  {each.label}")
    click.echo(" ".join(notes(figures.topics)))
    click.echo(figures.attribution)


def _summary_json(figures: BoroughFigures) -> dict[str, object]:
    return {
        "borough": figures.borough,
        "month": figures.month,
        "synthetic": figures.synthetic,
        "notes": notes(figures.topics),
        "attribution": figures.attribution,
        "topics": [
            {**each.to_json(), "evidence": [item.to_json() for item in evidence(each)]}
            for each in figures.topics
        ],
    }


def _id(items: Sequence[Evidence], field: str) -> str:
    return next((item.id for item in items if item.field == field), "")


@click.group(invoke_without_command=True)
@click.option("--borough", help="A borough by name or code, or London for all of them.")
@topic_option
@click.option("--horizon", type=int, default=3, show_default=True, help="How many months ahead, 1 to 3.")
@json_option
@click.pass_context
@plain_errors
def forecast(
    context: click.Context, *, borough: str | None, topic: str | None, horizon: int, as_json: bool
) -> None:
    """A borough's forecast with its 80 and 95 % intervals, or why there is none (exit 2)."""
    if context.invoked_subcommand:
        return
    if borough is None or topic is None:
        missing = "--borough" if borough is None else "--topic"
        raise BadInput(
            "is missing.", where=missing, remedy="Give --borough and --topic, or ask for `accuracy`."
        )
    with open_engage().transaction() as unit:
        made = forecast_for(unit.crime, borough, topic, horizon=horizon)
    if isinstance(made, Refusal):
        raise NoForecast(f"No forecast of {made.label} in {made.borough}. {made.reason}")
    if as_json:
        # London is no place that a post can be about, so its forecast is no evidence.
        items = () if made.borough == LONDON else evidence(made)
        print_json(
            {
                **made.to_json(),
                "evidence": [item.to_json() for item in items],
                "attribution": made.attribution,
            }
        )
    else:
        _show_forecast(made)


def _show_forecast(made: Forecast) -> None:
    print_table(
        f"{made.borough}, {made.label}, figures to {made.data_to}",
        ("Month", "Estimate", "80 % range", "95 % range", "A year before"),
        [
            (
                each.month,
                round(each.point),
                f"{each.low80:,} to {each.high80:,}",
                f"{each.low95:,} to {each.high95:,}",
                "" if each.same_month_last_year is None else each.same_month_last_year,
            )
            for each in made.months
        ],
    )
    if made.accuracy:
        click.echo(made.accuracy.words)
    click.echo(made.attribution)


@forecast.command("accuracy")
@topic_option
@json_option
@plain_errors
def accuracy_command(*, topic: str | None, as_json: bool) -> None:
    """How good the forecasts were, tried again on the past, topic by topic."""
    with open_engage().transaction() as unit:
        panel = panel_of(unit.crime)
    asked = [
        each
        for each in TOPICS
        if topic in {None, each.key} and each.key in panel.counts and not each.no_forecast
    ]
    if not asked:
        raise BadInput(f"“{topic}” is not a topic that is forecast here.", where="--topic")
    measured = [found for each in asked if (found := accuracy(panel, each))]
    if as_json:
        print_json([{**each.to_json(), "attribution": ATTRIBUTION} for each in measured])
        return
    print_table(
        "Accuracy of forecasts one to three months ahead",
        ("Topic", "MASE", "WAPE %", "12-month mean", "80 % holds", "95 % holds", "Forecasts"),
        [
            (
                topic_called(each.topic).label,
                f"{each.mase:.3f}",
                f"{each.wape:.1f}",
                f"{each.wape_mean:.1f}",
                f"{each.coverage80:.1f}",
                f"{each.coverage95:.1f}",
                each.forecasts,
            )
            for each in measured
        ],
    )
    click.echo(ATTRIBUTION)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--last-month", default="2026-09", show_default=True, help="The newest month of the samples.")
@json_option
@plain_errors
def samples(*, directory: Path, last_month: str, as_json: bool) -> None:
    """Write made-up files in the published formats, marked SYNTHETIC, for trying things out."""
    written = write_samples(directory, last_month=last_month)
    if as_json:
        print_json([str(path) for path in written])
    else:
        for path in written:
            click.echo(path)


@click.command("trace")
@click.argument("evidence_id")
@json_option
@plain_errors
def trace_(*, evidence_id: str, as_json: bool) -> None:
    """Open a figure's evidence back to the lines of the file it was counted from.

    Finds any count of the files that speak, the newest first.
    """
    with open_engage().transaction() as unit:
        item = evidence_called(unit.crime, evidence_id)
        if not isinstance(item.source, FileSource):
            raise BadInput(
                f"was worked out, not read: {item.source}",
                where=evidence_id,
                remedy="Trace one of its inputs.",
            )
        lines = trace(unit.crime, item.source)
    if as_json:
        print_json(
            {
                "evidence": item.to_json(),
                "rows": [each.to_json() for each in lines],
                "attribution": ATTRIBUTION,
            }
        )
        return
    print_table(
        f"{item.label or item.field}: {item.value}, {item.source.period}",
        ("File", "Line", "Category", "Count"),
        [(each.file_name, each.line, f"{each.major} / {each.minor}", each.count) for each in lines],
    )
    click.echo(ATTRIBUTION)


commands = (import_, summary, forecast, samples, trace_)
