"""`MarcWriter`: each task writes a file aside, and the files come to their places when all tasks are done."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import mrrc
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql.datasource import DataSourceArrowWriter, WriterCommitMessage

from pyspark_marc._options import WriteOptions


@dataclass
class Written(WriterCommitMessage):
    """What the files that a task has written are called, or None if it had no rows."""

    name: str | None


class MarcWriter(DataSourceArrowWriter):
    """Writes the rows of each partition as a file of ISO 2709 in a folder.

    Args:
        options: where to write, and how.
        overwrite: whether the `.mrc` files that are there go when the new ones have come.
    """

    def __init__(self, options: WriteOptions, overwrite: bool) -> None:
        self._options = options
        self._overwrite = overwrite
        self._folder = Path(options.folder)
        self._accounts = Path(options.accounts, "unwritten") if options.accounts else None
        self._is_new = not self._folder.exists()
        self._job = uuid.uuid4().hex[:12]
        # In the folder, because files are only renamed inside a file system. It is made here alone: a task
        # that still runs when the others were aborted does not bring it back.
        self._aside = self._folder / f".{self._job}"
        self._aside.mkdir(parents=True)
        self._replaced = self._aside / "replaced"

    def write(self, iterator: Iterator[pa.RecordBatch]) -> Written:
        """Write the rows of a partition aside."""
        first = next(iterator, None)
        if first is None:
            return Written(None)
        rows = pa.RecordBatchReader.from_batches(first.schema, chain([first], iterator))
        task = TaskContext.get()
        assert task is not None
        name = f"part-{task.partitionId():05}-{self._job}-{task.taskAttemptId()}"
        unwritten = mrrc.write_marc(rows, self._aside / f"{name}.mrc", threads=1, **self._options.write_marc)
        unwritten.to_parquet(self._aside / f"{name}.parquet")
        return Written(name)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Move the files to their places. What they replace goes afterwards: no moment has nothing."""
        names = [it.name for it in messages if isinstance(it, Written) and it.name]
        replaced = [it for it in self._folder.glob("*.mrc") if it.is_file()] if self._overwrite else []
        for name in names:
            (self._aside / f"{name}.mrc").rename(self._folder / f"{name}.mrc")
        if self._accounts:
            self._accounts.mkdir(parents=True, exist_ok=True)
            for name in names:
                shutil.move(self._aside / f"{name}.parquet", self._accounts)
        self._replaced.mkdir()
        for path in replaced:
            path.rename(self._replaced / path.name)
        shutil.rmtree(self._aside, ignore_errors=True)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Remove everything that was written, and bring back what a commit that failed has replaced."""
        for path in self._replaced.glob("*.mrc"):
            path.rename(self._folder / path.name)
        # Under another name, no task that still runs finds it.
        gone = self._aside.with_name(f"{self._aside.name}-aborted")
        self._aside.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        for folder in filter(None, [self._folder, self._accounts]):
            for path in folder.glob(f"part-*-{self._job}-*"):
                path.unlink()
        if self._is_new:
            # Not if another job has written there meanwhile.
            with suppress(OSError):
                self._folder.rmdir()
