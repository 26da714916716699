"""What the policy answers: a verdict, the findings that explain it, and the sign-offs still needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """Block beats escalate beats allow."""

    ALLOW = "allow"
    ESCALATE = "escalate"
    BLOCK = "block"


class Severity(StrEnum):
    """What a finding does: `require` is something missing and counts as block; `warn` changes nothing."""

    BLOCK = "block"
    REQUIRE = "require"
    APPROVE = "approve"
    WARN = "warn"

    @property
    def blocks(self) -> bool:
        """Whether a post with such a finding may not stand as it is."""
        return self in {Severity.BLOCK, Severity.REQUIRE}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStamp:
    """Which policy decided: its name, its version and the SHA-256 of its files."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule found. `span` is (start, end) in characters of the text as given, or None.

    `set_aside` says who let these words stand against the rule, and why; None where nobody did.
    """

    rule: str
    severity: Severity
    message: str
    why: str
    source: str
    fix: str
    span: tuple[int, int] | None = None
    set_aside: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the words may not stand because of it."""
        return self.severity.blocks and self.set_aside is None

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON types; `set_aside` only where somebody did."""
        said = {
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "why": self.why,
            "source": self.source,
            "span": None if self.span is None else list(self.span),
            "fix": self.fix,
        }
        return said if self.set_aside is None else {**said, "set_aside": self.set_aside}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How many people must sign in a role."""

    role: str
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """The need as JSON types."""
        return {"role": self.role, "count": self.count}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A sign-off that counts: who signed, in which role."""

    role: str
    by: str

    def to_json(self) -> dict[str, Any]:
        """The sign-off as JSON types."""
        return {"role": self.role, "by": self.by}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signoffs:
    """The sign-offs a post needs, those that count, those still missing, and how long they hold."""

    required: tuple[Need, ...] = ()
    held: tuple[Held, ...] = ()
    missing: tuple[Need, ...] = ()
    valid_for_minutes: int = 1440
    approve_within_minutes: int = 480

    def to_json(self) -> dict[str, Any]:
        """The sign-offs as JSON types."""
        return {
            "required": [each.to_json() for each in self.required],
            "held": [each.to_json() for each in self.held],
            "missing": [each.to_json() for each in self.missing],
            "valid_for_minutes": self.valid_for_minutes,
            "approve_within_minutes": self.approve_within_minutes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All findings on one text in one moment, and what follows from them."""

    verdict: Verdict
    policy: PolicyStamp
    findings: tuple[Finding, ...]
    signoffs: Signoffs

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that fired, each once, in order."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings))

    def to_json(self) -> dict[str, Any]:
        """The decision as JSON types, in the shape `engage policy decide` prints."""
        return {
            "verdict": self.verdict.value,
            "policy": {"name": self.policy.name, "version": self.policy.version, "hash": self.policy.hash},
            "findings": [finding.to_json() for finding in self.findings],
            "signoffs": self.signoffs.to_json(),
        }


def rules_of(decision: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the rules in a decision kept as JSON, each once."""
    return tuple(dict.fromkeys(finding["rule"] for finding in decision.get("findings", ())))
