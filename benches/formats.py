"""Other formats than ISO 2709, read and written: mrrc and others on the same records, in CPU seconds.

    python benches/formats.py [FILE] [--rounds N] [--instructions]

FILE is `target/fixture_100k.mrc` by default; one in xz is expanded once. We write it in each form, and those
files are read: into nested columns by us, record by record by others, and by us with the functions of pymarc.
What is written goes to `/dev/null`. All use one thread. In each round everybody does every task, and the best
round counts. pymarc, and ours in its place, take the first records alone; the time for all is that by their
share of the bytes. The tables are Markdown; results go to `benches/results/formats.json`.

`--instructions` counts ours for a record with valgrind: of the first 3,000 records, less those of the first
1,000.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from conditions import TARGET, build, command_line, input_file, write_results
from peers import Missing, Package

FOLDER = TARGET / "formats"
SOME = 4_000
"""Records for those who are slow."""
LXML = Package("lxml==6.0.2")

METHODS = {"MARCXML": "to_marcxml", "MARC-in-JSON": "to_json", "MARCMaker": "to_mrk"}
OF_YAZ = {"MARCXML": "marcxml", "MARC-in-JSON": "json", "MARCMaker": "line"}


@dataclass
class Task:
    """What one program does with one form."""

    form: str
    program: str
    work: Callable[[], object]
    bytes: int
    """Those of the form that are read or written."""
    share: float = 1.0
    """Of all records."""
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        self.seconds.append(cpu(self.work))

    def megabytes_per_s(self) -> float:
        return self.bytes / 1e6 / min(self.seconds)

    def seconds_for_all(self) -> float:
        return min(self.seconds) / self.share


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds of work, with those of the programs that it runs."""

    def spent() -> float:
        both = (resource.getrusage(it) for it in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(it.ru_utime + it.ru_stime for it in both)

    before = spent()
    work()
    return spent() - before


# Files in each form


def in_every_form(file: Path) -> dict[str, tuple[Path, Path]]:
    """All records, and the first of them, in each form."""
    import mrrc

    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {"ISO 2709": (file, FOLDER / f"{file.stem}-some.mrc")}
    scan = mrrc.scan(file, on_error="recover")
    for which, part in enumerate([scan, scan.head(SOME)]):
        if which:
            part.write_marc(kept["ISO 2709"][1], on_error="skip", oversize="recover")
        for form, method in METHODS.items():
            path = FOLDER / f"{file.stem}-{'some' if which else 'all'}.{method.removeprefix('to_')}"
            getattr(part, method)(path, on_error="skip")
            kept[form] = (*kept.get(form, ()), path)
    paths = (FOLDER / f"{file.stem}-all.aleph", FOLDER / f"{file.stem}-some.aleph")
    for path, records in zip(paths, [None, SOME], strict=True):
        with path.open("w", encoding="utf-8", newline="\n") as sink:
            sink.writelines(islice(as_aleph(scan.records()), records))
    return kept | {"Aleph sequential": paths}


def as_aleph(records: Any) -> Iterator[str]:
    """Records as Aleph writes them."""
    for number, record in enumerate(records, 1):
        lines = [f"LDR   L {str(record.leader).replace(' ', '^')}"]
        for it in record.fields:
            value = it.data or "".join(f"$${code}{value}" for code, value in it.subfields)
            lines.append(f"{it.tag}{''.join(it.indicators or '  ')} L {value}")
        yield "".join(f"{number:09} {line}\n" for line in lines)


def share(some: Path, whole: Path) -> float:
    return some.stat().st_size / whole.stat().st_size


# Who reads


def read_ours(path: Path) -> Callable[[], object]:
    import mrrc

    def run() -> None:
        for _ in mrrc.scan(path, threads=1, on_error="recover"):
            pass

    return run


def read_records(pymarc: ModuleType, form: str, path: Path) -> Callable[[], object]:
    """Reads with the functions of pymarc, its own or ours."""

    def every_value(record: Any) -> int:
        return sum(len(it.subfields) if not it.control_field else 1 for it in record.fields)

    def run() -> None:
        match form:
            case "MARCXML":
                pymarc.map_xml(every_value, str(path))
            case "MARC-in-JSON":
                with path.open(encoding="utf-8") as lines:
                    for line in lines:
                        for record in pymarc.JSONReader(line):
                            every_value(record)
            case "MARCMaker":
                reader = pymarc.MARCMakerReader(path.read_text(encoding="utf-8"))
                for record in all_that_come(reader, pymarc.PymarcException):
                    every_value(record)

    return run


def all_that_come(reader: Iterator[Any], refusal: type[Exception]) -> Iterator[Any]:
    """What a reader gives when it is asked on after each record that it refuses."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except refusal:
            pass


ITERPARSE = """
import sys
from lxml import etree
for _, record in etree.iterparse(sys.argv[1], tag="{http://www.loc.gov/MARC21/slim}record"):
    for field in record:
        field.get("tag"), field.text
        for subfield in field:
            subfield.get("code"), subfield.text
    record.clear()
    while record.getprevious() is not None:
        del record.getparent()[0]
"""


def readers(files: dict[str, tuple[Path, Path]]) -> Iterator[Task]:
    import mrrc
    import pymarc

    for form, (whole, some) in files.items():
        yield Task(form, "mrrc", read_ours(whole), whole.stat().st_size)
        if form in METHODS:
            for program, module in (("mrrc, as pymarc", mrrc), ("pymarc 5.4.0", pymarc)):
                work = read_records(module, form, some)
                yield Task(form, program, work, some.stat().st_size, share(some, whole))
        if form == "MARCXML":
            if shutil.which("yaz-marcdump"):
                command = ["yaz-marcdump", "-i", "marcxml", "-o", "marc", str(whole)]
                yield Task(form, "yaz-marcdump", quietly(command), whole.stat().st_size)
            try:
                python = str(LXML.environment() / "bin" / "python")
            except Missing as missing:
                print(f"without lxml: {missing}", file=sys.stderr)
            else:
                command = [python, "-c", ITERPARSE, str(whole)]
                yield Task(form, "lxml 6.0.2, iterparse", quietly(command), whole.stat().st_size)


def quietly(command: list[str]) -> Callable[[], object]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return lambda: subprocess.run(command, check=False, **quiet)


# Who writes


class Counting(io.RawIOBase):
    """A file that counts what it is given."""

    count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.count += len(data)
        return len(data)


def write_a_scan(form: str, file: Path) -> Callable[[Any], object]:
    import mrrc

    scan = mrrc.scan(file, threads=1, on_error="recover")
    return lambda to: getattr(scan, METHODS[form])(to, on_error="skip")


def write_a_table(form: str, file: Path) -> Callable[[Any], object]:
    import mrrc

    table = mrrc.read_arrow(file, threads=1, on_error="recover")
    return lambda to: getattr(table, METHODS[form])(to, threads=1, on_error="skip")


def write_by_yaz(form: str, file: Path) -> Callable[[Any], object]:
    command = ["yaz-marcdump", "-i", "marc", "-o", OF_YAZ[form], "-f", "utf-8", "-t", "utf-8", str(file)]

    def run(to: Any) -> None:
        if isinstance(to, str):
            quietly(command)()
        else:
            to.write(subprocess.run(command, capture_output=True, check=False).stdout)

    return run


def write_by_pymarc(form: str, file: Path) -> Callable[[Any], object]:
    import pymarc

    writer = {"MARCXML": "XMLWriter", "MARC-in-JSON": "JSONWriter", "MARCMaker": "TextWriter"}[form]

    def write(to: Any) -> None:
        writing = getattr(pymarc, writer)(to)
        with file.open("rb") as source:
            for record in filter(None, pymarc.MARCReader(source)):
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


def writers(files: dict[str, tuple[Path, Path]]) -> Iterator[Task]:
    whole, some = files["ISO 2709"]
    for form in METHODS:
        works = {
            "mrrc, a Scan": write_a_scan(form, whole),
            "mrrc, a Table": write_a_table(form, whole),
            "pymarc 5.4.0": write_by_pymarc(form, some),
        }
        if shutil.which("yaz-marcdump"):
            works["yaz-marcdump"] = write_by_yaz(form, whole)
        for program, work in works.items():
            sink = Counting()
            work(sink)
            part = share(some, whole) if program.startswith("pymarc") else 1.0
            yield Task(form, program, lambda work=work: work(os.devnull), sink.count, part)


# What comes of it


def results(tasks: list[Task]) -> list[dict[str, Any]]:
    """Ratios are between the seconds for all records of the others and of ours, the first."""
    ours: dict[str, Task] = {}
    for task in tasks:
        ours.setdefault(task.form, task)
    return [
        {
            "form": task.form,
            "program": task.program,
            "megabytes": round(task.bytes / 1e6, 1),
            "cpu_s": task.seconds,
            "mb_per_s": task.megabytes_per_s(),
            "times_ours": task.seconds_for_all() / ours[task.form].seconds_for_all(),
        }
        for task in tasks
    ]


def tables(kept: dict[str, Any]) -> str:
    """The tables of kept results."""
    machine = kept["machine"]
    file = f"{kept['file']}, {kept['file_bytes'] / 1e6:,.0f} MB in ISO 2709"
    how = f"{kept['build']} build; {file}; one thread; best of {kept['rounds']} rounds"
    parts = [f"{machine['cpu']}, {kept['date']}, {how}."]
    for done in ("read", "written"):
        lines = [f"| {done} | by | MB per CPU s | CPU, times ours |", "|---|---|--:|--:|"]
        for row in kept[done]:
            speed = f"{row['mb_per_s']:,.0f}" if row["mb_per_s"] >= 100 else f"{row['mb_per_s']:.1f}"
            program = row["program"].replace("mrrc", "**mrrc**")
            lines.append(f"| {row['form']} | {program} | {speed} | {row['times_ours']:.1f} |")
        parts.append("\n".join(lines))
    iso, *_ = kept["read"]
    seconds = {row["form"]: min(row["cpu_s"]) for row in kept["read"] if row["program"] == "mrrc"}
    against = ", ".join(
        f"{form} {seconds[form] / seconds[iso['form']]:.1f} times" for form in seconds if form != iso["form"]
    )
    parts.append(f"The same records take, of the CPU time of ISO 2709: {against}.")
    return "\n\n".join(parts)


def instructions(file: Path) -> None:
    """Prints the instructions of ours for a record."""
    data = file.read_bytes().split(b"\x1d")
    print("\n| written | instructions for a record |\n|---|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for form, method in METHODS.items():
            counts = []
            for records in (1_000, 3_000):
                part = Path(folder) / f"{records}.mrc"
                part.write_bytes(b"\x1d".join([*data[:records], b""]))
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
    warnings.simplefilter("ignore")
    file = input_file(given.file)
    files = in_every_form(file)
    read, written = list(readers(files)), list(writers(files))
    for _ in range(given.rounds):
        for task in [*read, *written]:
            task.run()
    kept = write_results(
        "formats",
        {
            "build": build(),
            "file": file.name,
            "file_bytes": file.stat().st_size,
            "rounds": given.rounds,
            "read": results(read),
            "written": results(written),
        },
    )
    print(tables(json.loads(kept.read_text())))
    if given.instructions:
        instructions(file)


if __name__ == "__main__":
    main()
