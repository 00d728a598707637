"""Copies records by deepcopy and pickle, changes the copies, and shows that the first ones did not change."""

import copy
import pickle
import sys
from pathlib import Path

import pymarc

out = open(Path(sys.argv[2]) / "copies.mrc", "wb")
fields = []
for number, record in enumerate(pymarc.MARCReader(open(sys.argv[1], "rb"))):
    if record is None or number % 4:
        continue
    before = record.as_marc()
    deep = copy.deepcopy(record)
    shallow = copy.copy(record)
    again = pickle.loads(pickle.dumps(record, protocol=pickle.HIGHEST_PROTOCOL))
    deep["245"].add_subfield("h", "[electronic resource]", 1)
    deep.leader[6] = "m"
    again.remove_fields("650", "651")
    again.add_field(copy.deepcopy(record["245"]))
    assert shallow.fields is record.fields and deep.fields[0] is not record.fields[0]
    assert record.as_marc() == before == shallow.as_marc()
    out.write(deep.as_marc() + again.as_marc())
    fields += record.get_fields("650")
back = pickle.loads(pickle.dumps(fields))
assert [str(field) for field in back] == [str(field) for field in fields]
for field in back[:20]:
    print(field, field.indicators, field.subfields, copy.copy(field.subfields[0])._replace(code="b"))
