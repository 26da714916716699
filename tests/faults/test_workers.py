"""Through a real dispatcher, a real Celery worker and the X edge server: what breaks, and what does not."""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from engage.posts.clock import utc_now
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState, PostState
from engage.settings import Settings
from engage.signoff import acts
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.wiring import Engage
from tests.demo.people import add_people
from tests.fakes.credentials import for_account
from tests.fakes.edge import RunningEdge
from tests.fakes.x import XEdge
from tests.processes import Processes

WORDS = (
    "Home burglary advice for {}: lock your windows and doors when you go out. https://www.met.police.uk/cp/"
)
HANDLE = "DemoCamden"
D = DeliveryState


class Office:
    """One press office with running processes and its X."""

    def __init__(self, engage: Engage, processes: Processes, edge: RunningEdge) -> None:
        self.engage = engage
        self.processes = processes
        self.edge = edge
        with engage.transaction() as unit:
            add_people(unit)
            unit.accounts.add(
                Platform.X, HANDLE, credentials=for_account(Platform.X, HANDLE), borough="Camden"
            )
            self.khan = unit.people.by_id("pc.khan") or pytest.fail("no pc.khan")
            self.bailey = unit.people.by_id("press.bailey") or pytest.fail("no press.bailey")

    def signed_off(self, name: str, *, due_in: timedelta = timedelta(0)) -> Post:
        now = utc_now()
        words = WORDS.format(name)
        post = Post(
            id=uuid4(),
            kind=Kind.PREVENTION,
            borough="Camden",
            topic="home_burglary",
            variants=(Variant(platform=Platform.X, account=HANDLE, parts=(words,)),),
            evidence=(_said(name, self.khan),),
            writers=frozenset({self.khan.id}),
            created_by=self.khan.id,
            created_at=now,
            publish_at=now + due_in if due_in else None,
        )
        with self.engage.transaction() as unit:
            desk = self.engage.desk(unit)
            acts.create(desk, post, by=self.khan)
            acts.submit(desk, post.id, by=self.khan)
            return acts.approve(
                desk, post.id, by=self.bailey, role=Role.PRESS_OFFICER, having_read=post.fingerprint
            )

    def states(self) -> list[DeliveryState]:
        with self.engage.transaction() as unit:
            return [state for state, count in unit.deliveries.counts().items() for _ in range(count)]

    def all_sent(self) -> bool:
        return all(state is D.SENT for state in self.states())

    def public(self) -> list[str]:
        return [
            post.text for post in self.edge.edge.book.posts.values() if post.published and not post.deleted
        ]

    def start(self) -> None:
        self.processes.start("worker", "engage", "worker")
        self.processes.start("dispatcher", "engage", "dispatcher")

    def forget_leases(self) -> None:
        """As if a minute had passed for every lease and look-up."""
        with self.engage.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE delivery SET leased_until = leased_until - interval '2 minutes',"
                " look_up_at = look_up_at - interval '2 minutes',"
                " unknown_since = unknown_since - interval '2 minutes'"
            )


def _said(name: str, by: Person) -> Evidence:
    source = StatedSource(stated_by=by.name, stated_at=utc_now().isoformat())
    return Evidence(field="place", value=name, source=source)


@pytest.fixture
def office(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Office]:
    edge = RunningEdge(XEdge())
    broker = _own_broker_database(redis_url)
    env = {
        "DATABASE_URL": database_url,
        "REDIS_URL": broker,
        "ENGAGE_TOKEN_KEYS": Fernet.generate_key().decode(),
        "ENGAGE_SECRET_KEY": "for tests",
        "ENGAGE_X_BASE_URL": edge.url,
        "ENGAGE_OFFICE_HOURS": "always",
        "ENGAGE_LOG_FORMAT": "console",
    }
    engage = Engage(_settings(env))
    assert engine is not None
    with Processes(env, tmp_path / "logs") as processes:
        yield Office(engage, processes, edge)
    engage.engine.dispose()
    edge.stop()


def _settings(env: dict[str, str]) -> Settings:
    names = {name: name.removeprefix("ENGAGE_").lower() for name in env if name.startswith("ENGAGE_")}
    return Settings(
        DATABASE_URL=env["DATABASE_URL"],
        REDIS_URL=env["REDIS_URL"],
        **{field: env[name] for name, field in names.items()},
    )


def _own_broker_database(url: str) -> str:
    """A numbered database of the test server that nobody else uses, emptied."""
    with redis.Redis.from_url(url, db=9) as client:
        client.flushdb()
        separator = "?virtual_host=" if url.startswith("redis+socket") else "/"
    base = url.rstrip("/")
    head, _, tail = base.rpartition("/")
    return f"{head}/9" if tail.isdigit() else f"{base}{separator}9"


def test_a_signed_off_post_leaves_at_its_time_and_not_before(office: Office) -> None:
    office.start()
    office.signed_off("Camden", due_in=timedelta(seconds=8))
    due = utc_now() + timedelta(seconds=7)
    office.processes.wait_for(lambda: bool(office.public()), "the post")
    assert utc_now() > due
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
