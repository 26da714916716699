"""Forecasts for a whole borough, or all of them, one to three months ahead, or a plain reason why there is none.

Only a borough or London can be asked for: nothing here takes a ward, a street or a grid cell. London's
forecast is the sum of the boroughs', with a range of its own: what drives one month drives it in all of
them, so the ranges of the boroughs cannot be added up.
"""

from dataclasses import dataclass, replace

import numpy as np

from engage.crime.backtest import Accuracy, accuracy
from engage.crime.breaks import broken
from engage.crime.model import VERSION, Estimate, estimate, whole
from engage.crime.months import in_words, last_day, later
from engage.crime.records import ATTRIBUTION, CrimeReader, ImportedFile
from engage.crime.series import LONDON, NAMES, Counts, Panel, panel_of
from engage.crime.suppression import limits
from engage.crime.topics import Topic, topic_called
from engage.crime.unusual import season_source
from engage.posts.errors import BadInput
from engage.posts.places import borough as borough_called

LEAST_HISTORY = 24
LEAST_A_MONTH = 3.0
LONGEST = 3
STILL = 3
METHOD = "the recent level of all London, this borough's share of it over a longer time, and the time of year"
METHOD_LINK = "https://www.met.police.uk/sd/stats-and-data/"
"""Where the Met publishes recorded figures. It explains no forecast, so no wording may say that it does.

The force's template may give another address in its place, as one that explains the method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastMonth:
    """One month ahead: the middle estimate, its 80 % and 95 % intervals, and the same month a year before.

    `under_last_year` is the number that the count a year before is said to be under, where it is not said exactly.
    """

    month: str
    point: float
    low80: int
    high80: int
    low95: int
    high95: int
    same_month_last_year: int | None
    file_last_year: ImportedFile | None
    rows_last_year: int
    under_last_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast for one borough and topic, with how good such forecasts were."""

    borough: str
    topic: str
    label: str
    data_to: str
    months: tuple[ForecastMonth, ...]
    accuracy: Accuracy | None
    seasonal_years: int
    file: ImportedFile
    rows: int
    model_version: str = VERSION
    method: str = METHOD
    method_link: str = METHOD_LINK
    attribution: str = ATTRIBUTION

    @property
    def synthetic(self) -> bool:
        """Whether it rests on figures made up for a demonstration."""
        return self.file.synthetic

    def month(self, month: str | None = None) -> ForecastMonth:
        """The forecast of one month; the first where none is named. Raises BadInput."""
        if month is None:
            return self.months[0]
        found = next((each for each in self.months if each.month == month), None)
        if found is None:
            ahead = ", ".join(each.month for each in self.months)
            raise BadInput(
                f"There is no forecast for {month}.", where="--month", remedy=f"There is: {ahead}."
            )
        return found

    def to_json(self) -> dict[str, object]:
        """The forecast as JSON types."""
        return {
            "borough": self.borough,
            "topic": self.topic,
            "label": self.label,
            "data_to": last_day(self.data_to),
            "model_version": self.model_version,
            "method": self.method,
            "months": [
                {
                    "month": each.month,
                    "point": round(each.point, 1),
                    "interval80": [each.low80, each.high80],
                    "interval95": [each.low95, each.high95],
                    "same_month_last_year": each.same_month_last_year,
                }
                for each in self.months
            ],
            "accuracy": self.accuracy.to_json() if self.accuracy else None,
            "synthetic": self.synthetic,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No forecast, and why, in words for a page."""

    borough: str
    topic: str
    label: str
    reason: str


class NoForecast(BadInput):
    """No forecast is made of this."""


def forecast_for(
    reader: CrimeReader, borough: str, topic: str, *, horizon: int = LONGEST
) -> Forecast | Refusal:
    """The forecast of a topic in a borough (or `LONDON`), `horizon` (1 to 3) months past the newest figures.

    Raises UnknownBorough, UnknownTopic, NoFigures where nothing was imported, BadInput for the horizon.
    """
    if not 1 <= horizon <= LONGEST:
        raise BadInput(f"must be 1 to {LONGEST} months.", where="--horizon")
    place = LONDON if borough.casefold() == LONDON.casefold() else borough_called(borough).name
    about = topic_called(topic)
    panel = panel_of(reader)
    reason = why_not(panel, about, place)
    if reason:
        return Refusal(borough=place, topic=about.key, label=about.label, reason=reason)
    return _forecast(panel, about, place, horizon)


def why_not(panel: Panel, topic: Topic, place: str) -> str:
    """Why there is no forecast for a borough or London, in words; empty where there can be one."""
    if topic.no_forecast:
        return topic.no_forecast
    if not panel.voices.get(topic.key):
        return f"No imported file has figures about {topic.label}."
    end = panel.column(panel.last(topic)) + 1
    counts, months = panel.counts[topic.key][:, :end], panel.months[:end]
    change, since = broken(counts, months)
    if change and not since:
        return change
    line = counts[_rows(place)].sum(axis=0)
    known = ~np.isnan(line) & (np.array(months) >= since)
    if known.sum() < LEAST_HISTORY:
        short = (
            f"There are only {known.sum()} months of comparable figures; a forecast needs {LEAST_HISTORY}."
        )
        return f"{change} {short}".strip()
    return _too_little(line[-LEAST_HISTORY:])


def _too_little(recent: Counts) -> str:
    """Why the newest months of a series are no ground for a forecast."""
    if np.isnan(recent).any():
        return (
            f"A month, or a borough in one, is missing in the last {LEAST_HISTORY}, so the series is broken."
        )
    if recent.mean() < LEAST_A_MONTH:
        return f"Fewer than {LEAST_A_MONTH:.0f} are recorded in a usual month, too few to forecast."
    if not recent[-STILL:].any():
        return f"Nothing was recorded in the last {STILL} months, so the series looks broken."
    return ""


def _rows(place: str) -> list[int]:
    return list(range(len(NAMES))) if place == LONDON else [NAMES.index(place)]


def _estimate(panel: Panel, topic: Topic, place: str, horizon: int) -> Estimate:
    """The forecast of one place, as an estimate of one row."""
    end = panel.column(panel.last(topic)) + 1
    counts, months = panel.counts[topic.key][:, :end], panel.months[:end]
    season_from = season_source(panel, topic, end)
    if place == LONDON:
        return whole(counts, months, horizon=horizon, season_from=season_from)
    made = estimate(counts, months, horizon=horizon, season_from=season_from)
    return replace(made, mean=made.mean[_rows(place)], spread=made.spread[_rows(place)])


def _forecast(panel: Panel, topic: Topic, place: str, horizon: int) -> Forecast:
    data_to = panel.last(topic)
    made = _estimate(panel, topic, place, horizon)
    low80, high80 = made.interval(0.8)
    low95, high95 = made.interval(0.95)
    voices = panel.voices[topic.key]
    season_from = season_source(panel, topic, panel.column(data_to) + 1)
    return Forecast(
        borough=place,
        topic=topic.key,
        label=topic.label,
        data_to=data_to,
        months=tuple(
            ForecastMonth(
                month=month,
                point=float(made.mean[0, step]),
                low80=int(low80[0, step]),
                high80=int(high80[0, step]),
                low95=int(low95[0, step]),
                high95=int(high95[0, step]),
                same_month_last_year=_count(panel, topic, place, later(month, -12)),
                file_last_year=voices.get(later(month, -12)),
                rows_last_year=_lines(panel, topic, place, later(month, -12)),
                under_last_year=_under(panel, topic, place, later(month, -12)),
            )
            for step, month in enumerate(made.months)
        ),
        accuracy=accuracy(panel, topic, london=place == LONDON),
        seasonal_years=_years(panel.counts[topic.key] if season_from is None else season_from),
        file=voices[data_to],
        rows=_lines(panel, topic, place, data_to),
    )


def _count(panel: Panel, topic: Topic, place: str, month: str) -> int | None:
    counts = [panel.count(topic, NAMES[at], month) for at in _rows(place)]
    return None if None in counts else sum(each or 0 for each in counts)


def _under(panel: Panel, topic: Topic, place: str, month: str) -> int | None:
    if _count(panel, topic, place, month) is None:
        return None
    return limits(panel, month).get((place, topic.key))


def _lines(panel: Panel, topic: Topic, place: str, month: str) -> int:
    return sum(panel.lines(topic, NAMES[at], month) for at in _rows(place))


def _years(counts: Counts) -> int:
    return int((~np.isnan(counts).all(axis=0)).sum() // 12)


def interval_words() -> str:
    """What an 80 % interval means, in a sentence's words."""
    return "about 8 times in 10 the count falls in this range"


def months_ahead(forecast: Forecast) -> str:
    """The months a forecast is for, in words."""
    first, last = forecast.months[0].month, forecast.months[-1].month
    return in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}"
