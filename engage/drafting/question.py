"""The question put to the policy: one variant's text with what is on record about it, as JSON types.

A variant with several pictures is asked about once for each: the policy speaks of one picture at a time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engage.drafting.picture_questions import facts
from engage.drafting.pictures import PICTURES
from engage.posts.evidence import Evidence
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media


def post_json(
    kind: Kind,
    platform: Platform,
    text: str,
    *,
    evidence: Sequence[Evidence],
    context: Mapping[str, Any],
    moment: Mapping[str, Any],
    parts: Sequence[str] = (),
    picture: Media | None = None,
) -> dict[str, Any]:
    """The post as `engage policy decide` takes it.

    `context` is what the draft records for the policy; `moment` is the state of the world it is asked
    in (now, borough, drafter, approvals…), which wins where both speak. `parts` are those of a text that
    runs over several, each of which a platform counts by itself. `picture` is the one asked about.
    """
    several = {"parts": list(parts)} if len(parts) > 1 else {}
    return {
        "kind": kind.value,
        "platform": platform.value,
        "text": text,
        "context": {
            **{name: value for name, value in context.items() if name != PICTURES},
            **({} if picture is None else {"image": _image(picture, context)}),
            "evidence": [{"field": item.field, "value": item.value} for item in evidence],
            **moment,
            **several,
        },
    }


def _image(picture: Media, context: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered about a picture, and what is certain of every picture Engage made anew."""
    answers = (context.get(PICTURES) or {}).get(picture.original) or {}
    return {**facts(answers), "present": True, "alt": picture.alt, "exif_stripped": True}
