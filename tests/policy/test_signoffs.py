"""Who must sign, whose signature counts, and what is left."""

import pytest

from engage.policy import Policy, Verdict, load_policy
from engage.posts.people import ALSO_CALLED, Role
from tests.policy.builders import MET, a_post


@pytest.fixture(scope="module")
def met() -> Policy:
    return load_policy(MET)


def signed(*pairs: tuple[str, str], **context: object) -> dict[str, object]:
    return {"approvals": [{"role": role, "by": by} for role, by in pairs], **context}


def test_one_press_officer_is_taken_to_be_available(met: Policy) -> None:
    decision = met.decide(a_post("Lock your bike."))
    assert decision.verdict is Verdict.ALLOW
    assert [need.to_json() for need in decision.signoffs.missing] == [{"role": "press_officer", "count": 1}]


def test_the_drafters_own_approval_does_not_count(met: Policy) -> None:
    decision = met.decide(a_post("Lock your bike.", **signed(("press_officer", "ann"), drafter="ann")))
    assert decision.signoffs.held == ()
    assert "G01" in decision.rules


def test_one_person_cannot_fill_two_needs(met: Policy) -> None:
    post = a_post(
        "A man was arrested on suspicion of robbery.",
        kind="arrest",
        **signed(("oic", "bo"), ("press_officer", "bo")),
    )
    decision = met.decide(post)
    assert len(decision.signoffs.held) == 1
    assert decision.verdict is Verdict.BLOCK


def test_a_role_that_approves_nothing_does_not_count(met: Policy) -> None:
    decision = met.decide(a_post("Lock your bike.", **signed(("administrator", "root"))))
    assert decision.signoffs.held == ()


def test_the_head_of_communications_may_sign_as_press_officer(met: Policy) -> None:
    decision = met.decide(a_post("Lock your bike.", **signed(("head_of_comms", "hal"))))
    assert decision.signoffs.missing == ()


@pytest.mark.parametrize("second", ["legal", "press_officer"])
def test_naming_at_charge_takes_legal_or_a_second_press_officer(met: Policy, second: str) -> None:
    case = {
        "status": "charged",
        "named": True,
        "charge_confirmed": True,
        "reporting_restrictions": "checked_none",
        "cps_checked": True,
        "subject_age": 36,
    }
    post = a_post(
        "Daniel Okafor has been charged with robbery.",
        kind="charge",
        case=case,
        evidence=[{"field": "name", "value": "Daniel Okafor"}],
        **signed(("press_officer", "p1"), (second, "p2")),
    )
    assert met.decide(post).verdict is Verdict.ALLOW


def test_out_of_hours_the_roster_takes_over(met: Policy) -> None:
    post = a_post("Officers patrolled the area.", kind="reassurance", out_of_hours=True)
    assert [need.role for need in met.decide(post).signoffs.required] == ["duty_press_officer"]


def test_a_serious_case_needs_the_senior_investigator_and_lapses_sooner(met: Policy) -> None:
    volume = met.decide(a_post("x", kind="appeal_witness", case={"offence": "robbery"})).signoffs
    serious = met.decide(a_post("x", kind="appeal_witness", case={"offence": "murder"})).signoffs
    assert "sio" not in {need.role for need in volume.required}
    assert "sio" in {need.role for need in serious.required}
    assert serious.valid_for_minutes < volume.valid_for_minutes


def test_strange_approvals_are_passed_over(met: Policy) -> None:
    post = a_post("Lock your bike.", approvals=["x", {"role": "press_officer"}, 7, None, {"by": "p"}])
    assert met.decide(post).signoffs.held == ()


def test_an_old_conviction_takes_legal_and_no_second_press_officer(met: Policy) -> None:
    case = {
        "status": "sentenced",
        "named": True,
        "charge_confirmed": True,
        "reporting_restrictions": "checked_none",
        "cps_checked": True,
        "subject_age": 52,
        "convicted_on": "2009-05-14",
    }
    post = a_post(
        "Gary Toms was jailed for nine years.",
        kind="court_result",
        now="2026-10-12T12:00",
        review_at="2026-11-12T09:00",
        case=case,
        **signed(("press_officer", "ann"), ("press_officer", "bo")),
    )
    decision = met.decide(post)
    assert decision.verdict is Verdict.ESCALATE
    assert [need.role for need in decision.signoffs.missing] == ["legal"]
    assert "L06" in decision.rules


@pytest.mark.parametrize(("said", "role"), sorted(ALSO_CALLED.items()))
def test_a_role_counts_under_the_name_that_sources_give_it(met: Policy, said: str, role: Role) -> None:
    post = a_post("Lock your bike.", **signed((said, "ann"), ("press_officer", "bo")))
    exact = a_post("Lock your bike.", **signed((role.value, "ann"), ("press_officer", "bo")))
    assert met.decide(post).signoffs == met.decide(exact).signoffs
