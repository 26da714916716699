"""Numbers, dates and times read from words: what a token is compared by."""

import functools
import re
from dataclasses import dataclass
from datetime import date

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: number for number, word in enumerate(_UNITS)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
_BIG = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12}
_ANY = "|".join(sorted((*_SMALL, *_BIG), key=len, reverse=True))
_MORE = "|".join(sorted(set(_SMALL) - {"one", "zero"}, key=len, reverse=True))
NUMBER_WORD = rf"(?:(?:an?\s+|one\s+)?(?:hundred|thousand|dozen)|(?:{_MORE}))(?:(?:\s+and)?[\s-]+(?:{_ANY}))*"
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH = rf"(?:{'|'.join(MONTHS)})"
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_NTH = [
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
    *("eighteenth", "nineteenth", "twentieth"),
]
_DAYS_IN_WORDS = {word: day for day, word in enumerate(_NTH, start=1)} | {
    "thirtieth": 30,
    "thirty first": 31,
    **{f"twenty {word}": 20 + day for day, word in enumerate(_NTH[:9], start=1)},
}
DAY_IN_WORDS = (
    "(?:"
    + "|".join(word.replace(" ", r"[\s-]") for word in sorted(_DAYS_IN_WORDS, key=len, reverse=True))
    + ")"
)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_TIME = re.compile(r"(\d{1,2})(?:[.:](\d\d))?\s?(am|pm|a\.m|p\.m|o'clock)?", re.IGNORECASE)
_PAST = {"five": 5, "ten": 10, "quarter": 15, "twenty": 20, "twenty-five": 25, "half": 30}
_HOURS = "|".join(_UNITS[1:13])
_HOUR = rf"(?:{_HOURS}|1[0-2]|[1-9])"
_PART_OF_DAY = r"(?:in\s+the\s+(?:morning|afternoon|evening)|at\s+night)"
CLOCK_WORDS = (
    rf"(?:(?:twenty[\s-]five|five|ten|a\s+quarter|quarter|twenty|half)(?:[\s-]+minutes)?[\s-]+(?:past|to)[\s-]+{_HOUR}\b"
    rf"|half[\s-]+{_HOUR}\b|(?:{_HOURS})\s+o'clock\b|{_HOUR}\s+{_PART_OF_DAY}\b)"
)
"""A time in words; "half six" is half past six, as London says it."""
_CLOCK_WORDS = re.compile(
    rf"(twenty[\s-]five|five|ten|quarter|twenty|half)(?:[\s-]+minutes)?[\s-]+(?:(past|to)[\s-]+)?({_HOUR})\b"
)
_WHOLE_HOUR = re.compile(rf"({_HOUR})\s+(?:o'clock|in\s+the\s+(morning|afternoon|evening)|at\s+night)")
_NAMED_TIMES = {"noon": 720, "midday": 720, "midnight": 0}
_DAY_WORDS = re.compile(rf"\b{DAY_IN_WORDS}\b")
_MULTIPLES = {"k": 1000.0, "m": 1_000_000.0}
CENTURY = 2000
NOON = 12
_READ = functools.lru_cache(maxsize=4096)
"""Words are read once: while somebody types, and for each platform, the same ones are asked again."""


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it was said: any of day, month, year and weekday (0 is Monday)."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None

    def said_by(self, other: "When", *, year: int | None) -> bool:
        """Whether every part of this is stated by the other; a year left out there is `year`."""
        # One part after the other, the weekday last: most dates differ in the month already.
        if self.month is not None and self.month != other.month:
            return False
        if self.day is not None and self.day != other.day:
            return False
        if self.year is not None and self.year != (year if other.year is None else other.year):
            return False
        if self.weekday is None:
            return True
        return self.weekday == (other.weekday_in(year) if other.weekday is None else other.weekday)

    def weekday_in(self, year: int | None) -> int | None:
        """Its weekday, where the day is known."""
        year = self.year if self.year is not None else year
        if self.day is None or self.month is None or year is None:
            return None
        try:
            return date(year, self.month, self.day).weekday()
        except ValueError:
            return None


@_READ
def number_in(text: str) -> float | None:
    """The number a token says: "1,204", "thirty-eight", "a dozen", "12%"."""
    found = _DIGITS.search(text)
    if found is None:
        return _from_words(text)
    value = float(found.group().replace(",", ""))
    return value * _MULTIPLES.get(text[found.end() : found.end() + 1].casefold(), 1.0)


def _from_words(text: str) -> float | None:
    total, current, seen = 0, 0, False
    for word in re.split(r"[\s-]+", text.casefold()):
        if word in _SMALL:
            current, seen = current + _SMALL[word], True
        elif word in _BIG:
            current, seen = max(current, 1) * _BIG[word], True
            if _BIG[word] >= 1000:  # noqa: PLR2004 - a thousand closes a group
                total, current = total + current, 0
    return float(total + current) if seen else None


@_READ
def minutes_in(text: str) -> frozenset[int]:
    """The minutes after midnight a time can mean: "9.20pm" one, "9.20" and "twenty past nine" two."""
    lower = text.casefold()
    in_words = _in_words(lower)
    if in_words is not None:
        return in_words
    if re.match(r"\d{4}\s?(?:hrs|hours)", lower):
        return frozenset({int(lower[:2]) * 60 + int(lower[2:4])})
    found = _TIME.search(lower)
    if found is None:
        return frozenset()
    hour, minute = int(found.group(1)), int(found.group(2) or 0)
    half = (found.group(3) or "").replace(".", "")
    if half in {"am", "pm"}:
        return frozenset({(hour % NOON + (NOON if half == "pm" else 0)) * 60 + minute})
    either = {hour * 60 + minute}
    if half == "o'clock":
        either.add(((hour + NOON) % 24) * 60 + minute)
    return frozenset(either)


def _in_words(lower: str) -> frozenset[int] | None:
    spoken = _CLOCK_WORDS.search(lower)
    if spoken is not None:
        return _spoken(*spoken.groups())
    whole = _WHOLE_HOUR.search(lower)
    if whole is not None:
        return _whole_hour(whole[1], whole[2])
    named = next((minutes for word, minutes in _NAMED_TIMES.items() if word in lower), None)
    return None if named is None else frozenset({named})


def _spoken(minutes: str, way: str | None, hour: str) -> frozenset[int]:
    """What "twenty past nine" or "half nine" can mean, morning and evening."""
    past = _PAST[re.sub(r"\s", "-", minutes)]
    first = _hour(hour) * 60 + (-past if way == "to" else past)
    return frozenset({first % 1440, (first + NOON * 60) % 1440})


def _whole_hour(hour: str, part: str | None) -> frozenset[int]:
    """What "six o'clock" and "one at night" can mean (two hours), and "six in the evening" (one)."""
    morning, evening = _hour(hour) * 60, (_hour(hour) + NOON) * 60
    return frozenset({morning, evening} if part is None else {morning if part == "morning" else evening})


def _hour(word: str) -> int:
    return (int(word) if word.isdigit() else _SMALL[word]) % NOON


@_READ
def when_in(text: str) -> When:
    """The parts of a date that a token says."""
    lower = text.casefold()
    iso = re.fullmatch(r"(20\d\d)-(\d\d)(?:-(\d\d))?", lower)
    if iso:
        return When(int(iso[3]) if iso[3] else None, int(iso[2]), int(iso[1]))
    slashed = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2,4})", lower)
    if slashed:
        year = int(slashed[3])
        return When(int(slashed[1]), int(slashed[2]), year if year > CENTURY else CENTURY + year)
    words = re.findall(r"[a-z]+|\d+", lower)
    month = next((place for word in words for place in _months_of(word)), None)
    weekday = next(
        (place for word in words for place, name in enumerate(WEEKDAYS) if word.startswith(name)), None
    )
    numbers = [int(word) for word in words if word.isdigit()]
    day = next((number for number in numbers if 1 <= number <= 31), None)  # noqa: PLR2004 - days of a month
    if day is None:
        named = _DAY_WORDS.search(lower)
        day = None if named is None else _DAYS_IN_WORDS[re.sub(r"[\s-]+", " ", named.group())]
    year_said = next((number for number in numbers if 1900 <= number < 2100), None)  # noqa: PLR2004 - years
    return When(day, month, year_said, weekday)


def _months_of(word: str) -> tuple[int, ...]:
    if len(word) < 3:  # noqa: PLR2004 - the shortest abbreviation
        return ()
    short = "sep" if word == "sept" else word
    return tuple(place for place, name in enumerate(MONTHS, start=1) if name == word or name[:3] == short)


@dataclass(frozen=True, slots=True)
class Share:
    """A share or a multiple said in words: "doubled" is 2, "two thirds of" is 2/3, "by a third" a change of 1/3."""

    ratio: float
    is_change: bool = False

    def is_like(self, ratio: float) -> bool:
        """Whether a ratio worked out from the record may be said so: within a quarter of it."""
        return abs(ratio - self.ratio) <= self.ratio / 4


_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_TIMES = {"doubl": 2.0, "twice": 2.0, "tripl": 3.0, "trebl": 3.0, "quadrupl": 4.0, "halv": 0.5}
_PART = r"(?:half|(?:an?|one|two|three)[\s-]+(?:thirds?|quarters?|fifths?|tenths?))"
SHARE_WORDS = (
    rf"(?:by\s+(?:(?:about|around|almost|nearly|over|more\s+than|some)\s+)?{_PART}"
    rf"|{_PART}\s+(?:lower|higher|fewer|less|more\s+than|of|as\s+many)"
    r"|(?:has|have|had|almost|nearly|than|was|were)\s+(?:doubled|halved|trebled|tripled|quadrupled)"
    rf"|(?:{_ANY}|\d{{1,2}})\s+(?:in|out\s+of)\s+(?:every\s+)?(?:two|three|four|five|six|seven|eight|nine|ten|twenty|[2-9]|10|20|100)"
    r"|twice\s+(?:as|the)|(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\s+times\s+(?:as|more|higher|the|last|what))\b"
)
"""A share in words, where it is said of counts; "half an hour" and "double lock" are none."""


_AMONG = re.compile(r"([\w-]+)\s+(?:in|out\s+of)\s+(?:every\s+)?(\w+)\Z")


@_READ
def share_in(text: str) -> Share | None:
    """The share or multiple that words say, or None where they say none."""
    lower = text.casefold()
    among = _AMONG.match(lower)
    if among is not None:
        return Share((number_in(among[1]) or 1.0) / (number_in(among[2]) or 1.0))
    times = re.match(r"(\w+)\s+times\b", lower)
    if times is not None:
        return Share(number_in(times[1]) or 1.0)
    for stem, ratio in _TIMES.items():
        if stem in lower:
            return Share(ratio)
    part = next((size for word, size in _PARTS.items() if word in lower), None)
    if part is None:
        return None
    many = next((count for word, count in (("two", 2), ("three", 3)) if word in lower), 1)
    return Share(many / part, is_change=" of " not in f"{lower} " and "as many" not in lower)


@_READ
def digits_of(text: str) -> str:
    """A telephone number's digits, +44 read as 0."""
    digits = "".join(character for character in text if character.isdigit())
    return "0" + digits[2:].lstrip("0") if text.strip().startswith("+44") else digits
