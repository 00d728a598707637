"""Read a catalogue file into columns and answer a question about it.

Usage: python examples/demo.py catalogue.mrc
"""

import sys
import time

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
print(f"\nread in {seconds:.2f} s, {table.sources.to_polars()['bytes'].sum() / 1e6:.1f} MB")
print("\nThe accounts of the read:")
print(table.sources)

print("\nThe ten most frequent subjects (650 $a):")
subjects = mrrc.scan(path).value_counts("trim(650$a)").to_polars().drop_nulls()
for subject, times in subjects.head(10).iter_rows():
    print(f"{times:>8,}  {subject}")
