"""A decision in which some rules were set aside by somebody who may: nothing is hidden, less is blocked."""

from collections.abc import Mapping
from dataclasses import replace

from engage.policy.decision import Decision, Verdict
from engage.policy.matrix import still_missing


def with_set_aside(decision: Decision, reasons: Mapping[str, str]) -> Decision:
    """The decision once these rules (id: who set it aside, and why) block no longer.

    Their findings stay and say so. Sign-offs that rules ask for are asked for all the same.
    """
    findings = tuple(
        replace(finding, set_aside=reasons.get(finding.rule)) if finding.blocks else finding
        for finding in decision.findings
    )
    if findings == decision.findings:
        return decision
    if any(finding.blocks for finding in findings):
        verdict = Verdict.BLOCK
    else:
        verdict = Verdict.ESCALATE if still_missing(decision.signoffs) else Verdict.ALLOW
    return replace(decision, findings=findings, verdict=verdict)
