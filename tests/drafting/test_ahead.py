"""A campaign's posts are the drafting desk's, with their time; only advice and figures come round by themselves."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engage.drafting import MissingEvidence, TemplateShelf
from engage.drafting.ahead import REPEATABLE, must_fit, written
from engage.posts.campaign import LATE, Campaign, Occurrence
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post
from engage.posts.recurrence import Recurrence
from tests.drafting.desks import OKAFOR, Listening, MadeUp
from tests.drafting.shelves import SHIPPED, shelf_of

SHELF = TemplateShelf.load(SHIPPED)
NOON = datetime(2026, 10, 12, 11, tzinfo=UTC)
DUE = datetime(2026, 10, 20, 8, 5, tzinfo=UTC)
SUMMARIES = Campaign(
    id=UUID(int=3),
    title="Home burglary, every week",
    recurrence=Recurrence.read("FREQ=WEEKLY;COUNT=3", first=datetime(2026, 10, 20, 9, 5)),  # noqa: DTZ001 - London's wall clock
    template="crime_summary",
    topic="home_burglary",
    boroughs=("Camden",),
    platforms=(Platform.X,),
    created_by="press.lee",
    created_at=NOON,
)
ASKS = """---
name: asks
title: Asks
kind: prevention
platforms: [x]
slots:
  - {name: borough, label: Borough, from: officer}
  - {name: tip, label: The tip, from: officer}
---
{% block short %}
{{ borough }}: {{ tip }}
{% endblock %}
"""


def write(campaign: Campaign = SUMMARIES, **changes: Any) -> Post:
    usual: dict[str, Any] = {
        "shelf": SHELF,
        "figures": MadeUp(),
        "rules": Listening(),
        "accounts": {Platform.X: "MPSCamden"},
        "by": OKAFOR,
        "now": NOON,
    }
    return written(campaign, Occurrence(borough="Camden", due=DUE), **{**usual, **changes})


def test_a_post_written_ahead_is_the_desks_with_its_evidence_and_its_time() -> None:
    post = write()
    assert "388 recorded by police" in post.variants[0].text
    assert {"count_now", "count_before"} <= {item.field for item in post.evidence}
    assert (post.publish_at, post.latest) == (DUE, DUE + LATE)
    assert post.context["campaign"] == {"id": str(SUMMARIES.id), "title": SUMMARIES.title}
    assert (post.created_at, post.created_by) == (NOON, OKAFOR.id)


def test_what_the_author_states_is_said_every_time(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, asks=ASKS)
    tip = replace(SUMMARIES, template="asks", topic=None, stated={"tip": "Lock your window."})
    must_fit(tip, shelf)
    assert write(tip, shelf=shelf).variants[0].text == "Camden: Lock your window."


def test_a_borough_that_no_account_speaks_for_is_named() -> None:
    with pytest.raises(BadInput, match="No account on X speaks for Camden"):
        write(accounts={Platform.FACEBOOK: "met"})


@pytest.mark.parametrize("kind", sorted(set(Kind) - REPEATABLE))
def test_no_case_no_person_and_no_event_comes_round_by_itself(kind: Kind, tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, asks=ASKS.replace("kind: prevention", f"kind: {kind.value}"))
    with pytest.raises(BadInput, match="cannot come round by itself"):
        must_fit(replace(SUMMARIES, template="asks", stated={"tip": "Lock up."}), shelf)


def test_what_a_wording_lacks_is_told_before_a_campaign_begins(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, asks=ASKS)
    with pytest.raises(MissingEvidence, match="The tip"):
        must_fit(replace(SUMMARIES, template="asks"), shelf)
    with pytest.raises(BadInput, match="no words for Facebook"):
        must_fit(replace(SUMMARIES, template="asks", platforms=(Platform.FACEBOOK,)), shelf)
    with pytest.raises(BadInput, match=r"topic: .*choose what they are about"):
        must_fit(replace(SUMMARIES, topic=None), SHELF)
