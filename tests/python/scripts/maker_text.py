"""MARCMaker text: written for people to edit, edited here, and read again."""

import sys
from pathlib import Path

from pymarc import MARCMakerReader, MARCReader, MARCWriter, TextWriter

mrk = Path(sys.argv[2]) / "records.mrk"
writer = TextWriter(open(mrk, "w", encoding="utf-8"))
for record in MARCReader(open(sys.argv[1], "rb")):
    if record is not None:
        writer.write(record)
writer.close()

lines = mrk.read_text(encoding="utf-8").splitlines()
edited = []
for line in lines:
    if line.startswith("=650"):
        line = line.replace("$x", "$v")
    if not line.startswith("=9"):
        edited.append(line)
    if line.startswith("=245"):
        edited.append("=246  3\\$aAnother title, at {dollar}5")
mrk.with_suffix(".edited.mrk").write_text("\n".join(edited) + "\n", encoding="utf-8")

out = MARCWriter(open(Path(sys.argv[2]) / "edited.mrc", "wb"))
for record in MARCMakerReader(str(mrk.with_suffix(".edited.mrk"))):
    out.write(record)
    if record["001"].data.endswith("7"):
        print(record)
out.close()
