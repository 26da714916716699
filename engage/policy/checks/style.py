"""Checks on how a text is written: length, hashtags, emoji, capitals, reading age, descriptions of images."""

import re
from collections.abc import Callable, Iterator, Mapping
from string import ascii_letters, ascii_lowercase

import regex

from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit
from engage.policy.passage import Passage
from engage.policy.question import Question
from engage.policy.tokens import T
from engage.policy.vocabulary import AltCheck, StyleCheck
from engage.posts.length import length

_EMOJI = regex.compile(
    r"(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})(?:\p{EMod}|\uFE0F|\u200D\p{Extended_Pictographic})*"
)
_STYLED = regex.compile(
    r"[\U0001D400-\U0001D7FF\uFF21-\uFF3A\uFF41-\uFF5A\u24B6-\u24E9\U0001F130-\U0001F189]"
)
_CAPITALS = r"\b[A-Z]{2,}(?:['\s,!-]+[A-Z]{2,}){2,}\b|\b[A-Z]{2,}(?:['\s,!-]+[A-Z]{2,})*!"
_SHOUTED = r"!\s*!+|!\?|\?!"
_WORD = re.compile(r"[A-Za-z']+")
_NAME = re.compile(r" [A-Z](?<=[a-z,] [A-Z])[A-Za-z']*")
"""A capitalised word inside a sentence: names, days and months are known, however long."""
_PAUSE = re.compile(r"[:;]\s")
_LINK_OR_TAG = re.compile(r"https?://\S+|(?<![\w.])[\w.]+\.uk\S*|[#@]\w+")
_MAY_HAVE_LINK_OR_TAG = re.compile(r"[#@]|://|\.uk")
_FILE_NAME = re.compile(
    r"(?i)^[\w\s().-]+\.(?:jpe?g|png|gif|webp|heic|mp4)$|^(?:IMG|DSC|image|photo|screenshot)[\s_-]*\d*$"
)
_EMPTY_OPENING = re.compile(
    r"(?i)^\s*(?:an? |the )?(?:image|picture|photo|photograph|graphic|screenshot) of\b"
)
_SHORT_TEXT = 30
"""Words; a reading age of less says nothing, unless the words are long: so many characters each."""
_TOO_SHORT, _LONG_WORDS = 12, 8
_LONG_SENTENCE = 25
"""Words; one that lists who, where and when is longer, and no harder."""
_SHORT_TAG, _LONG_TAG = 6, 16
"""Letters: a lower-case tag shorter than the first is one word; one as long as the second is several."""
_LITTLE = 3
"""Letters: a known word of so few ("in") begins many a word and is no sign of another."""
_TO_AGE = 5.0
"""A school grade, in years of age."""


def style(check: StyleCheck, kit: Kit) -> Finder | Gated:
    """The finder for one kind of style check."""
    builders: Mapping[str, Callable[[Kit], Finder | Gated]] = {
        "length": _length,
        "hashtag_case": _hashtag_case,
        "hashtag_count": _hashtag_count,
        "hashtag_place": _hashtag_place,
        "emoji": _emoji,
        "styled_letters": lambda _: _matches(_STYLED),
        "capitals": lambda kit: _folded_matches(_CAPITALS, kit),
        "exclamation": lambda kit: _folded_matches(_SHOUTED, kit),
        "reading_age": _reading_age,
    }
    return builders[check.style](kit)


def _length(kit: Kit) -> Finder:  # noqa: ARG001 - every check is compiled alike
    def find(question: Question) -> tuple[Hit, ...]:
        if question.context.get("parts"):
            return NOTHING
        counted = length(question.text, question.platform)
        over = counted.used > counted.limit
        return (Hit(None, f"{counted.used:,} of {counted.limit:,}"),) if over else NOTHING

    return find


def _hashtag_case(kit: Kit) -> Gated:
    words = {word.casefold() for word in kit.force.lists.get("hashtag_words", ())}

    def find(question: Question) -> Iterator[Hit]:
        for token in kit.tokens(question, T.HASHTAG):
            parts = split_tag(token.text[1:], words)
            if parts is not None:
                yield Hit((token.start, token.end), "#" + "".join(part.title() for part in parts))

    return Gated(find, kit.tokeniser.patterns_of(T.HASHTAG))


def split_tag(tag: str, words: set[str]) -> list[str] | None:
    """The words of a tag run together in one case, or None where it is one word or set in CamelCase.

    What the list of words does not know is one word, unless it is too long to be.
    """
    if not (tag.islower() or tag.isupper()) or tag.casefold() in words:
        return None
    lower = tag.casefold()
    whole = _all_known(lower, words)
    if whole is not None:
        return whole if len(tag) >= _SHORT_TAG else None
    rest, parts = lower, list[str]()
    while rest:
        known = next((rest[:size] for size in range(len(rest), 1, -1) if rest[:size] in words), rest)
        parts.append(known)
        rest = rest[len(known) :]
    runs_on = sum(len(part) for part in parts if part in words and len(part) > _LITTLE) * 3 >= len(tag)
    return parts if (len(parts) > 1 and runs_on) or len(tag) >= _LONG_TAG else None


def _all_known(tag: str, words: set[str]) -> list[str] | None:
    """The fewest known words that make up a whole tag, or None where there are none."""
    best: list[list[str] | None] = [[], *([None] * len(tag))]
    for end in range(1, len(tag) + 1):
        for start in range(end - 1):
            before = best[start]
            if before is not None and tag[start:end] in words:
                longer = [*before, tag[start:end]]
                if (known := best[end]) is None or len(longer) < len(known):
                    best[end] = longer
    return best[len(tag)]


def _hashtag_count(kit: Kit) -> Gated:
    limit = kit.force.thresholds.hashtags

    def find(question: Question) -> Iterator[Hit]:
        tags = list(kit.tokens(question, T.HASHTAG))
        if len(tags) > limit:
            yield Hit((tags[limit].start, tags[-1].end), f"{len(tags)}")

    return Gated(find, kit.tokeniser.patterns_of(T.HASHTAG))


def _hashtag_place(kit: Kit) -> Gated:
    def find(question: Question) -> Iterator[Hit]:
        for token in kit.tokens(question, T.HASHTAG):
            after = question.folded.text[token.end :]
            if _WORD.search(_LINK_OR_TAG.sub("", after)):
                yield Hit((token.start, token.end), token.text)
                return

    return Gated(find, kit.tokeniser.patterns_of(T.HASHTAG))


def _emoji(kit: Kit) -> Finder:
    limit = kit.force.thresholds.emoji

    def find(question: Question) -> Iterator[Hit]:
        if question.text.isascii():
            return
        found = list(_EMOJI.finditer(question.text))
        if len(found) > limit:
            yield Hit(None, f"{len(found)}")
        elif found and any(character.isalpha() for character in _after(question.text, found[0].end())):
            yield Hit(None, "not at the end")

    return find


def _after(text: str, position: int) -> str:
    return _LINK_OR_TAG.sub("", text[position:])


def _matches(pattern: "regex.Pattern[str]") -> Finder:
    def find(question: Question) -> tuple[Hit, ...]:
        if question.text.isascii():
            return NOTHING
        return (Hit(None),) if pattern.search(question.text) else NOTHING

    return find


def _folded_matches(pattern: str, kit: Kit) -> Gated:
    number = kit.bank.add(pattern)

    def find(question: Question) -> Iterator[Hit]:
        for start, end in question.passage.spans(number):
            yield Hit((start, end), question.folded.text[start:end])

    return Gated(find, frozenset({number}))


def _reading_age(kit: Kit) -> Finder:
    limit = kit.force.thresholds.reading_age

    def find(question: Question) -> tuple[Hit, ...]:
        age = reading_age(question.passage)
        return (Hit(None, f"{age:.0f}"),) if age is not None and age > limit else NOTHING

    return find


def _is_short(text: str, words: int) -> bool:
    return words < _SHORT_TEXT and (words < _TOO_SHORT or len(text) < _LONG_WORDS * words)


def reading_age(passage: Passage) -> float | None:
    """The age, in years, that the Flesch-Kincaid grade of a text stands for; None for a short, plain text."""
    text = passage.folded.text
    words = _words(text)
    if _is_short(text, words):
        return None  # links and tags are not taken out first: without them there are never more words
    if _MAY_HAVE_LINK_OR_TAG.search(text):
        text = _LINK_OR_TAG.sub("", text)
        words = _words(text)
        if _is_short(text, words):
            return None
    syllables = _syllables(_NAME.sub(" it", text))
    a_sentence = words / (len(passage.sentences) + len(_PAUSE.findall(text)))
    return 0.39 * min(a_sentence, _LONG_SENTENCE) + 11.8 * syllables / words - 15.59 + _TO_AGE


def _table(letters: Mapping[str, str]) -> bytes:
    """What `bytes.translate` makes of each letter; all else becomes a space."""
    return bytes(ord(letters.get(chr(code), " ")) for code in range(256))


_IN_WORDS = _table({each: each for each in f"{ascii_letters}'"})
_SOUNDS = _table({**dict.fromkeys(ascii_lowercase, "c"), **dict.fromkeys("aiouy", "a"), "e": "e"})
"""Consonants read as c, vowels as a, e as itself."""


def _words(text: str) -> int:
    """How many words a text has. Counted without a pattern, as syllables are: every decision asks for both."""
    return len(text.encode("ascii", "replace").translate(_IN_WORDS).split())


def _syllables(text: str) -> int:
    """How many groups of vowels a text has; an e that ends its word by itself is none."""
    sounds = b" %b " % text.lower().encode("ascii", "replace").translate(_SOUNDS)
    return len(sounds.replace(b"c", b" ").split()) - sounds.count(b"ce ") - sounds.count(b" e ")


def alt(check: AltCheck, kit: Kit) -> Gated:
    """One hit where an image has no description, or one that describes nothing."""
    shortest = kit.force.thresholds.alt_length
    looks_for_missing = check.alt == "missing"

    def find(question: Question) -> tuple[Hit, ...]:
        image = question.section("image")
        if image.get("present") is not True:
            return NOTHING
        text = image.get("alt")
        words = text.strip() if isinstance(text, str) else ""
        if looks_for_missing:
            return NOTHING if words else (Hit(None),)
        weak = words and (len(words) < shortest or _FILE_NAME.match(words) or _EMPTY_OPENING.match(words))
        return (Hit(None, words),) if weak else NOTHING

    return Gated(find, roots=frozenset({"image"}))
