"""Checks on figures: too small to publish, a percentage of too few, noise called a change, unlike periods.

All read the stated data ({"n_now", "n_base", "period_now", "period_base", "counts", "total"…}).
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit
from engage.policy.question import Question, moment_of, number_of
from engage.policy.tokens import T
from engage.policy.values import number_in
from engage.policy.vocabulary import StatisticCheck

_SHARES = (
    "half",
    "halved",
    "halving",
    "doubl*",
    "twice",
    "tripl*",
    "trebl*",
    "a third",
    "two thirds",
    "a quarter",
    "three quarters",
    "fold",
    "twofold",
    "threefold",
    "one in five|four|three|ten",
)
_CHANGES = (
    "up|down by|from|on|to|again|sharply|slightly|this",
    "is|are|was|were|has|have|been|went|gone up|down",
    "more than last|in",
    "fewer than last|in",
    "fewer ... than",
    "more ... than",
    "less ... than",
    "rise|rises|rising|rose|risen",
    "fall|falls|falling|fell|fallen",
    "increas*",
    "decreas*",
    "drop~",
    "dropped",
    "spike~",
    "spiking",
    "surg*",
    "soar*",
    "climb~",
    "jump|jumped|jumps",
    "wave of",
    "higher than",
    "lower than",
    "reduc*",
    "declin*",
    "plummet~",
    "crackdown works",
    "shot up",
    "going up|down",
    "growing",
    "cut in",
    "on the up|rise|increase",
)
_SAME = (
    "about the same",
    "no clear change",
    "little changed",
    "much the same",
    "similar to",
    "unchanged",
    "not clearly",
    "did not clearly",
    "no real change",
    "too close to call",
    "within the usual",
    "no significant",
)
_SOURCE = (
    "recorded by police",
    "recorded by the police",
    "police recorded",
    "police-recorded",
    "recorded by the met|force",
    "recorded by officers",
    "recorded by the metropolitan police",
)
_RANGE = r"(?i)\b\d[\d,]*\s?(?:to|and|-)\s?\d[\d,]*\b"
_EXACT_BELOW = 50
"""Counts in all: below it the exact binomial test is used instead of the normal approximation."""
_P = 0.05
_PERIOD = re.compile(r"(\d{4})-(\d\d)(?:\.\.(\d{4})-(\d\d))?")


def statistic(check: StatisticCheck, kit: Kit) -> Finder | Gated:
    """The finder for one kind of statistical check."""
    builders: Mapping[str, Callable[[Kit], Finder]] = {
        "small_count": _small_count,
        "small_base": _small_base,
        "noise": _noise,
        "periods": _periods,
        "same_season": _same_season,
        "source_line": _source_line,
        "embargo": _embargo,
        "range": _range,
        "data_age": _data_age,
    }
    find, root = builders[check.statistic](kit), _ROOTS.get(check.statistic)
    return find if root is None else Gated(find, roots=frozenset({root}))


_ROOTS = {
    "small_count": "data",
    "small_base": "data",
    "noise": "data",
    "periods": "data",
    "same_season": "data",
    "embargo": "data",
    "data_age": "forecast",
}
"""The part of the context without which a check has nothing to say."""


def _small_count(kit: Kit) -> Finder:
    limits = kit.force.thresholds

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        geography = str(data.get("geography", "borough")).casefold()
        if geography in {"borough", "london", "force", "force-wide", "met", "city"}:
            return
        sensitive = data.get("sensitive") is True or _is_sensitive(question)
        limit = limits.small_count_sensitive if sensitive else limits.small_count
        for name, value in _counts(data):
            if 0 < value < limit:
                yield Hit(_span_of(kit, question, value), f"{name} ({value:g}, below {limit})")

    return find


_SENSITIVE = ("sexual", "rape", "domestic", "hate", "stalking", "honour")


def _is_sensitive(question: Question) -> bool:
    said = " ".join(
        str(value)
        for value in (
            question.fact("data.crime_type"),
            question.fact("case.offence"),
            question.fact("data.topic"),
        )
    ).casefold()
    return any(word in said for word in _SENSITIVE)


def _counts(data: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Every count shown, and each that follows by taking the parts from the total."""
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


def _span_of(kit: Kit, question: Question, value: float) -> tuple[int, int] | None:
    return next(
        (
            (token.start, token.end)
            for token in kit.tokens(question, T.NUMBER)
            if number_in(token.text) == value
        ),
        None,
    )


def _small_base(kit: Kit) -> Finder:
    shares = kit.phrases(_SHARES)
    limit = kit.force.thresholds.small_base

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        counts = [value for name in ("n_now", "n_base") if (value := number_of(data.get(name))) is not None]
        if not counts or min(counts) >= limit:
            return
        for token in kit.tokens(question, T.PERCENTAGE):
            yield Hit((token.start, token.end), f"{min(counts):g}")
        for span in kit.spans(question, shares):
            yield Hit(span, f"{min(counts):g}")

    return find


def _noise(kit: Kit) -> Finder:
    changes, same = kit.phrases(_CHANGES), kit.phrases(_SAME)
    z = kit.force.thresholds.noise_z

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        now, base = number_of(data.get("n_now")), number_of(data.get("n_base"))
        if now is None or base is None or is_clear(now, base, z=z):
            return
        if same in question.hits:
            return
        for span in kit.spans(question, changes):
            yield Hit(span, f"{now:g} against {base:g}")
            return
        for token in kit.tokens(question, T.PERCENTAGE):
            yield Hit((token.start, token.end), f"{now:g} against {base:g}")
            return

    return find


def is_clear(now: float, base: float, *, z: float) -> bool:
    """Whether two counts differ by more than chance: exact where there are few, else |n1-n0| > z·√(n1+n0)."""
    if now < 0 or base < 0:
        return True
    if now + base < _EXACT_BELOW and now == int(now) and base == int(base):
        return exact_p(int(now), int(base)) < _P
    return abs(now - base) > z * math.sqrt(now + base)


def exact_p(now: int, base: int) -> float:
    """How likely two counts differ at least so much by chance alone: the exact two-sided binomial test."""
    total, fewer = now + base, min(now, base)
    return min(1.0, 2 * sum(math.comb(total, each) for each in range(fewer + 1)) / (1 << total))


def _months(value: Any) -> tuple[int, int] | None:
    """The first and last month of a period ("2026-06..2026-08"), as months since year 0."""
    found = _PERIOD.fullmatch(str(value).strip())
    if found is None:
        return None
    first = int(found[1]) * 12 + int(found[2]) - 1
    return (first, int(found[3]) * 12 + int(found[4]) - 1 if found[3] else first)


def _periods(kit: Kit) -> Finder:  # noqa: ARG001 - every check is compiled alike
    """Unlike lengths, or a month not complete when the decision is asked for."""

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        now, base = _months(data.get("period_now")), _months(data.get("period_base"))
        if data.get("complete") is False or data.get("partial") is True:
            yield Hit(None, "a period that is not complete")
        elif now and question.now and now[1] >= question.now.year * 12 + question.now.month - 1:
            yield Hit(None, f"{data.get('period_now')}, which is not over yet")
        elif now and base and now[1] - now[0] != base[1] - base[0]:
            yield Hit(
                None, f"{data.get('period_now')} with {data.get('period_base')}, which are not of one length"
            )

    return find


def _same_season(kit: Kit) -> Finder:  # noqa: ARG001 - every check is compiled alike
    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        now, base = _months(data.get("period_now")), _months(data.get("period_base"))
        if now and base and (now[0] - base[0]) % 12:
            yield Hit(None, f"{data.get('period_now')} with {data.get('period_base')}, another time of year")

    return find


def _source_line(kit: Kit) -> Finder:
    number = kit.phrases(_SOURCE)

    def find(question: Question) -> tuple[Hit, ...]:
        return NOTHING if number in question.hits else (Hit(None),)

    return find


def _embargo(kit: Kit) -> Finder:  # noqa: ARG001 - every check is compiled alike
    def find(question: Question) -> tuple[Hit, ...]:
        released = moment_of(question.fact("data.published_on"))
        if released is None or question.now is None or released <= question.now:
            return NOTHING
        return (Hit(None, str(question.fact("data.published_on"))),)

    return find


def _range(kit: Kit) -> Finder:
    pattern = kit.bank.add(_RANGE)

    def find(question: Question) -> tuple[Hit, ...]:
        interval = question.fact("forecast.interval")
        if not isinstance(interval, list | tuple) or len(interval) != 2:  # noqa: PLR2004 - low and high
            return NOTHING if pattern in question.hits else (Hit(None),)
        bounds = {number_of(each) for each in interval}
        said = {number_in(token.text) for token in kit.tokens(question, T.NUMBER)}
        return NOTHING if bounds <= said else (Hit(None),)

    return find


def _data_age(kit: Kit) -> Finder:
    limit = timedelta(days=kit.force.thresholds.data_age_days)

    def find(question: Question) -> tuple[Hit, ...]:
        data_to = moment_of(question.fact("forecast.data_to"))
        if data_to is None or question.now is None or question.now - data_to <= limit:
            return NOTHING
        return (Hit(None, f"{(question.now - data_to).days} days"),)

    return find
