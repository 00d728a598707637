"""A Scan as a pyarrow Dataset, so that engines push down which columns and rows a query needs.

Engines only do so for subclasses of `pyarrow.dataset.Dataset`. What is inherited from it works on C++
objects, which a subclass written in Python does not have: using them would end the process. So this one is
a dataset of one file that cannot exist, whose name says what to do. Where pyarrow, or a library with code of
its own, reads around the methods below, that name is in the error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from mrrc._mrrc import Scan
from mrrc._predicate_pyarrow import predicate_of
from mrrc._pushdown import pushed

_NOWHERE = "/this library reads a MARC dataset around its scanner(); give it scan.to_reader() instead"


class MarcDataset(ds.FileSystemDataset):  # type: ignore[misc]
    """The rows of a `Scan`, which is read anew for each query, with the columns that the query needs.

    Args:
        scan: what is read.
        filter: a pyarrow expression that all rows have to meet, or `None`.
    """

    def __init__(self, scan: Scan, filter: Any = None) -> None:
        file_format, files = ds.IpcFileFormat(), fs.LocalFileSystem()
        nowhere = file_format.make_fragment(_NOWHERE, files)
        super().__init__([nowhere], pa.schema(scan.schema), file_format, files)
        self._scan = scan
        self._filter = filter

    def __reduce__(self) -> tuple[Any, ...]:
        return MarcDataset, (self._scan, self._filter)

    def filter(self, expression: Any) -> MarcDataset:
        """Return the same dataset with the rows that meet this expression too."""
        return MarcDataset(self._scan, self._and(expression))

    def _and(self, expression: Any) -> Any:
        both = [it for it in (self._filter, expression) if it is not None]
        return both[0] & both[1] if len(both) == 2 else next(iter(both), None)

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> ds.Scanner:
        """Return a Scanner, which can be used once, of these columns and of the rows that meet the filter."""
        rows = self._and(filter)
        predicate = None if rows is None else predicate_of(rows)
        part = self._scan._narrowed(self._needed(columns, rows), **pushed(self._scan, predicate))
        reader = pa.RecordBatchReader.from_stream(part)
        return ds.Scanner.from_batches(reader, columns=columns, filter=rows, **options)

    def _needed(self, columns: Any, rows: Any) -> list[str]:
        """The columns that have to be built: those named, and those that occur in an expression."""
        names: list[str] = self.schema.names
        if columns is None:
            return names
        expressions = [*columns.values()] if isinstance(columns, dict) else []
        text = " ".join(str(it) for it in [*expressions, rows] if it is not None)
        if "FieldPath(" in text:
            # A column that is named by its place among all.
            return names
        named = set() if isinstance(columns, dict) else set(columns)
        return [name for name in names if name in named or name in text] or names[:1]

    def count_rows(self, filter: Any = None, **options: Any) -> int:
        """Return the number of rows that meet the filter."""
        rows = self._and(filter)
        if rows is None:
            return self._scan.count()
        counted: int = self.scanner([], filter, **options).count_rows()
        return counted

    def get_fragments(self, filter: Any = None) -> Iterator[MarcFragment]:
        """Yield one fragment, which is all of the dataset; the filter only leaves out whole fragments."""
        yield MarcFragment(self)

    def replace_schema(self, schema: Any) -> NoReturn:
        """Raise, because the types of the columns are those of the Scan."""
        raise _not_here("have another schema")

    def sort_by(self, sorting: Any, **options: Any) -> NoReturn:
        """Raise, because that needs all rows in memory."""
        raise _not_here("be sorted")

    def join(self, right_dataset: Any, keys: Any, *given: Any, **options: Any) -> NoReturn:
        """Raise, because that needs all rows in memory."""
        raise _not_here("be joined")

    def join_asof(self, right_dataset: Any, on: Any, *given: Any, **options: Any) -> NoReturn:
        """Raise, because that needs all rows in memory."""
        raise _not_here("be joined")


class MarcFragment:
    """All of a `MarcDataset`, for libraries that read a dataset fragment by fragment.

    Args:
        dataset: what it is all of.
    """

    partition_expression = ds.scalar(True)

    def __init__(self, dataset: MarcDataset) -> None:
        self._dataset = dataset

    @property
    def physical_schema(self) -> Any:
        """The schema of the dataset."""
        return self._dataset.schema

    def scanner(self, schema: Any = None, **options: Any) -> ds.Scanner:
        """Return a Scanner of the dataset."""
        return self._dataset.scanner(**options)

    def to_table(self, schema: Any = None, **options: Any) -> pa.Table:
        """Return the rows as a pyarrow Table."""
        return self._dataset.to_table(**options)

    def to_batches(self, schema: Any = None, **options: Any) -> Iterator[Any]:
        """Return the rows batch by batch."""
        batches: Iterator[Any] = self._dataset.to_batches(**options)
        return batches

    def head(self, num_rows: int, **options: Any) -> pa.Table:
        """Return the first rows."""
        return self._dataset.head(num_rows, **options)

    def take(self, indices: Any, **options: Any) -> pa.Table:
        """Return the rows with these numbers."""
        return self._dataset.take(indices, **options)

    def count_rows(self, filter: Any = None, **options: Any) -> int:
        """Return the number of rows that meet the filter."""
        return self._dataset.count_rows(filter, **options)


def _not_here(what: str) -> NotImplementedError:
    return NotImplementedError(f"a MARC dataset cannot {what}; scan.to_pyarrow() is a Table, which can")
