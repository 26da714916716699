"""`engage policy propose`, `sign`, `refuse`, `status`, `history`, and `decide` where two people have signed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine as Database

from engage import wiring
from engage.cli.policy import policy
from engage.store.unit import transaction
from tests.demo.people import PASSWORD
from tests.policy.builders import CASES, RULE, a_post, write_policy
from tests.signed_in import add_people

YELLING = RULE.replace("shout~", "yell~")
YELLING_CASES = CASES.replace("shouted", "yelled").replace("shout", "yell")


@pytest.fixture
def folder(
    engine: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """An installation named in the environment as an operator would, with its folder."""
    with transaction(engine) as unit:
        add_people(unit)
    made = write_policy(tmp_path / "small", cases=CASES)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("ENGAGE_POLICIES", str(made))
    wiring.open_engage.cache_clear()
    yield made
    wiring.open_engage().close()
    wiring.open_engage.cache_clear()


def run(*words: str, given: str | None = None, ends: int = 0) -> Result:
    told = CliRunner().invoke(policy, words, input=given)
    assert told.exit_code == ends, told.output
    return told


def verdict_on(words: str) -> str:
    told = CliRunner().invoke(policy, ["decide", "-"], input=json.dumps(a_post(words)))
    verdict: str = json.loads(told.stdout)["verdict"]
    return verdict


def proposed(folder: Path) -> str:
    """The hash of the changed folder, proposed."""
    run("status")
    write_policy(folder, rules=YELLING, cases=YELLING_CASES)
    told = run("propose", "--reason", "Yelling is worse.", "--json")
    found: str = json.loads(told.stdout)["hash"]
    return found


def sign(hash_: str, name: str, *, ends: int = 0, password: str = PASSWORD) -> Result:
    return run("sign", hash_, "--as", name, given=f"{password}\n", ends=ends)


def test_a_policy_is_proposed_signed_by_two_and_decides(folder: Path) -> None:
    hash_ = proposed(folder)
    assert "Of 0 past drafts 0 would be newly blocked" in run("status").output
    assert "needs one more signature" in sign(hash_[:12], "press.bailey").output
    assert verdict_on("They yelled.") == "allow"
    assert "is in force, in every process" in sign(hash_[:12], "head.morgan").output
    assert verdict_on("They yelled.") == "block"
    assert "signed by press.bailey and head.morgan" in run("status").output
    listed = json.loads(run("history", "--json").stdout)
    assert [each["signed_by"] for each in listed["in_force"]] == [["press.bailey", "head.morgan"], []]
    assert listed["proposals"][0]["state"] == "in_force"
    assert "first start" in run("history").output


def test_deciding_by_another_folder_asks_no_database(folder: Path, tmp_path: Path) -> None:
    assert verdict_on("They yelled.") == "allow"
    other = write_policy(tmp_path / "other", rules=YELLING)
    told = run("decide", "-", "--policy", str(other), given=json.dumps(a_post("They yelled.")), ends=1)
    assert json.loads(told.stdout)["verdict"] == "block"
    assert folder.is_dir()


def test_a_database_in_which_nothing_was_signed_leaves_the_decision_to_the_folder(folder: Path) -> None:
    write_policy(folder, rules=YELLING)
    assert verdict_on("They yelled.") == "block"
    write_policy(folder)
    assert verdict_on("They yelled.") == "allow"


def test_a_database_that_does_not_answer_is_said_and_the_folder_decides(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.is_dir()
    with monkeypatch.context() as away:
        away.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        told = run("decide", "-", given=json.dumps(a_post("They shouted.")), ends=1)
    assert "The folder's policy decides here instead." in told.stderr
    assert json.loads(told.stdout)["verdict"] == "block"


def test_a_signature_needs_the_password_of_a_person_who_may(folder: Path) -> None:
    hash_ = proposed(folder)
    assert "do not go together" in sign(hash_, "press.bailey", password="guessed", ends=1).stderr
    assert "Only the press office signs" in sign(hash_, "pc.khan", ends=1).stderr


def test_a_refused_policy_can_be_signed_no_more(folder: Path) -> None:
    hash_ = proposed(folder)
    told = run("refuse", hash_, "--reason", "Too wide.", "--as", "press.lee", given=f"{PASSWORD}\n")
    assert "What was in force stays in force" in told.output
    assert "is no policy that waits" in sign(hash_, "head.morgan", ends=2).stderr


def test_too_little_of_a_hash_signs_nothing(folder: Path) -> None:
    hash_ = proposed(folder)
    assert "at least 8 characters" in sign(hash_[:7], "head.morgan", ends=2).stderr


def test_status_says_that_the_folder_differs_is_broken_or_is_what_decides(folder: Path) -> None:
    assert "is what is in force" in run("status").output
    write_policy(folder, rules=YELLING, cases=YELLING_CASES)
    assert "propose it" in run("status").output
    write_policy(folder, rules=RULE.replace("severity", "severitee"))
    told = json.loads(run("status", "--json").stdout)
    assert told["folder"]["state"] == "broken"
    assert "small/rules/X.yaml:2" in told["folder"]["advice"]
    assert told["in_force"]["version"] == "1"


def test_what_fails_its_own_cases_is_not_proposed_and_ends_with_1(folder: Path) -> None:
    run("status")
    write_policy(folder, rules=YELLING, cases=CASES)
    told = run("propose", "--reason", "Yelling is worse.", ends=1)
    assert "small/cases/X.yaml:1" in told.stderr
    assert told.stderr.count("\n") == 1
