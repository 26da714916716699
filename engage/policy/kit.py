"""What every check is compiled with: the pattern bank, the force's lists and contacts, the tokeniser."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engage.policy.conditions import Test, compile_condition
from engage.policy.gates import Need, Needs, facts, patterns
from engage.policy.gazetteer import Gazetteer
from engage.policy.language import Condition, Force
from engage.policy.needs import needs_of
from engage.policy.patterns import PatternBank
from engage.policy.phrases import BadPhrase, pattern_of_any
from engage.policy.question import Question
from engage.policy.tokens import T, Token, Tokeniser
from engage.policy.values import digits_of

Span = tuple[int, int]


class Hit(NamedTuple):
    """One thing a check found: where in the folded text (or nowhere), and what to say about it."""

    span: Span | None = None
    detail: str = ""


Finder = Callable[[Question], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Gated:
    """A finder with what it needs: one of these patterns in the text, or one of these parts stated.

    `also` are needs besides, each of which must be met as well.
    """

    find: Finder
    patterns: frozenset[int] = frozenset()
    roots: frozenset[str] = frozenset()
    also: Needs = ()

    @property
    def needs(self) -> Needs:
        """All that must be there for the finder to find anything."""
        either = patterns(self.patterns) | facts(self.roots)
        return (either, *self.also) if either else self.also


NOTHING: tuple[Hit, ...] = ()
IDIOMS = "idioms"


@dataclass
class Kit:
    """Compiles phrases and conditions, and reads tokens, for one policy."""

    force: Force
    bank: PatternBank = field(default_factory=PatternBank)
    particulars: list[Callable[[Question], Iterable[str]]] = field(default_factory=list)
    known: dict[tuple[str, ...], int] = field(default_factory=dict)
    tokeniser: Tokeniser = field(init=False)

    def __post_init__(self) -> None:
        idioms = self.force.lists.get(IDIOMS, ())
        self.tokeniser = Tokeniser(
            self.bank,
            Gazetteer.of(self.force.names),
            idioms=(self.phrases(idioms),) if idioms else (),
        )

    @functools.cached_property
    def contact_digits(self) -> frozenset[str]:
        """The digits of every number the force gives."""
        return frozenset(digits_of(number) for number in self.force.contacts.numbers)

    @functools.cached_property
    def handles(self) -> frozenset[str]:
        """Every handle the force gives, in lower case."""
        contacts = self.force.contacts
        return frozenset(handle.casefold() for handle in (*contacts.handles, *contacts.report_handles))

    def phrases(self, phrases: Sequence[str]) -> int:
        """The number of the pattern for any of these phrases. Raises BadPhrase."""
        asked = tuple(phrases)
        if asked not in self.known:
            pattern = pattern_of_any(list(self.spelled_out(asked)))
            self.known[asked] = self.bank.add(pattern)
        return self.known[asked]

    def spelled_out(self, phrases: Sequence[str]) -> Iterator[str]:
        """The phrases, with each $list replaced by what policy.yaml lists. Raises BadPhrase."""
        for phrase in phrases:
            if not phrase.startswith("$"):
                yield phrase
            elif phrase[1:] in self.force.lists:
                yield from self.force.lists[phrase[1:]]
            else:
                raise BadPhrase(f"“{phrase}” is no list of policy.yaml.")

    def condition(self, condition: Condition | None) -> Test | None:
        """The condition as a function, or None where there is none."""
        return None if condition is None else self.compiled(condition)

    def compiled(self, condition: Condition) -> Test:
        """The condition as a function."""
        return compile_condition(condition, says=self._says, mentions=self._mentions)

    def needs(self, condition: Condition, *, holds: bool = True) -> Needs:
        """What must be there for the condition to hold, or not to hold."""
        return needs_of(condition, says=self._need_to_say, mentions=self._need_to_mention, holds=holds)

    def sentences(self, question: Question, number: int) -> frozenset[Span]:
        """The sentences in which a pattern matches."""
        return frozenset(question.passage.sentence_at(start) for start, _ in question.passage.spans(number))

    def tokens(self, question: Question, *kinds: T) -> Sequence[Token]:
        """The tokens of these kinds, in the order of the kinds."""
        return [token for kind in kinds for token in self.tokeniser.tokens(question, kind)]

    def _says(self, phrases: tuple[str, ...]) -> Test:
        number = self.phrases(phrases)
        return lambda question: number in question.hits or number in question.masked_hits

    def _mentions(self, kinds: tuple[str, ...]) -> Test:
        wanted, tokens = tuple(T(kind) for kind in kinds), self.tokeniser.tokens

        def mentioned(question: Question) -> bool:
            for kind in wanted:  # noqa: SIM110 - plain loops: this is the hot path
                if tokens(question, kind):
                    return True
            return False

        return mentioned

    def _need_to_say(self, phrases: tuple[str, ...]) -> Need:
        return patterns([self.phrases(phrases)])

    def _need_to_mention(self, kinds: tuple[str, ...]) -> Need:
        return patterns(number for kind in kinds for number in self.tokeniser.patterns_of(T(kind)))


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Whether a span shares a character with any other."""
    return any(span[0] < other[1] and other[0] < span[1] for other in others)
