"""The policy that decides: the one two people signed, by its hash, the same in every process at every moment.

The hash is asked of the database whenever something is judged, so that a switch counts for the next
decision of every process; compiling is done once for each hash. A policy that cannot be compiled or is not
what was signed never decides: the newest before it that is good stays in force, and the fault is shown.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from engage.policy import KeptFiles, Policy, PolicyFolder, read_policy
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput, Unavailable
from engage.signoff import acts
from engage.signoff.switching import Proposal, ProposalState, Switch, begin_with
from engage.store.unit import Unit

_KEPT_COMPILED = 4
"""While one is switched on, some transactions still see the one before."""


class NoPolicy(Unavailable):
    """No policy is in force and none can be put in force: nothing can be decided, and nothing leaves."""


class FolderState(StrEnum):
    """How the installation's folder stands to what decides."""

    SAME = "same"
    PROPOSED = "proposed"
    DIFFERS = "differs"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides, and what might: the policy in force, the folder, the proposals.

    `fault` says why the policy switched on last does not decide; empty where it does.
    """

    policy: Policy
    switches: Sequence[Switch]
    proposals: Sequence[Proposal]
    directory: Path
    folder: FolderState
    folder_fault: BadInput | None
    fault: str

    @property
    def waiting(self) -> Sequence[Proposal]:
        """The proposals that wait for a signature."""
        return [each for each in self.proposals if each.state is ProposalState.WAITING]

    @property
    def deciding(self) -> Switch:
        """When what decides came into force, and who had signed it."""
        return next(each for each in self.switches if each.policy.hash == self.policy.hash)

    @property
    def advice(self) -> str:
        """What to do about the folder, in one sentence; empty where it is what decides."""
        match self.folder:
            case FolderState.SAME:
                return ""
            case FolderState.PROPOSED:
                return "The folder is proposed and waits for its signatures; until then it decides nothing."
            case FolderState.DIFFERS:
                return "The folder differs from what is in force: propose it, or it decides nothing."
            case FolderState.BROKEN:
                return f"The folder cannot be loaded, and decides nothing: {self.folder_fault}"

    def to_json(self) -> dict[str, Any]:
        """How it stands as JSON types."""
        return {
            "in_force": self.deciding.to_json(),
            "fault": self.fault,
            "folder": {
                "directory": str(self.directory),
                "state": self.folder.value,
                "advice": self.advice,
            },
            "waiting": [each.to_json() for each in self.waiting],
        }


class SignedPolicies:
    """The policies that were signed, compiled once each. Safe to share between threads."""

    def __init__(self, directory: Path) -> None:
        self.folder = PolicyFolder(directory)
        self._lock = threading.Lock()
        self._compiled: dict[str, Policy] = {}
        self._faults: dict[str, str] = {}

    def in_force(self, unit: Unit) -> Policy:
        """The policy that decides in this transaction.

        The first time an installation asks, its folder's policy comes into force. Raises NoPolicy.
        """
        newest = unit.policies.in_force_hash()
        if newest is None:
            newest = self._begin(unit)
        return self._compiled.get(newest) or self._last_good(unit)

    def in_force_if_any(self, unit: Unit) -> Policy | None:
        """The policy that decides, changing nothing; None where this database has none yet."""
        if not unit.policies.is_there() or unit.policies.in_force_hash() is None:
            return None
        return self.in_force(unit)

    def read_ahead(self, unit: Unit) -> None:
        """Compile what decides, or would where nobody has asked yet; changes nothing. Raises BadInput."""
        if self.in_force_if_any(unit) is None:
            self._keep(self.folder.now().policy)

    def standing(self, unit: Unit) -> Standing:
        """What decides, and what might. Raises NoPolicy."""
        policy = self.in_force(unit)
        switches, proposals = unit.policies.switches(), unit.policies.proposals()
        broken = self.folder.error()
        return Standing(
            policy=policy,
            switches=switches,
            proposals=proposals,
            directory=self.folder.directory,
            folder=self._folder_state(switches[0].policy.hash, proposals, broken),
            folder_fault=broken,
            fault=self.fault(unit),
        )

    def fault(self, unit: Unit) -> str:
        """Why the policy switched on last does not decide; empty where it does. Raises NoPolicy."""
        policy, newest = self.in_force(unit), unit.policies.in_force_hash()
        return "" if newest is None or policy.hash == newest else self._faults.get(newest, "")

    def concerns(self, unit: Unit) -> Sequence[str]:
        """What an operator should look after, in sentences: a policy or a folder that cannot be loaded."""
        fault, broken = self.fault(unit), self.folder.error()
        told = []
        if fault:
            told.append(
                f"The policy switched on last cannot be loaded, so the one before it decides. {fault}"
            )
        if broken:
            told.append(f"The policy's folder cannot be loaded; what is in force stays. {broken}")
        return told

    def _folder_state(
        self, newest: str, proposals: Sequence[Proposal], fault: BadInput | None
    ) -> FolderState:
        if fault is not None:
            return FolderState.BROKEN
        here = self.folder.now().policy.hash
        if here == newest:
            return FolderState.SAME
        waiting = {each.policy.hash for each in proposals if each.state is ProposalState.WAITING}
        return FolderState.PROPOSED if here in waiting else FolderState.DIFFERS

    def _begin(self, unit: Unit) -> str:
        try:
            found = self.folder.now()
        except BadInput as error:
            raise NoPolicy(
                f"No policy is in force yet, and the folder's cannot be loaded: {error}"
            ) from error
        self._keep(found.policy)
        begin_with(
            unit.policies, unit.audit, found.policy.stamp, found.kept, actor=acts.SYSTEM, now=utc_now()
        )
        return unit.policies.in_force_hash() or found.policy.hash

    def _last_good(self, unit: Unit) -> Policy:
        """The newest policy that was in force and can be compiled."""
        faults = []
        for hash_ in unit.policies.hashes():
            policy = self._good(hash_, unit)
            if policy is not None:
                return policy
            faults.append(self._faults[hash_])
        raise NoPolicy(f"No policy that was signed can be loaded: {faults[0]}")

    def _good(self, hash_: str, unit: Unit) -> Policy | None:
        with self._lock:
            if hash_ not in self._compiled and hash_ not in self._faults:
                self._compile(hash_, unit.policies.kept(hash_))
            return self._compiled.get(hash_)

    def _compile(self, hash_: str, kept: KeptFiles | None) -> None:
        if kept is None or kept.hash != hash_:
            self._faults[hash_] = f"The files kept as {hash_[:12]} are not what was signed."
            return
        try:
            self._keep(read_policy(kept))
        except BadInput as error:
            self._faults[hash_] = str(error)

    def _keep(self, policy: Policy) -> None:
        kept = {**self._compiled, policy.hash: policy}
        self._compiled = dict(list(kept.items())[-_KEPT_COMPILED:])
