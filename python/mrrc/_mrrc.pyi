"""The compiled module: its public types are imported from `mrrc`."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Literal, NoReturn, Self, final, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from typing_extensions import TypeVar

from mrrc._leader import Leader
from mrrc._store import Object
from mrrc._tuples import Indicators, Subfield
from mrrc.exceptions import MarcError

__all__ = [
    "Column",
    "ColumnValues",
    "Description",
    "Field",
    "MARCReader",
    "RawField",
    "Reader",
    "Record",
    "Scan",
    "ScanBatches",
    "ScanRecords",
    "Schema",
    "Table",
    "TableRecords",
    "_MarcFile",
    "_Output",
    "__version__",
    "_from_arrow",
    "_is_condition",
    "_marc8_codesets",
    "_marc8_odd_map",
    "_marc8_translate",
    "_marc8_translate_code_points",
    "_preset",
    "_record_to_xml",
    "_scan",
    "_scan_from_pickle",
    "_table_from_ipc",
    "_write_marc",
    "_written_as",
]

__version__: str

_Default = TypeVar("_Default", default=None)

@final
class Schema:
    """The names and types of columns. pyarrow takes it as it is: `pa.schema(schema)`.

    Example:
        >>> import mrrc
        >>> schema = mrrc.scan(b"").schema
        >>> schema.names
        ['record', 'control_number', 'leader', 'fields']
        >>> schema.metadata["mrrc.layout"]
        'nested'
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
    @property
    def metadata(self) -> dict[str, str]:
        """`mrrc.version`, `mrrc.layout` and `mrrc.schema`, the version number of the layout."""
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
    """One column of a `Table`: `table[name]`.

    It is a sequence of Python objects: text, numbers, lists, dicts. polars, pyarrow and numpy take it too:
    `pl.Series(column)`, `pa.chunked_array(column)`, `np.asarray(column)`.

    Example:
        >>> import mrrc
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
        >>> column = mrrc.read_arrow(data * 3)["control_number"]
        >>> column[:2]
        mrrc.Column control_number: string, 2 values
          A1
          A1
        >>> column[-1], len(column), list(column)
        ('A1', 3, ['A1', 'A1', 'A1'])
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def name(self) -> str:
        """The name of the column."""
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> Any: ...
    @overload
    def __getitem__(self, key: slice, /) -> Column: ...
    def __iter__(self) -> ColumnValues: ...
    def to_pylist(self) -> list[Any]:
        """The values as Python objects, as pyarrow makes them.

        They are text, numbers, bools, dates, bytes, lists and dicts; a null is `None`.
        """
    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class ColumnValues:
    """An iterator over the values of a `Column`. Threads that share it receive each value once."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...

@final
class Table:
    """Records in memory as Arrow columns, with the accounts of the read that made them.

    Any library that speaks Arrow takes it without a copy: `pl.DataFrame(table)`, `pa.table(table)`,
    `duckdb.sql("from table")`. `table[name]` is a `Column`; `table[[name, ...]]` has some of the columns,
    `table[10:20]` some of the rows.

    The accounts say what became of every record: `sources`, `findings`, `diagnostics` and `rejects` are
    Tables themselves. They are `None` for a Table that is itself an account, or a batch of a `Scan`.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> table = mrrc.read_arrow(data)
        >>> table.num_rows, table.column_names
        (1, ['record', 'control_number', 'leader', 'fields'])
        >>> table.sources["delivered"]
        mrrc.Column delivered: int64, 1 value
          1
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def num_rows(self) -> int:
        """The number of rows."""
    @property
    def num_columns(self) -> int:
        """The number of columns."""
    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and the number of columns."""
    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
    @property
    def schema(self) -> Schema:
        """The names and types of the columns."""
    @property
    def nbytes(self) -> int:
        """The size of the rows in memory, in bytes; for a slice, that of its own rows only."""
    @property
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and bytes."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code, with the exact number of findings."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding: the first 1,000 of each source, at most 100,000 in all."""
    @property
    def rejects(self) -> Table | None:
        """One row for each record that was left out, with its bytes."""
    def __len__(self) -> int: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> NoReturn: ...
    @overload
    def __getitem__(self, key: str, /) -> Column: ...
    @overload
    def __getitem__(self, key: list[str] | slice, /) -> Table: ...
    def head(self, n: int = 5) -> Table:
        """The first `n` rows, or all if there are fewer."""
    def tail(self, n: int = 5) -> Table:
        """The last `n` rows, or all if there are fewer."""
    def select(self, *columns: str | Iterable[str]) -> Table:
        """The columns with these names, in this order: `table.select("leader", "fields")`.

        Args:
            columns: the names, one by one or as a list.

        Raises:
            KeyError: there is no column with one of the names.
            ValueError: a column is named twice.
        """
    def where(self, condition: str, /) -> Table:
        """The rows of the records that meet a condition, with all columns.

        The rows have to be those of a layout: of a read without `columns`, or from `mrrc.from_arrow`. Of a
        record they are all kept, or none. What the rows do not have, such as fields that `tags` left out, the
        record does not have.

        Args:
            condition: in the notation for columns, such as `"245$a ~ 'railway' and not 880"`.

        Raises:
            ValueError: the condition is not in that notation, or the rows are not those of a layout.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
            >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
            >>> table.where("245$a ~ 'mm'").num_rows, table.where("not 245").num_rows
            (3, 0)
        """
    def count(self, *, where: str | None = None) -> int:
        """Count the rows, or those of the records that meet a condition.

        Args:
            where: in the notation for columns; the rows have to be those of a layout.
        """
    def value_counts(self, expression: str, /) -> Table:
        """Count the values of an expression in the records that the rows hold.

        Args:
            expression: in the notation for columns, such as `"trim(650$a)"`. The values of a list are counted
                one by one.

        Returns:
            A `Table` with one row for each value: `value`, and `count` (int64), the most frequent first. Null
            counts the records and values for which the expression gives nothing. Memory grows with the number
            of distinct values only.

        Raises:
            ValueError: the expression is not in the notation or gives whole fields, or the rows are not those
                of a layout.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
            >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc() * 3)
            >>> table.value_counts("trim(245$a)").to_polars().rows()
            [('Emma', 3)]
        """
    def extract(self, columns: str | Sequence[str] | Mapping[str, str], /) -> Table:
        """The columns of expressions: one row for each record that the rows hold.

        They are those of a read with these `columns`. A value that a function cannot take is null; the
        accounts remain those of the read.

        Args:
            columns: a list of expressions, such as `["001", "245$a"]`; a dict of names and expressions, such
                as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or `"codes"`.

        Raises:
            ValueError: an expression is not in the notation, or the rows are not those of a layout.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
            >>> table = mrrc.read_arrow(mrrc.Record(fields=[title]).as_marc(), layout="subfields")
            >>> table.extract({"title": "first(trim(245$a))"}).to_polars().rows()
            [('Emma',)]
        """
    def to_pylist(self) -> list[dict[str, Any]]:
        """The rows as a list of dicts, with values as those of `Column.to_pylist`."""
    def to_pandas(self) -> pd.DataFrame:
        """A pandas DataFrame over the same data (`ArrowDtype`). Needs pandas and pyarrow."""
    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame over the same data. Needs polars."""
    def to_pyarrow(self) -> pa.Table:
        """A pyarrow Table over the same data. Needs pyarrow."""
    def to_reader(self) -> pa.RecordBatchReader:
        """A pyarrow RecordBatchReader over the same data. Needs pyarrow."""
    def records(self) -> TableRecords:
        """Iterate over the rows as `Record`s. A change to one of them does not change the Table."""
    @overload
    def to_csv(
        self,
        path: None = None,
        /,
        *,
        separator: str = ",",
        list_separator: str = "; ",
        header: bool = True,
    ) -> str: ...
    @overload
    def to_csv(
        self,
        path: str | bytes | os.PathLike[str],
        /,
        *,
        separator: str = ",",
        list_separator: str = "; ",
        header: bool = True,
    ) -> None:
        """Write CSV: in UTF-8, with quotes as in RFC 4180, each line ended by a line feed.

        A null is nothing between two separators, and empty text is `""`. The values of a list are one cell,
        joined by `list_separator`; an empty list is nothing. A file appears complete, or not at all.

        Args:
            path: where to write; an existing file is replaced. `None` returns the CSV as text.
            separator: what stands between two cells, one ASCII character.
            list_separator: what stands between two values of a list.
            header: whether the first line has the names of the columns.

        Raises:
            ValueError: a column is nested or has bytes, which CSV cannot hold: select others.
            OSError: the file cannot be written.
        """
    def to_parquet(self, path: str | bytes | os.PathLike[str], /, *, threads: int | None = None) -> None:
        """Write a Parquet file, compressed with zstd.

        The file appears complete, or not at all.

        Args:
            path: where to write; an existing file is replaced.
            threads: the number of threads that encode; `None` for one per core.

        Raises:
            OSError: the file cannot be written.
        """
    def to_marcxml(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
        threads: int | None = None,
    ) -> Table:
        """Write the records that the rows hold as MARCXML: a collection in UTF-8, with a record on each line.

        The file appears complete, or not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            unencodable: what to do with a character that XML forbids, such as a control: `"raise"`, or
                `"replace"` to write U+FFFD, and to name the record.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
            threads: the number of threads that write; `None` for one per core.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
            subfields, for which MARCXML has no place, becomes a subfield `a`, and is in it.

        Raises:
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the rows are not those of a layout.
            OSError: the file cannot be written.
        """
    def to_json(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        array: bool = False,
        on_error: Literal["raise", "skip"] = "raise",
        threads: int | None = None,
    ) -> Table:
        """Write the records that the rows hold as MARC-in-JSON: a record on each line, or one array of them.

        It is compact and in UTF-8. The file appears complete, or not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            array: whether it is one array, instead of a document on each line.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
            threads: the number of threads that write; `None` for one per core.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
            subfields, for which MARC-in-JSON has no place, becomes a subfield `a`, and is in it.

        Raises:
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the rows are not those of a layout.
            OSError: the file cannot be written.
        """
    def to_mrk(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
        threads: int | None = None,
    ) -> Table:
        """Write the records that the rows hold as MARCMaker text, with a blank line between two records.

        `{dollar}`, `{lcub}`, `{rcub}` and `{bsol}` stand for what has a meaning in it, `{0A}` for a control
        character, and a backslash for a blank in leader, control fields and indicators. The file appears
        complete, or not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            unencodable: what to do with U+0085, U+2028 and U+2029, which would end a line: `"raise"`, or
                `"replace"` to write a blank, and to name the record.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.
            threads: the number of threads that write; `None` for one per core.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`.

        Raises:
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the rows are not those of a layout.
            OSError: the file cannot be written.
        """
    def write_marc(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        encoding: Literal["utf-8", "marc-8"] = "utf-8",
        unencodable: Literal["raise", "reference"] = "raise",
        oversize: Literal["raise", "split", "recover"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
        threads: int | None = None,
    ) -> Table:
        """Write the records that the rows hold in ISO 2709; `mrrc.write_marc` explains all arguments.

        The file appears complete, or not at all.

        Returns:
            A `Table` of what was not written as it stood.

        Raises:
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the rows are not those of a layout.
            OSError: the file cannot be written.
        """
    def write_raw(self, path: str | bytes | os.PathLike[str], /) -> None:
        """Write the column `raw` of `rejects`, or of a read with `provenance="raw"`, byte for byte.

        The file appears complete, or not at all.

        Raises:
            ValueError: there is no column `raw`, or the bytes of one of its records were not kept.
            OSError: the file cannot be written.
        """
    def _repr_html_(self) -> str: ...
    def _arrow_c_array(self, requested_schema: object | None = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __array__(self, *given: object, **named: object) -> NoReturn: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Description:
    """What `mrrc.describe` found: tags, subfield codes and encodings, with counts and examples."""

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def records(self) -> int:
        """The number of records that were examined."""
    @property
    def fields(self) -> Table:
        """One row for each tag, with a null `code`, followed by one for each of its subfield codes.

        Columns: the number of `records` that have it, their `share` of all (0 to 1), `occurrences`, and up to
        three `examples`. At most 4,096 tags and 8,192 unusual codes have rows of their own; the others are
        counted as `other`.
        """
    @property
    def encodings(self) -> Table:
        """One row for each pair of declared and found encoding, with the number of records."""
    @property
    def sources(self) -> Table:
        """One row for each source: what became of its records and bytes."""
    def _repr_html_(self) -> str: ...

@final
class ScanBatches:
    """The batches of one read of a `Scan`, as Tables."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Table: ...

@final
class ScanRecords:
    """The records of one read of a `Scan`. Threads that share it receive each record once."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Record: ...

@final
class Scan:
    """A description of a read: sources and options, as passed to `mrrc.scan`.

    It can be read as often as you like, batch by batch, in bounded memory. polars, DuckDB and pyarrow accept
    it as it is (`pa.table(scan)`, `duckdb.sql("from scan")`) and read it again each time. Iterating over it
    yields a Table for each batch.

    `sources`, `findings`, `diagnostics`, `rejects` and `error` are those of the last finished read, and
    `None` before the first.

    Example:
        >>> import mrrc
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
        >>> scan = mrrc.scan(data * 3, batch_size=2)
        >>> scan.count()
        3
        >>> [batch.num_rows for batch in scan]
        [2, 1]
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def schema(self) -> Schema:
        """The names and types of the columns, known before anything is read."""
    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
    def __contains__(self, name: object, /) -> bool: ...
    @property
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and bytes."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code, with the exact number of findings."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding: the first 1,000 of each source, at most 100,000 in all."""
    @property
    def rejects(self) -> Table | None:
        """One row for each record that was left out, with its bytes."""
    @property
    def error(self) -> MarcError | BaseException | None:
        """The exception that ended the last read; an engine that pulls the stream only gets its text."""
    def read(self) -> Table:
        """Read everything into a `Table`.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
            OSError: a source cannot be read.
        """
    def head(self, n: int = 5) -> Scan:
        """The same read, limited to the first `n` rows: a further Scan, which reads no further than needed.

        `scan.head(5).read()` is a Table.
        """
    def tail(self, n: int = 5) -> Table:
        """Read everything, and return the last `n` rows as a `Table`; earlier ones are not kept."""
    def select(self, *columns: str | Iterable[str]) -> Scan:
        """The same read with the columns that have these names, in this order: a further Scan.

        The other columns are not built.

        Args:
            columns: the names, one by one or as a list.

        Raises:
            KeyError: there is no column with one of the names.
            ValueError: a column is named twice.
        """
    def records(self) -> ScanRecords:
        """Read the rows as `Record`s, one after another, in bounded memory.

        Which records these are, and how damaged ones are read, is decided by the Scan, so they are those of
        `read().records()`.

        Raises:
            ValueError: the columns of the Scan are not those of a layout.
        """
    def where(self, condition: str, /) -> Scan:
        """The records that meet a condition, and the condition of this Scan if it has one.

        Args:
            condition: in the notation for columns, such as `"245$a ~ 'railway' and not 880"`.

        Raises:
            ValueError: the condition is not in that notation; the message says where, and what to write.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
            >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc() * 3)
            >>> scan.where("245$a ~ 'mm'").count(), scan.where("not 245").count()
            (3, 0)
        """
    def count(self, *, where: str | None = None) -> int:
        """Count the rows that `read` would return, without building columns.

        Args:
            where: count only the records that meet this condition, in the notation for columns.
        """
    def extract(self, columns: str | Sequence[str] | Mapping[str, str], /) -> Scan:
        """The same read with the columns of expressions: a further Scan, with one row for each record.

        `mrrc.scan(source, columns=columns)` makes the same one. The condition of this Scan remains.

        Args:
            columns: a list of expressions, such as `["001", "245$a"]`; a dict of names and expressions, such
                as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or `"codes"`.

        Raises:
            ValueError: an expression is not in the notation.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
            >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc())
            >>> scan.extract({"title": "first(trim(245$a))"}).read().to_polars().rows()
            [('Emma',)]
        """
    def value_counts(self, expression: str, /) -> Table:
        """Count the values of an expression.

        Args:
            expression: in the notation for columns, such as `"trim(650$a)"`. The values of a list are counted
                one by one.

        Returns:
            A `Table` with one row for each value: `value`, and `count` (int64), the most frequent first. Null
            counts the records and values for which the expression gives nothing. Memory grows with the number
            of distinct values only.

        Raises:
            ValueError: the expression is not in the notation, or gives whole fields.

        Example:
            >>> import mrrc
            >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma /")])
            >>> scan = mrrc.scan(mrrc.Record(fields=[title]).as_marc() * 3)
            >>> scan.value_counts("trim(245$a)").to_polars().rows()
            [('Emma', 3)]
        """
    def explain(self) -> str:
        """What a read will do, in words.

        Its columns with their types, the tags that it looks at, and what is decided before a record is
        decoded.
        """
    def to_parquet(self, path: str | bytes | os.PathLike[str]) -> None:
        """Stream into a Parquet file, compressed with zstd, in bounded memory.

        The file appears complete, or not at all. A process that is killed while it writes may leave a
        hidden file that ends in `.part` next to it, which can be deleted.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
            OSError: a source cannot be read, or the file cannot be written.
        """
    @overload
    def to_csv(
        self,
        path: None = None,
        /,
        *,
        separator: str = ",",
        list_separator: str = "; ",
        header: bool = True,
    ) -> str: ...
    @overload
    def to_csv(
        self,
        path: str | bytes | os.PathLike[str],
        /,
        *,
        separator: str = ",",
        list_separator: str = "; ",
        header: bool = True,
    ) -> None:
        """Stream into CSV, in bounded memory, or return it as text.

        It is in UTF-8, with quotes as in RFC 4180, each line ended by a line feed. A null is nothing between
        two separators, and empty text is `""`. The values of a list are one cell, joined by `list_separator`;
        an empty list is nothing. A file appears complete, or not at all.

        Args:
            path: where to write; an existing file is replaced. `None` returns the CSV as text.
            separator: what stands between two cells, one ASCII character.
            list_separator: what stands between two values of a list.
            header: whether the first line has the names of the columns.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
            ValueError: a column is nested or has bytes, which CSV cannot hold: select others.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def to_pandas(self) -> pd.DataFrame:
        """Read everything into a pandas DataFrame (`ArrowDtype`). Needs pandas and pyarrow."""
    def to_pyarrow(self) -> pa.Table:
        """Read everything into a pyarrow Table. Needs pyarrow."""
    def to_reader(self) -> pa.RecordBatchReader:
        """A pyarrow RecordBatchReader, which reads batch by batch. Needs pyarrow."""
    def to_dataset(self) -> ds.Dataset:
        """A pyarrow Dataset, which reads what a query needs: some columns, some records. Needs pyarrow.

        It can be used again and again, by DuckDB, DataFusion, pyarrow and `pl.scan_pyarrow_dataset`. Their
        filters are conditions as in `where`, as far as they can be said there, as `to_polars` explains.
        """
    def to_marcxml(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Table:
        """Stream the records that are read into MARCXML, in bounded memory.

        It is a `collection` in UTF-8, without a prefix, and with a record on each line. The leader is written
        as it is. The file appears complete, or not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            unencodable: what to do with a character that XML forbids, such as a control: `"raise"`, or
                `"replace"` to write U+FFFD, and to name the record.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
            subfields, for which MARCXML has no place, becomes a subfield `a`, and is in it.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the columns of the Scan are not those of a layout.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def to_json(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        array: bool = False,
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Table:
        """Stream the records that are read into MARC-in-JSON, in bounded memory.

        It is compact and in UTF-8: a record on each line, or one array of them. The file appears complete, or
        not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            array: whether it is one array, instead of a document on each line.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`. Text outside
            subfields, for which MARC-in-JSON has no place, becomes a subfield `a`, and is in it.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the columns of the Scan are not those of a layout.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def to_mrk(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        unencodable: Literal["raise", "replace"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Table:
        """Stream the records that are read into MARCMaker text, in bounded memory.

        It is in UTF-8, with a blank line between two records. `{dollar}`, `{lcub}`, `{rcub}` and `{bsol}`
        stand for what has a meaning in it, `{0A}` for a control character, and a backslash for a blank in
        leader, control fields and indicators. The file appears complete, or not at all.

        Args:
            target: a path, whose existing file is replaced, or a binary file object.
            unencodable: what to do with U+0085, U+2028 and U+2029, which would end a line: `"raise"`, or
                `"replace"` to write a blank, and to name the record.
            on_error: what to do with a record that cannot be written: `"raise"`, or `"skip"` to leave it out.

        Returns:
            A `Table` of what was not written as it stood, like that of `mrrc.write_marc`.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            ValueError: the columns of the Scan are not those of a layout.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def write_marc(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        /,
        *,
        encoding: Literal["utf-8", "marc-8"] = "utf-8",
        unencodable: Literal["raise", "reference"] = "raise",
        oversize: Literal["raise", "split", "recover"] = "raise",
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Table:
        """Stream the records that are read into a file of ISO 2709, in bounded memory.

        Every record that is read is written, also one that was repaired. The file appears complete, or not at
        all. `mrrc.write_marc` explains all arguments.

        Returns:
            A `Table` of what was not written as it stood.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` of the Scan is `"raise"`.
            WriteError: a record cannot be written, and `on_error` is `"raise"`.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def to_polars(self) -> pl.LazyFrame:
        """A polars LazyFrame; queries only read what they use. Needs polars.

        Columns that a query does not use are not built. A filter is a condition as in `where`, as far as it
        can be said there: a record that the filter cannot keep is not decoded, so that damage to its text is
        no error, and the accounts count it as filtered. `explain()` of the LazyFrame shows the filter at the
        source.
        """
    @property
    def _has_progress(self) -> bool: ...
    @property
    def _is_pure(self) -> bool: ...
    @property
    def _expressions(self) -> list[tuple[str, str, str]] | None: ...
    def _narrowed(
        self,
        columns: list[str] | None = None,
        n_rows: int | None = None,
        where: str | None = None,
        tags: list[str] | None = None,
    ) -> Scan: ...
    def _check(self, limit: int) -> Table: ...
    def _describe(self) -> Description: ...
    def _write_parquet(
        self,
        path: str | bytes | os.PathLike[str],
        progress: Callable[[int, int | None, int], object] | None = None,
    ) -> None: ...
    def _write_csv(
        self,
        path: str | bytes | os.PathLike[str] | None,
        separator: str | None,
        list_separator: str | None,
        header: bool | None,
        progress: Callable[[int, int | None, int], object] | None = None,
    ) -> str | None: ...
    def _write_marc(
        self,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        encoding: str,
        unencodable: str,
        oversize: str,
        on_error: str,
        progress: Callable[[int, int | None, int], object] | None = None,
    ) -> Table: ...
    def _write_text(
        self,
        form: str,
        target: str | bytes | os.PathLike[str] | IO[bytes],
        unencodable: str,
        on_error: str,
        progress: Callable[[int, int | None, int], object] | None = None,
    ) -> Table: ...
    def __iter__(self) -> Iterator[Table]: ...
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __array__(self, *given: object, **named: object) -> NoReturn: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Field:
    """A field of a record: a tag with indicators and subfields, or a control field with data.

    A tag of digits below `010` makes a control field. Values are not checked, and everything can be changed.
    Two fields are equal only if they are the same object.

    Args:
        tag: three characters; a shorter number is padded with zeros.
        indicators: the two indicators; blanks by default.
        subfields: a list of `Subfield`s, kept without copying.
        data: the data of a control field.

    Raises:
        ValueError: there are not exactly two `indicators`, or `subfields` are strings.

    Example:
        >>> from mrrc import Field, Indicators, Subfield
        >>> subfields = [Subfield("a", "Emma /"), Subfield("c", "Jane Austen.")]
        >>> field = Field("245", Indicators("1", "0"), subfields)
        >>> field["a"], str(field)
        ('Emma /', '=245  10$aEmma /$cJane Austen.')
    """
    def __init__(
        self,
        tag: str,
        indicators: Sequence[str] | None = None,
        subfields: list[Subfield] | None = None,
        data: str | None = None,
    ) -> None: ...
    @property
    def tag(self) -> str:
        """The tag. Assigning another does not turn a control field into a data field, or the reverse."""
    @tag.setter
    def tag(self, value: str, /) -> None: ...
    @property
    def data(self) -> str | None:
        """The data of a control field. For a data field, None, or the text outside its subfields."""
    @data.setter
    def data(self, value: str | None, /) -> None: ...
    @property
    def _stray(self) -> str | None: ...
    @property
    def subfields(self) -> list[Subfield]:
        """The list of `Subfield`s; changing it changes the field. Empty for a control field."""
    @subfields.setter
    def subfields(self, value: list[Subfield], /) -> None: ...
    @property
    def control_field(self) -> bool:
        """Whether this is a control field."""
    @control_field.setter
    def control_field(self, value: bool, /) -> None: ...
    @property
    def indicators(self) -> Indicators | None:
        """The two indicators; None for a control field."""
    @indicators.setter
    def indicators(self, value: Sequence[str] | None, /) -> None: ...
    @property
    def indicator1(self) -> str:
        """The first indicator; empty for a control field."""
    @indicator1.setter
    def indicator1(self, value: str, /) -> None: ...
    @property
    def indicator2(self) -> str:
        """The second indicator; empty for a control field."""
    @indicator2.setter
    def indicator2(self, value: str, /) -> None: ...
    @classmethod
    def convert_legacy_subfields(cls, subfields: Iterable[str]) -> list[Subfield]:
        """Convert `["a", "x", "b", "y"]`, the form of subfields before pymarc 5, to a list of `Subfield`s."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Subfield: ...
    def __contains__(self, subfield: str, /) -> bool: ...
    def __getitem__(self, code: str, /) -> str: ...
    def __setitem__(self, code: str, value: str, /) -> None: ...
    def get(self, code: str, default: _Default = ...) -> str | _Default:
        """Return the value of the first subfield with this code, or `default`."""
    def value(self) -> str:
        """Return all values, stripped and joined by spaces; the data of a control field."""
    def get_subfields(self, *codes: str) -> list[str]:
        """Return the values of the subfields with any of these codes, in the order of the field."""
    def add_subfield(self, code: str, value: str, pos: int | None = None) -> None:
        """Add a subfield at the end, or at position `pos`. Does nothing to a control field."""
    def delete_subfield(self, code: str) -> str | None:
        """Remove the first subfield with this code and return its value, or None if there is none."""
    def subfields_as_dict(self) -> dict[str, list[str]]:
        """Return a dict from each code to the list of its values."""
    def is_control_field(self) -> bool:
        """Whether this is a control field."""
    def is_subject_field(self) -> bool:
        """Whether the tag begins with `6`."""
    def linkage_occurrence_num(self) -> str | None:
        """Return the occurrence number in `$6`, such as `01` of `880-01`; None without a `$6`."""
    def format_field(self) -> str:
        """Return the values, except `$6`, joined by spaces, with ` -- ` before subdivisions of a subject."""
    def as_marc(self, encoding: str) -> bytes:
        """Return the field as bytes of ISO 2709 in this encoding, with its terminator."""
    def as_marc21(self, encoding: str) -> bytes:
        """Return the field as bytes of ISO 2709 in this encoding, with its terminator."""
    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]: ...
    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None: ...

class RawField(Field):
    """A field whose data and values are bytes, as read with `to_unicode=False`."""
    def as_marc(self, encoding: str | None = None) -> bytes:
        """Return the field as bytes of ISO 2709, undecoded; `encoding` has no effect."""
    def as_marc21(self, encoding: str | None = None) -> bytes:
        """Return the field as bytes of ISO 2709, undecoded; `encoding` has no effect."""

class Record:
    """A bibliographic record: a leader and a list of fields.

    A record that was read keeps its bytes, and makes each field when it is first used. Two records are
    equal only if they are the same object.

    Args:
        data: a record in ISO 2709 to read.
        fields: a list of `Field`s, kept without copying; `data` is then ignored.
        to_unicode: whether to decode values; otherwise they stay bytes, in `RawField`s.
        force_utf8: whether to read `data` as UTF-8 even if its leader does not say so; the leader of a new
            record then declares UTF-8.
        hide_utf8_warnings: whether to suppress warnings about UTF-8 in a record that declares MARC-8.
        utf8_handling: what to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`.
        leader: the leader of a new record; positions 10-11 and 20-23 are set to their fixed values.
        file_encoding: the encoding of a record that does not declare UTF-8; the default means MARC-8.

    Raises:
        MarcError: `data` is not a record that can be read.
        UnicodeDecodeError: a value is not text in the encoding.

    Example:
        >>> from mrrc import Field, Record, Subfield
        >>> record = Record()
        >>> record.add_field(Field("245", subfields=[Subfield("a", "Emma")]))
        >>> record["245"]["a"], record.title
        ('Emma', 'Emma')
    """
    def __init__(
        self,
        data: str | bytes = "",
        fields: list[Field] | None = None,
        to_unicode: bool = True,
        force_utf8: bool = False,
        hide_utf8_warnings: bool = False,
        utf8_handling: str = "strict",
        leader: str = "                        ",
        file_encoding: str = "iso8859-1",
    ) -> None: ...
    @property
    def leader(self) -> Leader:
        """The leader. May be set to a string."""
    @leader.setter
    def leader(self, value: Leader | str, /) -> None: ...
    @property
    def fields(self) -> list[Field]:
        """The list of fields; changing it changes the record."""
    @fields.setter
    def fields(self, value: list[Field], /) -> None: ...
    @property
    def pos(self) -> int:
        """Unused; kept because pymarc has it."""
    @pos.setter
    def pos(self, value: int, /) -> None: ...
    @property
    def force_utf8(self) -> bool:
        """Whether the record is treated as UTF-8 whatever its leader says."""
    @force_utf8.setter
    def force_utf8(self, value: bool, /) -> None: ...
    @property
    def to_unicode(self) -> bool:
        """Whether values are text, to be written as UTF-8."""
    @to_unicode.setter
    def to_unicode(self, value: bool, /) -> None: ...
    @property
    def raw(self) -> bytes | None:
        """The bytes that the record was read from; None for a record that was not read."""
    @property
    def repairs(self) -> list[str]:
        """What was odd or repaired when the record was read with `recover=True`, one string per finding."""
    @property
    def _is_as_read(self) -> bool:
        """Whether leader and fields are still as they were read, and needed no repair."""
    def _repr_html_(self) -> str: ...
    def decode_marc(
        self,
        marc: bytes,
        to_unicode: bool = True,
        force_utf8: bool = False,
        hide_utf8_warnings: bool = False,
        utf8_handling: str = "strict",
        encoding: str = "iso8859-1",
    ) -> None:
        """Read a record in ISO 2709 into this one: its leader replaces the old one, its fields are added."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Field: ...
    def __contains__(self, tag: str, /) -> bool: ...
    def __getitem__(self, tag: str, /) -> Field: ...
    def get(self, tag: str, default: _Default = ...) -> Field | _Default:
        """Return the first field with this tag, or `default`."""
    def get_fields(self, *args: str) -> list[Field]:
        """Return the fields with any of these tags, in their order; without tags, the list `fields`."""
    def get_linked_fields(self, field: Field) -> list[Field]:
        """Return the 880 fields that hold this field in another script.

        Raises:
            MissingLinkedFields: `$6` points to a field that is not there.
        """
    def add_field(self, *fields: Field) -> None:
        """Add fields at the end."""
    def add_grouped_field(self, *fields: Field) -> None:
        """Add each field before the first whose tag begins with a greater digit or is not a number."""
    def add_ordered_field(self, *fields: Field) -> None:
        """Add each field before the first whose tag is greater or is not a number."""
    def remove_field(self, *fields: Field) -> None:
        """Remove these fields, compared by identity.

        Raises:
            FieldNotFound: a field is not in the record; those given before it have been removed.
        """
    def remove_fields(self, *tags: str) -> None:
        """Remove all fields with these tags."""
    def as_marc(self) -> bytes:
        """Return the record as bytes of ISO 2709 in UTF-8, and set leader/09 to say so.

        With `to_unicode=False`, values and leader/09 are written unchanged. Warns about a record that is too
        long to be read back, and about a delimiter in a value.
        """
    def as_marc21(self) -> bytes:
        """Return the record as bytes of ISO 2709; the same as `as_marc`."""
    def as_dict(self) -> dict[str, Any]:
        """Return the record as a dict in the shape of MARC-in-JSON."""
    def as_json(self, **kwargs: Any) -> str:
        """Return the record as MARC-in-JSON text; keyword arguments are passed to `json.dumps`."""
    @property
    def title(self) -> str | None:
        """The title: 245 `$a` and `$b`."""
    @property
    def issn_title(self) -> str | None:
        """The key title: 222 `$a` and `$b`."""
    @property
    def isbn(self) -> str | None:
        """The first ISBN, without hyphens: 020 `$a`."""
    @property
    def issn(self) -> str | None:
        """The ISSN: 022 `$a`."""
    @property
    def issnl(self) -> str | None:
        """The linking ISSN: 022 `$l`."""
    @property
    def sudoc(self) -> str | None:
        """The Superintendent of Documents classification number: 086."""
    @property
    def author(self) -> str | None:
        """The main entry: the first of 100, 110 or 111."""
    @property
    def uniformtitle(self) -> str | None:
        """The uniform title: the first of 130 or 240."""
    @property
    def series(self) -> list[Field]:
        """The series fields: 440, 490, 800, 810, 811, 830."""
    @property
    def subjects(self) -> list[Field]:
        """The subject fields: 6XX."""
    @property
    def addedentries(self) -> list[Field]:
        """The added-entry fields: 7XX."""
    @property
    def location(self) -> list[Field]:
        """The location fields: 852."""
    @property
    def notes(self) -> list[Field]:
        """The note fields: 5XX."""
    @property
    def physicaldescription(self) -> list[Field]:
        """The physical-description fields: 300."""
    @property
    def publisher(self) -> str | None:
        """The publisher: `$b` of the first 260, or 264 with second indicator 1."""
    @property
    def pubyear(self) -> str | None:
        """The date of publication as printed: `$c` of the first 260, or 264 with second indicator 1."""
    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]: ...
    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None: ...

class Reader:
    """The base class of the readers."""
    def __new__(cls, *given: Any, **named: Any) -> Self: ...
    def __iter__(self) -> Self: ...

class MARCReader(Reader):
    """An iterator over the records of a source in ISO 2709, with None for each that cannot be read.

    After a None, `current_exception` says why and `current_chunk` holds the bytes. The reader continues with
    the next record, unless the end of the bad one is unknown (a `FatalReaderError`).

    Args:
        marc_target: a binary file object, bytes, or the path of a file. Bytes, and files named by a path, may
            be compressed with gzip, zstd, bzip2 or xz, or be a tar or zip archive.
        to_unicode: whether to decode values; otherwise they stay bytes, in `RawField`s.
        force_utf8: whether to read records as UTF-8 even if their leader does not say so.
        hide_utf8_warnings: whether to suppress warnings about UTF-8 in records that declare MARC-8.
        utf8_handling: what to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`. With
            `recover`, they become U+FFFD, and only "strict" and "replace" are accepted.
        file_encoding: the encoding of records that do not declare UTF-8; the default means MARC-8. With
            `recover`, an encoding that `read_arrow` knows.
        permissive: has no effect.
        recover: whether to find, repair and decode records as `read_arrow` does with `on_error="recover"`.
            Nothing is dropped: text outside the subfields of a data field is in `Field.data`, bytes without a
            character become U+FFFD, and `Record.repairs` lists what was repaired or odd. A record that cannot
            be repaired with certainty is None, and the reader continues after it.

    Raises:
        OSError: the file cannot be opened.
        TypeError: `marc_target` is the text of records instead of their bytes.
        ValueError: `recover` cannot be combined with another setting.

    Example:
        >>> from mrrc import Field, MARCReader, Record, Subfield
        >>> data = Record(fields=[Field("245", subfields=[Subfield("a", "Emma")])]).as_marc()
        >>> [record.title for record in MARCReader(data)]
        ['Emma']
    """
    def __init__(
        self,
        marc_target: IO[bytes] | bytes | str | os.PathLike[str],
        to_unicode: bool = True,
        force_utf8: bool = False,
        hide_utf8_warnings: bool = False,
        utf8_handling: str = "strict",
        file_encoding: str = "iso8859-1",
        permissive: bool = False,
        *,
        recover: bool = False,
    ) -> None: ...
    @property
    def file_handle(self) -> IO[bytes]:
        """The file being read, positioned after the last record."""
    @file_handle.setter
    def file_handle(self, value: IO[bytes] | bytes | str | os.PathLike[str], /) -> None: ...
    @property
    def to_unicode(self) -> bool:
        """Whether to decode values; like every setting, it may change between records."""
    @to_unicode.setter
    def to_unicode(self, value: bool, /) -> None: ...
    @property
    def force_utf8(self) -> bool:
        """Whether to read records as UTF-8 even if their leader does not say so."""
    @force_utf8.setter
    def force_utf8(self, value: bool, /) -> None: ...
    @property
    def hide_utf8_warnings(self) -> bool:
        """Whether to suppress warnings about UTF-8 in records that declare MARC-8."""
    @hide_utf8_warnings.setter
    def hide_utf8_warnings(self, value: bool, /) -> None: ...
    @property
    def utf8_handling(self) -> str:
        """What to do with bytes that are not UTF-8: an `errors` argument of `bytes.decode`."""
    @utf8_handling.setter
    def utf8_handling(self, value: str, /) -> None: ...
    @property
    def file_encoding(self) -> str:
        """The encoding of records that do not declare UTF-8; the default, `iso8859-1`, means MARC-8."""
    @file_encoding.setter
    def file_encoding(self, value: str, /) -> None: ...
    @property
    def permissive(self) -> bool:
        """Has no effect: a record that cannot be read is always None."""
    @permissive.setter
    def permissive(self, value: bool, /) -> None: ...
    @property
    def current_chunk(self) -> bytes | None:
        """The bytes of the last record, whether or not it could be read."""
    @property
    def current_exception(self) -> Exception | None:
        """The exception that explains why the last record is None; None after a record that was read."""
    _current_chunk: bytes | None
    _current_exception: Exception | None
    def read_batch(self, n: int) -> list[Record | None]:
        """Return the next `n` records, or those that are left; None for one that cannot be read."""
    def close(self) -> None:
        """Close the file, including one opened by the caller."""
    def __next__(self) -> Record | None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...

@final
class TableRecords:
    """An iterator over the records that the rows of a `Table` hold."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Record: ...

@final
class _Output:
    """A file that appears, complete, when it is closed."""
    def __new__(cls, path: str | bytes | os.PathLike[str]) -> Self: ...
    def write(self, content: str | bytes) -> int:
        """Write bytes, or text in UTF-8."""
    def close(self) -> None:
        """Move the file into place."""
    def discard(self) -> None:
        """Discard the file."""

@final
class _MarcFile:
    """A file of records that appears complete, or not at all."""
    def __new__(
        cls,
        path: str | bytes | os.PathLike[str],
        preserve: bool,
        encoding: str,
        unencodable: str,
        oversize: str,
    ) -> Self: ...
    def write(self, record: Record) -> None:
        """Add a record; write a block when enough of them are waiting."""
    def close(self) -> None:
        """Write the rest, and move the file into place."""
    def discard(self) -> None:
        """Discard the file."""

def _written_as(record: Record, form: str, replaces: bool, number: int) -> str | bytes | None:
    """A record as `"json"`, `"xml"` (bytes) or `"mrk"` that can be read again, for a writer on a path.

    None if only the record's own methods can write it, and nothing in it has to be refused.
    """

def _record_to_xml(record: Record, is_ascii: bool, namespace: bool) -> bytes | None:
    """The element `record`, or None if only Python can write it. ASCII has references for the rest."""

def _run_command(args: list[str]) -> int: ...
def _scan(source: Any, keywords: dict[str, Any]) -> Scan: ...
def _is_condition(text: str) -> bool: ...
def _named_sources(source: Any, storage: Mapping[str, Any] | None) -> list[str | Object]: ...
def _preset(name: str) -> list[tuple[str, str]]: ...
def _scan_from_pickle(
    sources: list[str | bytes | Object], names_sources: bool, keywords: dict[str, Any]
) -> Scan: ...
def _table_from_ipc(streams: list[bytes], said: tuple[str, bool] | None, pickled_checksum: int) -> Table: ...
def _from_arrow(data: object) -> Table: ...
def _write_marc(
    data: object,
    target: str | bytes | os.PathLike[str] | IO[bytes],
    encoding: str,
    unencodable: str,
    oversize: str,
    on_error: str,
    threads: int | None,
) -> Table: ...
def _marc8_translate(
    g0: int, g1: int, data: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_translate_code_points(
    g0: int, g1: int, points: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_codesets() -> dict[int, dict[int, tuple[int, int]]]: ...
def _marc8_odd_map() -> dict[int, int]: ...
