"""The readers."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from io import BufferedReader, BytesIO, IOBase, StringIO
from typing import IO, BinaryIO

from mrrc._constants import END_OF_RECORD
from mrrc._errors import (
    EndOfRecordNotFound,
    FatalReaderError,
    PymarcException,
    RecordLengthInvalid,
    TruncatedRecord,
)
from mrrc._json import JSONReader
from mrrc._leader import Leader
from mrrc._maker import MARCMakerReader
from mrrc._mrrc import Field, MARCReader, Reader, Record
from mrrc._readers import map_records
from mrrc._tuples import Indicators, Subfield

__all__ = [
    "END_OF_RECORD",
    "IO",
    "BinaryIO",
    "BufferedReader",
    "BytesIO",
    "Callable",
    "EndOfRecordNotFound",
    "FatalReaderError",
    "Field",
    "IOBase",
    "Indicators",
    "Iterator",
    "JSONReader",
    "Leader",
    "MARCMakerReader",
    "MARCReader",
    "PymarcException",
    "Reader",
    "Record",
    "RecordLengthInvalid",
    "StringIO",
    "Subfield",
    "TruncatedRecord",
    "json",
    "map_records",
    "os",
    "sys",
]
