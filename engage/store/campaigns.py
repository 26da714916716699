"""Campaigns and each time they come round: one row for a campaign, a borough and a moment, whoever writes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.posts.campaign import Campaign, CampaignState, Occurrence
from engage.posts.kinds import Platform
from engage.posts.post import Post
from engage.posts.recurrence import Recurrence
from engage.posts.states import PostState
from engage.signoff.refusals import NoSuchCampaign
from engage.store.base import Base
from engage.store.gate import close_gate
from engage.store.posts import PostRow


class CampaignRow(Base):
    """A campaign as it stands now. `first` is London's wall clock, so it is kept as it was said."""

    __tablename__ = "campaign"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    rule: Mapped[str]
    first: Mapped[str]
    template: Mapped[str]
    topic: Mapped[str | None]
    stated: Mapped[dict[str, Any]]
    boroughs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    platforms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str]
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    def campaign(self) -> Campaign:
        """The row as the core knows it."""
        return Campaign(
            id=self.id,
            title=self.title,
            recurrence=Recurrence.read(self.rule, first=datetime.fromisoformat(self.first)),
            template=self.template,
            topic=self.topic,
            stated=self.stated,
            boroughs=tuple(self.boroughs),
            platforms=tuple(Platform(each) for each in self.platforms),
            state=CampaignState(self.state),
            created_by=self.created_by,
            created_at=self.created_at,
        )


class OccurrenceRow(Base):
    """One time a campaign comes round in a borough: the post it made, or why it could make none."""

    __tablename__ = "campaign_occurrence"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    borough: Mapped[str] = mapped_column(Text, primary_key=True)
    due: Mapped[datetime] = mapped_column(primary_key=True)
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey("post.id"), unique=True)
    problem: Mapped[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One time a campaign comes round: its post, or the problem that left it without one."""

    occurrence: Occurrence
    post: Post | None = None
    problem: str = ""


class CampaignStore:
    """Reads and keeps campaigns in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, campaign: Campaign) -> None:
        """Keep a new campaign."""
        self._session.add(
            CampaignRow(
                id=campaign.id,
                title=campaign.title,
                rule=campaign.recurrence.rule,
                first=campaign.recurrence.first.isoformat(timespec="minutes"),
                template=campaign.template,
                topic=campaign.topic,
                stated=dict(campaign.stated),
                boroughs=list(campaign.boroughs),
                platforms=[each.value for each in campaign.platforms],
                state=campaign.state.value,
                created_by=campaign.created_by,
                created_at=campaign.created_at,
            )
        )
        self._session.flush()

    def get(self, campaign_id: UUID) -> Campaign:
        """The campaign as it stands. Raises NoSuchCampaign."""
        return self._row(campaign_id).campaign()

    def for_change(self, campaign_id: UUID) -> Campaign:
        """The campaign, locked until the transaction ends. Raises NoSuchCampaign."""
        return self._row(campaign_id, lock=True).campaign()

    def save(self, campaign: Campaign) -> None:
        """Keep how a campaign that `for_change` gave stands now; what it says is never changed."""
        self._row(campaign.id).state = campaign.state.value
        self._session.flush()

    def all(self) -> Sequence[Campaign]:
        """Every campaign, newest first."""
        rows = self._session.scalars(select(CampaignRow).order_by(CampaignRow.created_at.desc()))
        return [row.campaign() for row in rows]

    def in_state(self, *states: CampaignState) -> Sequence[Campaign]:
        """The campaigns in any of these states, oldest first."""
        wanted = [each.value for each in states]
        query = select(CampaignRow).where(CampaignRow.state.in_(wanted)).order_by(CampaignRow.created_at)
        return [row.campaign() for row in self._session.scalars(query)]

    def known(self, campaign_id: UUID) -> Collection[Occurrence]:
        """The times that are on record already, whether a post came of them or a problem."""
        rows = self._session.execute(
            select(OccurrenceRow.borough, OccurrenceRow.due).where(OccurrenceRow.campaign_id == campaign_id)
        )
        return {Occurrence(borough=borough, due=due) for borough, due in rows}

    def keep(
        self, campaign_id: UUID, occurrence: Occurrence, *, post_id: UUID | None = None, problem: str = ""
    ) -> None:
        """Put one time on record, with its post or why there is none; the database refuses a second."""
        self._session.add(
            OccurrenceRow(
                campaign_id=campaign_id,
                borough=occurrence.borough,
                due=occurrence.due,
                post_id=post_id,
                problem=problem or None,
            )
        )
        self._session.flush()

    def forget_problems(self, campaign_id: UUID) -> None:
        """Let the times that no post came of be tried again."""
        self._session.execute(
            delete(OccurrenceRow).where(
                OccurrenceRow.campaign_id == campaign_id, OccurrenceRow.post_id.is_(None)
            )
        )

    def planned(self, campaign_id: UUID) -> Sequence[Planned]:
        """Every time on record, with its post or its problem, in the order they are due."""
        rows = self._session.execute(
            select(OccurrenceRow, PostRow)
            .outerjoin(PostRow, PostRow.id == OccurrenceRow.post_id)
            .where(OccurrenceRow.campaign_id == campaign_id)
            .order_by(OccurrenceRow.due, OccurrenceRow.borough)
        )
        return [_planned(row, post) for row, post in rows]

    def posts_of(self, campaign_id: UUID) -> Sequence[Post]:
        """Every post it made, in the order they are due."""
        return [each.post for each in self.planned(campaign_id) if each.post is not None]

    def counts(self) -> dict[UUID, dict[PostState, int]]:
        """How many posts of each campaign stand where."""
        rows = self._session.execute(
            select(OccurrenceRow.campaign_id, PostRow.state, func.count())
            .join(PostRow, PostRow.id == OccurrenceRow.post_id)
            .group_by(OccurrenceRow.campaign_id, PostRow.state)
        )
        found: dict[UUID, dict[PostState, int]] = {}
        for campaign_id, state, count in rows:
            found.setdefault(campaign_id, {})[PostState(state)] = count
        return found

    def signed_off(self) -> dict[UUID, set[UUID]]:
        """The signed-off posts of each campaign."""
        rows = self._session.execute(
            select(OccurrenceRow.campaign_id, PostRow.id)
            .join(PostRow, PostRow.id == OccurrenceRow.post_id)
            .where(PostRow.state == PostState.SIGNED_OFF.value)
        )
        found: dict[UUID, set[UUID]] = {}
        for campaign_id, post_id in rows:
            found.setdefault(campaign_id, set()).add(post_id)
        return found

    def next_times(self, now: datetime) -> dict[UUID, datetime]:
        """When each campaign comes round next, as far as it is written ahead (UTC)."""
        rows = self._session.execute(
            select(OccurrenceRow.campaign_id, func.min(OccurrenceRow.due))
            .where(OccurrenceRow.due > now)
            .group_by(OccurrenceRow.campaign_id)
        )
        return {campaign_id: soonest for campaign_id, soonest in rows}  # noqa: C416 - mypy cannot read dict() of rows

    def of_post(self, post_id: UUID) -> Campaign | None:
        """The campaign that made a post, if one did."""
        query = select(CampaignRow).join(OccurrenceRow).where(OccurrenceRow.post_id == post_id)
        row = self._session.scalar(query)
        return None if row is None else row.campaign()

    def paused(self, post_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The titles of the paused campaigns that made posts, by post; without posts that none made."""
        rows = self._session.execute(
            select(OccurrenceRow.post_id, CampaignRow.title)
            .join(CampaignRow)
            .where(OccurrenceRow.post_id.in_(post_ids), CampaignRow.state == CampaignState.PAUSED.value)
        )
        return {post_id: title for post_id, title in rows if post_id is not None}

    def made(self) -> Collection[UUID]:
        """The ids of every post that a campaign made."""
        return set(
            self._session.scalars(select(OccurrenceRow.post_id).where(OccurrenceRow.post_id.is_not(None)))
        )

    def let_nothing_leave(self) -> None:
        """Wait until no request is under way; none begins before this transaction ends.

        Raises Unavailable, changing nothing, where a request does not end.
        """
        close_gate(self._session)

    def _row(self, campaign_id: UUID, *, lock: bool = False) -> CampaignRow:
        query = select(CampaignRow).where(CampaignRow.id == campaign_id)
        row = self._session.scalar(
            query.with_for_update().execution_options(populate_existing=True) if lock else query
        )
        if row is None:
            raise NoSuchCampaign(f"There is no campaign {campaign_id}.")
        return row


def _planned(row: OccurrenceRow, post: PostRow | None) -> Planned:
    return Planned(
        occurrence=Occurrence(borough=row.borough, due=row.due),
        post=post.post() if post is not None else None,
        problem=row.problem or "",
    )
