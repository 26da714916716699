"""The words by which places, people and organisations are told apart: the policy's `names`."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engage.policy.fold import fold, folded
from engage.policy.values import number_in
from engage.posts.places import BOROUGHS


@dataclass(frozen=True)
class Gazetteer:
    """First names, words that end a place's name (some are surnames too), areas, and names that are nobody's."""

    first_names: frozenset[str]
    ordinary_names: frozenset[str]
    place_words: tuple[str, ...]
    areas: tuple[str, ...]
    known: frozenset[str]
    small_words: frozenset[str]
    surnames: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Mapping[str, Sequence[str]]) -> "Gazetteer":
        """The gazetteer of a policy's `names`."""
        words = {key: tuple(folded(each) for each in value) for key, value in names.items()}
        return cls(
            first_names=frozenset((*words.get("first", ()), *words.get("more_first", ()))),
            ordinary_names=frozenset(words.get("also_words", ())),
            place_words=_as_seen(names.get("place_words", ())) or ("Road", "Street"),
            areas=_as_seen(names.get("areas", ())),
            known=frozenset((*words.get("known", ()), *words.get("small_words", ()))),
            small_words=frozenset(words.get("small_words", ())),
            surnames=frozenset(words.get("surnames_too", ())),
        )

    @functools.cached_property
    def numbered(self) -> tuple[str, ...]:
        """Areas whose name begins with a number: Seven Sisters, Nine Elms."""
        return tuple(name for name in self.areas if number_in(name.split()[0]) is not None)

    @property
    def pattern(self) -> str:
        """A pattern of all boroughs and areas, as they are written; by first letter, so that one is looked at once."""
        every = sorted({place.name for place in BOROUGHS} | set(self.areas), key=len, reverse=True)
        by_letter: dict[str, list[str]] = {}
        for name in every:
            by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
        letters = (f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_letter.items())
        return rf"\b(?:{'|'.join(letters)})\b"

    def is_known(self, text: str) -> bool:
        """Whether every word of a name, as folded text has it, is no name at all (a month, an organisation, an ordinary word)."""
        words = text.casefold().split()
        return " ".join(words) in self.known or self.known.issuperset(words)

    def is_surname(self, words: str) -> bool:
        """Whether two words are a first name and a place's word that is also a surname: "Peter Vale"."""
        first, _, last = words.partition(" ")
        return last.casefold() in self.surnames and self.is_first_name(first)

    def is_first_name(self, word: str, *, alone: bool = False) -> bool:
        """Whether a word is a first name; `alone`, one that is not also an ordinary word."""
        lower = word.casefold()
        return lower in self.first_names and not (alone and lower in self.ordinary_names)


def _as_seen(words: Sequence[str]) -> tuple[str, ...]:
    """Words as folded text has them, each once: "Café" is "Cafe"."""
    return tuple(dict.fromkeys(fold(word).text for word in words))
