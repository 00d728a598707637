"""What one engine answers, in a process of its own: `engines.py` starts it, in an empty folder.

    python benches/engine_answers.py '["recipe", "polars"]'

The last line of what it prints is the answer, in JSON.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import mrrc
from conditions import ROOT
from engine_questions import ENGINES, FIRST, RECENT, Engine

sys.path.append(str(ROOT / "benches" / "peers" / "programs"))
from measure import high_water, peak_bytes

PAGE = ROOT / "docs" / "engines.md"
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


def most_frequent(counts: Any) -> list[list[Any]]:
    pairs = [[str(subject), int(count)] for subject, count in counts]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


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


def adopted(_: Engine | None) -> list[str]:
    """The tables that have the rows of an export, in the files that it wrote."""
    names: dict[str, Any] = {}
    exec(recipe("The folder of an export"), names)
    delta, iceberg, files = names["delta"], names["iceberg"], names["files"]
    tables = {
        "Delta": (delta.to_pyarrow_dataset().to_table(), delta.file_uris()),
        "Iceberg": (iceberg.scan().to_arrow(), iceberg.inspect.files()["file_path"].to_pylist()),
    }
    right = sorted(map(repr, mrrc.read_arrow(SAMPLE, columns="bib").to_pylist()))
    for name, (rows, its_files) in tables.items():
        if sorted(map(repr, mrrc.from_arrow(rows).to_pylist())) != right:
            raise Wrong(f"{name} has other rows than were exported")
        if sorted(its_files) != files:
            raise Wrong(f"{name} has other files than were exported")
    return list(tables)


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
    "adopted": adopted,
}


def main() -> None:
    question, engine, *given = json.loads(sys.argv[1])
    print(json.dumps(QUESTIONS[question](ENGINES.get(engine), *given)))


if __name__ == "__main__":
    main()
