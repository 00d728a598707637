"""The numbers and control characters of the format, and a pattern for ISBNs."""

import re

LEADER_LEN = 24
DIRECTORY_ENTRY_LEN = 12
SUBFIELD_INDICATOR = "\x1f"
END_OF_FIELD = "\x1e"
END_OF_RECORD = "\x1d"

isbn_regex = re.compile(r"([0-9\-xX]+)")
