"""The delivery ledger: one variant part to one account, every step kept before it is taken.

PostgreSQL owns the schedule and its clock is the only one. `take` gives a delivery to one worker under
a fence number; `intend` commits that a request is about to be made; `settle` says what became of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from engage.delivery.ports import Account, Lookup, MediaFile, Outcome, Outgoing, Receipt, Shown
from engage.posts.errors import NotAllowed
from engage.posts.kinds import Platform
from engage.posts.post import Media
from engage.posts.states import DeliveryState

LEASE = timedelta(seconds=60)
"""How long a worker may keep a delivery: well over the adapters' ten seconds."""

AHEAD = timedelta(milliseconds=100)
"""How long before its time a delivery is given to a worker: all checks are then done when its time comes.

The policy and the sign-offs are asked as of that time, and the request does not leave before it.
"""

LOOK_AGAIN = timedelta(seconds=5)
"""The first wait before an unknown delivery is looked up; it doubles with every look."""

LOOKS_BEFORE_A_PERSON = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the ledger. Times are UTC; `fence` grows each time somebody takes it.

    `account_refused` says why the platform no longer takes the account's token; nothing is sent with
    it until a person has renewed it. `shown` is what the account showed the public when it was last asked about
    this delivery, at `shown_at`; None where it never answered. `kept_back` says why it does not go again without
    new approval, though it turns out never to have been public.
    """

    id: UUID
    post_id: UUID
    fingerprint: str
    platform: Platform
    account_id: str
    handle: str
    account_paused_until: datetime | None = None
    account_refused: str | None = None
    account_removed: bool = False
    part: int
    parts: int
    text: str
    media: tuple[Media, ...] = ()
    borough: str
    kind: str
    topic: str | None
    state: DeliveryState
    due_at: datetime
    latest: datetime
    not_before: datetime
    fence: int
    attempts: int
    lookups: int
    first_attempt_at: datetime | None = None
    first_absent_at: datetime | None = None
    shown: tuple[Shown, ...] = ()
    shown_at: datetime | None = None
    unknown_since: datetime | None = None
    prepared: Mapping[str, str] = field(default_factory=dict)
    receipt: Receipt | None = None
    reason: str | None = None
    kept_back: str | None = None
    reply_to: str | None = None
    needs_person: bool = False

    @property
    def handed_over(self) -> bool:
        """Whether a person is to post it, and nobody has said yet what became of it."""
        return self.state is DeliveryState.UNKNOWN and self.platform.by_hand

    @property
    def leaves_at(self) -> datetime:
        """When its request may leave: its time, or later where the platform asked to wait."""
        return max(self.due_at, self.not_before)

    def outgoing(self, account: Account, *, now: datetime, pictures: tuple[MediaFile, ...] = ()) -> Outgoing:
        """The request this delivery stands for; a look-up needs no pictures."""
        return Outgoing(
            delivery_id=self.id,
            account=account,
            text=self.text,
            media=pictures,
            reply_to=self.reply_to,
            idempotency_key=str(self.id),
            prepared=self.prepared,
            first_attempt_at=self.first_attempt_at or now,
        )

    def to_json(self) -> dict[str, Any]:
        """The delivery as JSON types."""
        return {
            "id": str(self.id),
            "platform": self.platform.value,
            "account": self.handle,
            "part": self.part,
            "parts": self.parts,
            "text": self.text,
            "media": [each.to_json() for each in self.media],
            "fingerprint": self.fingerprint,
            "state": self.state.value,
            "due_at": self.due_at.isoformat(),
            "latest": self.latest.isoformat(),
            "attempts": self.attempts,
            "receipt": None
            if self.receipt is None
            else {"id": self.receipt.platform_id, "url": self.receipt.url},
            "reason": self.reason,
            "needs_person": self.needs_person,
        }


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing stands against sending it now. `price_mills`: what the platform charges for it, None where nothing."""

    price_mills: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """It must wait, and may go later: a hold, a switched-off platform."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """It must not go as it is: a person has to look at it again."""

    reason: str


Answer = Go | Wait | Stop


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that is about to be made: what was prepared for it, and its price."""

    delivery: Delivery
    prepared: Mapping[str, str]
    price_mills: int | None = None


class Withheld(NotAllowed):
    """It was handed to a person, who must not post it as things stand now."""


class Gate(Protocol):
    """The last question before the request, asked under the delivery's row lock."""

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        """Read at once, now that these are locked, what the answers about them will need."""

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        """Whether it may leave at this moment."""

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        """Tell the post's people that it did not go."""


class Ledger(Protocol):
    """The rows, in one transaction. Every method that changes a row writes its history too."""

    def clock(self) -> datetime:
        """The database's time, UTC: the one clock all machines share."""

    def claim(self, count: int, *, by: str, now: datetime) -> Sequence[UUID]:
        """Lease up to `count` deliveries that are due, or will be in a moment, each to one claimer; give their ids."""

    def give_back(self, delivery_ids: Sequence[UUID], *, by: str, now: datetime) -> None:
        """What `by` claimed and no worker has taken is ready again at once."""

    def take(self, delivery_ids: Collection[UUID], *, worker: str, wait: bool) -> Sequence[Delivery]:
        """Give leased deliveries to this worker, locked; without those that another has, or that moved on.

        They stay this worker's alone until its turn ends or its connection does, however long it sleeps. What
        somebody is changing is waited for or left out. Who takes more than one must not wait: people lock
        several posts in an order of their own.
        """

    def account(self, account_id: str) -> Account:
        """The account with its credentials in the clear."""

    def picture(self, sha256: str) -> bytes | None:
        """The kept bytes of a picture, or None where they are not kept."""

    def intend(self, intents: Sequence[Intent], *, now: datetime) -> Sequence[Delivery]:
        """Write that these requests are about to be made, and give the deliveries as they stand then, in this order."""

    def hold(self, deliveries: Collection[Delivery]) -> Sequence[Delivery]:
        """Lock those of these that nobody else has locked, and give them."""

    def received(self, receipts: Mapping[UUID, tuple[int, Receipt]]) -> Collection[UUID]:
        """Write these receipts, by delivery and with the fence it was sent under, and give whose were written.

        Left out is what somebody else has locked, and what is no longer being sent under that fence.
        """

    def settle(self, delivery: Delivery, outcome: Outcome, *, now: datetime) -> DeliveryState:
        """Write what became of the request; of a worker that lost its fence, only a receipt counts."""

    def put_back(self, delivery: Delivery, *, reason: str, until: datetime, now: datetime) -> None:
        """A leased delivery waits again."""

    def pause(self, delivery: Delivery, *, until: datetime) -> None:
        """Nothing leaves by the delivery's account before then."""

    def lapse(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        """A leased delivery will not go."""

    def hand_over(self, delivery: Delivery, *, reason: str, now: datetime) -> DeliveryState:
        """A person has to post it and say where; until then nobody knows whether it is public."""

    def expire(self, *, now: datetime) -> int:
        """Give back leases that ran out: leased is ready again, sending is unknown."""

    def overdue(self, *, now: datetime) -> Collection[Delivery]:
        """Lapse what is ready and past its latest time, and give those."""

    def to_look_up(self, count: int, *, now: datetime) -> Sequence[UUID]:
        """Unknown deliveries whose next look-up is due; each is given to one asker."""

    def unknown(self, delivery_id: UUID) -> Delivery | None:
        """An unknown delivery, locked; None where it is no longer unknown."""

    def sender_has_ended(self, delivery: Delivery) -> bool:
        """Whether whoever took it can no longer make its request."""

    def looked_up(self, delivery: Delivery, lookup: Lookup, *, settle_seconds: int, now: datetime) -> None:
        """Write what the platform said when it was asked."""

    def next_due(self, *, now: datetime) -> datetime | None:
        """When there will be something to do next: a delivery to claim, an expiry, a look-up."""
