"""Every pattern of a policy in one RE2 set: one linear pass says which of them a text contains.

RE2 has no backtracking, so no pattern anybody writes can hang a decision.
"""

from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

MEMORY = 256 << 20
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 - see PatternBank.spans
_NOWHERE = -1


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
        self._compiled.append(compiled._regexp)  # noqa: SLF001 - see spans
        return number

    def close(self) -> None:
        """Build the set; no more patterns are added."""
        self._set = re2.Set.SearchSet(_options())
        for pattern in self._patterns:
            self._set.Add(pattern)
        if self._patterns:
            self._set.Compile()
        self._set = self._set._set  # noqa: SLF001 - see spans

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns, in the order of their numbers."""
        return tuple(self._patterns)

    def __len__(self) -> int:
        return len(self._compiled)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match anywhere in the text."""
        return frozenset(self._set.Match(text.encode()) if self._patterns else ())

    def spans(self, number: int, text: str) -> list[tuple[int, int]]:
        """Where one pattern matches, from left to right, none of it empty.

        Asks RE2 itself: the package's own `finditer` counts characters behind every match anew and takes
        four to ten times as long, which was a sixth of a decision. Spans come in bytes of UTF-8.
        """
        match, data = self._compiled[number].Match, text.encode()
        begin, end, spans = 0, len(data), []
        while begin < end:
            span = match(_ANYWHERE, data, begin, end)[0]
            if span[0] == _NOWHERE:
                break
            spans.append(span)
            begin = max(span[1], begin + 1)
        return spans if end == len(text) else _in_characters(spans, data)


def _in_characters(spans: list[tuple[int, int]], data: bytes) -> list[tuple[int, int]]:
    """The same spans counted in characters; each stretch of the text is counted once."""
    counted, seen, known = [], 0, 0
    for span in spans:
        ends = []
        for place in span:
            known += len(data[seen:place].decode())
            seen = place
            ends.append(known)
        counted.append((ends[0], ends[1]))
    return counted


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options
