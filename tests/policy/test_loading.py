"""A policy that is wrong is never loaded, and says in which file and line; a good one stays in force."""

import os
from pathlib import Path

import pytest

from engage.policy import PolicyError, PolicyInForce, check_policy, json_schema, load_policy
from tests.policy.builders import FORCE, MET, RULE, a_post, write_policy


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("severity: block", "severity: blocks", 4, "severity"),
        ("    why: It hurts.\n", "", 2, "“why” is missing"),
        ("title: No shouting", "titel: No shouting", 3, "“titel” is no key here"),
        ("phrases: [shout~]", "phrase: [shout~]", 10, "is not a check"),
        ("shout~", '"("', 10, "brackets"),
        ("{phrases: [shout~]}", "{pattern: '(a'}", 10, "missing )"),
        ("{phrases: [shout~]}", "{pattern: 'a*'}", 10, "matches nothing at all"),
        ("severity: block", "severity: approve", 2, "names no role"),
        ("why: It hurts.", "why: It hurts.\n    why: Twice.", 8, "given twice"),
        ("title: No shouting", "title: [No", 4, "is not YAML"),
        ("phrases: [shout~]", "phrases: [$nothing]", 10, "no list of policy.yaml"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    folder = write_policy(tmp_path / "small", rules=RULE.replace(old, new))
    with pytest.raises(PolicyError) as caught:
        load_policy(folder)
    found = [(problem.file, problem.line) for problem in caught.value.problems if says in problem.message]
    assert found == [("small/rules/X.yaml", line)], str(caught.value.problems)


def test_a_folder_without_a_policy_says_what_a_policy_is(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"a policy is a folder with policy\.yaml"):
        load_policy(tmp_path)


def test_on_and_no_and_times_are_words_in_a_policy(tmp_path: Path) -> None:
    rules = RULE.replace("{phrases: [shout~]}", "{holds: {fact: comments, equals: on}}")
    policy = load_policy(write_policy(tmp_path / "small", rules=rules))
    assert policy.decide(a_post("x", comments="on")).rules == ("X01",)
    assert policy.decide(a_post("x", comments=True)).rules == ()


def test_a_borough_builds_on_a_base_and_changes_only_what_differs(tmp_path: Path) -> None:
    write_policy(tmp_path / "small")
    own = 'name: own\nversion: "2"\nextends: ../small\ncontacts: {numbers: {"105": power}}\n'
    rules = RULE.replace("shout~", "whisper~").replace("X01", "X02") + "off: {X01: we shout}\n"
    policy = load_policy(write_policy(tmp_path / "own", force=own, rules=rules))
    assert [rule.id for rule in policy.rules] == ["X02"]
    assert set(policy.contacts.numbers) == {"101", "105"}
    assert policy.name == "own"


def test_a_policy_that_builds_on_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="builds on itself"):
        load_policy(write_policy(tmp_path / "small", force=FORCE + "extends: ../small\n"))


def test_a_broken_edit_leaves_the_last_good_policy_in_force_and_is_shown(tmp_path: Path) -> None:
    folder = write_policy(tmp_path / "small")
    in_force = PolicyInForce(folder)
    before = in_force.current.hash
    _edit(folder / "rules" / "X.yaml", RULE.replace("severity", "severitee"))
    assert in_force.current.hash == before
    assert in_force.error is not None
    assert "small/rules/X.yaml" in str(in_force.error)
    _edit(folder / "rules" / "X.yaml", RULE.replace("shout~", "yell~"))
    assert in_force.current.decide(a_post("They yelled.")).rules == ("X01",)
    assert in_force.error is None
    assert in_force.current.hash != before


def _edit(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 10_000_000
    os.utime(path, ns=(later, later))


def test_check_finds_a_rule_without_cases_and_one_that_can_never_fire(tmp_path: Path) -> None:
    rules = RULE.replace("severity: block", "severity: block\n    kinds: [charge]")
    _, problems = check_policy(write_policy(tmp_path / "small", rules=rules))
    said = " ".join(problem.message for problem in problems)
    assert "0 cases that fire" in said
    assert "never fires" in said


def test_check_finds_two_matrix_entries_that_contradict_each_other(tmp_path: Path) -> None:
    entry = FORCE[FORCE.index("  - kinds") :]
    _, problems = check_policy(write_policy(tmp_path / "small", force=FORCE + entry))
    assert any("contradict" in problem.message for problem in problems)


def test_the_shipped_policy_loads_and_the_schema_names_its_three_kinds_of_file() -> None:
    assert load_policy(MET).name == "met"
    assert set(json_schema()) == {"policy.yaml", "rules", "cases"}
