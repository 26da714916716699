"""Checks on what is stated: a condition that holds, a fact held back, a line issued centrally."""

import re
from collections.abc import Iterator

from engage.policy.fold import folded
from engage.policy.kit import NOTHING, Gated, Hit, Kit
from engage.policy.question import Question
from engage.policy.regimes import HOLDS, covers
from engage.policy.vocabulary import CentralLineCheck, HoldBackCheck, HoldCheck, HoldsCheck

_NEARLY = 0.8
"""The share of a held-back fact's words that gives it away. Design."""
_SHORT = 4
"""Letters up to which a word must be the same; of a longer one all but its ending. Design."""
_ENDING = 3
_WORD = re.compile(r"[^\W_]+")
_SAY_LITTLE = frozenset(
    ("a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "by", "with", "was", "is", "had")
)


def holds(check: HoldsCheck, kit: Kit) -> Gated:
    """One hit without a span where the condition holds."""
    test = kit.compiled(check.holds)
    hit = (Hit(None),)

    def find(question: Question) -> tuple[Hit, ...]:
        return hit if test(question) else NOTHING

    return Gated(find, also=kit.needs(check.holds))


def hold(check: HoldCheck, kit: Kit) -> Gated:  # noqa: ARG001 - every check is compiled alike
    """One hit without a span where a hold stated with the post reaches it."""

    def find(question: Question) -> tuple[Hit, ...]:
        stated = any(covers(question.context.get(name), question) for name in HOLDS)
        return (Hit(None),) if stated else NOTHING

    return Gated(find, roots=frozenset(HOLDS))


def holdback(check: HoldBackCheck, kit: Kit) -> Gated:  # noqa: ARG001 - every check is compiled alike
    """A hit for each held-back fact most of whose words the text says."""

    def find(question: Question) -> Iterator[Hit]:
        listed = question.fact(check.holdback)
        facts = [listed] if isinstance(listed, str) else listed
        if not isinstance(facts, list | tuple) or not facts:
            return
        said = set(_WORD.findall(folded(question.text)))
        for fact in facts:
            words = {word for word in _WORD.findall(folded(str(fact))) if word not in _SAY_LITTLE}
            met = {each for word in words if (each := _said(word, said)) is not None}
            if words and len(met) / len(words) >= _NEARLY:
                yield Hit(_where(question, met), str(fact))

    return Gated(find, roots=frozenset({check.holdback}))


def _said(word: str, said: set[str]) -> str | None:
    """The word as the text says it, whatever its ending: "handled" is said by "handle"."""
    if word in said or len(word) <= _SHORT:
        return word if word in said else None
    stem = word[: max(_SHORT, len(word) - _ENDING)]
    return next((each for each in sorted(said) if each.startswith(stem)), None)


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
