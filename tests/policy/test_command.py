"""`engage policy`: exit codes and one clear line, without a database."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engage.cli.policy import policy
from engage.policy import Policy, load_policy
from engage.policy.decision import Verdict
from engage.policy.replay import PastDraft, replay
from engage.policy.setting_aside import with_set_aside
from tests.policy.builders import FORCE, MET, RULE, a_post, write_policy

CASES = """\
- {rule: X01, expect: fires, name: a shout, post: {kind: prevention, text: They shouted}}
- {rule: X01, expect: passes, name: a whisper, post: {kind: prevention, text: They whispered}}
"""


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(policy, list(arguments), input=given)


def test_check_says_well_formed_and_ends_with_0() -> None:
    result = run("check", str(MET))
    assert result.exit_code == 0
    assert "60 rules, well formed" in result.output


def test_check_names_file_and_line_of_every_fault_and_ends_with_2_where_it_cannot_load(
    tmp_path: Path,
) -> None:
    folder = write_policy(tmp_path / "small", rules=RULE.replace("severity", "severitee"))
    result = run("check", str(folder))
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert all(line.startswith("small/rules/X.yaml:") for line in told)
    assert any("“severity” is missing" in line for line in told)
    assert any("“severitee” is no key here" in line for line in told)


def test_decide_takes_one_post_or_a_list_and_ends_with_1_on_a_block() -> None:
    good, bad = a_post("Lock your bike."), a_post("Stay indoors tonight.")
    one = run("decide", "-", given=json.dumps(good))
    assert (one.exit_code, json.loads(one.output)["verdict"]) == (0, "allow")
    many = run("decide", "-", given=json.dumps([good, bad]))
    assert (many.exit_code, [each["verdict"] for each in json.loads(many.output)]) == (1, ["allow", "block"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "not JSON"),
        ('{"kind": "poem", "text": "x"}', "kind"),
        ('{"kind": "prevention"}', "text"),
        ('[{"kind": "prevention", "text": "x", "platform": "telex"}]', "post 1, platform"),
        ("7", "not a post"),
        ('{"kind": "prevention", "text": "x", "context": 7}', "context"),
    ],
)
def test_bad_input_is_one_line_that_names_the_field(given: str, says: str) -> None:
    result = run("decide", "-", given=given)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_policys_own_cases_run_and_a_failing_one_ends_with_1(tmp_path: Path) -> None:
    folder = write_policy(tmp_path / "small", cases=CASES)
    assert "2 passed, 0 failed" in run("test", str(folder)).output
    write_policy(tmp_path / "small", cases=CASES.replace("They whispered", "They shouted too"))
    result = run("test", str(folder))
    assert result.exit_code == 1
    assert "small/cases/X.yaml:2 a whisper" in result.output


def test_schema_is_json() -> None:
    assert "rules" in json.loads(run("schema").output)


def a_past_draft(post_id: str, post: dict[str, Any], policy: Policy, *, moment: str = "typing") -> PastDraft:
    answer = policy.decide(post, moment=moment).to_json()
    return PastDraft(post_id=post_id, moment=moment, question=post, answer=answer)


def test_replay_says_who_would_be_newly_blocked_and_who_let_through(tmp_path: Path) -> None:
    old = load_policy(write_policy(tmp_path / "old"))
    new = load_policy(write_policy(tmp_path / "new", rules=RULE.replace("shout~", "whisper~")))
    posts = [a_post("They shouted."), a_post("They whispered."), a_post("They sang.")]
    drafts = [a_past_draft(str(place), post, old) for place, post in enumerate(posts)]
    broken = PastDraft(post_id="broken", moment="typing", question={}, answer={})
    outcome = replay([*drafts, broken], new)
    assert [change.post_id for change in outcome.let_through] == ["0"]
    assert [change.post_id for change in outcome.newly_blocked] == ["1"]
    assert outcome.newly_blocked[0].newly_fired == ("X01",)
    assert (outcome.drafts, outcome.unreadable) == (4, 1)


def test_replay_counts_the_same_words_once_as_they_were_decided_last(tmp_path: Path) -> None:
    old = load_policy(write_policy(tmp_path / "old"))
    new = load_policy(write_policy(tmp_path / "new", rules=RULE.replace("shout~", "whisper~")))
    whisper = a_post("They whispered.")
    drafts = [a_past_draft("1", whisper, old, moment=moment) for moment in ("send", "approval", "typing")]
    outcome = replay(drafts, new)
    assert (outcome.drafts, len(outcome.newly_blocked)) == (1, 1)


def test_replay_asks_at_the_moment_that_was_asked(tmp_path: Path) -> None:
    rules = RULE.replace(
        "{phrases: [shout~]}", "{holds: {fact: case.status, missing: true, unstated: fails_when_submitted}}"
    )
    policy = load_policy(write_policy(tmp_path / "old", rules=rules))
    assert policy.decide(a_post("x"), moment="submit").rules != policy.decide(a_post("x")).rules
    assert replay([a_past_draft("1", a_post("x"), policy, moment="submit")], policy).changes == ()


def test_replay_says_for_which_drafts_other_people_would_have_to_sign(tmp_path: Path) -> None:
    old = load_policy(write_policy(tmp_path / "old"))
    two = FORCE.replace("{role: press_officer}", "{role: press_officer}, {role: analyst, count: 2}")
    new = load_policy(write_policy(tmp_path / "new", force=two))
    (change,) = replay([a_past_draft("1", a_post("They sang."), old)], new).signed_by_others
    assert (change.signed_before, change.signed_after) == ("press officer", "2 analysts and press officer")


def test_what_was_set_aside_by_name_is_not_counted_as_newly_blocked(tmp_path: Path) -> None:
    policy = load_policy(write_policy(tmp_path / "old"))
    post = a_post("They shouted.")
    aside = with_set_aside(policy.decide(post), {"X01": "Sam Morgan: it is a quotation"})
    assert aside.verdict is not Verdict.BLOCK
    draft = PastDraft(post_id="1", moment="typing", question=post, answer=aside.to_json())
    assert replay([draft], policy).changes == ()


def test_a_summary_is_of_bounded_size_however_long_the_drafts(tmp_path: Path) -> None:
    old = load_policy(write_policy(tmp_path / "old"))
    new = load_policy(write_policy(tmp_path / "new", rules=RULE.replace("shout~", "whisper~")))
    drafts = [a_past_draft(str(place), a_post("They whispered. " * 4_000), old) for place in range(30)]
    summary = replay(drafts, new).summary(examples=5)
    assert summary["newly_blocked"] == 30
    assert len(summary["examples"]["newly_blocked"]) == 5
    assert len(json.dumps(summary)) < 10_000
