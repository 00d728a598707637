"""A file that is there when it is whole, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import weakref
from typing import Any


class AtomicFile:
    """A hidden neighbour of the file: `close` puts it in its place, given up it is removed.

    A link is followed. What cannot be replaced (`/dev/null`, a pipe) is written to as it is.
    """

    def __init__(self, path: str | os.PathLike[str], binary: bool) -> None:
        self._place = os.path.realpath(path)
        self._written = self._place
        mode, encoding = ("b", None) if binary else ("t", "utf-8")
        replaced = os.stat(path) if os.path.exists(path) else None
        if replaced and not stat.S_ISREG(replaced.st_mode):
            self._file: Any = open(path, f"w{mode}", encoding=encoding)  # noqa: SIM115
        else:
            if replaced:
                # A rename would ask the folder alone whether the file may be changed.
                os.close(os.open(path, os.O_WRONLY))
            folder, name = os.path.split(self._place)
            self._written = os.path.join(folder, f".{name}.{secrets.token_hex(4)}.part")
            self._file = open(self._written, f"x{mode}", encoding=encoding)  # noqa: SIM115
            if replaced:
                os.chmod(self._written, stat.S_IMODE(replaced.st_mode))
        neighbour = None if self._written == self._place else self._written
        self._give_up = weakref.finalize(self, _give_up, self._file, neighbour, os.getpid())

    def write(self, content: Any) -> int:
        """Write to the neighbour."""
        return int(self._file.write(content))

    def close(self) -> None:
        """Put the file in its place, once the disk has it."""
        if not self._give_up.alive:
            return
        try:
            if self._written != self._place:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            if self._written != self._place:
                os.replace(self._written, self._place)
        except BaseException:
            self._give_up()
            raise
        self._give_up.detach()

    def discard(self) -> None:
        """Leave no file, and what stood in its place as it is."""
        self._give_up()


def _give_up(file: Any, neighbour: str | None, process: int) -> None:
    # A forked process has the same object, and the file is not its own.
    if os.getpid() != process:
        return
    try:
        file.close()
    finally:
        if neighbour is not None:
            os.unlink(neighbour)
