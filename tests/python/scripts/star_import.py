"""A script from long ago, which takes every name that there is, modules of Python among them."""

import sys

from pymarc import *

fh = open(sys.argv[1], "rb")
out = open(os.path.join(sys.argv[2], "found.txt"), "w", encoding="utf-8")
logging.basicConfig(stream=sys.stdout)
reader = MARCReader(fh, True, False)
years = {}
for rec in reader:
    if rec is None:
        logger.warning("not read: %s", reader.current_exception)
        continue
    if not isinstance(rec, Record):
        break
    year = re.search(r"\d{4}", rec.pubyear or "")
    year = year.group() if year else None
    years[year] = years.get(year, 0) + 1
    if rec.get_fields("600"):
        f = Field(tag="590", indicators=["\\", "\\"], subfields=[Subfield("a", "person")])
        rec.add_ordered_field(f)
        out.write(str(rec) + "\n")
out.write(json.dumps(sorted(years.items(), key=str)))
print(len(years), END_OF_FIELD.encode(), LEADER_LEN, isbn_regex.pattern)
out.close()
