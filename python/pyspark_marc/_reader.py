"""`MarcReader`: a plan is made where the driver is, and each part of it is read by a task."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import mrrc
import pyarrow as pa
from pyspark.sql.datasource import DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from pyspark_marc._options import ReadOptions

# `sources` comes last: where it is, the others are.
ACCOUNTS = ("findings", "diagnostics", "rejects", "sources")


def columns_of(options: ReadOptions) -> StructType:
    """Return the columns that a read gives; they do not depend on the sources."""
    return from_arrow_schema(pa.schema(mrrc.scan(b"", **options.scan).schema))


class MarcReader(DataSourceReader):
    """Reads the parts of a plan: each part is a partition, and one thread reads it.

    Args:
        options: what is read.
        schema: the columns that are built, by name.

    Raises:
        ValueError: the options give no such column, or one of another type.
    """

    def __init__(self, options: ReadOptions, schema: StructType) -> None:
        _check(schema, columns_of(options))
        self._options = options
        self._columns = schema.names

    def partitions(self) -> list[InputPartition]:
        """Return the parts of all sources."""
        options = self._options
        parts = mrrc.plan(options.sources, options.chunk, storage=options.storage)
        return [InputPartition(part) for part in parts]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a part, and keep its accounts if there is a folder for them."""
        part: mrrc.Part = partition.value
        # A loop over a Scan raises errors as they are; a reader of its Arrow stream only has their text.
        scan = mrrc.scan(part, threads=1, storage=self._options.storage, **self._options.scan)
        scan = scan.select(self._columns)
        for batch in scan:
            yield pa.record_batch(batch)
        if self._options.accounts:
            _keep(scan, part, Path(self._options.accounts))


def _check(asked: StructType, there: StructType) -> None:
    for column in asked:
        if column.name not in there.names:
            raise ValueError(f'schema: no column "{column.name}"; there are {", ".join(there.names)}')
        found = there[column.name]
        if (column.dataType, column.nullable) != (found.dataType, True):
            raise ValueError(
                f'schema: column "{column.name}" is {found.dataType.simpleString()} and may be null; '
                "name it as that, and cast the DataFrame"
            )


def _keep(scan: mrrc.Scan, part: mrrc.Part, folder: Path) -> None:
    """Write the accounts of a part, under its name: a task that runs again replaces its own."""
    source = hashlib.sha256(part.source.encode()).hexdigest()[:16]
    for kind in ACCOUNTS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        table: mrrc.Table = getattr(scan, kind)
        table.to_parquet(folder / kind / f"{source}-{part.begin}-{part.end}.parquet")
