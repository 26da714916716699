"""X: signatures, weighted length, rewritten links, and a lookup that reads the timeline as X shows it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import oauthlib.oauth1
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.delivery.ports import Absent, CannotTell, Found, NotSent, Refused, TokenState, Unknown
from engage.posts.kinds import Platform
from engage.posts.length import length
from engage.posts.post import normalised
from tests.delivery.platforms.rigs import Rig, an_account

WORDS = st.lists(
    st.sampled_from(
        [
            "Lock",
            "&",
            "<b>",
            "“it”",
            "café",
            "👮🏽",
            "#SafeCamden",
            "£5",
            "https://www.met.police.uk/a?b=1&c=2",
            "&amp;",
        ]
    )
    | st.text(st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters="@."), max_size=8),
    min_size=1,
    max_size=8,
).map(lambda words: normalised(" ".join(words)))


@pytest.fixture(scope="module")
def shared() -> Iterator[Rig]:
    made = Rig.start(Platform.X)
    yield made
    made.stop()


@settings(max_examples=60, deadline=None)
@given(text=WORDS.filter(lambda text: length(text, Platform.X).fits))
def test_whatever_the_words_they_arrive_unchanged_and_are_found_again(shared: Rig, text: str) -> None:
    outgoing = shared.post(text=text)
    outcome = shared.adapter.publish(outgoing)
    assert not isinstance(outcome, Refused | NotSent)
    assert isinstance(shared.adapter.find_existing(outgoing), Found)
    assert text in [post.text for post in shared.shown]


def test_two_posts_that_differ_only_in_their_link_are_told_apart(x: Rig) -> None:
    x.sent(x.post(text="Read this: https://www.met.police.uk/one"))
    assert x.adapter.find_existing(x.post(text="Read this: https://www.met.police.uk/two")) == Absent()


def test_duplicate_words_are_looked_up_because_x_does_not_say_which_post_has_them(x: Rig) -> None:
    receipt = x.sent(x.post()).receipt
    again = x.post()
    assert isinstance(x.adapter.publish(again), Unknown)
    assert x.adapter.find_existing(again) == Found(receipt)


def test_an_older_post_with_the_same_words_is_not_taken_for_this_attempt(x: Rig) -> None:
    x.sent(x.post())
    x.shown[0].created = time.time() - 3_600
    assert x.adapter.find_existing(x.post()) == Absent()


def test_a_timeline_too_long_to_read_is_not_called_absent(x: Rig) -> None:
    x.sent(x.post(text="A template"))
    template = x.shown[0]
    for number in range(501):
        x.edge.book.keep(replace(template, id=str(number), text=f"Post {number}"))
    assert isinstance(x.adapter.find_existing(x.post()), CannotTell)


def test_a_wrong_secret_is_refused_by_the_signature(x: Rig) -> None:
    account = an_account(Platform.X)
    forged = replace(account, credentials={**account.credentials, "access_token_secret": "guess"})
    outcome = x.adapter.publish(x.post(account=forged))
    assert isinstance(outcome, NotSent)
    assert outcome.token_refused
    assert x.adapter.check(forged).state is TokenState.REVOKED


def test_a_request_without_a_signature_or_heard_twice_is_refused(x: Rig) -> None:
    url = f"{x.server.url}/2/users/me"
    secrets = an_account(Platform.X).credentials
    signer = oauthlib.oauth1.Client(
        secrets["consumer_key"],
        secrets["consumer_secret"],
        secrets["access_token"],
        secrets["access_token_secret"],
    )
    _, headers, _ = signer.sign(url)
    answers = [httpx.get(url, headers=each, trust_env=False).status_code for each in ({}, headers, headers)]
    assert answers == [401, 200, 401]


def test_a_rate_limit_says_when_to_come_back(x: Rig) -> None:
    x.edge.settings["posts_per_window"] = 1
    x.sent(x.post(text="The one post of this quarter of an hour"))
    outcome = x.adapter.publish(x.post())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_at is not None
    assert timedelta(minutes=14) < outcome.retry_at - datetime.now(UTC) < timedelta(minutes=16)
    assert x.sent(x.post(account=an_account(Platform.X, "MPSBarnet")))


def test_a_reply_to_a_deleted_post_is_refused(x: Rig) -> None:
    first = x.sent(x.post()).receipt
    x.adapter.delete(an_account(Platform.X), first.platform_id)
    assert isinstance(x.adapter.publish(x.post(text="Update", reply_to=first.platform_id)), Refused)


def test_280_weighted_characters_fit_and_281_do_not(x: Rig) -> None:
    assert x.adapter.validate(x.post(text="你" * 140)) == []
    assert x.adapter.validate(x.post(text="你" * 140 + "a")) == ["281 characters; X takes 280."]
