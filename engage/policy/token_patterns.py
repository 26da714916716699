"""What a text can state, and how it is written: the patterns by which `engage.policy.tokens` finds it."""

import re
from enum import StrEnum
from typing import NamedTuple

from engage.policy.gazetteer import Gazetteer
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
_RANK = r"(?:P[Cc]|PD|PH|P[Cc][Ss][Oo]|PS|SPC|Sgt|Sergeant|Insp|Inspector|D[Cc]|D[Ss]|D[Ii]|D[Cc][Ii]|DSU|DCS|DAC|ACC|Cmdr|Det|Detective|Supt|Superintendent|Commander|Commissioner|Constable|Ch|Chief|T/|A/|Acting|Temporary|Deputy|Assistant)\.?"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Cllr|Councillor|Judge|Rev|Professor|Prof)\.?"
_NAMED = rf"(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME})?"
OFFICERS = (
    rf"\b(?:PC|PCSO|DC|DS|PS|Sgt|Sergeant|Constable|Inspector|Officer)s\s+{_NAMED}(?:,\s+{_NAMED})*\s+and\s+{_NAMED}",
    rf"\b{_RANK}(?:\s+{_RANK})*\s+{_NAMED}",
    rf"\b(?:Support|Ward|Liaison|Prevention|Schools?|Neighbourhood)\s+Officer\s+{_NAMED}",
)
TITLED = rf"\b{_TITLE}\s+(?:[A-Z]\.?\s+)?{_NAME}(?:\s+{_NAME}){{0,2}}"
AGED = rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}(?:,?\s+(?:aged?|\()\s?\d\d?\b|,\s+\d\d?\b)"
CALLED = rf"\b(?:[Nn]amed|[Cc]alled|[Ii]dentified|[Kk]nown|[Nn]ame is|[Nn]icknamed)(?:\s+(?:locally|only|him|her|them))?(?:\s+as)?\s+{_NAME}(?:\s+{_NAME}){{0,2}}"
PAIR = rf"\b{_NAME}(?:\s+(?:[A-Z]\.|{_NAME}))?\s+{_NAME}\b"
SINGLE = rf"\b{_CAP}\b"
NEAR = rf"\b(?:near|outside|in|at|around|along|opposite|towards|behind)\s+(?:the\s+)?{_CAP}(?:\s+(?:and\s+)?{_CAP})*"
_LOWER_PLACES = "estate|ward|street|road|park|school|academy|college|station|hospital"
"""What makes two capitalised words before it a place and not a person: "Holly Lodge estate"."""


def places(gazetteer: Gazetteer) -> tuple[str, ...]:
    """The patterns of places: by what ends their names, in capitals or not, and the boroughs and areas."""
    suffix = "|".join(re.escape(word) for word in gazetteer.place_words)
    inner = rf"(?:{_CAP}|St|[A-Z][A-Z0-9]+|of|the|and|&|on|upon)\.?"
    return (
        rf"\b(?:{_CAP}|St|[A-Z][A-Z0-9]+)\.?'?s?(?:\s+{inner}'?s?){{0,3}}\s+(?:{suffix})\b",
        rf"\b{_CAP}(?:\s+{_CAP}){{1,2}}\s+(?:{_LOWER_PLACES})\b|\b{_CAP}\s+ward\b",
    )


def first_names(gazetteer: Gazetteer) -> str:
    """A pattern of every first name as it may be written (Deshawn, DeShawn); by first letter, as areas are."""
    by_letter: dict[str, list[str]] = {}
    for first, *rest in map(_as_written, sorted(gazetteer.first_names)):
        by_letter.setdefault(first, []).append("".join(rest))
    letters = (f"{first}(?:{'|'.join(rest)})" for first, rest in by_letter.items())
    return rf"\b(?:{'|'.join(letters)})\b" if by_letter else SINGLE


def _as_written(name: str) -> list[str]:
    """The letters of a name: the first a capital, one behind a prefix or a sign a capital or not."""
    return [
        re.escape(letter.upper())
        if place == 0
        else f"[{letter.upper()}{letter}]"
        if letter.isalpha() and (name[:place] in _PREFIXES or not name[place - 1].isalpha())
        else re.escape(letter)
        for place, letter in enumerate(name)
    ]


_PREFIXES = frozenset({"mac", "mc", "de", "van"})
