"""What every platform's adapter promises, shown on an edge server that breaks on command."""

import html
import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import h11
import pytest

from engage.delivery.leaving import clock, leaving_by
from engage.delivery.platforms import adapter_for
from engage.delivery.platforms.transport import TOTAL_SECONDS
from engage.delivery.ports import (
    Absent,
    CannotTell,
    Counted,
    Deleted,
    Found,
    NotCounted,
    NotSent,
    Refused,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import EDGES, TEXT, Rig, a_picture, a_post, an_account

LOST_ANSWERS = ("accept_then_close", "accept_then_503", "accept_then_garbage", "accept_then_page")
LOST_REQUESTS = ("drop", "redirect", "server_error")


def test_a_post_goes_out_once_in_the_approved_words_with_a_link_that_opens(rig: Rig) -> None:
    receipt = rig.sent(rig.post()).receipt
    assert [post.text for post in rig.shown] == [TEXT]
    page = rig.opens(receipt.url)
    assert page is not None
    assert html.escape(TEXT) in page


def test_what_was_sent_is_found_with_the_same_receipt(rig: Rig) -> None:
    outgoing = rig.post()
    assert rig.adapter.find_existing(outgoing) == Absent()
    receipt = rig.sent(outgoing).receipt
    assert rig.adapter.find_existing(outgoing) == Found(receipt)


def test_every_post_of_the_same_words_is_named_latest_first_for_one_may_be_another_deliverys(
    rig: Rig,
) -> None:
    earlier, later = (rig.sent(rig.post(text=text)).receipt for text in ("Lock it.", "Mark it."))
    for post in rig.shown:
        post.text = TEXT
    found = rig.adapter.find_existing(rig.post())
    if rig.adapter.name is Platform.BLUESKY:  # It is asked for one record, under the delivery's own key.
        assert found == Absent()
        return
    assert found == Found(later, (earlier,))


def test_where_it_is_not_found_a_person_sees_what_the_account_shows_instead(rig: Rig) -> None:
    other = rig.sent(rig.post(text="Lock it & mark it.")).receipt
    found = rig.adapter.find_existing(rig.post())
    assert isinstance(found, Absent)
    if rig.adapter.name is Platform.BLUESKY:  # It is asked for one record, under the delivery's own key.
        assert found.shown == ()
        return
    [shown] = found.shown
    assert (shown.text, shown.url) == ("Lock it & mark it.", other.url)
    assert shown.at is not None
    assert abs(time.time() - shown.at.timestamp()) < 60


def test_the_same_delivery_sent_again_is_never_shown_twice(rig: Rig) -> None:
    outgoing = rig.post()
    first = rig.sent(outgoing)
    second = rig.adapter.publish(outgoing)
    assert second == first or isinstance(second, Unknown)
    assert len(rig.shown) == 1


def test_a_request_that_was_held_up_since_its_last_check_never_leaves(rig: Rig) -> None:
    rig.sent(rig.post(text="Lock it & mark it."))  # signed in, and a connection is open
    arrived = len(rig.edge.arrivals)
    with leaving_by(clock() - 0.001):
        outcome = rig.adapter.publish(rig.post())
    assert isinstance(outcome, NotSent)
    assert outcome.reason.endswith("The worker was held up between its last check and the request.")
    assert len(rig.edge.arrivals) == arrived


def test_a_request_that_is_held_up_on_its_way_through_the_client_library_never_leaves(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.sent(rig.post(text="Lock it & mark it."))  # signed in, and a connection is open
    arrived = len(rig.edge.arrivals)
    for library, step in ((http.client.HTTPConnection, "endheaders"), (h11.Connection, "send")):
        monkeypatch.setattr(library, step, _held_up(getattr(library, step), seconds=0.3))
    with leaving_by(clock() + 0.2):
        outcome = rig.adapter.publish(rig.post())
    assert isinstance(outcome, NotSent)
    assert len(rig.edge.arrivals) == arrived


@pytest.mark.parametrize("seconds", [0.05, 0.25, 0.45])
def test_what_has_left_is_never_said_not_to_have(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    rig.sent(rig.post(text="Lock it & mark it."))
    before = len(rig.shown)
    for call in ("send", "sendall"):  # the time comes somewhere between a request's first byte and its last
        monkeypatch.setattr(socket.socket, call, _slow_after(getattr(socket.socket, call), seconds=0.15))
    with leaving_by(clock() + seconds):
        outcome = rig.adapter.publish(rig.post())
    assert isinstance(outcome, Sent if len(rig.shown) > before else NotSent)


def _slow_after(inner: Callable[..., Any], *, seconds: float) -> Callable[..., Any]:
    here = threading.current_thread()

    def call(*given: Any) -> Any:
        done = inner(*given)
        if threading.current_thread() is here:  # the edge server's own answers are not held up
            time.sleep(seconds)
        return done

    return call


def _held_up(inner: Callable[..., Any], *, seconds: float) -> Callable[..., Any]:
    def later(*given: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return inner(*given, **named)

    return later


@pytest.mark.parametrize("fault", [*LOST_ANSWERS, *LOST_REQUESTS])
def test_when_the_answer_is_lost_the_lookup_tells_the_truth(rig: Rig, fault: str) -> None:
    outgoing = rig.post()
    rig.fault(fault)
    outcome = rig.adapter.publish(outgoing)
    assert isinstance(outcome, Unknown | NotSent)
    outgoing = replace(outgoing, prepared={**outgoing.prepared, **outcome.learned})
    found = rig.adapter.find_existing(outgoing)
    assert isinstance(found, Found if rig.shown else Absent)


@pytest.mark.parametrize("fault", [*LOST_ANSWERS, *LOST_REQUESTS, "too_many_requests"])
def test_not_sent_is_said_only_when_the_public_sees_nothing(rig: Rig, fault: str) -> None:
    rig.fault(fault)
    outcome = rig.adapter.publish(rig.post())
    assert not isinstance(outcome, Sent)
    assert isinstance(outcome, Unknown) or not rig.shown


@pytest.mark.parametrize("fault", [*LOST_ANSWERS, *LOST_REQUESTS])
def test_nothing_is_tried_a_second_time_by_itself(rig: Rig, fault: str) -> None:
    rig.sent(rig.post(text="One that goes well."))
    usual = len(rig.edge.arrivals)
    signing_in = 1 if rig.adapter.name is Platform.BLUESKY else 0
    rig.edge.arrivals.clear()
    rig.fault(fault)
    rig.adapter.publish(rig.post())
    assert len(rig.edge.arrivals) <= usual - signing_in


def test_a_silent_platform_is_given_up_on_before_the_lease_runs_out() -> None:
    rigs = [Rig.start(platform) for platform in EDGES]
    outcomes: list[object] = []
    for rig in rigs:
        rig.fault("accept_then_stall")
    workers = [
        threading.Thread(target=lambda rig=rig: outcomes.append(rig.adapter.publish(rig.post())))
        for rig in rigs
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert time.monotonic() - started < TOTAL_SECONDS
    assert [type(outcome) for outcome in outcomes].count(Unknown) == 3
    # Facebook stalls before anything is shown.
    assert [type(outcome) for outcome in outcomes].count(NotSent) == 1
    for rig in rigs:
        rig.stop()


def test_a_platform_nobody_answers_for_has_certainly_not_taken_the_post(rig: Rig) -> None:
    rig.stop()
    assert isinstance(rig.adapter.publish(rig.post()), NotSent)
    assert isinstance(rig.adapter.find_existing(rig.post()), CannotTell)
    assert rig.adapter.check(an_account(rig.adapter.name)).state is TokenState.TRANSIENT
    rig.server = Rig.start(rig.adapter.name).server


def test_a_rate_limit_makes_the_whole_account_wait(rig: Rig) -> None:
    rig.fault("too_many_requests")
    outcome = rig.adapter.publish(rig.post())
    assert isinstance(outcome, NotSent)
    assert outcome.account_wide
    assert not outcome.token_refused
    if rig.adapter.name is not Platform.FACEBOOK:  # which does not say when
        assert outcome.retry_at is not None


def test_a_revoked_token_stops_the_account_and_asks_for_a_person(rig: Rig) -> None:
    account = an_account(rig.adapter.name)
    assert rig.adapter.check(account).state is TokenState.OK
    rig.edge.revoked.add(account.handle)
    outcome = rig.adapter.publish(rig.post())
    assert isinstance(outcome, NotSent)
    assert outcome.token_refused
    assert rig.adapter.check(account).state is TokenState.REVOKED
    assert rig.shown == []


def test_one_accounts_revoked_token_leaves_the_others_alone(rig: Rig) -> None:
    rig.edge.revoked.add("MPSBarnet")
    assert rig.sent(rig.post())


def test_a_token_for_another_account_is_told_apart(rig: Rig) -> None:
    mixed_up = replace(
        an_account(rig.adapter.name, "MPSBarnet"), credentials=an_account(rig.adapter.name).credentials
    )
    assert rig.adapter.check(mixed_up).state is TokenState.REVOKED


def test_a_withdrawn_post_is_gone_and_withdrawing_twice_is_harmless(rig: Rig) -> None:
    outgoing = rig.post()
    receipt = rig.sent(outgoing).receipt
    assert rig.adapter.delete(outgoing.account, receipt.platform_id) == Deleted()
    assert rig.opens(receipt.url) is None
    assert rig.adapter.find_existing(outgoing) == Absent()
    assert rig.adapter.delete(outgoing.account, receipt.platform_id) == Deleted()


def test_what_the_platform_counts_is_given_by_its_own_names(rig: Rig) -> None:
    outgoing = rig.post()
    receipt = rig.sent(outgoing).receipt
    counted = rig.adapter.metrics(outgoing.account, receipt.platform_id)
    assert isinstance(counted, Counted), counted
    assert 3 in counted.counts.values()
    assert all(count >= 0 for count in counted.counts.values())


def test_a_post_somebody_deleted_on_the_platform_is_said_to_be_gone(rig: Rig) -> None:
    outgoing = rig.post()
    receipt = rig.sent(outgoing).receipt
    for post in rig.edge.book.posts.values():
        post.deleted = True
    found = rig.adapter.metrics(outgoing.account, receipt.platform_id)
    assert isinstance(found, NotCounted)
    assert found.gone
    assert rig.adapter.find_existing(outgoing) == Absent()
    assert rig.adapter.delete(outgoing.account, receipt.platform_id) == Deleted()


@pytest.mark.parametrize("fault", [*LOST_ANSWERS, *LOST_REQUESTS, "too_many_requests"])
def test_counts_that_never_came_are_not_taken_for_a_post_that_is_gone(rig: Rig, fault: str) -> None:
    outgoing = rig.post()
    receipt = rig.sent(outgoing).receipt
    rig.server.fault(fault, method="GET")
    found = rig.adapter.metrics(outgoing.account, receipt.platform_id)
    assert isinstance(found, NotCounted)
    assert not found.gone


def test_a_picture_arrives_with_its_alt_text(rig: Rig) -> None:
    rig.sent(rig.post(media=(a_picture(), a_picture("The lock, closed."))))
    alts = [item["alt"] for item in rig.shown[0].media]
    assert alts == ["A D-lock around a bicycle frame.", "The lock, closed."]


def test_a_picture_without_alt_text_stops_the_post(rig: Rig) -> None:
    assert rig.adapter.validate(rig.post(media=(a_picture(alt=" "),))) == ["Picture 1 has no alt text."]


def test_a_failed_upload_posts_nothing(rig: Rig) -> None:
    outgoing = rig.post(media=(a_picture(),))
    path = {Platform.X: "/2/media/metadata", Platform.MASTODON: "/api/v2/media"}.get(
        rig.adapter.name,
        "/v24.0/" if rig.adapter.name is Platform.FACEBOOK else "/xrpc/com.atproto.repo.uploadBlob",
    )
    rig.server.fault("server_error", path=path)
    assert isinstance(rig.adapter.publish(outgoing), NotSent)
    assert rig.shown == []


def test_the_parts_of_a_thread_hang_together(rig: Rig) -> None:
    first = rig.sent(rig.post(text="First part.")).receipt
    second = rig.post(text="Second part.", reply_to=first.platform_id)
    if not rig.adapter.name.takes_answers:
        assert rig.adapter.validate(second) != []
        return
    receipt = rig.sent(second).receipt
    assert rig.shown[-1].reply_to == first.platform_id
    assert rig.adapter.find_existing(second) == Found(receipt)
    assert rig.adapter.find_existing(replace(second, reply_to=None, prepared={})) != Found(first)


def test_a_post_that_fits_has_no_problems_and_one_that_is_too_long_is_refused_by_both_sides(rig: Rig) -> None:
    assert rig.adapter.validate(rig.post()) == []
    too_long = rig.post(text="x" * (rig.adapter.limits.characters + 1))
    assert len(rig.adapter.validate(too_long)) == 1
    assert isinstance(rig.adapter.publish(too_long), Refused)
    assert rig.shown == []


def test_words_of_another_account_are_not_taken_for_ours(rig: Rig) -> None:
    rig.sent(rig.post(account=an_account(rig.adapter.name, "MPSBarnet")))
    assert rig.adapter.find_existing(rig.post()) == Absent()


def test_a_timeline_that_lags_shows_the_post_after_it_has_settled(rig: Rig) -> None:
    rig.edge.settings["lag_seconds"] = 0.4
    outgoing = rig.post()
    rig.sent(outgoing)
    assert rig.adapter.find_existing(outgoing) == Absent()
    time.sleep(0.5)
    assert isinstance(rig.adapter.find_existing(outgoing), Found)
    assert rig.adapter.capabilities.settle_seconds >= 10


def test_an_account_without_its_secrets_is_named_before_anything_is_sent(rig: Rig) -> None:
    bare = replace(an_account(rig.adapter.name), credentials={})
    problems = rig.adapter.validate(rig.post(account=bare))
    assert len(problems) == 1
    assert "MPSCamden" in problems[0]


def test_secrets_are_not_shown_when_an_account_is_printed(rig: Rig) -> None:
    account = an_account(rig.adapter.name)
    assert not any(secret in repr(a_post(rig.adapter)) for secret in account.credentials.values())


@pytest.mark.parametrize("platform", [each for each in Platform if each.by_hand])
def test_a_platform_without_a_way_in_is_posted_by_hand(platform: Platform) -> None:
    adapter = adapter_for(platform, base_urls={})
    outgoing = a_post(adapter)
    assert adapter.capabilities.by_hand
    assert adapter.validate(outgoing) == []
    assert isinstance(adapter.publish(outgoing), Refused)
    assert isinstance(adapter.find_existing(outgoing), CannotTell)
