"""Counts too small to publish below a borough: stated, shown in the text, or left over by subtraction."""

from collections.abc import Iterator, Mapping
from typing import Any

from engage.policy.kit import Finder, Hit, Kit, Span
from engage.policy.question import Question, number_of
from engage.policy.tokens import T
from engage.policy.values import NUMBER_WORD, number_in

_WIDE = frozenset({"borough", "london", "force", "force-wide", "met", "city"})
_SENSITIVE = ("sexual", "rape", "domestic", "hate", "stalking", "honour")
_SENSITIVE_PHRASES = (
    "sexual offence(s)|assault(s)|crime(s)|violence",
    "sex offence(s)|crime(s)",
    "rape(s)",
    "domestic abuse|violence|offence(s)|incident(s)|crime(s)",
    "hate crime(s)|offence(s)|incident(s)",
    "stalking",
    "honour based",
)
_OFFENCE_PATHS = ("data.crime_type", "data.offence", "data.topic", "data.category", "case.offence")
_OFFENCE_FIELDS = frozenset({"crime_type", "offence", "topic", "category", "crime"})
_PARTED = (
    "of them|these|those|which|whom",
    "of the \\d+".replace("\\d+", "total"),
    "the rest|others|remainder|remaining",
    "all but",
    "all except",
    "among them|these|those",
    "including",
)
"""What tells that a sentence takes a count apart."""
_OF_SO_MANY = (
    rf"(?i)(?:\A|[.!?:]\s+|\n\s*)(?:out\s+)?of\s+(?:the\s+|these\s+|those\s+|all\s+)?(?:\d|{NUMBER_WORD})"
)
_JUST_ONE = (
    "one of them|these|those|which",
    "all but one",
    "all except one",
    "including one",
    "the other one",
)


def small_count(kit: Kit) -> Finder:
    """A hit for each count below the limit: 5, or 10 where the offence is sexual, domestic or of hate."""
    limits = kit.force.thresholds
    delicate = kit.phrases(_SENSITIVE_PHRASES)
    parted, one = kit.phrases(_PARTED), kit.phrases(_JUST_ONE)
    of_so_many = kit.bank.add(_OF_SO_MANY)

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        if str(data.get("geography", "borough")).casefold() in _WIDE:
            return
        sensitive = data.get("sensitive") is True or delicate in question.hits or _is_sensitive(question)
        limit = limits.small_count_sensitive if sensitive else limits.small_count
        for name, value in _counts(data):
            if 0 < value < limit:
                yield Hit(_span_of(kit, question, value), f"{name} ({value:g}, below {limit})")
        for span in question.passage.spans(one):
            yield Hit(span, f"a part (1, below {limit})")
        apart = kit.sentences(question, parted) | {
            question.passage.sentence_at(end - 1) for _, end in question.passage.spans(of_so_many)
        }
        for sentence in apart:
            yield from _taken_apart(kit, question, sentence, limit)

    return find


def _taken_apart(kit: Kit, question: Question, sentence: Span, limit: int) -> Iterator[Hit]:
    """The parts that a sentence gives of the count, and what they leave."""
    numbers = {
        (token.start, token.end): value
        for token in kit.tokens(question, T.NUMBER)
        if sentence[0] <= token.start < sentence[1] and (value := number_in(token.text)) is not None
    }
    total = number_of(question.fact("data.n_now")) or max(numbers.values(), default=0)
    parts = {span: value for span, value in numbers.items() if value < total}
    for span, value in parts.items():
        if 0 < value < limit:
            yield Hit(span, f"a part ({value:g}, below {limit})")
    rest = total - sum(parts.values())
    if parts and 0 < rest < limit:
        yield Hit(next(iter(parts)), f"what the parts leave of the total ({rest:g}, below {limit})")


def _is_sensitive(question: Question) -> bool:
    said = " ".join(
        [*(str(question.fact(path)) for path in _OFFENCE_PATHS), *_offences_in_evidence(question)]
    )
    return any(word in said.casefold() for word in _SENSITIVE)


def _offences_in_evidence(question: Question) -> Iterator[str]:
    evidence = question.context.get("evidence")
    for each in evidence if isinstance(evidence, list | tuple) else ():
        if isinstance(each, Mapping) and each.get("field") in _OFFENCE_FIELDS:
            yield str(each.get("value"))


def _counts(data: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Every count stated, and each that follows by taking the parts from the total."""
    for name in ("n_now", "n_base", "count"):
        value = number_of(data.get(name))
        if value is not None:
            yield ("the count", value)
    parts = _parts(data)
    yield from (("a part", value) for value in parts)
    total = number_of(data.get("total"))
    if total is not None and parts:
        rest = total - sum(parts)
        if rest > 0:
            yield ("what is left when the parts are taken from the total", rest)


def _parts(data: Mapping[str, Any]) -> list[float]:
    for name in ("parts", "counts", "breakdown", "by_ward"):
        listed = data.get(name)
        values = listed.values() if isinstance(listed, Mapping) else listed
        if isinstance(values, list | tuple) or isinstance(listed, Mapping):
            return [
                value
                for each in values or ()
                if (value := number_of(each.get("n") if isinstance(each, Mapping) else each)) is not None
            ]
    return []


def _span_of(kit: Kit, question: Question, value: float) -> Span | None:
    return next(
        (
            (token.start, token.end)
            for token in kit.tokens(question, T.NUMBER)
            if number_in(token.text) == value
        ),
        None,
    )
