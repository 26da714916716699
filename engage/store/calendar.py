"""What goes out when, went out or should have: posts by the time they are for, with the campaign that made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from engage.posts.kinds import Kind, Platform
from engage.posts.post import Variant
from engage.posts.states import DeliveryState, PostState
from engage.store.campaigns import CampaignRow, OccurrenceRow
from engage.store.delivery_tables import DeliveryRow
from engage.store.posts import PostRow

_SHOWN = [each.value for each in (PostState.AWAITING, PostState.SIGNED_OFF, PostState.LAPSED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOut:
    """One post and its time (UTC). `published` says that all of it is public; `campaign` what made it, if one did."""

    post_id: UUID
    kind: Kind
    borough: str
    text: str
    platforms: tuple[Platform, ...]
    at: datetime
    latest: datetime | None
    state: PostState
    published: bool
    campaign: UUID | None = None
    campaign_title: str = ""


def going_out(session: Session, start: datetime, end: datetime) -> Sequence[GoesOut]:
    """Posts for a time from `start` up to, not including, `end`: awaiting sign-off, signed off or lapsed, in order.

    A post signed off for no time in particular stands at the time its deliveries were due.
    """
    due = select(func.min(DeliveryRow.due_at)).where(DeliveryRow.post_id == PostRow.id).scalar_subquery()
    when = func.coalesce(PostRow.publish_at, due)
    planned = and_(DeliveryRow.post_id == PostRow.id, DeliveryRow.state != DeliveryState.WITHDRAWN.value)
    in_time = or_(
        and_(PostRow.publish_at >= start, PostRow.publish_at < end),
        and_(PostRow.publish_at.is_(None), due >= start, due < end),
    )
    rows = session.execute(
        select(
            PostRow.id,
            PostRow.kind,
            PostRow.borough,
            PostRow.variants,
            PostRow.latest,
            PostRow.state,
            when.label("at"),
            and_(
                exists().where(planned),
                ~exists().where(planned, DeliveryRow.state != DeliveryState.SENT.value),
            ).label("published"),
            CampaignRow.id.label("campaign"),
            CampaignRow.title,
        )
        .outerjoin(OccurrenceRow, OccurrenceRow.post_id == PostRow.id)
        .outerjoin(CampaignRow, CampaignRow.id == OccurrenceRow.campaign_id)
        .where(PostRow.state.in_(_SHOWN), in_time)
        .order_by(when, PostRow.borough)
    )
    return [_goes_out(row) for row in rows]


def _goes_out(row: object) -> GoesOut:
    found = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's public name for a row by column
    variants = [Variant.from_json(each) for each in found["variants"]]
    return GoesOut(
        post_id=found["id"],
        kind=Kind(found["kind"]),
        borough=found["borough"],
        text=min((variant.text for variant in variants), key=len, default=""),
        platforms=tuple(variant.platform for variant in variants),
        at=found["at"],
        latest=found["latest"],
        state=PostState(found["state"]),
        published=found["published"] and found["state"] == PostState.SIGNED_OFF.value,
        campaign=found["campaign"],
        campaign_title=found["title"] or "",
    )
