"""`engage policy`: exit codes and one clear line, without a database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.policy import policy
from engage.policy import load_policy
from engage.policy.replay import replay
from tests.policy.builders import MET, RULE, a_post, write_policy

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


def test_replay_says_who_would_be_newly_blocked_and_who_let_through(tmp_path: Path) -> None:
    old = load_policy(write_policy(tmp_path / "old"))
    new = load_policy(write_policy(tmp_path / "new", rules=RULE.replace("shout~", "whisper~")))
    posts = [a_post("They shouted."), a_post("They whispered."), a_post("They sang.")]
    drafts = [(str(place), post, old.decide(post).to_json()) for place, post in enumerate(posts)]
    outcome = replay([*drafts, ("broken", {}, {})], new)
    assert [change.post_id for change in outcome.let_through] == ["0"]
    assert [change.post_id for change in outcome.newly_blocked] == ["1"]
    assert outcome.newly_blocked[0].newly_fired == ("X01",)
    assert (outcome.drafts, outcome.unreadable) == (4, 1)
