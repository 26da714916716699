"""Pictures as they will be posted, by the hash of their bytes. What nothing carries any more is forgotten."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, Text, delete, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.store.base import Base
from engage.store.delivery_tables import DeliveryRow
from engage.store.posts import PostRow


class PictureRow(Base):
    """One encoded picture; the file it was made from is not kept."""

    __tablename__ = "picture"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    content_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    original: Mapped[str] = mapped_column(Text, comment="SHA-256 of the file it was made from")
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """What is known of a kept picture: its hash and type, pixels and bytes, and who uploaded it when (UTC)."""

    sha256: str
    content_type: str
    width: int
    height: int
    bytes: int
    original: str
    uploaded_by: str
    uploaded_at: datetime

    def to_json(self) -> dict[str, str | int]:
        """The picture as JSON types, without its bytes."""
        return {
            "sha256": self.sha256,
            "content_type": self.content_type,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "original": self.original,
            "uploaded_by": self.uploaded_by,
            "uploaded_at": self.uploaded_at.isoformat(),
        }


class PictureStore:
    """Keeps pictures in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, picture: KeptPicture, content: bytes) -> None:
        """Keep a picture; the same bytes are kept once, under whoever uploaded them first."""
        values = {name: getattr(picture, name) for name in KeptPicture.__slots__}
        added = insert(PictureRow).values(**values, content=content)
        # Writing the key over itself locks the row: whoever would forget it now waits and sees our post.
        same = added.on_conflict_do_update(index_elements=["sha256"], set_={"sha256": added.excluded.sha256})
        self._session.execute(same)

    def content(self, sha256: str) -> bytes | None:
        """The bytes under a hash, or None."""
        return self._session.scalar(select(PictureRow.content).where(PictureRow.sha256 == sha256))

    def known(self, hashes: Collection[str]) -> Mapping[str, KeptPicture]:
        """What is known of those that are kept, by hash."""
        rows = self._session.scalars(select(PictureRow).where(PictureRow.sha256.in_(hashes)))
        return {row.sha256: _kept(row) for row in rows}

    def forget_unused(self, hashes: Collection[str]) -> int:
        """Delete those that no post shows and no delivery was ever planned with; say how many."""
        locked = self._session.scalars(
            select(PictureRow.sha256).where(PictureRow.sha256.in_(hashes)).with_for_update()
        ).all()
        unused = [sha256 for sha256 in locked if not self._used(sha256)]
        self._session.execute(delete(PictureRow).where(PictureRow.sha256.in_(unused)))
        return len(unused)

    def _used(self, sha256: str) -> bool:
        shown = select(PostRow.id).where(PostRow.variants.contains([{"media": [{"sha256": sha256}]}]))
        with_pictures = DeliveryRow.media != literal([], JSONB)
        planned = select(DeliveryRow.id).where(
            with_pictures, DeliveryRow.media.contains([{"sha256": sha256}])
        )
        return any(self._session.scalar(each.limit(1)) is not None for each in (shown, planned))


def _kept(row: PictureRow) -> KeptPicture:
    return KeptPicture(**{name: getattr(row, name) for name in KeptPicture.__slots__})
