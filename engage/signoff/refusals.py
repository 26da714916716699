"""Why sign-off says no. Each leaves everything as it was."""

from engage.posts.errors import NotAllowed


class NoSuch(NotAllowed):
    """There is nothing of the kind with this id."""


class NoSuchPost(NoSuch):
    """There is no post with this id."""


class NoSuchCampaign(NoSuch):
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


class NobodyMay(NotAllowed):
    """The force lets nobody do this, whatever their role."""


class NotNeeded(NotAllowed):
    """It does not wait for this: it was decided already, waits for another, or lacks the reason it needs."""


class AlreadyLeft(NotAllowed):
    """Some of it is public, or may be: it can only be corrected or withdrawn now."""


class BadTime(NotAllowed):
    """The time asked for cannot be kept."""


class NoSuchProposal(NoSuch):
    """There is no proposal of a policy with this number."""


class NoSuchHold(NoSuch):
    """There is no hold with this number."""


class NoSuchDelivery(NoSuch):
    """There is no delivery with this id."""
