"""One account's server goes wrong: its posts end before a person, and nothing else stops."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine

from engage.delivery.ledger import LOOKS_BEFORE_A_PERSON
from engage.delivery.platforms import adapter_for
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from tests.delivery.post_room import PostRoom
from tests.fakes.credentials import for_account
from tests.fakes.edge import RunningEdge
from tests.fakes.mastodon import MastodonEdge

D = DeliveryState
GOOD, BAD = "DemoIslington", "DemoHackney"


@contextmanager
def an_instance() -> Iterator[RunningEdge]:
    running = RunningEdge(MastodonEdge())
    yield running
    running.stop()


def test_an_instance_that_answers_with_web_pages_ends_before_a_person_and_stops_no_other_account(
    engine: Engine,
) -> None:
    with an_instance() as good, an_instance() as bad:
        for method in ("POST", "GET"):
            bad.fault("accept_then_garbage", method=method, times=1_000)
        room = PostRoom(engine, adapter_for(Platform.MASTODON, base_urls={}))  # type: ignore[arg-type]
        with room.unit() as unit:
            for handle, server in ((GOOD, good), (BAD, bad)):
                tokens = for_account(Platform.MASTODON, handle)
                unit.accounts.add(Platform.MASTODON, handle, credentials=tokens, base_url=server.url)
        lost, sent = room.plan(handle=BAD), room.plan(handle=GOOD)
        assert set(room.send_due()) == {D.UNKNOWN, D.SENT}
        for _ in range(LOOKS_BEFORE_A_PERSON):
            room.later(timedelta(minutes=6))
            room.look_up(room.of(lost).id)
        assert room.of(sent).state is D.SENT
        assert (room.of(lost).state, room.of(lost).needs_person) == (D.UNKNOWN, True)
        assert "A web page came instead of the platform's answer." in (room.of(lost).reason or "")
        assert len(bad.edge.book.posts) == 1
