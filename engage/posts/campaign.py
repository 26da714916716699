"""A campaign: one wording that comes round, in its boroughs and on its platforms, until its end.

Each time it comes round it makes a post of its own for each borough, a minute apart, so that no account and
no platform is asked for all of them in the same second. A campaign sends nothing itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.places import borough as borough_called
from engage.posts.recurrence import Recurrence
from engage.posts.states import IllegalMove

APART = timedelta(minutes=1)
"""Between one borough's post and the next."""
LATE = timedelta(hours=2)
"""After its time by so much, a post is too late to go out: it lapses and comes back to people."""
LONGEST_TITLE = 80


class CampaignState(StrEnum):
    """How a campaign stands. What it made is in the states of its posts."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Awaiting sign-off" if self is CampaignState.SUBMITTED else self.value.title()


S = CampaignState
CAMPAIGN_MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.ENDED}),
    S.SUBMITTED: frozenset({S.RUNNING, S.PAUSED, S.ENDED}),
    S.RUNNING: frozenset({S.PAUSED, S.ENDED}),
    S.PAUSED: frozenset({S.RUNNING, S.ENDED}),
    S.ENDED: frozenset(),
}
"""RUNNING from the first sign-off of any of its posts. PAUSED: nothing of it leaves, signed off or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One borough's turn: when it is due and when it is too late (both UTC)."""

    borough: str
    due: datetime

    @property
    def latest(self) -> datetime:
        """The moment after which it does not go out."""
        return self.due + LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What comes round, when, where and in which wording.

    `stated` is what its author states for the wording's slots, the same every time; `topic` is what its
    figures are about, where the wording has any. `boroughs` are names, in the order of the alphabet.
    """

    id: UUID
    title: str
    recurrence: Recurrence
    template: str
    boroughs: tuple[str, ...]
    platforms: tuple[Platform, ...]
    created_by: str
    created_at: datetime
    topic: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)
    state: CampaignState = CampaignState.DRAFT

    def __post_init__(self) -> None:
        """Raises BadInput for a title, boroughs or platforms that cannot be used."""
        title = " ".join(self.title.split())
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise BadInput(f"give it a name of at most {LONGEST_TITLE} characters.", where="title")
        if not self.boroughs:
            raise BadInput("choose at least one borough.", where="boroughs")
        if not self.platforms:
            raise BadInput("choose at least one platform.", where="platforms")
        object.__setattr__(self, "title", title)
        names = sorted({borough_called(each).name for each in self.boroughs})
        object.__setattr__(self, "boroughs", tuple(names))

    def moved_to(self, there: CampaignState) -> "Campaign":
        """The same campaign in another state; IllegalMove where the table has no such move."""
        if there not in CAMPAIGN_MOVES[self.state]:
            raise IllegalMove(
                f"A campaign that is {self.state.label.lower()} cannot become {there.label.lower()}."
            )
        return replace(self, state=there)


def occurrences(campaign: Campaign, start: datetime, end: datetime) -> Iterator[Occurrence]:
    """Every borough's turn from `start` up to, not including, `end` (aware moments), in order.

    A borough's place in the list is its minute after the campaign's own time, every time.
    """
    for moment in campaign.recurrence.moments():
        for place, name in enumerate(campaign.boroughs):
            due = moment + place * APART
            if start <= due < end:
                yield Occurrence(borough=name, due=due)
