"""Conversion to pandas, polars, pyarrow and numpy, which are only imported when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

from mrrc._pushdown import pushed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import pyarrow.dataset as ds

    from mrrc import Column, Scan, Table


def _needs(libraries: str, missing: ImportError) -> ImportError:
    return ImportError(f"{missing.name} is not installed: pip install {libraries}")


def to_pyarrow(table: Table) -> pa.Table:
    """Return the same data as a `pyarrow.Table`, without a copy."""
    try:
        import pyarrow as pa
    except ImportError as missing:
        raise _needs("pandas pyarrow", missing) from None
    return pa.table(table)


def to_reader(rows: Table | Scan) -> pa.RecordBatchReader:
    """Return a `pyarrow.RecordBatchReader`; that of a Scan reads batch by batch."""
    try:
        import pyarrow as pa
    except ImportError as missing:
        raise _needs("pandas pyarrow", missing) from None
    return pa.RecordBatchReader.from_stream(rows)


def to_dataset(scan: Scan) -> ds.Dataset:
    """Return a `pyarrow.dataset.Dataset` that reads what a query needs."""
    try:
        from mrrc._dataset import MarcDataset
    except ImportError as missing:
        raise _needs("pandas pyarrow", missing) from None
    return MarcDataset(scan)


def to_numpy(column: Column, kind: str, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """Return the values as a one-dimensional numpy array of this kind; lists and text are objects in it."""
    import numpy as np

    if copy is False:
        raise ValueError("a column cannot become a numpy array without a copy")
    objects = column.to_pylist()
    if kind == "object":
        values: np.ndarray = np.fromiter(objects, dtype=object, count=len(objects))
    else:
        values = np.array(objects, dtype=kind)
    return values if dtype is None else values.astype(dtype)


def to_pandas(table: Table) -> pd.DataFrame:
    """Return a DataFrame over the same data, with `ArrowDtype`, so that nested columns stay Arrow."""
    try:
        import pandas as pd
        import pyarrow  # noqa: F401
    except ImportError as missing:
        raise _needs("pandas pyarrow", missing) from None
    return to_pyarrow(table).to_pandas(types_mapper=pd.ArrowDtype)


def to_polars(table: Table) -> pl.DataFrame:
    """Return a `polars.DataFrame` of the same data."""
    try:
        import polars as pl
    except ImportError as missing:
        raise _needs("polars", missing) from None
    return pl.DataFrame(table)


def scan_to_polars(scan: Scan) -> pl.LazyFrame:
    """Return a `polars.LazyFrame` that only reads what a query needs, as far as that can be said."""
    try:
        import polars as pl
        from polars.io.plugins import register_io_source

        from mrrc._predicate_polars import predicate_of
    except ImportError as missing:
        raise _needs("polars", missing) from None

    def batches(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        # If both are given, rows are counted before they are filtered.
        if predicate is None or n_rows is not None:
            narrowed = scan._narrowed(with_columns, n_rows)
        else:
            narrowed = scan._narrowed(with_columns, **pushed(scan, predicate_of(predicate)))
        left = n_rows
        for batch in narrowed:
            frame = pl.DataFrame(batch)
            if left is not None:
                frame = frame.head(left)
                left -= frame.height
            # polars does not apply it again.
            yield frame if predicate is None else frame.filter(predicate)
            if left is not None and left <= 0:
                return

    schema: Any = pl.Schema(scan.schema)
    # A source that is pure is read once where a query uses it twice.
    wanted = {"is_pure": scan._is_pure, "explain_name": "MARC"}
    known = signature(register_io_source).parameters
    options: Any = {name: it for name, it in wanted.items() if name in known}
    return register_io_source(batches, schema=schema, **options)
