"""Records written in other forms: mrrc, yaz-marcdump and pymarc on the same file, in CPU seconds.

    python benches/formats.py [FILE] [--rounds N] [--instructions]

FILE is `target/fixture_100k.mrc` by default; one in xz is expanded once. Everybody reads the file, writes all
records to `/dev/null`, and uses one thread. In each round everybody does every task; the best round counts.
Who writes record by record writes the first alone; the time is that of all by their share of the bytes. The
table is Markdown: the seconds, the megabytes written in one, and how many times as long as ours it takes.

`--instructions` counts ours for a record with valgrind: of the first 3,000 records, less those of the first
1,000.
"""

from __future__ import annotations

import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from conditions import command_line, input_file

RECORD_TERMINATOR = b"\x1d"
FOR_PYMARC = 4_000
"""Records that pymarc writes."""


class Counting(io.RawIOBase):
    """A file that counts what it is given."""

    count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.count += len(data)
        return len(data)


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds of work, with those of the programs that it runs."""

    def spent() -> float:
        both = (resource.getrusage(it) for it in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(it.ru_utime + it.ru_stime for it in both)

    before = spent()
    work()
    return spent() - before


METHODS = {"MARCXML": "to_marcxml", "JSON": "to_json", "MARCMaker": "to_mrk"}
YAZ = {"MARCXML": "marcxml", "JSON": "json", "MARCMaker": "line"}


def ours(form: str, file: Path) -> Callable[[Any], object]:
    import mrrc

    options = {} if form == "JSON" else {"unencodable": "replace"}
    scan = mrrc.scan(file, threads=1, on_error="recover")
    return lambda to: getattr(scan, METHODS[form])(to, **options)


def rows(form: str, file: Path) -> Callable[[Any], object]:
    import mrrc

    options = {} if form == "JSON" else {"unencodable": "replace"}
    table = mrrc.read_arrow(file, threads=1, on_error="recover")
    return lambda to: getattr(table, METHODS[form])(to, threads=1, **options)


def yaz(form: str, file: Path) -> Callable[[Any], object]:
    command = ["yaz-marcdump", "-i", "marc", "-o", YAZ[form], "-f", "utf-8", "-t", "utf-8", str(file)]

    def run(to: Any) -> None:
        if isinstance(to, str):
            with open(to, "wb") as sink:
                subprocess.run(command, stdout=sink, stderr=subprocess.DEVNULL, check=False)
        else:
            to.write(subprocess.run(command, capture_output=True, check=False).stdout)

    return run


def one_by_one(package: str) -> Callable[[str, Path], Callable[[Any], object]]:
    def of_form(form: str, file: Path) -> Callable[[Any], object]:
        module = __import__(package)
        writer = {"MARCXML": "XMLWriter", "JSON": "JSONWriter", "MARCMaker": "TextWriter"}[form]

        def write(to: Any) -> None:
            writing = getattr(module, writer)(to)
            with open(file, "rb") as source:
                for record in islice(filter(None, module.MARCReader(source)), FOR_PYMARC):
                    writing.write(record)
            writing.close(close_fh=False)

        def run(to: Any) -> None:
            with open(to, "wb") if isinstance(to, str) else nullcontext(to) as opened:
                if form == "MARCXML":
                    write(opened)
                else:
                    text = io.TextIOWrapper(opened, encoding="utf-8")
                    write(text)
                    text.flush()
                    text.detach()

        return run

    return of_form


PROGRAMS: dict[str, Callable[[str, Path], Callable[[Any], object]]] = {
    "mrrc, a Scan": ours,
    "mrrc, a Table": rows,
    "mrrc, record by record": one_by_one("mrrc"),
    "yaz-marcdump": yaz,
    "pymarc": one_by_one("pymarc"),
}


def share_of(file: Path, records: int) -> float:
    """The share of the bytes of a file that its first records have."""
    data = file.read_bytes()
    first = data.split(RECORD_TERMINATOR, records)
    return 1.0 if len(first) <= records else 1 - len(first[-1]) / len(data)


def measured(file: Path, rounds: int) -> None:
    import warnings

    warnings.simplefilter("ignore")
    some = share_of(file, FOR_PYMARC)
    print(f"| {'written':9} | {'by':22} | {'s':>7} | {'MB/s':>6} | {'times':>5} |\n|---|---|--:|--:|--:|")
    for form in METHODS:
        makes = {
            name: make for name, make in PROGRAMS.items() if name != "yaz-marcdump" or shutil.which(name)
        }
        works = {name: make(form, file) for name, make in makes.items()}
        best = dict.fromkeys(works, float("inf"))
        for _ in range(rounds):
            for name, work in works.items():
                best[name] = min(best[name], cpu(lambda work=work: work(os.devnull)))
        for name, work in works.items():
            sink = Counting()
            work(sink)
            is_some = name in ("pymarc", "mrrc, record by record")
            seconds = best[name] / (some if is_some else 1)
            size = sink.count / (some if is_some else 1)
            times = seconds / best["mrrc, a Scan"]
            print(f"| {form:9} | {name:22} | {seconds:7.3f} | {size / seconds / 1e6:6.0f} | {times:5.1f} |")


def instructions(file: Path) -> None:
    """Prints the instructions of ours for a record."""
    data = file.read_bytes().split(RECORD_TERMINATOR)
    print("\n| written | instructions for a record |\n|---|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for form, method in METHODS.items():
            counts = []
            for records in (1_000, 3_000):
                part = Path(folder) / f"{records}.mrc"
                part.write_bytes(RECORD_TERMINATOR.join([*data[:records], b""]))
                counts.append(counted(CODE.format(source=str(part), method=method), Path(folder)))
            print(f"| {form} | {(counts[1] - counts[0]) / 2_000:,.0f} |")


CODE = """
import mrrc
mrrc.scan({source!r}, threads=1, on_error="recover").{method}("/dev/null", on_error="skip")
"""


def counted(code: str, folder: Path) -> int:
    """The instructions of a program."""
    log = folder / "log"
    valgrind = ["valgrind", "--tool=callgrind", f"--log-file={log}", f"--callgrind-out-file={folder}/out"]
    subprocess.run([*valgrind, sys.executable, "-W", "ignore", "-c", code], check=True)
    found = re.search(r"Collected : (\d+)", log.read_text())
    assert found
    return int(found[1])


def main() -> None:
    parser = command_line(__doc__, "--rounds", 5, "rounds")
    parser.add_argument("--instructions", action="store_true", help="count instructions, too; needs valgrind")
    given = parser.parse_args()
    file = input_file(given.file)
    began = time.monotonic()
    measured(file, given.rounds)
    if given.instructions:
        instructions(file)
    print(f"\n{file.name}, {given.rounds} rounds, {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
