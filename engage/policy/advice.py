"""What `engage policy check` says beyond “it loads”: rules without cases, that cannot fire, that contradict."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engage.policy.dead_words import dead_words
from engage.policy.files import FilesOnDisk
from engage.policy.language import MatrixEntry
from engage.policy.loading import Sources, read_sources
from engage.policy.marked import Problem
from engage.policy.policy import Policy
from engage.policy.vocabulary import Rule
from engage.posts.kinds import Kind

FEWEST_FIRING = 2
FEWEST_PASSING = 2


def check_policy(directory: Path) -> tuple[Policy, list[Problem]]:
    """The policy, and every fault that does not keep it from loading. Raises PolicyError where it cannot."""
    sources = read_sources(FilesOnDisk(directory), with_cases=True)
    return sources.compiled(), faults_of(sources)


def faults_of(sources: Sources) -> list[Problem]:
    """Every fault that does not keep a policy from loading, by file and line."""
    return sorted(
        {
            *_cases(sources),
            *_unreachable(sources),
            *dead_words(sources),
            *_matrix(sources),
            *_references(sources),
        }
    )


def _cases(sources: Sources) -> Iterator[Problem]:
    fires = Counter(case.rule for case, _ in sources.cases if case.expect == "fires")
    passes = Counter(case.rule for case, _ in sources.cases if case.expect == "passes")
    for rule_id, where in _rules(sources):
        if fires[rule_id] < FEWEST_FIRING or passes[rule_id] < FEWEST_PASSING:
            yield Problem(
                where.file,
                where.line,
                f"{rule_id} has {fires[rule_id]} cases that fire and {passes[rule_id]} near misses; two of each are needed.",
            )
    for case, where in sources.cases:
        if case.rule not in sources.rules:
            yield Problem(where.file, where.line, f"{case.rule} is no rule of this policy.")


def _rules(sources: Sources) -> Iterator[tuple[str, Problem]]:
    for rule_id in sources.rules:
        yield rule_id, sources.where[rule_id]


def _unreachable(sources: Sources) -> Iterator[Problem]:
    for rule_id, where in _rules(sources):
        rule = sources.rules[rule_id]
        if not _kinds(rule) & set(sources.force.kinds):
            yield Problem(
                where.file,
                where.line,
                f"{rule_id} is for kinds this force does not publish, so it never fires.",
            )
        for place, clause in enumerate(rule.clauses):
            if clause.kinds is not None and not set(clause.kinds) & _kinds(rule):
                at = sources.where[f"{rule_id}.{place}"]
                yield Problem(
                    at.file,
                    at.line,
                    f"{rule_id}: this clause is for kinds its rule is not for, so it never fires.",
                )


def _kinds(rule: Rule) -> set[Kind]:
    return set(Kind) if rule.kinds == "all" else set(rule.kinds)


def _references(sources: Sources) -> Iterator[Problem]:
    """Rules whose source the policy's own list does not name; a policy without the list is not held to it."""
    listed = sources.force.sources
    for rule_id, where in _rules(sources):
        code = sources.rules[rule_id].source.code
        if listed and code not in listed:
            yield Problem(
                where.file,
                where.line,
                f"{rule_id}: its source {code} is not among the sources in policy.yaml.",
            )


def _matrix(sources: Sources) -> Iterator[Problem]:
    entries = sources.force.matrix
    for kind in sources.force.kinds:
        always = [place for place, each in enumerate(entries) if each.when is None and kind in each.kinds]
        if not always:
            yield _at(sources, 0, f"nobody approves {kind.value} when no condition holds.")
        for place in always[1:]:
            first = sources.where[f"matrix.{always[0]}"].line
            yield _at(sources, place, f"contradicts line {first}: both are for every {kind.value}.")
    for place, entry in enumerate(entries):
        if _outlives(entry):
            kinds = ", ".join(kind.value for kind in entry.kinds)
            yield _at(sources, place, f"{kinds} lapses before anybody has had the time to approve it.")


def _at(sources: Sources, place: int, fault: str) -> Problem:
    where = sources.where.get(f"matrix.{place}", sources.where["matrix"])
    return Problem(where.file, where.line, f"matrix: {fault}")


def _outlives(entry: MatrixEntry) -> bool:
    return entry.valid_for_minutes < entry.approve_within_minutes // 4
