"""How much memory each way through a large file takes at most.

    python benches/memory.py [FILE] [--size MB] [--only WORD]

FILE is `target/fixture_100k.mrc` unless named. Its records are repeated in a temporary folder, up to 1,300 MB
or what `--size` says. Each way runs in a process of its own, with two threads, and answers the most memory
that the process held at once, as the system counts it: Python and the imported libraries included. One that
is ours has failed if it takes more than 200 MB. What other libraries take is theirs, and stands beside it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import mrrc
from conditions import build, command_line, cpu_model, input_file

sys.path.append(str(Path(__file__).parent / "peers" / "programs"))
from measure import peak_bytes

LIMIT = 200_000_000
THREADS = 2


class Files(NamedTuple):
    """What a way reads, and where it may write."""

    marc: Path
    parquet: Path
    target: Path

    def scan(self, **options: object) -> mrrc.Scan:
        return mrrc.scan(self.marc, threads=THREADS, progress=False, **options)  # type: ignore[arg-type]


def to_parquet(**options: object) -> Callable[[Files], object]:
    return lambda files: files.scan(**options).to_parquet(files.target)


def of_batches(files: Files) -> None:
    for _batch in files.scan():
        pass


def of_records(files: Files) -> None:
    for _record in files.scan().records():
        pass


def of_reader(files: Files) -> None:
    with mrrc.MARCReader(files.marc) as reader:
        for record in reader:
            assert record


def marc_of_parquet(use_threads: bool) -> Callable[[Files], object]:
    def write(files: Files) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(files.parquet, pre_buffer=False)
        batches = file.iter_batches(batch_size=1_000, use_threads=use_threads)
        reader = pa.RecordBatchReader.from_batches(file.schema_arrow, batches)
        mrrc.write_marc(reader, files.target, threads=THREADS)

    return write


def polars_sink(**options: int) -> Callable[[Files], object]:
    return lambda files: files.scan().to_polars().sink_parquet(files.target, **options)


def duckdb_copy(options: str = "") -> Callable[[Files], object]:
    def copy(files: Files) -> None:
        import duckdb

        connection = duckdb.connect()
        connection.register("catalogue", files.scan())
        connection.execute(f"set threads={THREADS}")
        connection.execute(f"copy (select * from catalogue) to '{files.target}' (format parquet{options})")

    return copy


OURS: dict[str, Callable[[Files], object]] = {
    "nothing but the import": lambda files: None,
    "`to_parquet`, layout nested": to_parquet(),
    "`to_parquet`, layout fields": to_parquet(layout="fields"),
    "`to_parquet`, layout subfields": to_parquet(layout="subfields"),
    '`to_parquet`, `columns="bib"`': to_parquet(columns="bib"),
    '`to_parquet`, `columns="codes"`': to_parquet(columns="codes"),
    "`to_csv`, layout subfields": lambda files: files.scan(layout="subfields").to_csv(files.target),
    "`write_marc` of a Scan": lambda files: files.scan().write_marc(files.target),
    "`write_marc` of a Scan, layout subfields": lambda files: files.scan(layout="subfields").write_marc(
        files.target
    ),
    "`write_marc` of a Parquet file, read by one thread of pyarrow": marc_of_parquet(use_threads=False),
    "`for batch in scan`": of_batches,
    "`for record in scan.records()`": of_records,
    "`for record in MARCReader(path)`": of_reader,
    "`value_counts`": lambda files: files.scan().value_counts("650$a"),
    "`count`": lambda files: files.scan().count(),
    "`count`, with a condition": lambda files: files.scan(where="650{^2=0}").count(),
    "`mrrc.check`": lambda files: mrrc.check(files.marc),
    "`mrrc.describe`": lambda files: mrrc.describe(files.marc),
}
WITH_OTHERS: dict[str, Callable[[Files], object]] = {
    "`write_marc` of a Parquet file, read by all threads of pyarrow": marc_of_parquet(use_threads=True),
    "polars: `to_polars().sink_parquet(path)`": polars_sink(),
    "polars: the same, with `row_group_size=10_000`": polars_sink(row_group_size=10_000),
    "DuckDB: `copy (select * from scan) to …`": duckdb_copy(),
    "DuckDB: the same, with `row_group_size 10240`": duckdb_copy(", row_group_size 10240"),
}
WAYS = OURS | WITH_OTHERS


def main() -> None:
    parser = command_line(__doc__, "--size", 1_300, "megabytes of records")
    parser.add_argument("--only", default="", metavar="WORD", help="the ways that have this in their name")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        WAYS[arguments.way](files_in(arguments.folder))
        print(peak_bytes())
        return
    with tempfile.TemporaryDirectory() as folder:
        files = files_in(Path(folder))
        repeat(input_file(arguments.file), files.marc, arguments.size * 1_000_000)
        files.scan().to_parquet(files.parquet)
        peaks = {way: peak_of(way, files) for way in WAYS if arguments.only in way}
        size = files.marc.stat().st_size
    print(f"{cpu_model()}, {THREADS} threads, {build()} build; {size / 1e6:,.0f} MB of records.\n")
    print("| way | peak memory, MB |\n|---|--:|")
    for way, peak in peaks.items():
        print(f"| {way} | {peak / 1e6:,.0f} |")
    if too_much := [way for way in OURS if peaks.get(way, 0) > LIMIT]:
        raise SystemExit(f"more than {LIMIT / 1e6:,.0f} MB: {', '.join(too_much)}")


def files_in(folder: Path) -> Files:
    return Files(folder / "catalogue.mrc", folder / "catalogue.parquet", folder / "target")


def repeat(source: Path, target: Path, size: int) -> None:
    with target.open("wb") as sink:
        while sink.tell() < size:
            with source.open("rb") as records:
                shutil.copyfileobj(records, sink, 1 << 20)


def peak_of(way: str, files: Files) -> int:
    command = [sys.executable, __file__, "--way", way, "--folder", str(files.marc.parent)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    files.target.unlink(missing_ok=True)
    return int(answer.stdout)


if __name__ == "__main__":
    main()
