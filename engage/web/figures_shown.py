"""The figures as pages show them: London by borough, one borough by topic, one topic over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from engage.posts.places import Place
from engage.web.tile_map import Shade
from engage.web.words_shown import ShownEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a selector."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where the figures on a page come from, for the attribution under them."""

    publisher: str
    file: str
    as_of: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoroughRow:
    """One borough in the table beside the map; `unusual` is "high", "low" or nothing."""

    place: Place
    count: str
    rate: str
    unusual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LondonShown:
    """The London page: one topic in one month, and what is forecast of it (or why nothing is), in words."""

    topic: Choice
    month: Choice
    topics: tuple[Choice, ...]
    months: tuple[Choice, ...]
    rows: tuple[BoroughRow, ...]
    chart: Markup
    shades: tuple[Shade, ...]
    measure: str
    total: str
    no_total: str
    forecast: str
    notes: Sequence[str]
    sources: tuple[DataSource, ...]
    attribution: str
    synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """One topic of a borough: its fair comparison, why it is unusual in words, and "high" or "low" where it is.

    `said` is the count as a post would say it, where that is not the count itself.
    """

    topic: Choice
    count_now: str
    said: str
    count_before: str
    change: str
    not_compared: str
    rate: str
    unusual: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """One month in the table under the chart."""

    month: str
    count: str
    forecast: str = ""
    likely: str = ""
    nearly_sure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """One topic over time: the chart, the same in a table, and in words what is forecast and how good that is.

    `forecasts` says whether there is a forecast; where there is none, `forecast` says why.
    """

    topic: Choice
    chart: Markup
    months: tuple[MonthRow, ...]
    forecast: str
    forecasts: bool
    accuracy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A post that can be begun from here, and why it may be wanted."""

    text: str
    href: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoroughShown:
    """A borough's page."""

    place: Place
    month: Choice
    months: tuple[Choice, ...]
    period_now: str
    period_before: str
    unusual: tuple[TopicRow, ...]
    rows: tuple[TopicRow, ...]
    over: Over
    circumstances: Sequence[str]
    notes: Sequence[str]
    evidence: Sequence[ShownEvidence]
    starts: tuple[Start, ...]
    sources: tuple[DataSource, ...]
    attribution: str
    synthetic: bool
