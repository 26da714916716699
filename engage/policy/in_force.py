"""The policy in force: edited while running, and never replaced by a broken one."""

import threading
from collections.abc import Mapping
from pathlib import Path

from engage.policy.loading import load_policy
from engage.policy.marked import PolicyError
from engage.policy.policy import Policy

Stamps = Mapping[str, tuple[int, int]]


class PolicyInForce:
    """The last good policy of a directory, read again when a file of it changes.

    `error` says what is wrong with the newer files while the last good policy stays in force. The
    first reading must succeed: PolicyError where it does not.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.error: PolicyError | None = None
        self._lock = threading.Lock()
        self._stamps = _stamps(directory)
        self._policy = load_policy(directory)

    @property
    def current(self) -> Policy:
        """The policy in force now."""
        stamps = _stamps(self.directory)
        if stamps != self._stamps:
            with self._lock:
                self._read_again(stamps)
        return self._policy

    def _read_again(self, stamps: Stamps) -> None:
        if stamps == self._stamps:
            return
        try:
            self._policy = load_policy(self.directory)
        except PolicyError as error:
            self.error = error
        except OSError:
            return
        else:
            self.error = None
        self._stamps = stamps


def _stamps(directory: Path) -> Stamps:
    """When each file of the policies beside this one was last changed, and its size."""
    stamps = {}
    for path in directory.parent.glob("*/**/*.yaml"):
        if "cases" in path.parts:
            continue
        try:
            state = path.stat()
        except OSError:
            continue
        stamps[str(path)] = (state.st_mtime_ns, state.st_size)
    return stamps
