"""The force's policy as code that explains itself: YAML rules in, a decision with reasons out."""

from engage.policy.decision import (
    Decision,
    Finding,
    Held,
    Need,
    PolicyStamp,
    Severity,
    Signoffs,
    Verdict,
)
from engage.policy.in_force import PolicyInForce
from engage.policy.loading import load_policy
from engage.policy.marked import PolicyError, Problem
from engage.policy.policy import Policy

__all__ = [
    "Decision",
    "Finding",
    "Held",
    "Need",
    "Policy",
    "PolicyError",
    "PolicyInForce",
    "PolicyStamp",
    "Problem",
    "Severity",
    "Signoffs",
    "Verdict",
    "load_policy",
]
