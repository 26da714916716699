"""Words of a policy that can never make a rule speak: no text has them, or the exceptions excuse them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own reading of a pattern
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from engage.policy.kit import Kit
from engage.policy.loading import Sources
from engage.policy.marked import Problem
from engage.policy.matchable import Undecided, example_of
from engage.policy.phrases import pattern_of, pattern_of_any
from engage.policy.vocabulary import Check, PatternCheck, PhrasesCheck

_MOST_FORMS = 400
"""Spellings of one phrase that are tried; a phrase of more is not judged."""
_BESIDE = ("", "q")
"""What may stand beside words: the end of a word, or more of it."""


def dead_words(sources: Sources) -> Iterator[Problem]:
    """Every pattern that no text can match, and every phrase that its check's own exceptions always excuse."""
    kit = Kit(sources.force)
    for rule in sources.rules.values():
        for place, clause in enumerate(rule.clauses):
            for number, check in enumerate(clause.checks):
                at = sources.where[f"{rule.id}.{place}.{number}"]
                for fault in _faults(check, kit):
                    yield Problem(at.file, at.line, f"{rule.id}: {fault}")


def _faults(check: Check, kit: Kit) -> Iterator[str]:
    if isinstance(check, PatternCheck):
        if is_unmatchable(check.pattern):
            yield f"no text can match the pattern “{check.pattern}”, so it never fires."
        elif check.except_ and _is_excused(check.pattern, list(kit.spelled_out(check.except_))):
            yield f"what “{check.pattern}” finds is always excused by its own exceptions, so it never fires."
    if isinstance(check, PhrasesCheck) and check.except_:
        exceptions = list(kit.spelled_out(check.except_))
        for phrase in kit.spelled_out(check.phrases):
            if _is_excused(f"(?i){pattern_of(phrase)}", exceptions):
                yield f"“{phrase}” is always excused by the exceptions beside it, so it never fires."


def is_unmatchable(pattern: str) -> bool:
    """Whether it is certain that no text, as a reader sees it, matches the pattern."""
    try:
        return example_of(pattern) is None
    except Undecided:
        return False


def _is_excused(pattern: str, exceptions: Sequence[str]) -> bool:
    """Whether wherever the pattern finds words, an exception is found inside those words.

    Each spelling is tried alone and between letters: what else stands around it makes no difference to
    where a word ends, and a pattern finds no more than its own spellings.
    """
    try:
        forms = _spelled(_parser.parse(pattern, re.ASCII))
    except (re.error, Undecided):
        return False
    finds, excuses = re.compile(pattern, re.ASCII), re.compile(pattern_of_any(list(exceptions)), re.ASCII)
    tried = [f"{left}{form}{right}" for form in forms for left in _BESIDE for right in _BESIDE]
    found = [(each.span(), text) for text in tried for each in finds.finditer(text)]
    return bool(found) and all(_has_inside(span, text, excuses) for span, text in found)


def _has_inside(span: tuple[int, int], text: str, excuses: re.Pattern[str]) -> bool:
    return any(span[0] <= each.start() and each.end() <= span[1] for each in excuses.finditer(text))


def _spelled(parts: Iterable[tuple[Any, Any]]) -> list[str]:
    """Every spelling of these parts in turn, a run of spaces as one. Raises Undecided where there are too many."""
    forms = [""]
    for kind, value in parts:
        forms = [form + more for form in forms for more in _one(kind, value)]
        if len(forms) > _MOST_FORMS:
            raise Undecided
    return forms


def _one(kind: Any, value: Any) -> list[str]:
    match kind:
        case op.AT:
            return [""]
        case op.LITERAL:
            return [chr(value)]
        case op.BRANCH:
            return [form for way in value[1] for form in _spelled(way)]
        case op.SUBPATTERN:
            return _spelled(value[3])
        case op.MAX_REPEAT if value[:2] == (0, 1):
            return ["", *_spelled(value[2])]
        case op.MAX_REPEAT if value[0] == 1 and list(value[2]) == _A_SPACE:
            return [" "]
        case _:
            raise Undecided(str(kind))


_A_SPACE = list(_parser.parse(r"[\s-]+", re.ASCII)[0][1][2])
