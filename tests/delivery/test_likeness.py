"""Which posts a person is shown beside the one whose answer was lost."""

from hypothesis import given
from hypothesis import strategies as st

from engage.delivery.likeness import MOST, closest, likeness
from engage.delivery.ports import Shown

LOST = "Bike thefts in Camden: 41 in September. Lock it and mark it."
WORDS = st.text(st.sampled_from("ab é\n"), max_size=40)


def shown(text: str) -> Shown:
    return Shown(text, f"https://x.example/{len(text)}")


def test_the_posts_most_like_the_lost_one_come_first_and_few_are_shown() -> None:
    others = [f"Our patrol number {number} was in the park today." for number in range(20)]
    near = "Bike thefts in Camden: 14 in September. Lock it and mark it."
    found = closest([shown(each) for each in [*others, near, LOST]], LOST)
    assert [each.text for each in found[:2]] == [LOST, near]
    assert len(found) == MOST


@given(one=WORDS, other=WORDS)
def test_two_texts_are_wholly_alike_only_where_their_words_are_the_same(one: str, other: str) -> None:
    assert (likeness(one, other) == 1) == (one.split() == other.split())
