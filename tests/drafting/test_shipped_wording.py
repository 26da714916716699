"""Every wording we ship, filled as an officer would fill it, stands before the force's own policy."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engage.drafting import TemplateShelf, compose, post_json
from engage.drafting.desk import recorded
from engage.policy import load_policy
from engage.policy.decision import Verdict
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from tests.drafting.shelves import SHIPPED, examples, said

POLICY = load_policy(Path(__file__).parents[2] / "policies" / "met")
SHELF = TemplateShelf.load(SHIPPED)
NOON = datetime(2026, 10, 12, 11, tzinfo=UTC)
MOMENT = {"now": "2026-10-12T12:00", "drafter": "pc.okafor", "out_of_hours": False}
BOROUGHS = (
    "Camden",
    "Kensington and Chelsea",
    "Hammersmith and Fulham",
    "Barking and Dagenham",
    "Kingston upon Thames",
)
ON_RECORD: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CRIME_SUMMARY: {
        "data": {
            "geography": "borough",
            "n_now": 388,
            "n_base": 451,
            "period_now": "2026-06..2026-08",
            "period_base": "2025-06..2025-08",
            "source": "data.police.uk",
            "published": True,
            "published_on": "2026-10-07",
        }
    },
    Kind.FORECAST_ADVISORY: {
        "forecast": {
            "crime_type": "residential burglary",
            "geography": "borough",
            "interval": [150, 205],
            "interval_level": 0.8,
            "same_month_last_year": 172,
            "model_version": "1",
            "data_to": "2026-08-31",
            "cleared_by_analyst": True,
            "seasonal_years": 5,
        }
    },
    Kind.APPEAL_MISSING: {
        "missing": {
            "status": "missing",
            "age": 68,
            "risk": "high",
            "ref": "26MIS000123",
            "oic_approval": True,
            "publicity_authority": "recorded",
            "status_checked_at": "2026-10-12T11:45",
        }
    },
    Kind.MISSING_FOUND: {"missing": {"status": "found", "original_posts_deleted": True}},
    Kind.ARREST: {
        "case": {
            "status": "arrested",
            "named": False,
            "proceedings_active": True,
            "subject_age": 36,
            "victims_informed": True,
        }
    },
    Kind.ENGAGEMENT: {
        "event": {"public": True, "approved": True, "start": "2026-10-17T10:00", "end": "2026-10-17T13:00"}
    },
}


@pytest.mark.parametrize("platform", DRAFTED_FOR)
@pytest.mark.parametrize("borough", BOROUGHS)
@pytest.mark.parametrize("name", [each.name for each in SHELF.all()])
def test_no_shipped_wording_is_blocked_by_the_forces_policy(
    name: str, borough: str, platform: Platform
) -> None:
    template = SHELF.named(name)
    evidence = said(**examples(template, borough=borough))
    (variant,) = compose(template, evidence=evidence, platforms=[platform], accounts={})
    record = dict(ON_RECORD.get(template.kind, {}))
    context = recorded(template, evidence, record, now=NOON)
    post = post_json(
        template.kind,
        platform,
        variant.text,
        evidence=evidence,
        context=context,
        moment={**MOMENT, "borough": borough},
        parts=variant.parts,
    )
    decision = POLICY.decide(post)
    told = [
        f"{found.rule}: {found.message} {found.span and variant.text[slice(*found.span)]}"
        for found in decision.findings
    ]
    assert decision.verdict in {Verdict.ALLOW, Verdict.ESCALATE}, "\n".join([variant.text, *told])


@pytest.mark.parametrize(
    ("platform", "address"),
    [
        (Platform.X, "Data to October 2026: https://"),
        (Platform.MASTODON, "The figures, up to October 2026: https://"),
        (Platform.FACEBOOK, "The recorded figures: https://"),
    ],
)
def test_a_forecast_gives_the_address_as_that_of_the_figures_not_of_the_method(
    platform: Platform, address: str
) -> None:
    template = SHELF.named("forecast_advisory")
    words = template.words(platform, examples(template))
    assert address in words
    explained = "worked out from the recent level of all London, the part the borough has in it" in words
    assert explained == (platform is not Platform.X)
