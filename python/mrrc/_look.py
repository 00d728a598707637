"""`check` and `describe`: a look at a source without reading it into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mrrc import _mrrc
from mrrc._read import Progress, Source, scan


def check(
    source: Source | Sequence[Source],
    /,
    *,
    limit: int = 100_000,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    max_record: int = 8 << 20,
    encoding: str = "declared",
    dialect: Literal["marc21", "unimarc"] = "marc21",
    progress: Progress = None,
) -> _mrrc.Table:
    r"""Find everything that is wrong in MARC records (ISO 2709), in structure and in text.

    Args:
        source: as for `read_arrow`.
        limit: the most rows for each source; counts go on (`Table.findings`).
        threads: as for `read_arrow`.
        byte_range: as for `read_arrow`.
        max_record: as for `read_arrow`.
        encoding: as for `read_arrow`.
        dialect: as for `read_arrow`.
        progress: as for `read_arrow`.

    Returns:
        A `Table` with one row for each finding, in the order of the source: `code`, `severity` (`"warning"`:
        odd, and delivered as it stands; `"decoding"`: bytes without a character; `"repaired"`: given back
        by `on_error="recover"`; `"fatal"`: no record can be had), where it is, what was found and expected,
        and `message`, all of it in one line. It has the accounts of a read with `on_error="recover"`.

    Raises:
        OSError: the source cannot be read.
        ValueError: an argument is not one of its choices.
        TypeError: an argument is of another type than its choices.

    Example:
        >>> import mrrc
        >>> data = (
        ...     b"00063nam a2200049 a 4500001000300000245001000003\x1e"
        ...     b"A1\x1e10\x1fTTitle\x1e\x1d"
        ... )
        >>> mrrc.check(data)["code"]
        mrrc.Column code: string, 1 value
          subfield-code
    """
    return scan(
        source,
        threads=threads,
        byte_range=byte_range,
        max_record=max_record,
        encoding=encoding,
        dialect=dialect,
        progress=progress,
    )._check(limit)


def describe(
    source: Source | Sequence[Source],
    /,
    *,
    threads: int | None = None,
    byte_range: tuple[int, int] | None = None,
    max_record: int = 8 << 20,
    encoding: str = "auto",
    dialect: Literal["marc21", "unimarc"] = "marc21",
    progress: Progress = None,
) -> _mrrc.Description:
    r"""Count what MARC records (ISO 2709) hold: tags, subfield codes, encodings.

    Args:
        source: as for `read_arrow`.
        threads: as for `read_arrow`.
        byte_range: as for `read_arrow`.
        max_record: as for `read_arrow`.
        encoding: as for `read_arrow`.
        dialect: as for `read_arrow`.
        progress: as for `read_arrow`.

    Returns:
        A `Description`, to be looked at as it is, or by its Tables `fields` and `encodings`. Damaged records
        are counted where `on_error="recover"` gives them back.

    Raises:
        OSError: the source cannot be read.
        ValueError: an argument is not one of its choices.
        TypeError: an argument is of another type than its choices.

    Example:
        >>> import mrrc
        >>> data = (
        ...     b"00063nam a2200049 a 4500001000300000245001000003\x1e"
        ...     b"A1\x1e10\x1faTitle\x1e\x1d"
        ... )
        >>> mrrc.describe(data)
        mrrc.Description: 1 record with 2 tags
          ascii, declared as utf-8 1
        <BLANKLINE>
          tag  records  share    occurrences  subfields  for example
          001  1        100.0 %  1                       A1
          245  1        100.0 %  1            a          10 $a Title
    """
    return scan(
        source,
        threads=threads,
        byte_range=byte_range,
        max_record=max_record,
        encoding=encoding,
        dialect=dialect,
        progress=progress,
    )._describe()
