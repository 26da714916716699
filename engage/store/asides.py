"""Rules set aside for one post in exactly its words: appended, never changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.signoff.setting_aside import SetAside
from engage.store.base import Base


class SetAsideRow(Base):
    """One rule set aside for one fingerprint."""

    __tablename__ = "rule_set_aside"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    fingerprint: Mapped[str]
    rule: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    at: Mapped[datetime]

    def aside(self) -> SetAside:
        """The row as the core knows it."""
        return SetAside(
            post_id=self.post_id,
            fingerprint=self.fingerprint,
            rule=self.rule,
            by=self.by,
            reason=self.reason,
            at=self.at,
        )


class AsideStore:
    """Keeps them in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, post_id: UUID) -> Sequence[SetAside]:
        """Those of a post, oldest first."""
        return self.of_each([post_id])[post_id]

    def of_each(self, post_ids: Collection[UUID]) -> Mapping[UUID, Sequence[SetAside]]:
        """Those of these posts, oldest first."""
        query = select(SetAsideRow).where(SetAsideRow.post_id.in_(post_ids)).order_by(SetAsideRow.id)
        found: dict[UUID, list[SetAside]] = {each: [] for each in post_ids}
        for row in self._session.scalars(query):
            found[row.post_id].append(row.aside())
        return found

    def add(self, aside: SetAside) -> None:
        """Keep one more."""
        self._session.add(
            SetAsideRow(
                post_id=aside.post_id,
                fingerprint=aside.fingerprint,
                rule=aside.rule,
                by=aside.by,
                reason=aside.reason,
                at=aside.at,
            )
        )
        self._session.flush()
