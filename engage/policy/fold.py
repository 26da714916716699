# ruff: noqa: RUF001 - characters that look like others are what this module is about.
"""Text as a reader sees it: look-alikes, invisible characters and accents folded, spans mapped back.

Compatibility decomposition, then invisible and combining characters dropped, then letters of other
scripts that look Latin turned into the Latin they look like. Every folded character remembers where
it came from, so that a finding marks the words the officer typed.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

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
_PLAIN = re.compile(r"[\t\n\r -~]*\Z")
_KEPT = frozenset("\n\t\r")
_IN_A_WORD = re.compile(
    r"(?<=[A-Za-z])[0134578@$!|](?=[A-Za-z])|(?<=[a-z])I(?=[a-z])|(?<!\S)[0135$](?=[A-Za-z]{3})"
)
_STANDS_FOR = str.maketrans("0134578@$!|I", "oleastbasill")


@dataclass(frozen=True, slots=True)
class Folded:
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
    if _PLAIN.match(text) is not None:
        return Folded(text, None, text)
    pieces: list[str] = []
    starts: list[int] = []
    for position, character in enumerate(text):
        piece = _fold_one(character)
        pieces.append(piece)
        starts.extend([position] * len(piece))
    folded = "".join(pieces)
    same_places = len(folded) == len(text) and all(len(piece) == 1 for piece in pieces)
    return Folded(folded, None if same_places else tuple(starts), text)


def folded(text: str) -> str:
    """The folded text alone, in lower case and with single spaces: what two spellings are compared by."""
    return " ".join(fold(text).text.casefold().split())


def unmasked(text: str) -> str | None:
    """A folded text with digits and signs that stand for letters inside words read as those letters.

    "burg1ar" reads "burglar". Of the same length, so spans hold; None where nothing changes.
    """
    if _IN_A_WORD.search(text) is None:
        return None
    return _IN_A_WORD.sub(lambda found: found.group().translate(_STANDS_FOR), text)


@functools.lru_cache(maxsize=8192)
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
