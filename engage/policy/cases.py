"""A policy's own examples: for every rule posts on which it must fire, and near misses that must pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engage.policy.decision import Decision
from engage.policy.files import FilesOnDisk
from engage.policy.language import Case
from engage.policy.loading import Sources, read_sources
from engage.policy.marked import PolicyError, Problem
from engage.policy.policy import Policy
from engage.posts.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case, run. `why_not` says in words what was expected and did not happen; empty when it holds."""

    case: Case
    where: Problem
    why_not: str = ""

    @property
    def holds(self) -> bool:
        """Whether the policy did what the case says."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class CaseBook:
    """A policy with its cases, ready to run."""

    policy: Policy
    cases: tuple[tuple[Case, Problem], ...]

    @classmethod
    def read(cls, directory: Path) -> "CaseBook":
        """The policy of a directory and its cases. Raises PolicyError."""
        return cls.of(read_sources(FilesOnDisk(directory), with_cases=True))

    @classmethod
    def of(cls, sources: Sources) -> "CaseBook":
        """The policy of files already read with their cases. Raises PolicyError."""
        _must_know_rules(sources)
        return cls(sources.compiled(), tuple(sources.cases))

    def run(self) -> Iterator[CaseResult]:
        """Run each case in the order of the files."""
        for case, where in self.cases:
            yield CaseResult(case=case, where=where, why_not=_why_not(case, self.policy))

    def without(self, rule_id: str) -> "CaseBook":
        """The same cases on the policy with one rule switched off."""
        rules = [rule for rule in self.policy.rules if rule.id != rule_id]
        policy = Policy(self.policy.force, rules, hash_="")
        return CaseBook(policy, tuple(pair for pair in self.cases if pair[0].rule == rule_id))


def _must_know_rules(sources: Sources) -> None:
    problems = [
        Problem(where.file, where.line, f"{case.rule} is no rule of this policy.")
        for case, where in sources.cases
        if case.rule not in sources.rules
    ]
    if problems:
        raise PolicyError(problems)


def _why_not(case: Case, policy: Policy) -> str:
    try:
        decision = policy.decide(case.post)
    except BadInput as error:
        return str(error)
    return "; ".join(_differences(case, decision))


def _differences(case: Case, decision: Decision) -> Iterable[str]:
    fired = decision.rules
    if case.expect == "fires" and case.rule not in fired:
        yield f"{case.rule} did not fire ({', '.join(fired) or 'nothing did'})"
    if case.expect == "passes" and case.rule in fired:
        message = next(finding.message for finding in decision.findings if finding.rule == case.rule)
        yield f"{case.rule} fired: {message}"
    if case.verdict is not None and decision.verdict.value != case.verdict:
        yield f"the verdict is {decision.verdict.value}, not {case.verdict} ({', '.join(fired) or 'nothing fired'})"
    if case.span is not None:
        marked = [
            case.post["text"][slice(*each.span)]
            for each in decision.findings
            if each.rule == case.rule and each.span
        ]
        if case.span not in marked:
            yield f"“{case.span}” is not marked ({', '.join(marked) or 'nothing is'})"
