"""The compiled module: its public types are imported from `mrrc`."""

import os
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Self, final, overload

import pandas as pd
import polars as pl
import pyarrow as pa

from mrrc.exceptions import MarcError

__all__ = [
    "Column",
    "Description",
    "Scan",
    "ScanBatches",
    "Schema",
    "Table",
    "__version__",
    "_marc8_codesets",
    "_marc8_odd_map",
    "_marc8_translate",
    "_marc8_translate_code_points",
    "_scan",
    "_table_from_ipc",
]

__version__: str

@final
class Schema:
    """Names and types of columns; pyarrow takes it as it is (`pa.schema(schema)`)."""

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
    @property
    def metadata(self) -> dict[str, str]:
        """`mrrc.version`, `mrrc.layout`, `mrrc.schema` (a version number of the layout)."""
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: object, /) -> bool: ...
    def __le__(self, other: object, /) -> bool: ...
    def __gt__(self, other: object, /) -> bool: ...
    def __ge__(self, other: object, /) -> bool: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class Column:
    """One column of a `Table`; `pl.Series` and `pa.chunked_array` take it as it is."""

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def name(self) -> str:
        """The column's name."""
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class Table:
    """Finished data in memory, with the accounts of the read that it is from.

    It goes as it is, and without a copy, into whatever speaks Arrow: `pl.DataFrame(table)`,
    `pa.table(table)`, `duckdb.sql("from table")`.
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def num_rows(self) -> int:
        """How many rows there are."""
    @property
    def num_columns(self) -> int:
        """How many columns there are."""
    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
    @property
    def schema(self) -> Schema:
        """Names and types of the columns, known before any data."""
    @property
    def nbytes(self) -> int:
        """Octets that the rows take in memory; of a slice, those of its rows."""
    @property
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and of each of its octets."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code: how often it was found, exactly."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding, the first thousand of a source."""
    @property
    def rejects(self) -> Table | None:
        """One row for each record that was not delivered, with its octets."""
    def __len__(self) -> int: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> NoReturn: ...
    @overload
    def __getitem__(self, key: str, /) -> Column: ...
    @overload
    def __getitem__(self, key: list[str] | slice, /) -> Table: ...
    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame over the same data (`ArrowDtype`). Needs the extra `mrrc[pandas]`."""
    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame. Needs the extra `mrrc[polars]`."""
    def to_pyarrow(self) -> pa.Table:
        """A pyarrow Table over the same data."""
    def to_parquet(self, path: str | bytes | os.PathLike[str], /, *, threads: int | None = None) -> None:
        """Write a Parquet file (zstd); it is there when it is whole, or not at all."""
    def write_marc(self, path: str | bytes | os.PathLike[str], /) -> None:
        """Write the octets of the column `raw` as they stood: of rejects, or of a read with provenance="raw".

        The file is there when it is whole, or not at all. ValueError: there is no such column, or it
        lacks the octets of a record.
        """
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Description:
    """What a source holds: tags and subfield codes, how often, with examples; and encodings."""

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def records(self) -> int:
        """How many records were looked at."""
    @property
    def fields(self) -> Table:
        """One row for each tag, with a null `code`, and behind it one for each subfield code.

        `records` that have it, their `share` of all (0 to 1), `occurrences`, and up to three `examples`.
        """
    @property
    def encodings(self) -> Table:
        """How many records declare which encoding, and in which their octets are found to be."""
    @property
    def sources(self) -> Table:
        """One row for each source: what became of its records and of each of its octets."""
    def _repr_html_(self) -> str: ...

@final
class ScanBatches:
    """The batches of one read of a `Scan`, as Tables."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Table: ...

@final
class Scan:
    """Sources and options: a description of a read that can be read again and again.

    `pl.LazyFrame`, DuckDB and pyarrow take it as it is; each time they ask, it is read anew, batch by batch.
    The accounts are those of its last finished read, and `None` before.
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def schema(self) -> Schema:
        """Names and types of the columns, known before any data."""
    @property
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and of each of its octets."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code: how often it was found, exactly."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding, the first thousand of a source."""
    @property
    def rejects(self) -> Table | None:
        """One row for each record that was not delivered, with its octets."""
    @property
    def error(self) -> MarcError | BaseException | None:
        """The exception that ended the last read. Whoever pulls the C stream gets its text only."""
    def read(self) -> Table:
        """Read everything, now; raises what is wrong with the data as a `MarcError`."""
    def head(self, n: int = 10) -> Table:
        """Read the first `n` rows, and no further than needed."""
    def count(self) -> int:
        """Count the rows by structure alone: no text is decoded."""
    def to_parquet(self, path: str | bytes | os.PathLike[str]) -> None:
        """Stream into a Parquet file (zstd) in bounded memory; it is there whole, or not at all."""
    def to_polars(self) -> pl.LazyFrame:
        """A LazyFrame that builds the columns which a query asks for. Needs the extra `mrrc[polars]`."""
    @property
    def _has_progress(self) -> bool: ...
    def _narrowed(self, columns: list[str] | None = None, n_rows: int | None = None) -> Scan: ...
    def _check(self, limit: int) -> Table: ...
    def _describe(self) -> Description: ...
    def _write_parquet(
        self,
        path: str | bytes | os.PathLike[str],
        progress: Callable[[int, int | None, int], object] | None = None,
    ) -> None: ...
    def __iter__(self) -> Iterator[Table]: ...
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

def _scan(source: Any, keywords: dict[str, Any]) -> Scan: ...
def _table_from_ipc(data: bytes, book: tuple[Any, ...] | None) -> Table: ...
def _marc8_translate(
    g0: int, g1: int, octets: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_translate_code_points(
    g0: int, g1: int, points: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_codesets() -> dict[int, dict[int, tuple[int, int]]]: ...
def _marc8_odd_map() -> dict[int, int]: ...
