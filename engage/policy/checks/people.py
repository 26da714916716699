"""Checks on people: who is named, what would identify them, personal data, and seeking descriptions."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from engage.policy.checks.particulars import (
    AFTER_A_NOUN,
    AGED,
    CLOSED_LIST,
    ETHNIC,
    FEATURES,
    PARTICULARS,
    PERSONAL,
)
from engage.policy.fold import fold
from engage.policy.gates import patterns
from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit, Span
from engage.policy.question import Question, is_empty
from engage.policy.record import record_of
from engage.policy.token_patterns import SINGLE
from engage.policy.tokens import T
from engage.policy.vocabulary import DescriptionCheck, IdentifiersCheck, NamesCheck, PersonalDataCheck


def names(check: NamesCheck, kit: Kit) -> Gated:
    """A hit for each person named who is not an officer, not allowed, and (if so asked) not in evidence.

    In "NAME was arrested after a woman was robbed" both roles are spoken of: `not_near` drops a name that
    stands nearer to its words than to any of `role_words`.
    """
    near = kit.phrases(check.role_words) if check.role_words else None
    away = kit.phrases(check.not_near) if check.not_near else None

    def find(question: Question) -> Iterator[Hit]:
        for span in dict.fromkeys(_people(question)):
            others = _spans(question, away)
            if near is None and _gap(question, span, others) is not None:
                continue
            if near is not None and not _is_nearer(question, span, _spans(question, near), others):
                continue
            words = question.folded.text[slice(*span)]
            if check.names == "not_in_evidence" and record_of(question).has_words(words):
                continue
            yield Hit(span, words)

    def _people(question: Question) -> Iterator[Span]:
        yield from ((token.start, token.end) for token in kit.tokens(question, T.PERSON))
        if check.names == "anybody":
            yield from _names_on_record(question)

    on_record = {kit.bank.add(SINGLE)} if check.names == "anybody" else set[int]()
    somebody = kit.tokeniser.patterns_of(T.PERSON) | on_record
    return Gated(find, somebody, also=() if near is None else (patterns([near]),))


def _spans(question: Question, number: int | None) -> Sequence[Span]:
    """Where a pattern matches, if there is one to look for."""
    return () if number is None else question.passage.spans(number)


def _is_nearer(question: Question, span: Span, told: Iterable[Span], others: Iterable[Span]) -> bool:
    """Whether one of `told` shares the sentence, and none of `others` stands nearer."""
    gap, other = _gap(question, span, told), _gap(question, span, others)
    return gap is not None and (other is None or gap <= other)


def _gap(question: Question, span: Span, others: Iterable[Span]) -> int | None:
    """How many characters lie between a span and the nearest other of its sentence; None where there is none."""
    sentence = question.passage.sentence_at(span[0])
    return min(
        (
            max(start - span[1], span[0] - end, 0)
            for start, end in others
            if question.passage.sentence_at(start) == sentence
        ),
        default=None,
    )


def _names_on_record(question: Question) -> Iterator[Span]:
    """Where the text gives a name that the record has as one, whoever has heard it before."""
    evidence = question.context.get("evidence")
    for each in evidence if isinstance(evidence, list | tuple) else ():
        if hasattr(each, "get") and _NAME_FIELD.fullmatch(str(each.get("field"))):
            name = fold(str(each.get("value"))).text
            if _WRITTEN_AS_A_NAME.match(name):
                for found in re.finditer(rf"\b{re.escape(name)}\b", question.folded.text):
                    yield found.span()


_NAME_FIELD = re.compile(
    r"(?:(?:first|full|last|given|family|person|missing|misper|subject|suspect|victim|witness)_)*name"
)
"""A person's; an officer's, a road's or an event's name is no secret."""
_WRITTEN_AS_A_NAME = re.compile(r"[A-Z][a-z]+\b")
"""So that a text without a word like it need not be looked at."""


def houses(question: Question, spans: Iterable[Span]) -> Iterator[Span]:
    """The spans that give a house; "number 94 bus on Goldhawk Road" and "route 29, High Street" give a bus."""
    text = question.folded.text
    for start, end in spans:
        if not _BUS.search(text[start:end]) and not _ROUTE.search(text[max(start - 8, 0) : start]):
            yield (start, end)


_BUS = re.compile(r"(?i)\b(?:bus|buses|tram|train|route)\b")
_ROUTE = re.compile(r"(?i)\b(?:bus|route|line)\s\Z")


def personal(check: PersonalDataCheck, kit: Kit) -> Gated:
    """A hit for each piece of personal data of these shapes that is not a contact of the force."""
    numbers = [kit.bank.add(PERSONAL[name]) for name in check.personal]

    def find(question: Question) -> Iterator[Hit]:
        for number in numbers:
            for start, end in houses(question, question.passage.spans(number)):
                words = question.folded.text[start:end]
                if words.casefold() not in kit.force.contacts.emails:
                    yield Hit((start, end), words)

    return Gated(find, frozenset(numbers))


def identifiers(check: IdentifiersCheck, kit: Kit) -> Finder | Gated:
    """A hit for each particular, when together with those already public there are enough.

    `context.published_identifiers` lists what is public for this case: {"kind", "value"} or plain kinds.
    """
    particulars = _Particulars(check, kit)
    near = kit.phrases(check.near) if check.near else None
    away = kit.phrases(check.not_near) if check.not_near else None

    def is_told(question: Question, span: Span) -> bool:
        return _is_nearer(question, span, _spans(question, near), _spans(question, away))

    def given(question: Question) -> dict[str, list[Span]]:
        found = particulars.found(question)
        if near is not None:
            found = {
                name: [span for span in spans if span == _NOWHERE or is_told(question, span)]
                for name, spans in found.items()
            }
        return {name: spans for name, spans in found.items() if spans}

    def find(question: Question) -> Iterable[Hit]:
        found = given(question)
        here = set(found)
        public = _published(question) & set(check.identifiers)
        if not here or len(here | public) < check.at_least:
            return NOTHING
        return [Hit(found[name][0] if found[name][0] != _NOWHERE else None, name) for name in sorted(here)]

    if near is None:
        return find
    kit.particulars.append(given)
    return Gated(find, frozenset({near}))


class _Particulars:
    """Finds each kind of particular that a check counts."""

    def __init__(self, check: IdentifiersCheck, kit: Kit) -> None:
        self.kit = kit
        self.patterns = [
            (name, kit.bank.add(PARTICULARS[name])) for name in check.identifiers if name in PARTICULARS
        ]
        if "address" in check.identifiers:
            self.patterns.append(("address", kit.bank.add(PERSONAL["house"])))
        self.names = "name" in check.identifiers
        self.pictures = "picture" in check.identifiers

    def found(self, question: Question) -> dict[str, list[Span]]:
        """The spans of each kind found."""
        found: dict[str, list[Span]] = {}
        for name, number in self.patterns:
            found.setdefault(name, []).extend(question.passage.spans(number))
        if "job_of_suspect" in found:
            found["job_of_suspect"] = [
                span for span in found["job_of_suspect"] if not self._is_on_the_closed_list(question, span)
            ]
        if "handle" in found:
            found["handle"] = [span for span in found["handle"] if not self._is_ours(question, span)]
        if self.names:
            found["name"] = [(token.start, token.end) for token in self.kit.tokens(question, T.PERSON)]
        if self.pictures and _pictures_the_person(question):
            found.setdefault("picture", []).append(_NOWHERE)
        return found

    def _is_on_the_closed_list(self, question: Question, span: Span) -> bool:
        """Whether "a 36-year-old …" goes on as an arrest post may: man, woman, boy, girl, not what they do."""
        _, old, rest = question.folded.text[span[0] : span[1]].partition("old")
        if not old or not AGED.match(question.folded.text, span[0]):
            return False
        noun = AFTER_A_NOUN.split(rest, maxsplit=1)[0].strip()
        said = " ".join(word for word in noun.split() if word.islower())
        return not said or bool(CLOSED_LIST.search(said))

    def _is_ours(self, question: Question, span: Span) -> bool:
        return question.folded.text[span[0] : span[1]].casefold() in self.kit.handles


_NOWHERE = (0, 0)
"""Where an image stands: not in the text."""


def _pictures_the_person(question: Question) -> bool:
    image = question.section("image")
    return image.get("present") is True and image.get("type") in ("victim", "family", "complainant")


def _published(question: Question) -> frozenset[str]:
    listed = question.context.get("published_identifiers")
    if not isinstance(listed, list | tuple):
        return frozenset()
    kinds = (each.get("kind", each.get("field")) if hasattr(each, "get") else each for each in listed)
    return frozenset(_kind_of(str(kind)) for kind in kinds if not is_empty(kind))


def _kind_of(said: str) -> str:
    """The kind of particular an entry names, or is an example of: "age 34" is an age."""
    lower = said.casefold().strip()
    named = next((name for name in (*PARTICULARS, "name") if lower.startswith(name)), None)
    if named is not None:
        return named
    return next((name for name, pattern in _EXAMPLES.items() if pattern.search(said)), lower)


_EXAMPLES: dict[str, re.Pattern[str]] = {name: re.compile(pattern) for name, pattern in PARTICULARS.items()}


def description(check: DescriptionCheck, kit: Kit) -> Gated:
    """One hit where a seeking description gives too few features, or only ethnicity and dress."""
    features = {name: kit.bank.add(pattern) for name, pattern in FEATURES.items()}
    ethnic = kit.bank.add(ETHNIC)
    describes = kit.phrases(
        (
            "described as",
            "description",
            "described him|her|them as",
            "looking for a|two|three|the",
            "suspect(s) is|was|are|were",
            "suspect(s) in|wearing",
            "by a|two|three man|men|woman|women|male(s)|female(s)|boy(s)|youth(s)|teenager(s) in|wearing",
            "wanted",
            "we are looking for",
            "are seeking",
            "seeking a",
        )
    )
    counted = _counter(features)
    needed = (describes, ethnic) if check.description == "only_ethnicity" else (describes,)
    only_ethnic = check.description == "only_ethnicity"

    def find(question: Question) -> Iterable[Hit]:
        if question.hits.isdisjoint(needed):
            return NOTHING
        seen = counted(question)
        if only_ethnic:
            if ethnic in question.hits and not seen - {"sex", "clothing"} - (
                {"age"} if "clothing" not in seen else set()
            ):
                return [Hit(span, "") for span in list(question.passage.spans(ethnic))[:1]]
            return NOTHING
        if seen and len(seen - {"sex"}) + (ethnic in question.hits) < check.at_least:
            return [Hit(span, "") for span in list(question.passage.spans(describes))[:1]]
        return NOTHING

    return Gated(find, frozenset(needed))


def _counter(features: dict[str, int]) -> Callable[[Question], frozenset[str]]:
    return lambda question: frozenset(name for name, number in features.items() if number in question.hits)
