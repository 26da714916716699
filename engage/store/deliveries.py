"""The delivery ledger in PostgreSQL: every step kept before it is taken, every answer after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from engage.delivery.ledger import AHEAD, LEASE, LOOK_AGAIN, LOOKS_BEFORE_A_PERSON, Delivery, Intent
from engage.delivery.ports import (
    Absent,
    CannotTell,
    Found,
    Health,
    Lookup,
    NotSent,
    Outcome,
    Receipt,
    Refused,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.errors import BadInput, NotAllowed
from engage.posts.kinds import Kind, Platform
from engage.posts.states import DeliveryState
from engage.signoff.refusals import NoSuchDelivery, NotNeeded
from engage.store import batches
from engage.store.account_health import keep_health
from engage.store.delivery_queue import DeliveryQueue
from engage.store.delivery_rows import ANSWERS, keep_shown
from engage.store.delivery_tables import AccountRow, DeliveryEventRow, DeliveryRow, note
from engage.store.gate import mark_sender, sender_has_ended
from engage.store.takedowns import ask_after_all

D = DeliveryState
_LONGEST_WAIT = timedelta(minutes=5)
_WAY_OUT = (D.READY, D.LEASED, D.SENDING, D.SENT)


class DeliveryStore(DeliveryQueue):
    """The ledger of `engage.delivery.ledger` and what people decide, in the caller's transaction."""

    def take(self, delivery_ids: Collection[UUID], *, worker: str, wait: bool) -> Sequence[Delivery]:
        """Give leased deliveries to this worker, their rows locked until the transaction ends.

        Only in a turn at the gate: the mark that they are this worker's ends with the turn. Whose they are is written
        with what comes of it.
        """
        ids = {"ids": list(delivery_ids)}
        # Posts before their deliveries, as everyone who changes a post does, so that none waits in a circle.
        posts = self._session.scalars(batches.POSTS[wait], ids).all()
        rows = self._locking(batches.LEASED[wait], ids | {"posts": posts})
        now = self.clock()
        due = [row for row in rows if max(row.due_at, row.not_before) <= now + AHEAD]
        marked = mark_sender(self._session, [row.id for row in due])
        taken = [row for row in due if row.id in marked]
        self._taken_by |= dict.fromkeys((row.id for row in taken), worker)
        return [replace(each, fence=each.fence + 1) for each in self._deliveries(taken)]

    def hold(self, deliveries: Collection[Delivery]) -> Sequence[Delivery]:
        """Lock those of these that nobody else has locked."""
        known = {each.id: each for each in deliveries}
        return [known[row.id] for row in self._lock(DeliveryRow.id.in_(known), wait=False)]

    def intend(self, intents: Sequence[Intent], *, now: datetime) -> Sequence[Delivery]:
        """Write in one statement that these requests are about to be made. Raises NotAllowed where one is not ours.

        All are of one `take`.
        """
        if not intents:
            return ()
        sending = [_about_to_leave(each, now) for each in intents]
        (worker,) = {self._taken_by.pop(each.id) for each in sending}
        written = self._session.scalars(
            batches.SENDING,
            {
                "said_id": [each.id for each in sending],
                "said_fence": [each.fence for each in sending],
                "said_prepared": [each.prepared for each in sending],
                "said_price_mills": [each.price_mills for each in intents],
                "taken_by": worker,
                "now": now,
                "until": now + LEASE,
            },
        ).all()
        for each in sending:
            del self._locked[each.id]  # what was read of it is no longer so
        if len(written) < len(sending):
            raise NotAllowed("A delivery was taken by another worker.")
        return sending

    def received(self, receipts: Mapping[UUID, tuple[int, Receipt]]) -> Collection[UUID]:
        """Write these receipts in one statement, for all that are being sent under their fence and that nobody has locked.

        What most requests end in: a campaign has thousands of them.
        """
        if not receipts:
            return ()
        said = {
            "said_id": list(receipts),
            "said_fence": [fence for fence, _ in receipts.values()],
            "said_receipt_id": [receipt.platform_id for _, receipt in receipts.values()],
            "said_receipt_url": [receipt.url for _, receipt in receipts.values()],
        }
        rows = self._session.execute(batches.RECEIVED, said).all()
        if any(row.goes_on for row in rows):
            self._wake()
        return [row.id for row in rows]

    def settle(self, delivery: Delivery, outcome: Outcome, *, now: datetime) -> DeliveryState:
        """Write what became of the request.

        Of a worker that lost its fence, or whose lease ran out while it was talking, only a receipt counts:
        what is public is never left unknown.
        """
        row = self._row(delivery.id)
        if row is None:
            return delivery.state
        ours = row.fence == delivery.fence
        match outcome:
            case Sent(receipt, allowance) if ours and D(row.state) is D.SENDING:
                self._sent(row, receipt, now)
                if allowance is not None and allowance.remaining == 0:
                    self.pause(delivery, until=allowance.resets_at)
            case Sent(receipt):
                self._receipt_came_late(row, receipt, now)
            case _ if ours and D(row.state) in {D.SENDING, D.UNKNOWN}:
                self._did_not_land(row, outcome, now)
        return D(row.state)

    def hand_over(self, delivery: Delivery, *, reason: str, now: datetime) -> DeliveryState:
        """A person has to post it and say where; until then nobody knows whether it is public."""
        row = self._held(delivery)
        self._unknown(row, reason, now)
        row.needs_person, row.look_up_at = True, None
        return D(row.state)

    def put_back(self, delivery: Delivery, *, reason: str, until: datetime, now: datetime) -> None:
        """A leased delivery waits again."""
        row = self._held(delivery)
        row.not_before = until
        self._move(row, D.READY, reason, now)
        self._wake()

    def pause(self, delivery: Delivery, *, until: datetime) -> None:
        """Nothing leaves by the delivery's account before then."""
        account = self._session.get_one(AccountRow, delivery.account_id, with_for_update={"key_share": True})
        account.paused_until = max(until, account.paused_until or until)

    def lapse(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        """A leased delivery will not go."""
        row = self._held(delivery)
        row.needs_person = True
        self._move(row, D.LAPSED, reason, now)

    def unknown(self, delivery_id: UUID) -> Delivery | None:
        """An unknown delivery, locked; None where it is no longer unknown."""
        row = self._row(delivery_id)
        return None if row is None or D(row.state) is not D.UNKNOWN else self._delivery(row)

    def sender_has_ended(self, delivery: Delivery) -> bool:
        """Whether whoever took it can no longer make its request."""
        return sender_has_ended(self._session, delivery.id)

    def looked_up(self, delivery: Delivery, lookup: Lookup, *, settle_seconds: int, now: datetime) -> None:
        """Found is sent, unless it is another delivery's. Absent twice, the second time after the settle time, is ready, once.

        What cannot be told, again and again, waits for a person; at once where there is nobody to ask again.
        """
        row = self._held(delivery)
        row.lookups += 1
        match self._of_its_own(row, lookup):
            case Found(receipt):
                self._sent(row, receipt, now)
            case Absent(shown):
                keep_shown(row, shown, now)
                self._absent(row, timedelta(seconds=settle_seconds), now)
            case CannotTell(reason, shown):
                keep_shown(row, shown, now)
                row.reason = reason
                row.look_up_at = now + _doubling(row.lookups)
                row.needs_person = delivery.account_removed or row.lookups >= LOOKS_BEFORE_A_PERSON

    def undecided(self, delivery_id: UUID) -> Delivery:
        """An unknown delivery, for a person to decide. Raises NotNeeded where it is no longer unknown."""
        return self._delivery(self._for_person(delivery_id))

    def confirm_sent(self, delivery_id: UUID, *, receipt: Receipt, by: str, now: datetime) -> Delivery:
        """A person saw an unknown delivery on the platform, at the receipt's address.

        Raises BadInput where that is another delivery's post: to take this one down would delete that one.
        """
        row = self._for_person(delivery_id)
        if not Platform(row.platform).by_hand and self._is_of_another(row, receipt):
            raise BadInput(
                f"{receipt.url} is another post that Engage sent.",
                where="link",
                remedy="Enter the address of this one, or say that it is not there.",
            )
        self._sent(row, receipt, now, why=f"seen by {by}")
        return self._delivery(row)

    def give_up(self, delivery_id: UUID, *, by: str, now: datetime) -> Delivery:
        """A person decided that an unknown delivery is not to be sent again."""
        row = self._for_person(delivery_id)
        row.needs_person = False
        self._move(row, D.LAPSED, f"given up by {by}", now)
        return self._delivery(row)

    def noticed(self, delivery_id: UUID) -> Delivery:
        """A person has seen why a delivery was refused, lapsed, or waits for a new token."""
        row = self._asked_about(delivery_id)
        if D(row.state) is D.UNKNOWN or not row.needs_person:
            raise NotNeeded("This delivery is not waiting to be noticed.")
        row.needs_person = False
        return self._delivery(row)

    def _held(self, delivery: Delivery) -> DeliveryRow:
        row = self._row(delivery.id)
        if row is not None and delivery.id in self._taken_by:
            row.worker, row.fence = self._taken_by.pop(delivery.id), row.fence + 1
        if row is None or row.fence != delivery.fence:
            raise NotAllowed(f"Delivery {delivery.id} was taken by another worker.")
        return row

    def _for_person(self, delivery_id: UUID) -> DeliveryRow:
        row = self._asked_about(delivery_id)
        if D(row.state) is not D.UNKNOWN:
            stands = D(row.state).label
            raise NotNeeded(f"This delivery is no longer unknown: there is nothing to decide. {stands}.")
        return row

    def _asked_about(self, delivery_id: UUID) -> DeliveryRow:
        row = self._row(delivery_id)
        if row is None:
            raise NoSuchDelivery(f"There is no delivery {delivery_id}.")
        return row

    def _of_its_own(self, row: DeliveryRow, lookup: Lookup) -> Lookup:
        """What was found, without the posts of other deliveries of its account that say the same.

        Where nothing is left nobody can tell. It is not absent: a look goes back minutes only, so another delivery may
        have been given this one's post while its own is older. X and Facebook would refuse the words a second
        time; the others would show them once too often.
        """
        if not isinstance(lookup, Found):
            return lookup
        found = (lookup.receipt, *lookup.also)
        held = self._held_by_others(row, found)
        own = [each for each in found if not held & {None, each.platform_id}]
        if own:
            return Found(own[0])
        return CannotTell(
            f"These words are there, but perhaps only as another delivery's post: {found[0].url}"
        )

    def _is_of_another(self, row: DeliveryRow, receipt: Receipt) -> bool:
        """Whether another delivery of its account has this post, by its id or by the very same address."""
        ids = self._held_by_others(row, [receipt]) - {None}
        others = (DeliveryRow.account_id == row.account_id) & (DeliveryRow.id != row.id)
        there = select(DeliveryRow.id).where(others, DeliveryRow.receipt_url == receipt.url).limit(1)
        return receipt.platform_id in ids or self._session.scalar(there) is not None

    def _sent(self, row: DeliveryRow, receipt: Receipt, now: datetime, *, why: str | None = None) -> None:
        row.receipt_id, row.receipt_url = receipt.platform_id, receipt.url
        row.sent_at, row.needs_person = now, False
        came_from = D(row.state)
        self._move(row, D.SENT, why, now)
        row.reason = None
        if row.part + 1 < row.parts or came_from is D.UNKNOWN:
            self._wake()

    def _receipt_came_late(self, row: DeliveryRow, receipt: Receipt, now: datetime) -> None:
        here = D(row.state)
        if here is D.SENT and row.receipt_id == receipt.platform_id:
            return
        why = f"A late answer says that it is public: {receipt.url}"
        if here is D.UNKNOWN or here in _WAY_OUT[:-1]:
            steps = () if here is D.UNKNOWN else _WAY_OUT[_WAY_OUT.index(here) + 1 : -1]
            for there in steps:
                self._move(row, there, why, now)
            self._sent(row, receipt, now, why=why)
            return
        if row.receipt_id is None:
            row.receipt_id, row.receipt_url = receipt.platform_id, receipt.url
        row.reason, row.needs_person = why, True
        ask_after_all(self._session, row.id, now=now)
        note(self._session, row, here, why=why, now=now)
        self._wake()

    def _did_not_land(self, row: DeliveryRow, outcome: Outcome, now: datetime) -> None:
        """Anything but a receipt. Once unknown, the look-up decides, unless its own sender knows that it never left."""
        if isinstance(outcome, NotSent | Unknown):
            row.prepared = {**row.prepared, **outcome.learned}
        match outcome:
            case NotSent():
                row.needs_person = False
                self._not_sent(row, outcome, now)
            case _ if D(row.state) is D.UNKNOWN:
                return
            case Refused(reason, code):
                row.needs_person = True
                self._move(row, D.REJECTED, f"{reason} ({code})", now)
            case Unknown(reason):
                self._unknown(row, reason, now)

    def _not_sent(self, row: DeliveryRow, outcome: NotSent, now: datetime) -> None:
        asked = outcome.retry_at
        again = asked if asked is not None and asked > now else now + _doubling(row.attempts)
        row.not_before = again
        account = self._session.get_one(AccountRow, row.account_id)
        if outcome.account_wide:
            account.paused_until = max(again, account.paused_until or again)
        if outcome.token_refused:
            keep_health(account, Health(TokenState.REVOKED, outcome.reason), now=now)
            row.needs_person = True
        self._move(row, D.READY, outcome.reason, now)
        self._wake()

    def _absent(self, row: DeliveryRow, settle: timedelta, now: datetime) -> None:
        settled = (row.unknown_since or now) + settle
        if row.first_absent_at is None or now < settled:
            row.first_absent_at = row.first_absent_at or now
            row.look_up_at = max(now + LOOK_AGAIN, settled)
        elif self._was_sent_again(row):
            row.reason = "absent again after it was sent a second time"
            row.needs_person = True
        else:
            row.not_before = now
            self._move(row, D.READY, "the platform was asked twice and has not got it", now)
            self._wake()

    def _was_sent_again(self, row: DeliveryRow) -> bool:
        query = select(func.count()).where(
            DeliveryEventRow.delivery_id == row.id,
            DeliveryEventRow.came_from == D.UNKNOWN.value,
            DeliveryEventRow.went_to == D.READY.value,
        )
        return bool(self._session.scalar(query))


def _about_to_leave(intent: Intent, now: datetime) -> Delivery:
    """The delivery once its intent is written."""
    was = intent.delivery
    answers = {ANSWERS: was.reply_to or ""} if was.kind == Kind.CORRECTION.value else {}
    return replace(
        was,
        state=D.SENDING,
        reason=None,
        attempts=was.attempts + 1,
        first_attempt_at=was.first_attempt_at or now,
        prepared={**answers, **intent.prepared},
    )


def _doubling(times: int) -> timedelta:
    return min(LOOK_AGAIN * float(2 ** min(times, 8)), _LONGEST_WAIT)
