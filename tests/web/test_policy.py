"""The policy's pages: what decides and why, what waits for two people, and what is wrong with the folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import text

from engage.web import create_app
from engage.wiring import Engage
from tests.policy.builders import CASES, RULE, a_post, write_policy
from tests.web.conftest import add_staff, settings
from tests.web.visitor import Visitor

YELLING = RULE.replace("shout~", "yell~")
YELLING_CASES = CASES.replace("shouted", "yelled").replace("shout", "yell")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_policy(tmp_path / "small", cases=CASES)


@pytest.fixture
def office(engine: Database, database_url: str, folder: Path) -> Iterator[Engage]:  # noqa: ARG001 - it empties the tables first
    """An installation whose own policy blocks shouting, with one past draft."""
    made = Engage(settings(database_url).model_copy(update={"policies": folder}))
    with made.transaction() as unit:
        add_staff(unit)
        made.policy_in(unit)
    yield made
    made.close()


def visit(office: Engage, name: str) -> Visitor:
    return Visitor(create_app(office).test_client()).signed_in(name)


def change(folder: Path) -> None:
    write_policy(folder, rules=YELLING, cases=YELLING_CASES)


def proposed(office: Engage, folder: Path) -> str:
    """The address of the changed folder's proposal, made on the page."""
    change(folder)
    press = visit(office, "press.sharma").open("/policy")
    press.send("/policy/propose", reason="Yelling is worse.")
    assert press.address == "/policy/proposals/1", press.text
    return press.address


def sign(office: Engage, address: str, name: str, *, expect: int = 200) -> Visitor:
    visitor = visit(office, name).open(address)
    return visitor.send(f"{address}/sign", having_read=visitor.hidden("having_read"), expect=expect)


def test_every_rule_in_force_says_why_from_which_source_and_what_to_do(officer: Visitor) -> None:
    officer.open("/policy")
    for words in (
        "decides what may be published",
        "D02 No percentage or “double” on a small base",
        "From 4 to 8 is “double” and means nothing.",
        "The officer reads: “…” is a share of too few",
        "Give the two numbers instead",
        "Percentages of small numbers mislead",
        "met/rules/D-data.yaml, line",
        "Who signs what",
        "Small base",
    ):
        assert words in officer.text, words


def test_a_rules_source_is_a_link_where_it_can_be_read(officer: Visitor) -> None:
    officer.open("/policy?q=CCA")
    assert 'href="https://www.legislation.gov.uk/ukpga/1981/49"' in officer.page
    assert "Contempt of Court Act 1981" in officer.text


@pytest.mark.parametrize(
    ("asked", "found"), [("L03", ["L03"]), ("small BASE", ["D02"]), ("no such words anywhere", [])]
)
def test_rules_are_found_by_their_words_and_numbers(officer: Visitor, asked: str, found: list[str]) -> None:
    officer.open(f"/policy?q={asked}")
    rules = [each.partition('"')[0] for each in officer.page.split('<details class="eng-rule" id="')[1:]]
    assert rules == found or set(found) < set(rules)
    assert f"of 60 rules say “{asked}”" in officer.text


def test_an_edited_folder_is_shown_as_differing_and_officers_are_not_asked_to_propose_it(
    office: Engage, folder: Path
) -> None:
    change(folder)
    officer, press = visit(office, "pc.okafor").open("/policy"), visit(office, "press.sharma").open("/policy")
    for each in (officer, press):
        assert "The folder differs from what is in force" in each.text
        assert "shouting" in each.text
    assert "Check, test and propose it" in press.text
    assert "Check, test and propose it" not in officer.text


def test_two_people_sign_and_the_next_page_is_decided_by_it(office: Engage, folder: Path) -> None:
    address = proposed(office, folder)
    first = sign(office, address, "press.sharma")
    assert "The head of communications must sign it." in first.text
    assert "You have signed this already" in first.text
    assert "Sign exactly this policy" not in first.text
    second = sign(office, address, "press.ward")
    assert "It is in force now, everywhere." in second.text
    with office.transaction() as unit:
        assert office.policy_in(unit).decide(a_post("They yelled.")).rules == ("X01",)
    page = visit(office, "press.sharma").open("/policy")
    assert "Priya Sharma and Helen Ward" in page.text


def test_a_proposal_shows_its_counts_its_reason_and_every_changed_line(office: Engage, folder: Path) -> None:
    page = visit(office, "press.ward").open(proposed(office, folder))
    assert "Yelling is worse." in page.text
    assert "All 4 cases of its own hold." in page.text
    assert "Lines: 1 new, 1 gone" in page.text
    assert "- - checks: [{phrases: [shout~]}]" in page.text
    assert "+ - checks: [{phrases: [yell~]}]" in page.text


def test_what_was_read_is_what_is_signed(office: Engage, folder: Path) -> None:
    address = proposed(office, folder)
    visit(office, "press.ward").open(address).send(f"{address}/sign", having_read="0" * 64, expect=409)
    assert "of 2 signed" in visit(office, "press.sharma").open("/policy").text


def test_a_refusal_needs_a_reason_and_ends_the_proposal(office: Engage, folder: Path) -> None:
    address = proposed(office, folder)
    ward = visit(office, "press.ward").open(address)
    ward.send(f"{address}/refuse", reason=" ", expect=400)
    assert "Say why you refuse it." in ward.text
    ward.send(f"{address}/refuse", reason="Yelling is rare.")
    assert "Yelling is rare." in ward.text
    assert "Sign exactly this policy" not in ward.text


@pytest.mark.parametrize("name", ["pc.okafor", "insp.reid", "audit.lin", "admin.roy"])
def test_nobody_outside_the_press_office_signs_refuses_or_proposes(
    office: Engage, folder: Path, name: str
) -> None:
    address = proposed(office, folder)
    visitor = visit(office, name).open("/policy")
    for act in (f"{address}/sign", f"{address}/refuse", "/policy/propose"):
        visitor.send(act, reason="x", having_read="x", expect=403)


def test_a_form_from_elsewhere_signs_nothing(office: Engage, folder: Path) -> None:
    address = proposed(office, folder)
    ward = visit(office, "press.ward").open(address)
    given = {"having_read": ward.hidden("having_read")}
    assert ward.client.post(f"{address}/sign", data=given).status_code == 400


def test_an_auditor_reads_proposals_and_an_officer_does_not(office: Engage, folder: Path) -> None:
    address = proposed(office, folder)
    auditor = visit(office, "audit.lin").open(address)
    assert "Sign exactly this policy" not in auditor.text
    visit(office, "pc.okafor").open(address, expect=403)


def test_a_broken_folder_is_shown_with_file_and_line_and_changes_no_decision(
    office: Engage, folder: Path
) -> None:
    write_policy(folder, rules=RULE.replace("severity", "severitee"))
    press = visit(office, "press.sharma").open("/policy")
    assert "The folder cannot be loaded" in press.text
    assert "small/rules/X.yaml, line 2: rules: “severity” is missing." in press.text
    press.send("/policy/propose", reason="Whatever it is.", expect=400)
    operations = visit(office, "admin.roy").open("/operations")
    assert "The policy's folder cannot be loaded; what is in force stays." in operations.text
    with office.transaction() as unit:
        assert office.policy_in(unit).decide(a_post("They shouted.")).rules == ("X01",)


def test_a_policy_whose_own_cases_fail_is_not_proposed_and_the_page_says_which(
    office: Engage, folder: Path
) -> None:
    write_policy(folder, rules=YELLING, cases=CASES)
    press = visit(office, "press.sharma").open("/policy")
    press.send("/policy/propose", reason="Yelling is worse.", expect=400)
    assert "small/cases/X.yaml:1 “a shout”" in press.text
    assert 'value="Yelling is worse."' in press.page


def test_a_proposal_says_why_before_anything_is_run(office: Engage, folder: Path) -> None:
    change(folder)
    press = visit(office, "press.sharma").open("/policy")
    press.send("/policy/propose", reason=" ", expect=400)
    assert "Say what it changes and why." in press.text


def test_a_kept_policy_that_cannot_be_loaded_is_told_everywhere_and_takes_nothing_down(
    office: Engage, folder: Path, database_url: str
) -> None:
    address = proposed(office, folder)
    for name in ("press.sharma", "press.ward"):
        sign(office, address, name)
    with office.transaction() as unit:
        unit.session.execute(text("SET LOCAL session_replication_role = replica"))
        unit.session.execute(
            text(
                "UPDATE policy_version SET files = jsonb_set(files, '{rules/X.yaml}', '\"rules: 7\"') WHERE version = '1' AND hash = (SELECT hash FROM policy_proposal)"
            )
        )
    restarted = Engage(settings(database_url).model_copy(update={"policies": folder}))
    try:
        press = visit(restarted, "press.sharma").open("/policy")
        assert "The policy that was switched on last cannot be loaded" in press.text
        assert "shouting" in press.text
        assert "cannot be loaded" in visit(restarted, "admin.roy").open("/operations").text
        ready = Visitor(create_app(restarted).test_client()).open("/readyz")
        assert "ready, policy 1; the one switched on last cannot be loaded" in ready.page
    finally:
        restarted.close()


def test_where_no_policy_ever_was_good_the_site_says_so_and_is_not_ready(
    engine: Database,  # noqa: ARG001 - it empties the tables first
    database_url: str,
    folder: Path,
) -> None:
    shutil.rmtree(folder)
    made = Engage(settings(database_url).model_copy(update={"policies": folder}))
    try:
        with made.transaction() as unit:
            add_staff(unit)
        ready = Visitor(create_app(made).test_client()).open("/readyz", expect=503)
        assert "a policy is a folder with policy.yaml" in ready.page
        visit(made, "press.sharma").open("/policy", expect=503)
        assert (
            "Nothing can be decided, and nothing leaves." in visit(made, "admin.roy").open("/operations").text
        )
    finally:
        made.close()
