"""One decision from several on the same words: the policy is asked about each picture of a post by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engage.policy.decision import Decision, Finding, Need, Signoffs, Verdict

_STRICTNESS = (Verdict.ALLOW, Verdict.ESCALATE, Verdict.BLOCK)


def together(decisions: Sequence[Decision]) -> Decision:
    """The strictest verdict, every finding once, every sign-off that any of them needs.

    `decisions` are by one policy at one moment, in the order of the pictures; what was found for some
    pictures only says for which.
    """
    if len(decisions) == 1:
        return decisions[0]
    return Decision(
        verdict=max((each.verdict for each in decisions), key=_STRICTNESS.index),
        policy=decisions[0].policy,
        findings=tuple(dict.fromkeys(_findings(decisions))),
        signoffs=_signoffs([each.signoffs for each in decisions]),
    )


def _findings(decisions: Sequence[Decision]) -> Iterator[Finding]:
    for number, decision in enumerate(decisions, start=1):
        for finding in decision.findings:
            if all(finding in other.findings for other in decisions):
                yield finding
            else:
                yield replace(finding, message=f"Picture {number}: {finding.message}")


def _signoffs(asked: Sequence[Signoffs]) -> Signoffs:
    return Signoffs(
        required=_most([each.required for each in asked]),
        held=tuple(dict.fromkeys(held for each in asked for held in each.held)),
        missing=_most([each.missing for each in asked]),
        valid_for_minutes=min(each.valid_for_minutes for each in asked),
        approve_within_minutes=min(each.approve_within_minutes for each in asked),
    )


def _most(needs: Sequence[Sequence[Need]]) -> tuple[Need, ...]:
    """For each role as many people as any of them asks for."""
    most: dict[str, int] = {}
    for each in needs:
        for need in each:
            most[need.role] = max(most.get(need.role, 0), need.count)
    return tuple(Need(role=role, count=count) for role, count in most.items())
