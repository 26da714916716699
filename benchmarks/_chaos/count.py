"""What really happened, counted from the platforms' side: their own books and the times requests reached them."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any
from urllib.parse import unquote_plus

_NUMBER = re.compile(r"post (\d+) in ")


class Wrong(StrEnum):
    """What must never happen."""

    TWICE = "public twice"
    LOST = "lost: neither public nor with anybody"
    UNAPPROVED = "asked for without a sign-off that stood"
    HELD = "asked for while held"
    LATE = "asked for after its latest time"
    EARLY = "asked for before its time"
    UNNOTICED = "public, but said not to be"
    UNFINISHED = "outcome still open at the end"


class Said(StrEnum):
    """What a system itself says of a post at the end."""

    PUBLIC = "public, with its receipt"
    GONE = "taken down again"
    PEOPLE = "back with its people"
    ASKED = "unknown, before a person"
    OPEN = "on its way"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """From when to when (Unix time) no request for a post may reach its platform."""

    number: int
    start: float
    end: float
    wrong: Wrong


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to publish, as it reached a platform."""

    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One post that was public, at some time, on a platform."""

    number: int
    since: float


@dataclass(slots=True)
class Seen:
    """All that the platforms saw."""

    asked: list[Asked] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    lost_answers: Counter[str] = field(default_factory=Counter)

    def add(self, edge: Mapping[str, Any]) -> None:
        """Add one platform's book, as its `/_seen` gives it."""
        numbers = {post["id"]: number_in(post["text"]) for post in edge["posts"]}
        shown_at: dict[str, float] = {}
        for arrival in edge["arrivals"]:
            number = number_in(arrival["body"])
            if not number and "is_published=true" in arrival["body"]:
                post_id = arrival["path"].rpartition("/")[2]
                number = numbers.get(post_id, 0)
                shown_at.setdefault(post_id, arrival["at"])
            if number:
                self.asked.append(Asked(number, arrival["at"]))
        for post in edge["posts"]:
            if post["published"] and numbers[post["id"]]:
                since = max(post["created"], shown_at.get(post["id"], 0.0))
                self.shown.append(Shown(numbers[post["id"]], since))
        self.lost_answers.update(edge["broke"])


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the posts, and what went wrong with which of them."""

    endings: Mapping[str, int]
    wrongs: Mapping[Wrong, Sequence[int]]
    asked_again: int

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong."""
        return not any(self.wrongs.values())


def tallied(seen: Seen, said: Mapping[int, Said], forbidden: Iterable[Forbidden]) -> Tally:
    """The violations of each kind, by the numbers of their posts, and how the posts ended.

    `said` is what the system says of every post, `forbidden` when none of its requests may arrive.
    """
    shown = Counter(each.number for each in seen.shown)
    found: dict[Wrong, list[int]] = {wrong: [] for wrong in Wrong}
    for number, times in shown.items():
        found[Wrong.TWICE] += [number] * (times - 1)
    for number, what in said.items():
        wrong = _misreported(what, public=shown[number] > 0)
        if wrong is not None:
            found[wrong].append(number)
    for wrong, numbers in _out_of_bounds(seen.asked, forbidden).items():
        found[wrong] += sorted(numbers)
    return Tally(Counter(each.value for each in said.values()), found, _asked_again(seen))


def _misreported(said: Said, *, public: bool) -> Wrong | None:
    match said:
        case Said.OPEN:
            return Wrong.UNFINISHED if public else Wrong.LOST
        case Said.PUBLIC | Said.GONE if not public:
            return Wrong.LOST
        case Said.PEOPLE if public:
            return Wrong.UNNOTICED
        case _:
            return None


def _out_of_bounds(asked: Iterable[Asked], forbidden: Iterable[Forbidden]) -> Mapping[Wrong, Collection[int]]:
    """The posts for which a request arrived when none might."""
    times: defaultdict[int, list[float]] = defaultdict(list)
    for each in asked:
        times[each.number].append(each.at)
    found: defaultdict[Wrong, set[int]] = defaultdict(set)
    for span in forbidden:
        if any(span.start < at < span.end for at in times[span.number]):
            found[span.wrong].add(span.number)
    return found


def _asked_again(seen: Seen) -> int:
    """Requests for a post that was public already: refused or absorbed by the platform, or a second post."""
    since: dict[int, float] = {}
    for each in seen.shown:
        since[each.number] = min(each.since, since.get(each.number, inf))
    return sum(each.at > since.get(each.number, inf) for each in seen.asked)


def number_in(text: str) -> int:
    """The number of the post that a request or a platform's book speaks of; 0 where it is none of ours."""
    found = _NUMBER.search(unquote_plus(text))
    return int(found[1]) if found else 0
