"""A policy in force: compiled once, asked many times; the same question always gets the same decision."""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engage.policy.checks import compile_check
from engage.policy.conditions import Test
from engage.policy.decision import Decision, Finding, PolicyStamp, Severity, Signoffs, Verdict
from engage.policy.gates import Gates, Need, Needs, one_of
from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit
from engage.policy.language import Contacts, Force, PolicyWindow
from engage.policy.marked import PolicyError, Problem
from engage.policy.matrix import Asked, Matrix, still_missing
from engage.policy.passage import Passages
from engage.policy.patterns import BadPattern
from engage.policy.phrases import BadPhrase
from engage.policy.question import Question
from engage.policy.regimes import window_for
from engage.policy.vocabulary import Clause, Rule
from engage.posts.clock import in_london
from engage.posts.kinds import Kind

SPANS_SHOWN = 10
"""Findings of one rule on one text; more would not tell an officer more."""


@dataclass(frozen=True, slots=True)
class _CompiledClause:
    rule: Rule
    severity: Severity
    roles: tuple[str, ...]
    instead: frozenset[str]
    when: tuple[Test, ...]
    unless: tuple[Test, ...]
    source: str

    def applies(self, question: Question) -> bool:
        """Whether the conditions are those of the clause. Its kinds and platforms are its gates'."""
        for holds in self.when:
            if not holds(question):
                return False
        for holds in self.unless:  # noqa: SIM110 - plain loops: this is the hot path
            if holds(question):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _CompiledCheck:
    clause: _CompiledClause
    find: Finder
    message: str
    fix: str


class Policy:
    """A force's policy. Build one with `load_policy`."""

    def __init__(
        self, force: Force, rules: Sequence[Rule], *, hash_: str, where: Mapping[str, Problem] | None = None
    ) -> None:
        self.force = force
        self.rules = tuple(rules)
        self.where: Mapping[str, Problem] = where or {}
        """Where each rule stands, by its id."""
        self.stamp = PolicyStamp(name=force.name, version=force.version, hash=hash_)
        self._kit = Kit(force)
        self._gates = Gates(self._compiled())
        self._matrix = Matrix(force, self._kit)
        self._kit.bank.close()
        self._passages = Passages(self._kit.bank)

    @property
    def name(self) -> str:
        """The policy's short name: "met"."""
        return self.force.name

    @property
    def version(self) -> str:
        """The version its own file states."""
        return self.force.version

    @property
    def hash(self) -> str:
        """SHA-256 over its files."""
        return self.stamp.hash

    @property
    def contacts(self) -> Contacts:
        """The numbers, links and handles posts may give."""
        return self.force.contacts

    @functools.cached_property
    def never_set_aside(self) -> frozenset[str]:
        """The rules that nobody may set aside."""
        return frozenset(rule.id for rule in self.rules if rule.override == "never")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of post the force publishes."""
        return self.force.kinds

    @property
    def windows(self) -> tuple[PolicyWindow, ...]:
        """The dated regimes written in the policy."""
        return self.force.windows

    @property
    def patterns(self) -> tuple[str, ...]:
        """Every RE2 pattern of the policy and its tokeniser, in the order of their numbers."""
        return self._kit.bank.patterns

    def decide(self, post: Mapping[str, Any], *, moment: str = "typing") -> Decision:
        """The decision on a post JSON at one moment: typing, submit, approval or send.

        Raises BadInput naming the field where the post has no text, or an unknown kind or platform.
        """
        question = self._read(post, moment=moment)
        broken, asked = self._findings(question)
        signoffs = self._matrix.signoffs(question, also=_roles(asked) if asked else ())
        waiting = _waiting(asked, signoffs)
        return Decision(
            verdict=_verdict(broken, signoffs),
            policy=self.stamp,
            findings=(*broken, *waiting),
            signoffs=signoffs,
        )

    def particulars(self, post: Mapping[str, Any]) -> frozenset[str]:
        """The kinds of particular ("age", "school") that a text gives of a victim or a child.

        Kept for each case, they are what `context.published_identifiers` states of later posts, so that
        rules judge a new text together with all that is public already. Raises BadInput as `decide` does.
        """
        question = self._read(post)
        return frozenset(kind for given in self._kit.particulars for kind in given(question))

    def _read(self, post: Mapping[str, Any], *, moment: str = "typing") -> Question:
        question = Question.read(post, moment=moment, passage_of=self._passages.of)
        if self.force.windows and "election_window" not in question.context:
            question.context = {**question.context, **_window(self.force.windows, question)}
        elif "election_window" in question.context:
            question.context = {**question.context, "election_window": window_for(question)}
        return question

    def _findings(self, question: Question) -> tuple[list[Finding], list[tuple[_CompiledClause, Finding]]]:
        """What is broken, missing or warned of; and which approvals rules ask for."""
        broken: list[Finding] = []
        asked: list[tuple[_CompiledClause, Finding]] = []
        seen: set[tuple[str, Severity, tuple[int, int] | None, str]] = set()
        clause, applies = None, False
        for check in self._gates.open_to(question):
            if check.clause is not clause:
                clause = check.clause
                applies = clause.applies(question)
            if not applies:
                continue
            hits = check.find(question)
            if hits is NOTHING:
                continue
            for hit in itertools.islice(hits, SPANS_SHOWN):
                finding = _finding(check, hit, question)
                key = (finding.rule, finding.severity, finding.span, "" if finding.span else finding.message)
                if key in seen:
                    continue
                seen.add(key)
                if clause.severity is Severity.APPROVE:
                    asked.append((clause, finding))
                else:
                    broken.append(finding)
        return broken, asked

    def _compiled(self) -> list[tuple[_CompiledCheck, Needs]]:
        problems: list[Problem] = []
        checks: list[tuple[_CompiledCheck, Needs]] = []
        for rule in self.rules:
            for place, clause in enumerate(rule.clauses):
                try:
                    checks.extend(_compiled(rule, clause, self._kit))
                except (BadPhrase, BadPattern) as error:
                    at = self.where.get(f"{rule.id}.{place}", Problem(rule.id, 1, ""))
                    problems.append(Problem(at.file, at.line, f"{rule.id}: {error}"))
        if problems:
            raise PolicyError(problems)
        return checks


def _window(windows: Sequence[PolicyWindow], question: Question) -> dict[str, Any]:
    """The pre-election window of the policy that the question falls in, as a context states one."""
    if question.now is None:
        return {}
    day, borough = in_london(question.now).date().isoformat(), question.context.get("borough")
    for window in windows:
        if window.starts <= day <= window.ends and (not window.boroughs or borough in window.boroughs):
            return {"election_window": {"active": True, "kind": window.name}}
    return {}


def _compiled(rule: Rule, clause: Clause, kit: Kit) -> Iterator[tuple[_CompiledCheck, Needs]]:
    """The checks of a clause, each with all that it needs: the clause's needs, and its own."""
    conditions = [each for each in (rule.when, clause.when) if each is not None]
    exceptions = [each for each in (rule.unless, clause.unless) if each is not None]
    checks = [(check, compile_check(check, kit)) for check in clause.checks]
    compiled = _CompiledClause(
        rule=rule,
        severity=clause.severity or rule.severity,
        roles=tuple(role.value for role in clause.roles or rule.roles),
        instead=frozenset(role.value for role in clause.instead),
        when=tuple(kit.compiled(each) for each in conditions),
        unless=tuple(kit.compiled(each) for each in exceptions),
        source=f"{rule.source.code} ({rule.source.basis}, {rule.source.grade}): {rule.source.says}",
    )
    shared = (
        *_meant_for(rule, clause),
        *(need for each in conditions for need in kit.needs(each)),
        *(need for each in exceptions for need in kit.needs(each, holds=False)),
    )
    for check, find in checks:
        own = find.needs if isinstance(find, Gated) else ()
        yield (
            _CompiledCheck(
                compiled,
                find.find if isinstance(find, Gated) else find,
                check.message or clause.message or rule.message,
                check.fix or clause.fix or rule.fix,
            ),
            (*shared, *own),
        )


def _meant_for(rule: Rule, clause: Clause) -> Iterator[Need]:
    """The kinds and platforms that a clause is for, where it is not for all."""
    kinds = clause.kinds if clause.kinds is not None else rule.kinds
    if kinds != "all":
        yield one_of("kind", kinds)
    if rule.platforms != "all":
        yield one_of("platform", rule.platforms)


def _finding(check: _CompiledCheck, hit: Hit, question: Question) -> Finding:
    clause = check.clause
    span = None if hit.span is None else question.folded.span(*hit.span)
    words = hit.detail if span is None else question.text[span[0] : span[1]]
    return Finding(
        rule=clause.rule.id,
        severity=clause.severity,
        message=_filled(check.message, words, hit.detail),
        why=clause.rule.why,
        source=clause.source,
        span=span,
        fix=_filled(check.fix, words, hit.detail),
    )


def _filled(text: str, words: str, detail: str) -> str:
    return text.replace("{found}", words).replace("{detail}", detail or words)


def _roles(asked: Sequence[tuple[_CompiledClause, Finding]]) -> tuple[Asked, ...]:
    """The roles that rules ask for, each once, in one order."""
    roles = {(role, clause.instead) for clause, _ in asked for role in clause.roles}
    return tuple(sorted(roles, key=lambda each: (each[0], sorted(each[1]))))


def _waiting(asked: Sequence[tuple[_CompiledClause, Finding]], signoffs: Signoffs) -> list[Finding]:
    """The approvals that rules ask for and that are still missing."""
    missing = {need.role for need in signoffs.missing}
    return [finding for clause, finding in asked if missing.intersection(clause.roles)]


def _verdict(broken: Sequence[Finding], signoffs: Signoffs) -> Verdict:
    if any(finding.blocks for finding in broken):
        return Verdict.BLOCK
    return Verdict.ESCALATE if still_missing(signoffs) else Verdict.ALLOW
