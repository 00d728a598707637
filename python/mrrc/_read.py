"""`read_arrow` and `scan`: the two ways in."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import IO, Literal, TypeAlias

from mrrc import _mrrc

Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]
Progress: TypeAlias = bool | Callable[[int, int | None, int], object] | None


def read_arrow(
    source: Source | Sequence[Source],
    /,
    *,
    layout: Literal["nested"] = "nested",
    batch_size: int = 8192,
    n_rows: int | None = None,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    provenance: bool | Literal["raw"] = False,
    max_record: int = 8 << 20,
    encoding: str = "declared",
    references: bool = True,
    dialect: Literal["marc21", "unimarc"] = "marc21",
    on_error: Literal["raise", "skip", "recover"] = "raise",
    progress: Progress = None,
) -> _mrrc.Table:
    r"""Read MARC records (ISO 2709) into columns, now.

    Args:
        source: a path, a glob (an existing path wins; matches are read in sorted order), bytes, a binary
            file object (read from where it stands), or a list of these. gzip, zstd, bzip2 and xz are told
            by their first bytes, never by name. With a list or a glob, a last column `source` names them.
        layout: `"nested"`: one row for each record, with the columns `control_number`, `leader` and
            `fields`, a list of `tag`, `ind1`, `ind2`, `value` and `subfields` (`code`, `value`).
        batch_size: the most records in a batch; 1 MiB of bytes end one as well.
        n_rows: stop after so many rows.
        threads: threads that decode, 1 to 1024; `None` for all cores. Results do not depend on it.
        byte_range: `(a, b)`: of one path or bytes, not compressed, the records that begin in these bytes. The
            parts of any split of a file hold each of its records once. Columns of `provenance` count
            `record` from the part's first, `offset` from the beginning of the file.
        provenance: `True` adds columns that say where a row is from: `source`, `record` (its number,
            rejected ones counted), `offset` and `length` (bytes), `encoding_declared`, `encoding_used`, and
            `undecodable` (how often U+FFFD stands for bytes without a character); `"raw"` adds `raw` as
            well, the record's bytes as they stood.
        max_record: bytes that a record without a believable length may have; what is longer is passed
            over, and counted.
        encoding: `"declared"`: what each record says; `"auto"`: what its bytes speak for, as evidence is
            weighed, and a warning where that is not what it says; or a name: `"utf-8"`, `"marc-8"`,
            `"iso-5426"`, `"latin-1"`, `"windows-1252"`, `"gb18030"`, `"cp850"`, ...
        references: a reference in MARC-8, such as `&#x2019;`, is read as the character that it stands for, as
            the Library of Congress has it; `False` leaves it as text. Other encodings have none.
        dialect: where records say their encoding: `"marc21"` in leader/09 (`a` UTF-8, else MARC-8);
            `"unimarc"` in 100$a (`50` UTF-8, `0103` ISO 5426, ...).
        on_error: `"raise"` at the first record that cannot be delivered as it stands; `"skip"` such
            records, count them and keep their bytes (`Table.rejects`); `"recover"` those of which one
            reading is proven, with U+FFFD where bytes have no character, say so (`Table.diagnostics`),
            and skip the others.
        progress: `True` for a bar (needs tqdm), or a callable `(bytes_done, bytes_total, records)`.

    Returns:
        A `Table` with the accounts of the read.

    Raises:
        MarcError: something is wrong with the data; the text says what was found, where, what to do.
        OSError: the source cannot be read.
        ValueError: an argument is not one of its choices.
        TypeError: an argument is of another type than its choices.

    Example:
        >>> import mrrc
        >>> data = (
        ...     b"00063nam a2200049 a 4500001000300000245001000003\x1e"
        ...     b"A1\x1e10\x1faTitle\x1e\x1d"
        ... )
        >>> mrrc.read_arrow(data).num_rows
        1
    """
    return scan(
        source,
        layout=layout,
        batch_size=batch_size,
        n_rows=n_rows,
        threads=threads,
        byte_range=byte_range,
        provenance=provenance,
        max_record=max_record,
        encoding=encoding,
        references=references,
        dialect=dialect,
        on_error=on_error,
        progress=progress,
    ).read()


def scan(
    source: Source | Sequence[Source],
    /,
    *,
    layout: Literal["nested"] = "nested",
    batch_size: int = 8192,
    n_rows: int | None = None,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    provenance: bool | Literal["raw"] = False,
    max_record: int = 8 << 20,
    encoding: str = "declared",
    references: bool = True,
    dialect: Literal["marc21", "unimarc"] = "marc21",
    on_error: Literal["raise", "skip", "recover"] = "raise",
    progress: Progress = None,
) -> _mrrc.Scan:
    r"""Describe a read of MARC records (ISO 2709); nothing is read yet.

    A `Scan` can be read again and again, batch by batch and bounded in memory, whatever the size of the
    source: by iterating, by `to_parquet`, by `to_polars`, or by handing it to polars, DuckDB or pyarrow.

    Args:
        source: as for `read_arrow`.
        layout: as for `read_arrow`.
        batch_size: as for `read_arrow`.
        n_rows: as for `read_arrow`.
        threads: as for `read_arrow`.
        byte_range: as for `read_arrow`.
        provenance: as for `read_arrow`.
        max_record: as for `read_arrow`.
        encoding: as for `read_arrow`.
        references: as for `read_arrow`.
        dialect: as for `read_arrow`.
        on_error: as for `read_arrow`.
        progress: as for `read_arrow`.

    Returns:
        A `Scan`. A path that does not exist, and a glob that matches nothing, are errors at once.

    Raises:
        OSError: there is no such file.
        ValueError: an argument is not one of its choices.
        TypeError: an argument is of another type than its choices.

    Example:
        >>> import mrrc
        >>> data = (
        ...     b"00063nam a2200049 a 4500001000300000245001000003\x1e"
        ...     b"A1\x1e10\x1faTitle\x1e\x1d"
        ... )
        >>> mrrc.scan(data).count()
        1
    """
    keywords = {
        "layout": layout,
        "batch_size": batch_size,
        "n_rows": n_rows,
        "threads": threads,
        "byte_range": byte_range,
        "provenance": provenance,
        "max_record": max_record,
        "encoding": encoding,
        "references": references,
        "dialect": dialect,
        "on_error": on_error,
        "progress": progress,
    }
    return _mrrc._scan(source, keywords)
