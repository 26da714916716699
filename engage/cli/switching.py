"""`engage policy propose`, `sign`, `refuse`, `status` and `history`: how a policy comes into force."""

from pathlib import Path

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.posts.clock import show, utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Person
from engage.signoff import switching
from engage.signoff.refusals import NotYours
from engage.signoff.switching import Proposal, ProposalState
from engage.store.unit import Unit
from engage.wiring import default_policy_dir, open_engage
from engage.wiring.policies import Standing
from engage.wiring.switching import propose_policy, sign_policy

SHORTEST_HASH = 8
signer_option = click.option(
    "--as", "username", required=True, help="Who signs; their password is asked for."
)
password_option = click.option("--password", prompt=True, hide_input=True)


@click.command()
@click.argument(
    "directory", required=False, type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]"
)
@click.option("--reason", required=True, help="What it changes and why: whoever signs reads this first.")
@json_option
@plain_errors
def propose(directory: Path | None, *, reason: str, as_json: bool) -> None:
    """Check, test and replay a policy, and ask for it to be switched on."""
    engage = open_engage()
    with engage.transaction() as unit:
        proposal = propose_policy(
            engage, unit, directory or default_policy_dir(), by=operator(), reason=reason
        )
    if as_json:
        print_json(proposal.to_json())
        return
    click.echo(_line(proposal))
    click.echo(
        "Two people of the press office sign it, one of them the head of communications: on the page Policy, "
        f"or with `engage policy sign {proposal.policy.hash[:12]} --as USERNAME`."
    )


@click.command()
@click.argument("hash_", metavar="HASH")
@signer_option
@password_option
@json_option
@plain_errors
def sign(hash_: str, *, username: str, password: str, as_json: bool) -> None:
    """Sign a proposed policy; the second signature puts it in force."""
    engage = open_engage()
    with engage.transaction() as unit:
        by = _signer(unit, username, password)
        asked = _waiting(unit, hash_)
        signed, again = sign_policy(engage, unit, asked.id, by=by, having_read=asked.policy.hash)
    if as_json:
        print_json({**signed.to_json(), "approval_asked_again": [str(each) for each in again]})
    elif signed.state is ProposalState.IN_FORCE:
        click.echo(
            f"{_name(signed)} is in force, in every process. Posts to be approved again: {len(again)}."
        )
    else:
        click.echo(f"Signed. {_name(signed)} needs one more signature.")


@click.command()
@click.argument("hash_", metavar="HASH")
@click.option("--reason", required=True, help="Whoever proposed it reads this.")
@signer_option
@password_option
@json_option
@plain_errors
def refuse(hash_: str, *, reason: str, username: str, password: str, as_json: bool) -> None:
    """End a proposed policy: it will not come into force."""
    with open_engage().transaction() as unit:
        by = _signer(unit, username, password)
        asked = _waiting(unit, hash_)
        refused = switching.refuse(unit.policies, unit.audit, asked.id, by=by, reason=reason, now=utc_now())
    if as_json:
        print_json(refused.to_json())
    else:
        click.echo(f"{_name(refused)} is refused. What was in force stays in force.")


@click.command()
@json_option
@plain_errors
def status(*, as_json: bool) -> None:
    """Say which policy decides, how the folder differs from it, and what waits for a signature."""
    engage = open_engage()
    with engage.transaction() as unit:
        standing = engage.policies.standing(unit)
    if as_json:
        print_json(standing.to_json())
    else:
        _show(standing)


@click.command()
@json_option
@plain_errors
def history(*, as_json: bool) -> None:
    """List the policies that came into force, and every proposal with its end."""
    engage = open_engage()
    with engage.transaction() as unit:
        standing = engage.policies.standing(unit)
    if as_json:
        print_json(
            {
                "in_force": [each.to_json() for each in standing.switches],
                "proposals": [each.to_json() for each in standing.proposals],
            }
        )
        return
    switches = [
        (
            each.policy.version,
            each.policy.hash[:12],
            show(each.since),
            " and ".join(each.signed_by) or "first start",
        )
        for each in standing.switches
    ]
    print_table("Came into force", ("version", "hash", "since", "signed by"), switches)
    proposals = [
        (each.policy.version, each.policy.hash[:12], show(each.at), each.by, each.state.label, each.reason)
        for each in standing.proposals
    ]
    if proposals:
        print_table("Proposals", ("version", "hash", "proposed", "by", "state", "why"), proposals)


def _show(standing: Standing) -> None:
    last = standing.deciding
    signed = f"signed by {' and '.join(last.signed_by)}" if last.signed_by else "from the first start"
    policy = standing.policy
    click.echo(f"In force: {policy.name} {policy.version} ({policy.hash[:12]}).")
    if standing.fault:
        click.echo(
            f"The policy switched on last cannot be loaded, so the one before it decides: {standing.fault}"
        )
    else:
        click.echo(f"Since {show(last.since)}, {signed}.")
    click.echo(standing.advice or f"The folder {standing.directory} is what is in force.")
    for each in standing.waiting:
        click.echo(_line(each))


def _line(proposal: Proposal) -> str:
    found = proposal.replay
    signed = " and ".join(each.by for each in proposal.signatures) or "nobody yet"
    return (
        f"{_name(proposal)}, proposed by {proposal.by}: {proposal.reason} All {proposal.cases} cases of its own hold. "
        f"Of {found['drafts']:,} past drafts {found['newly_blocked']:,} would be newly blocked, "
        f"{found['let_through']:,} let through, {found['signed_by_others']:,} signed by others. "
        f"Signed by {signed}."
    )


def _name(proposal: Proposal) -> str:
    return f"{proposal.policy.name} {proposal.policy.version} ({proposal.policy.hash[:12]})"


def _signer(unit: Unit, username: str, password: str) -> Person:
    """A named person, not whoever has the shell: a signature is a person's."""
    person = unit.people.check_password(username, password)
    if person is None:
        raise NotYours("That name and password do not go together. Nothing was changed.")
    return person


def _waiting(unit: Unit, hash_: str) -> Proposal:
    if len(hash_) < SHORTEST_HASH:
        raise BadInput(f"give at least {SHORTEST_HASH} characters of the hash.", where=f"HASH {hash_}")
    for each in unit.policies.proposals():
        if each.state is ProposalState.WAITING and each.policy.hash.startswith(hash_):
            return each
    raise BadInput(
        "is no policy that waits for a signature.",
        where=f"HASH {hash_}",
        remedy="`engage policy status` names those that do.",
    )


commands = (propose, sign, refuse, status, history)
