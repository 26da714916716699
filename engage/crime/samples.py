"""Made-up figures in the exact published formats, the same for the same month, and never mistaken for real ones.

Every file has SYNTHETIC in its name and in its text, so that a renamed copy is still known for what it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engage.crime.months import MONTHS_A_YEAR, days, later, number
from engage.crime.sources.street import FORCE, HEADER
from engage.posts.places import BOROUGHS, Place

SEED = 20_260_900
RECENT_MONTHS = 24
PAST_MONTHS = 72
STREET_MONTHS = 2
WEATHER_MONTHS = 15 * MONTHS_A_YEAR
WARMER = 2.0
"""By how many degrees the newest month is made warmer."""
MARK = "SYNTHETIC"
Row = Sequence[object]
Counts = Mapping[tuple[str, str, str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up category: how many a month in a middling borough, how much winter adds, how it drifts a year."""

    major: str
    minor: str
    usual: float
    winter: float = 0.0
    drift: float = 0.0


CATEGORIES: tuple[Made, ...] = (
    Made("ARSON AND CRIMINAL DAMAGE", "ARSON", 6),
    Made("ARSON AND CRIMINAL DAMAGE", "CRIMINAL DAMAGE", 130, -0.06),
    Made("BURGLARY", "BURGLARY BUSINESS AND COMMUNITY", 40, 0.05),
    Made("BURGLARY", "RES BURGLARY OF A HOME", 62, 0.15, -0.03),
    Made("BURGLARY", "RES BURGLARY OF UNCONNECTED BUILDING", 25, 0.05),
    Made("DRUG OFFENCES", "POSSESSION OF DRUGS", 85),
    Made("DRUG OFFENCES", "TRAFFICKING OF DRUGS", 18),
    Made("MISCELLANEOUS CRIMES AGAINST SOCIETY", "MISC CRIMES AGAINST SOCIETY", 30),
    Made("POSSESSION OF WEAPONS", "POSSESSION OF WEAPONS", 14),
    Made("PUBLIC ORDER OFFENCES", "PUBLIC FEAR ALARM OR DISTRESS", 120, -0.08),
    Made("PUBLIC ORDER OFFENCES", "OTHER OFFENCES PUBLIC ORDER", 20),
    Made("ROBBERY", "ROBBERY OF BUSINESS PROPERTY", 14),
    Made("ROBBERY", "ROBBERY OF PERSONAL PROPERTY", 70, 0.08, -0.04),
    Made("SEXUAL OFFENCES", "OTHER SEXUAL OFFENCES", 30),
    Made("SEXUAL OFFENCES", "RAPE", 18),
    Made("THEFT", "BICYCLE THEFT", 40, -0.35, -0.05),
    Made("THEFT", "OTHER THEFT", 280, -0.02),
    Made("THEFT", "SHOPLIFTING", 200, 0.02, 0.04),
    Made("THEFT", "THEFT FROM THE PERSON", 180, 0.06, 0.02),
    Made("VEHICLE OFFENCES", "AGGRAVATED VEHICLE TAKING", 2),
    Made("VEHICLE OFFENCES", "INTERFERING WITH A MOTOR VEHICLE", 28),
    Made("VEHICLE OFFENCES", "THEFT FROM A VEHICLE", 135, 0.05, -0.05),
    Made("VEHICLE OFFENCES", "THEFT OR UNAUTH TAKING OF A MOTOR VEH", 80),
    Made("VIOLENCE AGAINST THE PERSON", "HOMICIDE", 0.3),
    Made("VIOLENCE AGAINST THE PERSON", "VIOLENCE WITH INJURY", 190, -0.08),
    Made("VIOLENCE AGAINST THE PERSON", "VIOLENCE WITHOUT INJURY", 260, -0.05),
)
RISES: Mapping[tuple[str, str], float] = {
    ("Camden", "THEFT FROM THE PERSON"): 1.5,
    ("Lambeth", "BICYCLE THEFT"): 1.9,
    ("Barnet", "RES BURGLARY OF A HOME"): 2.3,
    ("Newham", "THEFT FROM A VEHICLE"): 1.7,
    ("Westminster", "ROBBERY OF PERSONAL PROPERTY"): 0.45,
}
"""What is out of line in the newest month: the borough and category, and by how much."""

_OLD_NAMES: Mapping[str, str] = {
    "THEFT FROM THE PERSON": "THEFT FROM PERSON",
    "TRAFFICKING OF DRUGS": "DRUG TRAFFICKING",
}


def write_samples(directory: Path, *, last_month: str = "2026-09") -> list[Path]:
    """Write borough files (24 months and older), street files, populations and weather; the paths, in that order.

    The same month always gives the same bytes. Raises BadInput for what is not a month, OSError where the
    directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    months = [later(last_month, step) for step in range(1 - RECENT_MONTHS - PAST_MONTHS, 1)]
    counts = _counts(months)
    return [
        _write(
            directory / f"{MARK} MPS Borough Level Crime (most recent 24 months).csv",
            _borough_file(counts, months, recent=True),
        ),
        _write(
            directory / f"{MARK} MPS Borough Level Crime (Historical).csv",
            _borough_file(counts, months, recent=False),
        ),
        *(
            _write(directory / f"{MARK}-{month}-metropolitan-street.csv", _street_file(counts, months, month))
            for month in months[-STREET_MONTHS:]
        ),
        _write(directory / f"{MARK} population.csv", _population_file(int(last_month[:4]))),
        _write(directory / f"{MARK} weather.csv", _weather_file(last_month)),
    ]


def _counts(months: Sequence[str]) -> Counts:
    chance = np.random.default_rng(SEED)
    made: dict[tuple[str, str, str], Sequence[int]] = {}
    for place in BOROUGHS:
        size = chance.lognormal(0, 0.3) * (2.2 if place.name == "Westminster" else 1)
        for category in CATEGORIES:
            means = _means(category, months) * size * chance.lognormal(0, 0.2)
            means[-1] *= RISES.get((place.name, category.minor), 1)
            spread = chance.gamma(250, 1 / 250, len(months))
            made[place.name, category.major, category.minor] = chance.poisson(means * spread).tolist()
    return made


def _means(category: Made, months: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    at = np.arange(len(months))
    calendar = np.array([number(month) % MONTHS_A_YEAR for month in months])
    season = 1 + category.winter * np.cos(2 * np.pi * calendar / MONTHS_A_YEAR)
    trend = (1 + category.drift) ** ((at - at[-1]) / MONTHS_A_YEAR)
    lengths = np.array([days(month) for month in months]) / 30.4
    return np.asarray(category.usual * season * trend * lengths)


def _borough_file(counts: Counts, months: Sequence[str], *, recent: bool) -> Iterator[Row]:
    """The newest months under today's header, or the older ones under the header and names of before."""
    part = slice(-RECENT_MONTHS, None) if recent else slice(None, -RECENT_MONTHS)
    borough = "BoroughName" if recent else "LookUp_BoroughName"
    yield ("MajorText", "MinorText", borough, *(month.replace("-", "") for month in months[part]))
    for (place, major, minor), values in counts.items():
        if recent:
            yield (major, minor, place, *values[part])
        else:
            yield (major.title(), _OLD_NAMES.get(minor, minor).title(), place, *values[part])
    yield (MARK, "FIGURES MADE UP FOR A DEMONSTRATION", "Unknown", *([0] * len(months[part])))


def _street_file(counts: Counts, months: Sequence[str], month: str) -> Iterator[Row]:
    yield HEADER
    at = months.index(month)
    serial = 0
    for place in BOROUGHS:
        many = sum(
            values[at]
            for (name, major, _), values in counts.items()
            if (name, major) == (place.name, "BURGLARY")
        )
        for _ in range(many):
            serial += 1
            yield _street_row(place, month, serial)


def _street_row(place: Place, month: str, serial: int) -> Row:
    return (
        f"{MARK}-{month}-{serial:06d}",
        month,
        FORCE,
        FORCE,
        "-0.100000",
        "51.500000",
        f"On or near {MARK} Street",
        "E01000000",
        f"{place.name} 001A",
        "Burglary",
        "Under investigation",
        "",
    )


def _population_file(year: int) -> Iterator[Row]:
    chance = np.random.default_rng(SEED)
    years = range(year - 3, year)
    yield ("Code", "Area name", "Inner/ Outer London", *(f"{each}_Population" for each in years))
    for place in BOROUGHS:
        people = int(chance.integers(180_000, 400_000))
        yield (place.code, place.name, "Outer", *(people + 1500 * step for step in range(len(years))))
    yield (MARK, "Made up for a demonstration", "", *(0 for _ in years))


def _weather_file(last_month: str) -> Iterator[Row]:
    """Daily weather of fifteen years, the newest month warmer than it was before."""
    yield ("date", "mean_temp", "precipitation", "source")
    chance = np.random.default_rng(SEED)
    for step in range(1 - WEATHER_MONTHS, 1):
        month = later(last_month, step)
        calendar = 2 * np.pi * (number(month) % MONTHS_A_YEAR - 0.5) / MONTHS_A_YEAR
        warmth = 11 - 7 * np.cos(calendar) + chance.normal(0, 0.8) + (WARMER if step == 0 else 0)
        for day in range(1, days(month) + 1):
            degrees, rain = chance.normal(warmth, 1.5), chance.gamma(0.3, 6.0)
            yield (f"{month.replace('-', '')}{day:02d}", f"{degrees:.1f}", f"{rain:.1f}", MARK)


def _write(path: Path, rows: Iterator[Row]) -> Path:
    lines = (",".join(str(cell) for cell in row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path
