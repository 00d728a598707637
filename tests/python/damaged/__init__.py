"""Damaged inputs, and what must come of each: small ones are files, others are made here."""

from damaged.cases import Case, from_files
from damaged.fields import FIELDS
from damaged.large import LARGE
from damaged.texts import TEXTS

CASES: list[Case] = [*from_files(), *FIELDS, *LARGE, *TEXTS]
