"""Words as their reader, their signer and the policy all read them: nothing unseen in them, and not without end."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regex

from engage.posts.errors import BadInput
from engage.posts.post import Variant

LONGEST = 100_000
"""Characters of one platform's whole text; the longest that any platform takes is 63,206."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_SPACE = frozenset("\n\t")
_JOINS_LETTERS = r"[\p{Arabic}\p{Bengali}\p{Devanagari}\p{Gujarati}\p{Gurmukhi}\p{Sinhala}\p{Tamil}]"
_SEEN_ALL_THE_SAME = regex.compile(
    r"(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})"
    r"|(?<=\U0001F3F4)\U000E0067\U000E0062"
    r"(?:\U000E0065\U000E006E\U000E0067|\U000E0073\U000E0063\U000E0074|\U000E0077\U000E006C\U000E0073)\U000E007F"
    rf"|(?<={_JOINS_LETTERS})[\u200C\u200D](?={_JOINS_LETTERS})"
    r"|\p{Extended_Pictographic}"
)
"""What joins two signs to one emoji (a woman as a police officer); what makes a black flag that of England, Scotland
or Wales; what joins or parts letters in the scripts that need it; an emoji newer than this Python."""


def must_be_readable(variants: Sequence[Variant], context: Mapping[str, Any]) -> None:
    """Raises BadInput, naming the platform or the field, for what may not stand in a post."""
    for variant in variants:
        must_be_postable(variant)
    for name, text in _texts(context):
        must_be_seen(text, where=name)


def must_be_postable(variant: Variant) -> None:
    """Raises BadInput, naming the platform, for what nobody could judge or read as it is, or would see whole."""
    where = variant.platform.label
    if len(variant.text) > LONGEST:
        raise BadInput(
            f"is longer than {LONGEST:,} characters.", where=where, remedy="No platform takes so much."
        )
    if len(variant.parts) > 1 and not variant.platform.takes_answers:
        raise BadInput(
            f"has {len(variant.parts)} parts, but takes no threads: only the first would go out.",
            where=where,
            remedy="Put all of it in one.",
        )
    for text in (*variant.parts, *(each.alt for each in variant.media)):
        must_be_seen(text, where=where)


def must_be_seen(text: str, *, where: str) -> None:
    """Raises BadInput for a character nobody can see: it could hide words from the policy, or turn their order round."""
    for character in _SEEN_ALL_THE_SAME.sub("", text):
        if unicodedata.category(character) in _UNSEEN and character not in _SPACE:
            raise BadInput(
                f"holds a character that cannot be seen (U+{ord(character):04X}).",
                where=where,
                remedy="Type the words again instead of pasting them.",
            )


def keepable(text: str) -> str:
    """Somebody else's words, as a platform gives them, without what a database keeps in no text.

    What cannot be written down would be lost, and an outcome with it.
    """
    return "".join(
        each if each.isprintable() or each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in text
    )


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON types, with the dotted name of where it is."""
    match value:
        case str():
            yield name, value
        case Mapping():
            for key, each in value.items():
                yield from _texts(each, f"{name}.{key}".lstrip("."))
        case list() | tuple():
            for each in value:
                yield from _texts(each, name)
