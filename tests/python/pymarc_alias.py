"""A plugin of pytest that has mrrc answer to the name of pymarc, in tests that know nothing of it."""

import sys

import mrrc

sys.modules["pymarc"] = mrrc
