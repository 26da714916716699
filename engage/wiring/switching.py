"""Proposing and signing a policy: what is found out before it is signed, and what follows once it is in force."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from engage.policy import read_proposed
from engage.policy import replay as replay_drafts
from engage.posts.clock import utc_now
from engage.posts.people import Person
from engage.signoff import switching
from engage.signoff.regimes import world_changed
from engage.signoff.switching import NewProposal, Proposal, ProposalState
from engage.store.gate import close_gate
from engage.store.unit import Unit
from engage.wiring import Engage
from engage.wiring.policies import NoPolicy

EXAMPLES_KEPT = 10
"""Of each kind of change, with a proposal."""


def propose_policy(engage: Engage, unit: Unit, directory: Path, *, by: Person, reason: str) -> Proposal:
    """Check, test and replay a folder's policy, and ask for it to be switched on.

    Raises PolicyError or NotFit where it is not fit, NotYours or NotNeeded; nothing is kept then.
    """
    engage.policy_in(unit)
    proposed = read_proposed(directory)
    outcome = replay_drafts(unit.posts.all_for_policy(), proposed.policy)
    new = NewProposal(
        policy=proposed.policy.stamp,
        title=proposed.policy.force.title,
        kept=proposed.kept,
        cases=proposed.cases,
        replay=outcome.summary(examples=EXAMPLES_KEPT),
        reason=reason.strip(),
    )
    return switching.propose(unit.policies, unit.audit, new, by=by, now=utc_now())


def sign_policy(
    engage: Engage, unit: Unit, proposal_id: int, *, by: Person, having_read: str
) -> tuple[Proposal, Sequence[UUID]]:
    """Sign a proposed policy. The second signature puts it in force when this transaction ends.

    No request that the policy before it let through is under way then, and the posts that it would stop
    have gone back to their people: their ids are given. Raises what `engage.signoff.switching.sign` does.
    """
    signed = switching.sign(
        unit.policies, unit.audit, proposal_id, by=by, having_read=having_read, now=utc_now()
    )
    if signed.state is not ProposalState.IN_FORCE:
        return signed, ()
    if engage.policy_in(unit).hash != signed.policy.hash:
        raise NoPolicy("This policy cannot be loaded any more: propose it again. Nothing was changed.")
    close_gate(unit.session)
    desk = engage.desk(unit)
    why = f"version {signed.policy.version} of the policy came into force"
    quiet = replace(desk, judge=engage.judge(unit, keep=False))
    return signed, world_changed(quiet, engage.signed_off(unit), why=why)
