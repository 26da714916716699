"""The Met policy itself: its cases hold, each rule is held by a case, and it is well formed."""

from typing import Any

import pytest

from engage.policy import CaseBook, Policy, Verdict, check_policy, load_policy
from tests.policy.builders import MET, a_post

BOOK = CaseBook.read(MET)
SAFE = "Lock your bike. In an emergency call 999."


@pytest.fixture(scope="module")
def met() -> Policy:
    return BOOK.policy


@pytest.mark.parametrize("rule", [rule.id for rule in BOOK.policy.rules])
def test_every_case_of_a_rule_holds(rule: str) -> None:
    cases = CaseBook(BOOK.policy, tuple(pair for pair in BOOK.cases if pair[0].rule == rule))
    failed = [f"{each.where.file}:{each.where.line} {each.why_not}" for each in cases.run() if not each.holds]
    assert failed == []


def test_switching_any_one_rule_off_makes_one_of_its_cases_fail() -> None:
    unheld = [
        rule.id for rule in BOOK.policy.rules if all(each.holds for each in BOOK.without(rule.id).run())
    ]
    assert unheld == []


def test_the_policy_has_all_sixty_rules_and_check_finds_nothing_wrong_with_it() -> None:
    policy, problems = check_policy(MET)
    assert len(policy.rules) == 60
    assert {rule.id[0] for rule in policy.rules} == set("LOIPMDFTAG")
    assert problems == []


def test_the_five_rules_nobody_may_override_are_marked_so(met: Policy) -> None:
    assert {rule.id for rule in met.rules if rule.override == "never"} == {"L03", "L04", "O03", "G01", "G02"}


def test_naming_children_before_charge_is_called_policy_and_not_statute(met: Policy) -> None:
    rule = next(rule for rule in met.rules if rule.id == "L04")
    assert rule.source.basis == "guidance"
    assert "not statute" in rule.source.says


def test_hashtags_are_not_said_to_be_required_by_the_regulations(met: Policy) -> None:
    rule = next(rule for rule in met.rules if rule.id == "A02")
    assert "do not require it" in rule.source.says


@pytest.mark.parametrize(
    "text",
    [
        "Keep your phone charged and out of sight near the road.",
        "A white van was parked by a black cab.",
        "Meet us at the café on John Wilson Street.",
        "We were on Victoria Road and at Clapham Common.",
        "PC Grace Hill and Sergeant Tom Reed marked bikes.",
        "Stay in touch with your local team.",
        "Thank you to everyone who called 101.",
    ],
)
def test_ordinary_words_pass(met: Policy, text: str) -> None:
    decision = met.decide(a_post(text, officers_named_with_consent=True))
    assert decision.verdict is Verdict.ALLOW
    assert decision.findings == ()


@pytest.mark.parametrize("number", ["0800 555 121", "0800 555 112", "020 7946 0018", "+44 20 7946 0018"])
def test_a_telephone_number_that_is_no_contact_blocks(met: Policy, number: str) -> None:
    assert "D08" in met.decide(a_post(f"Call {number} for advice.")).rules


@pytest.mark.parametrize("number", ["101", "999", "0800 555 111", "0800555111", "+44 800 555 111", "116 123"])
def test_a_contact_passes_however_it_is_spaced(met: Policy, number: str) -> None:
    assert met.decide(a_post(f"Call {number} for advice.")).findings == ()


def test_from_submission_on_what_a_rule_needs_must_be_stated(met: Policy) -> None:
    post = a_post(SAFE, image={"present": True, "alt": "A bicycle locked to a stand in a street"})
    assert met.decide(post).verdict is Verdict.ALLOW
    later = met.decide(post, moment="submit")
    assert later.verdict is Verdict.BLOCK
    assert {"L11", "I03"} <= set(later.rules)


def test_the_same_post_is_decided_again_on_the_state_of_the_moment(met: Policy) -> None:
    post = a_post("Officers spoke to shops about a burglary suspect.", kind="reassurance")
    assert met.decide(post).verdict is Verdict.ALLOW
    arrested = {**post, "text": "The burglar was seen again."}
    assert "L02" not in met.decide(arrested).rules
    assert "L02" in met.decide({**arrested, "context": {"case": {"proceedings_active": True}}}).rules


def test_a_finding_says_rule_words_reason_source_and_remedy(met: Policy) -> None:
    finding = met.decide(a_post("Don\u2019t walk home alone.")).findings[0]
    assert finding.rule == "T01"
    assert finding.span == (0, 21)
    assert finding.why
    assert finding.source.startswith("WORDS (guidance, R)")
    assert finding.fix


def test_the_shape_of_a_decision_is_the_published_one(met: Policy) -> None:
    answer = met.decide(a_post("Stay indoors tonight.")).to_json()
    assert list(answer) == ["verdict", "policy", "findings", "signoffs"]
    assert set(answer["policy"]) == {"name", "version", "hash"}
    assert set(answer["findings"][0]) == {"rule", "severity", "message", "why", "source", "span", "fix"}
    assert {"required", "held", "missing", "valid_for_minutes"} <= set(answer["signoffs"])


def test_the_hash_changes_with_the_policy_and_with_nothing_else() -> None:
    assert load_policy(MET).hash == BOOK.policy.hash


@pytest.mark.parametrize(
    ("data_to", "now", "too_old"),
    [
        ("2026-10-01", "2026-11-15T23:30", False),  # forty-five days and an hour: the clocks went back
        ("2026-10-01", "2026-11-16T00:30", True),
        ("2026-03-01", "2026-04-15T00:30", False),
        ("2026-03-01", "2026-04-16T00:30", True),  # forty-six days less an hour: the clocks went forward
    ],
)
def test_the_age_of_a_forecasts_data_is_counted_in_days_of_the_calendar_across_a_clock_change(
    met: Policy, data_to: str, now: str, too_old: bool
) -> None:
    context: dict[str, Any] = {"borough": "Camden", "now": now, "forecast": {"data_to": data_to}}
    post = a_post(SAFE, kind="forecast_advisory", **context)
    said = [each.message for each in met.decide(post).findings if "days old" in each.message]
    assert bool(said) is too_old
