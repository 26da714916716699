"""A press office for fault tests: the real database, running processes, and its X, counted from X's side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import redis
from cryptography.fernet import Fernet

from engage.posts.clock import utc_now
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState
from engage.settings import Settings
from engage.signoff import acts
from engage.store.unit import Unit
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
            self.khan = _person(unit, "pc.khan")
            self.bailey = _person(unit, "press.bailey")

    def signed_off(
        self, name: str, *, due_in: timedelta = timedelta(0), lives: timedelta | None = None
    ) -> Post:
        """A post that is due then, and late once it has lived so long from now."""
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
            latest=now + lives if lives else None,
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

    def asked_for(self, name: str) -> bool:
        """Whether any request with the words of a post ever reached the platform."""
        return any(name in each.body for each in self.edge.edge.arrivals)

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
        """As if two minutes had passed for every lease and look-up that nobody has locked."""
        with self.engage.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE delivery SET leased_until = leased_until - interval '2 minutes',"
                " look_up_at = look_up_at - interval '2 minutes',"
                " unknown_since = unknown_since - interval '2 minutes'"
                " WHERE id IN (SELECT id FROM delivery FOR UPDATE SKIP LOCKED)"
            )
            connection.exec_driver_sql("NOTIFY engage_due")


def _person(unit: Unit, name: str) -> Person:
    person = unit.people.by_id(name)
    assert person is not None
    return person


def _said(name: str, by: Person) -> Evidence:
    source = StatedSource(stated_by=by.name, stated_at=utc_now().isoformat())
    return Evidence(field="place", value=name, source=source)


@contextmanager
def open_office(
    database_url: str, redis_url: str, folder: Path, *, processes_reach: Mapping[str, str] | None = None
) -> Iterator[Office]:
    """An office over these servers; everything it starts is stopped at the end.

    `processes_reach` are the servers' addresses as the processes know them, where those lead over a line.
    """
    edge = RunningEdge(XEdge())
    env = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ENGAGE_TOKEN_KEYS": Fernet.generate_key().decode(),
        "ENGAGE_SECRET_KEY": "for tests",
        "ENGAGE_X_BASE_URL": edge.url,
        "ENGAGE_OFFICE_HOURS": "always",
        "ENGAGE_LOG_FORMAT": "console",
    }
    engage = Engage(_settings(env))
    with Processes({**env, **(processes_reach or {})}, folder / "logs") as processes:
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


def own_broker_database(url: str) -> str:
    """A numbered database of the test server that nobody else uses, emptied."""
    with redis.Redis.from_url(url, db=9) as client:
        client.flushdb()
        separator = "?virtual_host=" if url.startswith("redis+socket") else "/"
    base = url.rstrip("/")
    head, _, tail = base.rpartition("/")
    return f"{head}/9" if tail.isdigit() else f"{base}{separator}9"
