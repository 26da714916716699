"""What must be there for a condition to hold at all, read from the condition when a policy is compiled."""

from collections.abc import Callable, Sequence

from engage.policy.gates import Need, Needs, facts, one_of
from engage.policy.language import (
    AllCondition,
    AnyCondition,
    Condition,
    FactCondition,
    KindCondition,
    MentionsCondition,
    MomentCondition,
    NotCondition,
    SaysCondition,
)
from engage.policy.question import MOMENTS
from engage.posts.kinds import Kind

TextNeed = Callable[[tuple[str, ...]], Need]


def needs_of(condition: Condition, *, says: TextNeed, mentions: TextNeed, holds: bool = True) -> Needs:  # noqa: PLR0911 - one return for each kind of condition
    """What must be there for the condition to hold (or, with `holds=False`, not to hold).

    Never more than that: a condition may still turn out not to hold. `says` and `mentions` give the
    patterns without which the text says or mentions nothing of the kind.
    """

    def of(part: Condition, *, wanted: bool) -> Needs:
        return needs_of(part, says=says, mentions=mentions, holds=wanted)

    match condition:
        case FactCondition():
            return _of_fact(condition, holds=holds)
        case KindCondition(kind=kinds):
            return (one_of("kind", [kind for kind in Kind if (kind in kinds) is holds]),)
        case MomentCondition(moment=moments):
            return (one_of("moment", [moment for moment in MOMENTS if (moment in moments) is holds]),)
        case SaysCondition(says=phrases):
            return (says(phrases),) if holds else ()
        case MentionsCondition(mentions=kinds):
            return (mentions(kinds),) if holds else ()
        case NotCondition(not_=part):
            return of(part, wanted=not holds)
        case AllCondition(all=parts) | AnyCondition(any=parts):
            each = [of(part, wanted=holds) for part in parts]
            return _of_every(each) if isinstance(condition, AllCondition) is holds else _of_any(each)


def _of_fact(condition: FactCondition, *, holds: bool) -> Needs:
    """Where the fact must be stated. A fact that fails when submitted must be, while somebody types."""
    fact = facts([condition.fact])
    if condition.stated is not None:
        return (fact,) if condition.stated is holds else ()
    match condition.unstated:
        case "passes":
            return (fact,) if holds else ()
        case "fails":
            return () if holds else (fact,)
        case "fails_when_submitted":
            later = one_of("moment", [moment for moment in MOMENTS if moment != "typing"])
            return (fact | (later if holds else one_of("moment", ["typing"])),)


def _of_every(needs: Sequence[Needs]) -> Needs:
    return tuple(dict.fromkeys(need for each in needs for need in each))


def _of_any(needs: Sequence[Needs]) -> Needs:
    """One need that all ways share: of each way the narrowest, put together; none where one way needs nothing."""
    if not all(needs):
        return ()
    return (frozenset[tuple[str, int | str]]().union(*(min(each, key=len) for each in needs)),)  # type: ignore[return-value]
