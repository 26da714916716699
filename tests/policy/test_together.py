"""Several decisions on the same words make one: the strictest of each."""

from engage.policy.decision import Decision, Finding, Need, PolicyStamp, Severity, Signoffs, Verdict
from engage.policy.together import together

STAMP = PolicyStamp(name="met", version="1", hash="0")


def found(message: str, severity: Severity = Severity.REQUIRE) -> Finding:
    return Finding(rule="A01", severity=severity, message=message, why="", source="", fix="")


def decided(
    verdict: Verdict, *findings: Finding, needs: tuple[Need, ...] = (), minutes: int = 60
) -> Decision:
    signoffs = Signoffs(required=needs, missing=needs, valid_for_minutes=minutes)
    return Decision(verdict=verdict, policy=STAMP, findings=findings, signoffs=signoffs)


def test_one_decision_stays_as_it_is() -> None:
    only = decided(Verdict.ALLOW)
    assert together([only]) is only


def test_one_bad_picture_blocks_and_is_named() -> None:
    warning = found("Long words.", Severity.WARN)
    joined = together(
        [decided(Verdict.ALLOW, warning), decided(Verdict.BLOCK, warning, found("No description."))]
    )
    assert joined.verdict is Verdict.BLOCK
    assert [each.message for each in joined.findings] == ["Long words.", "Picture 2: No description."]


def test_every_sign_off_any_picture_needs_is_needed_once() -> None:
    press, two_press, head = (
        Need(role="press_officer"),
        Need(role="press_officer", count=2),
        Need(role="head"),
    )
    joined = together(
        [
            decided(Verdict.ESCALATE, needs=(press, head), minutes=240),
            decided(Verdict.ALLOW, needs=(two_press,)),
        ]
    )
    assert joined.verdict is Verdict.ESCALATE
    assert joined.signoffs.missing == (two_press, head)
    assert joined.signoffs.valid_for_minutes == 60
