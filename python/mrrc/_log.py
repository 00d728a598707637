"""The logger of the record side, by the name that scripts configure."""

import logging

logger = logging.getLogger("pymarc")
