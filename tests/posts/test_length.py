"""The X counter's short way agrees with the library, which is the judge of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from twitter_text import parse_tweet

from engage.posts.kinds import Platform
from engage.posts.length import LIMITS, length, plain_x_length

WORDS = st.sampled_from(
    [
        "Appeal:", "near", "O\u2019Meara", "café", "CAD", "1204/03OCT", "9.20pm", "12.30", "£40", "\u2013", "“here.”",
        "met.police.uk", "https://www.met.police.uk/cp/crime-prevention/", "https://police.uk", "e.g.", "U.K.",
        "https://www.met.police.uk/a/b-c", "http://example.com/x?y=1", "#LookUp", "@MetCC", "(see.this)", "a.b.c",
        "xn--a.com", "2.co", "..uk", "https://.uk", "https://a.uk/-", "🚓", "👮🏽", "ﬁ", "é", "ά", "१", "\u200d", "\ufe0f", "\uffff",
        "https://www.met.police.uk,", "https://x.uk/aé", "data.police.uk", "data.police.uk/a;", "police.uk/,", "uk.uk", "a.uk/b-",
    ]
)  # fmt: skip
SPACES = st.sampled_from([" ", "\n", "\n\n", "", ".", ",", "\r\n", "\t", "\u00a0"])


def agrees(text: str) -> None:
    counted = length(text, Platform.X)
    judged = parse_tweet(text)
    assert (counted.used, counted.fits) == (judged.weightedLength, judged.valid)


@given(st.lists(st.tuples(WORDS, SPACES), max_size=12))
def test_words_and_links_of_a_police_post_count_as_the_library_counts_them(
    parts: list[tuple[str, str]],
) -> None:
    agrees("".join(word + space for word, space in parts))


@given(st.text(max_size=60))
def test_any_text_at_all_counts_as_the_library_counts_it(text: str) -> None:
    agrees(text)


@given(st.text(alphabet="ab.: /-u k1#@https\n", max_size=40))
def test_almost_links_count_as_the_library_counts_them(text: str) -> None:
    agrees(text)


def test_a_plain_police_post_never_needs_the_library() -> None:
    text = "Appeal: café robbery at 9.20pm. Call 101.\nhttps://www.met.police.uk/cp/crime-prevention/"
    assert plain_x_length(text) == 42 + 23 == parse_tweet(text).weightedLength


def test_a_bare_site_name_counts_as_the_link_that_x_makes_of_it() -> None:
    assert (
        plain_x_length("Source: data.police.uk.")
        == 8 + 23 + 1
        == length("Source: data.police.uk.", Platform.X).used
    )


@pytest.mark.parametrize("text", ["met.police.gov", "(met.police.uk)", "🚓", "a\u200db", "\uffff", "日本"])
def test_anything_in_doubt_is_left_to_the_library(text: str) -> None:
    assert plain_x_length(text) is None


def test_the_limit_of_x_is_exact_and_nothing_at_all_does_not_fit() -> None:
    assert length("a" * 280, Platform.X).fits
    assert not length("a" * 281, Platform.X).fits
    assert not length("", Platform.X).fits


def test_a_character_x_refuses_does_not_fit_however_short_the_text() -> None:
    assert not length("Hello\uffff", Platform.X).fits


def test_bluesky_counts_a_family_as_one_and_still_minds_its_bytes() -> None:
    family = "👩‍👩‍👧‍👦"
    assert length(family * 2, Platform.BLUESKY).used == 2
    assert length(family * 300, Platform.BLUESKY).used == 300
    assert not length(family * 300, Platform.BLUESKY).fits


def test_mastodon_counts_any_link_as_23() -> None:
    assert length("See https://www.met.police.uk/" + "a" * 300, Platform.MASTODON).used == 27


@pytest.mark.parametrize("platform", Platform)
def test_every_platform_refuses_a_character_past_its_limit(platform: Platform) -> None:
    assert length("a" * LIMITS[platform], platform).left == 0
    assert not length("a" * (LIMITS[platform] + 1), platform).fits


def _cases(folder: Path, *sections: str) -> list[dict[str, Any]]:
    """The cases of the published suite; the section of directional markers is written in v3 like the emoji's."""
    tests = yaml.safe_load((folder / "twitter-text" / "validate.yml").read_text(encoding="utf-8"))["tests"]
    return [case for section in sections for case in tests[section]]


@pytest.mark.real_data
def test_the_published_conformance_suite_counts_and_judges_as_it_says(real_data: Path) -> None:
    cases = _cases(
        real_data, "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"
    )
    assert len(cases) > 20
    for case in cases:
        counted = length(case["text"], Platform.X)
        expected = (case["expected"]["weightedLength"], case["expected"]["valid"])
        assert (counted.used, counted.fits) == expected, case["description"]


@pytest.mark.real_data
def test_every_text_of_the_suite_counts_as_the_library_counts_it(real_data: Path) -> None:
    texts = _texts(real_data / "twitter-text")
    assert len(texts) > 200
    for text in texts:
        agrees(text)


def _texts(folder: Path) -> list[str]:
    suites = [yaml.safe_load((folder / name).read_text("utf-8")) for name in ("validate.yml", "extract.yml")]
    return [
        case["text"]
        for suite in suites
        for cases in suite["tests"].values()
        for case in cases
        if isinstance(case["text"], str)
    ]
