"""A sign-off is for a fingerprint, so the fingerprint changes with anything the public would see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media, Post, Variant, normalised
from engage.posts.states import IllegalMove, PostState

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
PHOTO = Media(
    sha256="a" * 64, content_type="image/png", alt="The blue moped by a lamp post", original="0" * 64
)
ON_X = Variant(platform=Platform.X, account="MetCamden", parts=("Hello",), media=(PHOTO,))
ON_MASTODON = Variant(platform=Platform.MASTODON, account="camden@met.example", parts=("Hello there",))


def a_post(**changes: object) -> Post:
    post = Post(
        id=UUID(int=1),
        kind=Kind.ENGAGEMENT,
        borough="Camden",
        variants=(ON_X, ON_MASTODON),
        writers=frozenset({"pc.okafor"}),
        created_by="pc.okafor",
        created_at=NOON,
        publish_at=NOON,
        latest=NOON + timedelta(hours=1),
    )
    return replace(post, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"variants": (replace(ON_X, parts=("Hello.",)), ON_MASTODON)},
        {"variants": (replace(ON_X, parts=("Hello", "again")), ON_MASTODON)},
        {"variants": (replace(ON_X, account="MetBrent"), ON_MASTODON)},
        {"variants": (replace(ON_X, platform=Platform.BLUESKY), ON_MASTODON)},
        {"variants": (replace(ON_X, media=()), ON_MASTODON)},
        {"variants": (replace(ON_X, media=(replace(PHOTO, alt="A moped"),)), ON_MASTODON)},
        {"variants": (replace(ON_X, media=(replace(PHOTO, sha256="b" * 64),)), ON_MASTODON)},
        {"variants": (ON_X,)},
        {"publish_at": NOON + timedelta(minutes=1)},
        {"publish_at": None},
        {"latest": NOON + timedelta(hours=2)},
    ],
)
def test_anything_the_public_would_see_changes_the_fingerprint(changes: dict[str, object]) -> None:
    assert a_post(**changes).fingerprint != a_post().fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"variants": (ON_MASTODON, ON_X)},
        {"version": 7},
        {"state": PostState.SIGNED_OFF},
        {"writers": frozenset({"pc.okafor", "press.lee"})},
        {"context": {"comments": "off"}},
        {"publish_at": NOON.astimezone(timezone(timedelta(hours=1)))},
    ],
)
def test_what_the_public_would_not_see_leaves_the_fingerprint_alone(changes: dict[str, object]) -> None:
    assert a_post(**changes).fingerprint == a_post().fingerprint


@given(st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_moving_words_between_parts_is_a_change(parts: list[str]) -> None:
    whole = replace(ON_X, parts=("\n\n".join(parts),))
    split = replace(ON_X, parts=tuple(parts))
    same = a_post(variants=(whole,)).fingerprint == a_post(variants=(split,)).fingerprint
    assert same == (whole.parts == split.parts)


@given(st.text())
def test_words_are_made_normal_once_and_stay_so(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert "\r" not in once


def test_the_two_spellings_of_an_accent_are_one_text_with_one_fingerprint() -> None:
    first, second = (a_post(variants=(replace(ON_X, parts=(text,)),)) for text in ("caf\u00e9", "cafe\u0301"))
    assert first.fingerprint == second.fingerprint


def test_a_variant_survives_its_journey_through_json() -> None:
    assert Variant.from_json(ON_X.to_json()) == ON_X


def test_the_text_the_policy_judges_is_every_part_in_order() -> None:
    assert replace(ON_X, parts=("one", "two")).text == "one\n\ntwo"


def test_a_post_moves_by_the_table_and_a_rejected_one_never_again() -> None:
    rejected = a_post().moved_to(PostState.AWAITING).moved_to(PostState.REJECTED)
    with pytest.raises(IllegalMove):
        rejected.moved_to(PostState.DRAFT)


def test_a_post_knows_its_variant_for_a_platform_and_says_none_where_it_has_none() -> None:
    assert a_post().variant_for(Platform.X) is not None
    assert a_post().variant_for(Platform.NEXTDOOR) is None


def test_evidence_added_later_does_not_change_what_the_public_sees() -> None:
    source = StatedSource(stated_by="pc.okafor", stated_at=NOON.isoformat())
    item = Evidence(field="place", value="here", source=source)
    assert a_post(evidence=(item,)).fingerprint == a_post().fingerprint
