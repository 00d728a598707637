"""Library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

`read_arrow` reads everything now and gives a `Table`; `scan` describes a read and gives a `Scan`. Both go
as they are into pandas, polars, DuckDB, pyarrow and Parquet. `check` says what is wrong in a file, `describe`
what is in it.

`MARCReader`, `Record`, `Field` and all other names of pymarc are here as well, for records one by one:
`import mrrc as pymarc` runs a script that was written for pymarc 5.4.
"""

from mrrc import (
    constants,
    exceptions,
    field,
    leader,
    marc8,
    marc8_mapping,
    marcjson,
    marcxml,
    reader,
    record,
    writer,
)
from mrrc._look import check, describe
from mrrc._mrrc import Column, Description, Scan, Schema, Table, __version__
from mrrc._read import read_arrow, scan
from mrrc.constants import *  # noqa: F403
from mrrc.exceptions import *  # noqa: F403
from mrrc.field import *  # noqa: F403
from mrrc.leader import *  # noqa: F403
from mrrc.marc8 import MARC8ToUnicode, marc8_to_unicode
from mrrc.marcjson import *  # noqa: F403
from mrrc.marcxml import *  # noqa: F403
from mrrc.reader import *  # noqa: F403
from mrrc.record import *  # noqa: F403
from mrrc.writer import *  # noqa: F403

# All names of pymarc, those included that its modules had imported: `from pymarc import *` gives them too.
__all__ = [
    "Column",
    "Description",
    "MARC8ToUnicode",
    "Scan",
    "Schema",
    "Table",
    "__version__",
    "check",
    "constants",
    "describe",
    "exceptions",
    "field",
    "leader",
    "marc8",
    "marc8_mapping",
    "marc8_to_unicode",
    "marcjson",
    "marcxml",
    "read_arrow",
    "reader",
    "record",
    "scan",
    "writer",
]
__all__ += constants.__all__
__all__ += exceptions.__all__
__all__ += field.__all__
__all__ += leader.__all__
__all__ += marcjson.__all__
__all__ += marcxml.__all__
__all__ += reader.__all__
__all__ += record.__all__
__all__ += writer.__all__
