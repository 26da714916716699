"""Checks on words: phrases, patterns, phrases that stand together, and phrases that must be there."""

from collections.abc import Iterator, Mapping, Sequence

from engage.policy.gates import patterns
from engage.policy.kit import Finder, Gated, Hit, Kit, Span, overlaps
from engage.policy.question import Question
from engage.policy.vocabulary import PatternCheck, PhrasesCheck, RequiresCheck, TogetherCheck


def phrases(check: PhrasesCheck, kit: Kit) -> Gated:
    """Every place where one of the phrases stands, but not inside an exception."""
    return _outside(kit, kit.phrases(check.phrases), check.except_)


def pattern(check: PatternCheck, kit: Kit) -> Gated:
    """Every place where the pattern matches, but not inside an exception."""
    return _outside(kit, kit.bank.add(check.pattern), check.except_)


def _outside(kit: Kit, number: int, exceptions: Sequence[str]) -> Gated:
    excepted = kit.phrases(exceptions) if exceptions else None

    def find(question: Question) -> Iterator[Hit]:
        if number not in question.hits and number not in question.masked_hits:
            return
        allowed = [] if excepted is None else list(question.passage.spans(excepted))
        for span in question.passage.spans(number):
            if not overlaps(span, allowed):
                yield Hit(span)

    return Gated(find, frozenset({number}))


def together(check: TogetherCheck, kit: Kit) -> Gated:
    """The first phrase of the first group that shares its sentence (or the text) with one of each group."""
    groups = [kit.phrases(group) for group in check.together]
    excepted = kit.phrases(check.except_) if check.except_ else None
    anywhere = check.within == "text"

    def find(question: Question) -> Iterator[Hit]:
        allowed = [] if excepted is None else list(question.passage.spans(excepted))
        first, *others = [
            [span for span in question.passage.spans(number) if not overlaps(span, allowed)]
            for number in groups
        ]
        by_sentence = [_by_sentence(question, spans, anywhere=anywhere) for spans in others]
        for span in first:
            sentence = None if anywhere else question.passage.sentence_at(span[0])
            if all(_has_other(spans.get(sentence, ()), span) for spans in by_sentence):
                yield Hit(span)

    return Gated(find, frozenset(groups[:1]), also=tuple(patterns([each]) for each in groups[1:]))


def _by_sentence(
    question: Question, spans: Sequence[Span], *, anywhere: bool
) -> Mapping[Span | None, list[Span]]:
    """The spans by the sentence each stands in; all under None where the whole text counts as one."""
    found: dict[Span | None, list[Span]] = {}
    for span in spans:
        found.setdefault(None if anywhere else question.passage.sentence_at(span[0]), []).append(span)
    return found


def _has_other(spans: Sequence[Span], span: Span) -> bool:
    """Whether any of the spans is not the same words."""
    return any(not overlaps(each, (span,)) for each in spans)


def requires(check: RequiresCheck, kit: Kit) -> Finder:
    """One hit without a span where none of the phrases stands in the text."""
    number = kit.phrases(check.requires)
    wanted = Hit(None)

    def find(question: Question) -> tuple[Hit, ...]:
        return () if number in question.hits else (wanted,)

    return find
