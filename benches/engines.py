"""What each engine takes, what it reads and how much memory it needs: the table in `docs/engines.md`.

    python benches/engines.py [FILE] [--size MB] [--only NAME] [--print]

FILE is `target/fixture_10k.mrc` unless named. Each engine that is installed is a row. Whatever is asked of it
is answered by a process of its own (`engine_answers.py`) in an empty folder: a crash is an entry, too.

* `takes`: it is given a Table and a Scan as they are, or else in the first form that it takes, and gives the
  rows back: those of whole records, and with each of `OPTIONS`. The changes to them are named.
* `recipe`: the code of the page answers as a loop with pymarc does, for FILE, and for copies of it that have
  `--size` together. There its memory is measured.
* `fields`: it counts the fields of whole records in those copies; if it stores tables, it writes them first.
* `pushed`: what it is seen to ask for. It names columns to the Scan, it has records filtered, as the account
  says, and for the first ten rows it leaves most of a file unread.

The recipes are those of the page, and so are the way back to MARC and the tables that adopt an export. The
script fails if an answer is wrong.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mrrc
from conditions import ROOT, TARGET, command_line, cores, cpu_model
from engine_answers import CHANGES, FORMS, OPTIONS, PAGE, SAMPLE, Answer, Failure, most_frequent
from engine_questions import ENGINES, FIRST, Engine
from peers import say

sys.path.append(str(ROOT / "tests" / "python"))
from plain.texts import trim

BEGIN, END = "<!-- table: benches/engines.py -->", "<!-- end -->"
PATIENCE = 600
"""After this number of seconds, an engine hangs."""
LEGEND = "| engine | Table | Scan | best given | pushes down | recipe, peak MB | whole records, peak MB |"


def answer_of_pymarc(path: Path) -> Answer:
    import pymarc

    with_650, subjects = 0, Counter[str]()
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for record in pymarc.MARCReader(file):
            headings = record.get_fields("650") if record else []
            with_650 += bool(headings)
            subjects.update(filter(None, (trim(it) for field in headings for it in field.get_subfields("a"))))
    *top, (_, next_count) = most_frequent(subjects.items())[: FIRST + 1]
    if top[-1][1] == next_count:
        raise SystemExit(f"{path}: another subject is as frequent as the last of {FIRST}; name another file")
    return Answer(with_650, top)


def ask(question: str, file: Path, engine: str | None = None, *given: str) -> Any:
    """What is answered in a process of its own, in a folder where the sample is this file."""
    program = Path(__file__).with_name("engine_answers.py")
    command = [sys.executable, str(program), json.dumps([question, engine, *given])]
    environment = os.environ | {"PYTHONPATH": str(Path(mrrc.__file__).parent.parent)}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (folder / SAMPLE).parent.mkdir()
        (folder / SAMPLE).symlink_to(file.resolve())
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, cwd=folder, env=environment, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            raise Failure("hangs") from None
    if done.returncode < 0:
        raise Failure(f"crashes (signal {-done.returncode})")
    if done.returncode:
        errors = re.findall(r"^[\w.]*(?:Error|Exception|Failure|Wrong)\b.*", done.stderr, re.MULTILINE)
        raise Failure(errors[-1][:400] if errors else f"ends with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class Row:
    """What was found out about an engine."""

    engine: Engine
    forms: dict[str, str] = field(default_factory=dict)
    """How it takes a Table and a Scan."""
    came_back: dict[str, list[str] | str] = field(default_factory=dict)
    """For each option, the changes to the rows of a Scan, or an error."""
    pushed: str = ""
    peaks: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str, file: Path, *given: str) -> Any:
        try:
            return ask(question, file, self.engine.name, *given)
        except Failure as failure:
            say(f"{self.engine.name}, {question} {' '.join(given)}: {failure}")
            return failure

    def ask_what_it_takes(self, sample: Path) -> None:
        for kind in ("Table", "Scan"):
            found = self.ask("takes", sample, kind)
            if isinstance(found, Failure):
                self.forms[kind] = str(found) if "crashes" in str(found) else "no"
                if "Wrong" in str(found):
                    self.faults.append(f"a {kind}: {found}")
                continue
            form, self.came_back, refused = found
            self.forms[kind] = "yes" if form == FORMS[0] else f"`{form}`"
            errors = [f"{option}: {it}" for option, it in self.came_back.items() if isinstance(it, str)]
            for error in (*refused, *errors):
                say(f"{self.engine.name}, a {kind}, {error}")

    def ask_what_it_pushes(self, sample: Path) -> None:
        found = self.ask("pushed", sample)
        if isinstance(found, Failure):
            self.pushed = str(found)
            self.faults.append(f"what it pushes down: {found}")
        else:
            self.pushed = "" if found is None else ", ".join(found) or "nothing"

    def ask_recipe(self, file: Path, right: Answer) -> None:
        found = self.ask("recipe", file)
        if isinstance(found, Failure):
            self.peaks["recipe"] = str(found)
            self.faults.append(f"the recipe: {found}")
            return
        with_650, top, peak = found
        self.peaks["recipe"] = f"{peak / 1e6:,.0f}"
        if Answer(with_650, top) != right:
            self.faults.append(f"the recipe: {with_650} and {top}, not {right}")

    def ask_fields(self, file: Path, right: int) -> None:
        found = self.ask("fields", file)
        if isinstance(found, Failure):
            self.peaks["fields"] = str(found)
            return
        number, peak = found
        self.peaks["fields"] = f"{peak / 1e6:,.0f}"
        if number != right:
            self.faults.append(f"{number} fields, not {right}")

    def takes(self, option: str) -> bool:
        return isinstance(self.came_back.get(option), list)

    def changes(self) -> set[str]:
        return {
            change for changes in self.came_back.values() if isinstance(changes, list) for change in changes
        }

    def cells(self) -> list[str]:
        name = f"{self.engine.name} {importlib.metadata.version(self.engine.package)}"
        given = f"`{self.engine.given}`"
        return [name, *self.forms.values(), given, self.pushed, self.peaks["recipe"], self.peaks["fields"]]


def ask_all(sample: Path, size: int, only: list[str] | None) -> tuple[list[Row], str]:
    """A row for each engine, and the conditions."""
    right = answer_of_pymarc(sample)
    number_of_fields = sum(len(it) for batch in mrrc.scan(sample) for it in batch["fields"])
    rows = [Row(engine) for engine in installed(only)]
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / sample.name
        copies = repeat(sample, large, size)
        megabytes = large.stat().st_size / 1e6
        for row in rows:
            say(row.engine.name)
            row.ask_what_it_takes(sample)
            row.ask_what_it_pushes(sample)
            row.ask_recipe(sample, right)
            row.ask_recipe(large, right.times(copies))
            row.ask_fields(large, number_of_fields * copies)
    machine = f"Python {platform.python_version()}, {cpu_model()}, {cores()} cores"
    return rows, f"{machine}; memory over {megabytes:,.0f} MB of records."


def installed(only: list[str] | None) -> Iterator[Engine]:
    for name, engine in ENGINES.items():
        if only and name not in only:
            continue
        try:
            importlib.metadata.version(engine.package)
        except importlib.metadata.PackageNotFoundError:
            say(f"{name} is not installed, and left out")
        else:
            yield engine


def repeat(source: Path, target: Path, size: int) -> int:
    """Write copies of a file until there are as many bytes, and return their number."""
    copies = -(-size // source.stat().st_size)
    with target.open("wb") as sink:
        for _ in range(copies):
            with source.open("rb") as records:
                shutil.copyfileobj(records, sink, 1 << 20)
    return copies


@dataclass
class Stored:
    """What was found out about tables of records, whatever the engine."""

    came_back: dict[str, str] = field(default_factory=dict)
    """How records are, after the way back."""
    adopted: list[str] = field(default_factory=list)
    """The tables that take an export as it is."""
    faults: list[str] = field(default_factory=list)

    def ask(self, sample: Path) -> None:
        try:
            self.came_back = ask("way back", sample)
            self.adopted = ask("adopted", sample)
        except Failure as failure:
            self.faults.append(f"the way back, or the folder of an export: {failure}")
        self.faults += [f"the way back from {name}" for name, how in self.came_back.items() if how == "wrong"]


def table(rows: list[Row], conditions: str, stored: Stored) -> str:
    lines = [LEGEND, "|---|---|---|---|---|--:|--:|", *(f"| {' | '.join(row.cells())} |" for row in rows)]
    remarks = [f"* {remark}" for remark in remarks_on(rows, stored)]
    return "\n".join([*lines, "", conditions, "", *remarks])


def remarks_on(rows: list[Row], stored: Stored) -> Iterator[str]:
    refused = {option: [row.engine.name for row in rows if not row.takes(option)] for option in OPTIONS}
    if taken := [f"`{option}`" for option, engines in refused.items() if not engines]:
        yield f"The rows of {', '.join(taken)} are taken as those of whole records are."
    for option, engines in refused.items():
        if engines:
            yield f"The rows of `{option}` are not taken by {', '.join(engines)}."
    for change in CHANGES:
        if engines := [row.engine.name for row in rows if change in row.changes()]:
            yield f"In {', '.join(engines)}, {change}."
    for how in sorted(set(stored.came_back.values())):
        names = ", ".join(name for name, it in stored.came_back.items() if it == how)
        yield f"By the way back below, each record comes back {how} from {names}."
    if stored.adopted:
        adopters = " and ".join(stored.adopted)
        yield f"{adopters} adopt the folder of an export: the same rows, in the same files."


def main() -> None:
    parser = command_line(__doc__, "--size", 1_300, "megabytes of records")
    parser.add_argument("--only", action="append", metavar="NAME", choices=ENGINES, help="one of %(choices)s")
    parser.add_argument("--print", action="store_true", help="print the table, do not change the page")
    arguments = parser.parse_args()
    sample = (arguments.file or TARGET / SAMPLE.name).resolve()
    rows, conditions = ask_all(sample, arguments.size * 1_000_000, arguments.only)
    faults = [f"{row.engine.name}: {fault}" for row in rows for fault in row.faults]
    stored = Stored()
    if not arguments.only:
        stored.ask(sample)
    faults += stored.faults
    made = table(rows, conditions, stored)
    print(made)
    if faults:
        raise SystemExit("\n".join(faults))
    if not arguments.print and not arguments.only:
        before, rest = PAGE.read_text().split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}")


if __name__ == "__main__":
    main()
