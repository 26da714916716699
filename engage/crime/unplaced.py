"""Crimes recorded without a borough: where their share of a topic changes, the boroughs' counts move by themselves.

In October 2023 it was a tenth of London's crimes, a year later next to none. A borough's count seemed to rise
by what was only put in its place.
"""

from collections import OrderedDict
from collections.abc import Mapping
from fractions import Fraction
from threading import Lock

from engage.crime.months import in_words
from engage.crime.records import CrimeReader, ImportedFile
from engage.crime.series import Panel, topics_of
from engage.crime.topics import Topic

NOWHERE = "Unknown"
FARTHEST = Fraction(3, 100)
"""By how much the shares of two months may differ for their counts by borough to be compared."""
_KEPT = 128

Counted = tuple[list[int], list[int]]
"""Crimes of a topic in each month of a file: those without a borough, and all."""

_counted: OrderedDict[str, Mapping[str, Counted]] = OrderedDict()
_guard = Lock()


def shifted(reader: CrimeReader, panel: Panel, topic: Topic, before: str, now: str) -> str:
    """Why a topic's counts by borough of two months are not set beside each other; empty where they may be.

    Both months must have figures on the topic.
    """
    voices = panel.voices[topic.key]
    shares = {month: _share(reader, voices[month], topic, month) for month in (before, now)}
    if abs(shares[before] - shares[now]) <= FARTHEST:
        return ""
    more, fewer = sorted(shares, key=shares.__getitem__, reverse=True)
    return (
        f"In {in_words(more)} {float(shares[more]):.1%} of them were recorded without a borough, "
        f"in {in_words(fewer)} {float(shares[fewer]):.1%}."
    )


def _share(reader: CrimeReader, file: ImportedFile, topic: Topic, month: str) -> Fraction:
    """The share of a topic that a file counts in no known place in a month, of all that it counts."""
    nowhere, every = _counts(reader, file)[topic.key]
    at = file.months.index(month)
    return Fraction(nowhere[at], every[at]) if every[at] else Fraction(0)


def _counts(reader: CrimeReader, file: ImportedFile) -> Mapping[str, Counted]:
    """What a file counts of each topic. A file never changes, so it is counted once."""
    with _guard:
        if file.sha256 in _counted:
            _counted.move_to_end(file.sha256)
            return _counted[file.sha256]
    found: dict[str, Counted] = {}
    for row in reader.rows(file.sha256):
        for topic in topics_of(file.dataset, row.major, row.minor):
            nowhere, every = found.setdefault(topic.key, ([0] * len(row.counts), [0] * len(row.counts)))
            for at, count in enumerate(row.counts):
                every[at] += count
                nowhere[at] += count if row.borough == NOWHERE else 0
    with _guard:
        _counted[file.sha256] = found
        while len(_counted) > _KEPT:
            _counted.popitem(last=False)
    return found
