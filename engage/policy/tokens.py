"""What a text states: every number, date, time, place, name, reference, telephone, handle and link, by span.

Found in an order in which each span is claimed once: a telephone number is not also a number, a road
named after a person is not also a person.
"""

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engage.policy.gazetteer import Gazetteer
from engage.policy.patterns import PatternBank
from engage.policy.question import Question
from engage.policy.record import venues_of
from engage.policy.values import CLOCK_WORDS, DAY, MONTH, NUMBER_WORD, WEEKDAY


class T(StrEnum):
    """The kinds of token."""

    LINK = "link"
    EMAIL = "email"
    HANDLE = "handle"
    HASHTAG = "hashtag"
    REFERENCE = "reference"
    PHONE = "phone"
    DATE = "date"
    TIME = "time"
    PERCENTAGE = "percentage"
    NUMBER = "number"
    PLACE = "place"
    OFFICER = "officer"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Token:
    """A stated thing: what kind, where in the folded text, and the folded words themselves."""

    kind: T
    start: int
    end: int
    text: str


_ABBREVIATED = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_M = rf"(?:{MONTH}|{_ABBREVIATED})"
_YEAR = r"(?:19|20)\d\d"
_CAP = r"[A-Z][a-z]+(?:['-][A-Z]?[a-z]+)*"
_NAME = rf"(?:(?:O'|Mc|Mac|De|Van|Al-)?{_CAP})"
_TLD = r"(?:uk|com|org|net|gov|police|ly|info|io|gl|gd|co|eu|london|social|app|link|biz|tv|cc|xyz|online|site|shop|news)"

PATTERNS: tuple[tuple[T, str], ...] = (
    (T.EMAIL, r"(?i)\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        T.LINK,
        rf"(?i)(?:\bhttps?://[^\s<>\"]+|\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TLD}\b(?:/[^\s<>\"]*)?|(?:me|be|to)/[^\s<>\"]+))",
    ),
    (T.HASHTAG, r"#\w*[A-Za-z]\w*"),
    (T.HANDLE, r"@\w(?:[\w.]*\w)?"),
    (
        T.REFERENCE,
        (
            r"(?i)\b(?:CAD(?:\s?(?:ref(?:erence)?|number|no))?\.?:?\s*)?\d{1,6}/\d{2}[A-Z]{3}(?:\d{2})?\b"
            r"|\bCAD(?:\s(?:ref(?:erence)?|number|no))?\.?:?\s*\d[\w/]*"
            r"|\b\d{2}MIS\d+\b|\bCRIS\s*:?\s*[\w/]*\d[\w/]*|\b\d{4,8}/\d{2}\b"
            r"|\b(?:ref|reference)(?:\s(?:number|no))?\.?:?\s+[A-Z]{0,4}\d[\w/-]*"
        ),
    ),
    (
        T.PHONE,
        r"(?:\+44[\s-]?\(?0?\)?|\(?\b0)\d(?:[\s()-]{0,2}\d){6,10}\b|\b116[\s-]?123\b|\b(?:101|999|112|111|105|159|7726|61016|18000|18001)\b",
    ),
    (
        T.DATE,
        (
            rf"(?i)\b(?:{WEEKDAY},?\s+)?(?:the\s+)?{DAY}(?:\s+of)?\s+{_M}\b(?:,?\s+{_YEAR}\b)?"
            rf"|\b{_M}\s+{DAY}\b(?:,?\s+{_YEAR}\b)?"
            rf"|\b\d{{1,2}}[/.]\d{{1,2}}[/.](?:20)?\d\d\b|\b20\d\d-\d\d(?:-\d\d)?\b|\b{MONTH}\s+{_YEAR}\b"
        ),
    ),
    (
        T.TIME,
        (
            r"(?i)\b(?:[01]?\d|2[0-3])[.:][0-5]\d\s?(?:am|pm|a\.m\.|p\.m\.|hrs|hours)(?:\b|\B)|\b(?:[01]?\d|2[0-3]):[0-5]\d\b"
            r"|\b(?:1[0-2]|[1-9])\s?(?:am|pm|a\.m\.|p\.m\.|o'clock)(?:\b|\B)|\b(?:noon|midday|midnight)\b"
            rf"|\b(?:[01]\d|2[0-3])[0-5]\d\s?(?:hrs|hours)\b|\b{CLOCK_WORDS}"
        ),
    ),
    (T.PERCENTAGE, rf"(?i)\b(?:\d[\d,]*(?:\.\d+)?|{NUMBER_WORD}|one)\s?(?:%|per\s?cent\b)"),
    (
        T.DATE,
        (
            rf"\b(?i:{WEEKDAY})s?\b|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
            rf"|\b(?i:in|during|since|from|to|of|until|by|last|this|next|and|late|early)\s+(?:March|May)\b|\b{_YEAR}\b"
        ),
    ),
    (T.NUMBER, rf"(?i)\b\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|k|m)?\b|\b{NUMBER_WORD}\b"),
)
_LOWER_PLACES = "estate|ward|street|road|park|school|academy|college|station|hospital"
"""What makes two capitalised words before it a place and not a person: "Holly Lodge estate"."""
_TRAILING = ".,;:!?)'\""


@dataclass
class Tokeniser:
    """Finds tokens with the policy's own pattern bank, so what is not there costs nothing."""

    bank: PatternBank
    gazetteer: Gazetteer
    idioms: tuple[int, ...] = ()
    numbers: tuple[tuple[T, int], ...] = field(init=False)
    places: tuple[int, ...] = field(init=False)
    officers: tuple[int, ...] = field(init=False)
    people: tuple[int, ...] = field(init=False)
    named_place: int = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = tuple((kind, self._ours(pattern)) for kind, pattern in PATTERNS)
        rank = r"(?:PC|PD|PH|PCSO|PS|SPC|Sgt|Sergeant|Insp|Inspector|DC|DS|DI|DCI|DSU|DCS|DAC|ACC|Cmdr|Det|Detective|Supt|Superintendent|Commander|Commissioner|Constable|Ch|Chief|T/|A/|Acting|Temporary|Deputy|Assistant)\.?"
        title = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Cllr|Councillor|Judge|Rev|Professor|Prof)\.?"
        named = rf"(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME})?"
        self.officers = (
            self._ours(
                rf"\b(?:PC|PCSO|DC|DS|PS|Sgt|Sergeant|Constable|Inspector|Officer)s\s+{named}(?:,\s+{named})*\s+and\s+{named}"
            ),
            self._ours(rf"\b{rank}(?:\s+{rank})*\s+{named}"),
            self._ours(rf"\b(?:Support|Ward|Liaison|Prevention|Schools?|Neighbourhood)\s+Officer\s+{named}"),
        )
        self.people = (
            self._ours(rf"\b{title}\s+(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME}){{0,2}}"),
            self._ours(
                rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}(?:,?\s+(?:aged?|\()\s?\d\d?\b|,\s+\d\d?\b)"
            ),
            self._ours(
                rf"\b(?:[Nn]amed|[Cc]alled|[Ii]dentified|[Kk]nown|[Nn]ame is|[Nn]icknamed)(?:\s+(?:locally|only|him|her|them))?(?:\s+as)?\s+{_NAME}(?:\s+{_NAME}){{0,2}}"
            ),
            self._ours(rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}\b"),
            self._ours(rf"\b{_CAP}\b"),
        )
        suffix = "|".join(re.escape(word) for word in self.gazetteer.place_words)
        inner = rf"(?:{_CAP}|St|[A-Z][A-Z0-9]+|of|the|and|&|on|upon)\.?"
        self.places = (
            self._ours(rf"\b(?:{_CAP}|St|[A-Z][A-Z0-9]+)\.?'?s?(?:\s+{inner}'?s?){{0,3}}\s+(?:{suffix})\b"),
            self._ours(rf"\b{_CAP}(?:\s+{_CAP}){{1,2}}\s+(?:{_LOWER_PLACES})\b"),
            self._ours(self.gazetteer.pattern),
        )
        self.named_place = self._ours(
            rf"\b(?:near|outside|in|at|around|along|opposite|towards|behind)\s+(?:the\s+)?{_CAP}(?:\s+(?:and\s+)?{_CAP})*"
        )

    def _ours(self, pattern: str) -> int:
        return self.bank.add(pattern, ours=True)

    def patterns_of(self, kind: T) -> frozenset[int]:
        """The patterns without which no token of a kind (people and places aside) is found."""
        return frozenset(number for each, number in self.numbers if each is kind)

    def read(self, question: Question) -> Mapping[T, tuple[Token, ...]]:
        """All tokens of the text by kind, found once for a question."""
        known = question.found.get("tokens")
        if known is None:
            reading = _Reading(self, question)
            known = question.found["tokens"] = reading.tokens()
        found: Mapping[T, tuple[Token, ...]] = known
        return found


class _Reading:
    """One text being read: what is claimed already, and what was found."""

    def __init__(self, tokeniser: Tokeniser, question: Question) -> None:
        self.tokeniser = tokeniser
        self.gazetteer = tokeniser.gazetteer
        self.question = question
        self.text = question.folded.text
        self.claimed: list[tuple[int, int]] = []
        self.longest = 0
        self.found: dict[T, list[Token]] = {}

    def tokens(self) -> Mapping[T, tuple[Token, ...]]:
        """Read idioms first, then the numeric things, places, officers and people."""
        for number in self.tokeniser.idioms:
            for start, end in self._spans(number):
                self._claim(start, end)
        hits = self.question.hits
        for kind, number in self.tokeniser.numbers:
            if number in hits:
                for start, end in self._spans(number):
                    self._keep(kind, start, self._trimmed(kind, start, end))
        for number in self.tokeniser.officers:
            for start, end in self._spans(number):
                self._keep(T.OFFICER, start, end)
        self._places()
        self._people()
        self._leave_out_venues()
        return {kind: tuple(sorted(each, key=lambda token: token.start)) for kind, each in self.found.items()}

    def _spans(self, number: int) -> Iterator[tuple[int, int]]:
        if number in self.question.hits:
            yield from self.tokeniser.bank.spans(number, self.text)

    def _trimmed(self, kind: T, start: int, end: int) -> int:
        if kind is T.LINK:
            return start + len(self.text[start:end].rstrip(_TRAILING))
        return end

    def _keep(self, kind: T, start: int, end: int) -> bool:
        if self._is_claimed(start, end):
            return False
        self._claim(start, end)
        self.found.setdefault(kind, []).append(Token(kind, start, end, self.text[start:end]))
        return True

    def _claim(self, start: int, end: int) -> None:
        bisect.insort(self.claimed, (start, end))
        self.longest = max(self.longest, end - start)

    def _is_claimed(self, start: int, end: int) -> bool:
        """Whether a claimed span shares a character: only those that begin near enough are looked at."""
        first = bisect.bisect_left(self.claimed, (start - self.longest, -1))
        for place in range(first, len(self.claimed)):
            begun, ended = self.claimed[place]
            if begun >= end:
                return False
            if ended > start:
                return True
        return False

    def _places(self) -> None:
        for number in self.tokeniser.places:
            for start, end in self._spans(number):
                first = self._past_small_words(start, end)
                if not self.gazetteer.is_known(self.text[first:end]):
                    self._keep(T.PLACE, first, end)
                else:
                    self._claim(first, end)

    def _past_small_words(self, start: int, end: int) -> int:
        """Where a name begins behind words like "On" and "The" that only begin its sentence."""
        while True:
            word, space, rest = self.text[start:end].partition(" ")
            if not space or not rest or word.casefold() not in self.gazetteer.small_words:
                return start
            start += len(word) + 1

    def _people(self) -> None:
        titled, aged, called, pairs, singles = self.tokeniser.people
        for start, end in self._spans(titled):
            if self._is_pub(start):
                self._claim(start, end)
            else:
                self._keep(T.PERSON, start, end)
        for number in (aged, called):
            for start, end in self._spans(number):
                self._keep_name(start, end)
        for start, end in self._spans(pairs):
            self._keep_pair(start, end)
        for start, end in self._spans(singles):
            if self.gazetteer.is_first_name(self.text[start:end], alone=True):
                self._keep(T.PERSON, start, end)
        for start, end in self._spans(self.tokeniser.named_place):
            first = self._behind_preposition(start, end)
            if not self.gazetteer.is_known(self.text[first:end]):
                self._keep(T.PLACE, first, end)

    def _is_pub(self, start: int) -> bool:
        """Whether a title stands behind "the": the Lord Nelson, the Sir Robert Peel."""
        return self.text[max(start - 4, 0) : start].casefold() == "the " and self.text.startswith(
            _PUB_TITLES, start
        )

    def _leave_out_venues(self) -> None:
        """What the record states as a place is nobody: the Lord Nelson, Rosa Parks Hall."""
        people = self.found.get(T.PERSON)
        if people:
            venues = venues_of(self.question)
            self.found[T.PERSON] = [each for each in people if not venues.has_words(each.text)]

    def _keep_name(self, start: int, end: int) -> None:
        """A name behind "named" or before an age: only its capitalised words, and only if not known."""
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
        self._keep(T.PERSON, first, last)

    def _is_first(self, word: str) -> bool:
        return self.gazetteer.is_first_name(word)

    def _keep_pair(self, start: int, end: int) -> None:
        """Two or three capitalised words that begin with a first name."""
        first = self._past_small_words(start, end)
        words = self.text[first:end].split()
        if self.gazetteer.is_known(self.text[first:end]):
            self._claim(first, end)
        elif (
            len(words) > 1
            and self.gazetteer.is_first_name(words[0])
            and not self.gazetteer.is_known(words[1])
        ):
            self._keep(T.PERSON, first, end)
        elif len(words) == 3 and self.gazetteer.is_first_name(words[1]):  # noqa: PLR2004 - a word, then first and last name
            self._keep(T.PERSON, self.text.index(words[1], first + len(words[0])), end)

    def _behind_preposition(self, start: int, end: int) -> int:
        words = self.text[start:end].split(" ")
        skipped = len(words[0]) + 1
        if len(words) > 1 and words[1] == "the":
            skipped += 4
        return min(start + skipped, end)


_PUB_TITLES = ("Lord ", "Lady ", "Sir ", "Dame ")
_CUES = frozenset({"named", "called", "identified", "known", "name", "nicknamed"})
