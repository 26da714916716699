"""The policy's pages: what is in force and why, what waits for two signatures, and what is wrong with the folder."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.policy.differences import changed_files
from engage.policy.marked import PolicyError
from engage.policy.proposed import NotFit
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Person
from engage.signoff import switching
from engage.signoff.refusals import NotNeeded
from engage.signoff.switching import Proposal, ProposalState
from engage.store.unit import Unit
from engage.web import access
from engage.web.current import current_engage
from engage.web.rules_shown import shown_groups, shown_matrix, shown_thresholds
from engage.wiring.policies import FolderState
from engage.wiring.switching import propose_policy, sign_policy

blueprint = Blueprint("policy", __name__)

Page = str | tuple[str, int] | Response

_EXAMPLES = (
    ("newly_blocked", "Newly blocked", "Would be blocked, and was not."),
    ("let_through", "Newly let through", "Was blocked, and would not be."),
    ("signed_by_others", "Signed by others", "May stand under both; other people would have to sign it."),
)


@blueprint.get("/policy")
@access.signed_in
def rules() -> Page:
    """The rules in force."""
    return _rules_page()


@blueprint.post("/policy/propose")
@access.only(access.in_press_office)
def propose() -> Page:
    """Check, test and replay the folder's policy, and ask for it to be switched on."""
    engage = current_engage()
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _rules_page(problem="Say what it changes and why."), 400
    try:
        with engage.transaction() as unit:
            proposal = propose_policy(engage, unit, engage.settings.policies, by=access.me(), reason=reason)
    except (BadInput, NotFit, NotNeeded) as error:
        return _rules_page(problem=str(error)), 400
    flash("Proposed. It decides nothing until two people have signed it.")
    return redirect(url_for("policy.proposal", proposal_id=proposal.id))


@blueprint.get("/policy/proposals/<int:proposal_id>")
@access.only(Person.sees_all)
def proposal(proposal_id: int) -> Page:
    """A proposed policy: what it would change, who has signed it, and its files beside those in force then."""
    return _proposal_page(proposal_id)


@blueprint.post("/policy/proposals/<int:proposal_id>/sign")
@access.only(access.in_press_office)
def sign(proposal_id: int) -> Page:
    """Sign exactly the policy that the page showed."""
    engage = current_engage()
    with engage.transaction() as unit:
        signed, again = sign_policy(
            engage, unit, proposal_id, by=access.me(), having_read=request.form.get("having_read", "")
        )
    if signed.state is ProposalState.IN_FORCE:
        flash(f"It is in force now, everywhere. Posts to be approved again: {len(again)}.")
    else:
        flash("Your signature is kept. It needs one more.")
    return redirect(url_for("policy.proposal", proposal_id=proposal_id))


@blueprint.post("/policy/proposals/<int:proposal_id>/refuse")
@access.only(access.in_press_office)
def refuse(proposal_id: int) -> Page:
    """End a proposal: it will not come into force."""
    reason = request.form.get("reason", "")
    if not reason.strip():
        return _proposal_page(proposal_id, problem="Say why you refuse it."), 400
    with current_engage().transaction() as unit:
        switching.refuse(unit.policies, unit.audit, proposal_id, by=access.me(), reason=reason, now=utc_now())
    flash("Refused. What was in force stays in force.")
    return redirect(url_for("policy.proposal", proposal_id=proposal_id))


def _rules_page(*, problem: str = "") -> str:
    search = request.args.get("q", "").strip()
    with current_engage().transaction() as unit:
        standing = current_engage().policies.standing(unit)
        names = _names(unit)
    fault = standing.folder_fault
    groups = shown_groups(standing.policy, search=search)
    return render_template(
        "policy.html",
        standing=standing,
        policy=standing.policy,
        groups=groups,
        found=sum(len(group.rules) for group in groups),
        search=search,
        matrix=shown_matrix(standing.policy),
        thresholds=shown_thresholds(standing.policy),
        faults=fault.problems if isinstance(fault, PolicyError) else [fault] if fault else [],
        may_propose=standing.folder is FolderState.DIFFERS and access.in_press_office(access.me()),
        sees_proposals=access.me().sees_all(),
        names=names,
        problem=problem,
        reason=request.form.get("reason", ""),
    )


def _proposal_page(proposal_id: int, *, problem: str = "") -> str:
    with current_engage().transaction() as unit:
        found = unit.policies.proposal(proposal_id)
        before, after = unit.policies.kept(found.against), unit.policies.kept(found.policy.hash)
        names = _names(unit)
    me = access.me()
    waits = found.state is ProposalState.WAITING
    return render_template(
        "policy_proposal.html",
        proposal=found,
        examples=[
            (title, text, found.replay[name], found.replay["examples"][name])
            for name, title, text in _EXAMPLES
        ],
        changed=changed_files(before, after) if before and after else (),
        names=names,
        waits=waits and access.in_press_office(me),
        why_not=found.why_not_signed_by(me),
        missing=_missing(found) if waits else "",
        problem=problem,
        reason=request.form.get("reason", ""),
    )


def _missing(proposal: Proposal) -> str:
    """Who must still sign, in words."""
    left = switching.SIGNATURES - len(proposal.signatures)
    headed = proposal.has_head
    if left == switching.SIGNATURES:
        return "Two people must sign it, one of them the head of communications."
    return "One more person must sign it." if headed else "The head of communications must sign it."


def _names(unit: Unit) -> Mapping[str, str]:
    return {person.id: person.name for person in unit.people.all()}
