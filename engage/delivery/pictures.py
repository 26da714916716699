"""The pictures of a delivery, as they leave: exactly the bytes that were signed off, or nothing leaves."""

import hashlib
from collections.abc import Callable, Sequence

from engage.delivery.ports import MediaFile
from engage.posts.errors import NotAllowed
from engage.posts.post import Media


class PictureLost(NotAllowed):
    """A picture that was signed off is not here any more, or is another: a person has to attach it again."""


def pictures(media: Sequence[Media], content_of: Callable[[str], bytes | None]) -> tuple[MediaFile, ...]:
    """The files to upload, in order. `content_of` gives the kept bytes by their SHA-256, None where there are none.

    Raises PictureLost where one is missing, or its bytes are not those of its hash.
    """
    return tuple(_picture(number, each, content_of) for number, each in enumerate(media, start=1))


def _picture(number: int, media: Media, content_of: Callable[[str], bytes | None]) -> MediaFile:
    content = content_of(media.sha256)
    if content is None:
        raise PictureLost(f"Picture {number} is not kept any more. Attach it again and have it signed off.")
    if hashlib.sha256(content).hexdigest() != media.sha256:
        raise PictureLost(
            f"Picture {number} is not the picture that was signed off. Attach it again and have it signed off."
        )
    return MediaFile(content=content, content_type=media.content_type, alt=media.alt)
