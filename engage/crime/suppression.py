"""Which counts of a month are not said exactly: small ones, and those from which a small one could be worked out.

A count under `LEAST` (`LEAST_SENSITIVE` where the topic itself is sensitive or rare) points to people. It can
also follow by adding and subtracting: burglary less its other parts, or London less its other boroughs. So
the counts of a month are taken together, every borough, London and every topic, and the smallest count beside
a small one is held back too, until no small one follows. No figure sums months, so nothing follows from a year.

A count that is held back is said as "fewer than" a round number: the limit itself for a small one, and for
one beside it the next ten above what anybody could work out, so that the words add nothing.
"""

import functools
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engage.crime.series import LONDON, NAMES, Panel
from engage.crime.topics import TOPICS, Topic

LEAST = 5
LEAST_SENSITIVE = 10
_ROUND = 10
_NOTHING = 1e-9
_REST = " in no topic"

Numbers = npt.NDArray[np.float64]
Cell = tuple[str, str]
"""A place and the key of a topic."""


@dataclass(frozen=True, slots=True)
class Line:
    """A count that is the sum of others."""

    whole: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a count can be; no end where `highest` is None."""

    lowest: int
    highest: int | None

    def within(self, lowest: int, highest: int | None) -> "Range":
        """What is left of the range between two more bounds."""
        ends = [end for end in (self.highest, highest) if end is not None]
        return Range(max(self.lowest, lowest), min(ends, default=None))


def least(topic: Topic) -> int:
    """Below which a count of this topic, none aside, is not said."""
    return LEAST_SENSITIVE if topic.no_forecast else LEAST


_LEASTS = {topic.key: least(topic) for topic in TOPICS}


def said(count: int, under: int | None) -> str:
    """The count as it may be said: exact, or "fewer than" the number that it is said to be under."""
    return f"{count:,}" if under is None else f"fewer than {under:,}"


@functools.lru_cache(maxsize=256)
def limits(panel: Panel, month: str) -> Mapping[Cell, int]:
    """The counts of a month that are not said exactly, and the number each is said to be under."""
    column = panel.column(month)
    counts: dict[Cell, int] = {}
    for topic in panel.topics(month):
        values = np.nan_to_num(panel.partial[topic.key][:, column]).astype(int).tolist()
        counts |= {(name, topic.key): value for name, value in zip(NAMES, values, strict=True)}
        counts[LONDON, topic.key] = sum(values)
    return not_said(counts)


def not_said(counts: Mapping[Cell, int]) -> Mapping[Cell, int]:
    """Of these counts, London's among them, those not said exactly, and the number each is said to be under."""
    lines, rests = _sums(counts)
    every = {**counts, **rests}
    small = {cell for cell, count in every.items() if 0 < count < _least(cell)}
    hidden = small | rests.keys()
    limited = small - rests.keys()
    while True:
        while more := _alone(lines, every, hidden, rests) or _together(lines, every, hidden, small):
            hidden.add(more)
        under = _under(lines, every, hidden, limited)
        given_away = _given_away(lines, every, hidden, small, under)
        if wide := _too_tight(lines, every, given_away, limited):
            limited.remove(wide)
        elif more := _next(lines, every, hidden, given_away):
            hidden.add(more)
        else:
            return under


def _under(
    lines: Sequence[Line], counts: Mapping[Cell, int], hidden: AbstractSet[Cell], limited: AbstractSet[Cell]
) -> Mapping[Cell, int]:
    """The number that each unsaid count is said to be under; none for what is in no topic."""
    ranges = _ranges(lines, counts, hidden, limited)
    return {
        cell: _least(cell) if cell in limited else _round_above(left.highest or counts[cell])
        for cell, left in ranges.items()
        if not cell[1].endswith(_REST)
    }


def _least(cell: Cell) -> int:
    return _LEASTS.get(cell[1], LEAST)


def _round_above(count: int) -> int:
    return (count // _ROUND + 1) * _ROUND


def _sums(counts: Mapping[Cell, int]) -> tuple[Sequence[Line], Mapping[Cell, int]]:
    """Every sum among the counts: a topic and its parts in each place, and London and its boroughs.

    What a topic counts beside its parts is a part too; no figure says it, and it comes second with its count.
    """
    places = dict.fromkeys(place for place, _ in counts)
    keys = tuple(dict.fromkeys(key for _, key in counts))
    boroughs = [place for place in places if place != LONDON]
    lines = [Line((LONDON, key), tuple((place, key) for place in boroughs)) for key in keys]
    rests: dict[Cell, int] = {}
    for whole, inside in _wholes(keys):
        for place in places:
            parts = tuple((place, key) for key in inside)
            rest = counts[place, whole] - sum(counts[part] for part in parts)
            if rest > 0:
                rests[place, whole + _REST] = rest
                parts = (*parts, (place, whole + _REST))
            lines.append(Line((place, whole), parts))
    return lines, rests


def _alone(
    lines: Sequence[Line], counts: Mapping[Cell, int], hidden: AbstractSet[Cell], rests: Mapping[Cell, int]
) -> Cell | None:
    """The count to hold back next where a single sum gives a small one away."""
    plain = (line for line in lines if _gives_away(line, counts, hidden, rests))
    return next((beside for line in plain if (beside := _beside(line, counts, hidden))), None)


def _gives_away(
    line: Line, counts: Mapping[Cell, int], hidden: AbstractSet[Cell], rests: Mapping[Cell, int]
) -> bool:
    """Whether a count follows from the others of a sum, or several small ones do together."""
    unsaid = [part for part in line.parts if part in hidden]
    if line.whole in hidden or not unsaid:
        return line.whole in hidden and not unsaid
    return 0 < sum(counts[part] for part in unsaid) < LEAST or (len(unsaid) == 1 and unsaid[0] not in rests)


def _beside(line: Line, counts: Mapping[Cell, int], hidden: AbstractSet[Cell]) -> Cell | None:
    """The smallest count of a sum that can still be held back: a part, or else the whole."""
    parts = [(counts[part], part) for part in line.parts if counts[part] and part not in hidden]
    if parts:
        return min(parts)[1]
    return None if line.whole in hidden else line.whole


def _together(
    lines: Sequence[Line], counts: Mapping[Cell, int], hidden: AbstractSet[Cell], small: AbstractSet[Cell]
) -> Cell | None:
    """The count to hold back next where several sums together give a small one away.

    A count follows from sums where they can be added and subtracted until it stands alone: where a row of
    their reduced echelon form has no other.
    """
    unsaid, sums = _equations(lines, hidden)
    fixed = {unsaid[column] for column in _fixed(sums)} & small
    return _next(lines, counts, hidden, fixed)


def _equations(lines: Sequence[Line], hidden: AbstractSet[Cell]) -> tuple[Sequence[Cell], Numbers]:
    """The unsaid counts, and a row for each sum that has any: 1 for each part of it, -1 for the whole."""
    touched = [line for line in lines if not hidden.isdisjoint(line.cells)]
    unsaid = sorted({cell for line in touched for cell in line.cells} & hidden)
    at = {cell: number for number, cell in enumerate(unsaid)}
    sums = np.zeros((len(touched), len(unsaid)))
    for row, line in enumerate(touched):
        for cell in hidden & {*line.cells}:
            sums[row, at[cell]] = -1 if cell == line.whole else 1
    return unsaid, sums


def _fixed(sums: Numbers) -> list[int]:
    """The columns that stand alone in a row of the reduced echelon form (Gauss and Jordan)."""
    row = 0
    for column in range(sums.shape[1]):
        pivots = np.flatnonzero(np.abs(sums[row:, column]) > _NOTHING)
        if pivots.size:
            sums[[row, row + pivots[0]]] = sums[[row + pivots[0], row]]
            sums[row] /= sums[row, column]
            others = sums[:, column].copy()
            others[row] = 0
            sums -= others[:, None] * sums[row]
            row += 1
    kept = np.abs(sums[:row]) > _NOTHING
    return [int(np.flatnonzero(each)[0]) for each in kept if each.sum() == 1]


def _given_away(
    lines: Sequence[Line],
    counts: Mapping[Cell, int],
    hidden: AbstractSet[Cell],
    small: AbstractSet[Cell],
    under: Mapping[Cell, int],
) -> AbstractSet[Cell]:
    """The small counts that have only one number to be for whoever knows the sums and all that is said.

    What differs from the truth in any solution is not given away: two linear programmes that move all at once
    clear nearly everything, and what is left is moved by itself. Where anything can move, it can by one (the
    sums are those of a flow), so bounds of one more than the truth will do where there are none.
    """
    from scipy.optimize import linprog  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load

    unsaid, sums = _equations(lines, hidden)
    truth = np.array([counts[cell] for cell in unsaid], dtype=float)
    bounds = [(1, under[cell] - 1) if cell in under else (0, counts[cell] + 1) for cell in unsaid]
    fixed = np.array([cell in small for cell in unsaid], dtype=bool)
    for aim in (fixed.astype(float), *np.eye(len(unsaid))[fixed]):
        for way in (aim, -aim):
            if (fixed & (aim > 0)).any():
                found = linprog(way, A_eq=sums, b_eq=sums @ truth, bounds=bounds)
                fixed &= np.abs(found.x - truth) < 1 / 2
    return {cell for cell, stays in zip(unsaid, fixed, strict=True) if stays}


def _too_tight(
    lines: Sequence[Line],
    counts: Mapping[Cell, int],
    given_away: AbstractSet[Cell],
    limited: AbstractSet[Cell],
) -> Cell | None:
    """The smallest sum that its limit gives away together with its parts: nine parts of one, "fewer than 10".

    Nothing beside it can be held back, so it is said to be under more.
    """
    tight = (line.whole for line in lines if line.whole in limited and given_away & {*line.parts})
    return min(tight, key=lambda cell: (counts[cell], cell), default=None)


def _next(
    lines: Sequence[Line],
    counts: Mapping[Cell, int],
    hidden: AbstractSet[Cell],
    given_away: AbstractSet[Cell],
) -> Cell | None:
    """The smallest count beside one that is given away, or else beside any that is held back."""
    if not given_away:
        return None
    near = {_beside(line, counts, hidden) for line in lines if given_away & {*line.cells}} - {None}
    touched = [line for line in lines if hidden & {*line.cells}]
    beside = near or {_beside(line, counts, hidden) for line in touched} - {None}
    return min((cell for cell in beside if cell), key=lambda cell: (counts[cell], cell), default=None)


def _ranges(
    lines: Sequence[Line], counts: Mapping[Cell, int], hidden: AbstractSet[Cell], limited: AbstractSet[Cell]
) -> Mapping[Cell, Range]:
    """What each unsaid count can be for all that is said, one sum after another until none narrows any.

    A part is no more than the whole less the least of the others, a whole no more than the most of its parts.
    Nought is always said, so whatever is unsaid is at least one; what is in no topic can be nought.
    """
    ranges = {
        cell: Range(0 if cell[1].endswith(_REST) else 1, _least(cell) - 1 if cell in limited else None)
        for cell in hidden
    }
    touched = [line for line in lines if not hidden.isdisjoint(line.cells)]
    before: Mapping[Cell, Range] = {}
    while ranges != before:
        before = dict(ranges)
        for line in touched:
            _narrow(line, counts, ranges)
    return ranges


def _narrow(line: Line, counts: Mapping[Cell, int], ranges: dict[Cell, Range]) -> None:
    """Narrow the ranges of a sum's unsaid counts by the sum."""
    known = {cell: ranges.get(cell, Range(counts[cell], counts[cell])) for cell in line.cells}
    parts = [known[part] for part in line.parts]
    least_of_all = sum(part.lowest for part in parts)
    open_ended = [part for part in parts if part.highest is None]
    most_of_all = sum(part.highest or 0 for part in parts)
    whole = known[line.whole]
    if line.whole in ranges:
        ranges[line.whole] = whole.within(least_of_all, None if open_ended else most_of_all)
    for cell, part in zip(line.parts, parts, strict=True):
        if cell in ranges:
            others = (
                None
                if [each for each in open_ended if each is not part]
                else most_of_all - (part.highest or 0)
            )
            ranges[cell] = part.within(
                0 if others is None else whole.lowest - others,
                None if whole.highest is None else whole.highest - least_of_all + part.lowest,
            )


@functools.cache
def _wholes(keys: tuple[str, ...]) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Each of these topics that has others of them inside it, and the largest of those."""
    topics = [topic for topic in TOPICS if topic.key in keys]
    found = [(whole.key, tuple(part.key for part in _parts(whole, topics))) for whole in topics]
    return [(whole, parts) for whole, parts in found if parts]


def _parts(whole: Topic, topics: Sequence[Topic]) -> list[Topic]:
    """The largest topics that lie wholly inside another, none inside another of them."""
    inside = [each for each in topics if each is not whole and _lies_in(each, whole)]
    return [
        each for each in inside if not any(each is not other and _lies_in(each, other) for other in inside)
    ]


def _lies_in(part: Topic, whole: Topic) -> bool:
    return (
        bool(part.categories)
        and part.categories != whole.categories
        and all(whole.counts(major, minor) for major, minor in part.categories)
    )
