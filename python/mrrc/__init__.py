"""Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

`read_arrow` reads everything now and gives a `Table`; `scan` describes a read and gives a `Scan`. Both go
as they are into pandas, polars, DuckDB, pyarrow and Parquet. `check` says what is wrong in a file, `describe`
what is in it.
"""

from mrrc._look import check, describe
from mrrc._mrrc import Column, Description, Scan, Schema, Table, __version__
from mrrc._read import read_arrow, scan
from mrrc.exceptions import (
    BaseAddressInvalid,
    BaseAddressNotFound,
    DecodingError,
    EndOfRecordNotFound,
    InvalidRecord,
    MarcError,
    MarcWarning,
    NoFieldsFound,
    RecordBoundary,
    RecordDirectoryInvalid,
    RecordLeaderInvalid,
    RecordLengthInvalid,
    SourceError,
    TruncatedRecord,
)

__all__ = [
    "BaseAddressInvalid",
    "BaseAddressNotFound",
    "Column",
    "DecodingError",
    "Description",
    "EndOfRecordNotFound",
    "InvalidRecord",
    "MarcError",
    "MarcWarning",
    "NoFieldsFound",
    "RecordBoundary",
    "RecordDirectoryInvalid",
    "RecordLeaderInvalid",
    "RecordLengthInvalid",
    "Scan",
    "Schema",
    "SourceError",
    "Table",
    "TruncatedRecord",
    "__version__",
    "check",
    "describe",
    "read_arrow",
    "scan",
]
