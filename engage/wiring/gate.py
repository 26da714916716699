"""The last question before a request: whether all that let this post be approved still holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engage.crime.aged import aged
from engage.delivery.ledger import Answer, Delivery, Stop, Wait
from engage.delivery.readying import on_its_face
from engage.policy.decision import Verdict
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import IllegalMove, PostState
from engage.signoff import acts
from engage.signoff.ports import Desk, SignOff
from engage.signoff.refusals import AlreadyLeft
from engage.wiring.budget import MonthlyBudget
from engage.wiring.world import World


@dataclass(frozen=True, slots=True)
class SendingGate:
    """Asked under the delivery's row lock, in the transaction that commits the intent."""

    world: World
    desk: Desk
    budget: MonthlyBudget

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        """Read at once what is asked about these."""
        self.world.read_ahead({each.post_id for each in deliveries})

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        """Wait for a hold; stop where the sign-off, the words, the policy's answer or the budget do not stand.

        Words that somebody corrects are wrong, whether or not the correction is signed off yet: they wait, until it is
        discarded. Once it is public they never go.
        """
        waits = self._held(delivery)
        if waits:
            return Wait(waits)
        corrected = self._corrected(delivery.post_id)
        if corrected:
            return Stop(corrected) if self.world.corrected(delivery.post_id) else Wait(corrected)
        post = self.world.post(delivery.post_id)
        fallen = self._fallen(delivery, post, now)
        return Stop(fallen) if fallen else self.budget.ask(delivery)

    def withheld(self, delivery: Delivery, *, now: datetime) -> str:
        """Why a person must not post now what was handed to them; empty where nothing stands against it.

        What stays comes before what may pass. The budget was asked when it was handed over, and counts it since.
        """
        post = self.world.post(delivery.post_id)
        found = on_its_face(delivery, now)
        why = (
            ("Withdrawn." if post.state is PostState.WITHDRAWN else "")
            or (found.reason if found else "")
            or self._fallen(delivery, post, now)
            or self._corrected(post.id)
            or self._held(delivery)
        )
        return f"{why}{'' if why[-1] in '.!?' else '.'} Do not post it." if why else ""

    def _held(self, delivery: Delivery) -> str:
        """Why it must wait now: a hold, or its campaign is paused. Empty where nothing keeps it."""
        for hold in self.world.holds:
            if hold.reaches(
                borough=delivery.borough,
                kind=delivery.kind,
                topic=delivery.topic,
                platform=delivery.platform.value,
            ):
                return f"On hold for {hold.where}: {hold.reason}"
        paused = self.world.paused(delivery.post_id)
        return f"The campaign “{paused}” is paused." if paused else ""

    def _fallen(self, delivery: Delivery, post: Post, now: datetime) -> str:
        """What of its approval stands no longer; empty where all of it does."""
        if post.state is not PostState.SIGNED_OFF or post.fingerprint != delivery.fingerprint:
            return "The post is no longer what was signed off."
        live = [each for each in self.world.signoffs(post.id) if each.counts_for(post, now)]
        if not live:
            return "Its sign-off has lapsed."
        return self._aged(post) or self._judged(delivery, post, live)

    def _corrected(self, post_id: UUID) -> str:
        """That somebody corrects it, or has; empty where nobody does."""
        match self.world.corrected(post_id):
            case None:
                return ""
            case True:
                return "A correction of it is public, or was."
            case _:
                return "Somebody wrote a correction of it."

    def _aged(self, post: Post) -> str:
        """A campaign's figures were written ahead: newer ones may have come in since."""
        return aged(post.evidence, self.world.files) if "campaign" in post.context else ""

    def _judged(self, delivery: Delivery, post: Post, live: Sequence[SignOff]) -> str:
        platform = delivery.platform
        decision = self.desk.judge(post, moment="send", signoffs=live, only=platform)[platform]
        if decision.verdict is Verdict.BLOCK:
            reasons = [each.message for each in decision.findings if each.blocks]
            return " ".join(["The policy no longer allows it.", *reasons])
        if decision.signoffs.missing:
            missing = ", ".join(Role(each.role).label for each in decision.signoffs.missing)
            return f"A sign-off is missing now: {missing}."
        return ""

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:  # noqa: ARG002 - the protocol's signature
        """Send the whole post back to people, unless some of it is public already."""
        self._lapse(delivery.post_id, reason)

    def _lapse(self, post_id: UUID, reason: str) -> None:
        post = self.world.unit.posts.get(post_id)
        if post.state is not PostState.SIGNED_OFF:
            return
        try:
            acts.lapse(self.desk, post_id, why=reason)
        except (AlreadyLeft, IllegalMove):  # or somebody took its sign-off away just now
            return
