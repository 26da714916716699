"""Every pattern of a policy in one RE2 set: one linear pass says which of them a text contains.

RE2 has no backtracking, so no pattern anybody writes can hang a decision.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

MEMORY = 256 << 20
SHORT = 2_000
"""Characters. In a longer text only RE2 looks, whatever the pattern."""


class BadPattern(ValueError):
    """A pattern RE2 does not take."""


@dataclass
class PatternBank:
    """Patterns are added while a policy is compiled, then closed once; after that it only answers."""

    _patterns: dict[str, int] = field(default_factory=dict)
    _compiled: list[Any] = field(default_factory=list)
    _quick: dict[int, re.Pattern[str]] = field(default_factory=dict)
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
            self._quick[number] = re.compile(pattern, re.ASCII)
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

    def spans(self, number: int, text: str) -> Iterator[tuple[int, int]]:
        """Where one pattern matches, from left to right."""
        quick = self._quick.get(number) if len(text) <= SHORT else None
        for found in (quick or self._compiled[number]).finditer(text):
            yield found.span()


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options
