"""Why sign-off says no. Each leaves everything as it was."""

from engage.posts.errors import NotAllowed


class NoSuchPost(NotAllowed):
    """There is no post with this id."""


class NoSuchCampaign(NotAllowed):
    """There is no campaign with this id."""


class OwnWork(NotAllowed):
    """Nobody signs off words of their own."""


class WordsChanged(NotAllowed):
    """The post is no longer what this person read."""


class Blocked(NotAllowed):
    """The policy blocks the post; `reasons` says which rules and why."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("The policy blocks this post. " + " ".join(reasons))


class NotYours(NotAllowed):
    """The person's role or boroughs do not allow it."""


class NotNeeded(NotAllowed):
    """The post waits for no such sign-off."""


class AlreadyLeft(NotAllowed):
    """Some of it is public, or may be: it can only be corrected or withdrawn now."""


class BadTime(NotAllowed):
    """The time asked for cannot be kept."""


class NoSuchProposal(NotAllowed):
    """There is no proposal of a policy with this number."""
