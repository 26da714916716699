"""Which counts are not said exactly: small ones, and those from which a small one could be worked out.

A count under `LEAST` (`LEAST_SENSITIVE` where the topic itself is sensitive or rare) points to people. It can
also follow by subtraction: the whole less its other parts. Then the smallest of those parts is rounded too,
until what is left over is large enough. A count that is held back is said as "fewer than" a round number,
which is true and tells nobody the count.
"""

import functools
from collections.abc import Mapping, Sequence

from engage.crime.series import NAMES, Panel
from engage.crime.topics import TOPICS, Topic

LEAST = 5
LEAST_SENSITIVE = 10
_ROUND = 10


def least(topic: Topic) -> int:
    """Below which a count of this topic, none aside, is not said."""
    return LEAST_SENSITIVE if topic.no_forecast else LEAST


def said(count: int, topic: Topic, *, held_back: bool) -> str:
    """The count as it may be said: exact, or "fewer than" the next round number."""
    if not held_back:
        return f"{count:,}"
    return f"fewer than {least(topic) if count < least(topic) else (count // _ROUND + 1) * _ROUND:,}"


def said_alone(count: int, topic: Topic) -> str:
    """A count that stands by itself, beside no other it could be taken from."""
    return said(count, topic, held_back=0 < count < least(topic))


def held_back(panel: Panel, borough: str, month: str) -> frozenset[str]:
    """The topics (by key) whose counts in a borough and month are not said exactly."""
    at, column = NAMES.index(borough), panel.column(month)
    topics = panel.topics(month)
    return not_said(topics, {topic.key: int(panel.counts[topic.key][at, column]) for topic in topics})


def not_said(topics: Sequence[Topic], counts: Mapping[str, int]) -> frozenset[str]:
    """The topics whose counts are small, or would let a small one be worked out from the others."""
    hidden = {topic.key for topic in topics if 0 < counts[topic.key] < least(topic)}
    wholes = [
        (known[whole], [known[part] for part in parts])
        for known in ({topic.key: topic for topic in topics},)
        for whole, parts in _wholes(tuple(known))
    ]
    changed = True
    while changed:
        changed = False
        for whole, parts in wholes:
            shown = [part for part in parts if part.key not in hidden]
            left = counts[whole.key] - sum(counts[part.key] for part in shown)
            worth_hiding = sorted((counts[part.key], part.key) for part in shown if counts[part.key])
            if whole.key not in hidden and 0 < left < LEAST:
                hidden.add(worth_hiding[0][1] if worth_hiding else whole.key)
                changed = True
            elif whole.key in hidden and left == 0 and worth_hiding:
                hidden.add(worth_hiding[0][1])
                changed = True
    return frozenset(hidden)


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
