"""What a text states: every number, date, time, place, name, reference, telephone, handle and link, by span.

Found in an order in which each span is claimed once: a telephone number is not also a number, a road
named after a person is not also a person.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engage.policy.gazetteer import Gazetteer
from engage.policy.patterns import PatternBank
from engage.policy.question import Question
from engage.policy.reading import Reading, Step, Steps, Take
from engage.policy.record import says, venues_of
from engage.policy.token_patterns import (
    AGED,
    CALLED,
    NEAR,
    OFFICERS,
    PAIR,
    PATTERNS,
    SINGLE,
    TITLED,
    T,
    Token,
    first_names,
    places,
)

__all__ = ["T", "Token", "Tokeniser"]


@dataclass
class Tokeniser:
    """Finds tokens with the policy's own pattern bank, so what is not there costs nothing.

    A text is read step by step, and only as far as the kinds asked for need: a telephone number is known
    before the first word is looked at as a name.
    """

    bank: PatternBank
    gazetteer: Gazetteer
    idioms: tuple[int, ...] = ()
    steps: tuple[Step, ...] = field(init=False)
    _all: frozenset[int] = field(init=False)
    _steps_for: Callable[[frozenset[int]], Steps] = field(init=False)
    _patterns: Mapping[T, frozenset[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = tuple(self._steps())
        self._all = frozenset(number for step in self.steps for number in (step.gate, step.number))
        self._steps_for = functools.lru_cache(maxsize=1024)(functools.partial(_left, self.steps))
        self._patterns = {
            kind: frozenset(step.gate for step in self.steps if step.kind is kind) for kind in T
        }

    def _steps(self) -> Iterator[Step]:
        """In their order. Only a first name makes a person of capitalised words that nothing else tells of."""
        names = self.bank.add(first_names(self.gazetteer))
        yield from (Step(None, number, Reading.claim, number) for number in self.idioms)
        yield from (self._step(kind, pattern, _keeping(kind)) for kind, pattern in PATTERNS)
        yield from (self._step(T.OFFICER, pattern, _keeping(T.OFFICER)) for pattern in OFFICERS)
        yield from (self._step(T.PLACE, each, Reading.keep_place) for each in places(self.gazetteer))
        yield self._step(T.PLACE, NEAR, Reading.keep_long_name)
        yield self._step(T.PLACE, self.gazetteer.pattern, Reading.keep_place)
        yield self._step(T.PERSON, TITLED, Reading.keep_titled)
        yield self._step(T.PERSON, AGED, Reading.keep_name)
        yield self._step(T.PERSON, CALLED, Reading.keep_name)
        yield self._step(None, PAIR, Reading.keep_pair)  # also claims words that are no name, so no gate
        yield self._step(T.PERSON, SINGLE, Reading.keep_first_name, gate=names)
        yield self._step(T.PLACE, NEAR, Reading.keep_behind_preposition)

    def _step(self, kind: T | None, pattern: str, take: Take, *, gate: int | None = None) -> Step:
        number = self.bank.add(pattern)
        return Step(kind, number, take, number if gate is None else gate)

    def steps_for(self, hits: frozenset[int]) -> Steps:
        """The steps whose patterns are among these, worked out once for each set of them."""
        return self._steps_for(self._all & hits)

    def patterns_of(self, kind: T) -> frozenset[int]:
        """The patterns without which no token of a kind is found."""
        return self._patterns[kind]

    def tokens(self, question: Question, kind: T) -> tuple[Token, ...]:
        """All tokens of one kind, in the order of the text. A text is read once, whoever asks about it."""
        passage = question.passage
        if passage.hits.isdisjoint(self._patterns[kind]):
            return ()
        reading: Reading | None = passage.found.get("tokens")
        if reading is None:
            reading = passage.found.setdefault("tokens", Reading(self, passage))
        found = reading.tokens(kind)
        return _but_venues(question, found) if found and kind is T.PERSON else found


def _but_venues(question: Question, people: tuple[Token, ...]) -> tuple[Token, ...]:
    """What the record states as a place is nobody: the Lord Nelson, Rosa Parks Hall."""
    known: tuple[Token, ...] | None = question.found.get("people")
    if known is None:
        venues = venues_of(question)
        known = tuple(each for each in people if not says(venues, each.text))
        question.found["people"] = known
    return known


def _left(steps: Sequence[Step], hits: frozenset[int]) -> Steps:
    left = tuple(step for step in steps if step.gate in hits and step.number in hits)
    return Steps(left, {step.kind: at for at, step in enumerate(left, 1)})


def _keeping(kind: T) -> Take:
    """Keep what matches as a token of this kind."""
    if kind is T.LINK:
        return Reading.keep_link
    if kind is T.NUMBER:
        return Reading.keep_number
    return lambda reading, start, end: reading.keep(kind, start, end)
