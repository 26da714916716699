"""The rules in force as a page shows them: by group, searchable, each with why, its source and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from engage.policy.conditions_said import said
from engage.policy.decision import Severity
from engage.policy.language import MatrixEntry, RoleNeed
from engage.policy.policy import Policy
from engage.policy.vocabulary import Rule

_SEVERITIES = {
    Severity.BLOCK: ("Blocks", "red"),
    Severity.REQUIRE: ("Must be there", "red"),
    Severity.APPROVE: ("Needs a sign-off", "yellow"),
    Severity.WARN: ("Warns", "orange"),
}
_GRADES = {
    "R": "read in an excerpt",
    "P": "the page is known to exist",
    "K": "not checked",
    "D": "our own design",
}
_DAY, _HOUR = 1440, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRule:
    """One rule in words. `lines` are (label, text) pairs; `read_at` is where its source can be read, or nothing."""

    id: str
    title: str
    severity: str
    colour: str
    group: str
    message: str
    lines: tuple[tuple[str, str], ...]
    source: str
    read_at: str

    def says(self, words: str) -> bool:
        """Whether every one of these words is somewhere in the rule, in any case."""
        text = " ".join(
            (self.id, self.title, self.message, self.source, *(text for _, text in self.lines))
        ).casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """The rules of one file."""

    title: str
    rules: tuple[ShownRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownApproval:
    """One row of the approval matrix, in words."""

    kinds: str
    when: str
    tier: int
    signs: str
    out_of_hours: str
    within: str
    valid: str


def shown_groups(policy: Policy, *, search: str = "") -> tuple[ShownGroup, ...]:
    """The rules by group, in the order of the policy; only those that say the words searched for."""
    groups: dict[str, list[ShownRule]] = {}
    for rule in policy.rules:
        shown = _rule(rule, policy)
        if shown.says(search):
            groups.setdefault(shown.group, []).append(shown)
    return tuple(ShownGroup(title=title, rules=tuple(rules)) for title, rules in groups.items())


def shown_matrix(policy: Policy) -> tuple[ShownApproval, ...]:
    """Who signs what, in the order of the policy."""
    return tuple(_approval(entry) for entry in policy.force.matrix)


def shown_thresholds(policy: Policy) -> tuple[tuple[str, str], ...]:
    """The numbers that rules share: (name, value)."""
    return tuple(
        (name.replace("_", " "), f"{value:g}") for name, value in policy.force.thresholds.model_dump().items()
    )


def _rule(rule: Rule, policy: Policy) -> ShownRule:
    severity, colour = _SEVERITIES[rule.severity]
    where, reference = policy.where.get(rule.id), policy.force.sources.get(rule.source.code)
    return ShownRule(
        id=rule.id,
        title=rule.title,
        severity=severity,
        colour=colour,
        group=_group(where.file if where else ""),
        message=rule.message.replace("{found}", "…").replace("{detail}", "…"),
        lines=tuple((label, text) for label, text in _lines(rule, policy) if text),
        source=reference.title if reference else rule.source.code,
        read_at=(reference.address or "") if reference else "",
    )


def _lines(rule: Rule, policy: Policy) -> Iterator[tuple[str, str]]:
    where = policy.where.get(rule.id)
    yield "Why", rule.why
    yield "What to do", rule.fix.replace("{found}", "…").replace("{detail}", "…")
    yield "For", "every kind of post" if rule.kinds == "all" else _listed([kind.label for kind in rule.kinds])
    yield "On", "" if rule.platforms == "all" else _listed([each.label for each in rule.platforms])
    yield "When", said(rule.when) if rule.when else ""
    yield "Unless", said(rule.unless) if rule.unless else ""
    yield "Signed by", _listed([role.label for role in rule.roles])
    yield "Source", f"{rule.source.code}, {rule.source.basis}: {rule.source.says}"
    yield "How sure", _GRADES[rule.source.grade]
    yield (
        "Set aside by",
        "nobody" if rule.override == "never" else "the head of communications, with a reason",
    )
    yield "Stands in", f"{where.file}, line {where.line}" if where else ""


def _group(file: str) -> str:
    """A file's group: "met/rules/L-law.yaml" is "Law"."""
    stem = PurePosixPath(file).stem
    return (stem.partition("-")[2] or stem or "Rules").replace("-", " ").capitalize()


def _approval(entry: MatrixEntry) -> ShownApproval:
    late = entry.out_of_hours
    words = {"wait": "waits for the morning", "same": "the same people"}
    return ShownApproval(
        kinds=_listed([kind.label for kind in entry.kinds]),
        when=said(entry.when) if entry.when else "",
        tier=entry.tier,
        signs=_needs(entry.approve),
        out_of_hours=words[late] if isinstance(late, str) else _needs(late),
        within=_lasting(entry.approve_within_minutes),
        valid=_lasting(entry.valid_for_minutes),
    )


def _needs(needs: Sequence[RoleNeed]) -> str:
    return " and ".join(_need(need) for need in needs)


def _need(need: RoleNeed) -> str:
    who = need.role.label if need.count == 1 else f"{need.count} times {need.role.label}"
    instead = f" (or {_listed([role.label for role in need.instead])})" if need.instead else ""
    when = f" where {said(need.when)}" if need.when else ""
    return f"{who}{instead}{when}"


def _lasting(minutes: int) -> str:
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (1, "minute")):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
