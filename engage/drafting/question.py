"""The question put to the policy: one variant's text with what is on record about it, as JSON types."""

from collections.abc import Mapping, Sequence
from typing import Any

from engage.posts.evidence import Evidence
from engage.posts.kinds import Kind, Platform


def post_json(
    kind: Kind,
    platform: Platform,
    text: str,
    *,
    evidence: Sequence[Evidence],
    context: Mapping[str, Any],
    moment: Mapping[str, Any],
    parts: Sequence[str] = (),
) -> dict[str, Any]:
    """The post as `engage policy decide` takes it.

    `context` is what the draft records for the policy; `moment` is the state of the world it is asked
    in (now, borough, drafter, approvals…), which wins where both speak. `parts` are those of a text that
    runs over several, each of which a platform counts by itself.
    """
    several = {"parts": list(parts)} if len(parts) > 1 else {}
    return {
        "kind": kind.value,
        "platform": platform.value,
        "text": text,
        "context": {
            **context,
            "evidence": [{"field": item.field, "value": item.value} for item in evidence],
            **moment,
            **several,
        },
    }
