"""The policy in force, asked about a post in the state the world is in at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from engage.drafting.question import post_json
from engage.policy import Policy
from engage.policy.decision import Decision
from engage.policy.setting_aside import with_set_aside
from engage.policy.together import together
from engage.posts.clock import in_london, utc_now
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media, Post, Variant
from engage.posts.references import case_reference
from engage.signoff.cases import FOUND, reference_in
from engage.signoff.hours import OfficeHours
from engage.signoff.ports import SignOff
from engage.signoff.regimes import Window
from engage.signoff.setting_aside import SetAside
from engage.store.unit import Unit


class Reads(Protocol):
    """What most posts are judged by."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""

    def asides(self, post_id: UUID) -> Sequence[SetAside]:
        """The rules set aside for a post."""

    def windows(self, *, on: date, borough: str) -> Sequence[Window]:
        """The windows open on a day that reach a borough."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The policy in force, asked about a post in the state the world is in now."""

    reads: Reads
    unit: Unit
    hours: OfficeHours
    keep: bool = True

    @property
    def policy(self) -> Policy:
        """The policy in force in this transaction."""
        return self.reads.policy

    def __call__(
        self, post: Post, *, moment: str, signoffs: Sequence[SignOff], only: Platform | None = None
    ) -> Mapping[Platform, Decision]:
        """The decision on each variant, or on one platform's alone; kept with its question unless only typing.

        A variant with several pictures is asked about once for each of them.
        """
        now, policy = utc_now(), self.policy
        aside = self._set_aside(post, policy)
        state = self._state(post, signoffs, moment=moment, now=now)
        decisions = {}
        for variant in post.variants:
            if only not in {None, variant.platform}:
                continue
            questions = [_question(post, variant, picture, state) for picture in variant.media or (None,)]
            answers = [with_set_aside(policy.decide(each, moment=moment), aside) for each in questions]
            decisions[variant.platform] = together(answers)
            if self.keep:
                self._keep(post, variant, list(zip(questions, answers, strict=True)), moment=moment, now=now)
        return decisions

    def _keep(
        self,
        post: Post,
        variant: Variant,
        answered: Sequence[tuple[dict[str, Any], Decision]],
        *,
        moment: str,
        now: datetime,
    ) -> None:
        for question, answer in answered:
            self.unit.posts.decided(
                post.id,
                moment=moment,
                platform=variant.platform.value,
                question=question,
                answer=answer,
                at=now,
            )

    def _set_aside(self, post: Post, policy: Policy) -> dict[str, str]:
        """The rules set aside for exactly these words: by whom, and why."""
        never = policy.never_set_aside
        kept = [each for each in self.reads.asides(post.id) if each.holds_for(post)]
        return {each.rule: f"{each.by}: {each.reason}" for each in kept if each.rule not in never}

    def _state(
        self, post: Post, signoffs: Sequence[SignOff], *, moment: str, now: datetime
    ) -> dict[str, Any]:
        """The state of this moment, which is the same for every variant and picture of a post."""
        state = {
            "now": in_london(_goes_out(post, now)).strftime("%Y-%m-%dT%H:%M"),
            "borough": post.borough,
            "drafter": post.created_by,
            "approvals": [{"role": each.role.value, "by": each.by} for each in signoffs],
            **self._regimes(post, now),
            **self._corrected(post),
            **self._missing(post),
        }
        if moment == "approval":
            state["out_of_hours"] = self.hours.closed_at(now)
        return state

    def _regimes(self, post: Post, now: datetime) -> dict[str, Any]:
        state: dict[str, Any] = {}
        today = in_london(_goes_out(post, now)).date()
        windows = self.reads.windows(on=today, borough=post.borough)
        election = next((each for each in windows if each.kind == "pre_election"), None)
        if election is not None:
            poll = election.poll.isoformat() if election.poll else None
            state["election_window"] = {"active": True, "kind": election.note or "local", "poll": poll}
        recorded = post.context.get("case") or {}
        reference = case_reference(str(recorded.get("cad") or ""))
        if reference:
            state["case"] = {**recorded, **self.unit.regimes.case(reference)}
            state["published_identifiers"] = self._published(reference, post)
        return state

    def _missing(self, post: Post) -> dict[str, Any]:
        """Of a missing person: whether they were found, and, of a closing post, whether the appeals are gone."""
        reference = case_reference(reference_in(post, "missing", "ref"))
        if not reference:
            return {}
        state = {**(post.context.get("missing") or {})}
        if post.kind is Kind.MISSING_FOUND:
            if any(each.id != post.id for each in self.unit.posts.public_about(reference)):
                state["original_posts_deleted"] = None
            elif self.unit.posts.published_about(reference, besides=post.id):
                state["original_posts_deleted"] = True
        elif self.unit.regimes.case(reference).get("status") == FOUND:
            state["status"] = FOUND
        return {"missing": state}

    def _corrected(self, post: Post) -> dict[str, Any]:
        """Of a correction: where what it corrects is public, or was, as the ledger has it."""
        if post.corrects is None:
            return {}
        found = self.unit.deliveries.for_post(post.corrects)
        links = [each.receipt.url for each in found if each.receipt is not None]
        recorded = post.context.get("correction") or {}
        return {
            "corrects": str(post.corrects),
            "correction": {**recorded, "original_post": str(post.corrects), "original_links": links},
        }

    def _published(self, reference: str, post: Post) -> list[str]:
        """What is public already of the people in a case: what was stated, and what our other posts gave away."""
        stated = post.context.get("published_identifiers") or []
        texts, policy = self.unit.posts.published_about(reference, besides=post.id), self.policy
        given = {
            particular
            for kind, platform, text in texts
            for particular in policy.particulars({"kind": kind, "platform": platform, "text": text})
        }
        return [*stated, *sorted(given)]


def _question(post: Post, variant: Variant, picture: Media | None, state: dict[str, Any]) -> dict[str, Any]:
    """The post JSON of `engage policy decide` for one variant, in this state."""
    return post_json(
        post.kind,
        variant.platform,
        variant.text,
        evidence=post.evidence,
        context=post.context,
        moment=state,
        parts=variant.parts,
        picture=picture,
    )


def _goes_out(post: Post, now: datetime) -> datetime:
    """When a post goes out at the earliest: at its time, or now where that has passed."""
    return max(post.publish_at or now, now)
