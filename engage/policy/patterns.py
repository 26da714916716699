"""Every pattern of a policy in one RE2 set: one linear pass says which of them a text contains.

RE2 has no backtracking, so no pattern anybody writes can hang a decision.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

MEMORY = 256 << 20
_ANY_CASE = "(?i)"
_ESCAPED_OR_CAPITAL = re.compile(r"\\.|[A-Z]", re.DOTALL)
SHORT = 2_000
"""Characters. In a longer text only RE2 looks, whatever the pattern."""


class BadPattern(ValueError):
    """A pattern RE2 does not take."""


@dataclass
class PatternBank:
    """Patterns are added while a policy is compiled, then closed once; after that it only answers."""

    _patterns: dict[str, int] = field(default_factory=dict)
    _compiled: list[Any] = field(default_factory=list)
    _quick: dict[int, "_Quick"] = field(default_factory=dict)
    _set: Any = None

    def add(self, pattern: str, *, ours: bool = False) -> int:
        """Keep a pattern and give its number. Raises BadPattern, with RE2's reason.

        `ours` says that the pattern has no nested repeats (Engage's own, or made from a phrase), so that
        its spans in a short text may be found by `re`, five times as fast.
        """
        if pattern in self._patterns:
            return self._patterns[pattern]
        try:
            compiled = re2.compile(pattern, _options())
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            raise BadPattern(f"“{pattern}” is not a pattern: {reason}") from error
        if compiled.search("") is not None:
            raise BadPattern(f"“{pattern}” matches nothing at all, so it would match every text.")
        self._patterns[pattern] = number = len(self._compiled)
        self._compiled.append(compiled)
        if ours:
            self._quick[number] = _Quick.of(pattern)
        return number

    def close(self) -> None:
        """Build the set; no more patterns are added."""
        self._set = re2.Set.SearchSet(_options())
        for pattern in self._patterns:
            self._set.Add(pattern)
        if self._patterns:
            self._set.Compile()

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns, in the order of their numbers."""
        return tuple(self._patterns)

    def __len__(self) -> int:
        return len(self._compiled)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match anywhere in the text."""
        return frozenset((self._patterns and self._set.Match(text)) or ())

    def spans(self, number: int, text: str) -> list[tuple[int, int]]:
        """Where one pattern matches, from left to right."""
        if len(text) <= SHORT and number in self._quick:
            quick = self._quick[number]
            seen = text.lower() if quick.in_small_letters else text
            if len(seen) == len(text):
                return [found.span() for found in quick.pattern.finditer(seen)]
        return [found.span() for found in self._compiled[number].finditer(text)]


@dataclass(frozen=True, slots=True)
class _Quick:
    """A pattern for `re`.

    One that ignores case is written in small letters and searches text in small letters: `re` passes at
    once over what begins with another letter, which it does not do where it has to ignore case.
    """

    pattern: re.Pattern[str]
    in_small_letters: bool

    @classmethod
    def of(cls, pattern: str) -> "_Quick":
        """The quick form of a pattern of ours, the case of which is ignored throughout or nowhere."""
        if not pattern.startswith(_ANY_CASE) or "(?-i" in pattern:
            return cls(re.compile(pattern, re.ASCII), in_small_letters=False)
        small = _ESCAPED_OR_CAPITAL.sub(lambda found: _in_small(found.group()), pattern[len(_ANY_CASE) :])
        return cls(re.compile(small, re.ASCII), in_small_letters=True)


def _in_small(part: str) -> str:
    return part if part.startswith("\\") else part.lower()


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options
