"""One text as a reader sees it, and what is found in it whatever is stated about it.

A draft has the same words on several platforms, and words that are signed off are judged again until
they are sent. So a policy keeps the last few passages it read.
"""

import bisect
import functools
import re
from collections.abc import Callable
from typing import Any, Final

from engage.policy.fold import fold, unmasked
from engage.policy.once import once

LONGEST = 100_000
"""Characters; the longest text any platform takes is 63,206."""
KEPT = 64
"""Passages a policy keeps: those of the drafts in hand, not those of a day."""
LONGEST_KEPT = 4_000
"""Characters; a longer text is read anew each time, so that what is kept stays small."""
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|\Z)(?<!\b[A-Z]\.)|\n+")

Span = tuple[int, int]
Search = Callable[[str], frozenset[int]]
"""The numbers of the patterns that match anywhere in a text."""


class Passage:
    """One text, read. Safe to share: what is worked out later comes to the same whoever asks first.

    `folded` is the text as a reader sees it; `masked` the same with digits read as the letters they
    stand for, or None where there are none. `hits` are the patterns in the one, `masked_hits` those in
    the other alone. `found` keeps what was looked for in it, by who looked.
    """

    def __init__(self, text: str, search: Search) -> None:
        self.folded: Final = fold(text)
        self.masked: Final = unmasked(self.folded.text)
        self.hits: Final = search(self.folded.text)
        self.masked_hits: Final[frozenset[int]] = (
            frozenset() if self.masked is None else search(self.masked) - self.hits
        )
        self.found: Final[dict[str | int, Any]] = {}

    @once
    def sentences(self) -> tuple[Span, ...]:
        """Where each sentence of the folded text begins and ends."""
        bounds, start = [], 0
        for found in _SENTENCE_END.finditer(self.folded.text):
            bounds.append((start, found.end()))
            start = found.end()
        if start < len(self.folded.text) or not bounds:
            bounds.append((start, len(self.folded.text)))
        return tuple(bounds)

    def sentence_at(self, position: int) -> Span:
        """The sentence that holds a position of the folded text."""
        place = bisect.bisect_right(self.sentences, (position, LONGEST * 10)) - 1
        return self.sentences[max(place, 0)]


class Passages:
    """Texts read by one policy's patterns, the last few of them kept."""

    def __init__(self, search: Search) -> None:
        self._read = functools.partial(Passage, search=search)
        self._kept = functools.lru_cache(maxsize=KEPT)(self._read)

    def of(self, text: str) -> Passage:
        """The text, read now or a moment ago."""
        return self._read(text) if len(text) > LONGEST_KEPT else self._kept(text)
