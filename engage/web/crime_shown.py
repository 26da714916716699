"""The crime room's figures turned into what the figures pages show: words, a map, a chart and their tables."""

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from engage.crime import figures as crime
from engage.crime.circumstances import calendar_words, circumstances
from engage.crime.figures import BoroughFigures, TopicFigure
from engage.crime.forecast import Forecast, ForecastMonth, Refusal, forecast_for
from engage.crime.months import in_words
from engage.crime.notes import notes
from engage.crime.records import Dataset, ImportedFile, other_terms, speaking
from engage.crime.series import LONDON
from engage.crime.sourced import evidence
from engage.crime.topics import topic_called
from engage.drafting.shelf import TemplateShelf
from engage.drafting.suggesting import LATELY, STANDING
from engage.drafting.template import Origin, Template
from engage.drafting.topics import topics_for
from engage.posts.clock import utc_now
from engage.posts.evidence import Evidence
from engage.posts.places import Place
from engage.posts.places import borough as borough_called
from engage.store.unit import Unit
from engage.web.figures_shown import (
    BoroughRow,
    BoroughShown,
    Choice,
    DataSource,
    LondonShown,
    MonthRow,
    Over,
    Start,
    TopicRow,
)
from engage.web.line_chart import Fan, Point, line_chart
from engage.web.tile_map import Tile, shades_of, tile_map
from engage.web.words_shown import shown_evidence

SHOWN_MONTHS = 36


def anything(unit: Unit) -> bool:
    """Whether any crime figures have been imported."""
    return crime.anything(unit.crime)


def london(unit: Unit, *, topic: str | None, month: str | None) -> LondonShown:
    """One topic in one month, by borough. Raises NoFigures or UnknownTopic."""
    found = crime.london(unit.crime, topic=topic, month=month)
    rated = any(each.rate is not None for each in found.boroughs)
    tiles = [_tile(each, rated=rated) for each in found.boroughs]
    title = _title(found.label)
    return LondonShown(
        topic=Choice(value=found.topic, text=title),
        month=_month(found.month),
        topics=tuple(Choice(value=each.key, text=each.title) for each in found.topics),
        months=_months(found.months),
        rows=tuple(_borough_row(each) for each in found.boroughs),
        chart=tile_map(tiles, title=f"{title} in {in_words(found.month)}, by borough"),
        shades=shades_of([tile.value for tile in tiles if tile.value is not None]),
        measure="Recorded per 1,000 residents" if rated else "Recorded",
        total="" if found.total is None else f"{found.total:,}",
        no_total=found.no_total,
        forecast=_ahead(found.month, forecast_for(unit.crime, LONDON, found.topic))[1],
        notes=notes(found.boroughs),
        sources=_sources(found.files),
        attribution=found.attribution,
        synthetic=found.synthetic,
    )


def borough(
    unit: Unit, place: Place, *, topic: str | None, month: str | None, shelf: TemplateShelf, may_draft: bool
) -> BoroughShown:
    """One borough: every topic, and the topic asked for (or the most unusual) over time."""
    found = crime.borough_figures(unit.crime, place.name, month=month)
    figure = _chosen(found, topic)
    forecast = forecast_for(unit.crime, place.name, figure.topic)
    items = evidence(figure)
    if isinstance(forecast, Forecast) and forecast.data_to == found.month:
        items = _joined(items, evidence(forecast))
    rows = tuple(_topic_row(each) for each in found.topics)
    told = circumstances(unit.crime, found.panel, topic_called(figure.topic), found.month)
    weather = () if told == (calendar_words(found.month),) else _weather(unit)
    return BoroughShown(
        place=place,
        month=_month(found.month),
        months=_months(found.months),
        period_now=figure.period_now,
        period_before=figure.period_before,
        unusual=tuple(_topic_row(each) for each in found.unusual),
        rows=rows,
        over=_over(found, figure, forecast),
        notes=notes(found.topics),
        circumstances=(*told, *other_terms(weather)),
        evidence=shown_evidence(items, names={}, rows_at=rows_address(place, figure.topic, found.month)),
        starts=_starts(found, figure, forecast, shelf, lately=_lately(unit, place)) if may_draft else (),
        sources=_sources((*found.files, *weather)),
        attribution=found.attribution,
        synthetic=found.synthetic,
    )


def evidence_of(unit: Unit, place: Place, *, topic: str, month: str) -> tuple[Evidence, ...]:
    """Every item of evidence behind a borough's topic in a month; none where no topic is named."""
    if not topic:
        return ()
    (figure,) = crime.borough_figures(unit.crime, place.name, topic=topic, month=month).topics
    forecast = forecast_for(unit.crime, place.name, topic)
    more = evidence(forecast) if isinstance(forecast, Forecast) else ()
    return _joined(evidence(figure), more)


def rows_address(place: Place, topic: str, month: str) -> str:
    """The address, less the evidence id, where the rows behind a figure are opened."""
    return f"/figures/{place.slug}/evidence/{{}}?{urlencode({'topic': topic, 'month': month})}"


def _chosen(found: BoroughFigures, topic: str | None) -> TopicFigure:
    asked = found.figure(topic) if topic else None
    return asked or next(iter(found.unusual), found.topics[0])


def _joined(first: Sequence[Evidence], more: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple({item.id: item for item in (*first, *more)}.values())


def _tile(figure: TopicFigure, *, rated: bool) -> Tile:
    value = figure.rate if rated else float(figure.count_now)
    place = borough_called(figure.borough)
    return Tile(
        place=place,
        href=f"/figures/{place.slug}?{urlencode({'topic': figure.topic, 'month': figure.month})}",
        value=value,
        shown="?" if value is None else f"{value:.2f}" if rated else f"{figure.count_now:,}",
        unusual=bool(figure.unusual),
    )


def _borough_row(figure: TopicFigure) -> BoroughRow:
    return BoroughRow(
        place=borough_called(figure.borough),
        count=f"{figure.count_now:,}",
        rate="" if figure.rate is None else f"{figure.rate:.2f}",
        unusual=_high_or_low(figure),
    )


def _high_or_low(figure: TopicFigure) -> str:
    if figure.standing is None or not figure.standing.unusual:
        return ""
    return "high" if figure.standing.above else "low"


def _topic_row(figure: TopicFigure) -> TopicRow:
    return TopicRow(
        topic=Choice(value=figure.topic, text=_title(figure.label)),
        count_now=f"{figure.count_now:,}",
        said="" if figure.under is None else figure.said_now,
        count_before="" if figure.count_before is None else f"{figure.count_before:,}",
        change=figure.change,
        not_compared=figure.not_compared,
        rate="" if figure.rate is None else f"{figure.rate:.2f}",
        unusual=figure.unusual,
        mark=_high_or_low(figure),
    )


def _over(found: BoroughFigures, figure: TopicFigure, forecast: Forecast | Refusal) -> Over:
    series = found.series(figure.topic)[-SHOWN_MONTHS:]
    ahead, words, accuracy = _ahead(found.month, forecast)
    points = [
        Point(each.month, each.count, unusual=bool(figure.unusual) and each.month == found.month)
        for each in series
    ]
    fans = [Fan(e.month, e.point, e.low80, e.high80, e.low95, e.high95) for e in ahead]
    title = _title(figure.label)
    described = (
        f"{title} in {found.borough} by month, {in_words(series[0].month)} to {in_words(found.month)}."
    )
    return Over(
        topic=Choice(value=figure.topic, text=title),
        chart=line_chart(points, fans, title=f"{title} in {found.borough}", described=f"{described} {words}"),
        months=(
            *(MonthRow(month=in_words(each.month), count=f"{each.count:,}") for each in series),
            *map(_ahead_row, ahead),
        ),
        forecast=words,
        forecasts=bool(ahead),
        accuracy=accuracy,
    )


def _ahead(month: str, forecast: Forecast | Refusal) -> tuple[Sequence[ForecastMonth], str, str]:
    """The months forecast, what is forecast in words (or why nothing is), and how good such forecasts were."""
    if isinstance(forecast, Refusal):
        return (), forecast.reason, ""
    if forecast.data_to != month:
        return (), f"Forecasts are made from the newest figures, those for {in_words(forecast.data_to)}.", ""
    first = forecast.months[0]
    words = (
        f"For {in_words(first.month)} we expect about {first.point:,.0f}. "
        f"Four times in five the count falls between {first.low80:,} and {first.high80:,}."
    )
    return forecast.months, words, forecast.accuracy.words if forecast.accuracy else ""


def _ahead_row(ahead: ForecastMonth) -> MonthRow:
    return MonthRow(
        month=in_words(ahead.month),
        count="",
        forecast=f"{ahead.point:,.0f}",
        likely=f"{ahead.low80:,} to {ahead.high80:,}",
        nearly_sure=f"{ahead.low95:,} to {ahead.high95:,}",
    )


def _lately(unit: Unit, place: Place) -> frozenset[str]:
    """The topics of posts about a borough that are out or in hand from the last four weeks."""
    posts = unit.posts.begun_since(utc_now() - LATELY, STANDING)
    return frozenset(post.topic for post in posts if post.borough == place.name and post.topic)


def _starts(
    found: BoroughFigures,
    figure: TopicFigure,
    forecast: Forecast | Refusal,
    shelf: TemplateShelf,
    *,
    lately: Collection[str],
) -> tuple[Start, ...]:
    """What can be drafted from here: a summary and an advisory where there are figures, advice where it is needed."""
    starts = []
    for template in shelf.all():
        origins = {slot.origin for slot in template.slots}
        if Origin.FIGURES in origins and figure.count_before is not None:
            starts.append(_start(found, template, figure.topic, "This count, compared fairly."))
        if Origin.FORECAST in origins and isinstance(forecast, Forecast):
            starts.append(_start(found, template, figure.topic, "What is expected next."))
    for choice in topics_for(found.topics, shelf, recently=lately):
        reason = f"{choice.reason[:1].upper()}{choice.reason[1:]}."
        starts.append(_start(found, choice.template, choice.topic, reason))
    return tuple(starts)


def _start(found: BoroughFigures, template: Template, topic: str, reason: str) -> Start:
    asked = urlencode({"template": template.name, "borough": found.borough, "topic": topic})
    return Start(text=template.title, href=f"/drafts/new?{asked}", reason=reason)


def _weather(unit: Unit) -> tuple[ImportedFile, ...]:
    """The files that the weather of a month, and of the years it is held against, is read from."""
    voices = speaking(unit.crime.files(), Dataset.WEATHER)
    return tuple({each.sha256: each for each in voices.values()}.values())


def _sources(files: Sequence[ImportedFile]) -> tuple[DataSource, ...]:
    return tuple(
        DataSource(publisher=each.publisher, file=each.file_name, as_of=each.as_of, licence=each.licence)
        for each in files
    )


def _month(month: str) -> Choice:
    return Choice(value=month, text=in_words(month))


def _months(months: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(_month(each) for each in sorted(months, reverse=True))


def _title(label: str) -> str:
    return label[:1].upper() + label[1:]
