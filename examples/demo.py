"""Read a catalogue file into columns and answer a question about it.

Usage: python examples/demo.py catalogue.mrc
"""

import sys
import time

import mrrc
import polars as pl

if len(sys.argv) != 2:
    raise SystemExit("usage: python examples/demo.py catalogue.mrc")
path = sys.argv[1]
begin = time.perf_counter()
table = mrrc.read_arrow(path)
seconds = time.perf_counter() - begin

print(table)
print(f"\nread in {seconds:.2f} s, {table.sources.to_polars()['bytes'].sum() / 1e6:.1f} MB")
print("\nThe accounts of the read:")
print(table.sources)

subjects = (
    pl.DataFrame(table[["fields"]])
    .explode("fields")
    .unnest("fields")
    .filter(pl.col("tag") == "650")
    .explode("subfields")
    .unnest("subfields", separator="_")
    .filter(pl.col("subfields_code") == "a")
    .group_by(subject="subfields_value")
    .len("times")
    .sort("times", "subject", descending=[True, False])
)
print("\nThe ten most frequent subjects (650 $a):")
for subject, times in subjects.head(10).iter_rows():
    print(f"{times:>8,}  {subject}")
