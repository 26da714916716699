# ruff: noqa: RUF001 - characters that look like others are the point of this file.
"""Words of a policy that can never make it speak are found, and words that can are never called so."""

import itertools
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.policy import check_policy, load_policy
from engage.policy.dead_words import is_unmatchable
from engage.policy.fold import fold
from engage.policy.matchable import example_of
from engage.policy.phrases import BadPhrase, pattern_of_any
from tests.policy.builders import FORCE, MET, RULE, a_post, write_policy


@pytest.mark.parametrize(
    "pattern",
    [
        "a^b",
        "$x",
        r"a\bfoo",
        r"\b\B",
        r"[^\s\S]",
        "(?m)a$b",
        "x*$y",
        "(?:a^|$b)c",
        "café",
        "(?i)CAFÉ",
        "[à-ö]",
        "z\u200bero",
        "(?i)сопстаблe",
        "a{3}^",
        r"a\zb",
    ],
)
def test_a_pattern_that_no_text_can_match_is_found(pattern: str) -> None:
    assert is_unmatchable(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bfoo",
        "(?:a^)?b",
        "(?m)a$\nb",
        "(a|^b)c",
        "[à-ÿ]",
        "[😂🤣]",
        "ж",
        r"(?i)\bresult ?!",
        r"\pL+",
        r"\Qa^b\E",
        r"[[:alpha:]]^",
        r"x{,3}^y",
        r"(?i)ẞ|k",
        r"\w\W\z",
        r"\\zoo",
    ],
)
def test_a_pattern_that_some_text_matches_or_only_re2_reads_is_not_called_so(pattern: str) -> None:
    assert not is_unmatchable(pattern)


ATOMS = st.sampled_from(
    [
        "a",
        "B",
        "_",
        " ",
        "\\n",
        ".",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\w",
        r"\W",
        r"\s",
        "[^a]",
        "[^\\s\\S]",
        "é",
        "[a-c]",
        r"[^\W_]",
        "ß",
        "ж",
        r"\A",
        r"\z",
        "(?i:b)",
        "(?m:^)",
        "(?m:$)",
        "(?s:.)",
    ]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=8,
)
SHORT_TEXTS = ["".join(each) for size in range(4) for each in itertools.product("aBb_ \nж", repeat=size)]


@settings(max_examples=400, deadline=None)
@given(PATTERNS, st.sampled_from(["", "(?i)", "(?s)", "(?m)"]))
def test_an_example_is_found_for_a_pattern_exactly_where_there_is_one(pattern: str, flags: str) -> None:
    whole = flags + pattern
    found = example_of(whole)
    engine = re2.compile(whole)
    if found is None:
        assert not any(engine.search(text) for text in SHORT_TEXTS)
    else:
        assert engine.search(found)
        assert fold(found).text == found


@settings(max_examples=200, deadline=None)
@given(PATTERNS, st.text(max_size=8))
def test_what_matches_any_text_as_it_is_read_is_never_called_unmatchable(pattern: str, text: str) -> None:
    if re2.compile(pattern).search(fold(text).text):
        assert not is_unmatchable(pattern)


@given(st.characters(codec="utf-8"))
def test_what_folding_leaves_it_leaves_again(character: str) -> None:
    left = fold(character).text
    assert fold(left).text == left


WORDS_OF_PHRASES = st.text(
    st.sampled_from("abesy109'’-é€ßжЖсо()~*|!?%£"), min_size=1, max_size=6
) | st.sampled_from(
    ["...", "chase~", "burglar(s)", "burgl*", "guilty|convicted", "café", "ΑΒΕ", "cafe\u0301"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS_OF_PHRASES, min_size=1, max_size=4).map(" ".join))
def test_whatever_letters_a_phrase_is_written_in_some_text_says_it(phrase: str) -> None:
    try:
        pattern = pattern_of_any([phrase])
    except BadPhrase:
        return
    assert example_of(pattern) is not None


@pytest.mark.parametrize("written", ["café", "cafe", "CAFÉ", "cafe\u0301", "сafe"])
@pytest.mark.parametrize("said", ["the café", "the cafe", "THE CAFÉ", "the cafе"])
def test_a_phrase_is_read_as_a_text_is(tmp_path: Path, written: str, said: str) -> None:
    folder = write_policy(tmp_path / "small", rules=RULE.replace("shout~", written))
    assert load_policy(folder).decide(a_post(said)).rules == ("X01",)


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("{pattern: 'a^b'}", "no text can match the pattern “a^b”"),
        ("{pattern: 'café'}", "no text can match the pattern “café”"),
        ("{pattern: '(?i)\\brat run\\b', except: [rat run]}", "always excused by its own exceptions"),
        ("{phrases: [quiet, rat run], except: [rat run]}", "“rat run” is always excused"),
        ("{phrases: [rat run(s)], except: [rat run|runs]}", "“rat run(s)” is always excused"),
        ("{phrases: [$rats], except: ['rat ... one|two', rat]}", "“rat run” is always excused"),
    ],
)
def test_check_names_dead_words_with_file_and_line(tmp_path: Path, check: str, says: str) -> None:
    force = FORCE + "lists: {rats: [rat run]}\n"
    rules = RULE.replace("checks: [{phrases: [shout~]}]", f"checks:\n          - {check}")
    _, problems = check_policy(write_policy(tmp_path / "small", force=force, rules=rules))
    found = [(each.file, each.line) for each in problems if says in each.message]
    assert found == [("small/rules/X.yaml", 11)], problems


@pytest.mark.parametrize(
    "check",
    [
        "{phrases: [stay in], except: [stay in touch]}",
        "{phrases: [rat run(s)], except: [rat runs]}",
        "{phrases: [rat(s)], except: [rat run]}",
        "{pattern: 'rat', except: [rat]}",
        "{phrases: [rat*], except: [rats]}",
        "{phrases: ['rat ... run'], except: [rat run]}",
    ],
)
def test_words_that_an_exception_excuses_only_sometimes_are_left_alone(tmp_path: Path, check: str) -> None:
    rules = RULE.replace("{phrases: [shout~]}", check)
    _, problems = check_policy(write_policy(tmp_path / "small", rules=rules))
    assert not any("excused" in each.message for each in problems)


def test_a_contact_is_one_in_capitals_too(tmp_path: Path) -> None:
    force = FORCE.replace("[police.uk]", "[Police.UK]")
    rules = RULE.replace("{phrases: [shout~]}", "{links: unknown}")
    policy = load_policy(write_policy(tmp_path / "small", force=force, rules=rules))
    assert policy.decide(a_post("See met.police.uk and MET.POLICE.UK.")).rules == ()


def test_matrix_faults_name_the_line_of_the_entry(tmp_path: Path) -> None:
    entry = FORCE[FORCE.index("  - kinds") :]
    _, problems = check_policy(write_policy(tmp_path / "small", force=FORCE + entry))
    found = {(each.file, each.line) for each in problems if "contradicts line 7" in each.message}
    assert found == {("small/policy.yaml", 13)}


def test_the_shipped_policy_has_no_dead_words() -> None:
    assert not [each for each in check_policy(MET)[1] if "never fires" in each.message]
