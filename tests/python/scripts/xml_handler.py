"""An XmlHandler that looks at records as they are parsed and keeps few of them."""

import io
import sys
from pathlib import Path

import pymarc


class Languages(pymarc.XmlHandler):
    def __init__(self, wanted, **options):
        super().__init__(**options)
        self.wanted = wanted
        self.seen = {}

    def process_record(self, record):
        language = record["008"].data[35:38]
        self.seen[language] = self.seen.get(language, 0) + 1
        if language in self.wanted:
            record.add_field(pymarc.Field("599", subfields=[pymarc.Subfield("a", language)]))
            super().process_record(record)


stream = io.BytesIO()
writer = pymarc.XMLWriter(stream)
for number, record in enumerate(pymarc.MARCReader(open(sys.argv[1], "rb"))):
    if record and number % 3 == 0:
        writer.write(record)
writer.close(close_fh=False)
stream.seek(0)
handler = Languages({"ger", "fre", "rus"}, normalize_form="NFC")
pymarc.parse_xml(stream, handler)
print(sorted(handler.seen.items()), len(handler.records))
data = b"".join(record.as_marc() for record in handler.records)
(Path(sys.argv[2]) / "languages.mrc").write_bytes(data)

plain = pymarc.XmlHandler()
pymarc.parse_xml(io.BytesIO(pymarc.record_to_xml(handler.records[0], namespace=True)), plain)
print(plain.records[0])
