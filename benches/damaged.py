"""How many records each reader delivers from the damaged files of a folder: the table in `docs/damaged.md`.

    python benches/damaged.py FOLDER [--print]

Every file in ISO 2709 below FOLDER that mrrc cannot read without an error is a row. mrrc reads it with
`on_error="recover"`, the peers with their defaults, each file in its own process, so that a peer that crashes
or hangs is reported too. The environments are those of `peers.py`.

If a peer delivers more records than mrrc, the last column says why, from `REASONS`. If there is no reason for
the file yet, the script fails: look at the file.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import subprocess
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import mrrc
from conditions import ROOT, cores
from peers import MRRC_PEER, PYMARC, RMARC, Package, Tool, say

PAGE = ROOT / "docs" / "damaged.md"
BEGIN, END = "<!-- table: benches/damaged.py -->", "<!-- end -->"
PATIENCE = 30
"""After this number of seconds, a peer hangs."""

PEERS: dict[str, tuple[Package | Tool, str]] = {
    "pymarc 5.4.0": (PYMARC, "pymarc"),
    "rmarc 5.4.0": (RMARC, "rmarc"),
    "mrrc 0.9.2 (the other project)": (MRRC_PEER, "mrrc"),
    "yaz-marcdump": (Tool("yaz-marcdump"), ""),
}

WITHOUT_A_FIELD = "one of them is a leader without fields: its directory cannot be read"
OVERWRITTEN = "part of a record: tags in its directory were overwritten; fields are lost or misnamed"
REASONS = {
    "edsu__pymarc/test__bad_records.mrc": WITHOUT_A_FIELD,
    "folio-org__stripes-testing/cypress__fixtures__marcFileForC350750.mrc": OVERWRITTEN,
    "marc4j__marc4j/test__resources__008008027.mrc": "the file ends inside the last record; given in part",
    "marc4j__marc4j/test__resources__bad_hathi_records.mrc": "three are pieces of a record, without fields",
    "pypi__pymarc-5.4.0/test__bad_records.mrc": WITHOUT_A_FIELD,
    "solrmarc__stanford-solr-marc/core__test__data__combineBibMhld_b1b2b3bad.mrc": WITHOUT_A_FIELD,
    "solrmarc__stanford-solr-marc/stanford-sw__test__data__unreadable.mrc": WITHOUT_A_FIELD,
}  # fmt: skip
"""Why a peer delivers more, by file. Somebody has looked at each of them."""


@dataclass(frozen=True)
class Answer:
    """What a reader made of a file."""

    records: int | None
    """`None` if it crashed or hung before it could say."""
    stopped: str | None = None

    def __str__(self) -> str:
        if self.records is None:
            return str(self.stopped)
        return f"{self.records:,}" + (f", then {self.stopped}" if self.stopped else "")


@dataclass(frozen=True)
class Row:
    name: str
    account: dict[str, int]
    peers: dict[str, Answer]

    @property
    def ours(self) -> int:
        return self.account["delivered"]

    def ahead(self) -> list[str]:
        """The peers that deliver more than mrrc."""
        return [name for name, answer in self.peers.items() if (answer.records or 0) > self.ours]


def account_of(path: Path) -> dict[str, int] | None:
    """What mrrc delivers; `None` if it reads the file without an error, or if the file is not MARC."""
    try:
        mrrc.scan(path).read()
        return None
    except mrrc.MarcError as error:
        if error.code == "not-marc":
            return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        return mrrc.read_arrow(path, on_error="recover").sources.to_pyarrow().to_pylist()[0]


def ask(peer: str, path: Path) -> Answer:
    runner, module = PEERS[peer]
    if isinstance(runner, Tool):
        command = [runner.name, "-o", "marcxml", str(path)]
    else:
        command = [*runner.command("delivered.py"), str(path), module]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE, env=environment)
    except subprocess.TimeoutExpired:
        return Answer(None, "hangs")
    if isinstance(runner, Tool):
        records = len(re.findall(rb"<record\b", done.stdout))
        return Answer(records, "crashes" if done.returncode < 0 else None)
    if done.returncode != 0:
        return Answer(None, "crashes")
    return Answer(**json.loads(done.stdout))


def row_of(folder: Path, path: Path) -> Row | None:
    account = account_of(path)
    if account is None:
        return None
    data = path.read_bytes()
    if not data.startswith(b"\x1f\x8b"):
        return Row(str(path.relative_to(folder)), account, {peer: ask(peer, path) for peer in PEERS})
    # The peers cannot read compressed files.
    with tempfile.NamedTemporaryFile(suffix=".mrc") as expanded:
        expanded.write(gzip.decompress(data))
        expanded.flush()
        answers = {peer: ask(peer, Path(expanded.name)) for peer in PEERS}
    return Row(str(path.relative_to(folder)), account, answers)


def table(rows: list[Row]) -> str:
    lines = [
        "| file | mrrc | repaired | " + " | ".join(PEERS) + " | why others have more |",
        "|---|--:|" + "--:|" * len(PEERS) + "--:|---|",
    ]
    for row in rows:
        answers = " | ".join(str(answer) for answer in row.peers.values())
        reason = REASONS.get(row.name, "") if row.ahead() else ""
        name = row.name.replace("__", "\\_\\_").replace("|", "\\|")
        ours = f"{row.ours:,} | {row.account['repaired']:,}"
        lines.append(f"| {name} | {ours} | {answers} | {reason} |")
    return "\n".join(lines)


def main() -> None:
    description, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--print", action="store_true", help="print the table, do not change the page")
    arguments = parser.parse_args()
    for runner, _ in PEERS.values():
        # Environments are made one at a time, before the files are read in parallel.
        runner.command("delivered.py")
    paths = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(cores()) as pool:
        rows = [row for row in pool.map(lambda path: row_of(arguments.folder, path), paths) if row]
    say(f"{len(paths):,} files, {len(rows):,} of them damaged")
    if arguments.print:
        print(table(rows))
    unexplained = [row for row in rows if row.ahead() and row.name not in REASONS]
    for row in unexplained:
        say(f"{row.name}: {row.ours:,} here, more from {', '.join(row.ahead())}; add the reason to REASONS")
    if unexplained:
        raise SystemExit(1)
    if not arguments.print:
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}")


if __name__ == "__main__":
    main()
