"""Posting by hand: Nextdoor, WhatsApp channels, Met Engage e-mail, Instagram.

There is no request to make. The approved words and pictures are handed to a person, who posts them
and confirms with the link; until then the post is not sent, and no machine guesses that it was.
"""

import io
import zipfile
from collections.abc import Mapping

from engage.delivery.platforms.fits import problems
from engage.delivery.platforms.limits import LIMITS
from engage.delivery.ports import (
    Account,
    CannotTell,
    Capabilities,
    Deletion,
    Engagement,
    Health,
    Limits,
    Lookup,
    NotCounted,
    Outcome,
    Outgoing,
    Refused,
    TokenState,
)
from engage.posts.kinds import Platform

BY_HAND = "by_hand"
"""The code of every refusal here: not an error, but work for a person."""
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_OLDEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class ByHandAdapter:
    """A platform that a person posts to."""

    capabilities = Capabilities(settle_seconds=0, by_hand=True)

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @property
    def name(self) -> Platform:
        """The platform."""
        return self._platform

    @property
    def limits(self) -> Limits:
        """What fits in the platform's own form."""
        return LIMITS[self._platform]

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Length, pictures and alt text; no account is needed."""
        return problems(outgoing, self._platform, limits=self.limits, secrets=())

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's signature
        """Nothing."""
        return {}

    def publish(self, outgoing: Outgoing) -> Outcome:  # noqa: ARG002 - the protocol's signature
        """Nothing is sent: a person has to."""
        return Refused(f"{self._platform.label} is posted by hand: post it, then enter the link.", BY_HAND)

    def find_existing(self, outgoing: Outgoing) -> Lookup:  # noqa: ARG002 - the protocol's signature
        """Only a person can look."""
        return CannotTell(f"Look on {self._platform.label} whether it was posted.")

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Only a person can delete."""
        return Refused(
            f"Delete {platform_id} on {self._platform.label} as {account.handle} by hand.", BY_HAND
        )

    def metrics(self, account: Account, platform_id: str) -> Engagement:  # noqa: ARG002 - the protocol's signature
        """Only a person can look."""
        return NotCounted(f"Look on {self._platform.label}.")

    def check(self, account: Account) -> Health:
        """There is no token that could stop working."""
        return Health(TokenState.OK, f"{account.handle} is posted to by hand.")


def bundle(outgoing: Outgoing) -> bytes:
    """A ZIP for the person who posts: `post.txt` byte for byte, the pictures, and their alt texts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "post.txt", outgoing.text.encode())
        for number, picture in enumerate(outgoing.media, start=1):
            extension = _EXTENSIONS.get(picture.content_type, "bin")
            _add(archive, f"picture-{number}.{extension}", picture.content)
            _add(archive, f"picture-{number}-alt.txt", picture.alt.encode())
    return made.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _OLDEST_ZIP_TIME), content, zipfile.ZIP_DEFLATED)
