"""Drafts made from imported figures: each figure can be traced, and the force's policy lets the words stand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engage.crime.figures import borough_figures
from engage.crime.forecast import NoForecast
from engage.crime.series import NoFigures
from engage.crime.sourced import trace
from engage.crime.topics import UnknownTopic
from engage.drafting import MissingEvidence, TemplateShelf
from engage.drafting.desk import Draft, Order, draft
from engage.drafting.figures import CrimeFigures
from engage.drafting.topics import topics_for
from engage.policy import load_policy
from engage.policy.decision import Verdict
from engage.posts.evidence import FileSource
from engage.posts.kinds import DRAFTED_FOR, Kind
from engage.posts.length import length
from tests.drafting.desks import OKAFOR
from tests.drafting.imported import TOPIC_KEYS, Imported, imported
from tests.drafting.shelves import SHIPPED

SHELF = TemplateShelf.load(SHIPPED)
POLICY = load_policy(Path(__file__).parents[2] / "policies" / "met")
READER = imported()
DECEMBER = datetime(2025, 12, 20, 11, tzinfo=UTC)
PROPERTY = (
    "burglary",
    "residential_burglary",
    "theft_from_person",
    "bicycle_theft",
    "vehicle_crime",
    "shoplifting",
)


def drafted(
    kind: Kind, topic: str, *, borough: str = "Hammersmith and Fulham", month: str | None = None
) -> Draft:
    order = Order(kind=kind, borough=borough, topic=topic, month=month)
    return draft(order, shelf=SHELF, figures=CrimeFigures(READER), rules=POLICY, by=OKAFOR, now=DECEMBER)


def told(made: Draft) -> str:
    findings = [
        (name.value, each.rule, each.message)
        for name, found in made.decisions.items()
        for each in found.findings
    ]
    return "\n".join([made.variants[0].text, *map(str, findings)])


@pytest.mark.parametrize("topic", TOPIC_KEYS)
def test_a_summary_of_any_topic_fits_everywhere_and_is_not_blocked(topic: str) -> None:
    made = drafted(Kind.CRIME_SUMMARY, topic)
    assert tuple(made.decisions) == DRAFTED_FOR
    assert all(length(part, each.platform).fits for each in made.variants for part in each.parts)
    assert not made.blocked, told(made)


@pytest.mark.parametrize("topic", PROPERTY)
def test_a_forecast_of_property_crime_goes_to_the_superintendent_and_is_not_blocked(topic: str) -> None:
    made = drafted(Kind.FORECAST_ADVISORY, topic)
    assert {each.verdict for each in made.decisions.values()} == {Verdict.ESCALATE}, told(made)


def test_every_count_in_a_draft_can_be_traced_to_the_lines_of_its_file() -> None:
    made = drafted(Kind.CRIME_SUMMARY, "home_burglary", borough="Camden")
    counted = [item for item in made.evidence if item.field in {"count_now", "count_before"}]
    assert len(counted) == 2
    for item in counted:
        assert isinstance(item.source, FileSource)
        assert sum(row.count for row in trace(READER, item.source)) == item.number
        assert item.value in made.variants[0].text


def test_a_month_with_nothing_to_compare_it_with_is_refused() -> None:
    with pytest.raises(MissingEvidence, match="no comparable figure for January 2021"):
        drafted(Kind.CRIME_SUMMARY, "robbery", month="2022-01")


def test_a_topic_that_is_never_forecast_says_why() -> None:
    with pytest.raises(NoForecast, match="never forecast"):
        drafted(Kind.FORECAST_ADVISORY, "sexual_offences")


def test_a_topic_nobody_knows_and_an_empty_database_are_refused() -> None:
    with pytest.raises(UnknownTopic):
        drafted(Kind.CRIME_SUMMARY, "witchcraft")
    with pytest.raises(NoFigures, match="engage import"):
        CrimeFigures(Imported(())).summary("Camden", topic="robbery", month=None)


def test_each_borough_is_offered_prevention_advice_for_three_of_its_own_topics() -> None:
    chosen = topics_for(borough_figures(READER, "Camden").topics, SHELF)
    assert len(chosen) == 3
    assert all(each.topic in each.template.topics and each.reason for each in chosen)
