"""A condition in words, as a press officer would say it: what a page shows of a rule's "when"."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
    Scalar,
)

SHOWN_OF_A_LIST = 6
"""Words of a long list that are shown; the rest are counted."""


def said(condition: Condition) -> str:
    """The condition in words: "case status is arrested or charged, and not (it mentions a person)"."""
    match condition:
        case FactCondition():
            text = _fact(condition)
        case KindCondition():
            text = f"it is of kind {_either([kind.label.lower() for kind in condition.kind])}"
        case MomentCondition():
            text = f"it is asked at {_either(condition.moment)}"
        case SaysCondition():
            text = f"it says {_either([f'“{phrase}”' for phrase in condition.says])}"
        case MentionsCondition():
            text = f"it mentions a {_either(condition.mentions)}"
        case AllCondition():
            text = ", and ".join(_within(each) for each in condition.all)
        case AnyCondition():
            text = ", or ".join(_within(each) for each in condition.any)
        case NotCondition():
            text = f"not ({said(condition.not_)})"
    return text


def _within(condition: Condition) -> str:
    """A part of a larger condition: in brackets where it is itself made of parts."""
    text = said(condition)
    return f"({text})" if isinstance(condition, AllCondition | AnyCondition) else text


def _fact(condition: FactCondition) -> str:
    name = condition.fact.replace(".", " ").replace("_", " ")
    parts = [
        wording(getattr(condition, field))
        for field, wording in _COMPARED.items()
        if field in condition.model_fields_set
    ]
    return f"{name} {' and '.join(parts) or 'is anything'}"


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value).replace("_", " ")


def _either(words: Sequence[str]) -> str:
    shown = list(words[:SHOWN_OF_A_LIST])
    if len(words) > len(shown):
        return f"{', '.join(shown)} or one of {len(words) - len(shown)} more"
    *first, last = shown
    return f"{', '.join(first)} or {last}" if first else last


_COMPARED: Mapping[str, Callable[[Any], str]] = {
    "equals": lambda value: f"is {_value(value)}",
    "one_of": lambda value: f"is {_either([_value(each) for each in value])}",
    "none_of": lambda value: f"is not {_either([_value(each) for each in value])}",
    "contains": lambda value: f"mentions {_either(value)}",
    "below": lambda value: f"is below {value:g}",
    "above": lambda value: f"is above {value:g}",
    "missing": lambda value: "is recorded as nothing" if value else "is not recorded as nothing",
    "stated": lambda value: "is stated" if value else "is not stated",
    "older_than_minutes": lambda value: f"is older than {value:g} minutes",
    "after_now": lambda value: "is still to come" if value else "is past",
    "shorter_than": lambda value: f"is shorter than {value} characters",
}
