"""What the policy is asked: one text, its kind and platform, and what is stated about it.

Reading it never fails on a strange text or a strange context: only a missing text, an unknown kind or
an unknown platform is bad input.
"""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from engage.policy.fold import Folded
from engage.policy.once import once
from engage.policy.passage import Passage
from engage.posts.clock import LONDON
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.readable import LONGEST

Moment = Literal["typing", "submit", "approval", "send"]
MOMENTS: Final = ("typing", "submit", "approval", "send")


class _Unstated:
    """The fact was not stated at all, which is not the same as stated to be nothing."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "not stated"


UNSTATED: Final = _Unstated()
_NUMBER_OR_TEXT = (int, float, str)
_A_MAPPING = (dict, Mapping)
"""A tuple: `dict | Mapping` is put together anew each time it is reached, and rules ask all the time."""
EMPTY = frozenset({"", "unknown", "none", "no", "not_checked", "unchecked", "pending", "null"})


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
    """A post as the rules see it: its words, read, and what is stated about them.

    `folded`, `masked`, `hits` and `masked_hits` are those of the passage; rules ask for them all the time.
    """

    kind: Kind
    platform: Platform
    text: str
    context: Mapping[str, Any]
    passage: Passage
    moment: Moment = "typing"
    found: dict[str, Any] = field(default_factory=dict)
    folded: Folded = field(init=False)
    masked: str | None = field(init=False)
    hits: frozenset[int] = field(init=False)
    masked_hits: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        passage = self.passage
        self.folded, self.masked = passage.folded, passage.masked
        self.hits, self.masked_hits = passage.hits, passage.masked_hits

    @classmethod
    def read(cls, post: Any, *, passage_of: Callable[[str], Passage], moment: str = "typing") -> "Question":
        """The question a post JSON asks; `passage_of` reads its text. Raises BadInput naming the field."""
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
            passage_of(text),
            moment,  # type: ignore[arg-type]
        )

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
        return value if isinstance(value, _A_MAPPING) else {}

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
    if isinstance(value, bool) or not isinstance(value, _NUMBER_OR_TEXT):
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
