"""Pictures of a draft, and what the answers about them mean to the force's policy."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.drafting.picture_questions import QUESTIONS, Unanswered, answered, asked_of, facts, said
from engage.drafting.pictures import (
    MOST,
    answers_about,
    attached,
    described,
    description,
    originals,
    shown_as,
    without,
)
from engage.drafting.question import post_json
from engage.policy import Policy, load_policy
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media, Post, Variant

ANSWERS = {
    "type": "scene",
    "source": "PC Khan, Camden, 3 October",
    "licence": "owned",
    "origin": "real",
    "people": "nobody",
    "under_18": "no",
    "obscured": "yes",
    "text": "none",
}
WANTED = {
    **ANSWERS,
    "type": "suspect_cctv",
    "people": "purpose",
    "policing_purpose": "Identification, authorised by DI Shaw",
    "sio_approval": "DI Shaw, 3 October",
    "verified": "DC Lane, from the full footage",
    "rationale": "Serious assault; no other lead; low risk to him",
    "other_ids_tried": "Officers and shopkeepers were shown it",
}


@functools.cache
def met() -> Policy:
    return load_policy(Path(__file__).parents[2] / "policies" / "met")


def a_picture(name: str, platform: Platform = Platform.X) -> Media:
    return Media(
        sha256=f"{platform.value}-{name}", content_type="image/png", alt="A locked bicycle.", original=name
    )


def on_both(name: str) -> dict[Platform, Media]:
    return {each: a_picture(name, each) for each in (Platform.X, Platform.MASTODON)}


def a_post(kind: Kind = Kind.PREVENTION) -> Post:
    return Post(
        id=UUID(int=1),
        kind=kind,
        borough="Camden",
        variants=(
            Variant(platform=Platform.X, account="met", parts=("Lock it.",)),
            Variant(platform=Platform.MASTODON, account="met", parts=("Lock it well.",)),
        ),
        writers=frozenset({"pc.khan"}),
        created_by="pc.khan",
        created_at=datetime(2026, 10, 3, tzinfo=UTC),
        context={"case": {"cad": "1"}},
    )


def fired(answers: dict[str, str], *, kind: Kind, alt: str = "A bicycle locked to a stand.") -> set[str]:
    """The rules about images that the policy finds once the post is handed in."""
    media = Media(sha256="s", content_type="image/png", alt=alt, original="o")
    question = post_json(
        kind,
        Platform.X,
        "Lock it.",
        evidence=(),
        context={"pictures": {"o": answered(answers, kind=kind)}},
        moment={"now": "2026-10-03T12:00", "borough": "Camden", "drafter": "pc.khan"},
        picture=media,
    )
    rules = met().decide(question, moment="submit").rules
    return {rule for rule in rules if rule in {"A01", "I01", "I02", "I03", "I04", "L11"}}


def test_a_picture_with_every_answer_in_order_stands() -> None:
    assert fired(ANSWERS, kind=Kind.PREVENTION) == set()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"licence": "unknown"}, "L11"),
        ({"people": "unknown"}, "L11"),
        ({"obscured": "no"}, "I03"),
        ({"origin": "altered"}, "I04"),
        ({"type": "custody"}, "I02"),
        ({"text": "not_repeated"}, "A01"),
    ],
)
def test_each_answer_that_matters_is_heard_by_its_rule(changes: dict[str, str], rule: str) -> None:
    assert fired({**ANSWERS, **changes}, kind=Kind.PREVENTION) == {rule}


def test_a_description_of_two_words_is_refused_by_the_policy() -> None:
    assert fired(ANSWERS, kind=Kind.PREVENTION, alt="A bike.") == {"A01"}


def test_a_labelled_graphic_may_be_drawn_by_hand() -> None:
    assert fired({**ANSWERS, "type": "graphic", "origin": "altered"}, kind=Kind.PREVENTION) == set()


@pytest.mark.parametrize("left_out", ["sio_approval", "verified", "rationale", "other_ids_tried"])
def test_a_picture_of_somebody_sought_needs_its_whole_authority(left_out: str) -> None:
    assert "I01" in fired({**WANTED, left_out: ""}, kind=Kind.APPEAL_IDENTIFY)


def test_with_its_authority_only_the_inspector_is_still_asked() -> None:
    question = post_json(
        Kind.APPEAL_IDENTIFY,
        Platform.X,
        "Do you know him?",
        evidence=(),
        context={"pictures": {"o": WANTED}},
        moment={},
        picture=Media(
            sha256="s", content_type="image/png", alt="A man in a red coat at a till.", original="o"
        ),
    )
    found = [each for each in met().decide(question, moment="submit").findings if each.rule == "I01"]
    assert not [each for each in found if each.blocks]


def test_questions_of_the_case_are_asked_only_where_a_person_of_the_case_is_shown() -> None:
    assert len(asked_of(Kind.APPEAL_IDENTIFY)) == len(QUESTIONS)
    assert not any(each.of_the_case for each in asked_of(Kind.CRIME_SUMMARY))


def test_every_missing_answer_is_told_at_once() -> None:
    with pytest.raises(Unanswered) as told:
        answered({"type": "no such", "people": "purpose"}, kind=Kind.PREVENTION)
    names = [name for name, _ in told.value.problems]
    assert names == [
        "type",
        "source",
        "licence",
        "origin",
        "under_18",
        "obscured",
        "text",
        "policing_purpose",
    ]


def test_answers_are_read_back_in_words() -> None:
    words = dict(said(ANSWERS))
    assert words["What does it show?"] == "A place, a thing or a vehicle"
    assert words["Where does it come from?"] == ANSWERS["source"]


_CHOSEN = st.fixed_dictionaries(
    {each.name: st.sampled_from([value for value, _ in each.options]) for each in QUESTIONS if each.options}
)


@given(_CHOSEN, st.text(min_size=1).filter(lambda words: bool(words.split())))
def test_whatever_is_answered_can_be_kept_and_asked_about(chosen: dict[str, str], words: str) -> None:
    given_: dict[str, Any] = {each.name: words for each in QUESTIONS} | chosen
    kept = answered(given_, kind=Kind.APPEAL_IDENTIFY)
    assert answered(kept, kind=Kind.APPEAL_IDENTIFY) == kept
    assert facts(kept)["type"] == chosen["type"]


def test_a_picture_goes_to_every_platform_and_its_answers_stay_beside_the_case() -> None:
    post = attached(a_post(), on_both("one"), ANSWERS)
    assert [each.media[0].sha256 for each in post.variants] == ["x-one", "mastodon-one"]
    assert answers_about(post, "one") == ANSWERS
    assert post.context["case"] == {"cad": "1"}


def test_the_same_picture_again_replaces_itself_where_it_stood() -> None:
    post = attached(attached(a_post(), on_both("one"), ANSWERS), on_both("two"), ANSWERS)
    again = attached(post, on_both("one"), {**ANSWERS, "source": "DC Lane"})
    assert originals(again) == ("one", "two")
    assert answers_about(again, "one")["source"] == "DC Lane"


def test_one_picture_is_described_anew_and_the_other_left_alone() -> None:
    post = attached(attached(a_post(), on_both("one"), ANSWERS), on_both("two"), ANSWERS)
    changed = described(post, "two", alt="A closed lock.", answers=ANSWERS)
    assert [each.alt for each in changed.variants[1].media] == ["A locked bicycle.", "A closed lock."]
    assert changed.fingerprint != post.fingerprint


def test_a_picture_taken_out_leaves_nothing_behind() -> None:
    post = attached(a_post(), on_both("one"), ANSWERS)
    bare = without(post, "one")
    assert bare.fingerprint == a_post().fingerprint
    assert bare.context["pictures"] == {}
    with pytest.raises(BadInput, match="not attached"):
        shown_as(bare, "one")


def test_there_is_room_for_as_many_as_every_platform_takes() -> None:
    post = a_post()
    for number in range(MOST):
        post = attached(post, on_both(str(number)), ANSWERS)
    with pytest.raises(BadInput, match="at most 4"):
        attached(post, on_both("more"), ANSWERS)


@pytest.mark.parametrize("words", ["", " \n", "x" * 1_001])
def test_a_description_nobody_could_post_is_refused(words: str) -> None:
    with pytest.raises(BadInput):
        description(words)
