"""The wording in use: an edit is taken up by itself, and a broken edit never is."""

import threading
from pathlib import Path

from engage.drafting.errors import BadTemplate
from engage.drafting.shelf import SUFFIX, TemplateShelf

_State = tuple[tuple[str, int, int], ...]


class WordingInUse:
    """The shelf of a directory, read again when a file of it changes.

    `problem` is what is wrong with the files as they stand now, or None. Safe to share between threads.
    """

    def __init__(self, directory: Path) -> None:
        """Raises BadTemplate: there must be a good shelf to begin with."""
        self._directory = directory
        self._lock = threading.Lock()
        self._seen = self._state()
        self._shelf = TemplateShelf.load(directory)
        self.problem: BadTemplate | None = None

    @property
    def current(self) -> TemplateShelf:
        """The last good shelf."""
        state = self._state()
        with self._lock:
            if state != self._seen:
                self._seen = state
                self._read()
            return self._shelf

    def _read(self) -> None:
        try:
            self._shelf = TemplateShelf.load(self._directory)
        except BadTemplate as error:
            self.problem = error
        else:
            self.problem = None

    def _state(self) -> _State:
        """Each file's name, size and time of change: cheap to look at, different after any edit."""
        found = []
        for path in sorted(self._directory.rglob(f"*{SUFFIX}")):
            about = path.stat()
            found.append((str(path), about.st_size, about.st_mtime_ns))
        return tuple(found)
