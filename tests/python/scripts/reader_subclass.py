"""A reader that counts, leaves out what cannot be read, and knows where each record began."""

import sys
from pathlib import Path

from pymarc import MARCReader


class CountingReader(MARCReader):
    def __init__(self, path, wanted=None, **options):
        super().__init__(open(path, "rb"), **options)
        self.path = path
        self.wanted = wanted
        self.good = self.bad = 0
        self.begin = 0

    def __next__(self):
        while True:
            self.begin = self.file_handle.tell()
            record = super().__next__()
            if record is None:
                self.bad += 1
            elif self.wanted is None or self.wanted(record):
                self.good += 1
                return record


reader = CountingReader(sys.argv[1], wanted=lambda record: "650" in record, hide_utf8_warnings=True)
reader.force_utf8 = True
with open(Path(sys.argv[2]) / "places.txt", "w") as out:
    for record in reader:
        print(reader.begin, len(reader.current_chunk), record["001"].data, file=out)
print(reader.good, reader.bad, reader.file_handle.tell(), repr(reader.current_exception))
reader.close()
try:
    next(reader)
except ValueError as error:
    print(error)
