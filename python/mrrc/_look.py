"""`check` and `describe`: look at a source without building columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from mrrc import _mrrc
from mrrc._read import Format, Progress, Source, scan


def check(
    source: Source | Iterable[Source],
    /,
    *,
    limit: int = 100_000,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    max_record: int = 8 << 20,
    format: Format = "auto",
    encoding: str = "declared",
    dialect: Literal["marc21", "unimarc"] = "marc21",
    progress: Progress = None,
    storage: Mapping[str, Any] | None = None,
) -> _mrrc.Table:
    """Find everything that is wrong in MARC records, in their structure and in their text.

    Args:
        source: a path or a glob, bytes, a binary file object, or a list of these.
        limit: the maximum number of rows for each source; `Table.findings` also counts the others.
        threads: the number of threads that decode; `None` for one per core.
        byte_range: read only the records that begin in the bytes `(start, end)`.
        max_record: the maximum size in bytes of a record whose stated length is wrong.
        format: what records are written in, or `"auto"` for what each source looks like.
        encoding: `"declared"`, `"auto"` or the name of an encoding.
        dialect: where records declare their encoding, `"marc21"` or `"unimarc"`.
        progress: `True` for a progress bar, or a callable.
        storage: what stores such as `s3://` are to be told, as for `read_arrow`.

    Returns:
        A `Table` with one row for each finding, in the order of the source. It says what was found and what
        was expected, where, and how serious it is (`severity`): `"warning"` for something odd that is
        delivered as it is, `"decoding"` for bytes without a character, `"repaired"` for what
        `on_error="recover"` repairs, `"fatal"` for a record that cannot be delivered. `message` says all of
        this in one line. The accounts are those of a read with `on_error="recover"`.

    Raises:
        OSError: a source cannot be read.
        ValueError: an argument has an invalid value.
        TypeError: an argument has the wrong type.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("A", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> mrrc.check(data)["code"]
        mrrc.Column code: string, 1 value
          subfield-code
    """
    __tracebackhide__ = True
    return scan(
        source,
        threads=threads,
        byte_range=byte_range,
        max_record=max_record,
        format=format,
        encoding=encoding,
        dialect=dialect,
        on_error="recover",
        progress=progress,
        storage=storage,
    )._check(limit)


def describe(
    source: Source | Iterable[Source],
    /,
    *,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    max_record: int = 8 << 20,
    format: Format = "auto",
    encoding: str = "auto",
    dialect: Literal["marc21", "unimarc"] = "marc21",
    progress: Progress = None,
    storage: Mapping[str, Any] | None = None,
) -> _mrrc.Description:
    """Count what MARC records contain: tags, subfield codes and encodings.

    Args:
        source: a path or a glob, bytes, a binary file object, or a list of these.
        threads: the number of threads that decode; `None` for one per core.
        byte_range: read only the records that begin in the bytes `(start, end)`.
        max_record: the maximum size in bytes of a record whose stated length is wrong.
        format: what records are written in, or `"auto"` for what each source looks like.
        encoding: `"auto"` for what the bytes of each record suggest, `"declared"`, or the name of an
            encoding.
        dialect: where records declare their encoding, `"marc21"` or `"unimarc"`.
        progress: `True` for a progress bar, or a callable.
        storage: what stores such as `s3://` are to be told, as for `read_arrow`.

    Returns:
        A `Description`. Print it, or use its Tables `fields` and `encodings`. Damaged records are counted if
        `on_error="recover"` would repair them.

    Raises:
        OSError: a source cannot be read.
        ValueError: an argument has an invalid value.
        TypeError: an argument has the wrong type.

    Example:
        >>> import mrrc
        >>> title = mrrc.Field("245", ["1", "0"], [mrrc.Subfield("a", "Emma")])
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
        >>> mrrc.describe(data)
        mrrc.Description: 1 record with 2 tags
          ascii, declared as utf-8 1
        <BLANKLINE>
          tag  records    share  occurrences  subfields  for example
          001        1  100.0 %            1             A1
          245        1  100.0 %            1  a          10 $a Emma
    """
    __tracebackhide__ = True
    return scan(
        source,
        threads=threads,
        byte_range=byte_range,
        max_record=max_record,
        format=format,
        encoding=encoding,
        dialect=dialect,
        on_error="recover",
        progress=progress,
        storage=storage,
    )._describe()
