"""Past drafts under another policy: whose decision would change, and why, before it is switched on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engage.policy.decision import Decision, Verdict, rules_of
from engage.policy.policy import Policy
from engage.posts.errors import BadInput

PastDraft = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""A draft's id, the question that was asked, and the decision that was kept, as JSON types."""


class PastDrafts(Protocol):
    """Where past drafts are kept."""

    def all_for_policy(self) -> Iterable[PastDraft]:
        """Every draft with its question and decision, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A draft whose decision would change."""

    post_id: str
    text: str
    before: Verdict
    after: Verdict
    newly_fired: tuple[str, ...]
    no_longer: tuple[str, ...]
    message: str

    @property
    def is_newly_blocked(self) -> bool:
        """Whether it would be blocked and was not."""
        return self.after is Verdict.BLOCK and self.before is not Verdict.BLOCK

    @property
    def is_let_through(self) -> bool:
        """Whether it was blocked and would not be."""
        return self.before is Verdict.BLOCK and self.after is not Verdict.BLOCK

    def to_json(self) -> dict[str, Any]:
        """The change as JSON types."""
        return {
            "post": self.post_id,
            "text": self.text,
            "before": self.before.value,
            "after": self.after.value,
            "newly_fired": list(self.newly_fired),
            "no_longer": list(self.no_longer),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """All past drafts under another policy. `unreadable` counts kept drafts that are no post JSON any more."""

    drafts: int
    changes: tuple[Change, ...]
    unreadable: int = 0

    @property
    def newly_blocked(self) -> tuple[Change, ...]:
        """Drafts that would be blocked and were not."""
        return tuple(change for change in self.changes if change.is_newly_blocked)

    @property
    def let_through(self) -> tuple[Change, ...]:
        """Drafts that were blocked and would not be."""
        return tuple(change for change in self.changes if change.is_let_through)

    def to_json(self) -> dict[str, Any]:
        """The replay as JSON types."""
        return {
            "drafts": self.drafts,
            "unreadable": self.unreadable,
            "newly_blocked": len(self.newly_blocked),
            "let_through": len(self.let_through),
            "changes": [change.to_json() for change in self.changes],
        }


def replay(drafts: Iterable[PastDraft], policy: Policy) -> Replay:
    """Decide every past draft again under `policy` and keep what changes."""
    changes: list[Change] = []
    count = unreadable = 0
    for post_id, post, kept in drafts:
        count += 1
        try:
            decision = policy.decide(post)
            before = Verdict(kept["verdict"])
        except (BadInput, KeyError, ValueError):
            unreadable += 1
            continue
        changes.extend(_changes(post_id, post, kept, before, decision))
    return Replay(drafts=count, changes=tuple(changes), unreadable=unreadable)


def _changes(
    post_id: str, post: Mapping[str, Any], kept: Mapping[str, Any], before: Verdict, decision: Decision
) -> Iterator[Change]:
    old, new = rules_of(kept), decision.rules
    if before is decision.verdict and set(old) == set(new):
        return
    fired = tuple(rule for rule in new if rule not in old)
    yield Change(
        post_id=post_id,
        text=str(post["text"]),
        before=before,
        after=decision.verdict,
        newly_fired=fired,
        no_longer=tuple(rule for rule in old if rule not in new),
        message=next((each.message for each in decision.findings if each.rule in fired), ""),
    )
