# ruff: noqa: RUF001 - look-alikes are the point of this file.
"""Whatever a text holds, it is decided; and a term that is hidden from a reader's eye is still found."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import re2  # type: ignore[import-untyped]  # google-re2 ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.policy import CaseBook, Verdict, load_policy
from engage.policy.fold import fold
from engage.policy.patterns import PatternBank
from engage.policy.phrases import pattern_of_any
from engage.policy.question import MOMENTS
from engage.posts.kinds import Kind, Platform
from tests.policy.builders import FORCE, MET, a_post, write_policy

POLICY = load_policy(MET)
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u034f"]
LOOKS_LIKE = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "u": "ս", "s": "ѕ", "i": "і"}
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=400)
WORDS = st.lists(
    st.sampled_from(
        [
            "burglar",
            "thief",
            "the",
            "a",
            "CAD",
            "1204/03OCT",
            "9.20pm",
            "3",
            "October",
            "12%",
            "PC",
            "John",
            "Smith",
            "Road",
            "0800",
            "555",
            "111",
            "bit.ly/x",
            "#tag",
            "@x",
            "don't",
            "walk",
            "alone",
            "!",
            "999",
            "£5",
            "year",
            "ten",
            "Brixton",
            "named",
            "aged",
            "34",
        ]
    ),
    max_size=60,
).map(" ".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = (
    "case",
    "data",
    "forecast",
    "missing",
    "image",
    "evidence",
    "approvals",
    "published_identifiers",
    "now",
)
CONTEXT = st.dictionaries(st.sampled_from(PARTS), JSON, max_size=5)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT | WORDS, st.sampled_from(list(Kind)), st.sampled_from(list(Platform)), CONTEXT)
def test_no_text_and_no_context_makes_a_decision_fail(
    text: str, kind: Kind, platform: Platform, context: dict[str, object]
) -> None:
    decision = POLICY.decide(
        {"kind": kind.value, "platform": platform.value, "text": text, "context": context}
    )
    assert decision.verdict in Verdict
    for finding in decision.findings:
        if finding.span is not None:
            start, end = finding.span
            assert 0 <= start <= end <= len(text)


SAID = [case.post for case, _ in CaseBook.read(MET).cases]
STRANGE = [
    None, True, "", "none", 0, -1, 1e308, 5e-324, float("nan"), 10**400, [], ["a"], {}, {"a": 1}, [None, {"kind": []}],
    "0001-01-01T00:00+00:00", "9999-12-31T23:59", "9999-12-31", "2026-03-29T01:30", "2026-13-45", "9\u200d9", "٣", "x" * 3000,
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_strange_value_anywhere_in_what_is_recorded_makes_no_decision_fail(data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(SAID)), data.draw(st.sampled_from(SAID))
    context = {**other.get("context", {}), **one.get("context", {})}
    for part in data.draw(st.lists(st.sampled_from(sorted(context)), max_size=3)) if context else ():
        inside = context[part]
        if isinstance(inside, dict) and inside and data.draw(st.booleans()):
            inside = {
                **inside,
                data.draw(st.sampled_from(sorted(inside))): data.draw(st.sampled_from(STRANGE)),
            }
        elif isinstance(inside, list) and inside and data.draw(st.booleans()):
            inside = [data.draw(st.sampled_from(STRANGE)), *inside[1:]]
        else:
            inside = data.draw(st.sampled_from(STRANGE))
        context[part] = inside
    for kind in (one["kind"], other["kind"]):
        post = {**one, "kind": kind, "context": context}
        assert POLICY.decide(post, moment=data.draw(st.sampled_from(MOMENTS))).verdict in Verdict
        assert isinstance(POLICY.particulars(post), frozenset)


@pytest.mark.parametrize(
    "context",
    [
        {"image": {"present": True, "type": []}},
        {"data": {"n_now": 1e308, "n_base": 1e-300}, "evidence": []},
        {"data": {"n_now": 1, "n_base": 1}, "forecast": {"interval_level": 1e308}, "evidence": []},
        {"now": "2026-10-12T12:00", "approvals": [{"role": "legal", "by": "a", "at": "9999-12-31T23:59"}]},
        {"now": "2026-10-12T12:00", "hold": {"active": True, "until": "9999-12-31"}},
    ],
)
def test_what_once_made_a_decision_fail_no_longer_does(context: dict[str, object]) -> None:
    post = a_post("A man, 34, was seen on 3 October.", kind="appeal_witness", **context)
    assert POLICY.decide(post).verdict in Verdict
    assert isinstance(POLICY.particulars(post), frozenset)


def test_a_moment_before_london_had_clocks_falls_in_no_election_period(tmp_path: Path) -> None:
    window = 'windows: [{name: May, kind: pre_election, starts: "0001-01-01", ends: "2026-05-07"}]\n'
    policy = load_policy(write_policy(tmp_path, force=FORCE + window))
    assert policy.decide(a_post("A shout.", now="0001-01-01T00:00+00:00")).verdict in Verdict


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_invisible_and_look_alike_letters_hide_nothing(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(["scumbag", "lowlife", "toerag"]))
    hidden = "".join(
        data.draw(st.sampled_from([letter, LOOKS_LIKE.get(letter, letter)]))
        + data.draw(st.sampled_from(["", *INVISIBLE]))
        for letter in word
    )
    decision = POLICY.decide(a_post(f"Another {hidden} found."))
    marked = [
        hidden_part
        for each in decision.findings
        if each.rule == "T03" and each.span
        for hidden_part in [each.span]
    ]
    assert marked, f"{hidden!r} was not found"
    start, end = marked[0]
    assert f"Another {hidden} found."[start:end].startswith(hidden[0])


@pytest.mark.parametrize(
    "spelling",
    [
        "scumb4g",
        "$cumbag",
        "ＳＣＵＭＢＡＧ",
        "𝐬𝐜𝐮𝐦𝐛𝐚𝐠",
        "s\u0336c\u0336umbag",
        "ⓢⓒⓤⓜⓑⓐⓖ",
        "SCUMBAG",
        "scümbàg",
    ],
)
def test_styled_accented_and_masked_spellings_are_found(spelling: str) -> None:
    assert "T03" in POLICY.decide(a_post(f"Another {spelling} found.")).rules


def test_999_with_a_joiner_inside_is_still_the_emergency_number() -> None:
    assert POLICY.decide(a_post("In an emergency call 9\u200d9\u200d9.")).findings == ()


def test_emoji_digits_are_digits() -> None:
    keycaps = "".join(f"{digit}\ufe0f\u20e3" for digit in "0800555121")
    assert "D08" in POLICY.decide(a_post(f"Call {keycaps}.")).rules


@given(ANY_TEXT)
def test_folding_maps_every_character_back_to_where_it_came_from(text: str) -> None:
    folded = fold(text)
    for place in range(len(folded.text)):
        start, end = folded.span(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20)))
def test_plain_text_is_its_own_folding(text: str) -> None:
    assert fold(text).text == text


@given(st.text(st.sampled_from("éàüñç"), min_size=1))
def test_composed_and_decomposed_accents_fold_alike(text: str) -> None:
    assert fold(text).text == fold(unicodedata.normalize("NFD", text)).text


PHRASES = st.lists(
    st.sampled_from(
        ["burglar(s)", "chase~", "behind bars", "don't ... alone", "guilty|convicted", "burgl*", "one less"]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PHRASES, min_size=1, max_size=5), ANY_TEXT | WORDS)
def test_the_set_answers_as_a_naive_search_of_each_pattern_does(groups: list[list[str]], text: str) -> None:
    bank = PatternBank()
    sources = list(dict.fromkeys(pattern_of_any(group) for group in groups))
    numbers = [bank.add(source) for source in sources]
    bank.close()
    plain = fold(text).text
    searched = [_searched(re2.compile(source), plain) for source in sources]
    assert bank.hits(plain) == {number for number, found in zip(numbers, searched, strict=True) if found}
    for number, found in zip(numbers, searched, strict=True):
        assert bank.spans(number, plain) == found


def _searched(pattern: Any, text: str) -> list[tuple[int, int]]:
    """Where a pattern matches, by the package's own search."""
    return [found.span() for found in pattern.finditer(text)]


def _mixed(text: str) -> str:
    return "".join(letter.upper() if place % 3 else letter for place, letter in enumerate(text))


BANK = PatternBank()
for _pattern in POLICY.patterns:
    BANK.add(_pattern)
SEARCHED_BY = [re2.compile(pattern) for pattern in POLICY.patterns]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([post["text"] for post in SAID]) | WORDS | ANY_TEXT,
    st.sampled_from([str, str.upper, _mixed]),
    st.sampled_from(["", "🚲 ", "中 "]),
)
def test_spans_are_those_of_a_plain_search_in_characters(
    text: str, written: Callable[[str], str], before: str
) -> None:
    seen = fold(before + written(text)).text
    for number, pattern in enumerate(SEARCHED_BY):
        assert BANK.spans(number, seen) == _searched(pattern, seen), POLICY.patterns[number]


def test_a_text_of_more_characters_than_are_kept_is_folded_as_each_of_them_is() -> None:
    characters = [chr(code) for code in range(0xA0, 0xD7FF)]
    whole = fold("".join(characters))
    assert whole.text == "".join(fold(each).text for each in characters)
    start = whole.text.index(fold("\u20ac").text)
    assert whole.shown(start, start + 1) == "\u20ac"


def test_the_longest_text_a_platform_takes_is_decided() -> None:
    text = ("Lock your bike near Brockwell Park, don't walk alone. " * 1200)[:63_206]
    assert POLICY.decide(a_post(text)).verdict is Verdict.BLOCK


def test_nothing_at_all_is_decided() -> None:
    assert POLICY.decide(a_post("")).verdict is Verdict.ALLOW
