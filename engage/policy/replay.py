"""Past drafts under another policy: whose decision would change, and why, before it is switched on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engage.policy.decision import Decision, Verdict, rules_of
from engage.policy.policy import Policy
from engage.policy.setting_aside import with_set_aside
from engage.posts.errors import BadInput
from engage.posts.people import Role

LONGEST_EXAMPLE = 600
"""Characters of an example's text that a summary keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDraft:
    """What was asked about a draft at one moment, and the decision that was kept, as JSON types."""

    post_id: str
    moment: str
    question: Mapping[str, Any]
    answer: Mapping[str, Any]


class PastDrafts(Protocol):
    """Where past drafts are kept."""

    def all_for_policy(self) -> Iterable[PastDraft]:
        """Every decision with its question, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A draft whose decision would change. Sign-offs are in words: "press officer and analyst"."""

    post_id: str
    text: str
    before: Verdict
    after: Verdict
    newly_fired: tuple[str, ...]
    no_longer: tuple[str, ...]
    message: str
    signed_before: str = ""
    signed_after: str = ""

    @property
    def is_newly_blocked(self) -> bool:
        """Whether it would be blocked and was not."""
        return self.after is Verdict.BLOCK and self.before is not Verdict.BLOCK

    @property
    def is_let_through(self) -> bool:
        """Whether it was blocked and would not be."""
        return self.before is Verdict.BLOCK and self.after is not Verdict.BLOCK

    @property
    def is_signed_by_others(self) -> bool:
        """Whether it may stand under both, and other people would have to sign it."""
        return self.signed_before != self.signed_after and Verdict.BLOCK not in {self.before, self.after}

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
            "signed_before": self.signed_before,
            "signed_after": self.signed_after,
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

    @property
    def signed_by_others(self) -> tuple[Change, ...]:
        """Drafts that may stand under both, and that other people would have to sign."""
        return tuple(change for change in self.changes if change.is_signed_by_others)

    def to_json(self) -> dict[str, Any]:
        """The replay as JSON types."""
        return {**self._counts(), "changes": [change.to_json() for change in self.changes]}

    def summary(self, *, examples: int) -> dict[str, Any]:
        """The counts, and at most so many examples of each kind of change, as JSON types of bounded size."""
        kinds = {
            "newly_blocked": self.newly_blocked,
            "let_through": self.let_through,
            "signed_by_others": self.signed_by_others,
        }
        shown = {name: [_shortened(each) for each in found[:examples]] for name, found in kinds.items()}
        return {**self._counts(), "changed": len(self.changes), "examples": shown}

    def _counts(self) -> dict[str, Any]:
        return {
            "drafts": self.drafts,
            "unreadable": self.unreadable,
            "newly_blocked": len(self.newly_blocked),
            "let_through": len(self.let_through),
            "signed_by_others": len(self.signed_by_others),
        }


def replay(drafts: Iterable[PastDraft], policy: Policy) -> Replay:
    """Decide every past draft again under `policy` and keep what changes.

    The same words of a post for a platform count once, as they were decided last.
    """
    changes: list[Change] = []
    seen: set[int] = set()
    unreadable = 0
    for draft in drafts:
        words = hash((draft.post_id, draft.question.get("platform"), draft.question.get("text")))
        if words in seen:
            continue
        seen.add(words)
        try:
            before = Verdict(draft.answer["verdict"])
            decision = _as_set_aside(policy, draft)
        except (BadInput, KeyError, ValueError):
            unreadable += 1
            continue
        changes.extend(_changes(draft, before, decision))
    return Replay(drafts=len(seen), changes=tuple(changes), unreadable=unreadable)


def _as_set_aside(policy: Policy, draft: PastDraft) -> Decision:
    """The decision now, with the rules set aside that were set aside then."""
    aside = {
        finding["rule"]: finding["set_aside"]
        for finding in draft.answer.get("findings", ())
        if finding.get("set_aside") and finding["rule"] not in policy.never_set_aside
    }
    return with_set_aside(policy.decide(draft.question, moment=draft.moment), aside)


def _changes(draft: PastDraft, before: Verdict, decision: Decision) -> Iterator[Change]:
    old, new = rules_of(draft.answer), decision.rules
    signed_before, signed_after = _signed(draft.answer), _signed(decision.to_json())
    if before is decision.verdict and set(old) == set(new) and signed_before == signed_after:
        return
    fired = tuple(rule for rule in new if rule not in old)
    yield Change(
        post_id=draft.post_id,
        text=str(draft.question["text"]),
        before=before,
        after=decision.verdict,
        newly_fired=fired,
        no_longer=tuple(rule for rule in old if rule not in new),
        message=next((each.message for each in decision.findings if each.rule in fired), ""),
        signed_before=signed_before,
        signed_after=signed_after,
    )


def _signed(decision: Mapping[str, Any]) -> str:
    """Who signs, in words: "press officer and 2 analysts"."""
    required = decision.get("signoffs", {}).get("required", ())
    needs = sorted((Role(need["role"]).label, need["count"]) for need in required)
    return " and ".join(role if count == 1 else f"{count} {role}s" for role, count in needs)


def _shortened(change: Change) -> dict[str, Any]:
    as_json = change.to_json()
    if len(change.text) > LONGEST_EXAMPLE:
        as_json["text"] = change.text[:LONGEST_EXAMPLE] + " …"
    return as_json
