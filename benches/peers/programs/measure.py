"""One way to measure, so that the lines of all programs mean the same.

Every program here is called as `python PROGRAM FILE [OPTION ...]` and prints one line of JSON with the keys
of `../src/measure.rs`. The clock runs while the file is opened, read and turned into values; starting
Python and importing the peer are outside.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")


class Counts(NamedTuple):
    """What a program found in the file."""

    records: int
    """Records that were delivered."""
    rejected: int = 0
    """Records that the peer met and did not deliver, where it says so."""
    check: int = 0
    """Proof of work: characters of all values, or bytes of what was written."""
    rows: int | None = None
    """Rows of the result, where a row is not a record."""


class Measured(NamedTuple):
    cpu_s: float
    wall_s: float
    minor_faults: int


def run(task: Callable[..., Result], count: Callable[[Path, Result], Counts]) -> None:
    """Measure `task(FILE, OPTION ...)` in this process; `count` looks at its result after the clock."""
    file, *options = sys.argv[1:]
    path = Path(file)
    result, measured = timed(lambda: task(path, *options), resource.RUSAGE_SELF)
    peak = peak_bytes()
    report(path, count(path, result), measured, peak)


def run_loop(task: Callable[..., Counts]) -> None:
    """Measure a task that counts as it goes, since nothing is left of the records afterwards."""
    run(task, lambda _, counts: counts)


def run_command(command: list[str], count: Callable[[str], Counts]) -> None:
    """Measure a whole command, which takes the file last; `count` reads what it said on standard error."""
    path = Path(sys.argv[1])
    with tempfile.TemporaryFile("w+") as errors:

        def task() -> tuple[int, int]:
            peak = 0
            with subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL, stderr=errors) as process:
                # The memory of a process can be asked for only while it lives. It is a high-water mark,
                # so the last answer holds.
                while process.poll() is None:
                    peak = max(peak, high_water(f"/proc/{process.pid}/status") or 0)
                    time.sleep(0.002)
            return process.returncode, peak

        (status, peak), measured = timed(task, resource.RUSAGE_CHILDREN)
        errors.seek(0)
        said = errors.read()
    if status != 0:
        raise SystemExit(f"{command[0]} ended with {status}: {said}")
    report(path, count(said), measured, peak)


def timed(task: Callable[[], Result], who: int) -> tuple[Result, Measured]:
    before, start = resource.getrusage(who), time.perf_counter()
    result = task()
    wall, after = time.perf_counter() - start, resource.getrusage(who)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return result, Measured(cpu, wall, after.ru_minflt - before.ru_minflt)


def peak_bytes() -> int:
    """The most memory that this process has held at once."""
    # Linux carries `ru_maxrss` of the parent over into the program that it starts, so a small program would
    # report the memory of whoever called it. The high-water mark in /proc begins anew.
    peak = high_water("/proc/self/status")
    if peak is not None:
        return peak
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def high_water(status: str) -> int | None:
    try:
        lines = Path(status).read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def report(path: Path, counts: Counts, measured: Measured, peak: int) -> None:
    line = {
        "cpu_s": [measured.cpu_s],
        "wall_s": [measured.wall_s],
        "minor_faults": [measured.minor_faults],
        "bytes": path.stat().st_size,
        **counts._asdict(),
        "peak_bytes": peak,
    }
    print(json.dumps(line))
