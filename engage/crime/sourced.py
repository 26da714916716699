"""Figures as evidence: every number with the file, the rows and the period it was read or worked out from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engage.crime.figures import TopicFigure
from engage.crime.forecast import Forecast, interval_words
from engage.crime.months import in_words, last_day, later, number
from engage.crime.records import CountRow, CrimeReader, Dataset, ImportedFile
from engage.crime.series import Panel, topics_of
from engage.crime.suppression import limits, said
from engage.crime.topics import Topic, topic_called
from engage.posts.errors import BadInput
from engage.posts.evidence import DerivedSource, Evidence, FileSource, Source

SOURCE_WORDS: Mapping[Dataset, str] = {
    Dataset.MPS_BOROUGH: "Met Police, London Datastore",
    Dataset.STREET: "data.police.uk",
}
SOURCE_KEYS: Mapping[Dataset, str] = {
    Dataset.MPS_BOROUGH: "london_datastore",
    Dataset.STREET: "data.police.uk",
}
DAYS = "by the day, as one month has a day more"
COMPARED = "comparison of two counts: a change is named only beyond 1.96 times the root of their sum"


def evidence(figure: TopicFigure | Forecast, *, month: str | None = None) -> tuple[Evidence, ...]:
    """What a draft may say of a figure, or of a forecast for `month` (the first where none is named)."""
    if isinstance(figure, Forecast):
        return _forecast_evidence(figure, month)
    return _figure_evidence(figure)


def policy_context(figure: TopicFigure | Forecast, *, month: str | None = None) -> dict[str, Any]:
    """What the policy is told of a figure ({"data": …}) or a forecast ({"forecast": …})."""
    if isinstance(figure, Forecast):
        ahead = figure.month(month)
        return {
            "forecast": {
                "crime_type": topic_called(figure.topic).crime_type,
                "geography": "borough",
                "month": ahead.month,
                "interval": [ahead.low80, ahead.high80],
                "interval_level": 0.8,
                "same_month_last_year": ahead.same_month_last_year,
                "model_version": figure.model_version,
                "data_to": last_day(figure.data_to),
                "seasonal_years": figure.seasonal_years,
            }
        }
    stated: dict[str, Any] = {
        "geography": "borough",
        "topic": figure.label,
        "n_now": figure.count_now,
        "period_now": figure.month,
        "source": SOURCE_KEYS[figure.file.dataset],
        "published": True,
    }
    if figure.count_before is not None:
        stated |= {"n_base": figure.count_before, "period_base": figure.month_before}
    return {"data": stated}


def _source(file: ImportedFile, borough: str, topic: str, month: str, rows: int) -> FileSource:
    return FileSource(
        dataset=file.dataset.value,
        publisher=file.publisher,
        file_name=file.file_name,
        file_sha256=file.sha256,
        licence=file.licence,
        filter={"borough": borough, "topic": topic},
        period=month,
        rows=rows,
        as_of=file.as_of,
        synthetic=file.synthetic,
    )


def _figure_evidence(figure: TopicFigure) -> tuple[Evidence, ...]:
    read = _source(figure.file, figure.borough, figure.topic, figure.month, figure.rows)
    now = Evidence(
        field="count_now",
        value=figure.said_now,
        number=figure.count_now,
        source=read,
        label=figure.label,
    )
    items = [*_named(figure, read), now, _said("period_now", figure.period_now, read)]
    items.append(_said("data_to", figure.period_now, read))
    if figure.rate is not None and figure.under is None:
        worked = DerivedSource(
            method=f"count per 1,000 of {figure.residents:,} residents (ONS estimate, {figure.residents_year})",
            inputs=(now.id,),
        )
        items.append(
            Evidence(
                field="rate",
                value=f"{figure.rate:.2f} per 1,000 residents",
                number=figure.rate,
                source=worked,
            )
        )
    if figure.count_before is not None and figure.file_before is not None:
        items.extend(_comparison(figure, figure.count_before, figure.file_before, now))
    return tuple(items)


def _comparison(figure: TopicFigure, count: int, file: ImportedFile, now: Evidence) -> list[Evidence]:
    read = _source(file, figure.borough, figure.topic, figure.month_before, figure.rows_before)
    before = Evidence(
        field="count_before", value=figure.said_before, number=count, source=read, label=figure.label
    )
    method = COMPARED if figure.longer == 1 else f"{COMPARED}; {DAYS}"
    worked = DerivedSource(method=method, inputs=(now.id, before.id))
    number_said = figure.change_percent if figure.said_change == figure.change else None
    change = Evidence(
        field="change", value=figure.said_change, number=number_said, source=worked, label=figure.label
    )
    return [before, _said("period_before", figure.period_before, read), change]


def _forecast_evidence(forecast: Forecast, month: str | None) -> tuple[Evidence, ...]:
    ahead = forecast.month(month)
    read = _source(forecast.file, forecast.borough, forecast.topic, forecast.data_to, forecast.rows)
    newest = _said("data_to", in_words(forecast.data_to), read)
    worked = DerivedSource(method=f"{forecast.model_version}: {forecast.method}", inputs=(newest.id,))
    items = [
        *_named(forecast, read),
        newest,
        Evidence(field="forecast_low", value=f"{ahead.low80:,}", number=ahead.low80, source=worked),
        Evidence(field="forecast_high", value=f"{ahead.high80:,}", number=ahead.high80, source=worked),
        _said("forecast_month", in_words(ahead.month), worked),
        _said("interval_words", interval_words(), worked),
        _said("method_link", forecast.method_link, worked),
    ]
    if ahead.same_month_last_year is not None and ahead.file_last_year is not None:
        count, before = ahead.same_month_last_year, later(ahead.month, -12)
        source = _source(ahead.file_last_year, forecast.borough, forecast.topic, before, ahead.rows_last_year)
        words = said(count, ahead.under_last_year)
        items.append(Evidence(field="same_month_last_year", value=words, number=count, source=source))
    return tuple(items)


def _named(figure: TopicFigure | Forecast, read: FileSource) -> list[Evidence]:
    return [
        _said("borough", figure.borough, read),
        _said("topic", figure.label, read),
        _said("source", SOURCE_WORDS[figure.file.dataset], read),
    ]


def _said(field: str, value: str, source: Source) -> Evidence:
    return Evidence(field=field, value=value, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRow:
    """A line of a file behind a figure: how many it counted in the period."""

    file_name: str
    line: int
    major: str
    minor: str
    count: int
    rows: int

    def to_json(self) -> dict[str, object]:
        """The line as JSON types."""
        return {
            "file": self.file_name,
            "line": self.line,
            "major": self.major,
            "minor": self.minor,
            "count": self.count,
            "rows": self.rows,
        }


def trace(reader: CrimeReader, source: FileSource) -> tuple[TracedRow, ...]:
    """The lines of the file that a counted figure was made from; their counts sum to the figure.

    Raises BadInput where the file is not imported here.
    """
    file = next((each for each in reader.files() if each.sha256 == source.file_sha256), None)
    if file is None:
        raise BadInput(
            f"The file {source.file_name} is not imported here.",
            where=source.file_sha256[:12],
            remedy="Import it to open its rows.",
        )
    topic = topic_called(source.filter["topic"])
    wanted = [index for index, month in enumerate(file.months) if _within(month, source.period)]
    return tuple(
        _traced(file, row, wanted)
        for row in reader.rows(file.sha256)
        if row.borough == source.filter["borough"] and topic in topics_of(file.dataset, row.major, row.minor)
    )


def counted(panel: Panel, topic: Topic, borough: str, month: str) -> tuple[Evidence, ...]:
    """A count as the figure of its own month and as the figure of a year before."""
    count = panel.count(topic, borough, month)
    if count is None:
        return ()
    file, lines = panel.voices[topic.key][month], panel.lines(topic, borough, month)
    words = said(count, limits(panel, month).get((borough, topic.key)))
    return as_counted(file, topic, month, borough=borough, count=count, lines=lines, words=words)


def as_counted(
    file: ImportedFile, topic: Topic, month: str, *, borough: str, count: int, lines: int, words: str
) -> tuple[Evidence, ...]:
    """The items of evidence that one count of a file can be; `words` say it to the public."""
    source = _source(file, borough, topic.key, month, lines)
    return tuple(
        Evidence(
            field=field,
            value=words,
            number=count,
            source=source,
            label="" if field == "same_month_last_year" else topic.label,
        )
        for field in ("count_now", "count_before", "same_month_last_year")
    )


def _within(month: str, period: str) -> bool:
    first, _, last = period.partition("..")
    return number(first) <= number(month) <= number(last or first)


def _traced(file: ImportedFile, row: CountRow, wanted: Sequence[int]) -> TracedRow:
    return TracedRow(
        file_name=file.file_name,
        line=row.line,
        major=row.major,
        minor=row.minor,
        count=sum(row.counts[index] for index in wanted),
        rows=row.rows,
    )
