"""What a text states: every number, date, time, place, name, reference, telephone, handle and link, by span.

Found in an order in which each span is claimed once: a telephone number is not also a number, a road
named after a person is not also a person.
"""

import bisect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from engage.policy.gazetteer import Gazetteer
from engage.policy.patterns import PatternBank
from engage.policy.person_or_place import is_of_a_person, past_what_is_there
from engage.policy.question import Question
from engage.policy.record import says, venues_of
from engage.policy.values import (
    CLOCK_WORDS,
    DAY,
    DAY_IN_WORDS,
    MONTH,
    NUMBER_WORD,
    SHARE_WORDS,
    WEEKDAY,
)


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


class Token(NamedTuple):
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
            rf"|\b{_M}\s+(?:the\s+)?{DAY}\b(?:,?\s+{_YEAR}\b)?"
            rf"|\b(?:{WEEKDAY},?\s+)?(?:the\s+)?{DAY_IN_WORDS}\s+of\s+{_M}\b(?:,?\s+{_YEAR}\b)?"
            rf"|\b{_M}\s+the\s+{DAY_IN_WORDS}\b(?:,?\s+{_YEAR}\b)?"
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
    (
        T.PERCENTAGE,
        rf"(?i)\b(?:\d[\d,]*(?:\.\d+)?|{NUMBER_WORD}|one)\s?(?:%|per\s?cent\b)|\b{SHARE_WORDS}",
    ),
    (
        T.DATE,
        (
            rf"\b(?i:{WEEKDAY})s?\b|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
            rf"|\b(?i:in|during|since|from|to|of|until|by|last|this|next|and|late|early)\s+(?:March|May)\b|\b{_YEAR}\b"
        ),
    ),
    (T.NUMBER, rf"(?i)\b\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|k|m)?\b|\b{NUMBER_WORD}\b"),
)
_RANK = r"(?:PC|PD|PH|PCSO|PS|SPC|Sgt|Sergeant|Insp|Inspector|DC|DS|DI|DCI|DSU|DCS|DAC|ACC|Cmdr|Det|Detective|Supt|Superintendent|Commander|Commissioner|Constable|Ch|Chief|T/|A/|Acting|Temporary|Deputy|Assistant)\.?"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Cllr|Councillor|Judge|Rev|Professor|Prof)\.?"
_NAMED = rf"(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME})?"
_OFFICERS = (
    rf"\b(?:PC|PCSO|DC|DS|PS|Sgt|Sergeant|Constable|Inspector|Officer)s\s+{_NAMED}(?:,\s+{_NAMED})*\s+and\s+{_NAMED}",
    rf"\b{_RANK}(?:\s+{_RANK})*\s+{_NAMED}",
    rf"\b(?:Support|Ward|Liaison|Prevention|Schools?|Neighbourhood)\s+Officer\s+{_NAMED}",
)
_TITLED = rf"\b{_TITLE}\s+(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME}){{0,2}}"
_AGED = rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}(?:,?\s+(?:aged?|\()\s?\d\d?\b|,\s+\d\d?\b)"
_CALLED = rf"\b(?:[Nn]amed|[Cc]alled|[Ii]dentified|[Kk]nown|[Nn]ame is|[Nn]icknamed)(?:\s+(?:locally|only|him|her|them))?(?:\s+as)?\s+{_NAME}(?:\s+{_NAME}){{0,2}}"
_PAIR = rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}\b"
_SINGLE = rf"\b{_CAP}\b"
_NEAR = rf"\b(?:near|outside|in|at|around|along|opposite|towards|behind)\s+(?:the\s+)?{_CAP}(?:\s+(?:and\s+)?{_CAP})*"
_LOWER_PLACES = "estate|ward|street|road|park|school|academy|college|station|hospital"
"""What makes two capitalised words before it a place and not a person: "Holly Lodge estate"."""
_TRAILING = ".,;:!?)'\""


def _places(gazetteer: Gazetteer) -> tuple[str, ...]:
    """The patterns of places: by what ends their names, in capitals or not, and the boroughs and areas."""
    suffix = "|".join(re.escape(word) for word in gazetteer.place_words)
    inner = rf"(?:{_CAP}|St|[A-Z][A-Z0-9]+|of|the|and|&|on|upon)\.?"
    return (
        rf"\b(?:{_CAP}|St|[A-Z][A-Z0-9]+)\.?'?s?(?:\s+{inner}'?s?){{0,3}}\s+(?:{suffix})\b",
        rf"\b{_CAP}(?:\s+{_CAP}){{1,2}}\s+(?:{_LOWER_PLACES})\b|\b{_CAP}\s+ward\b",
    )


@dataclass
class Tokeniser:
    """Finds tokens with the policy's own pattern bank, so what is not there costs nothing.

    A text is read step by step, and only as far as the kinds asked for need: a telephone number is known
    before the first word is looked at as a name.
    """

    bank: PatternBank
    gazetteer: Gazetteer
    idioms: tuple[int, ...] = ()
    steps: tuple[tuple[T | None, int, "_Take"], ...] = field(init=False)
    _patterns: Mapping[T, frozenset[int]] = field(init=False)
    _last_step: Mapping[T, int] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = (
            *((None, number, _Reading.claim) for number in self.idioms),
            *((kind, self._ours(pattern), _keeping(kind)) for kind, pattern in PATTERNS),
            *((T.OFFICER, self._ours(pattern), _keeping(T.OFFICER)) for pattern in _OFFICERS),
            *((T.PLACE, self._ours(pattern), _Reading.keep_place) for pattern in _places(self.gazetteer)),
            (T.PLACE, self._ours(_NEAR), _Reading.keep_long_name),
            (T.PLACE, self._ours(self.gazetteer.pattern), _Reading.keep_place),
            (T.PERSON, self._ours(_TITLED), _Reading.keep_titled),
            (T.PERSON, self._ours(_AGED), _Reading.keep_name),
            (T.PERSON, self._ours(_CALLED), _Reading.keep_name),
            (T.PERSON, self._ours(_PAIR), _Reading.keep_pair),
            (T.PERSON, self._ours(_SINGLE), _Reading.keep_first_name),
            (T.PLACE, self._ours(_NEAR), _Reading.keep_behind_preposition),
        )
        by_kind = {kind: [place for place, step in enumerate(self.steps) if step[0] is kind] for kind in T}
        self._last_step = {kind: max(places) + 1 for kind, places in by_kind.items()}
        self._patterns = {
            kind: frozenset(self.steps[place][1] for place in places) for kind, places in by_kind.items()
        }

    def _ours(self, pattern: str) -> int:
        return self.bank.add(pattern)

    def patterns_of(self, kind: T) -> frozenset[int]:
        """The patterns without which no token of a kind is found."""
        return self._patterns[kind]

    def tokens(self, question: Question, kind: T) -> "tuple[Token, ...]":
        """All tokens of one kind, in the order of the text, found once for a question."""
        if question.hits.isdisjoint(self._patterns[kind]):
            return ()
        reading: _Reading | None = question.found.get("tokens")
        if reading is None:
            reading = question.found["tokens"] = _Reading(self, question)
        return reading.tokens(kind, steps=self._last_step[kind])


class _Reading:
    """One text being read: how far, what is claimed already, and what was found."""

    def __init__(self, tokeniser: Tokeniser, question: Question) -> None:
        self.tokeniser = tokeniser
        self.gazetteer = tokeniser.gazetteer
        self.question = question
        self.text = question.folded.text
        hits = question.hits
        self.left = [(place, step) for place, step in enumerate(tokeniser.steps) if step[1] in hits]
        self.done = 0
        self.claimed: list[tuple[int, int]] = []
        self.longest = 0
        self.found: dict[T, list[Token]] = {}
        self.in_order: dict[T, tuple[Token, ...]] = {}

    def tokens(self, kind: T, *, steps: int) -> tuple[Token, ...]:
        """The tokens of a kind, which the first so many steps find."""
        known = self.in_order.get(kind)
        if known is not None:
            return known
        while self.done < len(self.left) and self.left[self.done][0] < steps:
            _, number, take = self.left[self.done][1]
            for start, end in self.tokeniser.bank.spans(number, self.text):
                take(self, start, end)
            self.done += 1
        found = sorted(self.found.get(kind, ()), key=_start)
        self.in_order[kind] = known = tuple(self._but_venues(found) if kind is T.PERSON else found)
        return known

    def _but_venues(self, people: list[Token]) -> list[Token]:
        """What the record states as a place is nobody: the Lord Nelson, Rosa Parks Hall."""
        if not people:
            return people
        venues = venues_of(self.question)
        return [each for each in people if not says(venues, each.text)]

    def keep(self, kind: T, start: int, end: int) -> None:
        """Keep a token, unless one of its characters belongs to another."""
        if self._is_claimed(start, end):
            return
        self.claim(start, end)
        self.found.setdefault(kind, []).append(Token(kind, start, end, self.text[start:end]))

    def claim(self, start: int, end: int) -> None:
        """Let nothing else be found here."""
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

    def keep_place(self, start: int, end: int) -> None:
        """A place by its last word or its area, past the words that only begin its sentence: not "Your ward"."""
        first = self._past_a_person(self._past_small_words(start, end), end)
        first = past_what_is_there(self.text, first, end)
        words = self.text[first:end]
        if self.gazetteer.is_surname(words) and is_of_a_person(
            self.text, first, end, sure=self.gazetteer.is_first_name(words.split()[0], alone=True)
        ):
            return
        if self.gazetteer.is_known(words) or words.islower():
            self.claim(first, end)
        else:
            self.keep(T.PLACE, first, end)

    def keep_long_name(self, start: int, end: int) -> None:
        """Two or more capitalised words behind a preposition: "Camden Lock" before "Camden" is found."""
        first, last = self._named_place(start, end)
        if " " in self.text[first:last]:
            self.keep_place(first, last)

    def _named_place(self, start: int, end: int) -> tuple[int, int]:
        """The name behind a preposition, without the preposition and without known words behind it."""
        words = self.text[start:end].split(" ")
        skipped = len(words[0]) + 1
        if len(words) > 1 and words[1] == "the":
            skipped += 4
        first = min(start + skipped, end)
        return first, self._before_known_words(first, end)

    def _before_known_words(self, start: int, end: int) -> int:
        """Where a name ends before words that are no names: "Camden Lock Police"."""
        while True:
            rest, space, word = self.text[start:end].rpartition(" ")
            if not space or not self.gazetteer.is_known(word):
                return end
            end = start + len(rest)

    def _past_a_person(self, start: int, end: int) -> int:
        """Where a place begins behind somebody who is of it: "Paul Hughes of Cranbrook Road"."""
        name, of, _ = self.text[start:end].partition(" of ")
        words = name.split()
        somebody = bool(of) and len(words) == 2 and self.gazetteer.is_first_name(words[0])  # noqa: PLR2004 - first and last name
        return start + len(name) + len(of) if somebody else start

    def _past_small_words(self, start: int, end: int) -> int:
        """Where a name begins behind words like "On" and "The" that only begin its sentence."""
        while True:
            word, space, rest = self.text[start:end].partition(" ")
            if not space or not rest or word.casefold() not in self.gazetteer.small_words:
                return start
            start += len(word) + 1

    def keep_titled(self, start: int, end: int) -> None:
        """A person with a title, unless a pub is called so: the Lord Nelson, the Sir Robert Peel."""
        behind = self.text[max(start - 4, 0) : start].casefold()
        if behind == "the " and self.text.startswith(_PUB_TITLES, start):
            self.claim(start, end)
        else:
            self.keep(T.PERSON, start, end)

    def keep_name(self, start: int, end: int) -> None:
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
        self.keep(T.PERSON, first, last)

    def _is_first(self, word: str) -> bool:
        return self.gazetteer.is_first_name(word)

    def keep_pair(self, start: int, end: int) -> None:
        """Two or three capitalised words that begin with a first name."""
        first = self._past_small_words(start, end)
        words = self.text[first:end].split()
        if self.gazetteer.is_known(self.text[first:end]):
            self.claim(first, end)
        elif (
            len(words) > 1
            and self.gazetteer.is_first_name(words[0])
            and not self.gazetteer.is_known(words[1])
        ):
            self.keep(T.PERSON, first, end)
        elif len(words) == 3 and self.gazetteer.is_first_name(words[1]):  # noqa: PLR2004 - a word, then first and last name
            self.keep(T.PERSON, self.text.index(words[1], first + len(words[0])), end)

    def keep_first_name(self, start: int, end: int) -> None:
        """A first name that stands alone and is not also an ordinary word."""
        if self.gazetteer.is_first_name(self.text[start:end], alone=True):
            self.keep(T.PERSON, start, end)

    def keep_behind_preposition(self, start: int, end: int) -> None:
        """Capitalised words behind "near" or "at the"."""
        first, last = self._named_place(start, end)
        if not self.gazetteer.is_known(self.text[first:last]):
            self.keep(T.PLACE, first, last)


_Take = Callable[[_Reading, int, int], None]
"""What a step does with a span that its pattern matches."""


def _keeping(kind: T) -> _Take:
    """Keep what matches as a token of this kind: a link without what ends its sentence, no seven of Seven Sisters."""

    def take(reading: _Reading, start: int, end: int) -> None:
        if kind is T.LINK:
            end = start + len(reading.text[start:end].rstrip(_TRAILING))
        if kind is T.NUMBER and reading.text.startswith(reading.gazetteer.numbered, start):
            return
        reading.keep(kind, start, end)

    return take


_start = attrgetter("start")
_PUB_TITLES = ("Lord ", "Lady ", "Sir ", "Dame ")
_CUES = frozenset({"named", "called", "identified", "known", "name", "nicknamed"})
