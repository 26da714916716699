"""What will happen, drawn from one seed: every post with its fate, every hold, every fault. Times are seconds.

The posts of a plan fall due over `window` seconds after `LEAD`; the faults happen over the same seconds.
What the machine makes of them differs from run to run; what is asked of it, and in which order, does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, groupby, islice
from random import Random

from engage.posts.kinds import Platform
from engage.posts.places import BOROUGHS
from tests.demo.people import handle
from tests.faults.steps import STEPS

PLATFORMS = (Platform.X, Platform.FACEBOOK, Platform.MASTODON, Platform.BLUESKY)
WORKERS = 3
DISPATCHERS = 2
LEAD = 12.0
"""How long before it is due a post is signed off, so that the first ones are there when the clock starts."""

POSTS_A_SECOND = 10.0
FAULTS_A_SECOND = 0.7
MOST_OVERDUE = 200
"""Where a machine is slower than the plan, the plan waits while so many posts are overdue."""

LOST_ANSWERS = ("drop", "accept_then_close", "accept_then_stall", "accept_then_503")
LOST = 0.10
"""The part of all requests to publish whose answer is lost, the four ways in equal parts."""

OVER_THE_LEASE = 75.0
"""A stop so long that the lease of what a worker holds runs out meanwhile, and everything is looked up."""

CLOCKS = (-100, 0, 100)
"""How many seconds the clocks of processes are wrong by; X itself refuses a stamp five minutes off."""


class Fate(StrEnum):
    """What people do with a post besides signing it off."""

    PLAIN = "signed off, nothing else"
    NEVER = "never signed off"
    EDITED = "signed off, then edited"
    WITHDRAWN = "signed off, then withdrawn"
    CASE = "signed off, then its case is charged"
    SHORT = "must leave within seconds"
    TAKEN_DOWN = "taken down once public"


_FATES: Mapping[Fate, float] = {
    Fate.NEVER: 0.03,
    Fate.EDITED: 0.03,
    Fate.WITHDRAWN: 0.03,
    Fate.CASE: 0.02,
    Fate.SHORT: 0.05,
    Fate.TAKEN_DOWN: 0.02,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One post on one platform. `lives` is how long after `due` it may still leave, None for days.

    Those of one `message` are signed off together and share everything but platform and words; `change_at`
    is when people do what its fate says.
    """

    number: int
    message: int
    platform: Platform
    borough: str
    fate: Fate
    due: float
    lives: float | None
    change_at: float

    @property
    def account(self) -> str:
        """The handle it goes out by."""
        return handle(self.borough)

    @property
    def words(self) -> str:
        """Words no other post has, which the policy lets out."""
        where = f"post {self.number} in {self.borough}"
        if self.fate is Fate.CASE:
            return f"We know the robbery near {where} has worried people. Some of you know the thief."
        return f"Home burglary advice, {where}: lock your windows and doors when you go out."


class Scope(StrEnum):
    """How far a planned hold reaches."""

    FORCE = "force"
    BOROUGH = "borough"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class PlannedHold:
    """A hold from `at` for `lasts` seconds; of what it sent back, three in four are signed off again."""

    at: float
    lasts: float
    scope: Scope
    value: str

    def stops(self, post: Planned) -> bool:
        """Whether it reaches this post."""
        return self.scope is Scope.FORCE or self.value in {post.borough, post.platform.value}


class Kind(StrEnum):
    """The kinds of faults, each with the lane of things it happens to."""

    STEP_KILL = "worker killed at a step"
    STEP_STOP = "worker stopped at a step"
    WORKER_KILL = "worker process killed at random"
    WORKER_STOP = "worker process stopped at random"
    MACHINE_KILL = "all of a worker killed, back with another clock"
    DISPATCHER_KILL = "dispatcher killed"
    DISPATCHER_STOP = "dispatcher stopped"
    BROKER_KILL = "broker killed, back with its file"
    BROKER_EMPTY = "broker killed, back without its file"
    BROKER_SILENT = "broker behind a black hole"
    BROKER_CUT = "connections to the broker reset"
    DATABASE_STOP = "database stopped at once"
    DATABASE_SILENT = "database behind a black hole"
    DATABASE_CUT = "connections to the database reset"


_WEIGHTS: Mapping[Kind, int] = {
    Kind.STEP_KILL: 120,
    Kind.STEP_STOP: 100,
    Kind.WORKER_KILL: 60,
    Kind.WORKER_STOP: 50,
    Kind.MACHINE_KILL: 30,
    Kind.DISPATCHER_KILL: 20,
    Kind.DISPATCHER_STOP: 20,
    Kind.BROKER_KILL: 20,
    Kind.BROKER_EMPTY: 20,
    Kind.BROKER_SILENT: 15,
    Kind.BROKER_CUT: 15,
    Kind.DATABASE_STOP: 10,
    Kind.DATABASE_SILENT: 10,
    Kind.DATABASE_CUT: 10,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at `at`, lasting `lasts` seconds where it is mended again. `which` chooses among equals."""

    kind: Kind
    at: float
    lasts: float
    which: int
    step: str = ""

    @property
    def label(self) -> str:
        """Its kind as the table names it; the named steps apart."""
        return f"{self.kind.value.removesuffix(' at a step')} {self.step}" if self.step else self.kind.value


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it, in order of time."""

    seed: int
    window: float
    posts: Sequence[Planned]
    holds: Sequence[PlannedHold]
    faults: Sequence[Fault]

    def messages(self) -> Iterator[Sequence[Planned]]:
        """The posts that are written and signed off together, in order of time."""
        for _, together in groupby(self.posts, key=lambda each: each.message):
            yield list(together)


def drawn(*, posts: int, faults: int, seed: int) -> Plan:
    """The plan of a seed for so many posts and faults."""
    chance = Random(seed)  # noqa: S311 - draws a plan that can be drawn again, not a secret
    window = max(30.0, posts / POSTS_A_SECOND, faults / FAULTS_A_SECOND)
    return Plan(
        seed=seed,
        window=window,
        posts=sorted(islice(_posts(chance, window), posts), key=lambda each: (each.due, each.number)),
        holds=sorted(_holds(chance, window), key=lambda each: each.at),
        faults=sorted(_faults(chance, faults, window), key=lambda each: each.at),
    )


def _posts(chance: Random, window: float) -> Iterator[Planned]:
    for message in count():
        fate = _fate(chance)
        due = LEAD + chance.uniform(0, window)
        early = chance.uniform(-10, -0.05)  # many a change comes when the post is about to leave
        change_at = due + (chance.uniform(3, 20) if fate is Fate.TAKEN_DOWN else early)
        borough = chance.choice(BOROUGHS).name
        lives = chance.uniform(2, 15) if fate is Fate.SHORT else None
        for place, platform in enumerate(PLATFORMS):
            yield Planned(
                number=1 + message * len(PLATFORMS) + place,
                message=message,
                platform=platform,
                borough=borough,
                fate=fate,
                due=due,
                lives=lives,
                change_at=change_at,
            )


def _fate(chance: Random) -> Fate:
    number = chance.random()
    for fate, part in _FATES.items():
        if number < part:
            return fate
        number -= part
    return Fate.PLAIN


def _holds(chance: Random, window: float) -> Iterator[PlannedHold]:
    """One hold about every twelve seconds, most of them on a borough."""
    scopes = (*[Scope.BOROUGH] * 3, Scope.PLATFORM, *[Scope.BOROUGH] * 3, Scope.FORCE)
    for place in range(max(8, round(window / 12))):
        scope = scopes[place % len(scopes)]
        value = {
            Scope.BOROUGH: chance.choice(BOROUGHS).name,
            Scope.PLATFORM: chance.choice(PLATFORMS).value,
            Scope.FORCE: "",
        }[scope]
        lasts = {Scope.BOROUGH: 15.0, Scope.PLATFORM: 6.0, Scope.FORCE: 2.0}[scope]
        yield PlannedHold(LEAD + chance.uniform(0, window), lasts * chance.uniform(0.5, 1.5), scope, value)


def _faults(chance: Random, many: int, window: float) -> Iterator[Fault]:
    """Every kind by its weight, every step in turn, over the whole window."""
    total, given = sum(_WEIGHTS.values()), 0
    for kind, weight in _WEIGHTS.items():
        given += weight
        already = round(many * (given - weight) / total)
        for place in range(round(many * given / total) - already):
            named = kind in {Kind.STEP_KILL, Kind.STEP_STOP}
            yield Fault(
                kind=kind,
                at=LEAD + chance.uniform(0, window),
                lasts=_lasts(chance, kind),
                which=chance.randrange(1_000),
                step=STEPS[place % len(STEPS)] if named else "",
            )


def _lasts(chance: Random, kind: Kind) -> float:
    match kind:
        case Kind.STEP_STOP | Kind.WORKER_STOP:
            return OVER_THE_LEASE if chance.random() < 0.05 else chance.uniform(0.5, 8)
        case Kind.DATABASE_SILENT | Kind.DATABASE_CUT:
            return chance.uniform(0.5, 3)
        case _:
            return chance.uniform(0.3, 4)
