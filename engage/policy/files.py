"""A policy's files, wherever they are kept: read by name, and known by one hash over what decides.

A name is relative to the policy's own folder ("rules/L-law.yaml", and "../met/policy.yaml" for the policy
it builds on), so the same rules have the same hash in whatever folder they stand.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Protocol

from engage.posts.errors import BadInput

MOST_BYTES = 2_000_000
"""What may be kept of one policy: sixteen times the shipped one."""


class Files(Protocol):
    """Where a policy's files are read from."""

    @property
    def folder(self) -> str:
        """What the policy's own folder is called in messages."""

    def read(self, name: str) -> bytes | None:
        """A file's exact bytes; None where there is none of that name."""

    def within(self, folder: str) -> Sequence[str]:
        """The names of the YAML files of a folder, in order."""


@dataclass(frozen=True, slots=True)
class FilesOnDisk:
    """The files of a directory, and of those beside it that it builds on."""

    directory: Path

    @property
    def folder(self) -> str:
        """The directory's own name."""
        return self.directory.resolve().name

    def read(self, name: str) -> bytes | None:
        """A file's exact bytes; None where there is none of that name."""
        path = self.directory / name
        return path.read_bytes() if path.is_file() else None

    def within(self, folder: str) -> Sequence[str]:
        """The names of the YAML files of a folder, in order."""
        return sorted(f"{folder}/{path.name}" for path in (self.directory / folder).glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files that decide, by name, as they were read once: exact bytes."""

    folder: str
    contents: Mapping[str, bytes]

    @classmethod
    def of_texts(cls, folder: str, texts: Mapping[str, str]) -> "KeptFiles":
        """The files from their texts."""
        return cls(folder, {name: text.encode() for name, text in texts.items()})

    def texts(self) -> dict[str, str]:
        """The files' texts by name. Raises BadInput where they are more than `MOST_BYTES`."""
        size = sum(len(content) for content in self.contents.values())
        if size > MOST_BYTES:
            raise BadInput(
                f"is {size:,} bytes in all, and a policy may be {MOST_BYTES:,}.",
                where=self.folder,
                remedy="Split it, or shorten its lists.",
            )
        return {name: content.decode() for name, content in self.contents.items()}

    @property
    def hash(self) -> str:
        """SHA-256 over the names and bytes, whatever the order they were read in."""
        digest = hashlib.sha256()
        for name, content in sorted(self.contents.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    def read(self, name: str) -> bytes | None:
        """A file's exact bytes; None where there is none of that name."""
        return self.contents.get(name)

    def within(self, folder: str) -> Sequence[str]:
        """The names of the YAML files of a folder, in order."""
        return sorted(
            name for name in self.contents if name.rpartition("/")[0] == folder and name.endswith(".yaml")
        )


def shown(files: Files, name: str) -> str:
    """A file's name as messages give it: "met/rules/L-law.yaml"."""
    return normpath(f"{files.folder}/{name}")
