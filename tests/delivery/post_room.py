"""A post room for tests: the real ledger, a platform that does what it is told, a gate that says what it is told."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from engage.delivery.ledger import Answer, Delivery, Gate, Go
from engage.delivery.links import receipt_at
from engage.delivery.ports import (
    Absent,
    Account,
    Capabilities,
    Counted,
    Deleted,
    Deletion,
    Engagement,
    Health,
    Limits,
    Lookup,
    Outcome,
    Outgoing,
    Receipt,
    Sent,
    TokenState,
    Unknown,
)
from engage.delivery.rates import Rates, RatesHere
from engage.delivery.sending import look_up, send, send_together
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media, Post, Variant
from engage.posts.states import DeliveryState, PostState
from engage.store.account_health import AccountHealth
from engage.store.engagement import EngagementStore
from engage.store.gate import open_gate
from engage.store.takedowns import TakedownStore
from engage.store.unit import Unit, transaction
from engage.store.vault import Vault
from engage.wiring.counter import DeliveryBooks, SendingTurn

HANDLE = "DemoCamden"
LINK_WITHOUT_ID = "https://x.com/DemoOther/status/41"
"""It names another account, so its number says nothing about a post of ours."""


@dataclass
class ToldPlatform:
    """Answers with `outcome` and `lookup`; remembers every request it was sent."""

    name: Platform = Platform.X
    outcome: Callable[[Outgoing], Outcome] = lambda outgoing: Sent(
        Receipt(outgoing.text[:8], "https://x.example/1")
    )
    lookup: Lookup = field(default_factory=Absent)
    wrong: list[str] = field(default_factory=list)
    requests: list[Outgoing] = field(default_factory=list)
    health: Health | None = None
    deletion: Deletion = field(default_factory=Deleted)
    deleted: list[str] = field(default_factory=list)
    counted: Engagement = field(default_factory=lambda: Counted({"like_count": 3}))
    capabilities = Capabilities(settle_seconds=60)
    limits = Limits(characters=280, pictures=0, picture_bytes=0, picture_pixels=0, alt_characters=0)

    def validate(self, outgoing: Outgoing) -> list[str]:
        assert outgoing.text
        return self.wrong

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:
        return {"key": str(outgoing.delivery_id)}

    def publish(self, outgoing: Outgoing) -> Outcome:
        self.requests.append(outgoing)
        return self.outcome(outgoing)

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        assert outgoing.first_attempt_at
        return self.lookup

    def delete(self, account: Account, platform_id: str) -> Deletion:
        assert account.credentials
        self.deleted.append(platform_id)
        return self.deletion

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        assert account.credentials
        assert platform_id
        return self.counted

    def check(self, account: Account) -> Health:
        return self.health or Health(TokenState.OK, account.handle)


def until(holds: Callable[[], bool]) -> None:
    """Wait for it, at most twenty seconds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@dataclass
class ToldGate:
    """Answers what it is told; remembers what was stopped."""

    answer: Answer = field(default_factory=Go)
    stopped_for: list[str] = field(default_factory=list)
    read_ahead_for: int = 0
    asked_as_of: list[datetime] = field(default_factory=list)

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        self.read_ahead_for = len(deliveries)

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        assert delivery.state is DeliveryState.LEASED
        self.asked_as_of.append(now)
        return self.answer

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        assert delivery
        assert now
        self.stopped_for.append(reason)


@dataclass
class PostRoom:
    """The ledger of one test. `later` moves the room's clock; the database's rows keep their times."""

    engine: Engine
    platform: ToldPlatform = field(default_factory=ToldPlatform)
    gate: ToldGate = field(default_factory=ToldGate)
    rates: Rates = field(default_factory=RatesHere)
    gate_over: Callable[[Unit], Gate] | None = None
    vault: Vault = field(default_factory=lambda: Vault(Fernet.generate_key().decode()))

    def __post_init__(self) -> None:
        with self.unit() as unit:
            unit.accounts.add(Platform.X, HANDLE, credentials={"access_token": "t"}, borough="Camden")
            unit.accounts.add(Platform.X, "DemoBarnet", credentials={"access_token": "t"}, borough="Barnet")

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        with transaction(self.engine, self.vault) as unit:
            yield unit

    @property
    def adapters(self) -> Mapping[Platform, ToldPlatform]:
        return {self.platform.name: self.platform}

    @contextmanager
    def turn(self) -> Iterator[SendingTurn]:
        with open_gate(self.engine) as connection:
            yield SendingTurn(connection, self.vault, self._open)

    @contextmanager
    def books(self) -> Iterator[DeliveryBooks]:
        with self.unit() as unit:
            yield self._open(unit)

    @contextmanager
    def engagement(self) -> Iterator[EngagementStore]:
        with self.unit() as unit:
            yield unit.engagement

    @contextmanager
    def takedowns(self) -> Iterator[TakedownStore]:
        with self.unit() as unit:
            yield unit.takedowns

    @contextmanager
    def accounts(self) -> Iterator[AccountHealth]:
        with self.unit() as unit:
            yield AccountHealth(unit.session, unit.accounts)

    def _open(self, unit: Unit) -> DeliveryBooks:
        gate = self.gate_over(unit) if self.gate_over else self.gate
        return DeliveryBooks(unit.deliveries, gate, unit.takedowns)  # type: ignore[arg-type]

    def now(self) -> datetime:
        with self.unit() as unit:
            return unit.deliveries.clock()

    def plan(
        self,
        *parts: str,
        due_in: timedelta = timedelta(0),
        latest_in: timedelta = timedelta(hours=1),
        handle: str = HANDLE,
        media: tuple[Media, ...] = (),
    ) -> Post:
        now = self.now()
        post = Post(
            id=uuid4(),
            kind=Kind.PREVENTION,
            borough="Camden",
            variants=(
                Variant(
                    platform=self.platform.name,
                    account=handle,
                    parts=parts or ("Lock windows.",),
                    media=media,
                ),
            ),
            writers=frozenset({"pc.khan"}),
            created_by="pc.khan",
            created_at=now,
            state=PostState.SIGNED_OFF,
        )
        with self.unit() as unit:
            unit.posts.add(post)
            unit.outbox.plan(post, due_at=now + due_in, latest=now + latest_in, now=now)
        return post

    def claim(self, count: int = 50, *, by: str = "dispatcher") -> list[UUID]:
        with self.unit() as unit:
            return list(unit.deliveries.claim(count, by=by, now=unit.deliveries.clock()))

    def send(self, delivery_id: UUID, *, worker: str = "worker-1") -> DeliveryState | None:
        return send(delivery_id, counter=self, worker=worker)  # type: ignore[arg-type]

    def send_together(
        self, delivery_ids: Sequence[UUID], *, worker: str = "worker-1"
    ) -> Mapping[UUID, DeliveryState | None]:
        """A batch, as a worker sends it: every request in a thread of its own."""
        with ThreadPoolExecutor(max(1, len(delivery_ids))) as pool:
            return send_together(
                delivery_ids,
                counter=self,  # type: ignore[arg-type]
                worker=worker,
                beside=lambda _id, call: pool.submit(call),
            )

    def send_due(self) -> list[DeliveryState | None]:
        return [self.send(each) for each in self.claim()]

    def lose_the_answer(self) -> None:
        """From now on the platform may have taken what is sent; nobody knows."""
        self.platform.outcome = lambda _outgoing: Unknown("the connection was cut")

    def send_due_but_lose_the_answer(self) -> None:
        """The platform may have taken it; nobody knows."""
        self.lose_the_answer()
        assert self.send_due() == [DeliveryState.UNKNOWN]

    def confirm(self, post: Post, link: str) -> None:
        """A person says that a lost post is at this address."""
        lost = self.of(post)
        with self.unit() as unit:
            seen = receipt_at(link, account=unit.accounts.get(lost.account_id))
            unit.deliveries.confirm_sent(lost.id, receipt=seen, by="Bailey", now=self.now())

    def look_up(self, delivery_id: UUID) -> None:
        look_up(delivery_id, counter=self)  # type: ignore[arg-type]

    def of(self, post: Post) -> Delivery:
        return self.all_of(post)[0]

    def all_of(self, post: Post) -> list[Delivery]:
        with self.unit() as unit:
            return unit.deliveries.for_post(post.id)

    def everything(self) -> list[Delivery]:
        with self.unit() as unit:
            ids = unit.session.scalars(text("SELECT post_id FROM delivery ORDER BY due_at, id")).all()
            return [each for post_id in dict.fromkeys(ids) for each in unit.deliveries.for_post(post_id)]

    def of_id(self, delivery_id: UUID) -> Delivery:
        return next(each for each in self.everything() if each.id == delivery_id)

    def moves(self, post: Post) -> list[str]:
        with self.unit() as unit:
            return [event.went_to for event in unit.deliveries.moves_of(post.id)]

    def later(self, time: timedelta) -> None:
        """Make every time in the ledger as much earlier as if this long had passed."""
        columns = [
            "due_at",
            "latest",
            "not_before",
            "leased_until",
            "unknown_since",
            "first_absent_at",
            "look_up_at",
            "sent_at",
        ]
        shifts = ", ".join(f"{name} = {name} - :time" for name in columns)
        with self.engine.begin() as connection:
            connection.execute(text(f"UPDATE delivery SET {shifts}"), {"time": time})  # noqa: S608 - names of ours
            connection.execute(text("UPDATE engagement SET counted_at = counted_at - :time"), {"time": time})
            connection.execute(text("UPDATE takedown SET try_at = try_at - :time"), {"time": time})
            connection.execute(text("UPDATE account SET paused_until = paused_until - :time"), {"time": time})
