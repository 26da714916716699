"""Facebook: nothing shows before the second phase, and the second phase may be done twice."""

from dataclasses import replace
from datetime import UTC, datetime

from engage.delivery.platforms.facebook import VERSION
from engage.delivery.ports import (
    Absent,
    Found,
    NotCounted,
    NotSent,
    Outgoing,
    Refused,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import Rig, an_account
from tests.fakes import credentials
from tests.fakes.facebook import FacebookEdge

PAGE = credentials.for_account(Platform.FACEBOOK, "MPSCamden")["page_id"]
SECOND_PHASE = f"/{VERSION}/{PAGE}_"


def learned(outgoing: Outgoing, outcome: NotSent | Unknown) -> Outgoing:
    return replace(outgoing, prepared={**outgoing.prepared, **outcome.learned})


def test_a_lost_answer_to_the_first_phase_shows_nothing_to_anyone(facebook: Rig) -> None:
    facebook.server.fault("accept_then_close", path=f"/{VERSION}/{PAGE}/feed")
    assert isinstance(facebook.adapter.publish(facebook.post()), NotSent)
    assert facebook.shown == []


def test_a_lost_answer_to_the_second_phase_is_looked_up_by_its_id(facebook: Rig) -> None:
    facebook.server.fault("accept_then_close", path=SECOND_PHASE)
    outgoing = facebook.post()
    outcome = facebook.adapter.publish(outgoing)
    assert isinstance(outcome, Unknown)
    assert isinstance(facebook.adapter.find_existing(learned(outgoing, outcome)), Found)
    assert len(facebook.shown) == 1


def test_a_second_phase_that_never_arrived_is_absent_and_done_again_with_the_same_id(facebook: Rig) -> None:
    facebook.server.fault("drop", path=SECOND_PHASE)
    outgoing = facebook.post()
    outcome = facebook.adapter.publish(outgoing)
    assert isinstance(outcome, Unknown)
    outgoing = learned(outgoing, outcome)
    assert facebook.adapter.find_existing(outgoing) == Absent()
    assert isinstance(facebook.adapter.publish(outgoing), Sent)
    assert len(facebook.edge.book.posts) == 1


def test_showing_the_same_id_twice_shows_one_post(facebook: Rig) -> None:
    outgoing = facebook.post()
    receipt = facebook.sent(outgoing).receipt
    outgoing = replace(outgoing, prepared={"post_id": receipt.platform_id})
    assert facebook.sent(outgoing).receipt == receipt
    assert len(facebook.shown) == 1


def test_a_rate_limit_between_the_phases_keeps_the_id(facebook: Rig) -> None:
    facebook.server.fault("too_many_requests", path=SECOND_PHASE)
    outgoing = facebook.post()
    outcome = facebook.adapter.publish(outgoing)
    assert isinstance(outcome, NotSent)
    assert outcome.account_wide
    facebook.sent(learned(outgoing, outcome))
    assert len(facebook.edge.book.posts) == 1


def test_a_worker_that_died_between_the_phases_left_nothing_to_see(facebook: Rig) -> None:
    outgoing = facebook.post()
    facebook.server.fault("drop", path=SECOND_PHASE)
    facebook.adapter.publish(outgoing)
    assert facebook.adapter.find_existing(outgoing) == Absent()


def test_a_worker_that_died_after_the_second_phase_is_found_by_its_words(facebook: Rig) -> None:
    outgoing = facebook.post()
    receipt = facebook.sent(outgoing).receipt
    assert "post_id" not in outgoing.prepared
    assert facebook.adapter.find_existing(outgoing) == Found(receipt)


def test_a_token_for_another_page_cannot_post(facebook: Rig) -> None:
    mine, theirs = an_account(Platform.FACEBOOK), an_account(Platform.FACEBOOK, "MPSBarnet")
    mixed = replace(mine, credentials={**theirs.credentials, "page_id": mine.credentials["page_id"]})
    assert isinstance(facebook.adapter.publish(facebook.post(account=mixed)), Refused)
    assert facebook.adapter.check(mixed).state is TokenState.REVOKED
    assert facebook.edge.book.posts == {}


def test_a_post_that_the_pages_token_may_not_see_is_never_said_to_be_gone(facebook: Rig) -> None:
    account = an_account(Platform.FACEBOOK)
    assert isinstance(facebook.adapter.delete(account, "61550_771"), Refused)
    counted = facebook.adapter.metrics(account, "61550_771")
    assert isinstance(counted, NotCounted)
    assert not counted.gone


def test_a_token_without_the_applications_proof_is_not_taken(facebook: Rig) -> None:
    account = an_account(Platform.FACEBOOK)
    stolen = replace(account, credentials={**account.credentials, "app_secret": "guess"})
    assert isinstance(facebook.adapter.publish(facebook.post(account=stolen)), Refused)


def test_facebook_says_when_a_token_ends_and_nothing_where_it_does_not(facebook: Rig) -> None:
    edge = facebook.edge
    assert isinstance(edge, FacebookEdge)
    account = an_account(Platform.FACEBOOK)
    assert facebook.adapter.check(account).expires_at is None
    edge.token_ends = 1_800_000_000
    health = facebook.adapter.check(account)
    assert (health.state, health.expires_at) == (TokenState.OK, datetime.fromtimestamp(1_800_000_000, tz=UTC))


def test_an_application_that_may_not_ask_leaves_the_end_open_and_the_token_good(facebook: Rig) -> None:
    edge = facebook.edge
    assert isinstance(edge, FacebookEdge)
    edge.token_ends = 1_800_000_000
    account = an_account(Platform.FACEBOOK)
    another = replace(account, credentials={**account.credentials, "app_id": "1"})
    none = replace(
        account, credentials={key: each for key, each in account.credentials.items() if key != "app_id"}
    )
    for asking in (another, none):
        health = facebook.adapter.check(asking)
        assert (health.state, health.expires_at) == (TokenState.OK, None)
