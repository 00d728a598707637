"""What each engine takes, what it reads and how much memory it needs: the table in `docs/engines.md`.

    python benches/engines.py [FILE] [--size MB] [--only NAME] [--print]

FILE is `target/fixture_10k.mrc` unless named. Each engine that is installed is a row. Whatever is asked of it
runs in a process of its own, in an empty folder, so that a crash is an entry of the table:

* `takes`: it is given a Table and a Scan as they are, or else in the first form that it takes, and gives the
  rows back: those of whole records, and with each of `OPTIONS`. The changes to them are named.
* `recipe`: the code of the page answers as a loop with pymarc does, for FILE, and for copies of it that have
  `--size` together. There its memory is measured.
* `fields`: it counts the fields of whole records in those copies; if it stores tables, it writes them first.
* `pushed`: what it is seen to ask for. It names columns to the Scan, it has records filtered, as the account
  says, and for the first ten rows it leaves most of a file unread.

The recipes are those of the page, and so is the way back to MARC. The script fails if an answer is wrong.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
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
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import mrrc
from conditions import ROOT, TARGET, command_line, cores, cpu_model
from engine_questions import ENGINES, FIRST, RECENT, Engine
from peers import say

sys.path += [str(ROOT / "benches" / "peers" / "programs"), str(ROOT / "tests" / "python")]
from measure import high_water, peak_bytes
from plain.texts import trim

PAGE = ROOT / "docs" / "engines.md"
BEGIN, END = "<!-- table: benches/engines.py -->", "<!-- end -->"
SAMPLE = Path("target/fixture_10k.mrc")
"""What the recipes of the page read."""
COLUMNS = {"year": "year(008/07-10)", "headings": "count(650)", "title": "first(245$a)"}
OPTIONS: dict[str, dict[str, Any]] = {
    'layout="fields"': {"layout": "fields"},
    'layout="subfields"': {"layout": "subfields"},
    'provenance="raw"': {"provenance": "raw"},
    'columns="bib"': {"columns": "bib"},
    'columns="codes"': {"columns": "codes"},
}
FORMS = ("as it is", "to_reader()", "to_pyarrow()", "to_pandas()")
"""What a library may want, in the order in which it is tried."""
ROWS = 1_000
"""As many rows are compared, value by value."""
PATIENCE = 600
"""After this number of seconds, an engine hangs."""
LEGEND = "| engine | Table | Scan | best given | pushes down | recipe, peak MB | whole records, peak MB |"


class Failure(Exception):
    """What an engine did instead of answering."""


class Wrong(Exception):
    """An answer that is not right: a fault, where another failure may be a fact."""


@dataclass(frozen=True)
class Answer:
    """The number of records with a 650, and the most frequent subjects with their numbers."""

    with_650: int
    top: list[list[Any]]

    def times(self, copies: int) -> Answer:
        return Answer(self.with_650 * copies, [[subject, count * copies] for subject, count in self.top])


# What is right.


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


def most_frequent(counts: Any) -> list[list[Any]]:
    pairs = [[str(subject), int(count)] for subject, count in counts]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


# The page.


def recipe(heading: str) -> str:
    """The code of a section, behind that of the greater sections up to it."""
    before = ""
    for section in re.split(r"^(?=##+ )", PAGE.read_text(), flags=re.MULTILINE):
        title = section.partition("\n")[0]
        code = "\n".join(re.findall(r"^```python[^\n]*\n(.*?)^```$", section, re.DOTALL | re.MULTILINE))
        if title.lstrip("# ") == heading:
            return before + code
        if title.startswith("## "):
            before += code
    raise SystemExit(f"{PAGE.name} has no section {heading}")


def answer_of(names: dict[str, Any]) -> Answer:
    """What a recipe found, in whatever form its library has given it."""
    import pyarrow as pa

    top = names["top"]
    if hasattr(top, "__arrow_c_stream__") and not hasattr(top, "items"):
        top = dict(zip(*(column.to_pylist() for column in pa.table(top).columns), strict=True))
    elif hasattr(top, "columns"):
        top = dict(top.itertuples(index=False))
    return Answer(int(names["with_650"]), most_frequent(top.items()))


# In a process of its own.


def takes(engine: Engine, kind: str) -> tuple[str, dict[str, list[str] | str], list[str]]:
    """The form in which it takes a Table or a Scan, the changes by option or an error, and refused forms."""
    refused = []
    for form in FORMS:
        try:
            came_back: dict[str, list[str] | str] = {"": round_trip(engine, kind, form, {})}
        except Wrong:
            raise
        except Exception as error:
            refused.append(f"{form}: {type(error).__name__}: {str(error)[:200]}")
            continue
        for option, arguments in OPTIONS.items():
            try:
                came_back[option] = round_trip(engine, kind, form, arguments)
            except Wrong:
                raise
            except Exception as error:
                came_back[option] = f"{type(error).__name__}: {error}"
        return form, came_back, refused
    raise Failure("; ".join(refused))


def round_trip(engine: Engine, kind: str, form: str, options: dict[str, Any]) -> list[str]:
    """What is changed in the rows that come back."""
    scan = mrrc.scan(SAMPLE.absolute(), n_rows=ROWS, **options)
    given: Any = scan.read() if kind == "Table" else scan
    given = given if form == FORMS[0] else getattr(given, form.removesuffix("()"))()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        taken = sorted(map(repr, mrrc.from_arrow(engine.takes(given)).to_pylist()))
    for number in range(len(CHANGES) + 1):
        for changes in combinations(CHANGES, number):
            rows = scan.read().to_pylist()
            for change in changes:
                CHANGES[change](rows)
            if taken == sorted(map(repr, rows)):
                return list(changes)
    raise Wrong(f"{form} with {options or 'no option'}, it gives back other rows")


def empty_lists(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        for it in (row, *(row.get("fields") or [])):
            if "subfields" in it:
                it["subfields"] = it["subfields"] or []


def floats(rows: list[dict[str, Any]]) -> None:
    for name in rows[0]:
        values = [row[name] for row in rows]
        if None in values and any(isinstance(value, int) for value in values):
            for row, value in zip(rows, values, strict=True):
                row[name] = None if value is None else float(value)


def texts(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row.update({name: value.decode() for name, value in row.items() if isinstance(value, bytes)})


CHANGES = {
    "lists that are null, as the subfields of control fields, become empty lists": empty_lists,
    "integers become floats, in a column that has nulls": floats,
    "bytes become text": texts,
}
"""What engines do to rows."""


def answer(engine: Engine) -> tuple[int, list[list[Any]], int]:
    names: dict[str, Any] = {}
    exec(recipe(engine.name), names)
    found = answer_of(names)
    return found.with_650, found.top, peak_of_all()


def fields(engine: Engine) -> tuple[int, int]:
    marc = opened(engine, SAMPLE)
    written = peak_of_all()
    number = engine.fields(marc)
    return number, written if engine.is_store else peak_of_all()


def opened(engine: Engine, source: Any, **options: Any) -> Any:
    return engine.opened(mrrc.plan(source) if engine.in_parts else source, **options)


def peak_of_all() -> int:
    """The most memory that this process, or one of those that it started, has held at once."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            found = re.search(r"^PPid:\s*(\d+)", status.read_text(), re.MULTILINE)
        except OSError:
            continue  # It has just ended.
        parents[int(status.parent.name)] = int(found[1]) if found else 0
    family = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return max([peak_bytes(), *(high_water(f"/proc/{process}/status") or 0 for process in family)])


def pushed(engine: Engine) -> list[str] | None:
    """What is pushed down; `None` if it cannot be asked."""
    if engine.is_store:
        return None
    seen = {}
    for name, is_pushed in {"columns": names_columns, "filter": filters, "limit": stops_early}.items():
        try:
            seen[name] = is_pushed(engine)
        except NotImplementedError:
            continue
    return [name for name, is_seen in seen.items() if is_seen] if seen else None


def names_columns(engine: Engine) -> bool:
    with Watch() as watch:
        marc = opened(engine, SAMPLE, columns=COLUMNS)
        watch.columns.clear()
        total = engine.headings(marc)
    must_be(total, sum(mrrc.read_arrow(SAMPLE, columns=COLUMNS)["headings"]))
    return set(watch.columns) == {"headings"}


def filters(engine: Engine) -> bool:
    with Watch() as watch:
        rows = engine.recent(opened(engine, SAMPLE, columns=COLUMNS))
    must_be(rows, mrrc.scan(SAMPLE).count(where=f"year(008/07-10) >= {RECENT}"))
    return any(sum(scan.sources["filtered"]) for scan in watch.scans if scan.sources)


def stops_early(engine: Engine) -> bool:
    if engine.in_parts:
        raise NotImplementedError
    data = SAMPLE.read_bytes() * 20
    file = CountedFile(data)
    must_be(engine.first(engine.opened(file, columns=COLUMNS)), FIRST)
    return file.count < len(data) / 2


def must_be(found: int, right: int) -> None:
    if found != right:
        raise Wrong(f"{found}, not {right}")


class Watch:
    """While this lasts, `mrrc.scan` gives Scans that note which columns they are asked for."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self.scans: list[mrrc.Scan] = []

    def __enter__(self) -> Watch:
        self.scan = mrrc.scan
        mrrc.scan = self.watched
        return self

    def __exit__(self, *raised: object) -> None:
        mrrc.scan = self.scan

    def watched(self, *given: Any, **options: Any) -> Any:
        self.scans.append(self.scan(*given, **options))
        return Watched(self.scans[-1], self.columns)


class Watched:
    """A Scan that notes which columns it is asked for."""

    def __init__(self, scan: mrrc.Scan, columns: list[str]) -> None:
        self.scan, self.asked = scan, columns

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scan, name)

    def __contains__(self, name: str) -> bool:
        return name in self.scan

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        self.asked += self.scan.columns
        return self.scan.__arrow_c_stream__(requested_schema)

    def _narrowed(self, columns: list[str] | None, *given: Any, **named: Any) -> mrrc.Scan:
        self.asked += self.scan.columns if columns is None else columns
        return self.scan._narrowed(columns, *given, **named)

    def select(self, columns: list[str]) -> mrrc.Scan:
        self.asked += columns
        return self.scan.select(columns)

    def to_polars(self) -> Any:
        from mrrc._interop import scan_to_polars

        return scan_to_polars(self)  # type: ignore[arg-type]

    def to_dataset(self) -> Any:
        from mrrc._interop import to_dataset

        return to_dataset(self)  # type: ignore[arg-type]


class CountedFile(io.BytesIO):
    """A file that counts the bytes that are read from it."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def way_back(_: Engine | None) -> dict[str, str]:
    """How the records are, in whatever order, in the files that the page writes."""
    names: dict[str, Any] = {}
    for heading in ("DuckDB", "Delta", "Iceberg", "The way back"):
        exec(recipe(heading), names)
    written = sorted(SAMPLE.parent.glob("from_*.mrc"))
    return {path.stem.removeprefix("from_"): compared(path, SAMPLE) for path in written}


def compared(written: Path, original: Path) -> str:
    if records_of(written) == records_of(original):
        return "byte for byte"
    return "value for value" if values_of(written) == values_of(original) else "wrong"


def records_of(path: Path) -> list[bytes]:
    return sorted(path.read_bytes().split(b"\x1d"))


def values_of(path: Path) -> list[str]:
    return sorted(text for batch in mrrc.scan(path) for text in texts_of(batch))


def texts_of(batch: mrrc.Table) -> Iterator[str]:
    """All of each record but the numbers in its leader that say how it is stored."""
    for leader, its_fields in zip(batch["leader"], batch["fields"], strict=True):
        yield f"{leader[5:12]}{leader[17:20]} {its_fields}"


QUESTIONS: dict[str, Callable[..., Any]] = {
    "takes": takes,
    "recipe": answer,
    "fields": fields,
    "pushed": pushed,
    "way back": way_back,
}


# In the process that asks.


def ask(question: str, file: Path, engine: str | None = None, *given: str) -> Any:
    """What is answered in a process of its own, in a folder where the sample is this file."""
    command = [sys.executable, __file__, "--ask", json.dumps([question, engine, *given])]
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


def table(rows: list[Row], conditions: str, came_back: dict[str, str]) -> str:
    lines = [LEGEND, "|---|---|---|---|---|--:|--:|", *(f"| {' | '.join(row.cells())} |" for row in rows)]
    remarks = [f"* {remark}" for remark in remarks_on(rows, came_back)]
    return "\n".join([*lines, "", conditions, "", *remarks])


def remarks_on(rows: list[Row], came_back: dict[str, str]) -> Iterator[str]:
    refused = {option: [row.engine.name for row in rows if not row.takes(option)] for option in OPTIONS}
    if taken := [f"`{option}`" for option, engines in refused.items() if not engines]:
        yield f"The rows of {', '.join(taken)} are taken as those of whole records are."
    for option, engines in refused.items():
        if engines:
            yield f"The rows of `{option}` are not taken by {', '.join(engines)}."
    for change in CHANGES:
        if engines := [row.engine.name for row in rows if change in row.changes()]:
            yield f"In {', '.join(engines)}, {change}."
    for how in sorted(set(came_back.values())):
        names = ", ".join(name for name, it in came_back.items() if it == how)
        yield f"By the way back below, each record comes back {how} from {names}."


def main() -> None:
    parser = command_line(__doc__, "--size", 1_300, "megabytes of records")
    parser.add_argument("--only", action="append", metavar="NAME", choices=ENGINES, help="one of %(choices)s")
    parser.add_argument("--print", action="store_true", help="print the table, do not change the page")
    parser.add_argument("--ask", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ask:
        question, engine, *given = arguments.ask
        print(json.dumps(QUESTIONS[question](ENGINES.get(engine), *given)))
        return
    sample = (arguments.file or TARGET / SAMPLE.name).resolve()
    rows, conditions = ask_all(sample, arguments.size * 1_000_000, arguments.only)
    faults = [f"{row.engine.name}: {fault}" for row in rows for fault in row.faults]
    try:
        came_back = {} if arguments.only else ask("way back", sample)
    except Failure as failure:
        came_back = {}
        faults.append(f"the way back: {failure}")
    faults += [f"the way back from {name}" for name, how in came_back.items() if how == "wrong"]
    made = table(rows, conditions, came_back)
    print(made)
    if faults:
        raise SystemExit("\n".join(faults))
    if not arguments.print and not arguments.only:
        before, rest = PAGE.read_text().split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}")


if __name__ == "__main__":
    main()
