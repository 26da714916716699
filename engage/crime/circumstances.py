"""What a month was like: its weather beside other years, its weekends, bank holidays and clock changes.

They explain a month that is over. No forecast uses them: tried on 2016 to 2019 and on 2023 to 2025, the
calendar made forecasts better by a thousandth, and last month's weather made them no better at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from engage.crime.model import exposure, followed, ordinary, seasons
from engage.crime.months import days, in_words, later, number
from engage.crime.records import CrimeReader, Dataset, speaking
from engage.crime.series import Counts, Panel
from engage.crime.topics import Topic
from engage.posts.clock import LONDON

YEARS = 30
LEAST_YEARS = 10
LEAST_MONTHS = 60
CLEAR = 3.0
"""How many standard errors from nothing an effect of warmth must be to be spoken of."""
_MILD = 0.5
_DRY, _WET = 0.75, 1.25
_SATURDAY = 5
HOURS_A_DAY = 24
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """A month's mean temperature in °C and rain in mm a day, beside the same month of other years."""

    month: str
    warmth: float
    usual_warmth: float
    rain: float
    usual_rain: float
    years: int

    @property
    def warmer(self) -> float:
        """By how many degrees it was warmer than usual."""
        return self.warmth - self.usual_warmth

    @property
    def words(self) -> str:
        """The weather in a sentence."""
        return (
            f"{in_words(self.month)} was {_warmth(self.warmer)} ({self.warmth:.1f} °C on average; "
            f"{self.usual_warmth:.1f} °C is usual over {self.years} years) and {_rain(self.rain, self.usual_rain)} "
            f"({self.rain:.1f} mm of rain a day; {self.usual_rain:.1f} mm is usual)."
        )


def circumstances(reader: CrimeReader, panel: Panel, topic: Topic, month: str) -> Sequence[str]:
    """What a month was like, in sentences: its weather where it is known, how warmth goes with a topic, its days."""
    series = _series(reader)
    weather = weather_of(series, month)
    if weather is None:
        return (calendar_words(month),)
    goes = warmth_words(panel, topic, series)
    return tuple(each for each in (weather.words, goes, calendar_words(month)) if each)


def weather_of(series: Mapping[str, tuple[float, float]], month: str) -> Weather | None:
    """A month's weather beside up to `YEARS` years before it; None where too little is known."""
    before = [later(month, -12 * year) for year in range(1, YEARS + 1)]
    past = [series[each] for each in before if each in series]
    if month not in series or len(past) < LEAST_YEARS:
        return None
    usual_warmth, usual_rain = np.mean(past, axis=0)
    warmth, rain = series[month]
    return Weather(
        month=month,
        warmth=warmth,
        usual_warmth=float(usual_warmth),
        rain=rain,
        usual_rain=float(usual_rain),
        years=len(past),
    )


def warmth_words(panel: Panel, topic: Topic, series: Mapping[str, tuple[float, float]]) -> str:
    """How much more (or less) of a topic London recorded for each degree above the usual; empty where it is not clear."""
    counts, months = panel.counts[topic.key], panel.months
    warmer = np.array([each.warmer if (each := weather_of(series, month)) else np.nan for month in months])
    beyond = _beyond(counts, months)
    usable = ordinary(months) & ~np.isnan(warmer) & ~np.isnan(beyond)
    if usable.sum() < LEAST_MONTHS:
        return ""
    slope, error = _slope(warmer[usable], beyond[usable])
    if abs(slope) < CLEAR * error:
        return ""
    more = "more" if slope > 0 else "less"
    first, last = (months[at] for at in np.flatnonzero(usable)[[0, -1]])
    return (
        f"From {in_words(first)} to {in_words(last)}, each degree above the usual went with about "
        f"{abs(slope) * 100:.1f}% {more} {topic.label} in London. That is no cause and no forecast."
    )


def calendar_words(month: str) -> str:
    """A month's weekend days and bank holidays, beside those of the same month a year before, and its clock change."""
    before = later(month, -12)
    weekends, holidays_ = _weekend_days(month), _bank_holidays(month)
    return (
        f"{in_words(month)} had {weekends} Saturdays and Sundays{_beside(weekends - _weekend_days(before), before)} and "
        f"{_NUMBERS[holidays_]} bank holiday{'' if holidays_ == 1 else 's'}"
        f"{_beside(holidays_ - _bank_holidays(before), before)}.{_clock_words(month)}"
    )


def _clock_words(month: str) -> str:
    """A sentence on the day London's clocks changed; nothing in a month in which they did not."""
    for day in _dates(month):
        hours = _hours(day)
        if hours < HOURS_A_DAY:
            return (
                f" The clocks went forward on {day.day} {day:%B}: that day had {hours} hours, and evenings were "
                "light an hour longer from then on."
            )
        if hours > HOURS_A_DAY:
            return (
                f" The clocks went back on {day.day} {day:%B}: that day had {hours} hours, and it was dark an hour "
                "earlier in the evening from then on."
            )
    return ""


def _hours(day: date) -> int:
    """How many hours a day has in London: 24 but on the days the clocks change."""
    begins, ends = (datetime.combine(each, time(), LONDON) for each in (day, day + timedelta(days=1)))
    return round((ends.astimezone(UTC) - begins.astimezone(UTC)) / timedelta(hours=1))


def _beside(more: int, before: str) -> str:
    if more == 0:
        return ""
    return f" ({_NUMBERS[abs(more)]} {'more' if more > 0 else 'fewer'} than {in_words(before)})"


def _series(reader: CrimeReader) -> Mapping[str, tuple[float, float]]:
    """Temperature and rain of every month known, in °C and mm a day."""
    found: dict[str, tuple[float, float]] = {}
    voices = speaking(reader.files(), Dataset.WEATHER)
    for file in {each.sha256: each for each in voices.values()}.values():
        rows = {row.minor: row.counts for row in reader.rows(file.sha256)}
        for at, month in enumerate(file.months):
            if voices[month] is file:
                found[month] = (rows["mean_temp"][at] / 10, rows["precipitation"][at] / 10)
    return found


def _beyond(counts: Counts, months: Sequence[str]) -> Counts:
    """By what part London recorded more in each month than the months before it and the season made likely."""
    lengths = exposure(months, seasons(counts, months))
    said = (followed(counts, lengths)[:, :-1] * lengths[:, 1:]).sum(axis=0)
    came = counts[:, 1:].sum(axis=0)
    return np.concatenate([[np.nan], came / np.maximum(said, 1) - 1])


def _slope(of: Counts, on: Counts) -> tuple[float, float]:
    """The slope of a line through points, and its standard error."""
    x, y = of - of.mean(), on - on.mean()
    slope = float((x * y).sum() / max((x**2).sum(), 1e-9))
    left = y - slope * x
    return slope, float(np.sqrt((left**2).sum() / max(len(x) - 2, 1) / max((x**2).sum(), 1e-9)))


def _warmth(warmer: float) -> str:
    if abs(warmer) < _MILD:
        return "about as warm as usual"
    degrees = max(round(abs(warmer)), 1)
    many = (
        f"about {_NUMBERS[degrees]} degree{'' if degrees == 1 else 's'}" if degrees < len(_NUMBERS) else "far"
    )
    return f"{many} {'warmer' if warmer > 0 else 'colder'} than usual"


def _rain(rain: float, usual: float) -> str:
    part = rain / max(usual, 0.1)
    return "drier" if part < _DRY else "wetter" if part > _WET else "about as wet as usual"


def _dates(month: str) -> Sequence[date]:
    year, part = divmod(number(month), 12)
    return [date(year, part + 1, day) for day in range(1, days(month) + 1)]


def _weekend_days(month: str) -> int:
    return sum(each.weekday() >= _SATURDAY for each in _dates(month))


def _bank_holidays(month: str) -> int:
    """How many bank holidays a month had: in England one that falls on a weekend is held on a weekday instead."""
    import holidays  # noqa: PLC0415 - slow to load, and only asked where a month is explained

    known = holidays.country_holidays("GB", subdiv="ENG", years=int(month[:4]))
    return sum(each in known for each in _dates(month) if each.weekday() < _SATURDAY)
