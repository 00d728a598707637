"""Records and threads: what 2, 4 and 8 threads gain over one, and how long the lock is held.

    python benches/record_threads.py [FILE] [--pairs N]

FILE is `target/fixture_10k.mrc` by default; each thread has its own copy and does all of it. A pair does the
files one after another, and then with a thread for each (or the other way round). The gain is the median of
the pairs, in wall-clock time. A control that only computes is measured too: SHA-256, with the lock released,
on memory that threads do not share.

To see how long the lock is held, a thread sleeps a millisecond again and again while another works; its
longest and its usual delay are reported. The control shows the delay when nobody holds the lock, a loop in
Python the delay when the lock changes hands every five milliseconds, Python's default. Results also go to
`benches/results/record_threads.json`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import mrrc
from conditions import ROOT, TARGET, build, command_line, input_file, write_results

CONTROL = "control: SHA-256"
THREADS = (1, 2, 4, 8)
BLOCK_BYTES = 32 << 20
TICK = 0.001
TIMES_READ = 5
"""Reading titles or columns is so quick that a thread does it several times."""

Work = Callable[[Path], object]


class Seconds(NamedTuple):
    wall: float
    cpu: float


class Pair(NamedTuple):
    """The same files, one after another and with a thread for each."""

    in_turn: Seconds
    together: Seconds


def main() -> None:
    arguments = command_line(__doc__, "--pairs", 7, "pairs of runs").parse_args()
    source = input_file(arguments.file or TARGET / "fixture_10k.mrc")
    works: dict[str, Work] = {
        CONTROL: control(max(THREADS)),
        "columns, dropped": read_columns,
        "read: titles": read_titles,
        "read: all values": read_values,
        "changed and written": change_and_write,
    }
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(shutil.copy(source, f"{folder}/{number}.mrc")) for number in range(max(THREADS))]
        pairs = run_pairs(works, files, arguments.pairs)
        delays = {name: ticks(work, files[0]) for name, work in (works | {"a loop of Python": loop}).items()}
    results = {
        "file": {"name": source.name, "bytes": source.stat().st_size},
        "build": build(),
        "pairs": arguments.pairs,
        "works": [
            {
                "work": name,
                "threads": threads,
                "in_turn": statistics.median(pair.in_turn.wall for pair in these),
                "gain": gain(these),
                "cpu": cost(these),
                "pairs": plain(these),
            }
            for name, by_count in pairs.items()
            for threads, these in by_count.items()
        ],
        "delays_ms": delays,
    }
    kept = write_results("record_threads", results)
    print(tables(json.loads(kept.read_text())))
    print(f"results are in {kept.relative_to(ROOT)}", file=sys.stderr)


def control(files: int) -> Work:
    # Zeros would do for the arithmetic, but not for the memory: their pages are all one page.
    blocks = {index: bytearray(index.to_bytes(4, "little") * (BLOCK_BYTES // 4)) for index in range(files)}

    def digest(path: Path) -> None:
        for _ in range(2):
            hashlib.sha256(blocks[int(path.stem)])

    return digest


def read_columns(path: Path) -> None:
    for _ in range(TIMES_READ):
        for batch in mrrc.scan(path, threads=1):
            batch.num_rows  # noqa: B018


def read_titles(path: Path) -> None:
    for _ in range(TIMES_READ):
        with mrrc.MARCReader(path) as reader:
            for record in reader:
                record.title  # noqa: B018


def read_values(path: Path) -> None:
    with mrrc.MARCReader(path) as reader:
        for record in reader:
            for field in record.fields:
                field.value()


def change_and_write(path: Path) -> None:
    with mrrc.MARCReader(path) as reader, mrrc.MARCWriter(path.with_suffix(".new")) as writer:
        for record in reader:
            for field in record.get_fields("245"):
                field.add_subfield("h", "[text]", 1)
            writer.write(record)


def loop(_path: Path) -> None:
    for _ in range(5_000_000):
        pass


def run_pairs(works: dict[str, Work], files: list[Path], count: int) -> dict[str, dict[int, list[Pair]]]:
    for work in works.values():
        work(files[0])  # Imports and pages, once for all.
    pairs: dict[str, dict[int, list[Pair]]] = {name: {threads: [] for threads in THREADS} for name in works}
    for turn in range(count):
        for threads in THREADS:
            for name, work in works.items():
                mine = files[:threads]
                # Who goes first alternates, so that a machine that slows down favours neither.
                if turn % 2 == 0:
                    in_turn, together = seconds(one_by_one, work, mine), seconds(by_threads, work, mine)
                else:
                    together, in_turn = seconds(by_threads, work, mine), seconds(one_by_one, work, mine)
                pairs[name][threads].append(Pair(in_turn, together))
    return pairs


def one_by_one(work: Work, files: list[Path]) -> None:
    for file in files:
        work(file)


def by_threads(work: Work, files: list[Path]) -> None:
    running = [Thread(target=work, args=(file,)) for file in files]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def seconds(way: Callable[[Work, list[Path]], None], work: Work, files: list[Path]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    way(work, files)
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def ticks(work: Work, file: Path) -> dict[str, float]:
    """How late a thread is that sleeps a millisecond again and again while another works."""
    late: list[float] = []
    done = Event()

    def tick() -> None:
        while not done.is_set():
            begin = time.perf_counter()
            time.sleep(TICK)
            late.append((time.perf_counter() - begin - TICK) * 1e3)

    ticker = Thread(target=tick)
    ticker.start()
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        work(file)
    done.set()
    ticker.join()
    return {"median": statistics.median(late), "longest": max(late), "ticks": len(late)}


def gain(pairs: list[Pair]) -> float:
    """How many times faster threads are, by the clock on the wall."""
    return statistics.median(pair.in_turn.wall / pair.together.wall for pair in pairs)


def cost(pairs: list[Pair]) -> float:
    """How many times the CPU seconds threads take together."""
    return statistics.median(pair.together.cpu / pair.in_turn.cpu for pair in pairs)


def plain(pairs: list[Pair]) -> list[dict[str, Any]]:
    return [{"in_turn": pair.in_turn._asdict(), "together": pair.together._asdict()} for pair in pairs]


def tables(results: dict[str, Any]) -> str:
    """The results as Markdown, after a line with the conditions."""
    machine, works = results["machine"], results["works"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {results['date']}, "
        f"{results['build']} build; one copy of {results['file']['name']} per thread; medians of "
        f"{results['pairs']} interleaved pairs.",
        "",
    ]
    more = [threads for threads in THREADS if threads > 1]
    heads = " | ".join(f"gain of {threads} threads" for threads in more)
    costs = " | ".join(f"CPU, {threads} threads / one after another" for threads in (more[0], more[-1]))
    lines.append(f"| task | seconds for one file | {heads} | {costs} |")
    lines.append("|---|--:|" + "--:|" * len(more) + "--:|--:|")
    for name in dict.fromkeys(entry["work"] for entry in works):
        mine = {entry["threads"]: entry for entry in works if entry["work"] == name}
        gains = " | ".join(f"{mine[threads]['gain']:.2f}" for threads in more)
        costs = " | ".join(f"{mine[threads]['cpu']:.2f}" for threads in (more[0], more[-1]))
        lines.append(f"| {name} | {mine[1]['in_turn']:.3f} | {gains} | {costs} |")
    lines += ["", "| task of the other thread | usual delay in ms | longest delay in ms |", "|---|--:|--:|"]
    for name, delay in results["delays_ms"].items():
        lines.append(f"| {name} | {delay['median']:.1f} | {delay['longest']:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
