"""A correction is bound to what it corrects, and says so where the platform cannot."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from engage.drafting.correction import correcting
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post, Variant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = "Correction: our earlier post was wrong."
AT = {Platform.X: "https://x.com/met/status/9", Platform.FACEBOOK: "https://www.facebook.com/100/posts/9"}


def a_post(kind: Kind) -> Post:
    return Post(
        id=uuid4(),
        kind=kind,
        borough="Camden",
        variants=tuple(
            Variant(platform=each, account="met", parts=(WORDS,)) for each in (Platform.X, Platform.FACEBOOK)
        ),
        writers=frozenset({"pc.khan"}),
        created_by="pc.khan",
        created_at=NOON,
    )


ORIGINAL = a_post(Kind.CRIME_SUMMARY)


def test_it_records_what_it_corrects_and_why() -> None:
    made = correcting(a_post(Kind.CORRECTION), ORIGINAL, reason=" Wrong period. ", addresses=AT)
    assert made.corrects == ORIGINAL.id
    assert made.context["correction"] == {"reason": "Wrong period.", "original_post": str(ORIGINAL.id)}


def test_its_words_carry_the_address_only_where_it_cannot_be_sent_as_an_answer() -> None:
    made = correcting(a_post(Kind.CORRECTION), ORIGINAL, reason="Wrong period.", addresses=AT)
    on_x, on_facebook = made.variants
    assert on_x.text == WORDS
    assert on_facebook.text == f"{WORDS}\n\nThe post this corrects: {AT[Platform.FACEBOOK]}"


def test_what_it_answers_is_part_of_what_is_signed() -> None:
    made = correcting(a_post(Kind.CORRECTION), ORIGINAL, reason="Wrong period.", addresses=AT)
    assert replace(made, corrects=uuid4()).fingerprint != made.fingerprint


@pytest.mark.parametrize(
    ("kind", "addresses", "reason", "said"),
    [
        (Kind.PREVENTION, AT, "Wrong.", "only a correction"),
        (Kind.CORRECTION, {}, "Wrong.", "never public"),
        (Kind.CORRECTION, AT, "  ", "say why"),
    ],
)
def test_it_corrects_nothing_without_a_public_post_and_a_reason(
    kind: Kind, addresses: dict[Platform, str], reason: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        correcting(a_post(kind), ORIGINAL, reason=reason, addresses=addresses)
