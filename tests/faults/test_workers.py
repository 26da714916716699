"""Through a real dispatcher, a real Celery worker and the X edge server: what breaks, and what does not."""

import signal
import time
from dataclasses import replace
from datetime import timedelta

import redis

from engage.posts.clock import utc_now
from engage.posts.states import DeliveryState, PostState
from engage.signoff import acts
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.signoff.taking_down import take_down
from tests.faults.press_office import WORDS, Office

D = DeliveryState


def test_a_signed_off_post_leaves_at_its_time_and_not_before(office: Office) -> None:
    office.start()
    due = office.signed_off("Camden", due_in=timedelta(seconds=8)).publish_at
    assert due is not None
    office.processes.wait_for(lambda: bool(office.public()), "the post")
    assert utc_now() >= due
    office.processes.wait_for(office.all_sent, "its receipt")
    assert office.public() == [WORDS.format("Camden")]


def test_a_worker_killed_in_the_middle_of_a_request_never_doubles_the_post(office: Office) -> None:
    office.edge.fault("accept_then_stall", seconds=30)
    office.start()
    office.signed_off("Camden")
    office.processes.wait_for(lambda: D.SENDING in office.states() and bool(office.public()), "the request")
    office.processes.stop("worker", signal.SIGKILL)
    office.forget_leases()
    office.processes.start("worker", "engage", "worker")
    office.processes.wait_for(
        lambda: D.UNKNOWN in office.states() or office.all_sent(), "the lease to run out"
    )
    office.forget_leases()
    office.processes.wait_for(office.all_sent, "the look-up to find it")
    assert office.public() == [WORDS.format("Camden")]


def test_an_answer_lost_after_the_platform_took_the_post_is_found_again(office: Office) -> None:
    office.edge.fault("accept_then_close")
    office.start()
    office.signed_off("Camden")
    office.processes.wait_for(lambda: D.UNKNOWN in office.states() or office.all_sent(), "the lost answer")
    office.processes.wait_for(office.all_sent, "the look-up to find it")
    assert office.public() == [WORDS.format("Camden")]


def test_a_broker_that_loses_its_queue_loses_no_post(office: Office) -> None:
    office.processes.start("dispatcher", "engage", "dispatcher")
    office.signed_off("Camden")
    office.processes.wait_for(lambda: D.LEASED in office.states(), "the claim")
    with redis.Redis.from_url(office.engage.settings.required("redis_url")) as client:
        office.processes.wait_for(lambda: client.llen("engage") > 0, "the wake-up")
        client.flushdb()
    office.processes.start("worker", "engage", "worker")
    office.forget_leases()
    office.processes.stop("dispatcher")
    office.processes.start("dispatcher", "engage", "dispatcher")
    office.processes.wait_for(office.all_sent, "the post to go all the same")
    assert office.public() == [WORDS.format("Camden")]


def test_two_dispatchers_and_two_workers_send_each_post_once(office: Office) -> None:
    for number in (1, 2):
        office.processes.start(f"dispatcher-{number}", "engage", "dispatcher")
        office.processes.start(f"worker-{number}", "engage", "worker")
    places = ["Camden", "Camden Town", "Kentish Town", "Primrose Hill", "Hampstead", "Gospel Oak"]
    for place in places:
        office.signed_off(place)
    office.processes.wait_for(office.all_sent, "all of them")
    assert sorted(office.public()) == sorted(WORDS.format(place) for place in places)


def test_nothing_leaves_once_a_hold_is_in_force_and_nothing_bursts_out_when_it_is_lifted(
    office: Office,
) -> None:
    office.start()
    post = office.signed_off("Camden", due_in=timedelta(seconds=6))
    with office.engage.transaction() as unit:
        hold = place_hold(
            office.engage.desk(unit),
            unit.regimes,
            HoldScope.BOROUGH,
            "Camden",
            reason="tension",
            by=office.bailey,
        )
    time.sleep(8)
    assert office.public() == []
    with office.engage.transaction() as unit:
        again = lift_hold(
            office.engage.desk(unit),
            unit.regimes,
            hold.id,
            by=office.bailey,
            signed_off=office.engage.signed_off(unit),
        )
    assert again == [post.id]
    time.sleep(2)
    assert office.public() == []
    with office.engage.transaction() as unit:
        assert unit.posts.get(post.id).state is PostState.AWAITING


def test_a_public_post_is_gone_soon_after_it_is_taken_down_even_where_the_answer_is_lost(
    office: Office,
) -> None:
    office.start()
    post = office.signed_off("Camden")
    office.processes.wait_for(office.all_sent, "the post")
    office.edge.fault("drop", method="DELETE")
    with office.engage.transaction() as unit:
        take_down(office.engage.desk(unit), unit.takedowns, post.id, by=office.bailey, reason="wrong place")
    office.processes.wait_for(lambda: office.states() == [D.WITHDRAWN], "the platform's answer")
    assert office.public() == []


def test_a_post_edited_while_it_waits_for_its_time_does_not_leave(office: Office) -> None:
    office.start()
    post = office.signed_off("Camden", due_in=timedelta(seconds=5))
    with office.engage.transaction() as unit:
        acts.edit(
            office.engage.desk(unit),
            post.id,
            by=office.khan,
            version=post.version,
            variants=[replace(each, parts=(each.text + " Thank you.",)) for each in post.variants],
            context=post.context,
        )
    time.sleep(7)
    assert office.public() == []
