"""Checks on the approvals held: the drafter's own, one person twice, a program's, stale or changed ones."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from engage.policy.decision import Held
from engage.policy.kit import Gated, Hit, Kit
from engage.policy.matrix import Matrix, approvals_of, by_machine, stated_approvals
from engage.policy.question import Question, moment_of
from engage.policy.vocabulary import ApprovalsCheck
from engage.posts.people import APPROVES_NOTHING

_BOUND_TO = ("fingerprint", "hash", "content_hash", "policy_hash", "policy_version")
_SAYS_CHANGED = ("changed_since_approval", "edited_after_approval", "edited_since_approval")
_DUTY = "duty_press_officer"


def approvals(check: ApprovalsCheck, kit: Kit) -> Gated:
    """The finder for one thing that can be wrong with approvals."""
    matrix = Matrix(kit.force, kit)
    builders: Mapping[str, Callable[[Question], Iterator[Hit]]] = {
        "by_drafter": _by_drafter,
        "same_person": _same_person,
        "by_machine": lambda question: (
            Hit(None, each.by) for each in approvals_of(question) if by_machine(each)
        ),
        "wrong_role": _wrong_role,
        "changed": _changed,
        "stale": lambda question: _stale(question, matrix),
        "out_of_hours": lambda question: _out_of_hours(question, matrix),
    }
    roots = {"changed": {"approvals", *_SAYS_CHANGED}, "out_of_hours": {"out_of_hours"}}
    return Gated(builders[check.approvals], roots=frozenset(roots.get(check.approvals, {"approvals"})))


def _by_drafter(question: Question) -> Iterator[Hit]:
    drafter = question.context.get("drafter")
    if isinstance(drafter, str) and drafter.strip():
        yield from (Hit(None, each.by) for each in approvals_of(question) if _same(each.by, drafter))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _same_person(question: Question) -> Iterator[Hit]:
    times = Counter(each.by.strip().casefold() for each in approvals_of(question))
    yield from (Hit(None, person) for person, count in times.items() if count > 1)


def _wrong_role(question: Question) -> Iterator[Hit]:
    useless = {role.value for role in APPROVES_NOTHING}
    yield from (Hit(None, each.role) for each in approvals_of(question) if each.role in useless)


def _changed(question: Question) -> Iterator[Hit]:
    """What was approved is not what stands here now, or somebody says it changed since."""
    for approval in stated_approvals(question):
        for name in _BOUND_TO:
            here = question.context.get(name)
            if approval.get(name) is not None and here is not None and approval[name] != here:
                yield Hit(None, str(approval["by"]))
                break
        else:
            if _says_changed(approval):
                yield Hit(None, str(approval["by"]))
    for name in _SAYS_CHANGED:
        if question.context.get(name) is True:
            yield Hit(None, "the text")


def _says_changed(approval: Mapping[str, Any]) -> bool:
    return approval.get("voided") is True or approval.get("hash_matches") is False


def _stale(question: Question, matrix: Matrix) -> Iterator[Hit]:
    row = matrix.row(question)
    for approval in stated_approvals(question):
        given = moment_of(approval.get("at") or approval.get("approved_at"))
        ends = moment_of(approval.get("expires_at") or approval.get("valid_until"))
        if ends is None and given is not None and row is not None:
            ends = _later(given, timedelta(minutes=row.entry.valid_for_minutes))
        if approval.get("expired") is True or (ends and question.now and question.now > ends):
            yield Hit(None, str(approval["by"]))


def _later(given: datetime, lasts: timedelta) -> datetime | None:
    """When an approval lapses; None where that is past the last day there is."""
    try:
        return given + lasts
    except OverflowError:
        return None


def _out_of_hours(question: Question, matrix: Matrix) -> Iterator[Hit]:
    if question.context.get("out_of_hours") is not True:
        return
    held = approvals_of(question)
    if _holds(held, _DUTY):
        return
    if _holds(held, "press_officer"):
        yield Hit(None, "a press officer who is not on duty")
    elif matrix.waits_out_of_hours(question):
        yield Hit(None, "nobody on duty")


def _holds(held: tuple[Held, ...], role: str) -> bool:
    return any(each.role == role for each in held)
