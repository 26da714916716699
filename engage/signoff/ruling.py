"""One answer from the decisions on every variant of a post: what blocks it, and who must still sign."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engage.policy.decision import Decision, Verdict
from engage.posts.kinds import Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ports import SignOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The decisions of one post together: the strictest verdict, every sign-off any variant needs."""

    decisions: Mapping[Platform, Decision]

    @property
    def verdict(self) -> Verdict:
        """The strictest verdict of any variant."""
        order = (Verdict.ALLOW, Verdict.ESCALATE, Verdict.BLOCK)
        return max((each.verdict for each in self.decisions.values()), key=order.index)

    @property
    def blocked(self) -> bool:
        """Whether any variant may not stand as it is."""
        return self.verdict is Verdict.BLOCK

    def reasons(self) -> list[str]:
        """Each distinct blocking message, in the order found."""
        messages = [
            f"{finding.rule}: {finding.message}"
            for decision in self.decisions.values()
            for finding in decision.findings
            if finding.blocks
        ]
        return list(dict.fromkeys(messages))

    def required(self) -> Counter[str]:
        """Roles still and already signed, with how many people of each are needed."""
        return self._most("required")

    def missing(self) -> Counter[str]:
        """Roles whose sign-off is still missing, with how many."""
        return self._most("missing")

    @property
    def valid_for(self) -> timedelta:
        """How long a sign-off of this post holds: the shortest any variant's policy gives."""
        return timedelta(minutes=min(each.signoffs.valid_for_minutes for each in self.decisions.values()))

    def not_before(self, post: Post) -> datetime | None:
        """After this moment (UTC) a sign-off lasts until the post's time; None for a post without one."""
        return None if post.publish_at is None else post.publish_at - self.valid_for

    def too_early(self, post: Post, now: datetime) -> bool:
        """Whether a sign-off given now would lapse before the post's time."""
        begins = self.not_before(post)
        return begins is not None and now <= begins

    def to_json(self) -> dict[str, Any]:
        """The decisions by platform as JSON types."""
        return {platform.value: decision.to_json() for platform, decision in self.decisions.items()}

    def _most(self, which: str) -> Counter[str]:
        most: Counter[str] = Counter()
        for decision in self.decisions.values():
            for need in getattr(decision.signoffs, which):
                most[need.role] = max(most[need.role], need.count)
        return most


def roles_to_sign_in(person: Person, post: Post, ruling: Ruling, held: Sequence[SignOff]) -> tuple[Role, ...]:
    """The roles in which this person could sign this post off now; empty where they cannot."""
    if post.state is not PostState.AWAITING or person.id in post.writers:
        return ()
    if any(each.by == person.id for each in held):
        return ()
    return tuple(role for role in map(Role, ruling.missing()) if person.has(role))
