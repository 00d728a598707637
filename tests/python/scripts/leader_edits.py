"""Leaders changed in the three ways that scripts do: by item, by name, and by cutting a string."""

import sys
from pathlib import Path

import pymarc

seen = {}
out = open(Path(sys.argv[2]) / "leaders.mrc", "wb")
for number, record in enumerate(pymarc.MARCReader(open(sys.argv[1], "rb"))):
    if record is None:
        continue
    leader = record.leader
    key = leader[5:8], leader.coding_scheme, leader.encoding_level, leader["cataloging_form"]
    seen[key] = seen.get(key, 0) + 1
    if leader[9] == " ":
        print("MARC-8:", leader, leader[0:5], int(leader[12:17]))
    if number % 3 == 0:
        leader[5] = "c"
        leader[17] = "7"
        leader[18:20] = "i "
    elif number % 3 == 1:
        leader.record_status = "n"
        leader.multipart_ressource = "a"
        try:
            leader.type_of_record = "text"
        except pymarc.BadLeaderValue as error:
            print(error)
    else:
        record.leader = record.leader[0:5] + "p" + record.leader[6:9] + "a" + record.leader[10:]
        assert isinstance(record.leader, str)
        record.leader = pymarc.Leader(record.leader)
    out.write(record.as_marc())
    print(f"{record.leader}", "".join(record.leader)[::-1], list(record.leader)[:3])
for key, count in sorted(seen.items()):
    print(count, *key)
