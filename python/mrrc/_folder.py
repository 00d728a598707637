"""Folders that an export fills: on this machine, or in a store. What is put there is whole, or not there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mrrc._address import is_address

if TYPE_CHECKING:
    from mrrc._store import Object

T = TypeVar("T")


class Folder(Protocol):
    """Files by their names, which may have slashes."""

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""

    def move(self, file: Path, name: str) -> None:
        """Move a file of this machine here."""

    def read(self, name: str) -> bytes:
        """The content of a file."""

    def names(self, under: str) -> list[str]:
        """The names of the files in a folder of this one and below, sorted."""

    def remove(self, names: list[str]) -> None:
        """Remove files; one that is not there is no error."""

    def held(self) -> AbstractContextManager[None]:
        """Keep others from filling it at the same time."""


@contextmanager
def workshop(folder: Folder) -> Iterator[Path]:
    """A folder of this machine for files that become those of another, and which is then removed."""
    beside = folder.path if isinstance(folder, _Local) else None
    place = Path(mkdtemp(prefix=_WORKSHOP, dir=beside))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


_WORKSHOP = ".mrrc-export-"


def folder_at(place: str | os.PathLike[str], storage: Mapping[str, Any] | None) -> Folder:
    """The folder at a path or an address; it is made if it is not there."""
    name = os.fspath(place)
    return _InStore(name, storage) if is_address(name) else _Local(Path(name).expanduser())


class _Local:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        with workshop(self) as place:
            file = place / "file"
            file.write_bytes(content)
            self.move(file, name)

    def move(self, file: Path, name: str) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def names(self, under: str) -> list[str]:
        found = (self.path / under).rglob("*")
        return sorted(it.relative_to(self.path).as_posix() for it in found if it.is_file())

    def remove(self, names: list[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        # A lock of the system ends with its process, however that ends.
        with (self.path / ".mrrc-lock").open("w") as lock:
            try:
                import fcntl
            except ImportError:
                yield
                return
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BlockingIOError(f"{self.path}: another export fills this folder; wait for it") from None
            for left in self.path.glob(f"{_WORKSHOP}*"):
                # Of one that was killed.
                shutil.rmtree(left, ignore_errors=True)
            yield


class _InStore:
    """A folder in a store."""

    def __init__(self, address: str, storage: Mapping[str, Any] | None) -> None:
        self._address = address.rstrip("/")
        self._storage = dict(storage or {})

    def __reduce__(self) -> tuple[Any, ...]:
        from mrrc._store import public

        return _InStore, (self._address, public(self._storage))

    def put(self, name: str, content: bytes) -> None:
        self._do(name, lambda it: it.put(content))

    def move(self, file: Path, name: str) -> None:
        self._do(name, lambda it: it.put(file))
        file.unlink()

    def read(self, name: str) -> bytes:
        return bytes(self._do(name, lambda it: it.fetch(0, sys.maxsize)))

    def names(self, under: str) -> list[str]:
        from mrrc._store import names_below

        return names_below(self._address, under, self._storage)

    def remove(self, names: list[str]) -> None:
        for name in names:
            self._do(name, lambda it: it.delete())

    @contextmanager
    def held(self) -> Iterator[None]:
        yield

    def _do(self, name: str, asked: Callable[[Object], Coroutine[Any, Any, T]]) -> T:
        from mrrc._store import Object, wait

        return wait(asked(Object(f"{self._address}/{name}", self._storage)))
