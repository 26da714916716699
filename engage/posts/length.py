"""How long a text is, by each platform's own counting, and what fits.

X: 280 weighted characters, a link counts 23 (twitter-text v3 configuration). Bluesky: 300 graphemes
and 3,000 bytes. Mastodon: 500 graphemes, a link counts 23, the default of an instance. Facebook:
63,206 characters. Instagram: 2,200. Nextdoor is posted by hand; 8,192 is what its form takes. No limit is published for a
WhatsApp channel or a Met Engage e-mail: 4,096 and 10,000 are ours, as much as anybody reads there.
"""

import functools
import re
import warnings
from dataclasses import dataclass
from typing import Any

import regex

from engage.posts.kinds import Platform

LIMITS = {
    Platform.X: 280,
    Platform.BLUESKY: 300,
    Platform.MASTODON: 500,
    Platform.FACEBOOK: 63_206,
    Platform.INSTAGRAM: 2_200,
    Platform.NEXTDOOR: 8_192,
    Platform.WHATSAPP: 4_096,
    Platform.MET_ENGAGE: 10_000,
}
BLUESKY_BYTES = 3_000
LINK_COUNTS = 23
_LINK = regex.compile(r"https?://\S+")
_GRAPHEME = regex.compile(r"\X")

_PLAIN = re.compile(r"[\n -~£\u2013\u2014\u2018\u2019\u201c\u201déè]*\Z")
"""ASCII, pound, dashes, curly quotes, é and è: X counts each as one, wherever it stands, because none
composes with another or begins an emoji."""
_PLAIN_LINK = re.compile(
    r"(?<!\S)(?:https://)?(?:[a-z]{1,30}\.){1,4}uk(?:/[a-z0-9]{1,40}(?:-[a-z0-9]{1,40})*){0,8}/?(?=[.,;]?(?:\s|\Z))"
)
"""A link between spaces that X certainly takes whole, with or without its https://."""
_MAYBE_LINK = re.compile(r"\.(?=[^\W\d_])")
"""Every link has a full stop with a letter right behind it: "met.police.uk", but not "9.20pm" or "(here.)"."""


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
            return _on_x(text)
        case Platform.BLUESKY:
            used = _graphemes(text)
            return Length(used, limit, used <= limit and len(text.encode()) <= BLUESKY_BYTES)
        case Platform.MASTODON:
            used = _graphemes(_LINK.sub("x" * LINK_COUNTS, text))
            return Length(used, limit, used <= limit)
        case _:
            return Length(len(text), limit, len(text) <= limit)


def _on_x(text: str) -> Length:
    """What `parse_tweet` answers, without its 2 ms where the text is plain enough to be sure."""
    limit = LIMITS[Platform.X]
    if not text:
        return Length(0, limit, fits=False)
    used = plain_x_length(text)
    if used is not None:
        return Length(used, limit, used <= limit)
    parsed = _library().parse_tweet(text)
    return Length(parsed.weightedLength, limit, parsed.valid)


@functools.cache
def _library() -> Any:
    """X's own counting; loaded for the first text that is not plain, as most are."""
    with warnings.catch_warnings():
        # twitter-text-parser 3.0 imports it; an operator can do nothing about that at every command.
        warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
        import twitter_text  # noqa: PLC0415

    return twitter_text


def plain_x_length(text: str) -> int | None:
    """The weighted length of a text of plain characters and plain links, or None where in any doubt."""
    if _PLAIN.match(text) is None:
        return None
    linkless, links = _PLAIN_LINK.subn("", text)
    if _MAYBE_LINK.search(linkless) is not None:
        return None
    return len(linkless) + links * LINK_COUNTS


def _graphemes(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else len(_GRAPHEME.findall(text))
