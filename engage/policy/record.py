"""What is on the record for one text: the values that evidence and stated facts give, by kind of token."""

import calendar
import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engage.policy.fold import fold, folded
from engage.policy.once import once
from engage.policy.question import Question, number_of
from engage.policy.values import CLOCK_WORDS, MONTHS, When, minutes_in, number_in, when_in

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_DATE = re.compile(
    r"20\d\d-\d\d(?:-\d\d)?|\d{1,2}[/.]\d{1,2}[/.](?:20)?\d\d"
    rf"|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?,?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?\s*(?:of\s+)?)?\b(?:{'|'.join(MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b(?:,?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?:19|20)\d\d)?"
    r"|\d{2}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b\d{1,2}[.:]\d\d\s?(?:am|pm)?|\b\d{1,2}\s?(?:am|pm|o'clock)\b|\bnoon\b|\bmidday\b|\bmidnight\b|\b\d{4}\s?(?:hrs|hours)\b"
    rf"|\b{CLOCK_WORDS}",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b\d{4}-\d\d(?:-\d\d(?:T[\d:.+]*Z?)?)?(?:\.\.\d{4}-\d\d)?\b", re.IGNORECASE)
_WORDS = re.compile(r"[a-z]+(?:[\s-][a-z]+)?")
_DEEPEST = 6
_A_MAPPING, _A_LIST, _A_NUMBER = (dict, Mapping), (list, tuple), (int, float)
"""Tuples, named once: `dict | Mapping` is put together anew each time it is reached, and this is the hot path."""
_ROUNDED = 1e-6
_FARTHEST = 6
"""Months: how far ahead of its data a forecast goes."""
_NOT_FACTS = frozenset(
    {
        *("approvals", "drafter", "published_identifiers", "comments", "out_of_hours", "now"),
        *("review_at", "status_checked_at", "alt", "model_version", "field"),
    }
)
"""What is stated about the work on a post, or is part of it, and is no fact that a text may state."""
_REFERENCE = re.compile(r"\b\d{1,6}/\d{2}[a-z]{3}(?:\d\d)?\b|\b\d{2}mis\d+\b", re.IGNORECASE)


class Record:
    """Values a text may state, each kind put together when it is first asked for: most texts ask for few."""

    def __init__(self, question: Question) -> None:
        self._question = question
        today = str(question.context.get("now", ""))[:10]  # its clock is the moment asked, not a fact
        self._read = [_read_text(text) for text in (today, *_leaves(question.context))]

    @once
    def words(self) -> str:
        """Every stated text, folded, a bar between each two."""
        return " | ".join([each.words for each in self._read])

    @once
    def numbers(self) -> frozenset[float]:
        """Stated numbers, and what follows from them."""
        return frozenset(_worked_out(self._question)).union(*[each.numbers for each in self._read])

    @once
    def dates(self) -> tuple[When, ...]:
        """Stated dates, and the months a forecast can be for."""
        stated = [date for each in self._read for date in each.dates]
        return (*stated, *_months_ahead(self._question))

    @once
    def times(self) -> frozenset[int]:
        """Stated times, in minutes after midnight."""
        return frozenset[int]().union(*[each.times for each in self._read])

    @once
    def months(self) -> frozenset[int]:
        """How many months stated periods last."""
        return frozenset[int]().union(*[each.months for each in self._read])

    def has_words(self, text: str) -> bool:
        """Whether the record says these words, whole."""
        return says(self.words, text)


def says(words: str, text: str) -> bool:
    """Whether folded words have a text among them, whole."""
    wanted = folded(text)
    start = words.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if not (words[start - 1 : start].isalnum() or words[end : end + 1].isalnum()):
            return True
        start = words.find(wanted, start + 1)
    return False


def record_of(question: Question) -> Record:
    """The record of one question, read once: evidence, and every fact its context states."""
    known: Record | None = question.found.get("record")
    if known is None:
        known = question.found["record"] = Record(question)
    return known


_PLACE_FIELD = re.compile(r"place|venue|location|where|landmark|road|street|ward|area|station|building")


def venues_of(question: Question) -> str:
    """The folded words of every place that the evidence states."""
    evidence = question.context.get("evidence")
    items = evidence if isinstance(evidence, list | tuple) else ()
    places = (
        folded(str(item.get("value", "")))
        for item in items
        if isinstance(item, dict | Mapping) and _PLACE_FIELD.search(str(item.get("field", "")))
    )
    return " | ".join(places)


@dataclass(frozen=True, slots=True)
class _Read:
    """What one stated text gives."""

    words: str
    numbers: frozenset[float]
    dates: tuple[When, ...]
    times: frozenset[int]
    months: frozenset[int] = frozenset()


@functools.lru_cache(maxsize=4096)
def _read_text(text: str) -> _Read:
    """One stated text, read once: while somebody types, the same record is asked again and again."""
    plain = fold(text).text
    times = {minute for found in _TIME.finditer(plain) for minute in minutes_in(found.group())}
    period = tuple(_months_between(plain))
    return _Read(
        words=folded(text),
        numbers=frozenset(_numbers(_without_moments(plain))),
        dates=(*(when_in(found.group()) for found in _DATE.finditer(plain)), *period),
        times=frozenset(times | set(_clock_times(plain))),
        months=frozenset({sum(when.day is None for when in period)} if period else ()),
    )


def _without_moments(text: str) -> str:
    """A text without the digits of its dates, times and references: "3 October" does not put a 3 on record."""
    for pattern in (_ISO, _REFERENCE, _TIME, _DATE):
        text = pattern.sub(" ", text)
    return text


def _leaves(context: Mapping[str, Any]) -> list[str]:
    """Every stated text and number, as text."""
    leaves: list[str] = []
    _gather(context, leaves, _DEEPEST)
    return leaves


def _gather(value: Any, leaves: list[str], deeper: int) -> None:
    """Add what is stated here, and down to so many levels below."""
    if isinstance(value, str):
        leaves.append(value)
    elif isinstance(value, _A_MAPPING):
        if deeper:
            for key, part in value.items():
                if key not in _NOT_FACTS:
                    _gather(part, leaves, deeper - 1)
    elif isinstance(value, _A_LIST):
        if deeper:
            for part in value:
                _gather(part, leaves, deeper - 1)
    elif isinstance(value, _A_NUMBER) and not isinstance(value, bool):
        leaves.append(str(value))


def _numbers(text: str) -> Iterator[float]:
    for found in _NUMBER.finditer(text):
        value = number_in(found.group())
        if value is not None:
            yield value
    for found in _WORDS.finditer(text.casefold()):
        value = number_in(found.group())
        if value is not None:
            yield value


def _worked_out(question: Question) -> Iterator[float]:
    """Figures that follow from what is stated: a change, its percentage, and how a level is said."""
    data = question.section("data")
    now, base = number_of(data.get("n_now")), number_of(data.get("n_base"))
    if now is not None and base is not None:
        yield abs(now - base)
        if base:
            yield from _rounded(abs(now - base) / base * 100, 0, 1)
    yield from _ways_to_say(number_of(question.section("forecast").get("interval_level")))


def _ways_to_say(level: float | None) -> Iterator[float]:
    """The numbers in which a level is said: 0.8 is 80 per cent, 8 in 10, 4 in 5, and 1 in 5 outside."""
    if level is None or not 0 < level < 1:
        return
    for whole in (5, 10, 20, 100):
        share = level * whole
        if abs(share - round(share)) < _ROUNDED:
            yield from (round(share), whole - round(share), whole)


def _months_ahead(question: Question) -> Iterator[When]:
    """The months a forecast can be for, which its shape does not state, and the same months of the year before."""
    found = re.match(r"(20\d\d)-(\d\d)", str(question.section("forecast").get("data_to")))
    if found is None:
        return
    last = int(found[1]) * 12 + int(found[2]) - 1
    for month in range(last + 1, last + 1 + _FARTHEST):
        yield from (When(None, each % 12 + 1, each // 12) for each in (month, month - 12))


def _rounded(value: float, *places: int) -> Iterator[float]:
    """The value to so many decimals; nothing where stated numbers were so far apart that there is none."""
    if math.isfinite(value):
        yield from (round(value, each) for each in places)


def _months_between(text: str) -> Iterator[When]:
    """Every month of a period written 2026-06..2026-08, and its first and last day."""
    found = re.fullmatch(r"(20\d\d)-(\d\d)\.\.(20\d\d)-(\d\d)", text.strip())
    if found is None:
        return
    first, last = int(found[1]) * 12 + int(found[2]) - 1, int(found[3]) * 12 + int(found[4]) - 1
    for month in range(first, min(last, first + 60) + 1):
        yield When(None, month % 12 + 1, month // 12)
    yield When(1, first % 12 + 1, first // 12)
    yield When(calendar.monthrange(last // 12, last % 12 + 1)[1], last % 12 + 1, last // 12)


def _clock_times(text: str) -> Iterator[int]:
    """The clock part of an ISO moment."""
    for found in re.finditer(r"\dT(\d\d):(\d\d)", text):
        yield int(found[1]) * 60 + int(found[2])
