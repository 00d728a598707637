"""Titles and ISBNs of several files, a CSV for each: one file after another, by threads, and by processes.

Python runs one thread at a time while it makes Python objects, and records are such objects: threads gain no
more than the time that disks and networks take. Processes gain all that the machine has. What that is now
shows a control, which only computes, and lets other threads run meanwhile.

Usage: python examples/concurrent_reading.py [catalogue.mrc ...]

Without files, four copies of target/fixture_10k.mrc are read.
"""

import csv
import hashlib
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import mrrc


def write_titles(source: Path, target: Path) -> int:
    """Write the CSV of a file; say how many records it has."""
    count = 0
    with mrrc.MARCReader(source) as reader, open(target, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["control number", "title", "ISBN"])
        for record in reader:
            if record is not None:
                number = record.get("001")
                rows.writerow([number.data if number else None, record.title, record.isbn])
                count += 1
    return count


def digest(source: Path, _target: Path) -> int:
    """Only compute, on memory of its own: the interpreter is released for all of it."""
    block = source.read_bytes()[:1] * (64 << 20)
    return hashlib.sha256(block).digest()[0]


def timed(work: Callable[[Path, Path], int], pairs: list[tuple[Path, Path]], executor: Executor) -> float:
    """The seconds of the work for all pairs, with a thread or a process for each."""
    sources, targets = zip(*pairs, strict=True)
    with executor:
        list(executor.map(len, "start them"))
        begin = time.perf_counter()
        list(executor.map(work, sources, targets))
        return time.perf_counter() - begin


def main(sources: list[Path]) -> None:
    """Read the files in the three ways, beside the control."""
    print(f"{'':<20}{'in turn':>10}{'threads':>10}{'gain':>8}{'processes':>12}{'gain':>8}")
    with tempfile.TemporaryDirectory() as folder:
        if not sources:
            sample = Path(__file__).parents[1] / "target" / "fixture_10k.mrc"
            sources = [Path(shutil.copy(sample, f"{folder}/{number}.mrc")) for number in range(4)]
        pairs = [(source, Path(folder, f"{number}.csv")) for number, source in enumerate(sources)]
        spawn = multiprocessing.get_context("spawn")
        for name, work in (("control: SHA-256", digest), ("titles and ISBNs", write_titles)):
            begin = time.perf_counter()
            results = [work(*pair) for pair in pairs]
            one = time.perf_counter() - begin
            threads = timed(work, pairs, ThreadPoolExecutor(len(pairs)))
            processes = timed(work, pairs, ProcessPoolExecutor(len(pairs), spawn))
            print(
                f"{name:<20}{one:>8.2f} s{threads:>8.2f} s{one / threads:>8.2f}"
                f"{processes:>10.2f} s{one / processes:>8.2f}"
            )
        print(f"\n{sum(results):,} records of {len(pairs)} files")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
