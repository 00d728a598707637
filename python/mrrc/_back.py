"""`write_marc` and `from_arrow`: what other libraries give, as MARC and as a Table."""

from __future__ import annotations

import os
import sys
from typing import IO, Any, Literal, Protocol, cast

from mrrc import _mrrc


class ArrowStream(Protocol):
    """Anything that gives Arrow data: a DataFrame, a pyarrow Table, what DuckDB gives, a Scan, a Table."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


def write_marc(
    data: ArrowStream,
    target: str | bytes | os.PathLike[str] | IO[bytes],
    /,
    *,
    encoding: Literal["utf-8", "marc-8"] = "utf-8",
    unencodable: Literal["raise", "reference"] = "raise",
    oversize: Literal["raise", "split", "recover"] = "raise",
    on_error: Literal["raise", "skip"] = "raise",
    threads: int | None = None,
) -> _mrrc.Table:
    r"""Write rows as MARC records in ISO 2709: the way back from columns.

    The rows are those of one of the layouts, after any change: the column `fields` of layout nested, or the
    columns of layout fields or subfields, found by name; others are ignored. In these two, the rows of a
    record follow one another, and are written in their order. If there is no leader, that of a new record is
    written. A record that was not changed is written as the bytes that it was read from, if it was in UTF-8
    with the lengths and the directory that mrrc writes.

    It streams, in bounded memory, and releases Python's lock. A file at a path appears complete, or not at
    all.

    Args:
        data: anything with an Arrow stream: a polars or pandas DataFrame, a pyarrow Table or reader, what
            DuckDB gives, a `Scan`, a `Table`.
        target: a path, or a binary file object.
        encoding: `"utf-8"`, or `"marc-8"` with a blank in leader/09.
        unencodable: what to do with a character that MARC-8 lacks: `"raise"`, or `"reference"` to write it as
            a reference, `&#x4EBA;`.
        oversize: what to do with a record of more than 99,999 bytes or a field of more than 9,999:
            `"raise"`; `"split"` the record into several; or `"recover"`, which writes nines where a number
            does not fit, for readers that recover.
        on_error: what to do with a record that could not be read back: `"raise"`, or `"skip"` to leave it
            out.
        threads: the number of threads that encode; `None` for one per core, and for a Scan as many as it has.

    Returns:
        A `Table` of what was not written as it stood, at most 100,000 rows: `row`, `record`,
        `control_number`, `code`, `written` and `message`. `written` is false for a record that was left out,
        and true for one that has something odd, such as a subfield code that is not ASCII.

    Raises:
        WriteError: a record cannot be written, and `on_error` is `"raise"`. The message names row and column,
            and says what to do.
        MarcError: a Scan cannot deliver a record.
        ValueError: the rows are not those of a layout, or a record comes again after another one.
        TypeError: `data` has no Arrow stream.
        OSError: the file cannot be written.

    Warns:
        MarcWarning: the Table that is returned is not empty.

    Example:
        >>> import io, mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> file = io.BytesIO()
        >>> mrrc.write_marc(mrrc.read_arrow(data), file).num_rows
        0
        >>> [record.title for record in mrrc.MARCReader(file.getvalue())]
        ['Emma']
    """
    if isinstance(data, _mrrc.Scan) and threads is None:
        return cast("_mrrc.Scan", data).write_marc(
            target, encoding=encoding, unencodable=unencodable, oversize=oversize, on_error=on_error
        )
    return _mrrc._write_marc(_as_arrow(data), target, encoding, unencodable, oversize, on_error, threads)


def from_arrow(data: ArrowStream, /) -> _mrrc.Table:
    """Return Arrow data of any library as a `Table`.

    Columns get the types that Tables have: large types, views and dictionaries become plain text, bytes and
    lists. The Table has no accounts, unless the data is a Scan.

    Args:
        data: anything with an Arrow stream: a polars or pandas DataFrame, a pyarrow Table or reader, what
            DuckDB gives.

    Raises:
        TypeError: `data` has no Arrow stream.

    Example:
        >>> import mrrc, pyarrow
        >>> table = mrrc.from_arrow(pyarrow.table({"control_number": ["A1", "A2"]}))
        >>> table.num_rows, table.column_names
        (2, ['control_number'])
    """
    if isinstance(data, _mrrc.Scan):
        return cast("_mrrc.Scan", data).read()
    return _mrrc._from_arrow(_as_arrow(data))


class _Opened:
    """A stream that was opened here.

    DuckDB reads a Scan while it opens one, in the same thread, and releases Python's lock for that. If the
    compiled module had called it, it would take the lock for its own.
    """

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._stream


def _as_arrow(data: Any) -> Any:
    """The same data, opened; a polars frame with the type Null as pyarrow gives it, whose Null is Arrow's."""
    polars = sys.modules.get("polars")
    is_frame = polars is not None and isinstance(data, polars.DataFrame)
    if is_frame and "Null" in str(data.dtypes):
        data = data.to_arrow()
    return _Opened(data.__arrow_c_stream__()) if hasattr(data, "__arrow_c_stream__") else data
