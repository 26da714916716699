# ruff: noqa: RUF001 - characters that look like others are what this module is about.
"""Text as a reader sees it: look-alikes, invisible characters and accents folded, spans mapped back.

Compatibility decomposition, then invisible and combining characters dropped, then letters of other
scripts that look Latin turned into the Latin they look like. Every folded character remembers where
it came from, so that a finding marks the words the officer typed.
"""

import re
import unicodedata
from typing import NamedTuple

_LOOKS_LIKE = {
    # Cyrillic
    **dict(
        zip(
            "аАВеЕЅѕКМНоОрРсСТухХіІјЈӏӀԁԛԝһҺԌԍҮүѵѴкмтнвгиУ",
            "aABeESsKMHoOpPcCTyxXiIjJlIdqwhHGgYyvVkmthbruY",
            strict=True,
        )
    ),
    # Greek
    **dict(zip("αΑΒεΕΖΗηιΙκΚΜνΝοΟρΡτΤυΥΧχγΓωσσ", "aABeEZHniIkKMvNoOpPtTuYXxyTwoo", strict=True)),
    # Armenian, Cherokee and other single letters often used
    **dict(zip("օհոսցՏᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᏃ", "ohnugSABCDEGHJKLMPRSTVWZ", strict=True)),
    # Latin letters that decomposition leaves alone
    **dict(
        zip(
            "ıɩɡɑʟɴʀɪʏʙɢʜøØđĐłŁħŧðþßƖƁɓƈɗɛɱɲᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢ",
            "iigalnriybghoOdDlLhtdpslBbcdemnacdejkmoptuvwz",
            strict=True,
        )
    ),
    "ẞ": "S",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    **dict.fromkeys("‘’‚‛′`´ʼʹ", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃", "-"),
    "⁄": "/",
    "∕": "/",
    "٪": "%",
    "∣": "l",
    "ǀ": "l",
}
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_DROPPED = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_ODD = re.compile(r"[^\t\n\r -~]+")
_KEPT = frozenset("\n\t\r")
_IN_A_WORD = re.compile(
    r"[0134578@$!|I](?=[A-Za-z])"
    r"(?:(?<=[A-Za-z][0134578@$!|])|(?<=[a-z]I)(?=[a-z])|(?<!\S.)(?<=[0135$])(?=[A-Za-z]{3}))"
)
"""A sign between letters, a capital I between small ones, or a digit that begins a word. The sign itself
comes first, so that a text is searched for it and not for each place where one might stand."""
_STANDS_FOR = str.maketrans("0134578@$!|I", "oleastbasill")
_MOST_KEPT = 8192
"""Characters whose folding is kept; no text in use has so many, and one made to fills no memory."""


class Folded(NamedTuple):
    """A folded text; `starts[i]` is where in the original its character i began (None: the same place)."""

    text: str
    starts: tuple[int, ...] | None
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that stand behind folded characters `start` to `end`."""
        if self.starts is None:
            return (start, end)
        if start >= len(self.starts):
            return (len(self.original), len(self.original))
        last = self.starts[max(start, end - 1)]
        return (self.starts[start], last + 1)

    def shown(self, start: int, end: int) -> str:
        """The original words behind a folded span."""
        first, last = self.span(start, end)
        return self.original[first:last]


def fold(text: str) -> Folded:
    """The text as a reader sees it. Plain ASCII is its own folding."""
    odd = [] if _is_plain(text) else _ODD.findall(text)
    if not odd:
        return Folded(text, None, text)
    folded = _ODD.sub(lambda found: found.group().translate(_FOLDS), text)
    if all(len(_FOLDS[ord(each)]) == 1 for each in set("".join(odd))):
        return Folded(folded, None, text)
    starts = [place for place, character in enumerate(text) for _ in _FOLDS[ord(character)]]
    return Folded(folded, tuple(starts), text)


def folded(text: str) -> str:
    """The folded text alone, in lower case and with single spaces: what two spellings are compared by."""
    seen = text if _is_plain(text) else fold(text).text
    return " ".join(seen.casefold().split())


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def unmasked(text: str) -> str | None:
    """A folded text with digits and signs that stand for letters inside words read as those letters.

    "burg1ar" reads "burglar". Of the same length, so spans hold; None where nothing changes.
    """
    read, changed = _IN_A_WORD.subn(lambda found: found.group().translate(_STANDS_FOR), text)
    return read if changed else None


class _Folds(dict[int, str]):
    """What each character reads as, worked out when it is first met; the shape `str.translate` takes."""

    def __missing__(self, code: int) -> str:
        if len(self) == _MOST_KEPT:
            self.clear()
        self[code] = piece = _fold_one(chr(code))
        return piece


_FOLDS = _Folds()


def _fold_one(character: str) -> str:
    """What one character reads as: nothing, one letter or several."""
    if character.isascii():
        return character if character.isprintable() or character in _KEPT else ""
    if character in _LOOKS_LIKE:
        return _LOOKS_LIKE[character]
    if character in _INVISIBLE:
        return ""
    whole = unicodedata.normalize("NFKD", character)
    return "".join(_LOOKS_LIKE.get(part, part) for part in whole if _is_seen(part))


def _is_seen(character: str) -> bool:
    return (
        character in _KEPT
        or character in _LOOKS_LIKE
        or (unicodedata.category(character) not in _DROPPED and character not in _INVISIBLE)
    )
