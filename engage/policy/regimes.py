"""Whether a regime stated with a post, a hold or a pre-election window, is in force and for that post."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from engage.policy.fold import folded
from engage.policy.question import Question, is_empty, moment_of

HOLDS = (
    "hold",
    "holds",
    "pause",
    "paused",
    "on_hold",
    "global_pause",
    "borough_pause",
    "publishing_hold",
    "hold_active",
    "pause_active",
)
"""Where a context may state a hold."""
_OVER = frozenset({"lifted", "ended", "over", "inactive", "off", "released"})
_DAY = len("2026-10-12")
_LIMITS = ("borough", "kind", "platform", "topic")


def covers(hold: Any, question: Question) -> bool:
    """Whether a stated hold is in force and reaches this post; what it is not limited to it reaches.

    It may be stated as true, as a word ("force"), as a mapping ({"active", "scope", "borough", "until", …})
    or as a list of these.
    """
    if isinstance(hold, list | tuple):
        return any(covers(each, question) for each in hold)
    if isinstance(hold, Mapping):
        return any(not is_empty(value) for value in hold.values()) and not (
            _is_over(hold, question) or _is_for_others(hold, question)
        )
    if isinstance(hold, str):
        return not is_empty(hold) and hold.strip().casefold() not in _OVER
    return hold is True


def window_for(question: Question) -> Mapping[str, Any]:
    """The stated pre-election window, switched off where it is over or is another borough's."""
    stated = question.context.get("election_window")
    if not isinstance(stated, Mapping):
        return {"active": stated is True}
    boroughs = {"boroughs": [*_listed(stated.get("boroughs")), *_listed(stated.get("borough"))]}
    if _is_over(stated, question) or _is_for_others(boroughs, question):
        return {**stated, "active": False}
    return stated


def _is_over(regime: Mapping[str, Any], question: Question) -> bool:
    if any(regime.get(name) is False for name in ("active", "in_force")):
        return True
    if any(not is_empty(regime.get(name)) for name in ("lifted", "lifted_at", "lifted_by")):
        return True
    starts, ends = moment_of(regime.get("starts")), _last_moment(regime.get("ends") or regime.get("until"))
    now = question.now
    out_of_time = now is not None and ((starts and now < starts) or (ends and now >= ends))
    return bool(out_of_time) or str(regime.get("status", "")).strip().casefold() in _OVER


def _last_moment(said: Any) -> datetime | None:
    """When a regime ends: a day that is named without a time is its last whole day."""
    moment = moment_of(said)
    if moment is None or len(str(said).strip()) != _DAY:
        return moment
    try:
        return moment + timedelta(days=1)
    except OverflowError:
        return None  # on the last day there is, which nothing outlasts


def _is_for_others(regime: Mapping[str, Any], question: Question) -> bool:
    """Whether it is limited to a borough, kind, platform or topic, and the post is stated to be of another."""
    stated = {**question.context, "kind": question.kind.value, "platform": question.platform.value}
    return any(
        isinstance(stated.get(name), str) and folded(stated[name]) not in wanted
        for name, wanted in _limits(regime)
    )


def _limits(regime: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """What a regime is limited to: {"borough": "Camden"}, {"kinds": […]}, {"scope": "borough", "value": "Camden"}."""
    for name in _LIMITS:
        value = regime.get("value") if regime.get("scope") == name else None
        if wanted := {
            folded(each)
            for part in (regime.get(name), regime.get(f"{name}s"), value)
            for each in _listed(part)
        }:
            yield name, wanted


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [each for each in values if isinstance(each, str) and each.strip()]
