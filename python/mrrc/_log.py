"""The logger for records, under the name that scripts configure."""

import logging

logger = logging.getLogger("pymarc")
