"""Records from MARC-in-JSON."""

from mrrc._json import JSONHandler, JSONReader, parse_json_to_array
from mrrc._leader import Leader
from mrrc._mrrc import Field, Record
from mrrc._tuples import Indicators

__all__ = ["Field", "Indicators", "JSONHandler", "JSONReader", "Leader", "Record", "parse_json_to_array"]
