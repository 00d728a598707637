"""Our peers and us, on one file: who reads what, in how many CPU seconds, with how much memory.

    python benches/peers.py [FILE] [--repeat N] [--only NAME]

FILE is `target/fixture_100k.mrc` unless named; one in xz is expanded once. Each program runs in a process of
its own, in N interleaved rounds, so that a busy moment of the machine hits all alike. Figures are CPU seconds
(user and system, all threads), never wall time. The tables are Markdown; results also go to
`benches/results/peers.json`, unless `--only` made them partial.

Environments and builds are made once, under `target/peers/`. We are whatever `import mrrc` finds in the
Python that runs this. What a program does stands at its top, in `peers/programs/` and `peers/src/bin/`.
To add a peer, write such a program and add a line to `PROGRAMS`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

from conditions import ROOT, TARGET, command_line, cores, cpu_model, input_file, write_results

PEERS = ROOT / "benches" / "peers"
CACHE = TARGET / "peers"
RECORD_TERMINATOR = b"\x1d"
SPREAD_WORTH_A_NOTE = 0.10
"""Above this share of the minimum, the median says that the machine was busy."""


class Task(Enum):
    """What is done to the file. Ratios hold within a task, against our program of that name."""

    VALUES = "Every record, every value"
    COLUMNS = "Four columns: 001, 245 $a, 008, 650 $a"
    TABLE = "Kept as a table, or written to Parquet"


OURS = {Task.VALUES: "scan", Task.COLUMNS: "columns", Task.TABLE: "to_parquet"}


class Missing(Exception):
    """A program that cannot run here, and why."""


@dataclass(frozen=True)
class Package:
    """A program in Python, in an environment with this one requirement."""

    requirement: str

    def command(self, script: str) -> list[str]:
        return [str(self.environment() / "bin" / "python"), str(PEERS / "programs" / script)]

    def environment(self) -> Path:
        python = f"py{sys.version_info.major}{sys.version_info.minor}"
        folder = CACHE / "environments" / f"{self.requirement.replace('==', '-')}-{python}"
        # Written last, so an environment that has it is whole. It also tells what else was installed.
        packages = folder / "packages.json"
        if not packages.is_file():
            say(f"installing {self.requirement}")
            pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            checked([sys.executable, "-m", "venv", "--clear", str(folder)])
            checked([*pip, "install", "--quiet", self.requirement])
            packages.write_text(checked([*pip, "list", "--format", "json"]))
        return folder

    def versions(self) -> dict[str, str]:
        packages = json.loads((self.environment() / "packages.json").read_text())
        return {package["name"]: package["version"] for package in packages}


@dataclass(frozen=True)
class Crate:
    """A program in Rust, from the workspace `peers/`. Cargo.toml there pins the version."""

    version: str

    def command(self, script: str) -> list[str]:
        if shutil.which("cargo") is None:
            raise Missing("cargo is not installed")
        target = Path(os.environ.get("CARGO_TARGET_DIR") or CACHE / "cargo")
        say(f"building {script}")
        manifest = str(PEERS / "Cargo.toml")
        build = ["cargo", "build", "--quiet", "--release", "--manifest-path", manifest, "--bin", script]
        checked(build, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
        return [str(target / "release" / script)]

    def versions(self) -> dict[str, str]:
        return {"crate": self.version, "rustc": checked(["rustc", "--version"]).split()[1]}


@dataclass(frozen=True)
class Tool:
    """A command of the system, started and watched by a program in Python."""

    name: str

    def command(self, script: str) -> list[str]:
        if shutil.which(self.name) is None:
            raise Missing(f"{self.name} is not installed")
        return [sys.executable, str(PEERS / "programs" / script)]

    def versions(self) -> dict[str, str]:
        return {self.name: checked([self.name, "-V"]).splitlines()[0].split(":")[-1].split()[0]}


@dataclass(frozen=True)
class Ours:
    """A program in Python that imports our package, from the environment that runs this."""

    def command(self, script: str) -> list[str]:
        self.versions()
        return [sys.executable, str(PEERS / "programs" / script)]

    def versions(self) -> dict[str, str]:
        # Another project has our name, so a module that can be imported proves nothing yet.
        question = (
            "import mrrc, importlib.metadata as m; mrrc.scan, mrrc.read_arrow; print(m.version('mrrc'))"
        )
        try:
            return {"mrrc": checked([sys.executable, "-c", question]).strip()}
        except Missing:
            raise Missing(f"our package is not installed in {sys.executable}") from None


@dataclass(frozen=True)
class Program:
    name: str
    task: Task
    label: str
    what: str
    runner: Package | Crate | Tool | Ours
    script: str
    options: tuple[str, ...] = ()
    slow: bool = False
    """Runs on the first third of the records; megabytes per CPU second make it comparable."""
    note: str = ""


PYMARC = Package("pymarc==5.4.0")
RMARC = Package("rmarc==5.4.0")
MRRC_PEER = Package("mrrc==0.9.2")
POLARS_MARC21 = Package("polars-marc21==0.3.0")
MARCTABLE = Package("marctable==0.5.0")

PROGRAMS = [
    Program(
        "scan", Task.VALUES, "**mrrc**", "`for batch in mrrc.scan(path, threads=1)`",
        Ours(), "ours_batches.py", ("1",),
    ),
    Program(
        "crate", Task.VALUES, "**mrrc** (Rust)", "nested batches, dropped, from memory, one thread",
        Crate("0.1.0"), "ours",
    ),
    Program(
        "marc21", Task.VALUES, "marc21 0.7.0 (Rust)", "views of all values, from memory, UTF-8 not checked",
        Crate("0.7.0"), "marc21",
    ),
    Program(
        "mrrc-crate", Task.VALUES, "mrrc 0.9.2 (Rust, another project)", "records of strings, from memory",
        Crate("0.9.2"), "mrrc-peer",
    ),
    Program(
        "yaz-marcdump", Task.VALUES, "yaz-marcdump", "`-p`, lines of text to /dev/null",
        Tool("yaz-marcdump"), "yaz_marcdump.py", note="charset as it stands",
    ),
    Program(
        "mrrc-records", Task.VALUES, "mrrc 0.9.2 (another project)", "iterates, no value visited",
        MRRC_PEER, "mrrc_peer_records.py",
    ),
    Program(
        "mrrc-values", Task.VALUES, "mrrc 0.9.2 (another project)", "visits every value",
        MRRC_PEER, "mrrc_peer_values.py", slow=True,
    ),
    Program(
        "rmarc", Task.VALUES, "rmarc 5.4.0", "visits every value",
        RMARC, "pymarc_values.py", ("rmarc",), slow=True,
    ),
    Program(
        "pymarc", Task.VALUES, "pymarc 5.4.0", "visits every value",
        PYMARC, "pymarc_values.py", ("pymarc",), slow=True,
    ),
    Program(
        "columns", Task.COLUMNS, "**mrrc**", "`for batch in mrrc.scan(path, columns=..., threads=1)`",
        Ours(), "ours_columns.py", ("1",),
    ),
    Program(
        "polars-marc21", Task.COLUMNS, "polars-marc21 0.3.0", "`read_marc21(path, query)`",
        POLARS_MARC21, "polars_marc21_columns.py",
    ),
    Program(
        "to_parquet", Task.TABLE, "**mrrc**", "`scan(path, threads=1).to_parquet(...)`, nested",
        Ours(), "ours_parquet.py", ("1",),
    ),
    Program(
        "to_parquet-2", Task.TABLE, "**mrrc**", "the same, two threads",
        Ours(), "ours_parquet.py", ("2",),
    ),
    Program(
        "read_arrow", Task.TABLE, "**mrrc**", "`read_arrow(path, threads=1)`, all in memory",
        Ours(), "ours_table.py", ("1",),
    ),
    Program(
        "read_arrow-2", Task.TABLE, "**mrrc**", "the same, two threads",
        Ours(), "ours_table.py", ("2",),
    ),
    Program(
        "marctable", Task.TABLE, "marctable 0.5.0", "`to_parquet`, a column a tag",
        MARCTABLE, "marctable_parquet.py", slow=True, note="drops codes, indicators and unknown tags",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Input:
    file: Path
    bytes: int
    terminators: int


@dataclass
class Outcome:
    """What the runs of one program gave."""

    program: Program
    input: Input
    command: list[str]
    versions: dict[str, str]
    runs: list[dict[str, Any]] = field(default_factory=list)
    failure: str | None = None

    def cpu_s(self) -> list[float]:
        return [float(seconds) for run in self.runs for seconds in run["cpu_s"]]

    def megabytes_per_s(self) -> float:
        return self.input.bytes / 1e6 / min(self.cpu_s())

    def peak_megabytes(self) -> float:
        return max(int(run["peak_bytes"]) for run in self.runs) / 1e6

    def records(self) -> int:
        return int(self.runs[0]["records"])

    def spread(self) -> float:
        return statistics.median(self.cpu_s()) / min(self.cpu_s()) - 1


def main() -> None:
    arguments = parse_arguments()
    programs = [program for program in PROGRAMS if wanted(program, arguments.only)]
    whole = inspect(input_file(arguments.file))
    third = first_third(whole) if any(program.slow for program in programs) else whole

    outcomes, skipped = prepare(programs, whole, third)
    for turn in range(arguments.repeat):
        say(f"round {turn + 1} of {arguments.repeat}")
        for outcome in outcomes:
            run_once(outcome)
    for outcome in outcomes:
        if outcome.failure:
            skipped[outcome.program.name] = outcome.failure
    finished = [outcome for outcome in outcomes if not outcome.failure]

    expected = expected_records(finished, whole, third)
    print_tables(finished, skipped, expected, whole, arguments.repeat)
    if arguments.only:
        say("results are not kept: --only makes them partial")
    else:
        kept = write_results("peers", as_json(finished, skipped, expected, whole))
        say(f"results are in {kept.relative_to(ROOT)}")


def parse_arguments() -> argparse.Namespace:
    parser = command_line(__doc__, "--repeat", 5, "rounds")
    parser.add_argument(
        "--only", action="append", metavar="NAME", choices=[program.name for program in PROGRAMS],
        help="this program beside ours; may be given again: %(choices)s",
    )  # fmt: skip
    return parser.parse_args()


def wanted(program: Program, only: list[str] | None) -> bool:
    """Ours run whatever is asked for: a ratio needs both sides in one run."""
    if only is None or program.name in only:
        return True
    tasks = {other.task for other in PROGRAMS if other.name in only}
    return program.task in tasks and program.name == OURS[program.task]


def inspect(file: Path) -> Input:
    # In pieces: a program that this process starts must not inherit a large memory to be measured.
    terminators = 0
    with file.open("rb") as source:
        while piece := source.read(1 << 20):
            terminators += piece.count(RECORD_TERMINATOR)
    return Input(file, file.stat().st_size, terminators)


def first_third(whole: Input) -> Input:
    """The first third of the records in a file of its own, made anew when the whole has changed."""
    stamp = f"{whole.bytes}-{int(whole.file.stat().st_mtime)}"
    third = CACHE / f"{whole.file.stem}-{stamp}-third.mrc"
    if not third.is_file():
        third.parent.mkdir(parents=True, exist_ok=True)
        unfinished = third.with_suffix(".unfinished")
        missing = -(-whole.terminators // 3)
        with whole.file.open("rb") as source, unfinished.open("wb") as sink:
            while missing and (piece := source.read(1 << 20)):
                records = piece.split(RECORD_TERMINATOR)
                if len(records) > missing:
                    piece = RECORD_TERMINATOR.join(records[:missing]) + RECORD_TERMINATOR
                missing -= min(missing, len(records) - 1)
                sink.write(piece)
        unfinished.rename(third)
    return inspect(third)


def prepare(programs: list[Program], whole: Input, third: Input) -> tuple[list[Outcome], dict[str, str]]:
    outcomes, skipped = [], {}
    for program in programs:
        try:
            command = program.runner.command(program.script)
            versions = program.runner.versions()
        except Missing as missing:
            skipped[program.name] = str(missing)
        else:
            outcomes.append(Outcome(program, third if program.slow else whole, command, versions))
    return outcomes, skipped


def run_once(outcome: Outcome) -> None:
    if outcome.failure:
        return
    command = [*outcome.command, str(outcome.input.file), *outcome.program.options]
    # Our own path of modules would shadow what a peer's environment holds.
    keep = isinstance(outcome.program.runner, Ours)
    environment = {key: value for key, value in os.environ.items() if keep or key != "PYTHONPATH"}
    answer = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if answer.returncode != 0:
        outcome.failure = f"failed: {reason(answer.stderr)}"
    else:
        outcome.runs.append(json.loads(answer.stdout))


def expected_records(finished: list[Outcome], whole: Input, third: Input) -> dict[Path, int]:
    """The records of each input: as we read them, or else as many as there are record terminators."""
    expected = {whole.file: whole.terminators, third.file: third.terminators}
    reader = next((outcome for outcome in finished if outcome.program.name == "scan"), None)
    if reader is not None:
        expected[whole.file] = reader.records()
        if third is not whole:
            on_third = Outcome(reader.program, third, reader.command, reader.versions)
            run_once(on_third)
            if not on_third.failure:
                expected[third.file] = on_third.records()
    return expected


def times_ours(outcome: Outcome, finished: list[Outcome]) -> float | None:
    """How many times our CPU seconds the program takes for as many bytes."""
    name = OURS[outcome.program.task]
    ours = next((other for other in finished if other.program.name == name), None)
    return ours.megabytes_per_s() / outcome.megabytes_per_s() if ours else None


def notes(outcome: Outcome, expected: dict[Path, int]) -> list[str]:
    found = []
    lost = expected[outcome.input.file] - outcome.records()
    if lost > 0:
        found.append(f"**loses {lost:,} records** ({lost / expected[outcome.input.file]:.1%})")
    elif lost < 0:
        found.append(f"{-lost:,} records more than there are")
    if outcome.runs[0].get("rows") is not None:
        found.append(f"{outcome.runs[0]['rows']:,} rows")
    if outcome.program.slow:
        found.append("first third of the file")
    if outcome.program.note:
        found.append(outcome.program.note)
    if outcome.spread() > SPREAD_WORTH_A_NOTE:
        found.append(f"spread {outcome.spread():.0%}")
    return found


def print_tables(
    finished: list[Outcome], skipped: dict[str, str], expected: dict[Path, int], whole: Input, rounds: int
) -> None:
    counted = (
        "records" if any(outcome.program.name == "scan" for outcome in finished) else "record terminators"
    )
    print(
        f"{whole.file.name}: {whole.bytes / 1e6:,.1f} MB, {expected[whole.file]:,} {counted}. "
        f"{cpu_model()}, {cores()} cores, {date.today()}; rounds: {rounds}."
    )
    for task in Task:
        rows = [outcome for outcome in finished if outcome.program.task is task]
        if rows:
            print(f"\n### {task.value}\n")
            print("| program | what it does | records | CPU s, min (median) | MB per CPU s | CPU, times ours "
                  "| peak MB | notes |")  # fmt: skip
            print("|---|---|--:|--:|--:|--:|--:|---|")
        for outcome in rows:
            print(table_row(outcome, times_ours(outcome, finished), notes(outcome, expected)))
    print(
        "\nCPU seconds of all threads, user and system; MB = 10^6 bytes. Python programs and commands open "
        "and read the file, Rust programs find it in memory."
    )
    if any(outcome.program.slow for outcome in finished):
        print("Slow programs ran on the first third of the records; their ratio compares MB per CPU second.")
    if any(outcome.spread() > SPREAD_WORTH_A_NOTE for outcome in finished):
        print(
            f"A spread (median over minimum) above {SPREAD_WORTH_A_NOTE:.0%} means that the machine was "
            "busy: run again."
        )
    if skipped:
        print("\nNot run:\n")
        for name, reason in skipped.items():
            print(f"- {name}: {reason}")


def table_row(outcome: Outcome, ratio: float | None, remarks: list[str]) -> str:
    seconds = outcome.cpu_s()
    cells = [
        outcome.program.label,
        outcome.program.what,
        f"{outcome.records():,}",
        f"{min(seconds):.3f} ({statistics.median(seconds):.3f})",
        f"{outcome.megabytes_per_s():,.3g}" if outcome.megabytes_per_s() < 100 else
        f"{outcome.megabytes_per_s():,.0f}",
        "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}",
        f"{outcome.peak_megabytes():,.0f}",
        "; ".join(remarks),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def as_json(
    finished: list[Outcome], skipped: dict[str, str], expected: dict[Path, int], whole: Input
) -> dict[str, Any]:
    def entry(outcome: Outcome) -> dict[str, Any]:
        def each(key: str) -> list[float]:
            return [figure for run in outcome.runs for figure in run[key]]

        return {
            "name": outcome.program.name,
            "task": outcome.program.task.name.lower(),
            "what": outcome.program.what,
            "versions": outcome.versions,
            "bytes": outcome.input.bytes,
            "records": outcome.records(),
            "records_expected": expected[outcome.input.file],
            "rows": outcome.runs[0].get("rows"),
            "check": outcome.runs[0]["check"],
            "cpu_s": each("cpu_s"),
            "wall_s": each("wall_s"),
            "minor_faults": each("minor_faults"),
            "peak_bytes": max(run["peak_bytes"] for run in outcome.runs),
            "times_ours": times_ours(outcome, finished),
        }

    return {
        "file": {"name": whole.file.name, "bytes": whole.bytes, "records": expected[whole.file]},
        "programs": [entry(outcome) for outcome in finished],
        "not_run": skipped,
    }


def speed(it: dict[str, Any]) -> float:
    """MB that a program of the results reads in a CPU second."""
    return it["bytes"] / 1e6 / min(it["cpu_s"])


def tables(results: dict[str, Any]) -> str:
    """Who reads every value how fast, as Markdown, after a line with the conditions."""
    machine, file = results["machine"], results["file"]
    lines = [
        f"{machine['cpu']}, {results['date']}; {file['name']}, {file['bytes'] / 1e6:,.0f} MB, "
        f"{file['records']:,} records; one thread.",
        "",
        "| program | what it does | MB per CPU s | CPU, times ours | records lost |",
        "|---|---|--:|--:|--:|",
    ]
    labels = {program.name: program.label for program in PROGRAMS}
    programs = [it for it in results["programs"] if it["task"] == Task.VALUES.name.lower()]
    for it in sorted(programs, key=speed, reverse=True):
        lost = it["records_expected"] - it["records"]
        lines.append(
            f"| {labels[it['name']]} | {it['what']} | {speed(it):,.{0 if speed(it) >= 100 else 1}f} "
            f"| {it['times_ours']:.1f} | {f'{lost:,}' if lost else ''} |"
        )
    return "\n".join(lines)


def checked(command: list[str], env: dict[str, str] | None = None) -> str:
    """What a command prints; a command that fails makes its program one that cannot run here."""
    try:
        answer = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    except OSError as error:
        raise Missing(f"{command[0]}: {error.strerror}") from error
    if answer.returncode != 0:
        raise Missing(f"{Path(command[0]).name} failed: {reason(answer.stderr)}")
    return answer.stdout


def reason(errors: str) -> str:
    """The line of an error output that says what went wrong."""
    lines = errors.strip().splitlines() or ["it did not say why"]
    for line, following in pairwise(lines):
        # Rust puts the message on the line after this one, and a stack behind it.
        if "panicked at" in line:
            return f"panic: {following}"
    return lines[-1]


def say(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    main()
