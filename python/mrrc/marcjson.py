"""Records from MARC-in-JSON."""

from mrrc._core import Field, Leader, Record
from mrrc._json import JSONHandler, JSONReader, parse_json_to_array
from mrrc._tuples import Indicators

__all__ = ["Field", "Indicators", "JSONHandler", "JSONReader", "Leader", "Record", "parse_json_to_array"]
