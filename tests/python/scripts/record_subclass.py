"""A class of one's own for records, made from bytes, with what a catalogue asks for."""

import json
import sys
from pathlib import Path

import pymarc


class Book(pymarc.Record):
    def __init__(self, *arguments, **options):
        self.notes_seen = 0
        super().__init__(*arguments, **options)

    def add_field(self, *fields):
        self.notes_seen += sum(field.tag.startswith("5") for field in fields)
        super().add_field(*fields)

    @property
    def title(self):
        plain = super().title
        return plain and plain.rstrip(" /:")

    def as_dict(self):
        return super().as_dict() | {"notes": self.notes_seen, "title": self.title}


books = []
for chunk in Path(sys.argv[1]).read_bytes().split(pymarc.constants.END_OF_RECORD.encode()):
    try:
        books.append(Book(data=chunk + b"\x1d", hide_utf8_warnings=True))
    except (pymarc.PymarcException, UnicodeDecodeError, ValueError) as error:
        print(len(books), type(error).__name__, error)
with open(Path(sys.argv[2]) / "books.json", "w") as out:
    for book in books:
        print(book.as_json(), file=out)
(Path(sys.argv[2]) / "books.mrc").write_bytes(b"".join(book.as_marc() for book in books))
again = pymarc.Record()
again.decode_marc(books[0].as_marc(), utf8_handling="ignore")
print(isinstance(books[0], pymarc.Record), json.loads(again.as_json()) == pymarc.Record.as_dict(books[0]))
