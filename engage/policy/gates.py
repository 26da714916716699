"""What a check cannot find anything without, and which checks a question leaves to be made.

Most rules have nothing to say about most posts. What a rule needs is known when the policy is compiled:
its kinds and platforms, one of its phrases in the text, a stated fact that its conditions compare. All of
it is kept as bits of whole numbers, so that one question costs an `or` for each thing that is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, Literal, TypeVar

from engage.policy.question import Question

C = TypeVar("C")
Atom = tuple[Literal["pattern", "fact", "kind", "platform", "moment"], int | str]
"""Something that is there or is not: a pattern in the text by its number, a stated fact by its path, the
kind, platform or moment asked about."""
Need = frozenset[Atom]
"""Of these at least one must be there. None at all: it never is."""
Needs = tuple[Need, ...]
"""Each must be met; () is met by everything."""


def patterns(numbers: Iterable[int]) -> Need:
    """The need of one of these patterns in the text."""
    return frozenset(("pattern", number) for number in numbers)


def facts(paths: Iterable[str]) -> Need:
    """The need of one of these facts ("case", "case.status"), stated as anything at all."""
    return frozenset(("fact", path) for path in paths)


def one_of(kind: Literal["kind", "platform", "moment"], values: Iterable[str]) -> Need:
    """The need of one of these kinds, platforms or moments."""
    return frozenset((kind, value) for value in values)


class Gates(Generic[C]):
    """The checks of a policy in its order, each behind what it needs."""

    def __init__(self, checks: Sequence[tuple[C, Needs]]) -> None:
        self._checks = tuple(checks)
        self._opened: dict[tuple[str, str, str], _Open[C]] = {}

    def open_to(self, question: Question) -> Iterator[C]:
        """The checks that may find something in this question, in the order of the policy."""
        asked = (question.kind, question.platform, question.moment)
        opened = self._opened.get(asked)
        if opened is None:
            opened = self._opened[asked] = _Open(_left(self._checks, asked))
        return opened.to(question)


def _left(checks: Sequence[tuple[C, Needs]], asked: tuple[str, str, str]) -> list[tuple[C, Needs]]:
    """The checks that this kind, platform and moment leave, with what they need besides."""
    there: Need = frozenset(zip(("kind", "platform", "moment"), asked, strict=True))
    left = [(check, tuple(need for need in needs if need.isdisjoint(there))) for check, needs in checks]
    return [
        (check, tuple(_of_the_post(need) for need in needs))
        for check, needs in left
        if all(_of_the_post(need) for need in needs)
    ]


def _of_the_post(need: Need) -> Need:
    """What text and context can still meet."""
    return frozenset(atom for atom in need if atom[0] in {"pattern", "fact"})


class _Open(Generic[C]):
    """The checks for one kind, platform and moment, found by what is in a text and stated of it.

    Every check has one bit in each row of bits, one row for each of its needs. What is there sets the
    bits of the needs it meets; a check is open where all its rows are set.
    """

    def __init__(self, checks: Sequence[tuple[C, Needs]]) -> None:
        self._checks = tuple(check for check, _ in checks)
        rows = max((len(needs) for _, needs in checks), default=0)
        self._rows = tuple(row * len(checks) for row in range(1, rows))
        self._every = (1 << len(checks)) - 1
        bits = _bits(checks, rows)
        self._always = bits.pop(None, 0) if rows else self._every
        self._patterns = {name: bit for (of, name), bit in _named(bits) if of == "pattern"}
        self._facts = _by_root({str(name): bit for (of, name), bit in _named(bits) if of == "fact"})

    def to(self, question: Question) -> Iterator[C]:
        """The checks all of whose needs the question meets, in order."""
        met, by_pattern, by_root = self._always, self._patterns, self._facts
        for number in question.hits:
            met |= by_pattern.get(number, 0)
        for number in question.masked_hits:
            met |= by_pattern.get(number, 0)
        for name, value in question.context.items():
            if name in by_root:
                met |= _stated(by_root[name], value)
        left = met & self._every
        for row in self._rows:
            left &= met >> row
        while left:
            last = left & -left
            yield self._checks[last.bit_length() - 1]
            left ^= last


_Root = tuple[int, Mapping[str, int]]
"""The bits of a fact's root, and of each fact right below it."""


def _bits(checks: Sequence[tuple[object, Needs]], rows: int) -> dict[Atom | None, int]:
    """The bits that each atom sets; under None those of needs that a check does not have."""
    bits: dict[Atom | None, int] = {}
    for place, (_, needs) in enumerate(checks):
        for row in range(rows):
            bit = 1 << (row * len(checks) + place)
            for atom in needs[row] if row < len(needs) else (None,):
                bits[atom] = bits.get(atom, 0) | bit
    return bits


def _named(bits: Mapping[Atom | None, int]) -> Iterator[tuple[Atom, int]]:
    for atom, bit in bits.items():
        if atom is not None:
            yield atom, bit


def _by_root(facts: Mapping[str, int]) -> Mapping[str, _Root]:
    """The bits of facts by the first step of their paths; what lies deeper than two steps counts as two."""
    roots: dict[str, tuple[int, dict[str, int]]] = {}
    for path, bit in facts.items():
        root, *below = path.split(".")
        whole, parts = roots.get(root, (0, {}))
        if below:
            parts[below[0]] = parts.get(below[0], 0) | bit
        else:
            whole |= bit
        roots[root] = (whole, parts)
    return roots


def _stated(root: _Root, value: object) -> int:
    """The bits of a root that is stated, and of the facts stated below it."""
    met, parts = root
    if parts and isinstance(value, Mapping):
        for name in value:
            met |= parts.get(name, 0)
    return met
