"""`plan`: sources in parts that others may read, each by itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mrrc import _mrrc

if TYPE_CHECKING:
    from mrrc._read import Source
    from mrrc._store import Object

_COMPRESSED = (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".zip", ".tar")


@dataclass(frozen=True, repr=False)
class Part:
    """A part of a source: what `mrrc.scan` and `mrrc.read_arrow` read of it, in whatever process.

    It can be pickled. The records of a part are those that begin in its bytes; each is in one part only,
    however damaged the source is. A source that was changed after the plan was made is an error. A pickle
    holds no keys of a store: they come from the environment, or from `storage` where the part is scanned.

    Example:
        >>> import mrrc
        >>> with open("dump.mrc", "wb") as file:
        ...     written = file.write(mrrc.Record().as_marc() * 3)
        >>> parts = mrrc.plan("dump.mrc")
        >>> [mrrc.scan(part).count() for part in parts]
        [3]
    """

    source: str
    """The path or the address."""
    begin: int
    """The first byte."""
    end: int
    """The byte after the last one."""
    size: int
    """The number of bytes of the source."""
    _version: str = field(default="")
    _object: Object | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"Part({self.source!r}, {self.begin:_}, {self.end:_})"

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its source."""
        return (self.begin, self.end) == (0, self.size)

    def _keywords(self, storage: Mapping[str, Any] | None) -> dict[str, Any]:
        """What `scan` is to be told of it; `storage` is what a pickle of it has lost."""
        if self._object is None and self._version != _version_of(self.source):
            raise ValueError(f"{self.source}: it was changed after the plan was made; plan again")
        source = {"source": self.source if self._object is None else self._object.told(storage or {})}
        return source if self.is_whole else {**source, "byte_range": (self.begin, self.end), "part": True}


def plan(
    sources: Source | Iterable[Source],
    /,
    chunk: int = 64 << 20,
    *,
    storage: Mapping[str, Any] | None = None,
) -> list[Part]:
    """Divide sources into parts, by their sizes alone: nothing of them is read.

    Read each part with `mrrc.scan(part)`, in threads, processes, or on the machines of a cluster: together
    they give each record once, in the order of the list. Their accounts add up to those of one read.

    Args:
        sources: a path, a glob, an address such as `s3://bucket/*.mrc`, or a list of these.
        chunk: the size of a part in bytes. A compressed file is one part, and so is any other that cannot be
            split: an archive, an array of JSON; whether or not its name shows it.
        storage: how to reach stores, as for `scan`.

    Returns:
        A list of `Part`s, in the order of the sources.

    Raises:
        OSError: there is no such file, or the store cannot be reached.
        ValueError: `chunk` is less than 1.
        TypeError: a source is no path: bytes and file objects are at one place only; or `chunk` is no whole
            number.

    Example:
        >>> import mrrc
        >>> with open("dump.mrc", "wb") as file:
        ...     written = file.write(mrrc.Record().as_marc() * 1000)
        >>> mrrc.plan("dump.mrc", chunk=10_000)
        [Part('dump.mrc', 0, 10_000), Part('dump.mrc', 10_000, 20_000), Part('dump.mrc', 20_000, 26_000)]
    """
    if not isinstance(chunk, int) or isinstance(chunk, bool):
        raise TypeError(f"chunk must be a number of bytes, not {type(chunk).__name__}")
    if chunk < 1:
        raise ValueError(f"chunk={chunk} is out of range; choose 1 or more bytes")
    found = _mrrc._named_sources(sources, storage)
    objects = [it for it in found if not isinstance(it, str)]
    if objects:
        from mrrc._store import measure

        measure(objects)
    return [part for it in map(_literal, found) for part in _parts(it, chunk)]


def _literal(source: str | Object) -> str | Object:
    """A name that a glob found may begin with `~`, which is no home folder."""
    return os.path.join(os.curdir, source) if isinstance(source, str) and source.startswith("~") else source


def _parts(source: str | Object, chunk: int) -> list[Part]:
    if isinstance(source, str):
        name, size, version, stored = source, os.stat(source).st_size, _version_of(source), None
    else:
        stored = source.pinned()
        name, size, version = source.name, stored.size or 0, repr(stored.version)
    if name.lower().endswith(_COMPRESSED):
        chunk = size
    begins = range(0, max(size, 1), max(chunk, 1))
    return [Part(name, begin, min(begin + chunk, size), size, version, stored) for begin in begins]


def _version_of(path: str) -> str:
    found = os.stat(path)
    return f"{found.st_size} {found.st_mtime_ns}"
