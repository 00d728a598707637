"""`export`: many files to Parquet, part by part, by whoever has time; what is done stays done."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from inspect import signature
from pathlib import Path, PurePosixPath
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mrrc import _mrrc
from mrrc._accounts import PARTS, arrow_and_parquet, counted, of_part, sum_up, told, warn_of
from mrrc._address import is_address
from mrrc._errors import MarcError, without_warnings
from mrrc._folder import Folder, folder_at, workshop
from mrrc._plan import Part, plan
from mrrc._progress import telling
from mrrc._read import scan

if TYPE_CHECKING:
    from mrrc._read import Progress, Source

RECORDS = "records"

Map = Callable[[Callable[[Part], Any], list[Part]], Iterable[Any]]


@dataclass(frozen=True)
class Done:
    """A part that was exported, as it is noted beside its accounts."""

    key: str
    source: str
    begin: int
    end: int
    version: str
    """Of the source."""
    options: str
    """What the options of the export come to."""
    on_error: str
    records: int
    files: list[str]


def export(
    sources: Source | Iterable[Source],
    folder: str | os.PathLike[str],
    /,
    *,
    chunk: int = 64 << 20,
    partition_by: str | None = None,
    threads: int | None = None,
    map: Map | None = None,
    force: bool = False,
    progress: Progress = None,
    storage: Mapping[str, Any] | None = None,
    **options: Any,
) -> _mrrc.Table:
    """Convert many files to Parquet in a folder: part by part, side by side, and resumable.

    Each part of a source becomes a file in `folder/records`, with its accounts in `folder/accounts/parts`.
    When all are done, the accounts are summed in `folder/accounts`: `sources.parquet`, `findings.parquet`,
    `diagnostics.parquet` and `rejects.parquet`. A part that is done is not done again: call it once more to
    go on with what was stopped or killed. A file that was changed since then replaces what it was; one that
    is no longer among the sources stays. Needs pyarrow.

    Args:
        sources: a path, a glob, an address such as `s3://bucket/*.mrc`, or a list of these; or a list of
            parts.
        folder: where to write: a path, or an address in a store.
        chunk: the size of a part in bytes, as for `plan`.
        partition_by: a column: the files are in a folder for each of its values, `language=eng`, and do not
            have it themselves.
        threads: the number of parts that are exported side by side; `None` for one per core.
        map: what calls a function for each of a list of parts: the `map` of a process pool, of a Dask client,
            of Ray's pool. It gives results or futures. Sources and folder have the same names wherever the
            function is called.
        force: do all parts again, whatever is there.
        progress: `True` for a progress bar (needs tqdm), or a callable that is called with
            `(bytes_done, bytes_total, records)` after each part. With `None` there is a bar if it takes long.
        storage: how to reach stores, as for `scan`.
        options: those of `scan`: `columns`, `where`, `layout`, `tags`, `encoding`, `on_error` and so on.

    Returns:
        The account of each source in the folder, as `Scan.sources` has it: what became of its records and
        bytes.

    Raises:
        MarcError: a record cannot be delivered, and `on_error` is `"raise"`. What was done stays.
        ValueError: the folder has an export with other options.
        OSError: a source is missing, whatever `on_error` says, or cannot be read; or the folder cannot be
            written.
        ImportError: pyarrow is missing.

    Warns:
        MarcWarning: records were left out or repaired.

    Example:
        >>> import mrrc
        >>> with open("dump.mrc", "wb") as file:
        ...     written = file.write(mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc() * 1000)
        >>> account = mrrc.export("dump.mrc", "catalogue", chunk=20_000, columns=["001"])
        >>> account["records"].to_pylist(), account["delivered"].to_pylist()
        ([1000], [1000])
        >>> import pyarrow.dataset
        >>> pyarrow.dataset.dataset("catalogue/records").count_rows()
        1000
    """
    arrow_and_parquet()
    if unknown := options.keys() - (signature(scan).parameters.keys() - {"source", "byte_range", "n_rows"}):
        raise TypeError(f"export() got an unexpected keyword argument {min(unknown)!r}")
    given = {**options, "threads": 1}
    # What is wrong with the options is told before anything is done.
    _check_partition(scan(b"", threads=threads, **options), partition_by)
    parts = _parts_of(sources, chunk, storage)
    to = folder_at(folder, storage)
    work = Work(to, given, partition_by)
    # What is named twice is there once.
    parts = list({work.key(part): part for part in parts}.values())
    with to.held():
        known = {} if force else work.known()
        work.refuse_others(known.values(), os.fspath(folder))
        missing = [part for part in parts if work.done(part, known) is None]
        total, left = (sum(part.end - part.begin for part in some) for some in (parts, missing))
        with telling(progress, total) as tell:
            tell(total - left, 0)
            for it in _mapped(map, threads, work, missing):
                known[it.key] = it
                tell(it.end - it.begin, it.records)
        account = sum_up(to, work.clean(known, parts), scan(b"", **given).read())
    warn_of(account)
    return account


def _parts_of(
    sources: Source | Iterable[Source], chunk: int, storage: Mapping[str, Any] | None
) -> list[Part]:
    """The parts of sources, unless they are parts already."""
    if isinstance(sources, Part):
        return [sources]
    if isinstance(sources, list) and sources:
        parts = [it for it in sources if isinstance(it, Part)]
        if len(parts) == len(sources):
            return parts
    return plan(sources, chunk, storage=storage)


class Work:
    """What is done for each part: a function that can be pickled."""

    def __init__(self, folder: Folder, options: dict[str, Any], partition_by: str | None) -> None:
        self.folder = folder
        self.options = options
        self.partition_by = partition_by
        self.on_error = options.get("on_error", "raise")
        others = {name: it for name, it in options.items() if name != "on_error"}
        said = json.dumps([_mrrc.__version__, partition_by, others], sort_keys=True, default=repr)
        self.said = _digest(said)

    def key(self, part: Part, on_error: str | None = None) -> str:
        """What tells a part from any other, and from itself with other options or another content."""
        place = (_identity(part.source), part.begin, part.end, part.size, part._version)
        return _digest(repr((*place, self.said, on_error or self.on_error)))

    def done(self, part: Part, known: Mapping[str, Done]) -> Done | None:
        """A part that is done. If it had to be sound, it is what any other policy gives."""
        return known.get(self.key(part)) or known.get(self.key(part, "raise"))

    def __call__(self, part: Part, progress: Callable[..., None] | None = None) -> Done:
        """Export a part. The note comes last: without it, nothing of the part counts."""
        read = scan(part, progress=progress, **self.options)
        key, name = self.key(part), f"{_stem(part)}.{part.begin:014}"
        with workshop(self.folder) as place, without_warnings():
            files = self._write(read, place, f"{name}.{key[:12]}.parquet")
            accounts = of_part(read)
            for kind, account in accounts.items():
                account.to_parquet(place / kind)
                self.folder.move(place / kind, f"{PARTS}/{key}.{kind}.parquet")
            for file in files:
                self.folder.move(place / file, file)
        done = Done(
            key=key,
            source=_identity(part.source),
            begin=part.begin,
            end=part.end,
            version=part._version,
            options=self.said,
            on_error=self.on_error,
            records=sum(accounts["sources"]["records"]),
            files=files,
        )
        self.folder.put(f"{PARTS}/{key}.json", json.dumps(asdict(done)).encode())
        return done

    def _write(self, read: _mrrc.Scan, place: Path, name: str) -> list[str]:
        (place / RECORDS).mkdir()
        if self.partition_by is None:
            read.to_parquet(place / RECORDS / name)
        else:
            _partitioned(read, place / RECORDS, self.partition_by, name)
        return sorted(it.relative_to(place).as_posix() for it in (place / RECORDS).rglob("*.parquet"))

    def known(self) -> dict[str, Done]:
        """The parts that are done."""
        notes = [name for name in self.folder.names(PARTS) if name.endswith(".json")]
        found = (Done(**json.loads(self.folder.read(name))) for name in notes)
        return {it.key: it for it in found}

    def refuse_others(self, known: Iterable[Done], folder: str) -> None:
        """Refuse a folder whose rows are of another kind."""
        if any(it.options != self.said for it in known):
            raise ValueError(
                f"the folder {folder} has an export with other options or of another version; choose another "
                "folder, or do all of it again with force=True"
            )

    def clean(self, known: Mapping[str, Done], parts: list[Part]) -> list[Done]:
        """Remove what a source was before it changed, and what a killed run left without a note.

        Returns what is there: the sources of this export in their order, and those of earlier ones; of each,
        the parts in the order of their bytes.
        """
        now = [it for part in parts if (it := self.done(part, known))]
        by_source: dict[str, list[Done]] = {}
        for it in now:
            by_source.setdefault(it.source, []).append(it)
        others = [
            old
            for old in known.values()
            if not any(_replaces(new, old) for new in by_source.get(old.source, []))
        ]
        sources = dict.fromkeys([*by_source, *sorted(it.source for it in others)])
        order = {source: number for number, source in enumerate(sources)}
        live = sorted([*now, *others], key=lambda it: (order[it.source], it.begin))
        keys = {it.key for it in live}
        files = {file for it in live for file in it.files}
        noted = self.folder.names(PARTS)
        stale = [name for name in noted if PurePosixPath(name).name.partition(".")[0] not in keys]
        # The notes go first: a file without a note is removed the next time, too.
        self.folder.remove(sorted(stale, key=lambda name: not name.endswith(".json")))
        written = [name for name in self.folder.names(RECORDS) if _OURS.search(name)]
        self.folder.remove([name for name in written if name not in files])
        return live


def _mapped(map: Map | None, threads: int | None, work: Work, parts: list[Part]) -> Iterator[Done]:
    """What becomes of each part, as it is done by others, or by threads of this process."""
    if map is not None:
        for given in map(work, parts):
            yield given.result() if hasattr(given, "result") else given
        return
    ended = Event()

    def go_on(done: int, total: int | None, records: int) -> None:
        if ended.is_set():
            raise InterruptedError("the export was ended")

    with ThreadPoolExecutor(threads or _cores(), thread_name_prefix="mrrc-export") as pool:
        futures = [pool.submit(work, part, go_on) for part in parts]
        try:
            for future in futures:
                yield future.result()
        finally:
            ended.set()
            for future in futures:
                future.cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_partition(read: _mrrc.Scan, column: str | None) -> None:
    """Refuse a column that is not there, or has several values in a row."""
    import pyarrow as pa

    flat = [it.name for it in pa.schema(read.schema) if not pa.types.is_nested(it.type)]
    if column is not None and column not in flat:
        raise ValueError(
            f"partition_by={column!r} is no column of single values; choose among {', '.join(flat)}"
        )


def _partitioned(read: _mrrc.Scan, folder: Path, column: str, name: str) -> None:
    """Write a file for each value of a column."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    reader = read.to_reader()
    kind = reader.schema.field(column).type
    ds.write_dataset(
        reader,
        folder,
        format="parquet",
        partitioning=ds.partitioning(pa.schema([(column, kind)]), flavor="hive"),
        basename_template=name.removesuffix(".parquet") + ".{i}.parquet",
        max_partitions=100_000,
        file_options=ds.ParquetFileFormat().make_write_options(compression="zstd"),
    )


def _stem(part: Part) -> str:
    """A name for the files of a source: its own."""
    return quote(PurePosixPath(part.source.replace("\\", "/")).name, safe=" .,+=@~()[]")[:100]


def _replaces(new: Done, old: Done) -> bool:
    """Whether a part takes the place of another of its source: of the same bytes, or of another version."""
    overlap = (new.begin < old.end and old.begin < new.end) or new.begin == old.begin
    return new.version != old.version or overlap


def _identity(source: str) -> str:
    """A source by whatever name: a path of this machine in full."""
    return source if is_address(source) else os.path.abspath(source)


# What our own files end with: the beginning of a part, and what its key begins with.
_OURS = re.compile(r"\.\d{14}\.[0-9a-f]{12}(\.\d+)?\.parquet$")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# The command


def command(sources: list[str], folder: str, options: dict[str, Any]) -> int:
    """`mrrc export`: export, say what became of it, and return the code to exit with; called by Rust."""
    try:
        with without_warnings():
            account = export(sources, folder, **options)
    except Exception as error:
        said = str(error)
        if isinstance(error, OSError) and error.filename is not None:
            said = f"{error.filename}: {error.strerror}"
        text = re.sub(r'on_error="(\w+)"', r"--on-error \1", said).replace("force=True", "--force")
        print(f"mrrc: {text.replace('partition_by=', '--partition-by ')}", file=sys.stderr)
        return 3 if isinstance(error, MarcError) else 2 if isinstance(error, (ValueError, TypeError)) else 4
    print(f"mrrc: {told(account)}; {counted(account.num_rows, 'source')} in {folder}", file=sys.stderr)
    return 0
