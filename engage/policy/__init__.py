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
from engage.policy.files import KeptFiles
from engage.policy.folder import PolicyFolder, ReadPolicy, read_policy
from engage.policy.loading import load_policy
from engage.policy.marked import PolicyError, Problem
from engage.policy.policy import Policy
from engage.policy.proposed import Proposed, read_proposed
from engage.policy.replay import PastDrafts, Replay, replay
from engage.policy.schema import json_schema

__all__ = [
    "CaseBook",
    "CaseResult",
    "Decision",
    "Finding",
    "Held",
    "KeptFiles",
    "Need",
    "PastDrafts",
    "Policy",
    "PolicyError",
    "PolicyFolder",
    "PolicyStamp",
    "Problem",
    "Proposed",
    "ReadPolicy",
    "Replay",
    "Severity",
    "Signoffs",
    "Verdict",
    "check_policy",
    "json_schema",
    "load_policy",
    "read_policy",
    "read_proposed",
    "replay",
]
