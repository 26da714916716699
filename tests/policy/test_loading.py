"""A policy that is wrong is never loaded, and says in which file and line; its files are its hash."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.policy import (
    KeptFiles,
    PolicyError,
    PolicyFolder,
    check_policy,
    json_schema,
    load_policy,
    read_policy,
    read_proposed,
)
from engage.policy.proposed import NotFit
from engage.posts.errors import BadInput
from tests.policy.builders import CASES, FORCE, MET, RULE, a_post, write_policy


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


def test_a_borough_can_build_on_the_shipped_policy(tmp_path: Path) -> None:
    shutil.copytree(MET, tmp_path / "met")
    own = write_policy(tmp_path / "own", force='name: own\nversion: "7"\nextends: ../met\n')
    assert len(load_policy(own).rules) == len(load_policy(MET).rules) + 1


def test_a_policy_that_builds_on_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="builds on itself"):
        load_policy(write_policy(tmp_path / "small", force=FORCE + "extends: ../small\n"))


def test_a_folder_is_read_again_when_it_changes_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    folder = write_policy(tmp_path / "small")
    looked_at = PolicyFolder(folder)
    before = looked_at.now()
    _edit(folder / "rules" / "X.yaml", RULE.replace("severity", "severitee"))
    assert "small/rules/X.yaml" in str(looked_at.error())
    with pytest.raises(PolicyError):
        looked_at.now()
    _edit(folder / "rules" / "X.yaml", RULE.replace("shout~", "yell~"))
    assert looked_at.error() is None
    assert looked_at.now().policy.decide(a_post("They yelled.")).rules == ("X01",)
    assert looked_at.now().policy.hash != before.policy.hash


def test_the_same_rules_have_the_same_hash_in_whatever_folder_they_stand(tmp_path: Path) -> None:
    one, other = write_policy(tmp_path / "small"), write_policy(tmp_path / "elsewhere" / "new")
    assert load_policy(one).hash == load_policy(other).hash
    write_policy(other, rules=RULE.replace("It hurts.", "It hurts a lot."))
    assert load_policy(one).hash != load_policy(other).hash


def test_cases_decide_nothing_and_so_change_no_hash(tmp_path: Path) -> None:
    before = load_policy(write_policy(tmp_path / "small")).hash
    assert load_policy(write_policy(tmp_path / "small", cases="[]")).hash == before


def test_a_policy_can_be_kept_whole_and_decides_the_same_without_its_folder(tmp_path: Path) -> None:
    write_policy(tmp_path / "small")
    own = 'name: own\nversion: "2"\nextends: ../small\n'
    folder = write_policy(tmp_path / "own", force=own, rules=RULE.replace("shout~", "whisper~"))
    read = PolicyFolder(folder).now()
    assert set(read.kept.contents) == {
        "policy.yaml",
        "rules/X.yaml",
        "../small/policy.yaml",
        "../small/rules/X.yaml",
    }
    kept = KeptFiles.of_texts("own", read.kept.texts())
    shutil.rmtree(tmp_path / "small")
    assert kept.hash == read.policy.hash
    assert read_policy(kept).hash == read.policy.hash
    assert read_policy(kept).decide(a_post("They whispered.")).rules == ("X01",)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_kept_texts_are_the_exact_bytes(texts: dict[str, str]) -> None:
    assert KeptFiles.of_texts("small", KeptFiles.of_texts("small", texts).texts()).contents == {
        name: text.encode() for name, text in texts.items()
    }


def test_a_policy_too_large_to_keep_is_refused_by_size() -> None:
    with pytest.raises(BadInput, match="2,000,001 bytes"):
        KeptFiles("small", {"policy.yaml": b"#" * 2_000_001}).texts()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"cases": CASES.replace("They whispered", "They shouted too")}, "1 case of its own 4 does not hold"),
        ({"cases": CASES.partition("- {rule: X01, expect: passes")[0]}, "two of each are needed"),
    ],
)
def test_a_policy_whose_own_cases_do_not_hold_is_not_fit_to_be_proposed(
    tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    folder = write_policy(tmp_path / "small", cases=CASES)
    assert read_proposed(folder).cases == 4
    with pytest.raises(NotFit, match=says):
        read_proposed(write_policy(folder, **changed))


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


def test_check_finds_a_source_that_the_policys_own_list_does_not_name(tmp_path: Path) -> None:
    listed = "sources: {THEM: {title: Their guidance}}\n"
    _, problems = check_policy(write_policy(tmp_path / "small", force=FORCE + listed, cases=CASES))
    assert [(each.line, each.message) for each in problems] == [
        (2, "X01: its source US is not among the sources in policy.yaml.")
    ]
    named = listed.replace("THEM", "US")
    assert check_policy(write_policy(tmp_path / "named", force=FORCE + named, cases=CASES))[1] == []


def test_a_source_is_read_at_an_https_address_or_none(tmp_path: Path) -> None:
    listed = "sources: {US: {title: Our design, address: 'javascript:alert(1)'}}\n"
    with pytest.raises(PolicyError, match=r"policy\.yaml:13: sources.US.address"):
        check_policy(write_policy(tmp_path / "small", force=FORCE + listed))


def test_the_shipped_policy_loads_and_the_schema_names_its_three_kinds_of_file() -> None:
    assert load_policy(MET).name == "met"
    assert set(json_schema()) == {"policy.yaml", "rules", "cases"}
