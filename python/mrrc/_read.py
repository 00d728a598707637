"""`read_arrow` and `scan`: read into memory, or describe a read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, Literal, Protocol, TypeAlias

from mrrc import _mrrc
from mrrc._plan import Part


class _Opener(Protocol):
    """What opens a binary file object, such as `fsspec.open(...)`."""

    @property
    def open(self) -> Callable[..., Any]: ...


Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | _Opener | Part
Columns: TypeAlias = str | Sequence[str] | Mapping[str, str] | None
Format: TypeAlias = Literal["auto", "iso2709", "marcxml", "json", "mrk", "aleph"]
Progress: TypeAlias = bool | Callable[[int, int | None, int], object] | None


def read_arrow(
    source: Source | Iterable[Source],
    /,
    *,
    columns: Columns = None,
    where: str | None = None,
    layout: Literal["nested", "fields", "subfields"] = "nested",
    tags: str | Sequence[str] | None = None,
    batch_size: int = 8192,
    n_rows: int | None = None,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    provenance: bool | Literal["raw"] = False,
    max_record: int = 8 << 20,
    format: Format = "auto",
    encoding: str = "declared",
    references: bool = True,
    dialect: Literal["marc21", "unimarc"] = "marc21",
    on_error: Literal["raise", "skip", "recover"] = "raise",
    progress: Progress = None,
    storage: Mapping[str, Any] | None = None,
) -> _mrrc.Table:
    """Read MARC records into Arrow columns in memory.

    They may be in ISO 2709, MARCXML, MARC-in-JSON, MARCMaker text or Aleph sequential.

    Args:
        source: a path or a glob, bytes, a binary file object, something that opens one (`fsspec.open(...)`, a
            `zipfile.Path`), or any number of these: a list, or what `Path.glob` gives. `~` is the home
            folder. The files that match a glob are read in sorted order; a file with exactly that name takes
            precedence, and `**` does not follow links to folders. A file object is read from its current
            position, and a named pipe can be read only once. gzip, zstd, bzip2 and xz are recognized by their
            first bytes, and each file in a tar or zip archive is a source. A list or a glob adds a last
            column, `source`, with the name of each row's source.
        columns: what to read of each record: a list of expressions, such as `["001", "245$a", "008/07-10"]`;
            a dict of names and expressions, such as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"`
            or `"codes"`, which `mrrc.preset` shows. Expressions in one text, such as `"id = 001, title =
            first(245$a)"`, are taken too. Each row is a record. A value that can repeat within a record is a
            list: `first(x)` takes one. `None` reads whole records, as `layout` says. Cannot be combined with
            `tags`, or with a `layout` other than `"nested"`. The notation is explained in docs/columns.md.
        where: read only the records that meet this condition, such as `"650{$2=fast} and not 880"` or
            `"year(008/07-10) >= 1990"`. The others are counted as filtered, and are not decoded.
        layout: how a record becomes rows. Each row begins with `record`, the number of its record in the
            source (rejected records are counted), and `control_number`. `"nested"` has one row per record:
            `leader`, and `fields`, a list of `tag`, `ind1`, `ind2`, `value` and `subfields`, which is a list
            of `code` and `value`. `"fields"` has one row per field: `field` (its place in the record), `tag`,
            `ind1`, `ind2`, `value`, `subfields`. `"subfields"` has one row per subfield or control field:
            `field`, `tag`, `ind1`, `ind2`, `subfield` (its place in the field), `code`, `value`. In these,
            the leader is a row with the tag `LDR` at place 0.
        tags: keep only the fields with these tags, such as `["245", "6.."]`; a point is any character. Each
            record stays, with its leader, even if it has none of them.
        batch_size: the maximum number of records in a batch. A batch also ends after 1 MiB of bytes.
        n_rows: stop after this number of rows; `None` for all rows.
        threads: the number of threads that decode, 1 to 1024; `None` for one per core. The result does not
            depend on it.
        byte_range: read only the records that begin in the bytes `(start, end)` of one path or of bytes,
            which must not be compressed. If ranges split a file, each record is in exactly one of them. With
            `provenance`, `record` counts from the start of the range, and `offset` from that of the file.
        provenance: `True` adds columns that say where each row comes from: `source`, `record` (if it is not
            there as the first column of a layout), `offset` and `length` in bytes, `encoding_declared`,
            `encoding_used`, and `undecodable`, the number of U+FFFD that stand for bytes without a
            character. `"raw"` also adds `raw`, the bytes of the record.
        max_record: the maximum size in bytes of a record whose stated length is wrong. Anything longer is
            skipped and counted.
        format: what records are written in. `"auto"` tells it by the first bytes of each source, and
            `Table.sources` says what it was; `"iso2709"`, `"marcxml"`, `"json"`, `"mrk"` or `"aleph"` reads
            them all as that.
        encoding: `"declared"` for what each record declares; `"auto"` for what its bytes suggest, with a
            warning if the record declares something else; or the name of an encoding for all records, such as
            `"utf-8"`, `"marc-8"`, `"iso-5426"`, `"latin-1"`, `"windows-1252"`, `"gb18030"` or `"cp850"`. Has
            no effect on MARCXML and JSON, whose text is that of the document. For MARCMaker text and Aleph
            sequential, `"declared"` is `"auto"`: leader/09 says what a record was in, not what the file is.
        references: whether to read a reference in MARC-8, such as `&#x2019;`, as the character that it stands
            for, as the Library of Congress defines it. Has no effect on other encodings.
        dialect: where records declare their encoding: `"marc21"` in leader/09 (`a` is UTF-8, a space MARC-8),
            `"unimarc"` in 100$a (`50` is UTF-8, `0103` ISO 5426).
        on_error: what to do with a record that cannot be delivered as it is. `"raise"` ends the read with an
            exception. `"skip"` leaves the record out and keeps its bytes in `Table.rejects`. `"recover"`
            repairs it if there is only one way to read it, puts U+FFFD where bytes have no character, and
            lists both in `Table.diagnostics`; it leaves all other such records out, as `"skip"` does. Both go
            on without a file of several that is missing or cannot be read, and `Table.diagnostics` names it.
        progress: `True` for a progress bar (needs tqdm), or a callable that is called with
            `(bytes_done, bytes_total, records)`. With `None`, the methods of a Scan that write a file show a
            bar after two seconds, on a terminal or in a notebook, if tqdm is installed; `False` never does.
        storage: what the store of an address is to be told, such as `{"region": "eu-central-1"}`, `endpoint`,
            `access_key_id` and `secret_access_key`, or `skip_signature` for a public bucket: the keyword
            arguments of `obstore.store.from_url`. What is not given comes from the environment. Credentials
            never appear in a repr or a pickle.

    Returns:
        A `Table`, with the accounts of the read.

    Raises:
        MarcError: a record cannot be delivered. The message says what was found, where, and what to do.
        OSError: a source cannot be read.
        ValueError: an argument has an invalid value.
        TypeError: an argument has the wrong type.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> table = mrrc.read_arrow(data)
        >>> table.num_rows, table.column_names
        (1, ['record', 'control_number', 'leader', 'fields'])
        >>> mrrc.read_arrow(data, columns={"id": "001", "titles": "245$a"}).to_polars().rows()
        [('A1', ['Emma'])]
    """
    given, __tracebackhide__ = dict(locals()), True
    return _table(given)


def scan(
    source: Source | Iterable[Source],
    /,
    *,
    columns: Columns = None,
    where: str | None = None,
    layout: Literal["nested", "fields", "subfields"] = "nested",
    tags: str | Sequence[str] | None = None,
    batch_size: int = 8192,
    n_rows: int | None = None,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    provenance: bool | Literal["raw"] = False,
    max_record: int = 8 << 20,
    format: Format = "auto",
    encoding: str = "declared",
    references: bool = True,
    dialect: Literal["marc21", "unimarc"] = "marc21",
    on_error: Literal["raise", "skip", "recover"] = "raise",
    progress: Progress = None,
    storage: Mapping[str, Any] | None = None,
) -> _mrrc.Scan:
    """Describe a read of MARC records, in any format that `read_arrow` reads; nothing is read yet.

    A `Scan` is read batch by batch, in bounded memory, as often as you like: by a loop, by `to_parquet` or
    `to_polars`, or by polars, DuckDB or pyarrow, which accept it as it is. `read_arrow` has the same
    arguments and explains them in full.

    Args:
        source: a path or a glob, bytes, a binary file object, or a list of these.
        columns: what to read of each record: a list of expressions, such as `["001", "245$a"]`; a dict of
            names and expressions, such as `{"title": "first(trim(245$a))"}`; or a preset, `"bib"` or
            `"codes"`. `None` reads whole records.
        where: read only the records that meet this condition, such as `"year(008/07-10) >= 1990"`.
        layout: how a record becomes rows: `"nested"`, `"fields"` or `"subfields"`.
        tags: keep only the fields with these tags, such as `["245", "6.."]`.
        batch_size: the maximum number of records in a batch.
        n_rows: stop after this number of rows; `None` for all rows.
        threads: the number of threads that decode; `None` for one per core.
        byte_range: read only the records that begin in the bytes `(start, end)`.
        provenance: `True` or `"raw"` for columns that say where each row comes from.
        max_record: the maximum size in bytes of a record whose stated length is wrong.
        format: what records are written in, or `"auto"` for what each source looks like.
        encoding: `"declared"`, `"auto"` or the name of an encoding.
        references: whether to read references in MARC-8 as characters.
        dialect: where records declare their encoding, `"marc21"` or `"unimarc"`.
        on_error: `"raise"`, `"skip"` or `"recover"`.
        progress: `True` for a progress bar, or a callable.
        storage: what the store of an address such as `s3://bucket/dump.mrc` is to be told.

    Returns:
        A `Scan`.

    Raises:
        OSError: there is no such file, or no file matches the glob.
        ValueError: an argument has an invalid value.
        TypeError: an argument has the wrong type.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> scan = mrrc.scan(data * 1000, batch_size=400)
        >>> scan.count()
        1000
        >>> [batch.num_rows for batch in scan]
        [400, 400, 200]
        >>> titles = mrrc.scan(data * 3, columns={"title": "first(245$a)"}, where="not 880")
        >>> titles.to_polars().collect().rows()
        [('Emma',), ('Emma',), ('Emma',)]
    """
    given, __tracebackhide__ = dict(locals()), True
    return _scan(given)


# A notebook shows the last frame of a traceback with all its arguments, and skips hidden ones before it. So
# the last one has a single argument, and the sentence stands close below the line of the caller.
def _table(given: dict[str, Any]) -> _mrrc.Table:
    __tracebackhide__ = True
    return _scan(given).read()


def _scan(given: dict[str, Any]) -> _mrrc.Scan:
    if isinstance(given["source"], Part):
        if given["byte_range"] is not None:
            raise ValueError("byte_range and a part cannot both be given: a part has a range of its own")
        given |= given["source"]._keywords(given["storage"])
    return _mrrc._scan(given.pop("source"), given)
