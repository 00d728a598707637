"""A file that is there when it is whole, or not at all."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path
from typing import Any


class AtomicFile:
    """A temporary neighbour of the file, renamed by `close`, removed when it is given up."""

    def __init__(self, path: str | os.PathLike[str], binary: bool) -> None:
        self._path = Path(path)
        handle, self._neighbour = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(self._neighbour, 0o666 & ~mask)
        self._file: Any = os.fdopen(handle, "wb") if binary else os.fdopen(handle, "w", encoding="utf-8")
        self._give_up = weakref.finalize(self, _remove, self._file, self._neighbour)

    def write(self, content: Any) -> int:
        """Write to the neighbour."""
        return int(self._file.write(content))

    def close(self) -> None:
        """Put the file in its place."""
        if not self._give_up.alive:
            return
        try:
            self._file.close()
            os.replace(self._neighbour, self._path)
        except BaseException:
            self._give_up()
            raise
        self._give_up.detach()

    def discard(self) -> None:
        """Leave no file, and what stood in its place as it is."""
        self._give_up()


def _remove(file: Any, neighbour: str) -> None:
    try:
        file.close()
    finally:
        os.unlink(neighbour)
