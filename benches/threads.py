"""What a second thread gains us, beside what it can gain at all on this machine now.

    python benches/threads.py [FILE] [--pairs N]

FILE is `target/fixture_100k.mrc` unless named. Each pair runs everything with one thread and with two, the
control among it: SHA-256 over memory that the threads do not share, with the interpreter released. A pair
gives ratios, and the median of these is printed, since on a shared machine the second core comes and goes.
The peak memory of `to_parquet` is taken in a process of its own. Results also go to
`benches/results/threads.json`.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from conditions import ROOT, command_line, cores, cpu_model, input_file, write_results

CONTROL = "control: SHA-256"
BLOCK_BYTES = 32 << 20
TIMES_A_BLOCK = 8
BYTES_READ = 512 << 20
"""What a run reads at least: a small file again and again, since a single read of it is mostly noise."""

Work = Callable[[int], object]
"""Does the same amount of work with as many threads as it is told."""


class Seconds(NamedTuple):
    wall: float
    cpu: float


class Pair(NamedTuple):
    """The same work with one thread and with two, one right after the other."""

    one: Seconds
    two: Seconds


def main() -> None:
    arguments = command_line(__doc__, "--pairs", 7, "pairs of runs").parse_args()
    ours = our_package()
    if ours is None:
        print(f"our package is not installed in {sys.executable}: the control alone\n", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Work] = {CONTROL: control()}
        if ours is not None:
            file = input_file(arguments.file)
            works["read, dropped"] = reads(ours, file)
            target = Path(folder, "threads.parquet")
            works["to_parquet"] = lambda threads: ours.scan(file, threads=threads).to_parquet(target)
        pairs = run_pairs(works, arguments.pairs)
    print_table(pairs)
    if ours is None:
        return

    peaks = {threads: peak_bytes(file, threads) for threads in (1, 2)}
    figures = " and ".join(f"{peak / 1e6:,.0f} MB with {threads}" for threads, peak in peaks.items())
    print(f"\nPeak memory of `scan(...).to_parquet(...)`, a process of its own: {figures} (threads).")
    kept = write_results("threads", as_json(file, pairs, peaks))
    print(f"results are in {kept.relative_to(ROOT)}", file=sys.stderr)


def our_package() -> Any:
    """Our module; `None` if there is none, or if it is the other project of our name."""
    try:
        module = import_module("mrrc")
    except ImportError:
        return None
    return module if hasattr(module, "scan") else None


def reads(ours: Any, file: Path) -> Work:
    times = -(-BYTES_READ // file.stat().st_size)

    def work(threads: int) -> None:
        for _ in range(times):
            for _batch in ours.scan(file, threads=threads):
                pass

    return work


def control() -> Work:
    # Zeros would do for the arithmetic, but not for the memory: their pages are all one page.
    blocks = [bytearray(index.to_bytes(4, "little") * (BLOCK_BYTES // 4)) for index in (1, 2)]

    def digest(mine: list[bytearray]) -> None:
        for block in mine:
            for _ in range(TIMES_A_BLOCK):
                # The interpreter is released for all of an update that is larger than 2 KiB.
                hashlib.sha256(block)

    def work(threads: int) -> None:
        shares = [blocks[index::threads] for index in range(threads)]
        running = [Thread(target=digest, args=(share,)) for share in shares]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    return work


def run_pairs(works: dict[str, Work], count: int) -> dict[str, list[Pair]]:
    for work in works.values():
        work(2)  # Pools, pages and imports, once for all.
    pairs: dict[str, list[Pair]] = {name: [] for name in works}
    for turn in range(count):
        for name, work in works.items():
            # Who goes first alternates, so that a machine that slows down favours neither.
            if turn % 2 == 0:
                one, two = seconds(work, 1), seconds(work, 2)
            else:
                two, one = seconds(work, 2), seconds(work, 1)
            pairs[name].append(Pair(one, two))
    return pairs


def seconds(work: Work, threads: int) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work(threads)
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def gain(pairs: list[Pair]) -> float:
    """How many times faster two threads are, by the clock on the wall."""
    return statistics.median(pair.one.wall / pair.two.wall for pair in pairs)


def cost(pairs: list[Pair]) -> float:
    """How many times the CPU seconds two threads take together."""
    return statistics.median(pair.two.cpu / pair.one.cpu for pair in pairs)


def print_table(pairs: dict[str, list[Pair]]) -> None:
    count = len(pairs[CONTROL])
    print(f"{cpu_model()}, {cores()} cores; medians of {count} interleaved pairs.\n")
    print(
        "| work | wall, one / two threads | of the control | CPU s, one | CPU s, two together | two / one |"
    )
    print("|---|--:|--:|--:|--:|--:|")
    for name, these in pairs.items():
        one, two = (statistics.median(run.cpu for run in runs) for runs in zip(*these, strict=True))
        share = gain(these) / gain(pairs[CONTROL])
        print(f"| {name} | {gain(these):.2f} | {share:.0%} | {one:.3f} | {two:.3f} | {cost(these):.2f} |")
    print(
        f"\nThe control only computes, on memory that its threads do not share: {gain(pairs[CONTROL]):.2f} "
        "is what a second thread can gain on this machine now, and our wall ratio is to be read against it, "
        "not against 2. What threads lose to each other shows in the CPU seconds: two together should take "
        "what one takes."
    )


def peak_bytes(file: Path, threads: int) -> int:
    program = ROOT / "benches" / "peers" / "programs" / "ours_parquet.py"
    command = [sys.executable, str(program), str(file), str(threads)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return int(json.loads(answer.stdout)["peak_bytes"])


def as_json(file: Path, pairs: dict[str, list[Pair]], peaks: dict[int, int]) -> dict[str, Any]:
    def entry(name: str, these: list[Pair]) -> dict[str, Any]:
        return {
            "work": name,
            "wall_one_over_two": gain(these),
            "cpu_two_over_one": cost(these),
            "pairs": [{"one": pair.one._asdict(), "two": pair.two._asdict()} for pair in these],
        }

    return {
        "file": {"name": file.name, "bytes": file.stat().st_size},
        "works": [entry(name, these) for name, these in pairs.items()],
        "to_parquet_peak_bytes": {str(threads): peak for threads, peak in peaks.items()},
    }


if __name__ == "__main__":
    main()
