"""Posts, their sign-offs and the decisions made about them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    Text,
    Uuid,
    and_,
    any_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.policy.decision import Decision
from engage.policy.replay import PastDraft
from engage.posts.evidence import Evidence
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Role
from engage.posts.post import Post, Variant
from engage.posts.states import POST_MOVES, DeliveryState, PostState
from engage.signoff.ports import SignOff
from engage.signoff.refusals import NoSuchPost
from engage.store.base import Base, listed
from engage.store.delivery_tables import DeliveryRow, may_have_been_public
from engage.store.takedowns import may_be_public


class PostRow(Base):
    """A post as it stands now; how it came to stand so is in the record."""

    __tablename__ = "post"
    __table_args__ = (
        Index(
            "ix_post_context", "context", postgresql_using="gin", postgresql_ops={"context": "jsonb_path_ops"}
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    borough: Mapped[str] = mapped_column(Text, index=True)
    topic: Mapped[str | None]
    template: Mapped[str | None]
    state: Mapped[str] = mapped_column(Text, index=True)
    version: Mapped[int]
    variants: Mapped[list[Any]]
    evidence: Mapped[list[Any]]
    context: Mapped[dict[str, Any]]
    writers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    publish_at: Mapped[datetime | None]
    latest: Mapped[datetime | None]
    corrects: Mapped[UUID | None] = mapped_column(ForeignKey("post.id"), index=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)

    def take(self, post: Post) -> None:
        """Write what may change of a post into the row."""
        self.state = post.state.value
        self.version = post.version
        self.variants = [variant.to_json() for variant in post.variants]
        self.evidence = [item.to_json() for item in post.evidence]
        self.context = dict(post.context)
        self.writers = sorted(post.writers)
        self.publish_at = post.publish_at
        self.latest = post.latest

    def post(self) -> Post:
        """The row as the core knows it."""
        return Post(
            id=self.id,
            kind=Kind(self.kind),
            borough=self.borough,
            topic=self.topic,
            template=self.template,
            state=PostState(self.state),
            version=self.version,
            variants=tuple(Variant.from_json(each) for each in self.variants),
            evidence=tuple(Evidence.from_json(each) for each in self.evidence),
            context=self.context,
            writers=frozenset(self.writers),
            publish_at=self.publish_at,
            latest=self.latest,
            corrects=self.corrects,
            created_by=self.created_by,
            created_at=self.created_at,
        )


class SignOffRow(Base):
    """One person's sign-off. It is voided, never deleted."""

    __tablename__ = "signoff"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    fingerprint: Mapped[str]
    role: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    policy_hash: Mapped[str]
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_why: Mapped[str | None]

    def signoff(self) -> SignOff:
        """The row as the core knows it."""
        return SignOff(
            post_id=self.post_id,
            fingerprint=self.fingerprint,
            role=Role(self.role),
            by=self.by,
            policy_hash=self.policy_hash,
            at=self.at,
            expires_at=self.expires_at,
        )


class DecisionRow(Base):
    """One decision with the exact question it answered, so that another policy can be asked the same."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    moment: Mapped[str]
    platform: Mapped[str]
    question: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    policy_hash: Mapped[str]
    at: Mapped[datetime]


_IDS = listed("ids", Uuid)  # built once: a batch is sent by these
_THESE_POSTS = select(PostRow).where(PostRow.id == any_(_IDS))
_THEIR_SIGN_OFFS = (
    select(SignOffRow)
    .where(SignOffRow.post_id == any_(_IDS), SignOffRow.voided_at.is_(None))
    .order_by(SignOffRow.id)
)
_ENDED = [state.value for state, moves in POST_MOVES.items() if not moves]
_STILL_TO_GO = [
    each.value
    for each in (DeliveryState.READY, DeliveryState.LEASED, DeliveryState.SENDING, DeliveryState.UNKNOWN)
]


class PostStore:
    """Reads and keeps posts in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, post: Post) -> None:
        """Keep a new post."""
        row = PostRow(
            id=post.id,
            kind=post.kind.value,
            borough=post.borough,
            topic=post.topic,
            template=post.template,
            corrects=post.corrects,
            created_by=post.created_by,
            created_at=post.created_at,
        )
        row.take(post)
        self._session.add(row)
        self._session.flush()

    def get(self, post_id: UUID) -> Post:
        """The post as it stands. Raises NoSuchPost."""
        return self._row(post_id).post()

    def each(self, post_ids: Collection[UUID]) -> Mapping[UUID, Post]:
        """These posts as they stand."""
        rows = self._session.scalars(_THESE_POSTS, {"ids": list(post_ids)})
        return {row.id: row.post() for row in rows}

    def for_change(self, post_id: UUID) -> Post:
        """The post, locked until the transaction ends. Raises NoSuchPost."""
        return self._row(post_id, lock=True).post()

    def save(self, post: Post) -> None:
        """Keep a post that `for_change` gave."""
        self._row(post.id).take(post)
        self._session.flush()

    def by_state(
        self, states: Collection[PostState], *, boroughs: Collection[str] | None = None
    ) -> list[Post]:
        """Posts in any of these states, oldest first; only of these boroughs where they are given.

        Who changes many locks them in this order, which is the same for all.
        """
        query = select(PostRow).where(PostRow.state.in_([state.value for state in states]))
        if boroughs is not None:
            query = query.where(PostRow.borough.in_(boroughs))
        in_order = query.order_by(PostRow.created_at, PostRow.id)
        return [row.post() for row in self._session.scalars(in_order)]

    def begun_since(self, moment: datetime, states: Collection[PostState]) -> list[Post]:
        """Posts begun at or after a moment, or to be published after it, that stand in any of these states."""
        query = select(PostRow).where(
            PostRow.state.in_([state.value for state in states]),
            or_(PostRow.created_at >= moment, PostRow.publish_at >= moment),
        )
        return [row.post() for row in self._session.scalars(query.order_by(PostRow.created_at))]

    def still_to_go(self) -> list[Post]:
        """The posts signed off of which something waits, or may wait again once it is known, oldest first.

        Read from what is open in the ledger: most posts that were ever signed off are public.
        """
        to_go = select(DeliveryRow.post_id).where(DeliveryRow.state.in_(_STILL_TO_GO))
        query = select(PostRow).where(PostRow.id.in_(to_go), PostRow.state == PostState.SIGNED_OFF.value)
        return [row.post() for row in self._session.scalars(query.order_by(PostRow.created_at))]

    def by_writer(self, person_id: str) -> list[Post]:
        """Posts this person wrote any of, newest first."""
        query = select(PostRow).where(PostRow.writers.contains([person_id]))
        return [row.post() for row in self._session.scalars(query.order_by(PostRow.created_at.desc()))]

    def public_about(self, reference: str) -> list[Post]:
        """The posts about a case, or a missing person, of which some is or may be public now, oldest first.

        Also what a late answer showed to be public after it had been given up.
        """
        query = (
            select(PostRow)
            .where(
                or_(*(PostRow.context.contains(each) for each in _recorded(reference))),
                select(DeliveryRow.id).where(DeliveryRow.post_id == PostRow.id, may_be_public()).exists(),
            )
            .order_by(PostRow.created_at, PostRow.id)
        )
        return [row.post() for row in self._session.scalars(query)]

    def corrections_of(self, post_id: UUID) -> list[Post]:
        """The posts that correct this one, oldest first."""
        query = select(PostRow).where(PostRow.corrects == post_id).order_by(PostRow.created_at)
        return [row.post() for row in self._session.scalars(query)]

    def corrected(self, post_ids: Collection[UUID]) -> Mapping[UUID, bool]:
        """Those of these posts that a correction is written of: whether one is public, may be, or was.

        Without corrections that were discarded before anybody saw them.
        """
        seen = may_have_been_public()
        public = func.coalesce(func.bool_or(and_(DeliveryRow.id.is_not(None), seen)), False)
        query = (
            select(PostRow.corrects, public)
            .outerjoin(DeliveryRow, DeliveryRow.post_id == PostRow.id)
            .where(PostRow.corrects.in_(post_ids), or_(PostRow.state.not_in(_ENDED), seen))
            .group_by(PostRow.corrects)
        )
        return {corrected: seen for corrected, seen in self._session.execute(query) if corrected}

    def published_about(self, reference: str, *, besides: UUID) -> list[tuple[Kind, Platform, str]]:
        """Every text of other posts about a case, or a missing person, that has been public, also if it is gone."""
        query = (
            select(PostRow.kind, DeliveryRow.platform, DeliveryRow.text)
            .join(DeliveryRow, DeliveryRow.post_id == PostRow.id)
            .where(
                or_(*(PostRow.context.contains(each) for each in _recorded(reference))),
                PostRow.id != besides,
                DeliveryRow.first_attempt_at.is_not(None),
            )
            .order_by(DeliveryRow.first_attempt_at)
        )
        return [
            (Kind(kind), Platform(platform), words) for kind, platform, words in self._session.execute(query)
        ]

    def all_for_policy(self) -> Iterator[PastDraft]:
        """Each decision with its question, newest first: what a replay asks again."""
        query = select(DecisionRow).order_by(DecisionRow.id.desc()).execution_options(yield_per=500)
        for row in self._session.scalars(query):
            yield PastDraft(
                post_id=str(row.post_id), moment=row.moment, question=row.question, answer=row.answer
            )

    def decided(
        self,
        post_id: UUID,
        *,
        moment: str,
        platform: str,
        question: dict[str, Any],
        answer: Decision,
        at: datetime,
    ) -> None:
        """Append one decision."""
        self._session.add(
            DecisionRow(
                post_id=post_id,
                moment=moment,
                platform=platform,
                question=question,
                answer=answer.to_json(),
                policy_hash=answer.policy.hash,
                at=at,
            )
        )

    def _row(self, post_id: UUID, *, lock: bool = False) -> PostRow:
        query = select(PostRow).where(PostRow.id == post_id)
        row = self._session.scalar(
            query.with_for_update().execution_options(populate_existing=True) if lock else query
        )
        if row is None:
            raise NoSuchPost(f"There is no post {post_id}.")
        return row


def _recorded(reference: str) -> Iterator[dict[str, Any]]:
    """How a post's context may record that it is about this case, or this missing person."""
    for written in _written(reference):
        yield {"case": {"cad": written}}
        yield {"missing": {"ref": written}}


def _written(reference: str) -> tuple[str, str]:
    """How a case's reference may stand in a post."""
    return reference, f"CAD {reference}"


class SignOffStore:
    """Keeps sign-offs in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, post_id: UUID) -> Sequence[SignOff]:
        """The sign-offs nothing has voided, oldest first."""
        query = select(SignOffRow).where(SignOffRow.post_id == post_id, SignOffRow.voided_at.is_(None))
        return [row.signoff() for row in self._session.scalars(query.order_by(SignOffRow.id))]

    def of_each(self, post_ids: Collection[UUID]) -> Mapping[UUID, Sequence[SignOff]]:
        """The sign-offs of these posts that nothing has voided, oldest first."""
        found: dict[UUID, list[SignOff]] = {each: [] for each in post_ids}
        for row in self._session.scalars(_THEIR_SIGN_OFFS, {"ids": list(post_ids)}):
            found[row.post_id].append(row.signoff())
        return found

    def add(self, signoff: SignOff) -> None:
        """Keep one more."""
        self._session.add(
            SignOffRow(
                post_id=signoff.post_id,
                fingerprint=signoff.fingerprint,
                role=signoff.role.value,
                by=signoff.by,
                policy_hash=signoff.policy_hash,
                at=signoff.at,
                expires_at=signoff.expires_at,
            )
        )
        self._session.flush()

    def void(self, post_id: UUID, *, why: str, at: datetime) -> int:
        """Void every sign-off of a post and say how many fell."""
        fallen = self._session.scalars(
            update(SignOffRow)
            .where(SignOffRow.post_id == post_id, SignOffRow.voided_at.is_(None))
            .values(voided_at=at, voided_why=why)
            .returning(SignOffRow.id)
        )
        return len(fallen.all())
