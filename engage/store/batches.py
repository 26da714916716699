"""The statements with which a batch is sent, each built once.

Whatever a statement is about comes as arrays, so its words never change, however large the batch: SQLAlchemy
compiles it once, and the database plans it once for each connection.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from engage.posts.states import DeliveryState, delivery_moved
from engage.store.base import UtcTime, listed
from engage.store.delivery_tables import AccountRow, DeliveryRow, noted
from engage.store.posts import PostRow

D = DeliveryState


def _rows_of(**columns: type[TypeEngine[Any]]) -> TableValuedAlias:
    """Arrays of one length as rows. SQLAlchemy would set a column that a parameter is named after: each is said_NAME."""
    named = [column(name, of) for name, of in columns.items()]
    arrays = [cast(listed(f"said_{name}", of), ARRAY(of)) for name, of in columns.items()]
    return func.unnest(*arrays).table_valued(*named).render_derived("said")


_IDS: Final = listed("ids", Uuid)


def _posts(*, wait: bool) -> Select[UUID]:
    of_these = select(DeliveryRow.post_id).where(DeliveryRow.id == any_(_IDS))
    found = select(PostRow.id).where(PostRow.id.in_(of_these))
    return found.with_for_update(read=True, key_share=True, skip_locked=not wait)


def _leased(*, wait: bool) -> Select[DeliveryRow]:
    return (
        select(DeliveryRow)
        .where(
            DeliveryRow.id == any_(_IDS),
            DeliveryRow.post_id == any_(listed("posts", Uuid)),
            DeliveryRow.worker.is_(None),
            DeliveryRow.state == D.LEASED.value,
        )
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    )


POSTS: Final[Mapping[bool, Select[UUID]]] = {wait: _posts(wait=wait) for wait in (True, False)}
"""Lock the posts of deliveries `ids`; waiting for them, or leaving out those that somebody has."""

LEASED: Final[Mapping[bool, Select[DeliveryRow]]] = {wait: _leased(wait=wait) for wait in (True, False)}
"""Lock those of the deliveries `ids` of the posts `posts` that no worker has; waiting, or leaving out."""

ACCOUNTS: Final = select(AccountRow).where(AccountRow.id == any_(listed("ids", Text)))
"""The accounts `ids`."""


def _sending() -> Select[UUID]:
    said = _rows_of(id=Uuid, fence=BigInteger, prepared=JSONB, price_mills=Integer)
    until, worker = bindparam("until", type_=UtcTime), bindparam("taken_by", type_=Text)
    now = bindparam("now", type_=UtcTime)
    sending = (
        update(DeliveryRow)
        .where(
            DeliveryRow.id == said.c.id,
            DeliveryRow.fence == said.c.fence - 1,
            DeliveryRow.state == D.LEASED.value,
        )
        .values(
            state=delivery_moved(D.LEASED, D.SENDING).value,
            reason=None,
            worker=worker,
            leased_until=until,
            fence=said.c.fence,
            attempts=DeliveryRow.attempts + 1,
            first_attempt_at=func.coalesce(DeliveryRow.first_attempt_at, now),
            prepared=said.c.prepared,
            price_mills=func.coalesce(said.c.price_mills, DeliveryRow.price_mills),
        )
        .returning(DeliveryRow.id, DeliveryRow.fence, DeliveryRow.worker)
        .cte("sending")
    )
    moves = noted(sending, D.LEASED, D.SENDING, at=now, by=sending.c.worker).cte("moves")
    return select(sending.c.id).add_cte(moves)


SENDING: Final = _sending()
"""Write the intents: `said_id`, `said_fence` (one more than the row's), `said_prepared` and `said_price_mills` of each,
and for all `taken_by`, `now` and `until`. Gives the ids of those that were ours to send."""


def _received() -> Select[UUID, bool]:
    said = _said_now(_rows_of(id=Uuid, fence=BigInteger, receipt_id=Text, receipt_url=Text))
    free = (
        select(DeliveryRow.id)
        .join(said, said.c.id == DeliveryRow.id)
        .where(DeliveryRow.state == D.SENDING.value, DeliveryRow.fence == said.c.fence)
        .with_for_update(skip_locked=True, of=DeliveryRow)
        .cte("free")
    )
    sent = (
        update(DeliveryRow)
        .where(DeliveryRow.id == free.c.id, DeliveryRow.id == said.c.id)
        .values(
            state=delivery_moved(D.SENDING, D.SENT).value,
            receipt_id=said.c.receipt_id,
            receipt_url=said.c.receipt_url,
            sent_at=said.c.at,
            needs_person=False,
            reason=None,
        )
        .returning(
            DeliveryRow.id,
            DeliveryRow.fence,
            DeliveryRow.worker,
            DeliveryRow.sent_at,
            (DeliveryRow.part + 1 < DeliveryRow.parts).label("goes_on"),
        )
        .cte("sent")
    )
    moves = noted(sent, D.SENDING, D.SENT, at=sent.c.sent_at, by=sent.c.worker).cte("moves")
    return select(sent.c.id, sent.c.goes_on).add_cte(moves)


def _said_now(said: TableValuedAlias) -> CTE:
    """These rows, with one time for all."""
    return select(*said.c, func.statement_timestamp(type_=UtcTime).label("at")).cte("said_now")


RECEIVED: Final = _received()
"""Write the receipts: `said_id`, `said_fence`, `said_receipt_id` and `said_receipt_url` of each. Gives those that were
being sent under that fence and that nobody has locked, and whether a part of a thread comes after each."""
