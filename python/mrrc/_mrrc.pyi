"""The compiled module: its public types are imported from `mrrc`."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, NoReturn, Self, final, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
from typing_extensions import TypeVar

from mrrc._leader import Leader
from mrrc._tuples import Indicators, Subfield
from mrrc.exceptions import MarcError

__all__ = [
    "Column",
    "Description",
    "Field",
    "MARCReader",
    "RawField",
    "Reader",
    "Record",
    "Scan",
    "ScanBatches",
    "Schema",
    "Table",
    "TableRecords",
    "_MarcFile",
    "_Output",
    "__version__",
    "_marc8_codesets",
    "_marc8_odd_map",
    "_marc8_translate",
    "_marc8_translate_code_points",
    "_record_to_xml",
    "_scan",
    "_scan_from_pickle",
    "_table_from_ipc",
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
        ['control_number', 'leader', 'fields']
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
    """One column of a `Table`, as `table[name]` gives it.

    polars and pyarrow take it without a copy: `pl.Series(column)`, `pa.chunked_array(column)`.
    `np.asarray(column)` makes an array of one dimension (needs pyarrow).

    Example:
        >>> import mrrc
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
        >>> mrrc.read_arrow(data)["control_number"]
        mrrc.Column control_number: string, 1 value
          A1
    """

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def name(self) -> str:
        """The name of the column."""
    def __len__(self) -> int: ...
    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class Table:
    """Records in memory as Arrow columns, with the accounts of the read that made them.

    Any library that speaks Arrow takes it without a copy: `pl.DataFrame(table)`, `pa.table(table)`,
    `duckdb.sql("from table")`. `table[name]` is a `Column`; `table[[name, ...]]` has some of the columns,
    `table[10:20]` some of the rows.

    The accounts say what became of every record: `sources`, `findings`, `diagnostics` and `rejects` are
    Tables themselves. They are `None` for a Table that is an account, or a batch of a `Scan`.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> table = mrrc.read_arrow(data)
        >>> table.num_rows, table.column_names
        (1, ['control_number', 'leader', 'fields'])
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
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
    @property
    def schema(self) -> Schema:
        """The names and types of the columns, known before anything is read."""
    @property
    def nbytes(self) -> int:
        """The bytes that the rows take in memory; for a slice, those of its own rows."""
    @property
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and of its bytes."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code: the exact number of times that it was found."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding; for each source, the first thousand."""
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
    def to_pandas(self) -> pd.DataFrame:
        """A pandas DataFrame over the same data (`ArrowDtype`). Needs the extra `mrrc[pandas]`."""
    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame over the same data. Needs the extra `mrrc[polars]`."""
    def to_pyarrow(self) -> pa.Table:
        """A pyarrow Table over the same data. Needs pyarrow."""
    def records(self) -> TableRecords:
        """Iterate over the rows as `Record`s. A change to one of them does not change the Table."""
    def to_parquet(self, path: str | bytes | os.PathLike[str], /, *, threads: int | None = None) -> None:
        """Write a Parquet file, compressed with zstd.

        The file appears when it is whole, or not at all.

        Args:
            path: where it is written; a file of that name is replaced.
            threads: the number of threads that encode; `None` for one per core.

        Raises:
            OSError: the file cannot be written.
        """
    def write_raw(self, path: str | bytes | os.PathLike[str], /) -> None:
        """Write the column `raw` byte for byte: of rejects, or of a read with `provenance="raw"`.

        The file appears when it is whole, or not at all.

        Raises:
            ValueError: there is no column `raw`, or the bytes of a record in it were not kept.
            OSError: the file cannot be written.
        """
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Description:
    """What `mrrc.describe` found: tags and subfield codes, how often, with examples; and encodings."""

    def __new__(cls, *given: object, **named: object) -> NoReturn: ...
    @property
    def records(self) -> int:
        """The number of records that were looked at."""
    @property
    def fields(self) -> Table:
        """One row for each tag, with a null `code`, followed by one for each of its subfield codes.

        Columns: the number of `records` that have it, their `share` of all (0 to 1), `occurrences`, and up to
        three `examples`. At most 4,096 tags and 8,192 unusual codes are told apart; the others are counted
        as `other`.
        """
    @property
    def encodings(self) -> Table:
        """One row for each encoding that is declared and found: the number of records."""
    @property
    def sources(self) -> Table:
        """One row for each source: what became of its records and of its bytes."""
    def _repr_html_(self) -> str: ...

@final
class ScanBatches:
    """The batches of one read of a `Scan`, as Tables."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Table: ...

@final
class Scan:
    """A read that is described and not yet done: sources and options, as `mrrc.scan` takes them.

    It can be read again and again, batch by batch, in bounded memory. polars, DuckDB and pyarrow take it as
    it is (`pa.table(scan)`, `duckdb.sql("from scan")`) and read it anew each time. A loop over it gives
    Tables, one for each batch.

    `sources`, `findings`, `diagnostics`, `rejects` and `error` are those of its last finished read, and
    `None` before.

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
    def sources(self) -> Table | None:
        """One row for each source: what became of its records and of its bytes."""
    @property
    def findings(self) -> Table | None:
        """One row for each source and code: the exact number of times that it was found."""
    @property
    def diagnostics(self) -> Table | None:
        """One row for each finding; for each source, the first thousand."""
    @property
    def rejects(self) -> Table | None:
        """One row for each record that was left out, with its bytes."""
    @property
    def error(self) -> MarcError | BaseException | None:
        """The exception that ended the last read; an engine that pulls the stream has its text only."""
    def read(self) -> Table:
        """Read everything into a `Table`.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
            OSError: a source cannot be read.
        """
    def head(self, n: int = 10) -> Table:
        """Read the first `n` rows into a `Table`, and no further than needed."""
    def count(self) -> int:
        """Count the rows that `read` would give, without building columns."""
    def to_parquet(self, path: str | bytes | os.PathLike[str]) -> None:
        """Stream into a Parquet file, compressed with zstd, in bounded memory.

        The file appears when it is whole, or not at all. A process that is killed while it writes may leave a
        hidden file that ends in `.part` beside it, which can be deleted.

        Raises:
            MarcError: a record cannot be delivered, and `on_error` is `"raise"`.
            OSError: a source cannot be read, or the file cannot be written.
        """
    def to_polars(self) -> pl.LazyFrame:
        """A polars LazyFrame; a query builds the columns that it uses. Needs the extra `mrrc[polars]`."""
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

class Field:
    """A field: a tag, and indicators and subfields, or data.

    A tag of digits below `010` makes a control field, which has `data` only. Nothing is checked, and all can
    be changed; fields are equal if they are the same object.

    Args:
        tag: three characters; a shorter number is filled up with zeros.
        indicators: two, blank if they are not given.
        subfields: a list of `Subfield`s, which is taken as it is and not copied.
        data: the data of a control field.

    Raises:
        ValueError: there are not two indicators, or the subfields are strings.

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
        """The tag; a new one does not make a control field a data field, nor the other way round."""
    @tag.setter
    def tag(self, value: str, /) -> None: ...
    @property
    def data(self) -> str | None:
        """The data of a control field; of a data field None, or the text outside its subfields."""
    @data.setter
    def data(self, value: str | None, /) -> None: ...
    @property
    def _stray(self) -> str | None: ...
    @property
    def subfields(self) -> list[Subfield]:
        """The list of `Subfield`s; empty for a control field. What is done to it is done to the field."""
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
        """Make a list of `Subfield`s of `["a", "x", "b", "y"]`, as subfields were given before pymarc 5."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Subfield: ...
    def __contains__(self, subfield: str, /) -> bool: ...
    def __getitem__(self, code: str, /) -> str: ...
    def __setitem__(self, code: str, value: str, /) -> None: ...
    def get(self, code: str, default: _Default = ...) -> str | _Default:
        """Give the value of the first subfield with this code, or `default`."""
    def value(self) -> str:
        """Give all values, each stripped, with a blank between them; of a control field, the data."""
    def get_subfields(self, *codes: str) -> list[str]:
        """Give the values of the subfields with these codes, in the field's order."""
    def add_subfield(self, code: str, value: str, pos: int | None = None) -> None:
        """Add a subfield at the end, or before the one at `pos`; to a control field, nothing."""
    def delete_subfield(self, code: str) -> str | None:
        """Remove the first subfield with this code, and give its value; None if there is none."""
    def subfields_as_dict(self) -> dict[str, list[str]]:
        """Give each code with the list of its values, in the order in which codes first appear."""
    def is_control_field(self) -> bool:
        """Whether this is a control field."""
    def is_subject_field(self) -> bool:
        """Whether the tag begins with `6`."""
    def linkage_occurrence_num(self) -> str | None:
        """Give the occurrence number in `$6`: `01` of `880-01`; None without it."""
    def format_field(self) -> str:
        """Give the values but `$6` with a blank between them, ` -- ` before the subdivisions of a subject."""
    def as_marc(self, encoding: str) -> bytes:
        """Give the field in ISO 2709 and this encoding, with its terminator."""
    def as_marc21(self, encoding: str) -> bytes:
        """Give the field in ISO 2709 and this encoding, with its terminator."""
    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]: ...
    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None: ...

class RawField(Field):
    """A field whose data and values are bytes: of a record that is read with `to_unicode=False`."""
    def as_marc(self, encoding: str | None = None) -> bytes:
        """Give the field in ISO 2709, its bytes as they are; an `encoding` has no effect."""
    def as_marc21(self, encoding: str | None = None) -> bytes:
        """Give the field in ISO 2709, its bytes as they are; an `encoding` has no effect."""

class Record:
    """A record: a leader and fields.

    Records are equal if they are the same object.

    Args:
        data: a record in ISO 2709, to be read; what is wrong with it is raised.
        fields: a list of `Field`s, which is taken as it is and not copied; `data` is then not read.
        to_unicode: whether values become text; otherwise they stay bytes, in `RawField`s.
        force_utf8: whether to read as UTF-8 what does not say so; a new record will say that it is in UTF-8.
        hide_utf8_warnings: whether to be silent about UTF-8 where MARC-8 should be.
        utf8_handling: what to do with bytes that are no UTF-8: a name as for `bytes.decode`.
        leader: the leader of a new record; the positions that never differ are filled in.
        file_encoding: the encoding of what does not say UTF-8; as it is, MARC-8.

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
        """The leader; a string may be put in its place."""
    @leader.setter
    def leader(self, value: Leader | str, /) -> None: ...
    @property
    def fields(self) -> list[Field]:
        """The list of fields; what is done to it is done to the record."""
    @fields.setter
    def fields(self, value: list[Field], /) -> None: ...
    @property
    def pos(self) -> int:
        """A number that has no meaning."""
    @pos.setter
    def pos(self, value: int, /) -> None: ...
    @property
    def force_utf8(self) -> bool:
        """Whether the record is taken for UTF-8, whatever its leader says."""
    @force_utf8.setter
    def force_utf8(self, value: bool, /) -> None: ...
    @property
    def to_unicode(self) -> bool:
        """Whether values are text, and are written in UTF-8."""
    @to_unicode.setter
    def to_unicode(self, value: bool, /) -> None: ...
    @property
    def raw(self) -> bytes | None:
        """The bytes of the record as it was read; None if it was not."""
    @property
    def repairs(self) -> list[str]:
        """What was odd or repaired in it, as text, where it was read with `recover=True`."""
    @property
    def _is_as_read(self) -> bool:
        """Whether it is as it was read: its leader and its fields, in their order."""
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
        """Read a record in ISO 2709 into this one: its leader replaces the old, its fields are added."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Field: ...
    def __contains__(self, tag: str, /) -> bool: ...
    def __getitem__(self, tag: str, /) -> Field: ...
    def get(self, tag: str, default: _Default = ...) -> Field | _Default:
        """Give the first field with this tag, or `default`."""
    def get_fields(self, *args: str) -> list[Field]:
        """Give all fields with these tags, in the record's order; without tags, the list `fields` itself."""
    def get_linked_fields(self, field: Field) -> list[Field]:
        """Give the 880 fields that have this field in another script.

        Raises:
            MissingLinkedFields: there is none, though `$6` points to one.
        """
    def add_field(self, *fields: Field) -> None:
        """Add fields at the end."""
    def add_grouped_field(self, *fields: Field) -> None:
        """Add each field before the first whose tag begins with a greater digit, or is no number."""
    def add_ordered_field(self, *fields: Field) -> None:
        """Add each field before the first whose tag is greater, or is no number."""
    def remove_field(self, *fields: Field) -> None:
        """Remove these very fields.

        Raises:
            FieldNotFound: a field is not there; those before it are gone.
        """
    def remove_fields(self, *tags: str) -> None:
        """Remove all fields with these tags."""
    def as_marc(self) -> bytes:
        """Give the record in ISO 2709, in UTF-8; leader/09 of the record says so from then on.

        After `to_unicode=False` bytes stay as they are, and the leader too. Warns of a record that is too
        long to be read back, and of a delimiter in a value.
        """
    def as_marc21(self) -> bytes:
        """Give the record in ISO 2709: another name of `as_marc`."""
    def as_dict(self) -> dict[str, Any]:
        """Give the record as a `dict`, by the rules of MARC-in-JSON."""
    def as_json(self, **kwargs: Any) -> str:
        """Give the record as MARC-in-JSON; options are those of `json.dumps`."""
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
        """The main entry: 100, or else 110, or else 111."""
    @property
    def uniformtitle(self) -> str | None:
        """The uniform title: 130, or else 240."""
    @property
    def series(self) -> list[Field]:
        """The fields of series: 440, 490, 800, 810, 811, 830."""
    @property
    def subjects(self) -> list[Field]:
        """The fields of subjects: 6XX."""
    @property
    def addedentries(self) -> list[Field]:
        """The fields of added entries: 7XX."""
    @property
    def location(self) -> list[Field]:
        """The fields of locations: 852."""
    @property
    def notes(self) -> list[Field]:
        """The fields of notes: 5XX."""
    @property
    def physicaldescription(self) -> list[Field]:
        """The fields of physical descriptions: 300."""
    @property
    def publisher(self) -> str | None:
        """The publisher: `$b` of the first 260, or 264 with second indicator 1."""
    @property
    def pubyear(self) -> str | None:
        """The year of publication, as it is printed: `$c` of the same field."""
    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]: ...
    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None: ...

class Reader:
    """Base class of the readers."""
    def __new__(cls, *given: Any, **named: Any) -> Self: ...
    def __iter__(self) -> Self: ...

class MARCReader(Reader):
    """An iterator over records in ISO 2709; of what cannot be read it gives None.

    `current_exception` then says why, and `current_chunk` has the bytes. It goes on behind such a record,
    unless the end of the record cannot be told (`FatalReaderError`).

    Args:
        marc_target: a binary file object; or bytes, or the path of a file, which may be compressed by
            gzip, zstd, bzip2 or xz.
        to_unicode: whether values become text; otherwise they stay bytes, in `RawField`s.
        force_utf8: whether to read as UTF-8 what does not say so.
        hide_utf8_warnings: whether to be silent about UTF-8 where MARC-8 should be.
        utf8_handling: what to do with bytes that are no UTF-8: a name as for `bytes.decode`.
        file_encoding: the encoding of records that do not say UTF-8; as it is, MARC-8.
        permissive: has no effect.
        recover: find records, and repair them, as `read_arrow` with `on_error="recover"`, and read their text
            as columns are read. What cannot be proven is None, and the reader goes on behind it.

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
        """The file that is read; it stands behind the last record."""
    @file_handle.setter
    def file_handle(self, value: IO[bytes] | bytes | str | os.PathLike[str], /) -> None: ...
    @property
    def to_unicode(self) -> bool:
        """Whether values become text; like all settings it may be changed between two records."""
    @to_unicode.setter
    def to_unicode(self, value: bool, /) -> None: ...
    @property
    def force_utf8(self) -> bool:
        """Whether to read as UTF-8 what does not say so."""
    @force_utf8.setter
    def force_utf8(self, value: bool, /) -> None: ...
    @property
    def hide_utf8_warnings(self) -> bool:
        """Whether to be silent about UTF-8 where MARC-8 should be."""
    @hide_utf8_warnings.setter
    def hide_utf8_warnings(self, value: bool, /) -> None: ...
    @property
    def utf8_handling(self) -> str:
        """What to do with bytes that are no UTF-8: a name as for `bytes.decode`."""
    @utf8_handling.setter
    def utf8_handling(self, value: str, /) -> None: ...
    @property
    def file_encoding(self) -> str:
        """The encoding of records that do not say UTF-8; `iso8859-1` is MARC-8."""
    @file_encoding.setter
    def file_encoding(self, value: str, /) -> None: ...
    @property
    def permissive(self) -> bool:
        """Kept without effect: of a bad record the reader gives None in any case."""
    @permissive.setter
    def permissive(self, value: bool, /) -> None: ...
    @property
    def current_chunk(self) -> bytes | None:
        """The bytes of the last record, good or bad."""
    @property
    def current_exception(self) -> Exception | None:
        """Why the last record is None; None after a good one."""
    _current_chunk: bytes | None
    _current_exception: Exception | None
    def read_batch(self, n: int) -> list[Record | None]:
        """The next records, `n` at most; None for one that cannot be read. An empty list is the end."""
    def close(self) -> None:
        """Close the file, that of a caller too."""
    def __next__(self) -> Record | None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...

@final
class TableRecords:
    """Iterates over the records of a table."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Record: ...

@final
class _Output:
    """A file that takes its place, whole, when it is closed."""
    def __new__(cls, path: str | bytes | os.PathLike[str]) -> Self: ...
    def write(self, content: str | bytes) -> int:
        """Write bytes, or text in UTF-8."""
    def close(self) -> None:
        """Put the file in its place."""
    def discard(self) -> None:
        """Leave no file."""

@final
class _MarcFile:
    """A file of records, there when it is whole or not at all."""
    def __new__(
        cls,
        path: str | bytes | os.PathLike[str],
        preserve: bool,
        encoding: str,
        unencodable: str,
        oversize: str,
    ) -> Self: ...
    def write(self, record: Record) -> None:
        """Lay out a record; write those that wait once there are enough."""
    def close(self) -> None:
        """Write the rest, and put the file in its place."""
    def discard(self) -> None:
        """Leave no file."""

def _written_as(record: Record, form: str, replaces: bool, number: int) -> str | bytes | None:
    """A record as `"json"`, `"xml"` (bytes) or `"mrk"` that can be read again, for a writer on a path.

    None where only the record's own methods know how, and nothing about it is to be refused.
    """

def _record_to_xml(record: Record, is_ascii: bool, namespace: bool) -> bytes | None:
    """The element `record`; none where only Python knows how. In ASCII, other characters are references."""

def _scan(source: Any, keywords: dict[str, Any]) -> Scan: ...
def _scan_from_pickle(sources: list[str | bytes], names_sources: bool, keywords: dict[str, Any]) -> Scan: ...
def _table_from_ipc(streams: list[bytes], said: tuple[str, bool] | None, pickled_checksum: int) -> Table: ...
def _marc8_translate(
    g0: int, g1: int, bytes: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_translate_code_points(
    g0: int, g1: int, points: bytes, quiet: bool, /
) -> tuple[str, int, int, bool, list[str]]: ...
def _marc8_codesets() -> dict[int, dict[int, tuple[int, int]]]: ...
def _marc8_odd_map() -> dict[int, int]: ...
