"""One desk for page and command: an order becomes a draft, with evidence, context and a decision each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engage.drafting import MissingEvidence, NoSuchTemplate, TemplateShelf
from engage.drafting.desk import Draft, Order, draft
from engage.policy.decision import Verdict
from engage.posts.errors import BadInput
from engage.posts.evidence import FileSource, StatedSource
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from engage.posts.places import UnknownBorough
from tests.drafting.desks import OKAFOR, Listening, MadeUp
from tests.drafting.shelves import SHIPPED, examples

SHELF = TemplateShelf.load(SHIPPED)
NOON = datetime(2026, 10, 12, 11, tzinfo=UTC)
APPEAL = Order(
    kind=Kind.APPEAL_WITNESS,
    borough="lambeth",
    stated={
        name: value for name, value in examples(SHELF.named("appeal_witness")).items() if name != "borough"
    },
)
SUMMARY = Order(kind=Kind.CRIME_SUMMARY, borough="Camden", topic="home_burglary")


def drafted(order: Order, rules: Listening | None = None) -> Draft:
    return draft(order, shelf=SHELF, figures=MadeUp(), rules=rules or Listening(), by=OKAFOR, now=NOON)


def test_an_appeal_says_the_reference_that_is_put_on_record() -> None:
    made = drafted(APPEAL)
    assert made.context["case"] == {"status": "report", "cad": "CAD 1204/03OCT"}
    assert made.context["comments"] == "off"
    assert made.context["review_at"] == "2026-11-09T11:00"
    assert all("CAD 1204/03OCT" in each.text for each in made.variants)


def test_what_the_officer_puts_on_record_joins_what_the_template_says() -> None:
    made = drafted(replace(APPEAL, context={"case": {"series": True}, "comments": "moderated"}))
    assert made.context["case"] == {"status": "report", "series": True, "cad": "CAD 1204/03OCT"}
    assert made.context["comments"] == "moderated"


def test_a_draft_has_a_variant_and_a_decision_for_every_platform() -> None:
    made = drafted(APPEAL)
    assert tuple(each.platform for each in made.variants) == DRAFTED_FOR == tuple(made.decisions)


def test_the_policy_is_asked_with_the_evidence_the_borough_and_london_time() -> None:
    rules = Listening()
    made = drafted(SUMMARY, rules)
    context = rules.asked[0]["context"]
    assert rules.asked[0]["kind"] == "crime_summary"
    assert rules.asked[0]["text"] == made.variants[0].text
    assert {"field": "count_now", "value": "388"} in context["evidence"]
    assert (context["now"], context["borough"], context["drafter"]) == (
        "2026-10-12T12:00",
        "Camden",
        "pc.okafor",
    )
    assert context["data"]["n_now"] == 388


def test_the_policy_is_told_when_a_text_runs_over_several_parts() -> None:
    rules = Listening()
    made = drafted(APPEAL, rules)
    on_x, on_facebook = (
        next(each["context"] for each in rules.asked if each["platform"] == name)
        for name in ("x", "facebook")
    )
    assert on_x["parts"] == list(made.variants[0].parts)
    assert "parts" not in on_facebook


def test_figures_come_from_files_and_words_from_the_officer() -> None:
    made = drafted(replace(SUMMARY, stated={"done": "Officers have fitted window locks."}))
    sources = {item.field: type(item.source) for item in made.evidence}
    assert sources["count_now"] is FileSource
    assert sources["done"] is StatedSource


def test_a_draft_keeps_only_the_evidence_its_words_rest_on() -> None:
    assert "rate" not in {item.field for item in drafted(SUMMARY).evidence}


def test_nobody_can_state_a_figure_by_hand() -> None:
    with pytest.raises(BadInput, match=r"takes no count_now from an officer\. It takes: done"):
        drafted(replace(SUMMARY, stated={"count_now": "12"}))


def test_a_figure_needs_a_topic() -> None:
    with pytest.raises(BadInput, match="--topic: template crime_summary needs a topic"):
        drafted(replace(SUMMARY, topic=None))


def test_a_draft_with_nothing_to_say_names_the_slot() -> None:
    with pytest.raises(MissingEvidence, match=r"“What was reported” \(what\) is empty"):
        drafted(replace(APPEAL, stated={}))


def test_a_borough_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownBorough, match="Did you mean Lambeth"):
        drafted(replace(APPEAL, borough="Lambth"))


def test_the_wording_for_the_topic_is_chosen() -> None:
    order = Order(kind=Kind.PREVENTION, borough="Camden", topic="bicycle_theft")
    assert drafted(order).template.name == "prevention_bicycle_theft"


def test_a_topic_without_wording_is_answered_with_the_wordings_there_are() -> None:
    with pytest.raises(NoSuchTemplate, match=r"about homicide\. For this kind there are: prevention_bicycle"):
        drafted(Order(kind=Kind.PREVENTION, borough="Camden", topic="homicide"))


def test_a_template_of_another_kind_is_refused() -> None:
    with pytest.raises(NoSuchTemplate, match="words a crime_summary, not a prevention"):
        drafted(Order(kind=Kind.PREVENTION, borough="Camden", template="crime_summary"))


def test_a_forecast_is_drafted_from_the_forecast() -> None:
    made = drafted(Order(kind=Kind.FORECAST_ADVISORY, borough="Camden", topic="home_burglary"))
    assert "150 to 205" in made.variants[0].text


@pytest.mark.parametrize(
    ("verdict", "blocked"), [(Verdict.BLOCK, True), (Verdict.ESCALATE, False), (Verdict.ALLOW, False)]
)
def test_a_draft_is_blocked_only_when_the_policy_blocks_it(verdict: Verdict, *, blocked: bool) -> None:
    assert drafted(APPEAL, Listening(verdict)).blocked is blocked


def test_a_draft_as_json_says_words_lengths_evidence_and_decision() -> None:
    made = drafted(replace(SUMMARY, platforms=(Platform.X,))).to_json()
    (variant,) = made["variants"]
    assert variant["lengths"][0]["fits"] is True
    assert variant["decision"]["verdict"] == "allow"
    assert made["template"]["name"] == "crime_summary"
    assert all(item["id"].startswith("ev_") for item in made["evidence"])
