"""A picture on its way into a post: made anew for each platform, and kept as it will be posted."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from engage.delivery.platforms.images import Picture, each_fitted
from engage.delivery.platforms.limits import LIMITS
from engage.posts.kinds import Platform
from engage.posts.people import Person
from engage.posts.post import Media
from engage.store.pictures import KeptPicture
from engage.store.unit import Unit

_ONE_AT_A_TIME = Lock()
"""So that a process works on one large picture at once, however many people upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One picture as each platform will show it. `original` is the SHA-256 of the file that came in."""

    original: str
    pictures: Mapping[Platform, Picture]

    @property
    def concern(self) -> str:
        """What is to be said to who attaches it, of the largest; empty for most pictures."""
        return max(self.pictures.values(), key=lambda each: each.width * each.height).concern


def sha256_of(content: bytes) -> str:
    """The name by which bytes are kept and signed off."""
    return hashlib.sha256(content).hexdigest()


def encoded(content: bytes, platforms: Sequence[Platform], *, where: str) -> Encoded:
    """A file made anew for each platform; nothing of it but its pixels is kept.

    `where` names the file in a refusal. Raises BadInput for what is no picture, lies or is too large.
    """
    with _ONE_AT_A_TIME:
        made = each_fitted(content, limits=[LIMITS[each] for each in platforms], where=where)
    return Encoded(original=sha256_of(content), pictures=dict(zip(platforms, made, strict=True)))


def keep(unit: Unit, found: Encoded, *, alt: str, by: Person, now: datetime) -> dict[Platform, Media]:
    """Keep a picture in every form it will be posted in, and give what each variant is to carry."""
    return {
        platform: _kept(unit, found.original, picture, alt=alt, by=by, now=now)
        for platform, picture in found.pictures.items()
    }


def _kept(unit: Unit, original: str, picture: Picture, *, alt: str, by: Person, now: datetime) -> Media:
    sha256 = sha256_of(picture.content)
    known = KeptPicture(
        sha256=sha256,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.content),
        original=original,
        uploaded_by=by.id,
        uploaded_at=now,
    )
    unit.pictures.keep(known, picture.content)
    return Media(sha256=sha256, content_type=picture.content_type, alt=alt, original=original)
