"""Objects in stores: what addresses such as `s3://bucket/dump.mrc` name, read by ranges, some of them ahead.

The requests are made by obstore, the extra `cloud`, in an event loop of their own: one that nobody waits for
any more is cancelled at once, whatever the store does.
"""

from __future__ import annotations

import asyncio
import atexit
import errno
import os
import re
import shutil
import threading
import time
import weakref
from collections import deque
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Any, NamedTuple, TypeVar

from mrrc._address import is_of_web, shown, split

PATIENCE = 0.05
"""Seconds after which a read that waits says so."""
FIRST = 2 << 20
"""Bytes in the first request for an object: many a question needs no more."""
BLOCK = 12 << 20
AHEAD = 3
"""The requests that are under way beside the one that is read."""
PIECE = 8 << 20
"""Bytes in each request for an object that is written."""
AT_ONCE = 16
"""Requests for sizes."""
NEAR = 1 << 16
"""Bytes around a place that is looked at."""

# What a store is told that is no secret, and goes with a pickle.
_PUBLIC = re.compile(
    r"(aws_|azure_|google_)?(endpoint.*|region|default_region|virtual_hosted.*|skip_signature)|client_options"
)
_PUBLIC_CLIENT = re.compile(r"allow_\w+|\w*timeout|http[12]\w*|pool_\w+|randomize_addresses|user_agent")
_PLAIN_HTTP = "http://"

T = TypeVar("T")


class Changed(OSError):
    """An object was replaced while it was read."""


class Version(NamedTuple):
    """What tells two contents of an object from each other."""

    tag: str | None
    size: int
    modified: float | None

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> Version:
        modified = meta.get("last_modified")
        return cls(meta.get("e_tag"), meta["size"], modified and modified.timestamp())

    def is_of(self, other: Version) -> bool:
        """Whether it is that of the same content: by the tag, if there is one, and otherwise by the time."""
        return self.size == other.size and (
            self.tag == other.tag if self.tag and other.tag else self.modified == other.modified
        )


class Object:
    """An object in a store.

    `storage` are keyword arguments for `obstore.store.from_url`. A pickle has those of them that are no
    secret: where it is read, credentials come from the environment. With a `version`, another one is an
    error; without it, each reading is of the version that it meets first.
    """

    def __init__(
        self, address: str, storage: Mapping[str, Any] | None = None, version: Version | None = None
    ) -> None:
        root, place = split(address)
        self.name = shown(address)
        if not place or place.endswith("/"):
            folder = "it is a folder; name what is in it, with a glob such as *.mrc"
            raise IsADirectoryError(errno.EISDIR, folder, self.name)
        if is_of_web(address) and ("?" in place or "@" in root):
            raise ValueError(
                f"{self.name}: an address with a password or a query is not read; give what fsspec opens "
                "there: fsspec.open(address)"
            )
        self.version = version
        self._storage = dict(storage or {})
        self._seen: Version | None = None
        self._latest: Object | None = None

    @classmethod
    def listed(cls, address: str, storage: Mapping[str, Any] | None, meta: Mapping[str, Any]) -> Object:
        """An object as a store lists it."""
        found = cls(address, storage)
        found._seen = Version.of(meta)
        return found

    def __repr__(self) -> str:
        return f"Object({self.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Object, (self.name, public(self._storage), self.version)

    def told(self, storage: Mapping[str, Any]) -> Object:
        """The same object, of a store that is told this as well."""
        return Object(self.name, {**self._storage, **storage}, self.version)

    @property
    def size(self) -> int | None:
        """The number of bytes, as far as it is known."""
        known = self.version or (self._latest and self._latest.version) or self._seen
        return known.size if known else None

    def pinned(self) -> Object:
        """The same object, as it is now."""
        if not self.is_known:
            wait(self.ask())
        return Object(self.name, self._storage, self.version or self._seen)

    @property
    def is_known(self) -> bool:
        """Whether its version is known."""
        return bool(self.version or self._seen)

    async def ask(self) -> None:
        """Ask for the version."""
        store, path = self.reach()
        try:
            self._seen = Version.of(await _obstore().head_async(store, path))
        except Exception as error:
            raise self._failure(error) from None

    def reading(self) -> Reading:
        """The bytes in their order."""
        return Reading(self._now(), 0, None)

    def nearby(self) -> Nearby:
        """The bytes at any place."""
        return Nearby(self._now())

    def _now(self) -> Object:
        """The same object for one reading, which is of one version."""
        self._latest = Object(self.name, self._storage, self.version)
        return self._latest

    def upload(self) -> Upload:
        """A file that becomes this object."""
        return Upload(self)

    async def delete(self) -> None:
        """Be there no more."""
        store, path = self.reach()
        try:
            await _obstore().delete_async(store, path)
        except FileNotFoundError:
            pass
        except Exception as error:
            raise self._failure(error) from None

    async def put(self, content: Path | bytes) -> None:
        """Become what a file holds, or these bytes: all of it, or not at all."""
        store, path = self.reach()
        try:
            await _obstore().put_async(store, path, content, chunk_size=PIECE, max_concurrency=AHEAD)
        except Exception as error:
            raise self._failure(error) from None

    async def fetch(self, begin: int, end: int) -> memoryview:
        """The bytes from one place to another; fewer only if the object ends."""
        if self.version is not None:
            end = min(end, self.version.size)
        if begin >= end:
            return memoryview(b"")
        store, path = self.reach()
        try:
            answer = await _obstore().get_async(store, path, options={"range": (begin, end)})
            self._meet(answer.meta)
            data = memoryview(await answer.bytes_async())
        except Exception as error:
            # A range of nothing cannot be asked for.
            if begin == 0 and self.version is None and "416" in str(error):
                await self.ask()
                if self._seen and self._seen.size == 0:
                    self.version = self._seen
                    return memoryview(b"")
            raise self._failure(error) from None
        if len(data) != min(end, answer.meta["size"]) - begin:
            raise OSError(
                errno.EIO, f"the store gave {len(data)} bytes of {end - begin} at {begin}", self.name
            )
        return data

    def _meet(self, meta: Mapping[str, Any]) -> None:
        """Learn the version; another one is an error."""
        version = Version.of(meta)
        if self.version is None:
            self.version = version
        elif not self.version.is_of(version):
            raise Changed(errno.ESTALE, "it was replaced while it was read", self.name)

    def reach(self) -> tuple[Any, str]:
        """The store, and the place in it; nothing is asked of it."""
        root, path = split(self.name)
        return store_of(root, self._storage), path

    def _failure(self, error: Exception) -> Exception:
        return failure(error, self.name)


class Reading:
    """The bytes of an object from one place to another, in their order."""

    def __init__(self, of: Object, begin: int, end: int | None) -> None:
        self._object = of
        self._next, self._end = begin, end
        self._ahead: deque[Future[memoryview]] = deque()
        self._rest = memoryview(b"")
        # Of a part it is known that all is read.
        self._is_first = end is None

    def read(self, size: int) -> bytes | None:
        """At most so many bytes; `b""` at the end; None if nothing came in a twentieth of a second."""
        if not self._rest:
            self._ask()
            if not self._ahead:
                return b""
            try:
                self._rest = self._ahead[0].result(timeout=PATIENCE)
            except TimeoutError:
                # It may be that of the request.
                if self._ahead[0].done() and self._ahead[0].exception():
                    raise
                return None
            self._ahead.popleft()
            if not self._rest:
                return b""
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)

    def _ask(self) -> None:
        """Have requests under way: one, until it is known how much there is, and that more is read."""
        most = 1 if self._is_first else AHEAD + 1
        while len(self._ahead) < most and not (self._ahead and self._object.version is None):
            version = self._object.version
            known = [end for end in (self._end, version and version.size) if end is not None]
            end = min([self._next + (FIRST if self._is_first else BLOCK), *known])
            if self._next >= end:
                return
            self._ahead.append(run(self._object.fetch(self._next, end)))
            self._next = end
            self._is_first = False

    def close(self) -> None:
        """Cancel what is under way."""
        while self._ahead:
            self._ahead.pop().cancel()

    def __del__(self) -> None:
        self.close()


class Upload:
    """A file of this machine that becomes an object once it is complete."""

    def __init__(self, of: Object) -> None:
        self._object = of
        of.reach()
        folder = mkdtemp(prefix="mrrc-")
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # Its suffix says how it is compressed.
        self.path = str(Path(folder) / PurePosixPath(of.name).name)

    def put(self) -> None:
        """Make the object of it, and remove it."""
        wait(self._object.put(Path(self.path)))
        self._remove()


class Nearby:
    """The bytes of an object at any place. Those around the last one are kept: the next is mostly near."""

    def __init__(self, of: Object) -> None:
        self._object = of
        self._begin = 0
        self._bytes = memoryview(b"")
        self._most = NEAR

    @property
    def size(self) -> int:
        """The number of bytes of the object."""
        if self._object.version is None:
            self._object = self._object.pinned()
        return self._object.version.size if self._object.version else 0

    def read_at(self, place: int, size: int) -> bytes:
        """At most so many bytes from a place on."""
        begin, end = self._begin, self._begin + len(self._bytes)
        if not begin <= place < end:
            # Who goes on where the last bytes ended may go on for long.
            self._most = min(2 * self._most, BLOCK) if place == end > 0 else NEAR
            before = 0 if place == end else NEAR // 4
            begin = max(0, place - before)
            data = wait(self._object.fetch(begin, place + max(size, self._most - before)))
            self._begin, self._bytes = begin, data
        at = place - self._begin
        return bytes(self._bytes[at : at + size])

    def reading(self, begin: int, end: int) -> Reading:
        """The bytes from one place to another in their order."""
        return Reading(self._object, begin, end)


def measure(objects: list[Object]) -> None:
    """Ask for all versions that are not known, side by side."""

    async def all_of_them() -> None:
        unknown = [it for it in objects if not it.is_known]
        while unknown:
            await asyncio.gather(*(it.ask() for it in unknown[:AT_ONCE]))
            del unknown[:AT_ONCE]

    wait(all_of_them())


def expand(address: str, storage: Mapping[str, Any] | None) -> list[Object]:
    """The objects that an address or a glob names, in the order of their names."""
    root, pattern = split(address)
    if is_of_web(address) and "*" in pattern:
        raise ValueError(f"{shown(address)}: a web server cannot list what it has; name each file")
    if not is_glob(address):
        return [Object(address, storage)]
    folder = re.split(r"[*?[]", pattern, maxsplit=1)[0].rpartition("/")[0]
    is_match = re.compile(_glob(pattern)).fullmatch
    store = store_of(root, storage or {})
    found = []
    for meta in wait(_listed(store, folder or None, shown(address))):
        if is_match(meta["path"]):
            found.append(Object.listed(f"{root}/{meta['path']}", storage, meta))
    if not found:
        raise FileNotFoundError(errno.ENOENT, "no object matches", shown(address))
    return sorted(found, key=lambda it: it.name)


def is_glob(address: str) -> bool:
    """Whether an address is a pattern for names, which a web server cannot list."""
    return not is_of_web(address) and re.search(r"[*?[]", split(address)[1]) is not None


def names_below(folder: str, under: str, storage: Mapping[str, Any]) -> list[str]:
    """The names in a folder that begin with another one, sorted."""
    root, place = split(f"{folder}/")
    found = wait(_listed(store_of(root, storage), f"{place}{under}", shown(folder)))
    return sorted(meta["path"].removeprefix(place) for meta in found)


async def _listed(store: Any, folder: str | None, name: str) -> list[Mapping[str, Any]]:
    try:
        return [meta async for some in _obstore().list(store, folder, chunk_size=1000) for meta in some]
    except Exception as error:
        raise failure(error, name) from None


def _glob(pattern: str) -> str:
    """A glob as a regular expression: `*` is not `/` nor the point that hides a file."""
    pieces = []
    for number, part in enumerate(parts := pattern.split("/")):
        is_last = number == len(parts) - 1
        if part == "**":
            pieces.append("[^/]*" if is_last else "(?:[^/]+/)*")
            continue
        text = r"(?!\.)" if part.startswith(("*", "?", "[")) else ""
        for token in re.findall(r"\[!?\]?[^]]*\]|.", part, re.DOTALL):
            if token == "*":
                text += "[^/]*"
            elif token == "?":
                text += "[^/]"
            elif len(token) > 1:
                text += token.replace("\\", r"\\").replace("[!", "[^", 1)
            else:
                text += re.escape(token)
        pieces.append(text if is_last else text + "/")
    return "".join(pieces)


# Stores


_known: list[tuple[tuple[str, dict[str, Any], int], Any]] = []
"""Stores, which keep their connections, by address, settings and process."""


def store_of(root: str, storage: Mapping[str, Any]) -> Any:
    """The store at an address."""
    wanted = (root, dict(storage), os.getpid())
    for place, store in _known:
        if place == wanted:
            return store
    store = _made_store(root, storage)
    _known.append((wanted, store))
    del _known[:-64]
    return store


def _made_store(root: str, storage: Mapping[str, Any]) -> Any:
    given = dict(storage)
    client = dict(given.pop("client_options", None) or {})
    endpoints = [it for name, it in {**os.environ, **given}.items() if "endpoint" in name.lower()]
    if any(str(it).startswith(_PLAIN_HTTP) for it in [root, *endpoints]):
        client.setdefault("allow_http", True)
    retries = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
    given["retry_config"] = {**retries, **(given.pop("retry_config", None) or {})}
    try:
        return _from_url(root, client_options=client, **given)
    except ImportError:
        raise
    except Exception as error:
        raise ValueError(f"storage: {_first_line(error)}") from None


def _from_url(root: str, **settings: Any) -> Any:
    _obstore()
    from obstore.store import from_url

    return from_url(root, **settings)


def _obstore() -> Any:
    try:
        import obstore
    except ImportError:
        raise ImportError(
            "obstore is not installed, which reads s3://, gs://, az:// and https://: pip install obstore"
        ) from None
    return obstore


def public(storage: Mapping[str, Any]) -> dict[str, Any]:
    """What a store is told that is no secret."""
    kept = {name: it for name, it in storage.items() if _PUBLIC.fullmatch(name.lower())}
    if client := kept.get("client_options"):
        kept["client_options"] = {name: it for name, it in client.items() if _PUBLIC_CLIENT.fullmatch(name)}
    return kept


# Errors


def failure(error: Exception, name: str) -> Exception:
    """An error of obstore as Python has it for files, in one line and without what a server echoes."""
    if isinstance(error, (Changed, ImportError, RuntimeError)) or (
        isinstance(error, OSError) and error.filename
    ):
        return error
    kind, text = type(error).__name__, str(error)
    status = re.search(r"status code: (\d+ [A-Za-z ]+)", text)
    number = status[1][:3] if status else ""
    if isinstance(error, FileNotFoundError) or number == "404":
        missing = "there is no such bucket" if "NoSuchBucket" in text else "there is no such object"
        return FileNotFoundError(errno.ENOENT, missing, name)
    said = re.search(r"<Code>([^<]*)</Code>", text)
    reason = " ".join(it[1].strip() for it in (status, said) if it) or _first_line(error)
    if "/latest/api/token" in text or "/latest/meta-data" in text:
        told = "there are no credentials; give them in the environment or with storage=..."
        return PermissionError(errno.EACCES, told, name)
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or number in ("401", "403"):
        told = f"the store refused ({reason}); give credentials in the environment or with storage=..."
        return PermissionError(errno.EACCES, told, name)
    if "TimedOut" in text or "timed out" in text:
        return TimeoutError(errno.ETIMEDOUT, f"the store did not answer in time ({reason})", name)
    if "kind: Connect" in text:
        return ConnectionError(errno.ECONNREFUSED, f"the store cannot be reached ({reason})", name)
    return OSError(errno.EIO, f"the store failed ({reason})", name)


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return re.sub(
        r"^Generic \w+ error: |Error (after \d+ retries in \S+, .*? )?performing \w+ \S+ in \S+ - ", "", line
    ).strip(" :,")


# The event loop of requests


class _Loop:
    """Where requests are made; one for the process."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="mrrc-store", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Cancel all requests, and wait for that."""
        if self.thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._cancel(), self.loop)
            self.thread.join(timeout=1)
            # What obstore's threads still hold of Python, they give back within moments. When the interpreter
            # has ended, that would end the process.
            time.sleep(PATIENCE)

    async def _cancel(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.loop.stop()


_lock = threading.Lock()
_made: _Loop | None = None
_is_of_parent = False


def run(asked: Coroutine[Any, Any, T]) -> Future[T]:
    """Make a request."""
    global _made
    with _lock:
        if _is_of_parent:
            asked.close()
            raise RuntimeError(
                "this process was forked from one that had read from a store, whose connections cannot be "
                'used here; start processes by "spawn": multiprocessing.get_context("spawn")'
            )
        if _made is None:
            _made = _Loop()
            atexit.register(_made.end)
        return asyncio.run_coroutine_threadsafe(asked, _made.loop)


def wait(asked: Coroutine[Any, Any, T]) -> T:
    """Make a request and wait for its answer; Ctrl-C cancels it."""
    future = run(asked)
    try:
        return future.result()
    finally:
        future.cancel()


def _forget() -> None:
    """A fork has no thread that makes requests, and neither has obstore in it."""
    global _lock, _made, _is_of_parent
    _lock = threading.Lock()
    if _made is not None:
        atexit.unregister(_made.end)
        _made, _is_of_parent = None, True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
