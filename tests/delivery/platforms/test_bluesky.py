"""Bluesky: a key of our own, links by byte offset, and the real server beside the edge."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engage.delivery.platforms.bluesky import record_key
from engage.delivery.platforms.facets import facets
from engage.delivery.ports import CannotTell, Found, NotSent, Unknown
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import Rig, an_account


@given(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.integers(0, 1023))
def test_record_keys_sort_as_their_times_do(one: int, other: int, clock: int) -> None:
    keys = record_key(one, clock), record_key(other, clock)
    assert (keys[0] < keys[1]) == (one < other)
    assert len(keys[0]) == 13


def test_a_known_time_gives_the_key_the_specification_gives_it() -> None:
    assert record_key(0, 0) == "2222222222222"
    assert record_key(1_703_042_404_000_000, 4).startswith("3k")


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_link_is_marked_by_the_bytes_it_takes_whatever_stands_around_it(before: str, after: str) -> None:
    link = "https://www.met.police.uk/bikes"
    text = f"{before} {link} {after}"
    marked = [each for each in facets(text) if each["features"][0].get("uri") == link]
    assert marked
    index = marked[-1]["index"]
    assert text.encode()[index["byteStart"] : index["byteEnd"]].decode() == link


@given(st.text(max_size=80))
def test_no_facet_cuts_a_character_in_two(text: str) -> None:
    for facet in facets(text):
        assert text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()


def test_the_full_stop_after_a_link_is_not_part_of_it() -> None:
    [link] = facets("See https://www.met.police.uk/a_(b). Thanks")
    assert link["features"][0]["uri"] == "https://www.met.police.uk/a_(b)"
    [bracketed] = facets("(see https://www.met.police.uk/a)")
    assert bracketed["features"][0]["uri"] == "https://www.met.police.uk/a"


def test_hashtags_are_marked_and_case_numbers_are_not() -> None:
    assert [each["features"][0].get("tag") for each in facets("#SafeCamden, call 101 quoting #1204.")] == [
        "SafeCamden"
    ]


def test_what_is_stored_before_the_call_is_the_same_in_every_attempt(bluesky: Rig) -> None:
    outgoing = bluesky.post(first_attempt_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    assert bluesky.adapter.prepare(outgoing) == bluesky.adapter.prepare(outgoing) == outgoing.prepared
    assert outgoing.prepared["created_at"] == "2026-11-23T17:00:00.000Z"


def test_a_late_worker_cannot_overwrite_what_stands_under_the_key(bluesky: Rig) -> None:
    outgoing = bluesky.post()
    bluesky.sent(outgoing)
    other_words = replace(outgoing, text="Other words")
    assert isinstance(bluesky.adapter.publish(other_words), Unknown)
    assert isinstance(bluesky.adapter.find_existing(other_words), CannotTell)
    assert [post.text for post in bluesky.shown] == [outgoing.text]


def test_a_session_the_server_no_longer_takes_is_replaced_at_the_next_attempt(bluesky: Rig) -> None:
    bluesky.sent(bluesky.post(text="First"))
    bluesky.edge.revoked.add("MPSCamden")
    assert isinstance(bluesky.adapter.publish(bluesky.post()), NotSent)
    bluesky.edge.revoked.clear()
    assert bluesky.sent(bluesky.post())


def test_an_account_signs_in_once_for_many_posts(bluesky: Rig) -> None:
    for number in range(5):
        bluesky.sent(bluesky.post(text=f"Post {number}"))
    assert sum("createSession" in each.path for each in bluesky.edge.arrivals) == 1


def test_two_accounts_post_as_themselves(bluesky: Rig) -> None:
    bluesky.sent(bluesky.post())
    barnet = bluesky.post(account=an_account(Platform.BLUESKY, "MPSBarnet"))
    bluesky.sent(barnet)
    assert [post.handle for post in bluesky.shown] == ["MPSCamden", "MPSBarnet"]
    assert isinstance(bluesky.adapter.find_existing(barnet), Found)
