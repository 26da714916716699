"""The force's policy as code that explains itself: YAML rules in, a decision with reasons out."""

from engage.policy.advice import check_policy
from engage.policy.cases import CaseBook, CaseResult
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
from engage.policy.replay import PastDrafts, Replay, replay
from engage.policy.schema import json_schema

__all__ = [
    "CaseBook",
    "CaseResult",
    "Decision",
    "Finding",
    "Held",
    "Need",
    "PastDrafts",
    "Policy",
    "PolicyError",
    "PolicyInForce",
    "PolicyStamp",
    "Problem",
    "Replay",
    "Severity",
    "Signoffs",
    "Verdict",
    "check_policy",
    "json_schema",
    "load_policy",
    "replay",
]
