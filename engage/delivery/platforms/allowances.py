"""What a platform's headers say is left to an account. What cannot be read says nothing, and raises nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engage.delivery.ports import Allowance

_ROLLING = timedelta(minutes=5)
"""Facebook counts by a rolling hour and names no end: what it said is good for this long."""


def tightest(headers: Mapping[str, Any], prefixes: Iterable[str]) -> Allowance | None:
    """The window with the least left, of those the headers describe as PREFIX-limit, -remaining and -reset."""
    windows = [found for each in prefixes if (found := _window(headers, each))]
    return min(windows, key=lambda each: (each.remaining, -each.resets_at.timestamp()), default=None)


def _window(headers: Mapping[str, Any], prefix: str) -> Allowance | None:
    return allowance(*(headers.get(f"{prefix}-{name}") for name in ("limit", "remaining", "reset")))


def allowance(limit: Any, remaining: Any, reset: Any) -> Allowance | None:
    """An allowance from numbers or their digits; `reset` is in seconds since 1970."""
    try:
        moment = datetime.fromtimestamp(float(reset), tz=UTC)
        return Allowance(max(1, int(limit)), max(0, int(remaining)), moment)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def by_percent(headers: Mapping[str, Any], *, now: datetime) -> Allowance | None:
    """Facebook's usage headers: how many percent of what the Page or the app may ask for are used up."""
    usages = [
        usage
        for name in ("x-business-use-case-usage", "x-app-usage", "x-page-usage")
        for usage in _usages(headers.get(name))
    ]
    if not usages:
        return None
    used, minutes = (max(each) for each in zip(*usages, strict=True))
    wait = timedelta(minutes=minutes) if minutes else _ROLLING
    return Allowance(100, max(0, 100 - int(used)), now + wait)


def _usages(header: Any) -> Iterator[tuple[float, float]]:
    """Every (percent used, minutes until it is taken again) in one header."""
    try:
        said = json.loads(header) if header else {}
        nested = [each for value in said.values() if isinstance(value, list) for each in value]
        for usage in nested or [said]:
            percents = [float(usage.get(each, 0)) for each in ("call_count", "total_time", "total_cputime")]
            if usage:
                yield max(percents), float(usage.get("estimated_time_to_regain_access", 0))
    except (AttributeError, TypeError, ValueError):
        return
