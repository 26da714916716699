"""One text being read for what it states: each span is claimed once, in the order of the steps."""

import re
import threading
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import NamedTuple, Protocol

from engage.policy.gazetteer import Gazetteer
from engage.policy.passage import Passage
from engage.policy.person_or_place import is_of_a_person, past_what_is_there
from engage.policy.token_patterns import T, Token

Take = Callable[["Reading", int, int], None]
"""What a step does with a span that its pattern matches."""


class Step(NamedTuple):
    """A pattern by its number, what is done with what it matches, and a pattern without which that is nothing."""

    kind: T | None
    number: int
    take: Take
    gate: int


class Steps(NamedTuple):
    """The steps a text is worth, in order, and how many of them find a kind of token."""

    steps: tuple[Step, ...]
    last: Mapping[T | None, int]


class Tokeniser(Protocol):
    """What a reading reads by."""

    @property
    def gazetteer(self) -> Gazetteer:
        """The names."""

    def steps_for(self, hits: frozenset[int]) -> Steps:
        """What is looked for in a text in which these patterns are."""


class Reading:
    """One text being read: how far, what is claimed already, and what was found."""

    def __init__(self, tokeniser: Tokeniser, passage: Passage) -> None:
        self.tokeniser = tokeniser
        self.gazetteer = tokeniser.gazetteer
        self.passage = passage
        self.text = passage.folded.text
        self.left = tokeniser.steps_for(passage.hits)
        self.done = 0
        self.claimed = bytearray(len(self.text))  # 1 where a character belongs to a token
        self.found: dict[T, list[Token]] = {}
        self.in_order: dict[T, tuple[Token, ...]] = {}
        self.one_at_a_time = threading.Lock()

    def tokens(self, kind: T) -> tuple[Token, ...]:
        """The tokens of a kind, for which the text is read as far as the last step that finds any."""
        known = self.in_order.get(kind)
        if known is not None:
            return known
        with self.one_at_a_time:
            self._read_on(kind)
            self.in_order[kind] = known = tuple(sorted(self.found.get(kind, ()), key=_start))
        return known

    def _read_on(self, kind: T) -> None:
        last = self.left.last.get(kind, 0)
        while self.done < last:
            step = self.left.steps[self.done]
            for start, end in self.passage.spans(step.number):
                step.take(self, start, end)
            self.done += 1

    def keep(self, kind: T, start: int, end: int) -> None:
        """Keep a token, unless one of its characters belongs to another."""
        if self.claimed.find(1, start, end) >= 0:
            return
        self.claimed[start:end] = b"\1" * (end - start)
        self.found.setdefault(kind, []).append(Token(kind, start, end, self.text[start:end]))

    def claim(self, start: int, end: int) -> None:
        """Let nothing else be found here."""
        self.claimed[start:end] = b"\1" * (end - start)

    def keep_link(self, start: int, end: int) -> None:
        """A link without what ends its sentence."""
        self.keep(T.LINK, start, start + len(self.text[start:end].rstrip(_TRAILING)))

    def keep_number(self, start: int, end: int) -> None:
        """A number, but no seven of Seven Sisters."""
        if not self.text.startswith(self.gazetteer.numbered, start):
            self.keep(T.NUMBER, start, end)

    def keep_place(self, start: int, end: int) -> None:
        """A place by its last word or its area, past the words that only begin its sentence: not "Your ward"."""
        first = self._past_a_person(self._past_small_words(start, end), end)
        first = past_what_is_there(self.text, first, end)
        words = self.text[first:end]
        if self.gazetteer.is_surname(words) and is_of_a_person(
            self.text, first, end, sure=self.gazetteer.is_first_name(words.split()[0], alone=True)
        ):
            return
        if self.gazetteer.is_known(words) or words.islower():
            self.claim(first, end)
        else:
            self.keep(T.PLACE, first, end)

    def keep_long_name(self, start: int, end: int) -> None:
        """Two or more capitalised words behind a preposition: "Camden Lock" before "Camden" is found."""
        first, last = self._named_place(start, end)
        if " " in self.text[first:last]:
            self.keep_place(first, last)

    def _named_place(self, start: int, end: int) -> tuple[int, int]:
        """The name behind a preposition, without the preposition and without known words behind it."""
        words = self.text[start:end].split(" ")
        skipped = len(words[0]) + 1
        if len(words) > 1 and words[1] == "the":
            skipped += 4
        first = min(start + skipped, end)
        return first, self._before_known_words(first, end)

    def _before_known_words(self, start: int, end: int) -> int:
        """Where a name ends before words that are no names: "Camden Lock Police"."""
        while True:
            rest, space, word = self.text[start:end].rpartition(" ")
            if not space or not self.gazetteer.is_known(word):
                return end
            end = start + len(rest)

    def _past_a_person(self, start: int, end: int) -> int:
        """Where a place begins behind somebody who is of it: "Paul Hughes of Cranbrook Road"."""
        name, of, _ = self.text[start:end].partition(" of ")
        words = name.split()
        if len(words) == 2:  # noqa: PLR2004 - a first name or a title, and a last name
            somebody = self.gazetteer.is_first_name(words[0]) or words[0].rstrip(".") in _TITLES
        else:
            somebody = len(words) == 1 and self.text[:start].rstrip(". ").endswith(_TITLES)
        return start + len(name) + len(of) if of and somebody else start

    def _past_small_words(self, start: int, end: int) -> int:
        """Where a name begins behind words like "On" and "The" that only begin its sentence."""
        while True:
            word, space, rest = self.text[start:end].partition(" ")
            if not space or not rest or word.casefold() not in self.gazetteer.small_words:
                return start
            start += len(word) + 1

    def keep_titled(self, start: int, end: int) -> None:
        """A person with a title, unless a pub is called so: the Lord Nelson, the Sir Robert Peel."""
        behind = self.text[max(start - 4, 0) : start].casefold()
        if behind == "the " and self.text.startswith(_PUB_TITLES, start):
            self.claim(start, end)
        else:
            self.keep(T.PERSON, start, end)

    def keep_name(self, start: int, end: int) -> None:
        """A name behind "named" or before an age: only its capitalised words, and only if not known."""
        if _AN_ANIMAL.search(self.text[max(start - _NEAR_BEFORE, 0) : start]):
            return
        words = [word for word in self.text[start:end].split() if word[:1].isupper()]
        while words and (self.gazetteer.is_known(words[0]) or words[0].casefold() in _CUES):
            words = words[1:]
        words = [word.strip("(,.") for word in words]
        if len(words) > 2 and not self._is_first(words[0]) and self._is_first(words[1]):  # noqa: PLR2004 - a word, then a name
            words = words[1:]
        if not words or self.gazetteer.is_known(" ".join(words)):
            return
        first = self.text.index(words[0], start)
        last = self.text.index(words[-1], first) + len(words[-1])
        self.keep(T.PERSON, first, last)

    def _is_first(self, word: str) -> bool:
        return self.gazetteer.is_first_name(word)

    def keep_pair(self, start: int, end: int) -> None:
        """Two or three capitalised words that begin with a first name."""
        first = self._past_small_words(start, end)
        words = self.text[first:end].split()
        if self.gazetteer.is_known(self.text[first:end]):
            self.claim(first, end)
        elif (
            len(words) > 1
            and self.gazetteer.is_first_name(words[0])
            and not self.gazetteer.is_known(words[1])
        ):
            self.keep(T.PERSON, first, end)
        elif len(words) == 3 and self.gazetteer.is_first_name(words[1]):  # noqa: PLR2004 - a word, then first and last name
            self.keep(T.PERSON, self.text.index(words[1], first + len(words[0])), end)

    def keep_first_name(self, start: int, end: int) -> None:
        """A first name that stands alone and is not also an ordinary word."""
        if self.gazetteer.is_first_name(self.text[start:end], alone=True):
            self.keep(T.PERSON, start, end)

    def keep_behind_preposition(self, start: int, end: int) -> None:
        """Capitalised words behind "near" or "at the"."""
        first, last = self._named_place(start, end)
        if not self.gazetteer.is_known(self.text[first:last]):
            self.keep(T.PLACE, first, last)


_start = attrgetter("start")
_TRAILING = ".,;:!?)'\""
_TITLES = ("Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Cllr", "Rev", "Professor", "Prof")
_NEAR_BEFORE = 12
_AN_ANIMAL = re.compile(r"(?i)\b(?:dog|puppy|pup|cat|kitten|horse|pony|rabbit|parrot),? \Z")
"""What is called Biscuit and is nobody."""
_PUB_TITLES = ("Lord ", "Lady ", "Sir ", "Dame ")
_CUES = frozenset({"named", "called", "identified", "known", "name", "nicknamed"})
