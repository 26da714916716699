"""What the policy is asked: one text, its kind and platform, and what is stated about it.

Reading it never fails on a strange text or a strange context: only a missing text, an unknown kind or
an unknown platform is bad input.
"""

import bisect
import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from engage.policy.fold import Folded, fold, unmasked
from engage.policy.once import once
from engage.posts.clock import LONDON
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform

Moment = Literal["typing", "submit", "approval", "send"]
MOMENTS: Final = ("typing", "submit", "approval", "send")
LONGEST = 100_000
"""Characters; the longest text any platform takes is 63,206."""


class _Unstated:
    """The fact was not stated at all, which is not the same as stated to be nothing."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "not stated"


UNSTATED: Final = _Unstated()
EMPTY = frozenset({"", "unknown", "none", "no", "not_checked", "unchecked", "pending", "null"})
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|\Z)(?<!\b[A-Z]\.)|\n+")


_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
_PLATFORMS: Mapping[str, Platform] = {platform.value: platform for platform in Platform}


def _read_kind(value: Any) -> Kind:
    kind = _KINDS.get(value) if isinstance(value, str) else None
    if kind is None:
        raise BadInput(
            f"“{value}” is no kind of post.", where="kind", remedy=f"Use one of {', '.join(Kind)}."
        )
    return kind


def _read_platform(value: Any) -> Platform:
    platform = _PLATFORMS.get(value) if isinstance(value, str) else None
    if platform is None:
        raise BadInput(
            f"“{value}” is no platform.", where="platform", remedy=f"Use one of {', '.join(Platform)}."
        )
    return platform


@dataclass
class Question:
    """A post as the rules see it.

    `folded` is the text as a reader sees it; `masked` the same with digits read as the letters they
    stand for, or None where there are none.
    """

    kind: Kind
    platform: Platform
    text: str
    context: Mapping[str, Any]
    moment: Moment = "typing"
    hits: frozenset[int] = frozenset()
    masked_hits: frozenset[int] = frozenset()
    found: dict[str, Any] = field(default_factory=dict)
    folded: Folded = field(init=False)
    masked: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.folded = fold(self.text)
        self.masked = unmasked(self.folded.text)

    @classmethod
    def read(cls, post: Any, *, moment: str = "typing") -> "Question":
        """The question a post JSON asks. Raises BadInput naming the field."""
        if not isinstance(post, Mapping):
            raise BadInput(
                "is not a post.", where="post", remedy="Give an object with kind, platform, text and context."
            )
        if moment not in MOMENTS:
            raise BadInput(
                f"“{moment}” is no moment.", where="moment", remedy=f"Use one of {', '.join(MOMENTS)}."
            )
        text, context = post.get("text"), post.get("context")
        if not isinstance(text, str):
            raise BadInput("is missing or is not text.", where="text")
        if len(text) > LONGEST:
            raise BadInput(
                f"is longer than {LONGEST:,} characters.", where="text", remedy="No platform takes so much."
            )
        if context is not None and not isinstance(context, Mapping):
            raise BadInput("is not an object.", where="context")
        return cls(
            _read_kind(post.get("kind")),
            _read_platform(post.get("platform", "x")),
            text,
            context or {},
            moment,  # type: ignore[arg-type]
        )

    @once
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Where each sentence of the folded text begins and ends."""
        bounds, start = [], 0
        for found in _SENTENCE_END.finditer(self.folded.text):
            bounds.append((start, found.end()))
            start = found.end()
        if start < len(self.folded.text) or not bounds:
            bounds.append((start, len(self.folded.text)))
        return tuple(bounds)

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The sentence that holds a position of the folded text."""
        place = bisect.bisect_right(self.sentences, (position, LONGEST * 10)) - 1
        return self.sentences[max(place, 0)]

    def fact(self, path: str) -> Any:
        """A stated fact by its dotted path, or UNSTATED."""
        value: Any = self.context
        for step in path.split("."):
            if not (type(value) is dict or isinstance(value, Mapping)) or step not in value:
                return UNSTATED
            value = value[step]
        return value

    def section(self, name: str) -> Mapping[str, Any]:
        """A part of the context ("case", "data"), empty where it is not stated."""
        value = self.context.get(name)
        return value if isinstance(value, dict | Mapping) else {}

    @once
    def now(self) -> datetime | None:
        """The moment the decision is for, in UTC, where stated."""
        return moment_of(self.context.get("now"))


def moment_of(value: Any) -> datetime | None:
    """A stated time (ISO, London's clock unless it has an offset), or None where it is none."""
    return _moment_of(value) if isinstance(value, str) else None


@functools.lru_cache(maxsize=1024)
def _moment_of(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return (read if read.tzinfo else read.replace(tzinfo=LONDON)).astimezone(LONDON).astimezone(UTC)
    except (OverflowError, ValueError):
        return None  # a time before the first, or after the last, that London's clocks can show


def number_of(value: Any) -> float | None:
    """A stated number, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value.replace(",", "")) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def is_empty(value: Any) -> bool:
    """Whether a stated fact says that there is nothing: null, false, empty, unknown."""
    if value is None or value is False:
        return True
    if isinstance(value, str):
        return value.strip().casefold() in EMPTY
    return isinstance(value, list | tuple | Mapping) and not value
