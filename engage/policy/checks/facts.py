"""Checks on what is stated: a condition that holds, a fact held back, a line issued centrally."""

from collections.abc import Iterator

from engage.policy.conditions import roots_of
from engage.policy.fold import folded
from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit
from engage.policy.question import Question
from engage.policy.vocabulary import CentralLineCheck, HoldBackCheck, HoldsCheck

_NEARLY = 0.8
"""The share of a held-back fact's longer words that gives it away. Design."""
_LONG = 4


def holds(check: HoldsCheck, kit: Kit) -> Finder | Gated:
    """One hit without a span where the condition holds."""
    test = kit.compiled(check.holds)
    roots = roots_of(check.holds)
    hit = (Hit(None),)

    def find(question: Question) -> tuple[Hit, ...]:
        return hit if test(question) else NOTHING

    return find if roots is None else Gated(find, roots=roots)


def holdback(check: HoldBackCheck, kit: Kit) -> Gated:  # noqa: ARG001 - every check is compiled alike
    """A hit for each held-back fact most of whose words the text says."""

    def find(question: Question) -> Iterator[Hit]:
        listed = question.fact(check.holdback)
        facts = [listed] if isinstance(listed, str) else listed
        if not isinstance(facts, list | tuple) or not facts:
            return
        said = set(folded(question.text).replace(",", " ").replace(".", " ").split())
        for fact in facts:
            words = {word for word in folded(str(fact)).split() if len(word) >= _LONG}
            if words and len(words & said) / len(words) >= _NEARLY:
                yield Hit(_where(question, words), str(fact))

    return Gated(find, roots=frozenset({check.holdback.partition(".")[0]}))


def _where(question: Question, words: set[str]) -> tuple[int, int] | None:
    lower = question.folded.text.casefold()
    places = [(lower.find(word), len(word)) for word in words if word in lower]
    if not places or len(lower) != len(question.folded.text):
        return None
    return (min(start for start, _ in places), max(start + size for start, size in places))


def central_line(check: CentralLineCheck, kit: Kit) -> Gated:  # noqa: ARG001 - every check is compiled alike
    """One hit where a central line is recorded and the text is not that line."""

    def find(question: Question) -> tuple[Hit, ...]:
        line = question.fact("incident.central_line")
        if not isinstance(line, str) or not line.strip():
            return NOTHING
        return NOTHING if folded(line) == folded(question.text) else (Hit(None),)

    return Gated(find, roots=frozenset({"incident"}))
