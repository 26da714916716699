"""How long a text is, by each platform's own counting, and what fits.

X: 280 weighted characters, a link counts 23 (twitter-text v3 configuration). Bluesky: 300 graphemes
and 3,000 bytes. Mastodon: 500 characters, a link counts 23, the default of an instance. Facebook:
63,206 characters. Instagram: 2,200. Nextdoor is posted by hand; 8,192 is what its form takes.
"""

from dataclasses import dataclass

import regex
from twitter_text import parse_tweet

from engage.posts.kinds import Platform

LIMITS = {
    Platform.X: 280,
    Platform.BLUESKY: 300,
    Platform.MASTODON: 500,
    Platform.FACEBOOK: 63_206,
    Platform.INSTAGRAM: 2_200,
    Platform.NEXTDOOR: 8_192,
}
BLUESKY_BYTES = 3_000
_LINK = regex.compile(r"https?://\S+")
_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Length:
    """A text's length by a platform's counting, against its limit."""

    used: int
    limit: int
    fits: bool

    @property
    def left(self) -> int:
        """How many characters remain; negative when too long."""
        return self.limit - self.used


def length(text: str, platform: Platform) -> Length:
    """Count a text as the platform does. Units: the platform's characters (see the module)."""
    limit = LIMITS[platform]
    match platform:
        case Platform.X:
            used = parse_tweet(text).weightedLength if text else 0
            return Length(used, limit, 0 < used <= limit)
        case Platform.BLUESKY:
            used = len(_GRAPHEME.findall(text))
            return Length(used, limit, used <= limit and len(text.encode()) <= BLUESKY_BYTES)
        case Platform.MASTODON:
            used = len(_LINK.sub("x" * 23, text))
            return Length(used, limit, used <= limit)
        case _:
            return Length(len(text), limit, len(text) <= limit)
