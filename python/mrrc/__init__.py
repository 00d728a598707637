"""Read library catalogues (MARC in ISO 2709) into Apache Arrow columns, with nothing lost.

Columns, for pandas, polars, DuckDB, pyarrow and Parquet:

- `read_arrow` reads into memory and returns a `Table`.
- `scan` describes a read and returns a `Scan`, which is then read batch by batch.
- `plan` divides sources into parts, for whoever reads with many machines, and `export` makes Parquet of them.
- `preset` returns columns that most people want, to be copied and changed.
- `write_marc` writes such columns as MARC again, and `from_arrow` makes a `Table` of any Arrow data.
- `check` finds what is wrong in a file, and `describe` counts what is in it.

Records, one by one, with the names and the behaviour of pymarc 5.4:

- `MARCReader`, `JSONReader`, `MARCMakerReader` and `parse_xml_to_array` read `Record`s.
- `MARCWriter`, `JSONWriter`, `XMLWriter` and `TextWriter` write them.
- `import mrrc as pymarc` runs scripts that were written for pymarc.

Example:
    >>> import mrrc
    >>> title = mrrc.Field("245", subfields=[mrrc.Subfield("a", "Emma")])
    >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), title]).as_marc()
    >>> mrrc.read_arrow(data).num_rows
    1
    >>> [record.title for record in mrrc.MARCReader(data)]
    ['Emma']
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
from mrrc._address import stored
from mrrc._back import from_arrow, write_marc
from mrrc._export import export
from mrrc._look import check, describe
from mrrc._mrrc import Column, Description, Scan, Schema, Table, __version__
from mrrc._plan import Part, plan
from mrrc._preset import preset
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

# All names of pymarc, including those that its modules import: `from pymarc import *` gives them too.
__all__ = [
    "Column",
    "Description",
    "MARC8ToUnicode",
    "Part",
    "Scan",
    "Schema",
    "Table",
    "__version__",
    "check",
    "constants",
    "describe",
    "exceptions",
    "export",
    "field",
    "from_arrow",
    "leader",
    "marc8",
    "marc8_mapping",
    "marc8_to_unicode",
    "marcjson",
    "marcxml",
    "plan",
    "preset",
    "read_arrow",
    "reader",
    "record",
    "scan",
    "stored",
    "write_marc",
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

# What the modules of pymarc import for themselves: it can be imported from here, but `dir` does not list it.
_IMPORTED_BY_PYMARC = {
    "BinaryIO",
    "BufferedReader",
    "BytesIO",
    "Callable",
    "ContentHandler",
    "ET",
    "IO",
    "IOBase",
    "Iterator",
    "NamedTuple",
    "Pattern",
    "Sequence",
    "StringIO",
    "Union",
    "defaultdict",
    "feature_namespaces",
    "isbn_regex",
    "json",
    "logger",
    "logging",
    "make_parser",
    "os",
    "re",
    "sys",
    "typing",
    "unicodedata",
    "warnings",
}


def __dir__() -> list[str]:
    return sorted({"__doc__", *__all__} - _IMPORTED_BY_PYMARC)
