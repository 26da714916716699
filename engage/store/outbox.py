"""Where sign-off leaves approved work, in its own transaction, and takes back what has not left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.posts.errors import NotAllowed
from engage.posts.kinds import Platform
from engage.posts.post import Post, Variant
from engage.posts.states import MAY_BE_PUBLIC, DeliveryState
from engage.signoff.refusals import AlreadyLeft
from engage.store.delivery_tables import DUE_CHANNEL, AccountRow, DeliveryRow, move, note
from engage.store.takedowns import may_be_public

D = DeliveryState


class Outbox:
    """The outbox of `engage.signoff.ports`, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def plan(self, post: Post, *, due_at: datetime, latest: datetime, now: datetime) -> int:
        """Leave one delivery for each account and part of an approved post.

        The first part of a thread carries the pictures. Raises NotAllowed where a variant names an account
        there is not, AlreadyLeft where some of it proved to be public after it had come back to people.
        """
        self._must_not_be_public(post.id)
        round_ = 1 + (
            self._session.scalar(select(func.max(DeliveryRow.round)).where(DeliveryRow.post_id == post.id))
            or 0
        )
        rows = [
            self._planned(post, variant, part, round_=round_, due_at=due_at, latest=latest)
            for variant in post.variants
            for part in range(len(variant.parts))
        ]
        self._session.add_all(rows)
        self._session.flush()
        for row in rows:
            note(self._session, row, None, why="planned", now=now)
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))
        return len(rows)

    def _must_not_be_public(self, post_id: UUID) -> None:
        there = select(DeliveryRow.receipt_url).where(
            DeliveryRow.post_id == post_id, DeliveryRow.receipt_url.is_not(None), may_be_public()
        )
        url = self._session.scalar(there.limit(1))
        if url is not None:
            raise AlreadyLeft(f"Some of this post is public: {url} Correct it or take it down instead.")

    def _planned(
        self, post: Post, variant: Variant, part: int, *, round_: int, due_at: datetime, latest: datetime
    ) -> DeliveryRow:
        account_id = f"{variant.platform.value}:{variant.account}"
        account = self._session.get(AccountRow, account_id)
        if account is None or account.removed_at is not None:
            raise NotAllowed(
                f"There is no account “{variant.account}” on {variant.platform.label}. "
                "Choose another for this variant, or have it added."
            )
        return DeliveryRow(
            id=uuid4(),
            post_id=post.id,
            fingerprint=post.fingerprint,
            round=round_,
            platform=variant.platform.value,
            account_id=account_id,
            part=part,
            parts=len(variant.parts),
            text=variant.parts[part],
            media=[each.to_json() for each in variant.media] if part == 0 else [],
            borough=post.borough,
            kind=post.kind.value,
            topic=post.topic,
            state=D.READY.value,
            due_at=due_at,
            latest=latest,
            not_before=due_at,
        )

    def recall(self, post_id: UUID, *, why: str, now: datetime) -> None:
        """Take back what has not left. Raises AlreadyLeft where any part has, or may have."""
        rows = self._locked(post_id)
        if any(D(row.state) in MAY_BE_PUBLIC for row in rows):
            raise AlreadyLeft("Some of this post is public, or may be. Correct it or take it down instead.")
        self._withdraw(rows, why, now)

    def recall_rest(
        self, post_id: UUID, *, why: str, now: datetime, tell: bool = False, by_hand_too: bool = True
    ) -> int:
        """Take back what has not left of a post of which some has; say how much that was not taken back before.

        What may be public stays as it is, but does not go again should it turn out not to be. Where told to, what was
        waiting is put before a person. `by_hand_too`: also what was handed to people, who are otherwise told whenever
        they look whether to post it.
        """
        rows = self._locked(post_id)
        waiting = self._withdraw(rows, why, now)
        for row in waiting:
            row.needs_person = tell
        unknown = [row for row in rows if D(row.state) in {D.SENDING, D.UNKNOWN}]
        kept = [row for row in unknown if by_hand_too or not Platform(row.platform).by_hand]
        newly = sum(row.kept_back is None for row in kept)
        for row in kept:
            row.kept_back = why
        return len(waiting) + newly

    def look_again(self, post_id: UUID, *, why: str, now: datetime) -> int:
        """Put what is public of a post before a person, with the reason; say how much that is."""
        public = [row for row in self._locked(post_id) if D(row.state) is D.SENT]
        for row in public:
            row.needs_person, row.reason = True, why
            note(self._session, row, D.SENT, why=why, now=now)
        return len(public)

    def _withdraw(self, rows: Sequence[DeliveryRow], why: str, now: datetime) -> Sequence[DeliveryRow]:
        waiting = [row for row in rows if D(row.state) in {D.READY, D.LEASED}]
        for row in waiting:
            move(self._session, row, D.WITHDRAWN, why=why, now=now)
        return waiting

    def _locked(self, post_id: UUID) -> Sequence[DeliveryRow]:
        query = select(DeliveryRow).where(DeliveryRow.post_id == post_id).order_by(DeliveryRow.id)
        return self._session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
