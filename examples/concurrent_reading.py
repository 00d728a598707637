"""Write the titles and ISBNs of several files to CSV: one file after another, in threads, and in processes.

Python lets only one thread at a time make Python objects, and records are such objects. So threads gain only
the time that disks and networks take, while processes gain whatever the machine has to give. A control shows
how much that is: it only computes, and lets other threads run meanwhile.

Usage: python examples/concurrent_reading.py [catalogue.mrc ...]

Without arguments, it reads four copies of target/fixture_10k.mrc.
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
    """Write the CSV for a file; return the number of records."""
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
    """Only compute, on memory of its own, with Python's lock released."""
    block = source.read_bytes()[:1] * (64 << 20)
    return hashlib.sha256(block).digest()[0]


def timed(work: Callable[[Path, Path], int], pairs: list[tuple[Path, Path]], executor: Executor) -> float:
    """Do the work for all pairs, each in a thread or a process; return the seconds it took."""
    sources, targets = zip(*pairs, strict=True)
    with executor:
        list(executor.map(len, "start them"))
        begin = time.perf_counter()
        list(executor.map(work, sources, targets))
        return time.perf_counter() - begin


def main(sources: list[Path]) -> None:
    """Read the files in all three ways, and run the control."""
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
