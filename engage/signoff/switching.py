"""Switching a policy on: proposed with what it would change, signed by two people, and only then in force.

Two different people of the press office sign, one of them the head of communications; whoever proposed it
may be one of the two. A signature is for one policy by its hash, compared with the policy in force when it
was proposed: when another is switched on meanwhile, the comparison is stale and it is proposed again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engage.policy.decision import PolicyStamp
from engage.policy.files import KeptFiles
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.signoff.ports import Record
from engage.signoff.record import Entry
from engage.signoff.refusals import NotNeeded, NotYours, WordsChanged

SIGNATURES = 2


class ProposalState(StrEnum):
    """How a proposed policy stands."""

    WAITING = "waiting"
    REFUSED = "refused"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            ProposalState.WAITING: "Waits for signatures",
            ProposalState.IN_FORCE: "In force",
            ProposalState.REPLACED: "Was in force",
            ProposalState.OVERTAKEN: "Overtaken: another policy came into force",
        }.get(self, self.value.capitalize())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One person's answer to a proposal: a signature, or a refusal with its reason."""

    by: str
    role: Role
    signed: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """A policy as it is proposed: what it is, compared with which, and what was found out about it.

    `cases` counts its own cases, all of which held; `replay` is the bounded summary of `engage.policy.replay`.
    """

    policy: PolicyStamp
    title: str
    kept: KeptFiles
    cases: int
    replay: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposed policy and all that was answered. `against` is the hash it was compared with. Times are UTC."""

    id: int
    policy: PolicyStamp
    title: str
    against: str
    by: str
    at: datetime
    reason: str
    cases: int
    replay: Mapping[str, Any]
    replies: tuple[Reply, ...]
    state: ProposalState

    @property
    def signatures(self) -> tuple[Reply, ...]:
        """Those who signed, in order."""
        return tuple(reply for reply in self.replies if reply.signed)

    @property
    def has_head(self) -> bool:
        """Whether the head of communications has signed."""
        return any(reply.role is Role.HEAD_OF_COMMS for reply in self.signatures)

    def answered_by(self, person: Person) -> bool:
        """Whether this person has signed or refused it."""
        return any(reply.by == person.id for reply in self.replies)

    def why_not_signed_by(self, person: Person) -> str:
        """Why this person cannot sign now; empty where they can."""
        if not person.has(*PRESS_OFFICE):
            return "Only the press office signs a policy."
        if self.answered_by(person):
            return "You have signed this already; the second signature must be another person's."
        last = len(self.signatures) == SIGNATURES - 1
        if last and not self.has_head and not person.has(Role.HEAD_OF_COMMS):
            return "One of the two must be the head of communications, and has not signed yet."
        return ""

    def to_json(self) -> dict[str, Any]:
        """The proposal as JSON types."""
        return {
            "id": self.id,
            "name": self.policy.name,
            "version": self.policy.version,
            "hash": self.policy.hash,
            "against": self.against,
            "state": self.state.value,
            "proposed_by": self.by,
            "proposed_at": self.at.isoformat(),
            "reason": self.reason,
            "cases": self.cases,
            "replay": dict(self.replay),
            "replies": [
                {
                    "by": each.by,
                    "role": each.role.value,
                    "answer": "signed" if each.signed else "refused",
                    "reason": each.reason,
                    "at": each.at.isoformat(),
                }
                for each in self.replies
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A policy that came into force: when (UTC), and who had signed it; nobody at the first start."""

    policy: PolicyStamp
    since: datetime
    signed_by: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The switch as JSON types."""
        return {
            "name": self.policy.name,
            "version": self.policy.version,
            "hash": self.policy.hash,
            "since": self.since.isoformat(),
            "signed_by": list(self.signed_by),
        }


class PolicyBooks(Protocol):
    """Where policies, proposals, answers and switches are kept; nothing of it is ever changed or deleted."""

    def lock(self) -> None:
        """Let nobody else propose, answer or switch before this transaction ends."""

    def in_force_hash(self) -> str | None:
        """The hash of the policy switched on last; None before the first start."""

    def proposals(self) -> Sequence[Proposal]:
        """Every proposal, newest first."""

    def proposal(self, proposal_id: int) -> Proposal:
        """One proposal. Raises NoSuchProposal."""

    def propose(self, new: NewProposal, *, by: str, at: datetime) -> Proposal:
        """Keep a policy and its proposal."""

    def answer(self, proposal_id: int, reply: Reply) -> Proposal:
        """Keep one answer and give the proposal as it stands then."""

    def keep(self, policy: PolicyStamp, kept: KeptFiles, *, at: datetime) -> None:
        """Keep a policy's files, once."""

    def switch(self, policy: PolicyStamp, *, proposal_id: int | None, at: datetime) -> None:
        """Put a kept policy in force."""


def begin_with(
    books: PolicyBooks, record: Record, policy: PolicyStamp, kept: KeptFiles, *, actor: str, now: datetime
) -> None:
    """Put the first policy of an installation in force: there is none before it that people could compare."""
    books.lock()
    if books.in_force_hash() is not None:
        return
    books.keep(policy, kept, at=now)
    books.switch(policy, proposal_id=None, at=now)
    _write(record, policy, actor, "policy in force", now, why="first start")


def propose(books: PolicyBooks, record: Record, new: NewProposal, *, by: Person, now: datetime) -> Proposal:
    """Ask for a policy to be switched on. Raises NotYours, or NotNeeded where it is in force or waits already."""
    _must_be_press_office(by)
    books.lock()
    if new.policy.hash == books.in_force_hash():
        raise NotNeeded("This policy is in force already: nothing in it differs.")
    waiting = [each for each in books.proposals() if each.state is ProposalState.WAITING]
    if any(each.policy.hash == new.policy.hash for each in waiting):
        raise NotNeeded("This policy is proposed already and waits for its signatures.")
    proposal = books.propose(new, by=by.id, at=now)
    counts = {name: count for name, count in new.replay.items() if isinstance(count, int)}
    _write(
        record,
        new.policy,
        by.id,
        "policy proposed",
        now,
        proposal=proposal.id,
        against=proposal.against,
        comment=new.reason,
        cases=new.cases,
        replay=counts,
    )
    return proposal


def sign(
    books: PolicyBooks, record: Record, proposal_id: int, *, by: Person, having_read: str, now: datetime
) -> Proposal:
    """Sign a proposed policy; the second signature puts it in force.

    `having_read` is the hash of what this person was shown. Raises NoSuchProposal, NotNeeded, NotYours or
    WordsChanged, and changes nothing.
    """
    books.lock()
    proposal = _waiting(books, proposal_id)
    refusal = proposal.why_not_signed_by(by)
    if refusal:
        raise (NotNeeded if proposal.answered_by(by) else NotYours)(refusal)
    if having_read != proposal.policy.hash:
        raise WordsChanged("This is not the policy you were shown. Open the proposal again.")
    role = Role.HEAD_OF_COMMS if by.has(Role.HEAD_OF_COMMS) else min(by.roles & PRESS_OFFICE)
    signed = books.answer(proposal_id, Reply(by=by.id, role=role, signed=True, reason="", at=now))
    _write(record, proposal.policy, by.id, "policy signed", now, proposal=proposal_id, role=role.value)
    if len(signed.signatures) < SIGNATURES:
        return signed
    books.switch(proposal.policy, proposal_id=proposal_id, at=now)
    signers = [each.by for each in signed.signatures]
    _write(
        record,
        proposal.policy,
        by.id,
        "policy in force",
        now,
        proposal=proposal_id,
        instead_of=proposal.against,
        signed_by=signers,
    )
    return books.proposal(proposal_id)


def refuse(
    books: PolicyBooks, record: Record, proposal_id: int, *, by: Person, reason: str, now: datetime
) -> Proposal:
    """End a proposal with a reason. Anybody of the press office may, also whoever proposed or signed it."""
    _must_be_press_office(by)
    books.lock()
    proposal = _waiting(books, proposal_id)
    if not reason.strip():
        raise NotNeeded("Say why: whoever proposed it and the record need a reason.")
    role = min(by.roles & PRESS_OFFICE)
    refused = books.answer(
        proposal_id, Reply(by=by.id, role=role, signed=False, reason=reason.strip(), at=now)
    )
    _write(
        record, proposal.policy, by.id, "policy refused", now, proposal=proposal_id, comment=reason.strip()
    )
    return refused


def _waiting(books: PolicyBooks, proposal_id: int) -> Proposal:
    proposal = books.proposal(proposal_id)
    if proposal.state is ProposalState.OVERTAKEN:
        raise NotNeeded(
            "Another policy came into force after this one was compared with it. Propose it again, "
            "so that what you sign says what it would change now."
        )
    if proposal.state is not ProposalState.WAITING:
        raise NotNeeded(f"This proposal does not wait any more. {proposal.state.label}.")
    return proposal


def _must_be_press_office(by: Person) -> None:
    if not by.has(*PRESS_OFFICE):
        raise NotYours("Only the press office proposes, signs or refuses a policy.")


def _write(
    record: Record, policy: PolicyStamp, actor: str, action: str, now: datetime, **details: Any
) -> None:
    stamped = {"name": policy.name, "version": policy.version, "hash": policy.hash, **details}
    record.append(Entry(at=now, actor=actor, action=action, subject=f"policy:{policy.hash}", details=stamped))
