"""What of the queue is read with its campaign, so that 32 boroughs are one line and not 128."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engage.posts.people import Person
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.web.standing import Row

_ON_CAMPAIGNS_PAGE = frozenset({PostState.DRAFT, PostState.AWAITING, PostState.SIGNED_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWaiting:
    """A campaign of which posts await sign-off: the one due first, how many, whether this person may sign it."""

    first: Row
    posts: int
    for_me: bool

    @property
    def id(self) -> str:
        """The campaign's id."""
        return str(self.first.post.context["campaign"]["id"])

    @property
    def title(self) -> str:
        """The campaign's name."""
        return str(self.first.post.context["campaign"]["title"])


def queued(posts: Sequence[Post], *, now: datetime) -> tuple[list[Post], list[list[Post]]]:
    """Posts that are read one by one, and those of campaigns, by campaign.

    A campaign's post whose time has passed is read by itself: its campaign's page signs what is to come.
    """
    single: list[Post] = []
    together: dict[str, list[Post]] = {}
    for post in posts:
        campaign = post.context.get("campaign")
        if campaign and post.publish_at and post.publish_at > now:
            together.setdefault(campaign["id"], []).append(post)
        else:
            single.append(post)
    return single, list(together.values())


def read_with_campaign(post: Post, person: Person) -> bool:
    """Whether somebody finds a post on the page of the campaign they began rather than among their drafts."""
    begun = "campaign" in post.context and post.created_by == person.id
    return begun and post.state in _ON_CAMPAIGNS_PAGE
