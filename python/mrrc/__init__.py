"""Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

`read_arrow` reads everything now and gives a `Table`; `scan` describes a read and gives a `Scan`. Both go
as they are into pandas, polars, DuckDB, pyarrow and Parquet.
"""

from mrrc._mrrc import Column, Scan, Schema, Table, __version__
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
    "read_arrow",
    "scan",
]
