"""A policy in force: compiled once, asked many times; the same question always gets the same decision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engage.policy.checks import compile_check
from engage.policy.conditions import Test, any_one, every_one, roots_of
from engage.policy.decision import Decision, Finding, PolicyStamp, Severity, Signoffs, Verdict
from engage.policy.kit import Finder, Gated, Hit, Kit
from engage.policy.language import Condition, Contacts, Force, PolicyWindow
from engage.policy.marked import PolicyError, Problem
from engage.policy.matrix import Matrix, still_missing
from engage.policy.patterns import BadPattern
from engage.policy.phrases import BadPhrase
from engage.policy.question import Question
from engage.policy.vocabulary import Check, Clause, Rule
from engage.posts.clock import in_london
from engage.posts.kinds import Kind, Platform

SPANS_SHOWN = 10
"""Findings of one rule on one text; more would not tell an officer more."""


@dataclass(frozen=True, slots=True)
class _CompiledCheck:
    find: Finder
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class _Gate:
    """What a clause cannot fire without.

    A pattern that matches or a part of the context that is stated; and, where `when` names any, one of
    those parts as well.
    """

    always: bool
    patterns: frozenset[int]
    roots: frozenset[str]
    when: frozenset[str]


@dataclass(frozen=True, slots=True)
class _CompiledClause:
    rule: Rule
    severity: Severity
    roles: tuple[str, ...]
    instead: frozenset[str]
    platforms: frozenset[Platform] | None
    when: Test
    unless: Test
    checks: tuple[_CompiledCheck, ...]
    source: str
    gate: _Gate

    def applies(self, question: Question) -> bool:
        """Whether the platform and the conditions are those of the clause."""
        return (
            (self.platforms is None or question.platform in self.platforms)
            and self.when(question)
            and not self.unless(question)
        )


class _Index:
    """The clauses for one kind of post, found by what can make them fire, in the order of the policy."""

    def __init__(self) -> None:
        self.clauses: list[_CompiledClause] = []
        self._always: list[int] = []
        self._by_pattern: dict[int, list[int]] = {}
        self._by_root: dict[str, list[int]] = {}

    def add(self, clause: _CompiledClause) -> None:
        """Keep a clause under all that can make it fire."""
        place = len(self.clauses)
        self.clauses.append(clause)
        if clause.gate.always:
            self._always.append(place)
            return
        for pattern in clause.gate.patterns:
            self._by_pattern.setdefault(pattern, []).append(place)
        for root in clause.gate.roots:
            self._by_root.setdefault(root, []).append(place)

    def may_fire(self, question: Question) -> Iterator[_CompiledClause]:
        """The clauses that can fire on this question."""
        places, stated = set(self._always), question.context.keys()
        for pattern in question.hits | question.masked_hits:
            places.update(self._by_pattern.get(pattern, ()))
        for root in question.context:
            places.update(self._by_root.get(root, ()))
        for place in sorted(places):
            clause = self.clauses[place]
            if clause.gate.when and stated.isdisjoint(clause.gate.when):
                continue
            if clause.applies(question):
                yield clause


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
        self._by_kind = {kind: _Index() for kind in Kind}
        self._compile()
        self._matrix = Matrix(force, self._kit)
        self._kit.bank.close()

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

    @property
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
        roles = {(role, clause.instead) for clause, _ in asked for role in clause.roles}
        signoffs = self._matrix.signoffs(question, also=sorted(roles, key=lambda each: each[0]))
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
        question = Question.read(post, moment=moment)
        if self.force.windows and "election_window" not in question.context:
            question.context = {**question.context, **_window(self.force.windows, question)}
        bank = self._kit.bank
        question.hits = bank.hits(question.folded.text)
        if question.masked is not None:
            question.masked_hits = bank.hits(question.masked) - question.hits
        return question

    def _findings(self, question: Question) -> tuple[list[Finding], list[tuple[_CompiledClause, Finding]]]:
        """What is broken, missing or warned of; and which approvals rules ask for."""
        broken: list[Finding] = []
        asked: list[tuple[_CompiledClause, Finding]] = []
        seen: set[tuple[str, Severity, tuple[int, int] | None, str]] = set()
        for clause in self._by_kind[question.kind].may_fire(question):
            for finding in _found(clause, question):
                key = (finding.rule, finding.severity, finding.span, "" if finding.span else finding.message)
                if key in seen:
                    continue
                seen.add(key)
                if clause.severity is Severity.APPROVE:
                    asked.append((clause, finding))
                else:
                    broken.append(finding)
        return broken, asked

    def _compile(self) -> None:
        problems: list[Problem] = []
        for rule in self.rules:
            for place, clause in enumerate(rule.clauses):
                try:
                    compiled = _compiled(rule, clause, self._kit)
                except (BadPhrase, BadPattern) as error:
                    at = self.where.get(f"{rule.id}.{place}", Problem(rule.id, 1, ""))
                    problems.append(Problem(at.file, at.line, f"{rule.id}: {error}"))
                    continue
                for kind in _kinds(rule, clause):
                    self._by_kind[kind].add(compiled)
        if problems:
            raise PolicyError(problems)


def _window(windows: Sequence[PolicyWindow], question: Question) -> dict[str, Any]:
    """The pre-election window of the policy that the question falls in, as a context states one."""
    if question.now is None:
        return {}
    day, borough = in_london(question.now).date().isoformat(), question.context.get("borough")
    for window in windows:
        if window.starts <= day <= window.ends and (not window.boroughs or borough in window.boroughs):
            return {"election_window": {"active": True, "kind": window.name}}
    return {}


def _kinds(rule: Rule, clause: Clause) -> Iterable[Kind]:
    if clause.kinds is not None:
        return clause.kinds
    return Kind if rule.kinds == "all" else rule.kinds


def _compiled(rule: Rule, clause: Clause, kit: Kit) -> _CompiledClause:
    conditions = [each for each in (rule.when, clause.when) if each is not None]
    exceptions = [each for each in (rule.unless, clause.unless) if each is not None]
    compiled = [(check, compile_check(check, kit)) for check in clause.checks]
    return _CompiledClause(
        rule=rule,
        severity=clause.severity or rule.severity,
        roles=tuple(role.value for role in clause.roles or rule.roles),
        instead=frozenset(role.value for role in clause.instead),
        platforms=None if rule.platforms == "all" else frozenset(rule.platforms),
        when=every_one(tuple(kit.compiled(each) for each in conditions)),
        unless=any_one(tuple(kit.compiled(each) for each in exceptions)),
        checks=tuple(
            _CompiledCheck(
                find.find if isinstance(find, Gated) else find,
                check.message or clause.message or rule.message,
                check.fix or clause.fix or rule.fix,
            )
            for check, find in compiled
        ),
        source=f"{rule.source.code} ({rule.source.basis}, {rule.source.grade}): {rule.source.says}",
        gate=_gate(compiled, conditions),
    )


def _gate(compiled: Sequence[tuple[Check, Finder | Gated]], conditions: Sequence[Condition]) -> _Gate:
    """The union of what each check needs, or, where that is narrower, what a condition needs."""
    needed = next((roots for each in conditions if (roots := roots_of(each)) is not None), None)
    gated = [find for _, find in compiled if isinstance(find, Gated)]
    if len(gated) == len(compiled):
        patterns = frozenset[int]().union(*(each.patterns for each in gated))
        return _Gate(
            False, patterns, frozenset[str]().union(*(each.roots for each in gated)), needed or _NONE
        )
    return _Gate(needed is None, _NONE, needed or _NONE, _NONE)


_NONE: frozenset[Any] = frozenset()


def _found(clause: _CompiledClause, question: Question) -> Iterator[Finding]:
    for check in clause.checks:
        for count, hit in enumerate(check.find(question)):
            if count == SPANS_SHOWN:
                break
            yield _finding(clause, check, hit, question)


def _finding(clause: _CompiledClause, check: _CompiledCheck, hit: Hit, question: Question) -> Finding:
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


def _waiting(asked: Sequence[tuple[_CompiledClause, Finding]], signoffs: Signoffs) -> list[Finding]:
    """The approvals that rules ask for and that are still missing."""
    missing = {need.role for need in signoffs.missing}
    return [finding for clause, finding in asked if missing.intersection(clause.roles)]


def _verdict(broken: Sequence[Finding], signoffs: Signoffs) -> Verdict:
    if any(finding.blocks for finding in broken):
        return Verdict.BLOCK
    return Verdict.ESCALATE if still_missing(signoffs) else Verdict.ALLOW
