"""Checks on figures: too small to publish, a percentage of too few, noise called a change, unlike periods.

All read the stated data ({"n_now", "n_base", "period_now", "period_base", "counts", "total"…}).
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engage.policy.checks.changes import noise
from engage.policy.checks.small_counts import small_count
from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit, overlaps
from engage.policy.question import Question, moment_of, number_of
from engage.policy.tokens import T
from engage.policy.values import number_in, when_in
from engage.policy.vocabulary import StatisticCheck
from engage.posts.clock import in_london

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
    "two|three|four|five|six|ten fold",
    "twofold",
    "threefold",
    "fourfold",
    "fivefold",
    "tenfold",
    "two|three|four|five|six|seven|eight|nine|ten|2|3|4|5|6|7|8|9|10 times",
    "one in five|four|three|ten",
)
_NO_SHARES = (
    "half past|an|open|shut|closed|term|terms|way|price|time|empty|full|board",
    "half one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve",
    "first|second|other|in half",
    "double lock~|glaz*|door(s)|gate(s)|yellow|decker(s)|check~|click~|bed(s)|park*|bolt~|cylinder|tap",
    "think|check|look|knock|ask twice",
    "twice a|before|daily|weekly",
    "a quarter past|to|of an",
    "two|three|four|five times a|before",
)
"""Where such words say no share of counts."""
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
_PERIOD = re.compile(r"(\d{4})-(\d\d)(?:\.\.(\d{4})-(\d\d))?")


def statistic(check: StatisticCheck, kit: Kit) -> Finder | Gated:
    """The finder for one kind of statistical check."""
    builders: Mapping[str, Callable[[Kit], Finder]] = {
        "small_count": small_count,
        "small_base": _small_base,
        "noise": noise,
        "periods": _periods,
        "same_season": _same_season,
        "source_line": _source_line,
        "embargo": _embargo,
        "range": _range,
        "data_age": _data_age,
        "both_periods": _both_periods,
        "last_year": _last_year,
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
    "both_periods": "data",
}
"""The part of the context without which a check has nothing to say."""


def _small_base(kit: Kit) -> Finder:
    shares, none = kit.phrases(_SHARES), kit.phrases(_NO_SHARES)
    limit = kit.force.thresholds.small_base

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        counts = [value for name in ("n_now", "n_base") if (value := number_of(data.get(name))) is not None]
        if not counts or min(counts) >= limit:
            return
        said = [(token.start, token.end) for token in kit.tokens(question, T.PERCENTAGE)]
        no_shares = [*said, *question.passage.spans(none)]
        said += [span for span in question.passage.spans(shares) if not overlaps(span, no_shares)]
        yield from (Hit(span, f"{min(counts):g}") for span in said)

    return find


def _months(value: Any) -> tuple[int, int] | None:
    """The first and last month of a period ("2026-06..2026-08"), as months since year 0."""
    return _months_of(str(value))


@functools.lru_cache(maxsize=1024)
def _months_of(text: str) -> tuple[int, int] | None:
    found = _PERIOD.fullmatch(text.strip())
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


_OTHER_TIME = (
    "last year|summer|winter|spring|autumn",
    "last january|february|march|april|may|june|july|august|september|october|november|december",
    "year before|ago|earlier|previously",
    "previous|prior|preceding year|months|period|summer|winter|spring|autumn",
    "same month|months|period|time|quarter|three|six|twelve|weeks|season",
    "twelve|12 months ago|earlier|before",
    "year on year",
)


def _both_periods(kit: Kit) -> Finder:
    """The count compared with is given, and the period it is for is not."""
    other = kit.phrases(_OTHER_TIME)

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        base, period = number_of(data.get("n_base")), _months(data.get("period_base"))
        if base is None or period is None or other in question.hits:
            return
        dates = [when_in(token.text) for token in kit.tokens(question, T.DATE)]
        years = {month // 12 for month in period}
        if not dates or any(when.year in years for when in dates):
            return
        for token in kit.tokens(question, T.NUMBER):
            if number_in(token.text) == base:
                yield Hit((token.start, token.end), f"{base:g}, and does not say which months that was")
                return

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
    limit = kit.force.thresholds.data_age_days

    def find(question: Question) -> tuple[Hit, ...]:
        data_to = moment_of(question.fact("forecast.data_to"))
        if data_to is None or question.now is None:
            return NOTHING
        # As people count, by London's calendar: across a clock change a day has 23 or 25 hours.
        days = (in_london(question.now).date() - in_london(data_to).date()).days
        return (Hit(None, f"{days} days"),) if days > limit else NOTHING

    return find


def _last_year(kit: Kit) -> Finder:
    """Last year's figure, as recorded; where none is, any words for it."""
    other = kit.phrases((*_OTHER_TIME, "in 2023|2024|2025|2026|2027"))

    def find(question: Question) -> tuple[Hit, ...]:
        figure = number_of(question.fact("forecast.same_month_last_year"))
        if figure is None:
            return NOTHING if other in question.hits else (Hit(None),)
        said = {number_in(token.text) for token in kit.tokens(question, T.NUMBER)}
        return NOTHING if figure in said else (Hit(None),)

    return find
