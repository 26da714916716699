"""Every pattern of a policy in one RE2 set: one linear pass says which of them a text contains.

RE2 has no backtracking, so no pattern anybody writes can hang a decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import re2

MEMORY = 256 << 20


class BadPattern(ValueError):
    """A pattern RE2 does not take."""


@dataclass
class PatternBank:
    """Patterns are added while a policy is compiled, then closed once; after that it only answers."""

    _patterns: dict[str, int] = field(default_factory=dict)
    _compiled: list[Any] = field(default_factory=list)
    _set: Any = None

    def add(self, pattern: str) -> int:
        """Keep a pattern and give its number. Raises BadPattern, with RE2's reason."""
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
        return number

    def close(self) -> None:
        """Build the set; no more patterns are added."""
        self._set = re2.Set.SearchSet(_options())
        for pattern in self._patterns:
            self._set.Add(pattern)
        if self._patterns:
            self._set.Compile()

    def __len__(self) -> int:
        return len(self._compiled)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match anywhere in the text."""
        return frozenset((self._patterns and self._set.Match(text)) or ())

    def spans(self, number: int, text: str) -> Iterator[tuple[int, int]]:
        """Where one pattern matches, from left to right."""
        for found in self._compiled[number].finditer(text):
            yield found.span()


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options
