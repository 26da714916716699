"""Who in a text is spoken of: the suspect, the victim, or nobody at all."""

import pytest

from engage.policy import Policy, load_policy
from tests.policy.builders import MET, a_post


@pytest.fixture(scope="module")
def met() -> Policy:
    return load_policy(MET)


def fired(met: Policy, text: str, *, kind: str = "reassurance", **context: object) -> set[str]:
    return set(met.decide(a_post(text, kind=kind, **context)).rules) & {"L01", "L07", "D08"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Jordan Ellis was arrested after a woman was robbed in Camden.", "L01"),
        ("Police arrested a man after Maureen Whitlock was robbed in Camden.", "L07"),
        ("Maureen Whitlock had her bag stolen. A man was arrested.", "L07"),
    ],
)
def test_a_name_belongs_to_the_words_it_stands_nearest(met: Policy, text: str, rule: str) -> None:
    assert fired(met, text, case={"status": "arrested"}) == {rule}


@pytest.mark.parametrize("noun", ["personal trainer", "bus driver", "father-of-two", "mortgage adviser"])
def test_before_charge_an_age_is_followed_by_sex_and_not_by_what_somebody_does(
    met: Policy, noun: str
) -> None:
    text = "A 29-year-old {} from Croydon has been arrested on suspicion of fraud."
    case = {"status": "arrested"}
    assert "L01" in fired(met, text.format(noun), kind="arrest", case=case, approvals=OIC)
    assert fired(met, text.format("local man"), kind="arrest", case=case, approvals=OIC) == set()


OIC = [{"role": "oic", "by": "kim"}]


@pytest.mark.parametrize("venue", ["the Lord Nelson", "Rosa Parks Hall", "Margaret Price Centre"])
def test_what_the_record_states_as_a_place_is_nobody(met: Policy, venue: str) -> None:
    text = f"A man was hurt outside {venue} and taken to hospital."
    case = {"status": "report"}
    assert fired(met, text, case=case, evidence=[{"field": "place", "value": venue}]) == set()


@pytest.mark.parametrize("venue", ["Rosa Parks Hall", "Lewisham"])
def test_a_person_is_not_hidden_by_a_place_that_only_resembles_them(met: Policy, venue: str) -> None:
    evidence = [{"field": "place", "value": venue}]
    text = f"Lewis and Rosa Keane were arrested at {venue}."
    decision = met.decide(a_post(text, kind="reassurance", case={"status": "arrested"}, evidence=evidence))
    marked = {
        text[slice(*finding.span)] for finding in decision.findings if finding.rule == "L01" and finding.span
    }
    assert marked == {"Lewis", "Rosa Keane"}


@pytest.mark.parametrize("said", ["a yellow-handled screwdriver", "a screwdriver with a yellow handle"])
def test_a_fact_held_back_is_known_by_its_words_whatever_their_endings(met: Policy, said: str) -> None:
    post = a_post(
        f"A man was robbed by somebody carrying {said}.",
        kind="appeal_witness",
        case={"holdback": ["yellow handled screwdriver"]},
    )
    assert "O05" in met.decide(post).rules
    without = a_post(
        "A man was robbed by somebody carrying a screwdriver.",
        kind="appeal_witness",
        case={"holdback": ["yellow handled screwdriver"]},
    )
    assert "O05" not in met.decide(without).rules


@pytest.mark.parametrize("months", ["three", "3"])
def test_how_many_months_the_figures_cover_is_on_record(met: Policy, months: str) -> None:
    data = {"n_now": 388, "n_base": 451, "period_now": "2026-06..2026-08", "period_base": "2025-06..2025-08"}
    evidence = [{"field": "place", "value": "Camden"}]
    text = f"The figure for the same {months} months was 451."
    assert fired(met, text, kind="crime_summary", data=data, evidence=evidence) == set()
    other = text.replace(months, "four")
    assert fired(met, other, kind="crime_summary", data=data, evidence=evidence) == {"D08"}


@pytest.mark.parametrize(
    ("field", "rule"), [("name", {"L07"}), ("victim_name", {"L07"}), ("officer_name", set())]
)
def test_a_name_on_record_is_judged_by_the_words_beside_it_too(
    met: Policy, field: str, rule: set[str]
) -> None:
    named = "Zsofia Brell" if rule else "Brell"
    text = f"{named} had her bag stolen." if rule else f"PC {named} spoke to the shops. A man was robbed."
    evidence = [{"field": field, "value": named}]
    assert fired(met, text, case={"status": "report"}, evidence=evidence) == rule


@pytest.mark.parametrize(
    "text", ["Your ward officers met residents.", "Sgt Ruth Adeyemi's team met residents."]
)
def test_a_small_word_before_ward_and_a_name_that_owns_something_are_nothing_new(
    met: Policy, text: str
) -> None:
    evidence = [{"field": "officer", "value": "Sgt Ruth Adeyemi"}]
    assert fired(met, text, kind="engagement", evidence=evidence) == set()
