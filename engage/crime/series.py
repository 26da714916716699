"""Monthly series: what the standing files say of every topic, borough and month, laid out once as arrays.

A panel is made from file hashes alone, so one that was made for the same files is used again.
"""

import functools
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from engage.crime.months import MONTHS_A_YEAR, month_at, number
from engage.crime.records import CountRow, CrimeReader, Dataset, ImportedFile, speaking
from engage.crime.topics import TOPICS, Topic
from engage.posts.errors import BadInput
from engage.posts.places import BOROUGHS

Counts = npt.NDArray[np.float64]
"""Boroughs down, months across; NaN where nothing is known."""

NAMES: tuple[str, ...] = tuple(place.name for place in BOROUGHS)
LONDON = "London"
"""All 32 boroughs together; the City and crimes of no known borough are not in it."""
_INDEX: Mapping[str, int] = {name: index for index, name in enumerate(NAMES)}
_KEPT = 4
_LEAST_A_MONTH = 2


class NoFigures(BadInput):
    """No imported file says anything about what was asked for."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Panel:
    """Counts of every topic: `counts[topic]` has a row for each of `NAMES`, a column for each of `months`.

    A month of which a borough is not known is not known in `counts` at all, since whatever is measured against London
    would be wrong. `partial` has what is known of the other boroughs in such a month.
    """

    months: tuple[str, ...]
    counts: Mapping[str, Counts]
    partial: Mapping[str, Counts]
    voices: Mapping[str, Mapping[str, ImportedFile]]
    """For each topic and month, the file that its counts come from."""
    stood: Mapping[tuple[str, str, str], int]
    """How many lines of a file stand behind a topic in a borough (by topic, borough and file hash)."""

    def column(self, month: str) -> int:
        """Where a month stands. Raises NoFigures."""
        place = number(month) - number(self.months[0])
        if not 0 <= place < len(self.months):
            raise NoFigures(
                f"There are no figures for {month}.",
                where="--month",
                remedy=f"The imported files cover {self.months[0]} to {self.months[-1]}.",
            )
        return place

    def count(self, topic: Topic, borough: str, month: str) -> int | None:
        """The count in one borough and month; None where no file speaks, or one that lacks the borough."""
        if topic.key not in self.counts or not self.months[0] <= month <= self.months[-1]:
            return None
        value = self.partial[topic.key][_INDEX[borough], self.column(month)]
        return None if np.isnan(value) else int(value)

    def line(self, topic: Topic, borough: str) -> Counts:
        """One series over all months."""
        whole: Counts = self.counts[topic.key][_INDEX[borough]]
        return whole

    def lines(self, topic: Topic, borough: str, month: str) -> int:
        """How many lines of its file a count was made from."""
        file = self.voices.get(topic.key, {}).get(month)
        return self.stood.get((topic.key, borough, file.sha256), 0) if file else 0

    def last(self, topic: Topic | None = None) -> str:
        """The newest month there are figures for, of one topic or of any."""
        keys = [topic.key] if topic else list(self.counts)
        newest = max((max(self.voices[key]) for key in keys if self.voices.get(key)), default=None)
        if newest is None:
            what = f"about {topic.label}" if topic else "of any kind"
            raise NoFigures(
                f"No imported file has figures {what}.", remedy="Import one with `engage import`."
            )
        return newest

    def lacking(self, topic: Topic, month: str) -> Sequence[str]:
        """The boroughs that the file which speaks for a month says nothing of."""
        unknown = np.isnan(self.partial[topic.key][:, self.column(month)])
        return [NAMES[at] for at in np.flatnonzero(unknown)]

    def topics(self, month: str) -> Sequence[Topic]:
        """The topics counted by borough in a month, in the order of `TOPICS`."""
        return [
            topic
            for topic in TOPICS
            if month in self.voices.get(topic.key, {}) and self.is_counted(topic, month)
        ]

    def is_counted(self, topic: Topic, month: str) -> bool:
        """Whether the boroughs together recorded two a month in the year to a month.

        Files go on listing what is counted elsewhere now, such as fraud, as nought in nearly every borough.
        London's homicides are eight.
        """
        end = self.column(month) + 1
        year = self.partial[topic.key][:, max(end - MONTHS_A_YEAR, 0) : end]
        return bool(np.nansum(year) >= _LEAST_A_MONTH * year.shape[1])


_panels: OrderedDict[tuple[str, ...], Panel] = OrderedDict()
_guard = Lock()


def panel_of(reader: CrimeReader) -> Panel:
    """The panel of the files that stand now. Raises NoFigures where nothing was imported."""
    files = reader.files()
    voices = {dataset: speaking(files, dataset) for dataset in (Dataset.MPS_BOROUGH, Dataset.STREET)}
    standing = {each.sha256: each for voice in voices.values() for each in voice.values()}
    if not standing:
        raise NoFigures(
            "No crime figures have been imported yet.", remedy="Import some with `engage import`."
        )
    key = tuple(f"{each.sha256}:{each.file_name}" for each in files)
    with _guard:
        if key in _panels:
            _panels.move_to_end(key)
            return _panels[key]
    panel = build(voices, {sha256: reader.rows(sha256) for sha256 in standing})
    with _guard:
        _panels[key] = panel
        while len(_panels) > _KEPT:
            _panels.popitem(last=False)
    return panel


def build(
    voices: Mapping[Dataset, Mapping[str, ImportedFile]], rows: Mapping[str, Sequence[CountRow]]
) -> Panel:
    """Lay out the rows (by file hash) of the files that speak for each month of each dataset."""
    months = _span(month for voice in voices.values() for month in voice)
    counts: dict[str, Counts] = {}
    heard: dict[str, Mapping[str, ImportedFile]] = {}
    for dataset, voice in voices.items():
        for key, (array, months_heard) in _lay_out(dataset, voice, rows, months).items():
            if key not in counts:
                counts[key] = array
                heard[key] = {month: voice[month] for month in months_heard}
    return Panel(
        months=months,
        counts={key: np.where(np.isnan(array).any(axis=0), np.nan, array) for key, array in counts.items()},
        partial=counts,
        voices=heard,
        stood=_stood(voices, rows),
    )


def _stood(
    voices: Mapping[Dataset, Mapping[str, ImportedFile]], rows: Mapping[str, Sequence[CountRow]]
) -> Mapping[tuple[str, str, str], int]:
    stood: Counter[tuple[str, str, str]] = Counter()
    for dataset, voice in voices.items():
        for sha256 in {file.sha256 for file in voice.values()}:
            for row in rows[sha256]:
                for topic in topics_of(dataset, row.major, row.minor):
                    stood[topic.key, row.borough, sha256] += row.rows
    return stood


def _span(months: Iterable[str]) -> tuple[str, ...]:
    numbers = [number(month) for month in months]
    return tuple(month_at(each) for each in range(min(numbers), max(numbers) + 1))


def _lay_out(
    dataset: Dataset,
    voice: Mapping[str, ImportedFile],
    rows: Mapping[str, Sequence[CountRow]],
    months: Sequence[str],
) -> Mapping[str, tuple[Counts, list[str]]]:
    found: dict[str, tuple[Counts, list[str]]] = {}
    first = number(months[0])
    for sha256, file in {each.sha256: each for each in voice.values()}.items():
        own = [index for index, month in enumerate(file.months) if voice[month] is file]
        columns = [number(file.months[index]) - first for index in own]
        named = _named(dataset, rows[sha256], len(file.months))
        for topic, sums in _sums(dataset, rows[sha256], len(file.months)).items():
            if not sums.any():
                continue  # Counted for London alone, as fraud is: no borough has a figure.
            since = topic.street_since if dataset is Dataset.STREET else topic.since
            comparable = [at for at, index in enumerate(own) if file.months[index] >= since]
            if not comparable:
                continue
            if topic.key not in found:
                found[topic.key] = (np.full((len(NAMES), len(months)), np.nan), [])
            array, heard = found[topic.key]
            known = np.where(named, sums, np.nan)
            array[:, [columns[at] for at in comparable]] = known[:, [own[at] for at in comparable]]
            heard.extend(file.months[own[at]] for at in comparable)
    return found


def _named(dataset: Dataset, rows: Sequence[CountRow], width: int) -> npt.NDArray[np.bool_]:
    """Of which boroughs a file says anything, month by month: one that it does not name has no count, rather than 0.

    A street file names no month in which nothing was recorded.
    """
    named = np.zeros((len(NAMES), width), np.bool_)
    for row in rows:
        if row.borough in _INDEX:
            named[_INDEX[row.borough]] |= np.array(row.counts) > 0 if dataset is Dataset.STREET else True
    return named


def _sums(dataset: Dataset, rows: Sequence[CountRow], width: int) -> Mapping[Topic, Counts]:
    sums: dict[Topic, Counts] = {}
    for row in rows:
        place = _INDEX.get(row.borough)
        for topic in topics_of(dataset, row.major, row.minor):
            array = sums.setdefault(topic, np.zeros((len(NAMES), width)))
            if place is not None:
                array[place] += row.counts
    return sums


@functools.cache
def topics_of(dataset: Dataset, major: str, minor: str) -> tuple[Topic, ...]:
    """The topics that a category of a dataset counts towards."""
    if dataset is Dataset.STREET:
        return tuple(topic for topic in TOPICS if major in topic.street)
    return tuple(topic for topic in TOPICS if topic.counts(major, minor))
