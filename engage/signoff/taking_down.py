"""Taking a public post down: any one person of the press office, at once, with a reason on record.

Unlike everything that makes a post public this asks for no second person: a wrong picture or a name that
must not be there cannot wait for one. What is taken down stays on record.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from engage.posts.people import PRESS_OFFICE, Person
from engage.posts.post import Post
from engage.posts.states import POST_MOVES, PostState
from engage.signoff.ports import Desk
from engage.signoff.record import Entry
from engage.signoff.refusals import NotNeeded, NotYours


class Takedowns(Protocol):
    """Where public posts that are to go are left for the workers, in the same transaction."""

    def ask(self, post_id: UUID, *, by: str, reason: str, now: datetime) -> int:
        """Have everything of a post that is public, or may be, deleted; say how much that is."""


def take_down(desk: Desk, takedowns: Takedowns, post_id: UUID, *, by: Person, reason: str) -> Post:
    """End a post of which some is public: what has not left never will, what is public is deleted everywhere.

    Also for a post withdrawn earlier that turned out to be public. Raises NotYours or NotNeeded.
    """
    post = desk.posts.for_change(post_id)
    if not by.has(*PRESS_OFFICE):
        raise NotYours("Only the press office may take a public post down.")
    if not reason.strip():
        raise NotNeeded("Say why: the writer and the record need a reason.")
    ended = _ended(desk, post, by=by)
    count = takedowns.ask(post.id, by=by.id, reason=reason.strip(), now=desk.now())
    if not count:
        raise NotNeeded("Nothing of this post is public, or it is being taken down already.")
    stamped = {"state": ended.state.value, "version": ended.version, "fingerprint": ended.fingerprint}
    desk.record.append(
        Entry(
            at=desk.now(),
            actor=by.id,
            action="taken down",
            subject=str(post.id),
            details={**stamped, "comment": reason.strip(), "deliveries": count},
        )
    )
    return ended


def _ended(desk: Desk, post: Post, *, by: Person) -> Post:
    if PostState.WITHDRAWN not in POST_MOVES[post.state]:
        return post
    why, now = f"taken down by {by.name}", desk.now()
    desk.outbox.recall_rest(post.id, why=why, now=now)
    desk.signoffs.void(post.id, why=why, at=now)
    ended = post.moved_to(PostState.WITHDRAWN)
    desk.posts.save(ended)
    return ended
