"""Engage under trial: its press office writes, signs, changes and holds; its ledger says how everything ended."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from benchmarks._chaos.count import Forbidden, Said, Wrong
from benchmarks._chaos.plan import PLATFORMS, Fate, Plan, Planned, PlannedHold
from benchmarks._chaos.rig import Command
from engage.posts.errors import NotAllowed, Unavailable
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind
from engage.posts.people import Person, Role
from engage.posts.places import BOROUGHS
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState, PostState
from engage.settings import Settings
from engage.signoff import acts
from engage.signoff.refusals import NoSuchPost
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.signoff.taking_down import take_down
from engage.store.schema import migrate
from engage.store.unit import Unit
from engage.wiring import Engage
from tests.demo.people import add_people, handle
from tests.fakes.credentials import for_account

T = TypeVar("T")
D = DeliveryState
_OURS: Final = UUID("6f0c9a52-4f0e-4d7e-9d3a-0d5f3f1a7c11")
PATIENCE: Final = 600.0
"""How many seconds people go on trying while the database is away."""

_CASE: Final[Mapping[str, Any]] = {"status": "report", "offence": "robbery", "proceedings_active": False}
_OVERDUE: Final = (
    "SELECT count(*) FROM delivery WHERE state IN ('ready', 'leased', 'sending') AND due_at <= now()"
)
_OPEN: Final = """
SELECT (SELECT count(*) FROM delivery WHERE state IN ('ready', 'leased', 'sending')
           OR (state = 'unknown' AND NOT needs_person))
     + (SELECT count(*) FROM takedown WHERE state = 'asked' AND NOT needs_person)
"""


class EngageTrial:
    """Engage as it ships: its dispatchers, its Celery workers, its ledger."""

    name: Final = "engage"
    dispatcher: Final[Command] = ("engage", "dispatcher")
    worker: Final[Command] = (
        "celery", "-A", "benchmarks._chaos.worker", "worker", "--concurrency", "2", "--loglevel", "INFO",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip

    def __init__(self, plan: Plan) -> None:
        self.env: Mapping[str, str] = {
            "ENGAGE_TOKEN_KEYS": Fernet.generate_key().decode(),
            "ENGAGE_SECRET_KEY": "for trials",
            "ENGAGE_OFFICE_HOURS": "always",
        }
        self._plan = plan
        self._messages = {_id(plan, message[0].message): message for message in plan.messages()}
        self.forbidden: list[Forbidden] = []

    def open(self, database_url: str) -> None:
        """Migrate the database; add people, and an account for every borough on every platform."""
        migrate(database_url)
        self._engage = Engage(
            Settings(
                DATABASE_URL=database_url,
                token_keys=self.env["ENGAGE_TOKEN_KEYS"],
                office_hours="always",
            )
        )
        with self._engage.transaction() as unit:
            add_people(unit)
            for platform in PLATFORMS:
                for place in BOROUGHS:
                    name = handle(place.name)
                    tokens = for_account(platform, name)
                    unit.accounts.add(platform, name, credentials=tokens, borough=place.name)
            self._lee, self._bailey = _person(unit, "press.lee"), _person(unit, "press.bailey")

    def close(self) -> None:
        """Give the connections back."""
        self._engage.close()

    def write(self, message: Sequence[Planned], *, due: float) -> None:
        """Write a message that is due then (Unix time), submit it, and sign it off unless its fate is otherwise."""
        post, fate = self._written(message, due), message[0].fate
        never = fate is Fate.NEVER
        self._forbid(message, -inf, inf if never else due, Wrong.UNAPPROVED if never else Wrong.EARLY)
        if post.latest is not None:
            self._forbid(message, post.latest.timestamp(), inf, Wrong.LATE)

        def all_of_it(unit: Unit) -> None:
            desk = self._engage.desk(unit)
            if unit.session.scalar(text("SELECT 1 FROM post WHERE id = :id"), {"id": post.id}):
                return  # kept the last time, when the database was lost before it could say so
            acts.create(desk, post, by=self._lee)
            acts.submit(desk, post.id, by=self._lee)
            if not never:
                self._approve(unit, post)

        self._insist(all_of_it)

    def change(self, message: Sequence[Planned]) -> None:
        """What its fate says: an edit, a withdrawal, a charge, a take-down; nothing where it is too late for that."""
        post_id, fate = _id(self._plan, message[0].message), message[0].fate
        try:
            done = self._insist(lambda unit: self._changed(unit, post_id, fate))
        except (
            NotAllowed
        ) as refusal:  # it has left, or may have; or it was done, and the database lost before it said so
            done = not isinstance(refusal, NoSuchPost) and self._was_changed(post_id, fate)
        if done:
            self._forbid(message, time.time(), inf, Wrong.UNAPPROVED)

    def hold(self, hold: PlannedHold) -> None:
        """Hold, wait, lift; sign off again three in four of what the lift sent back."""
        scope = HoldScope(hold.scope.value)
        self._insist(
            lambda unit: place_hold(
                self._engage.desk(unit), unit.regimes, scope, hold.value, reason="tension", by=self._bailey
            )
        )
        in_force = time.time()
        time.sleep(hold.lasts)
        lifted = time.time()
        self._forbid([each for each in self._plan.posts if hold.stops(each)], in_force, lifted, Wrong.HELD)
        sent_back = self._insist(lambda unit: self._lift(unit, scope, hold.value))
        asked_again = time.time()
        for post_id in sent_back:
            signed = self._sign_again(post_id) if post_id.int % 4 else inf
            self._forbid(self._messages[post_id], asked_again, signed, Wrong.UNAPPROVED)

    def overdue(self) -> int:
        """How many deliveries are due and not tried to the end; 0 while the database is away."""
        try:
            with self._engage.transaction() as unit:
                return int(unit.session.scalar(text(_OVERDUE)) or 0)
        except (Unavailable, DBAPIError):
            return 0

    def unfinished(self) -> int:
        """How many deliveries and removals are neither over nor before a person."""
        return self._insist(lambda unit: int(unit.session.scalar(text(_OPEN)) or 0))

    def said(self) -> Mapping[int, Said]:
        """What the ledger says of every post."""
        with self._engage.transaction() as unit:
            posts = unit.session.execute(text("SELECT id, state FROM post")).all()
            rows = unit.session.execute(
                text("SELECT post_id, platform, state, needs_person, receipt_id FROM delivery ORDER BY round")
            ).all()
        deliveries = defaultdict(list)
        for row in rows:
            deliveries[row.post_id].append(row)
        return {
            each.number: _said(each, PostState(post.state), deliveries[post.id])
            for post in posts
            for each in self._messages[post.id]
        }

    def _written(self, message: Sequence[Planned], due: float) -> Post:
        publish_at = datetime.fromtimestamp(due, tz=UTC)
        first = message[0]
        lives = first.lives
        case = {"case": {**_CASE, "cad": f"CAD {first.message}/03OCT"}} if first.fate is Fate.CASE else {}
        return Post(
            id=_id(self._plan, first.message),
            kind=Kind.REASSURANCE if case else Kind.PREVENTION,
            borough=first.borough,
            topic=None if case else "home_burglary",
            variants=tuple(
                Variant(platform=each.platform, account=each.account, parts=(each.words,)) for each in message
            ),
            evidence=tuple(_stated(each, self._lee) for each in message),
            context=case,
            writers=frozenset({self._lee.id}),
            created_by=self._lee.id,
            created_at=publish_at,
            publish_at=publish_at,
            latest=None if lives is None else publish_at + timedelta(seconds=lives),
        )

    def _approve(self, unit: Unit, post: Post) -> None:
        acts.approve(
            self._engage.desk(unit),
            post.id,
            by=self._bailey,
            role=Role.PRESS_OFFICER,
            having_read=post.fingerprint,
        )

    def _changed(self, unit: Unit, post_id: UUID, fate: Fate) -> bool:
        """Whether it was done."""
        desk = self._engage.desk(unit)
        post = unit.posts.get(post_id)
        match fate:
            case Fate.EDITED:
                more = [replace(each, parts=(f"{each.text} Thank you.",)) for each in post.variants]
                acts.edit(
                    desk, post_id, by=self._lee, version=post.version, variants=more, context=post.context
                )
            case Fate.WITHDRAWN:
                acts.withdraw(desk, post_id, by=self._bailey, reason="wrong place")
            case Fate.CASE:
                charged = {"status": "charged", "proceedings_active": True}
                reference = str(post.context["case"]["cad"])
                done = self._engage.case_changed(unit, reference, charged, by=self._bailey)
                return post_id in done.sent_back
            case Fate.TAKEN_DOWN:
                take_down(desk, unit.takedowns, post_id, by=self._bailey, reason="wrong place")
        return True

    def _was_changed(self, post_id: UUID, fate: Fate) -> bool:
        there = {Fate.EDITED: PostState.DRAFT, Fate.WITHDRAWN: PostState.WITHDRAWN}.get(fate)
        return self._insist(lambda unit: unit.posts.get(post_id).state is there)

    def _lift(self, unit: Unit, scope: HoldScope, value: str) -> list[UUID]:
        """Lift every hold like this; where the database was lost in between, there may be two."""
        found: list[UUID] = []
        for hold in unit.regimes.holds():
            if (hold.scope, hold.value) == (scope, value):
                desk, signed_off = self._engage.desk(unit), self._engage.signed_off(unit)
                found += lift_hold(desk, unit.regimes, hold.id, by=self._bailey, signed_off=signed_off)
        return found

    def _sign_again(self, post_id: UUID) -> float:
        """Sign a post off again, in the words it has; the time before which it was not, or never."""
        before = time.time()
        try:
            self._insist(lambda unit: self._approve(unit, unit.posts.get(post_id)))
        except NotAllowed:
            return inf  # somebody changed it meanwhile
        return before

    def _insist(self, work: Callable[[Unit], T]) -> T:
        """Do it in one transaction, again and again while the database is away."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                with self._engage.transaction() as unit:
                    return work(unit)
            except (Unavailable, DBAPIError, NoSuchPost):  # not there: still being written
                if time.monotonic() > give_up:
                    raise
                time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - so that two who wait do not collide for ever

    def _forbid(self, message: Sequence[Planned], start: float, end: float, wrong: Wrong) -> None:
        self.forbidden += [Forbidden(each.number, start, end, wrong) for each in message]


def _id(plan: Plan, message: int) -> UUID:
    return uuid5(_OURS, f"{plan.seed}/{message}")


def _said(planned: Planned, state: PostState, deliveries: Sequence[Any]) -> Said:
    """What the deliveries to one platform amount to; one that is public outweighs all others."""
    here = [each for each in deliveries if each.platform == planned.platform.value]
    states = {D(each.state) for each in here}
    if D.SENT in states:
        return Said.PUBLIC
    if any(D(each.state) is D.UNKNOWN and each.needs_person for each in here):
        return Said.ASKED
    if states & {D.READY, D.LEASED, D.SENDING, D.UNKNOWN}:
        return Said.OPEN
    if any(D(each.state) is D.WITHDRAWN and each.receipt_id for each in here):
        return Said.GONE
    told = state is not PostState.SIGNED_OFF or any(each.needs_person for each in deliveries)
    return Said.PEOPLE if told else Said.OPEN


def _person(unit: Unit, name: str) -> Person:
    person = unit.people.by_id(name)
    if person is None:
        raise AssertionError(f"{name} was not added")
    return person


def _stated(planned: Planned, by: Person) -> Evidence:
    source = StatedSource(stated_by=by.name, stated_at="2026-01-01T12:00")
    return Evidence(field="place", value=f"post {planned.number} in {planned.borough}", source=source)
