"""What fits on each platform, in one table that loads no platform's library."""

from collections.abc import Mapping
from typing import Final

from engage.delivery.ports import Limits
from engage.posts.kinds import Platform
from engage.posts.length import LIMITS as CHARACTERS


def _limits(platform: Platform, *, pictures: int, bytes_: int, pixels: int, alt: int) -> Limits:
    return Limits(
        characters=CHARACTERS[platform],
        pictures=pictures,
        picture_bytes=bytes_,
        picture_pixels=pixels,
        alt_characters=alt,
    )


def _by_hand(platform: Platform) -> Limits:
    return _limits(platform, pictures=10, bytes_=8_000_000, pixels=4096 * 4096, alt=1_000)


P = Platform
LIMITS: Final[Mapping[Platform, Limits]] = {
    P.X: _limits(P.X, pictures=4, bytes_=5_000_000, pixels=4096 * 4096, alt=1_000),
    P.FACEBOOK: _limits(P.FACEBOOK, pictures=10, bytes_=4_000_000, pixels=2048 * 2048, alt=1_000),
    P.MASTODON: _limits(P.MASTODON, pictures=4, bytes_=16_000_000, pixels=33_177_600, alt=1_500),
    P.BLUESKY: _limits(P.BLUESKY, pictures=4, bytes_=1_000_000, pixels=2000 * 2000, alt=2_000),
    P.INSTAGRAM: _by_hand(P.INSTAGRAM),
    P.NEXTDOOR: _by_hand(P.NEXTDOOR),
    P.WHATSAPP: _by_hand(P.WHATSAPP),
    P.MET_ENGAGE: _by_hand(P.MET_ENGAGE),
}
