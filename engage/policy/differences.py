"""What differs between two policies, line by line of their files: what somebody who signs one reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from engage.policy.files import KeptFiles

CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One line of a comparison. `sign` is "+" for what is new, "-" for what goes, "" for what stays around it."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that differs, with its changed lines and those around them."""

    name: str
    lines: tuple[ChangedLine, ...]

    @property
    def added(self) -> int:
        """How many lines are new."""
        return sum(line.sign == "+" for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines go."""
        return sum(line.sign == "-" for line in self.lines)


def changed_files(before: KeptFiles, after: KeptFiles) -> tuple[ChangedFile, ...]:
    """The files that differ, by name; a file that is new or gone differs in every line."""
    old, new = before.texts(), after.texts()
    return tuple(
        ChangedFile(name, tuple(_lines(old.get(name, ""), new.get(name, ""))))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _lines(old: str, new: str) -> Iterator[ChangedLine]:
    compared = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=CONTEXT_LINES)
    for place, line in enumerate(compared):
        if place < 2:  # noqa: PLR2004 - the two lines that would name the files
            continue
        sign = line[0] if line[0] in "+-" else ""
        yield ChangedLine(sign, "…" if line.startswith("@@") else line[1:])
