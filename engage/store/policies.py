"""Policies by their hash, who proposed and signed them, and which one is in force: appended, never changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint, func, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.policy.decision import PolicyStamp
from engage.policy.files import KeptFiles
from engage.posts.people import Role
from engage.signoff.refusals import NoSuchProposal
from engage.signoff.switching import NewProposal, Proposal, ProposalState, Reply, Switch
from engage.store.base import Base

_SWITCH_LOCK = 0x454E4750  # "ENGP": one proposal, answer or switch at a time, until its transaction ends


class PolicyVersionRow(Base):
    """The files that decide, exactly as they were read; their hash is their name."""

    __tablename__ = "policy_version"

    hash: Mapped[str] = mapped_column(primary_key=True)
    folder: Mapped[str]
    name: Mapped[str]
    version: Mapped[str]
    files: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]

    def stamp(self) -> PolicyStamp:
        """The policy as decisions name it."""
        return PolicyStamp(name=self.name, version=self.version, hash=self.hash)


class PolicyProposalRow(Base):
    """A policy somebody asks to have switched on, with what was found out about it."""

    __tablename__ = "policy_proposal"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    hash: Mapped[str] = mapped_column(ForeignKey("policy_version.hash"))
    against: Mapped[str] = mapped_column(ForeignKey("policy_version.hash"))
    title: Mapped[str]
    by: Mapped[str]
    reason: Mapped[str]
    cases: Mapped[int]
    replay: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class PolicyReplyRow(Base):
    """One person's signature or refusal of one proposal."""

    __tablename__ = "policy_reply"
    __table_args__ = (UniqueConstraint("proposal_id", "by", "signed"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("policy_proposal.id"))
    by: Mapped[str]
    role: Mapped[str]
    signed: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]

    def reply(self) -> Reply:
        """The row as the core knows it."""
        return Reply(by=self.by, role=Role(self.role), signed=self.signed, reason=self.reason, at=self.at)


class PolicyInForceRow(Base):
    """A policy that came into force; the newest row is the one that decides."""

    __tablename__ = "policy_in_force"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    hash: Mapped[str] = mapped_column(ForeignKey("policy_version.hash"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("policy_proposal.id"))
    since: Mapped[datetime]


class PolicyStore:
    """The books of `engage.signoff.switching`, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Let nobody else propose, answer or switch before this transaction ends."""
        self._session.execute(select(func.pg_advisory_xact_lock(_SWITCH_LOCK)))

    def is_there(self) -> bool:
        """Whether this database has the tables of this room at all."""
        return inspect(self._session.connection()).has_table(PolicyInForceRow.__tablename__)

    def in_force_hash(self) -> str | None:
        """The hash of the policy switched on last; None before the first start."""
        query = select(PolicyInForceRow.hash).order_by(PolicyInForceRow.id.desc()).limit(1)
        return self._session.scalar(query)

    def hashes(self) -> Iterator[str]:
        """The hashes of the policies that were in force, the last one first."""
        query = select(PolicyInForceRow.hash).order_by(PolicyInForceRow.id.desc())
        return iter(dict.fromkeys(self._session.scalars(query)))

    def kept(self, hash_: str) -> KeptFiles | None:
        """A policy's files; None where none of this hash was kept."""
        row = self._session.get(PolicyVersionRow, hash_)
        return KeptFiles.of_texts(row.folder, row.files) if row else None

    def switches(self) -> Sequence[Switch]:
        """Every policy that came into force, the last one first."""
        query = (
            select(PolicyInForceRow, PolicyVersionRow)
            .join(PolicyVersionRow, PolicyVersionRow.hash == PolicyInForceRow.hash)
            .order_by(PolicyInForceRow.id.desc())
        )
        return [
            Switch(policy=version.stamp(), since=row.since, signed_by=self._signers(row.proposal_id))
            for row, version in self._session.execute(query)
        ]

    def proposals(self) -> Sequence[Proposal]:
        """Every proposal, newest first."""
        query = select(PolicyProposalRow).order_by(PolicyProposalRow.id.desc())
        return [self._proposal(row) for row in self._session.scalars(query)]

    def proposal(self, proposal_id: int) -> Proposal:
        """One proposal. Raises NoSuchProposal."""
        row = self._session.get(PolicyProposalRow, proposal_id)
        if row is None:
            raise NoSuchProposal(f"There is no proposal {proposal_id} of a policy.")
        return self._proposal(row)

    def propose(self, new: NewProposal, *, by: str, at: datetime) -> Proposal:
        """Keep a policy and its proposal. Raises BadInput where its files are too large to keep."""
        self.keep(new.policy, new.kept, at=at)
        row = PolicyProposalRow(
            hash=new.policy.hash,
            against=self.in_force_hash(),
            title=new.title,
            by=by,
            reason=new.reason,
            cases=new.cases,
            replay=dict(new.replay),
            at=at,
        )
        self._session.add(row)
        self._session.flush()
        return self._proposal(row)

    def answer(self, proposal_id: int, reply: Reply) -> Proposal:
        """Keep one answer and give the proposal as it stands then."""
        self._session.add(
            PolicyReplyRow(
                proposal_id=proposal_id,
                by=reply.by,
                role=reply.role.value,
                signed=reply.signed,
                reason=reply.reason,
                at=reply.at,
            )
        )
        self._session.flush()
        return self.proposal(proposal_id)

    def keep(self, policy: PolicyStamp, kept: KeptFiles, *, at: datetime) -> None:
        """Keep a policy's files, once. Raises BadInput where they are too large."""
        if self._session.get(PolicyVersionRow, policy.hash) is None:
            self._session.add(
                PolicyVersionRow(
                    hash=policy.hash,
                    folder=kept.folder,
                    name=policy.name,
                    version=policy.version,
                    files=kept.texts(),
                    kept_at=at,
                )
            )
            self._session.flush()

    def switch(self, policy: PolicyStamp, *, proposal_id: int | None, at: datetime) -> None:
        """Put a kept policy in force."""
        self._session.add(PolicyInForceRow(hash=policy.hash, proposal_id=proposal_id, since=at))
        self._session.flush()

    def _signers(self, proposal_id: int | None) -> tuple[str, ...]:
        return tuple(each.by for each in self._replies(proposal_id) if each.signed)

    def _replies(self, proposal_id: int | None) -> tuple[Reply, ...]:
        query = select(PolicyReplyRow).where(PolicyReplyRow.proposal_id == proposal_id)
        return tuple(row.reply() for row in self._session.scalars(query.order_by(PolicyReplyRow.id)))

    def _proposal(self, row: PolicyProposalRow) -> Proposal:
        version = self._session.get_one(PolicyVersionRow, row.hash)
        replies = self._replies(row.id)
        return Proposal(
            id=row.id,
            policy=version.stamp(),
            title=row.title,
            against=row.against,
            by=row.by,
            at=row.at,
            reason=row.reason,
            cases=row.cases,
            replay=row.replay,
            replies=replies,
            state=self._state(row, replies),
        )

    def _state(self, row: PolicyProposalRow, replies: Sequence[Reply]) -> ProposalState:
        if any(not reply.signed for reply in replies):
            return ProposalState.REFUSED
        last = self._session.scalar(select(PolicyInForceRow).order_by(PolicyInForceRow.id.desc()).limit(1))
        if last is not None and last.proposal_id == row.id:
            return ProposalState.IN_FORCE
        switched = select(PolicyInForceRow.id).where(PolicyInForceRow.proposal_id == row.id)
        if self._session.scalar(switched) is not None:
            return ProposalState.REPLACED
        same = last is not None and last.hash == row.against
        return ProposalState.WAITING if same else ProposalState.OVERTAKEN
