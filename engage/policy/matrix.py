"""The approval matrix: which sign-offs a post needs, which of those held count, and which are missing."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engage.policy.conditions import Test
from engage.policy.decision import Held, Need, Signoffs
from engage.policy.kit import Kit
from engage.policy.language import Force, MatrixEntry, RoleNeed
from engage.policy.question import Question
from engage.posts.kinds import Kind
from engage.posts.people import ALSO_CALLED, APPROVES_NOTHING

BASELINE = "press_officer"
"""The one sign-off that every post needs and that is taken to be available."""
_DUTY = "duty_press_officer"
_APPROVES_NOTHING = frozenset(role.value for role in APPROVES_NOTHING)
_MOST_KEPT = 1024
"""Sign-offs asked for that are kept, by row, hour, needs and roles; a policy has a few dozen."""
_MACHINES = ("assistant", "model", "engage", "bot", "system", "ai", "llm", "machine", "auto")


_PRESS = frozenset({BASELINE, _DUTY})
Asked = tuple[str, frozenset[str]]
"""A role that is asked for, and the roles in which a second person will do."""
_Needs = tuple[tuple[RoleNeed, Test | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    entry: MatrixEntry
    test: Test | None
    needs: _Needs
    after_hours: _Needs | None


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What one row asks for where certain of its needs hold: by role, who else will do, and all of it unsigned."""

    required: Mapping[str, int]
    instead: Mapping[str, frozenset[str]]
    unsigned: Signoffs


class Matrix:
    """The compiled matrix of one policy."""

    def __init__(self, force: Force, kit: Kit) -> None:
        self._stands_for = {
            role.value: frozenset(each.value for each in others) for role, others in force.stands_for.items()
        }
        self._rows: dict[Kind, tuple[_Row, ...]] = {}
        for kind in Kind:
            rows = [_compiled(entry, kit) for entry in force.matrix if kind in entry.kinds]
            self._rows[kind] = tuple(sorted(rows, key=lambda row: row.test is None))
        self._asked = functools.lru_cache(maxsize=_MOST_KEPT)(_asked)

    def row(self, question: Question) -> _Row | None:
        """The entry for this post: the first whose condition holds, else the one without a condition."""
        for row in self._rows[question.kind]:
            if row.test is None or row.test(question):
                return row
        return None

    def tier(self, question: Question) -> int:
        """How much is at stake, 0 to 3."""
        row = self.row(question)
        return 0 if row is None else row.entry.tier

    def waits_out_of_hours(self, question: Question) -> bool:
        """Whether this post waits for the morning unless the duty press officer takes it."""
        return self.tier(question) >= 2 or question.kind is Kind.INCIDENT_LIVE  # noqa: PLR2004 - tiers 2 and 3

    def signoffs(self, question: Question, *, also: tuple[Asked, ...]) -> Signoffs:
        """The sign-offs of one post; `also` are roles that rules ask for besides the matrix."""
        row = self.row(question)
        late = question.context.get("out_of_hours") is True
        asked = self._asked(row, late, _holding(row, question, late=late), also)
        if not question.context.get("approvals"):
            return asked.unsigned
        drafter = question.context.get("drafter")
        eligible = [each for each in approvals_of(question) if counts(each, drafter=drafter)]
        if not eligible:
            return asked.unsigned
        held, missing = self._matched(asked, eligible)
        return replace(asked.unsigned, held=tuple(held), missing=_needed(missing))

    def _matched(self, asked: _Asked, eligible: Sequence[Held]) -> tuple[list[Held], Mapping[str, int]]:
        """Give each person to one need at most: the exact role first, then one that stands for it."""
        missing, used, held = Counter(asked.required), set[str](), list[Held]()
        ways: tuple[Callable[[str, str], bool], ...] = (
            lambda need, role: need == role,
            lambda need, role: need in self._stands_for.get(role, ()),
            lambda need, role: role in asked.instead.get(need, ()),
        )
        for fits in ways:
            for approval in eligible:
                need = next(
                    (each for each in missing if missing[each] > 0 and fits(each, approval.role)), None
                )
                if need is not None and approval.by not in used:
                    missing[need] -= 1
                    used.add(approval.by)
                    held.append(approval)
        return held, +missing


def _shift(row: _Row | None, *, late: bool) -> _Needs:
    """The needs of a row at this hour."""
    if row is None:
        return ()
    return row.after_hours if late and row.after_hours is not None else row.needs


def _holding(row: _Row | None, question: Question, *, late: bool) -> tuple[int, ...]:
    """Which needs of the row at this hour hold, by their places."""
    needs = _shift(row, late=late)
    return tuple([place for place, (_, test) in enumerate(needs) if test is None or test(question)])


def _asked(row: _Row | None, late: bool, holding: tuple[int, ...], also: tuple[Asked, ...]) -> _Asked:
    """What is asked for; one of few for a whole policy, so each is worked out once."""
    needs = [_shift(row, late=late)[place][0] for place in holding]
    required: Counter[str] = Counter() if row is not None else Counter({BASELINE: 1})
    for need in needs:
        required[need.role.value] = max(required[need.role.value], need.count)
    for role, _ in also:
        if not (role == BASELINE and required[_DUTY]):
            required[role] = max(required[role], 1)
    unsigned = Signoffs(
        required=_needed(required),
        missing=_needed(+required),
        valid_for_minutes=row.entry.valid_for_minutes if row else 1440,
        approve_within_minutes=row.entry.approve_within_minutes if row else 480,
    )
    own = [(need.role.value, frozenset(role.value for role in need.instead)) for need in needs]
    return _Asked(required, _instead([*own, *also]), unsigned)


def _instead(asked: Iterable[Asked]) -> Mapping[str, frozenset[str]]:
    """By role who else will do: only somebody whom everything that asks for the role accepts."""
    known: dict[str, frozenset[str]] = {}
    for role, others in asked:
        known[role] = known.get(role, others) & others
    return known


def _needed(roles: Mapping[str, int]) -> tuple[Need, ...]:
    return tuple(Need(role=role, count=count) for role, count in roles.items())


def _compiled(entry: MatrixEntry, kit: Kit) -> _Row:
    after = entry.out_of_hours
    return _Row(
        entry,
        kit.condition(entry.when),
        tuple((need, kit.condition(need.when)) for need in entry.approve),
        None if isinstance(after, str) else tuple((need, kit.condition(need.when)) for need in after),
    )


def approvals_of(question: Question) -> tuple[Held, ...]:
    """The approvals stated, in the order given, read once; what is not one is passed over."""
    known: tuple[Held, ...] | None = question.found.get("approvals")
    if known is None:
        known = tuple([Held(role=_role(each["role"]), by=str(each["by"])) for each in _stated(question)])
        question.found["approvals"] = known
    return known


def _role(said: object) -> str:
    """The role by the name the policy uses."""
    return str(ALSO_CALLED.get(str(said).strip().casefold(), said))


def _stated(question: Question) -> Iterator[Mapping[str, Any]]:
    listed = question.context.get("approvals")
    for each in listed if isinstance(listed, list | tuple) else ():
        if isinstance(each, dict | Mapping) and each.get("role") and each.get("by"):
            yield each


def stated_approvals(question: Question) -> tuple[Mapping[str, Any], ...]:
    """The approvals with all that is stated about them (what was approved, when)."""
    return tuple(_stated(question))


def counts(approval: Held, *, drafter: object) -> bool:
    """Whether an approval can count at all: by a person, not the drafter, in a role that approves."""
    return approval.by != drafter and not by_machine(approval) and approval.role not in _APPROVES_NOTHING


def by_machine(approval: Held) -> bool:
    """Whether the approval is by the assistant or another program."""
    words = {
        approval.by.casefold().strip(),
        *approval.by.casefold().replace("-", " ").replace("_", " ").split(),
    }
    return approval.role.casefold() in _MACHINES or not words.isdisjoint(_MACHINES)


def still_missing(signoffs: Signoffs) -> bool:
    """Whether a sign-off beyond one press officer is missing."""
    missing = sum(need.count for need in signoffs.missing)
    if any(need.role in _PRESS for need in signoffs.missing) and not any(
        held.role in _PRESS for held in signoffs.held
    ):
        missing -= 1
    return missing > 0
