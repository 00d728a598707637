"""Damaged files of a folder: how many records each reader delivers, as the table of `docs/damaged.md`.

    python benches/damaged.py FOLDER [--print]

Every file of ISO 2709 below FOLDER that we do not read without an error is a row. We read it with
`on_error="recover"`; the peers read it as they do by default, each file in a process of its own, so that one
that crashes or hangs is a row too. The environments are those of `peers.py`.

Where a peer delivers more than we do, the last column says what it counts, from `REASONS`; a row that has no
reason there is an error, so that whoever finds one has to look at the file.
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
"""Seconds after which a peer is said to hang."""

PEERS: dict[str, tuple[Package | Tool, str]] = {
    "pymarc 5.4.0": (PYMARC, "pymarc"),
    "rmarc 5.4.0": (RMARC, "rmarc"),
    "mrrc 0.9.2 (the other project)": (MRRC_PEER, "mrrc"),
    "yaz-marcdump": (Tool("yaz-marcdump"), ""),
}

WITHOUT_A_FIELD = "one of them is a leader without a field: its directory cannot be read"
OVERWRITTEN = (
    "a record in part: tags in its directory were overwritten, and their fields are lost or called otherwise"
)
REASONS = {
    "edsu__pymarc/test__bad_records.mrc": WITHOUT_A_FIELD,
    "folio-org__stripes-testing/cypress__fixtures__marcFileForC350750.mrc": OVERWRITTEN,
    "marc4j__marc4j/test__resources__008008027.mrc": "the file ends inside the last record; given in part",
    "marc4j__marc4j/test__resources__bad_hathi_records.mrc": "three are pieces of a record, without a field",
    "pypi__pymarc-5.4.0/test__bad_records.mrc": WITHOUT_A_FIELD,
    "solrmarc__stanford-solr-marc/core__test__data__combineBibMhld_b1b2b3bad.mrc": WITHOUT_A_FIELD,
    "solrmarc__stanford-solr-marc/stanford-sw__test__data__unreadable.mrc": WITHOUT_A_FIELD,
}  # fmt: skip
"""Why a peer delivers more, by file: looked at, each of them."""


@dataclass(frozen=True)
class Answer:
    """What a reader made of a file."""

    records: int | None
    """None: it did not come so far as to say."""
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
        """The peers that deliver more than we do."""
        return [name for name, answer in self.peers.items() if (answer.records or 0) > self.ours]


def account_of(path: Path) -> dict[str, int] | None:
    """What we deliver by recovering; none if the file reads without an error, or is no MARC at all."""
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
    # The peers know nothing of compression.
    with tempfile.NamedTemporaryFile(suffix=".mrc") as expanded:
        expanded.write(gzip.decompress(data))
        expanded.flush()
        answers = {peer: ask(peer, Path(expanded.name)) for peer in PEERS}
    return Row(str(path.relative_to(folder)), account, answers)


def table(rows: list[Row]) -> str:
    lines = [
        "| file | mrrc | of these, repaired | " + " | ".join(PEERS) + " | why a peer has more |",
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
    parser.add_argument("--print", action="store_true", help="print the table, and leave the page alone")
    arguments = parser.parse_args()
    for runner, _ in PEERS.values():
        # Environments are made one at a time, before the files are read side by side.
        runner.command("delivered.py")
    paths = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(cores()) as pool:
        rows = [row for row in pool.map(lambda path: row_of(arguments.folder, path), paths) if row]
    say(f"{len(paths):,} files, {len(rows):,} of them damaged")
    if arguments.print:
        print(table(rows))
    unexplained = [row for row in rows if row.ahead() and row.name not in REASONS]
    for row in unexplained:
        say(f"{row.name}: {row.ours:,} here, more from {', '.join(row.ahead())}, and no reason is known")
    if unexplained:
        raise SystemExit(1)
    if not arguments.print:
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}")


if __name__ == "__main__":
    main()
