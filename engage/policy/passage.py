"""One text as a reader sees it, and what is found in it whatever is stated about it.

A draft has the same words on several platforms, and words that are signed off are judged again until
they are sent. So a policy keeps the last few passages it read.
"""

import bisect
import functools
import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

from engage.policy.fold import fold, unmasked
from engage.policy.once import once
from engage.posts.readable import LONGEST

KEPT = 8
"""Passages a policy keeps, those of the draft in hand: many more would cost more than they save, because what was
read long ago is no longer in the processor's cache."""
LONGEST_KEPT = 4_000
"""Characters; a longer text is read anew each time, so that what is kept stays small."""
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|\Z)(?<!\b[A-Z]\.)|\n+")

Span = tuple[int, int]


class Patterns(Protocol):
    """What a text is read by."""

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match anywhere in the text."""

    def spans(self, number: int, text: str) -> list[Span]:
        """Where one pattern matches, from left to right."""


class Passage:
    """One text, read. Safe to share: what is worked out later comes to the same whoever asks first.

    `folded` is the text as a reader sees it; `masked` the same with digits read as the letters they
    stand for, or None where there are none. `hits` are the patterns in the one, `masked_hits` those in
    the other alone. `found` keeps what was made out of it, by who did.
    """

    def __init__(self, text: str, patterns: Patterns) -> None:
        self.folded: Final = fold(text)
        self.masked: Final = unmasked(self.folded.text)
        self.hits: Final = patterns.hits(self.folded.text)
        self.masked_hits: Final[frozenset[int]] = (
            frozenset() if self.masked is None else patterns.hits(self.masked) - self.hits
        )
        self.found: Final[dict[str, Any]] = {}
        self._patterns: Final = patterns
        self._spans: Final[dict[int, Sequence[Span]]] = {}

    def spans(self, number: int) -> Sequence[Span]:
        """Where a pattern matches the text as a reader sees it, masked letters included; looked for once."""
        known = self._spans.get(number)
        if known is None:
            known = self._spans[number] = self._matches(number)
        return known

    def _matches(self, number: int) -> Sequence[Span]:
        if number in self.hits:
            return self._patterns.spans(number, self.folded.text)
        if number in self.masked_hits and self.masked is not None:
            return self._patterns.spans(number, self.masked)
        return ()

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

    def __init__(self, patterns: Patterns) -> None:
        self._read = functools.partial(Passage, patterns=patterns)
        self._kept = functools.lru_cache(maxsize=KEPT)(self._read)

    def of(self, text: str) -> Passage:
        """The text, read now or a moment ago."""
        return self._read(text) if len(text) > LONGEST_KEPT else self._kept(text)
