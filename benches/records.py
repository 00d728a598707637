"""Records, one by one: pymarc and mrrc on the same file, in CPU seconds.

    python benches/records.py [FILE] [--rounds N] [--rmarc [PYTHON]]

FILE is `target/fixture_10k.mrc` by default; a file in xz is expanded once. Each package runs in its own
process and does what scripts for pymarc do. Each task begins with `MARCReader(open(FILE, "rb"))`, so the
work that a package puts off is counted too. In each round every package does every task, one right after
the other; the best round counts (`time.process_time`). The results are compared. `--rmarc` names a Python
in which rmarc 5.4.0 is installed; it is then measured too.

Memory is that of `list(reader)`: how much the resident set of a fresh process grows while the list is made,
after one field of each record was looked at, and after all were. Results also go to
`benches/results/records.json`.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conditions import ROOT, TARGET, build, command_line, input_file, write_results

THEIRS, OURS, RMARC = "pymarc", "mrrc", "rmarc"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Work = Callable[[Any, str], int]
"""Does something with all records of a file; returns a number that must be the same for every package."""

WORKS: dict[str, Work] = {}


def work(name: str) -> Callable[[Work], Work]:
    def keep(function: Work) -> Work:
        WORKS[name] = function
        return function

    return keep


def records(package: Any, path: str) -> Iterator[Any]:
    with open(path, "rb") as file:
        yield from filter(None, package.MARCReader(file))


@work("iteration")
def iteration(package: Any, path: str) -> int:
    with open(path, "rb") as file:
        return sum(1 for record in package.MARCReader(file) if record is not None)


@work("`record.title`")
def titles(package: Any, path: str) -> int:
    return sum(len(record.title or "") for record in records(package, path))


@work("every value of every field")
def values(package: Any, path: str) -> int:
    data = 0
    for record in records(package, path):
        for field in record.fields:
            if field.control_field:
                data += len(field.data)
            else:
                for subfield in field.subfields:
                    data += len(subfield.code) + len(subfield.value)
    return data


@work('`record["245"]["a"]`')
def one_value(package: Any, path: str) -> int:
    data = 0
    for record in records(package, path):
        try:
            data += len(record["245"]["a"])
        except KeyError:
            continue
    return data


@work('`get_fields("650")`, each `$a`')
def one_tag(package: Any, path: str) -> int:
    found = 0
    for record in records(package, path):
        for field in record.get_fields("650"):
            found += len(field.get("a") or "")
    return found


@work("`get_fields`, `get_subfields`")
def subjects(package: Any, path: str) -> int:
    found = 0
    for record in records(package, path):
        for field in record.get_fields("650", "651", "655"):
            found += len(field.get_subfields("a", "x"))
    return found


@work("`as_marc`, nothing changed")
def as_marc(package: Any, path: str) -> int:
    return sum(len(record.as_marc()) for record in records(package, path))


@work("`as_marc`, one field edited")
def edited(package: Any, path: str) -> int:
    data = 0
    for record in records(package, path):
        for field in record.get_fields("245"):
            field.add_subfield("h", "[text]", 1)
        data += len(record.as_marc())
    return data


@work("`MARCWriter`, a field added")
def written(package: Any, path: str) -> int:
    with open(os.devnull, "wb") as sink:
        writer = package.MARCWriter(sink)
        for record in records(package, path):
            indicators, value = package.Indicators(" ", " "), package.Subfield("a", "local")
            record.add_field(package.Field(tag="999", indicators=indicators, subfields=[value]))
            writer.write(record)
        writer.close(close_fh=False)
        return sink.tell()


@work("`as_json`")
def as_json(package: Any, path: str) -> int:
    return sum(len(record.as_json()) for record in records(package, path))


@work("`record_to_xml`")
def as_xml(package: Any, path: str) -> int:
    return sum(len(package.record_to_xml(record)) for record in records(package, path))


@work("`str(record)`")
def as_text(package: Any, path: str) -> int:
    return sum(len(str(record)) for record in records(package, path))


def count(source: object) -> int:
    """The number of records of a source with a title, as mrrc reads them."""
    return sum(record.title is not None for record in importlib.import_module(OURS).MARCReader(source))


class ReadOnly:
    """An object that has `read` and nothing else."""

    def __init__(self, path: str) -> None:
        self.read = open(path, "rb").read  # noqa: SIM115


def from_file(path: str) -> int:
    with open(path, "rb") as file:
        return count(file)


def from_gzip(path: str) -> int:
    with gzip.open(zipped(path)) as file:
        return count(file)


def zipped(path: str) -> str:
    target = TARGET / "peers" / f"{Path(path).name}.gz"
    if not target.is_file() or target.stat().st_mtime < Path(path).stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(Path(path).read_bytes(), 6))
    return str(target)


def from_table(path: str) -> int:
    table = importlib.import_module(OURS).read_arrow(path, threads=1)
    return sum(record.title is not None for record in table.records())


def columns(path: str) -> int:
    return sum(batch.num_rows for batch in importlib.import_module(OURS).scan(path, threads=1))


WAYS: dict[str, Callable[[str], int]] = {
    "`MARCReader(path)`": count,
    '`MARCReader(open(path, "rb"))`': from_file,
    "`MARCReader(bytes)`": lambda path: count(Path(path).read_bytes()),
    "`MARCReader(object)`, which has `read` alone": lambda path: count(ReadOnly(path)),
    '`MARCReader("….mrc.gz")`': lambda path: count(zipped(path)),
    '`MARCReader(gzip.open("….mrc.gz"))`': from_gzip,
    "`Table.records()`": from_table,
    "every value, `for batch in scan(path, threads=1)`": columns,
}
"""Ways to our records, each with all titles looked at; and all values as columns, to compare."""


def main() -> None:
    arguments = parse_arguments()
    if arguments.serve:
        serve(arguments.serve, str(arguments.file))
        return
    if arguments.memory:
        print(json.dumps(memory(arguments.memory, str(arguments.file))))
        return

    file = input_file(arguments.file or TARGET / "fixture_10k.mrc")
    pythons = {THEIRS: sys.executable, OURS: sys.executable}
    if arguments.rmarc is not None:
        pythons[RMARC] = arguments.rmarc or rmarc_of_peers()
    seconds, counts = run_rounds(pythons, file, arguments.rounds)
    peaks = {name: measured_memory(name, python, file) for name, python in pythons.items()}
    results = {
        "file": {"name": file.name, "bytes": file.stat().st_size, "records": counts["iteration"]},
        "build": build(),
        "packages": {name: version(name, python) for name, python in pythons.items()},
        "rounds": arguments.rounds,
        "cpu_seconds": {name: seconds[name] for name in WORKS},
        "ways_cpu_seconds": {name: seconds[name][OURS] for name in WAYS},
        "memory": peaks,
    }
    kept = write_results("records", results)
    print(tables(json.loads(kept.read_text())))
    print(f"results are in {kept.relative_to(ROOT)}", file=sys.stderr)


def parse_arguments() -> argparse.Namespace:
    parser = command_line(__doc__, "--rounds", 5, "rounds, of which the best counts")
    parser.add_argument(
        "--rmarc",
        nargs="?",
        const="",
        metavar="PYTHON",
        help="measure rmarc too: in this Python, or in the environment that peers.py makes",
    )
    parser.add_argument("--serve", metavar="PACKAGE", help=argparse.SUPPRESS)
    parser.add_argument("--memory", metavar="PACKAGE", help=argparse.SUPPRESS)
    return parser.parse_args()


def rmarc_of_peers() -> str:
    from peers import RMARC as peer

    return str(peer.environment() / "bin" / "python")


def serve(name: str, path: str) -> None:
    """In a package's own process: do each work that is asked for, and say what it took and gave."""
    package = importlib.import_module(name)
    for line in sys.stdin:
        gc.collect()
        wanted = line.strip()
        begin = time.process_time()
        result = WAYS[wanted](path) if wanted in WAYS else WORKS[wanted](package, path)
        print(json.dumps([time.process_time() - begin, result]), flush=True)


def run_rounds(
    pythons: dict[str, str], file: Path, rounds: int
) -> tuple[dict[str, dict[str, float]], dict[str, int]]:
    """The best CPU seconds of each work and package, and what each work gives."""
    servers = {name: server(name, python, file) for name, python in pythons.items()}
    best: dict[str, dict[str, float]] = {name: {} for name in [*WORKS, *WAYS]}
    counts: dict[str, int] = {}
    for turn in range(rounds):
        for wanted in WORKS:
            order = list(servers)
            for name in order if turn % 2 == 0 else reversed(order):
                took, result = ask(servers[name], wanted)
                if counts.setdefault(wanted, result) != result:
                    raise SystemExit(f"{wanted}: {name} gives {result}, another package {counts[wanted]}")
                best[wanted][name] = min(took, best[wanted].get(name, took))
        for wanted in WAYS:
            took, counts[wanted] = ask(servers[OURS], wanted)
            best[wanted][OURS] = min(took, best[wanted].get(OURS, took))
    for process in servers.values():
        process.stdin.close()
        process.wait()
    return best, counts


def server(name: str, python: str, file: Path) -> Any:
    command = [python, str(Path(__file__)), str(file), "--serve", name]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def ask(process: Any, wanted: str) -> tuple[float, int]:
    print(wanted, file=process.stdin, flush=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{' '.join(process.args)} ended during {wanted}")
    took, result = json.loads(line)
    return took, result


def memory(name: str, path: str) -> dict[str, int]:
    """Bytes that the resident set grows by, as records are listed, and as their fields are seen."""
    package = importlib.import_module(name)
    for record in records(package, path):  # Imports, and what is allocated once.
        str(record.fields[-1])
        break
    gc.collect()
    before = resident_bytes()
    kept = list(records(package, path))
    gc.collect()
    as_read = resident_bytes() - before
    for record in kept:
        record.get("245")
    gc.collect()
    one_field = resident_bytes() - before
    for record in kept:
        for field in record.fields:
            field.subfields  # noqa: B018
    gc.collect()
    all_fields = resident_bytes() - before
    return {"records": len(kept), "as_read": as_read, "one_field": one_field, "looked_at": all_fields}


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def measured_memory(name: str, python: str, file: Path) -> dict[str, int]:
    command = [python, str(Path(__file__)), str(file), "--memory", name]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    grown: dict[str, int] = json.loads(answer.stdout)
    return grown


def version(name: str, python: str) -> str:
    question = f"import importlib.metadata as m; print(m.version({name!r}))"
    return subprocess.run(
        [python, "-c", question], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def tables(results: dict[str, Any]) -> str:
    """The results as Markdown, after a line with the conditions."""
    machine, file, packages = results["machine"], results["file"], results["packages"]
    others = [name for name in packages if name != OURS]
    records, data = file["records"], file["bytes"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {results['date']}, "
        f"{results['build']} build; {file['name']}, {records:,} records of {data / records:,.0f} bytes on "
        f"average; best of {results['rounds']} rounds.",
        "",
    ]

    def row(*cells: str) -> None:
        lines.append(f"| {' | '.join(cells)} |")

    names = [*(f"{name} {packages[name]}" for name in others), OURS]
    row("CPU µs per record, with reading", *names, *(f"{name} / {OURS}" for name in others))
    lines.append("|---|" + "--:|" * (2 * len(others) + 1))
    for name, seconds in results["cpu_seconds"].items():
        micros = [f"{seconds[package] / records * 1e6:,.1f}" for package in [*others, OURS]]
        row(name, *micros, *(f"{seconds[other] / seconds[OURS]:,.1f}" for other in others))
    lines.append("")
    row("CPU µs per record, by source", OURS)
    lines.append("|---|--:|")
    for name, seconds in results["ways_cpu_seconds"].items():
        row(name, f"{seconds / records * 1e6:,.1f}")
    lines.append("")
    row("bytes of memory per byte of the file", *names)
    lines.append("|---|" + "--:|" * (len(others) + 1))
    for key, label in (
        ("as_read", "`list(reader)`"),
        ("one_field", 'the same, after `record["245"]` was looked at'),
        ("looked_at", "the same, after all fields were"),
    ):
        row(label, *(f"{results['memory'][name][key] / data:.1f}" for name in [*others, OURS]))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
