"""Whether a part fits its platform: length, pictures, alt text, and an account that can be used."""

from collections.abc import Iterator, Sequence

from engage.delivery.ports import Limits, MediaFile, Outgoing
from engage.posts.kinds import Platform
from engage.posts.length import length

PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


def problems(outgoing: Outgoing, platform: Platform, *, limits: Limits, secrets: Sequence[str]) -> list[str]:
    """Every reason the platform would refuse a part, in plain words; empty means none.

    `secrets` names the credentials the account must have.
    """
    return [
        *_length_problems(outgoing.text, platform, most=outgoing.account.characters),
        *_picture_problems(outgoing.media, platform.label, limits),
        *_account_problems(outgoing, platform, secrets),
    ]


def _length_problems(text: str, platform: Platform, *, most: int | None) -> Iterator[str]:
    """`most` is what the account's own server takes, where it has said so: it goes before the usual limit."""
    counted = length(text, platform)
    if not text.strip():
        yield "There are no words to post."
    elif most is not None and counted.used > most:
        yield f"{counted.used} characters; the account's own server takes {most}."
    elif most is None and not counted.fits:
        yield f"{counted.used} characters; {platform.label} takes {counted.limit}."


def _picture_problems(media: Sequence[MediaFile], label: str, limits: Limits) -> Iterator[str]:
    if len(media) > limits.pictures:
        yield f"{len(media)} pictures; {label} takes {limits.pictures}."
    for number, picture in enumerate(media, start=1):
        if picture.content_type not in PICTURE_TYPES:
            yield f"Picture {number} is {picture.content_type}; {label} takes JPEG, PNG and WebP."
        if len(picture.content) > limits.picture_bytes:
            yield f"Picture {number} has {len(picture.content):,} bytes; {label} takes {limits.picture_bytes:,}."
        if not picture.alt.strip():
            yield f"Picture {number} has no alt text."
        if len(picture.alt) > limits.alt_characters:
            yield f"The alt text of picture {number} has {len(picture.alt):,} characters; {label} takes {limits.alt_characters:,}."


def _account_problems(outgoing: Outgoing, platform: Platform, secrets: Sequence[str]) -> Iterator[str]:
    account = outgoing.account
    if account.platform is not platform:
        yield f"{account.handle} is an account on {account.platform.label}, not on {platform.label}."
    missing = [name for name in secrets if not account.credentials.get(name)]
    if missing:
        yield f"The account {account.handle} has no {', '.join(missing)}."
