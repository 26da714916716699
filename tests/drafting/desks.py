"""What the drafting desk works with in tests: made-up figures, and rules that remember what they were asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engage.drafting.desk import Brought
from engage.policy.decision import Decision, PolicyStamp, Signoffs, Verdict
from engage.posts.evidence import Evidence, FileSource
from engage.posts.people import Person, Role

OKAFOR = Person(
    id="pc.okafor", name="PC Okafor", roles=frozenset({Role.OFFICER}), boroughs=frozenset({"Camden"})
)
SUMMARY = {
    "topic": "home burglary",
    "count_now": "388",
    "count_before": "451",
    "period_now": "June to August 2026",
    "period_before": "June to August 2025",
    "change": "lower",
    "source": "data.police.uk",
    "rate": "1.8 per 1,000 residents",
}
FORECAST = {
    "topic": "home burglary",
    "forecast_low": "150",
    "forecast_high": "205",
    "forecast_month": "December 2026",
    "interval_words": "about 8 times in 10 the count falls in this range",
    "same_month_last_year": "172",
    "data_to": "October 2026",
    "method_link": "https://www.met.police.uk/sd/stats-and-data/",
}
DATA = {"data": {"geography": "borough", "n_now": 388, "n_base": 451}}


class MadeUp:
    """Figures for every borough."""

    def summary(self, borough: str, *, topic: str, month: str | None) -> Brought:
        return Brought(evidence=_counted(borough, topic, month, SUMMARY), context=DATA)

    def forecast(self, borough: str, *, topic: str, month: str | None) -> Brought:
        return Brought(evidence=_counted(borough, topic, month, FORECAST))


@dataclass
class Listening:
    """Rules that always answer the same and keep what they were asked."""

    verdict: Verdict = Verdict.ALLOW
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def decide(self, post: Mapping[str, Any]) -> Decision:
        self.asked.append(post)
        stamp = PolicyStamp(name="none", version="1", hash="0")
        return Decision(verdict=self.verdict, policy=stamp, findings=(), signoffs=Signoffs())


def _counted(borough: str, topic: str, month: str | None, said: Mapping[str, str]) -> tuple[Evidence, ...]:
    source = FileSource(
        dataset="made up",
        publisher="nobody",
        file_name="none.csv",
        file_sha256="0" * 64,
        licence="none",
        filter={"borough": borough, "topic": topic},
        period=month or "2026-08",
        rows=3,
        as_of="2026-10-07",
        synthetic=True,
    )
    return tuple(
        Evidence(field=name, value=value, source=source)
        for name, value in {"borough": borough, **said}.items()
    )
