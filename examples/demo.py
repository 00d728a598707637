"""Read a catalogue file into columns and answer a question about it.

Usage: python examples/demo.py catalogue.mrc
"""

import sys
import time
from pathlib import Path

import mrrc

if len(sys.argv) != 2:
    raise SystemExit("usage: python examples/demo.py catalogue.mrc")
path = sys.argv[1]
columns = {
    "id": "001",
    "title": "first(trim(245$a))",
    "author": "first(trim(100$a))",
    "year": "year(008/07-10)",
    "subjects": "unique(trim(650$a))",
}
begin = time.perf_counter()
table = mrrc.read_arrow(path, columns=columns)
seconds = time.perf_counter() - begin

print(table)
print(f"\nread in {seconds:.2f} s, {Path(path).stat().st_size / 1e6:.1f} MB")
print("\nThe accounts of the read:")
account = table.sources.to_pylist()[0]
for name in ("records", "delivered", "repaired", "rejected", "bytes", "bytes_delivered"):
    print(f"  {name:16}{account[name]:>12,}")

print("\nThe ten most frequent subjects (650 $a):")
print(mrrc.scan(path).where("650$a").value_counts("trim(650$a)").head(10))
