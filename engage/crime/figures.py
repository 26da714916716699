"""The figures a page or a post may show: London by borough, one borough by topic, each fairly compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engage.crime.breaks import between
from engage.crime.compare import Change, compare
from engage.crime.months import days, in_words, later
from engage.crime.records import ATTRIBUTION, CrimeReader, ImportedFile, Residents
from engage.crime.series import NoFigures, Panel, panel_of
from engage.crime.suppression import limits, said
from engage.crime.topics import DEFAULT, Topic, topic_called
from engage.crime.unplaced import shifted
from engage.crime.unusual import Standing, a_year_before, require, standings
from engage.posts.places import BOROUGHS, Place
from engage.posts.places import borough as borough_called

NOT_COMPARED = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One month of a series."""

    month: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFigure:
    """One topic in one borough and month, beside the same month a year before.

    `longer` is the days of the month over those of the month a year before, which `change` allows for; `rate` is per 1,000 residents; `usual` and `unusual` say how the count stands to what was likely
    (`unusual` is the reason in words, empty when nothing is); `file` is what the count was read from.
    """

    borough: str
    topic: str
    label: str
    month: str
    month_before: str
    count_now: int
    count_before: int | None
    longer: Fraction
    change: str
    change_percent: int | None
    rate: float | None
    residents: int | None
    residents_year: int | None
    standing: Standing | None
    file: ImportedFile
    file_before: ImportedFile | None
    rows: int
    rows_before: int
    not_compared: str = ""
    """Why there is no count of a year before although there are figures: recording, or how much is placed, changed."""
    under: int | None = None
    under_before: int | None = None
    """What the count (now, and a year before) is said to be under where it is not said exactly: see `suppression`."""

    @property
    def said_now(self) -> str:
        """The count as the public may be told it."""
        return said(self.count_now, self.under)

    @property
    def said_before(self) -> str:
        """The count a year before as the public may be told it; nothing where there is none."""
        if self.count_before is None:
            return ""
        return said(self.count_before, self.under_before)

    @property
    def said_change(self) -> str:
        """The change as the public may be told it: none beside a count held back, which it would narrow.

        Only 4 of those "fewer than 5" are about the same as 12.
        """
        return self.change if self.under is None and self.under_before is None else NOT_COMPARED

    @property
    def period_now(self) -> str:
        """The month in words."""
        return in_words(self.month)

    @property
    def period_before(self) -> str:
        """The same month a year before, in words."""
        return in_words(self.month_before)

    @property
    def usual(self) -> float | None:
        """The count that was to be expected."""
        return self.standing.usual if self.standing else None

    @property
    def unusual(self) -> str:
        """Why the count is out of line, in words; empty when it is not."""
        return self.standing.why if self.standing else ""

    @property
    def synthetic(self) -> bool:
        """Whether the count was made up for a demonstration."""
        return self.file.synthetic

    def to_json(self) -> dict[str, object]:
        """The figure as JSON types."""
        return {
            "borough": self.borough,
            "topic": self.topic,
            "label": self.label,
            "month": self.month,
            "count_now": self.count_now,
            "said_now": self.said_now,
            "said_before": self.said_before,
            "month_before": self.month_before,
            "count_before": self.count_before,
            "change": self.change,
            "not_compared": self.not_compared,
            "rate_per_1000": self.rate,
            "residents": self.residents,
            "residents_year": self.residents_year,
            "usual": None if self.usual is None else round(self.usual, 1),
            "unusual": self.unusual,
            "synthetic": self.synthetic,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BoroughFigures:
    """A borough in a month: every topic, what is unusual, and the history behind each."""

    borough: str
    month: str
    topics: tuple[TopicFigure, ...]
    months: tuple[str, ...]
    panel: Panel

    @property
    def unusual(self) -> tuple[TopicFigure, ...]:
        """The topics out of line, unusually high ones first."""
        found = [each for each in self.topics if each.unusual]
        return tuple(sorted(found, key=lambda each: not (each.standing and each.standing.above)))

    @property
    def synthetic(self) -> bool:
        """Whether any figure was made up for a demonstration."""
        return any(each.synthetic for each in self.topics)

    @property
    def attribution(self) -> str:
        """The line that the licence asks for."""
        return ATTRIBUTION

    @property
    def files(self) -> tuple[ImportedFile, ...]:
        """The files these figures were read from."""
        return _files(self.topics)

    def figure(self, topic: str) -> TopicFigure | None:
        """The figure of one topic, by its key."""
        return next((each for each in self.topics if each.topic == topic), None)

    def series(self, topic: str) -> tuple[Point, ...]:
        """The topic month by month, up to this month; months without a figure are left out."""
        known = topic_called(topic)
        if known.key not in self.panel.counts:
            return ()
        counts = [(each, self.panel.count(known, self.borough, each)) for each in self.panel.months]
        return tuple(
            Point(month=month, count=count)
            for month, count in counts
            if count is not None and month <= self.month
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LondonFigures:
    """One topic in one month, borough by borough."""

    topic: str
    label: str
    month: str
    boroughs: tuple[TopicFigure, ...]
    topics: tuple[Topic, ...]
    months: tuple[str, ...]
    no_total: str = ""
    """Why there is no sum over London: a borough is missing."""

    @property
    def total(self) -> int | None:
        """All 32 boroughs together, where all are known; the City and crimes without a known borough are not in it."""
        return None if self.no_total else sum(each.count_now for each in self.boroughs)

    @property
    def synthetic(self) -> bool:
        """Whether any figure was made up for a demonstration."""
        return any(each.synthetic for each in self.boroughs)

    @property
    def attribution(self) -> str:
        """The line that the licence asks for."""
        return ATTRIBUTION

    @property
    def files(self) -> tuple[ImportedFile, ...]:
        """The files these figures were read from."""
        return _files(self.boroughs)


def anything(reader: CrimeReader) -> bool:
    """Whether any file with crime counts has been imported."""
    return any(file.dataset.counts_crime for file in reader.files())


def london(reader: CrimeReader, *, month: str | None = None, topic: str | None = None) -> LondonFigures:
    """One topic (burglary where none is named) in a month (the newest where none is named), by borough.

    Raises NoFigures, UnknownTopic, or BadInput for what is not a month.
    """
    panel = panel_of(reader)
    about = topic_called(topic or DEFAULT)
    when = month or panel.last(about)
    require(panel, about, when)
    makes = _Maker(panel, reader, when)
    lacking = panel.lacking(about, when)
    return LondonFigures(
        topic=about.key,
        label=about.label,
        month=when,
        boroughs=tuple(makes.figure(about, place) for place in BOROUGHS if place.name not in lacking),
        topics=tuple(panel.topics(when)),
        months=tuple(panel.voices[about.key]),
        no_total=_lacks(panel, about, lacking, when) if lacking else "",
    )


def borough_figures(
    reader: CrimeReader, borough: str, *, month: str | None = None, topic: str | None = None
) -> BoroughFigures:
    """Every topic (or one) in a borough in a month (the newest where none is named).

    Raises UnknownBorough, NoFigures, UnknownTopic, or BadInput for what is not a month.
    """
    place = borough_called(borough)
    panel = panel_of(reader)
    wanted = topic_called(topic) if topic else None
    when = month or panel.last(wanted)
    panel.column(when)
    if wanted:
        require(panel, wanted, when)
    makes = _Maker(panel, reader, when)
    listed = panel.topics(when)
    known = [each for each in listed if place.name not in panel.lacking(each, when)]
    topics = [wanted] if wanted else known or listed
    return BoroughFigures(
        borough=place.name,
        month=when,
        topics=tuple(makes.figure(each, place) for each in topics),
        months=tuple(sorted({each for voice in panel.voices.values() for each in voice})),
        panel=panel,
    )


class _Maker:
    """Makes the figures of one month."""

    def __init__(self, panel: Panel, reader: CrimeReader, month: str) -> None:
        self._panel = panel
        self._reader = reader
        self._month = month
        self._residents = _residents(reader.population(), int(month[:4]))
        self._standings: dict[str, Mapping[str, Standing]] = {}
        self._whys: dict[str, str] = {}

    def figure(self, topic: Topic, place: Place) -> TopicFigure:
        if topic.key not in self._standings:
            self._standings[topic.key] = standings(self._panel, topic, self._month)
        year_before = later(self._month, -12)
        now = self._panel.count(topic, place.name, self._month)
        if now is None:
            raise NoFigures(
                _lacks(self._panel, topic, [place.name], self._month),
                where="--borough",
                remedy="Import a file that has every borough.",
            )
        known = a_year_before(self._panel, topic, place.name, self._month)
        why = "" if known is None else self._not_compared(topic, year_before)
        before = None if why else known
        longer = Fraction(days(self._month), days(year_before))
        change = Change(False, None, NOT_COMPARED) if before is None else compare(now, before, longer=longer)
        lived = self._residents.get(place.name)
        people = lived.people if lived else None
        voices = self._panel.voices[topic.key]
        return TopicFigure(
            borough=place.name,
            topic=topic.key,
            label=topic.label,
            month=self._month,
            month_before=year_before,
            count_now=now,
            count_before=before,
            not_compared=why,
            longer=longer,
            change=change.words,
            change_percent=change.percent,
            rate=round(now / people * 1000, 2) if people else None,
            residents=people,
            residents_year=lived.year if lived else None,
            standing=self._standings[topic.key].get(place.name),
            file=voices[self._month],
            file_before=voices.get(year_before),
            rows=self._panel.lines(topic, place.name, self._month),
            rows_before=self._panel.lines(topic, place.name, year_before),
            under=limits(self._panel, self._month).get((place.name, topic.key)),
            under_before=None
            if before is None
            else limits(self._panel, year_before).get((place.name, topic.key)),
        )

    def _not_compared(self, topic: Topic, year_before: str) -> str:
        """Why a topic is not compared with the year before, for all boroughs alike."""
        if topic.key not in self._whys:
            counts = self._panel.partial[topic.key]
            broken = between(counts, self._panel.months, year_before, self._month)
            self._whys[topic.key] = broken or shifted(
                self._reader, self._panel, topic, year_before, self._month
            )
        return self._whys[topic.key]


def _lacks(panel: Panel, topic: Topic, boroughs: Sequence[str], month: str) -> str:
    """In words, that figures of boroughs which the file of a month does not name cannot be given."""
    others = f" and {len(boroughs) - 1} more of the boroughs" if len(boroughs) > 1 else ""
    whose = "their" if others else "its"
    return (
        f"The file {panel.voices[topic.key][month].file_name} has no rows for {boroughs[0]}{others}: {whose} "
        f"figures for {in_words(month)} cannot be given."
    )


def _residents(population: Sequence[Residents], year: int) -> Mapping[str, Residents]:
    """The newest estimate of each borough that is not of a later year than the figures."""
    ordered = sorted((each for each in population if each.year <= year), key=lambda each: each.year)
    return {each.borough: each for each in ordered}


def _files(figures: Sequence[TopicFigure]) -> tuple[ImportedFile, ...]:
    found = {each.sha256: each for figure in figures for each in (figure.file, figure.file_before) if each}
    return tuple(sorted(found.values(), key=lambda each: each.as_of, reverse=True))
