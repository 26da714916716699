"""Which posts on an account are most like the one whose answer was lost: what a person compares, and no more.

It decides nothing. Whether a post is *the* post is for the adapter to know or for a person to say.
"""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from engage.delivery.ports import Shown

MOST = 5
"""More than a screenful helps nobody decide."""


def closest(shown: Iterable[Shown], text: str) -> tuple[Shown, ...]:
    """At most `MOST` of the posts, those most like `text` first; of two alike the earlier in the list."""
    return tuple(sorted(shown, key=lambda each: -likeness(each.text, text))[:MOST])


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1, whatever their spaces."""
    return SequenceMatcher(None, _plain(one), _plain(other), autojunk=False).ratio()


def _plain(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()
