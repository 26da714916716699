"""A press office for tests: real tables for posts, sign-offs and the record; a policy and an outbox
that say what the test tells them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engage.policy.decision import (
    Decision,
    Finding,
    Held,
    Need,
    PolicyStamp,
    Severity,
    Signoffs,
    Verdict,
)
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post, Variant
from engage.signoff.ports import Desk, SignOff
from engage.signoff.refusals import AlreadyLeft
from engage.store.audit import AuditStore
from engage.store.people import PersonRow
from engage.store.posts import PostStore, SignOffStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CAMDEN = frozenset({"Camden"})

KHAN = Person(id="pc.khan", name="PC Khan", roles=frozenset({Role.OFFICER}), boroughs=CAMDEN)
OWUSU = Person(
    id="sgt.owusu", name="Sgt Owusu", roles=frozenset({Role.OFFICER}), boroughs=frozenset({"Brent"})
)
BAILEY = Person(id="press.bailey", name="Bailey", roles=frozenset({Role.PRESS_OFFICER}))
LEE = Person(id="press.lee", name="Lee", roles=frozenset({Role.PRESS_OFFICER, Role.LEGAL}))
CLARKE = Person(id="supt.clarke", name="Supt Clarke", roles=frozenset({Role.SUPERINTENDENT}))
EVERYONE = (KHAN, OWUSU, BAILEY, LEE, CLARKE)

WORDS = "Burglary in Camden: lock windows when you go out. met.police.uk"


def a_post(*, by: Person = KHAN, text: str = WORDS, publish_at: datetime | None = None) -> Post:
    return Post(
        id=uuid4(),
        kind=Kind.PREVENTION,
        borough="Camden",
        topic="burglary",
        variants=(
            Variant(platform=Platform.X, account="@MPSCamden", parts=(text,)),
            Variant(platform=Platform.FACEBOOK, account="mpscamden", parts=(text,)),
        ),
        writers=frozenset({by.id}),
        created_by=by.id,
        created_at=NOON,
        publish_at=publish_at,
    )


@dataclass
class TestOutbox:
    """Remembers what was planned and recalled; `left` are posts of which some is public."""

    __test__ = False

    planned: list[tuple[UUID, datetime, datetime]] = field(default_factory=list)
    recalled: list[UUID] = field(default_factory=list)
    left: set[UUID] = field(default_factory=set)

    def plan(self, post: Post, *, due_at: datetime, latest: datetime, now: datetime) -> int:
        assert now <= due_at < latest
        self.planned.append((post.id, due_at, latest))
        return len(post.variants)

    def recall(self, post_id: UUID, *, why: str, now: datetime) -> None:
        assert why
        assert now
        if post_id in self.left:
            raise AlreadyLeft("Some of it is public.")
        self.recalled.append(post_id)

    def recall_rest(
        self, post_id: UUID, *, why: str, now: datetime, tell: bool = False, by_hand_too: bool = True
    ) -> int:
        assert why
        assert {tell, by_hand_too} <= {True, False}
        assert now
        self.recalled.append(post_id)
        return 1

    def look_again(self, post_id: UUID, *, why: str, now: datetime) -> int:
        assert why
        assert now
        return int(post_id in self.left)


@dataclass
class TestPolicy:
    """Requires the roles it is told to; blocks any text that contains a word it is told to."""

    __test__ = False

    required: Mapping[str, int] = field(default_factory=lambda: {"press_officer": 1})
    forbidden: str = "burglar "
    minutes: int = 1440

    def __call__(
        self, post: Post, *, moment: str, signoffs: Sequence[SignOff]
    ) -> Mapping[Platform, Decision]:
        assert moment in {"submit", "approval", "send"}
        return {variant.platform: self._decide(variant.text, signoffs) for variant in post.variants}

    def _decide(self, text: str, signoffs: Sequence[SignOff]) -> Decision:
        held = [Held(role=each.role.value, by=each.by) for each in signoffs]
        missing = [
            Need(role=role, count=count - sum(each.role == role for each in held))
            for role, count in self.required.items()
        ]
        missing = [need for need in missing if need.count > 0]
        findings = ()
        if self.forbidden in text:
            findings = (
                Finding(
                    rule="L02",
                    severity=Severity.BLOCK,
                    message="This implies guilt.",
                    why="Contempt",
                    source="CCA",
                    fix="Write “suspect”.",
                ),
            )
        verdict = Verdict.BLOCK if findings else Verdict.ESCALATE if missing else Verdict.ALLOW
        return Decision(
            verdict=verdict,
            policy=PolicyStamp(name="test", version="1", hash="f" * 64),
            findings=findings,
            signoffs=Signoffs(
                required=tuple(Need(role=r, count=c) for r, c in self.required.items()),
                held=tuple(held),
                missing=tuple(missing),
                valid_for_minutes=self.minutes,
            ),
        )


@dataclass
class Office:
    """One test's press office: `with office.desk() as desk` is one transaction."""

    engine: Engine
    policy: TestPolicy = field(default_factory=TestPolicy)
    outbox: TestOutbox = field(default_factory=TestOutbox)
    clock: datetime = NOON

    def __post_init__(self) -> None:
        with Session(self.engine) as session, session.begin():
            for person in EVERYONE:
                session.add(
                    PersonRow(
                        id=person.id,
                        name=person.name,
                        password_hash="none",
                        roles=sorted(person.roles),
                        boroughs=sorted(person.boroughs),
                        active=True,
                        created_at=NOON,
                    )
                )

    def wait(self, **time: float) -> None:
        self.clock += timedelta(**time)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with Session(self.engine) as session, session.begin():
            yield Desk(
                posts=PostStore(session),
                signoffs=SignOffStore(session),
                record=AuditStore(session),
                outbox=self.outbox,
                judge=self.policy,
                now=lambda: self.clock,
            )

    def post(self, post_id: UUID) -> Post:
        with Session(self.engine) as session:
            return PostStore(session).get(post_id)

    def signoffs(self, post_id: UUID) -> list[SignOff]:
        with Session(self.engine) as session:
            return list(SignOffStore(session).of(post_id))

    def history(self, post_id: UUID) -> list[str]:
        with Session(self.engine) as session:
            return [entry.action for entry in AuditStore(session).about(str(post_id))]
