"""The policy a folder holds as it stands now. What decides is another matter: that is what two people signed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engage.policy.files import FilesOnDisk, KeptFiles
from engage.policy.loading import read_sources
from engage.policy.marked import PolicyError
from engage.policy.policy import Policy
from engage.posts.errors import BadInput

Stamps = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicy:
    """A policy and the exact files it was read from."""

    policy: Policy
    kept: KeptFiles


def read_policy(kept: KeptFiles) -> Policy:
    """The policy in files that were kept. Raises PolicyError."""
    return read_sources(kept).compiled()


class PolicyFolder:
    """A directory's policy, read again when one of its files changes. Safe to share between threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._stamps: Stamps | None = None
        self._found: ReadPolicy | BadInput | None = None

    def now(self) -> ReadPolicy:
        """The policy as its files stand. Raises PolicyError naming file and line, BadInput where one cannot be read."""
        with self._lock:
            stamps = _stamps(self.directory)
            if self._found is None or stamps != self._stamps:
                self._found, self._stamps = _read(self.directory), stamps
            if isinstance(self._found, BadInput):
                raise self._found
            return self._found

    def error(self) -> BadInput | None:
        """What is wrong with the files as they stand; None where nothing is."""
        try:
            self.now()
        except BadInput as error:
            return error
        return None


def _read(directory: Path) -> ReadPolicy | BadInput:
    try:
        sources = read_sources(FilesOnDisk(directory))
        return ReadPolicy(policy=sources.compiled(), kept=sources.kept)
    except PolicyError as error:
        return error
    except OSError as error:
        return BadInput(
            f"cannot be read: {error.strerror}.", where=str(error.filename), remedy="Check who may read it."
        )


def _stamps(directory: Path) -> Stamps:
    """When each file of the policies beside this one was last changed, and its size."""
    stamps = {}
    for path in directory.resolve().parent.glob("*/**/*.yaml"):
        if "cases" in path.parts:
            continue
        try:
            state = path.stat()
        except OSError:
            continue
        stamps[str(path)] = (state.st_mtime_ns, state.st_size)
    return stamps
