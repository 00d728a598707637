"""A table of titles for people who work with spreadsheets."""

import csv
import os
import sys

import pymarc

COLUMNS = ["id", "title", "author", "isbn", "issn", "publisher", "year", "extent", "language", "links"]


def first(record, tag, *codes):
    fields = record.get_fields(tag)
    return " ".join(fields[0].get_subfields(*codes)) if fields else ""


with (
    open(sys.argv[1], "rb") as fh,
    open(os.path.join(sys.argv[2], "titles.csv"), "w", encoding="utf-8", newline="") as out,
):
    rows = csv.DictWriter(out, COLUMNS)
    rows.writeheader()
    for record in pymarc.MARCReader(fh, hide_utf8_warnings=True, utf8_handling="replace"):
        if record is None:
            continue
        rows.writerow(
            {
                "id": record["001"].value(),
                "title": (record.title or "").rstrip(" /"),
                "author": record.author,
                "isbn": record.isbn,
                "issn": record.issn,
                "publisher": record.publisher,
                "year": record.pubyear,
                "extent": "; ".join(field.value() for field in record.physicaldescription),
                "language": record["008"].data[35:38],
                "links": first(record, "856", "u"),
            }
        )
