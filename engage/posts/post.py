"""A post, its variants, and the fingerprint a sign-off is bound to."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engage.posts.evidence import Evidence
from engage.posts.kinds import Kind, Platform
from engage.posts.states import PostState, moved


def normalised(text: str) -> str:
    """NFC with plain line ends and no space at the ends.

    Done once, before sign-off, so that what was approved is what is posted, byte for byte.
    """
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """An image of a variant: `sha256` of its bytes as they will be posted, and its alt text.

    `original` is the SHA-256 of the file it was made from: the same on every platform, it is the name by
    which the post's context keeps what is recorded of the picture. The file itself is not kept.
    """

    sha256: str
    content_type: str
    alt: str
    original: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "alt", normalised(self.alt))

    def to_json(self) -> dict[str, Any]:
        """The image as JSON types."""
        return {
            "sha256": self.sha256,
            "content_type": self.content_type,
            "alt": self.alt,
            "original": self.original,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one account of one platform will show: one text, or the parts of a thread in order."""

    platform: Platform
    account: str
    parts: tuple[str, ...]
    media: tuple[Media, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(normalised(part) for part in self.parts))

    @property
    def text(self) -> str:
        """The whole text, as the policy judges it: parts one after the other."""
        return "\n\n".join(self.parts)

    def to_json(self) -> dict[str, Any]:
        """The variant as JSON types."""
        return {
            "platform": self.platform.value,
            "account": self.account,
            "parts": list(self.parts),
            "media": [item.to_json() for item in self.media],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Variant":
        """The variant that `to_json` wrote."""
        return cls(
            platform=Platform(data["platform"]),
            account=data["account"],
            parts=tuple(data["parts"]),
            media=tuple(Media(**item) for item in data.get("media", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message of the force, from draft to its end.

    `context` is what its writer recorded for the policy (case, victim, image, data, forecast…), in
    the shape `engage policy decide` takes. `writers` is everyone who wrote any of it. `publish_at`
    and `latest` are UTC; past `latest` it is never published. `version` counts changes, so that two
    people editing at once cannot overwrite each other unseen.
    """

    id: UUID
    kind: Kind
    borough: str
    variants: tuple[Variant, ...]
    writers: frozenset[str]
    created_by: str
    created_at: datetime
    topic: str | None = None
    template: str | None = None
    evidence: tuple[Evidence, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    state: PostState = PostState.DRAFT
    publish_at: datetime | None = None
    latest: datetime | None = None
    corrects: UUID | None = None
    version: int = 1

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that the public will see: words, media, alt text, platforms, accounts, time.

        And, of a correction, which post it answers.
        """
        seen: dict[str, Any] = {
            "variants": sorted(
                (variant.to_json() for variant in self.variants),
                key=lambda each: (each["platform"], each["account"]),
            ),
            "publish_at": _iso(self.publish_at),
            "latest": _iso(self.latest),
        }
        if self.corrects is not None:
            seen["corrects"] = str(self.corrects)
        text = json.dumps(seen, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def moved_to(self, there: PostState) -> "Post":
        """The same post in another state; IllegalMove where the table has no such move."""
        return replace(self, state=moved(self.state, there))

    def variant_for(self, platform: Platform) -> Variant | None:
        """The variant for a platform, or None."""
        return next((each for each in self.variants if each.platform is platform), None)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
