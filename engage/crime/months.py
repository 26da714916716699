"""Months as the figures write them: "2025-11", in words, counted and laid side by side."""

import functools
from calendar import month_name, monthrange
from collections.abc import Sequence

from engage.posts.errors import BadInput

MONTHS_A_YEAR = 12


@functools.lru_cache(maxsize=4096)
def number(month: str) -> int:
    """Months since year 0 of "2025-11". Raises BadInput for anything that is not a month."""
    year, _, part = month.partition("-")
    known = len(year) == 4 and len(part) == 2 and year.isdecimal() and part.isdecimal()  # noqa: PLR2004 - YYYY-MM
    if not known or not 1 <= int(part) <= MONTHS_A_YEAR:
        raise BadInput(f"“{month}” is not a month.", where="month", remedy="Write it as 2025-11.")
    return int(year) * MONTHS_A_YEAR + int(part) - 1


def month_at(count: int) -> str:
    """The month so many months since year 0."""
    return f"{count // MONTHS_A_YEAR:04d}-{count % MONTHS_A_YEAR + 1:02d}"


def later(month: str, by: int) -> str:
    """The month `by` months later; a negative number goes back."""
    return month_at(number(month) + by)


def in_words(month: str) -> str:
    """The month as a sentence has it: November 2025."""
    year, part = divmod(number(month), MONTHS_A_YEAR)
    return f"{month_name[part + 1]} {year}"


@functools.lru_cache(maxsize=4096)
def days(month: str) -> int:
    """How many days the month has."""
    year, part = divmod(number(month), MONTHS_A_YEAR)
    return monthrange(year, part + 1)[1]


def last_day(month: str) -> str:
    """The last day of the month as an ISO date."""
    return f"{month}-{days(month):02d}"


def span(months: Sequence[str]) -> str:
    """Consecutive months as one period: 2025-11, or 2025-09..2025-11."""
    return months[0] if len(months) == 1 else f"{months[0]}..{months[-1]}"
