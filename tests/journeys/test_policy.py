"""A policy is edited, proposed, read and signed by two people in a real browser, and decides at once."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine as Database

from engage.posts.clock import utc_now
from engage.posts.kinds import Kind, Platform
from engage.settings import Settings
from engage.wiring import Engage
from tests.journeys.reader import Reader, reader
from tests.journeys.running import running
from tests.policy.builders import CASES, MET, RULE
from tests.wiring.test_changes import ADVICE, a_post, signed_off

pytestmark = pytest.mark.real_servers

PRESS, HEAD = "press.bailey", "head.morgan"
OURS = (
    RULE.replace("X01", "Z01")
    .replace("No shouting", "No advice about wheels")
    .replace("shout~", "bike's frame and both wheels")
    .replace("code: US", "code: TONE")
)
OUR_CASES = (
    CASES.replace("X01", "Z01")
    .replace("They shouted", "Mind your bike's frame and both wheels")
    .replace("We shout", "Lock a bike's frame and both wheels")
)


def test_a_change_of_the_policy_from_the_editor_to_the_second_signature(
    engine: Database,  # noqa: ARG001 - it empties the tables first
    database_url: str,
    redis_url: str,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "policies" / "met"
    shutil.copytree(MET, folder)
    with (
        running(database_url, redis_url, tmp_path, ENGAGE_POLICIES=str(folder)) as engaged,
        reader(engaged.address, tmp_path) as somebody,
    ):
        post_id = _a_signed_post(database_url)
        _reads_the_rules(somebody)
        _breaks_the_folder_and_reads_where(somebody, folder)
        _mends_it_and_proposes_it(somebody, folder)
        _two_people_sign_it(somebody)
        somebody.open(f"/posts/{post_id}")
        somebody.sees("Z01")
        somebody.open(f"/posts/{post_id}/history")
        somebody.sees("version 2026.12 of the policy came into force")
        assert (somebody.complaints, somebody.barriers) == ([], [])


def _a_signed_post(database_url: str) -> UUID:
    """A post signed off for tomorrow, which the policy to come would stop."""
    engage = Engage(Settings(DATABASE_URL=database_url, office_hours="always"))  # type: ignore[call-arg]
    with engage.transaction() as unit:
        unit.session.connection()
        accounts = unit.accounts.speaking_for("Camden")
    tomorrow = utc_now() + timedelta(hours=20)
    post = a_post(ADVICE, kind=Kind.PREVENTION)
    variant = replace(post.variants[0], account=accounts[Platform.X])
    try:
        return signed_off(
            engage,
            replace(post, variants=(variant,), publish_at=tomorrow, latest=tomorrow + timedelta(hours=1)),
        )
    finally:
        engage.close()


def _reads_the_rules(somebody: Reader) -> None:
    somebody.sign_in(PRESS)
    somebody.open("/policy")
    somebody.sees("decides what may be published")
    somebody.page.locator("#L03 summary").click()
    somebody.look("policy")
    somebody.page.get_by_label("Words in a rule").fill("bail")
    somebody.press("Search")
    somebody.sees("rules say “bail”")
    somebody.look("policy-searched")


def _breaks_the_folder_and_reads_where(somebody: Reader, folder: Path) -> None:
    path = folder / "rules" / "Z-our-own.yaml"
    path.write_text(OURS.replace("severity", "severitee"), encoding="utf-8")
    somebody.open("/policy")
    somebody.sees("The folder cannot be loaded")
    somebody.sees("met/rules/Z-our-own.yaml, line 2")
    somebody.look("policy-broken")


def _mends_it_and_proposes_it(somebody: Reader, folder: Path) -> None:
    (folder / "rules" / "Z-our-own.yaml").write_text(OURS, encoding="utf-8")
    (folder / "cases" / "Z-our-own.yaml").write_text(OUR_CASES, encoding="utf-8")
    main = folder / "policy.yaml"
    main.write_text(main.read_text(encoding="utf-8").replace('"2026.11"', '"2026.12"'), encoding="utf-8")
    somebody.open("/policy")
    somebody.sees("The folder differs from what is in force")
    somebody.unfold("Propose what the folder holds")
    somebody.page.get_by_label("What it changes, and why").fill("Nobody wants advice about wheels.")
    somebody.press("Check, test and propose it")


def _two_people_sign_it(somebody: Reader) -> None:
    somebody.sees("Newly blocked: 1")
    somebody.sees(ADVICE)
    somebody.look("policy-proposal")
    address = somebody.page.url
    somebody.press("Sign exactly this policy")
    somebody.sees("The head of communications must sign it")
    somebody.sign_in(HEAD)
    somebody.open("/policy")
    somebody.sees("1 of 2 signed")
    somebody.look("policy-waiting")
    somebody.open(address)
    somebody.press("Sign exactly this policy")
    somebody.sees("It is in force now, everywhere. Posts to be approved again: 1.")
    somebody.look("policy-signed")
