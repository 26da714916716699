"""Both state tables, every pair of states, tested from the table itself."""

import itertools

import pytest

from engage.posts.states import (
    DELIVERY_MOVES,
    POST_MOVES,
    DeliveryState,
    IllegalMove,
    PostState,
    delivery_moved,
    moved,
)

POST_ENDS = {PostState.REJECTED, PostState.WITHDRAWN}


@pytest.mark.parametrize(("here", "there"), list(itertools.product(PostState, PostState)))
def test_a_post_moves_exactly_where_the_table_says(here: PostState, there: PostState) -> None:
    if there in POST_MOVES[here]:
        assert moved(here, there) is there
    else:
        with pytest.raises(IllegalMove, match=there.label.lower()):
            moved(here, there)


@pytest.mark.parametrize(("here", "there"), list(itertools.product(DeliveryState, DeliveryState)))
def test_a_delivery_moves_exactly_where_the_table_says(here: DeliveryState, there: DeliveryState) -> None:
    if there in DELIVERY_MOVES[here]:
        assert delivery_moved(here, there) is there
    else:
        with pytest.raises(IllegalMove, match=there.value):
            delivery_moved(here, there)


def test_both_tables_name_every_state() -> None:
    assert set(POST_MOVES) == set(PostState)
    assert set(DELIVERY_MOVES) == set(DeliveryState)


def test_nothing_is_signed_off_without_having_awaited_sign_off() -> None:
    before = {here for here, there in POST_MOVES.items() if PostState.SIGNED_OFF in there}
    assert before == {PostState.AWAITING}


def test_nothing_is_sent_without_having_been_taken_and_begun() -> None:
    assert {here for here, there in DELIVERY_MOVES.items() if DeliveryState.SENDING in there} == {
        DeliveryState.LEASED
    }
    assert {here for here, there in DELIVERY_MOVES.items() if DeliveryState.SENT in there} == {
        DeliveryState.SENDING,
        DeliveryState.UNKNOWN,
    }


def test_a_delivery_not_known_to_have_landed_never_goes_straight_back_to_sending() -> None:
    assert DeliveryState.SENDING not in DELIVERY_MOVES[DeliveryState.UNKNOWN]


def test_what_was_sent_can_only_be_withdrawn() -> None:
    assert DELIVERY_MOVES[DeliveryState.SENT] == {DeliveryState.WITHDRAWN}


def test_a_rejected_or_withdrawn_post_stays_so_and_every_other_can_still_be_withdrawn() -> None:
    assert {state for state, there in POST_MOVES.items() if not there} == POST_ENDS
    assert all(PostState.WITHDRAWN in POST_MOVES[state] for state in set(PostState) - POST_ENDS)


@pytest.mark.parametrize("state", [*PostState, *DeliveryState])
def test_every_state_has_words_for_the_page(state: PostState | DeliveryState) -> None:
    assert state.label[0].isupper()
    assert "_" not in state.label
