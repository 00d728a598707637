"""Add a field to each record of several files: one file after another, in threads, and in processes.

However many threads there are, only one at a time can make and write changed records: see
concurrent_reading.py. A writer on a path leaves a whole file or none, so an error in a thread leaves no
broken file.

Usage: python examples/concurrent_writing.py FOLDER [catalogue.mrc ...]

The new files go to FOLDER, under the names of the old ones. Without files, it changes four copies of
target/fixture_10k.mrc.
"""

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


def add_field(source: Path, target: Path) -> int:
    """Write each record with one more field; return the number of records."""
    count = 0
    with mrrc.MARCReader(source) as reader, mrrc.MARCWriter(target) as writer:
        for record in reader:
            if record is not None:
                where = [mrrc.Subfield("a", source.name), mrrc.Subfield("b", str(count + 1))]
                record.add_ordered_field(mrrc.Field("916", mrrc.Indicators(" ", " "), where))
                writer.write(record)
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


def main(folder: Path, sources: list[Path]) -> None:
    """Change the files in all three ways, and run the control."""
    print(f"{'':<20}{'in turn':>10}{'threads':>10}{'gain':>8}{'processes':>12}{'gain':>8}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as copies:
        if not sources:
            sample = Path(__file__).parents[1] / "target" / "fixture_10k.mrc"
            sources = [Path(shutil.copy(sample, f"{copies}/{number}.mrc")) for number in range(4)]
        pairs = [(source, folder / source.name) for source in sources]
        if any(source.resolve() == target.resolve() for source, target in pairs):
            raise SystemExit("FOLDER holds the files themselves")
        spawn = multiprocessing.get_context("spawn")
        for name, work in (("control: SHA-256", digest), ("a field added", add_field)):
            begin = time.perf_counter()
            results = [work(*pair) for pair in pairs]
            one = time.perf_counter() - begin
            threads = timed(work, pairs, ThreadPoolExecutor(len(pairs)))
            processes = timed(work, pairs, ProcessPoolExecutor(len(pairs), spawn))
            print(
                f"{name:<20}{one:>8.2f} s{threads:>8.2f} s{one / threads:>8.2f}"
                f"{processes:>10.2f} s{one / processes:>8.2f}"
            )
        print(f"\n{sum(results):,} records written to {len(pairs)} files in {folder}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: python examples/concurrent_writing.py FOLDER [catalogue.mrc ...]")
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
