# ruff: noqa: RUF001 - look-alikes are the point of this file.
"""Whatever a text holds, it is decided; and a term that is hidden from a reader's eye is still found."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.policy import Verdict, load_policy
from engage.policy.fold import fold
from engage.policy.patterns import SHORT, PatternBank
from engage.policy.phrases import pattern_of_any
from engage.posts.kinds import Kind, Platform
from tests.policy.builders import MET, a_post

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
    bank, slow = PatternBank(), PatternBank()
    sources = list(dict.fromkeys(pattern_of_any(group) for group in groups))
    numbers = [bank.add(source, ours=True) for source in sources]
    _ = [slow.add(source) for source in sources]
    bank.close()
    slow.close()
    plain = fold(text).text[:SHORT]
    naive = {number for number in numbers if list(slow.spans(number, plain))}
    assert bank.hits(plain) == naive
    for number in numbers:
        assert list(bank.spans(number, plain)) == list(slow.spans(number, plain))


def test_the_longest_text_a_platform_takes_is_decided() -> None:
    text = ("Lock your bike near Brockwell Park, don't walk alone. " * 1200)[:63_206]
    assert POLICY.decide(a_post(text)).verdict is Verdict.BLOCK


def test_nothing_at_all_is_decided() -> None:
    assert POLICY.decide(a_post("")).verdict is Verdict.ALLOW
