"""The figures in `docs/PERFORMANCE.md`: its tables and its plot, from the results of the benches.

    python benches/performance.py [--print]

Reads what `peers`, `formats`, `records`, `record_threads` and `rust` left in `benches/results`, writes their
tables into the page, and draws `docs/img/records.png`. With `--print` it prints them and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

import matplotlib

matplotlib.use("Agg")

import peers
import record_threads
import records
import rust
from conditions import RESULTS, ROOT
from matplotlib import pyplot

import formats

PAGE = ROOT / "docs" / "PERFORMANCE.md"
PLOT = ROOT / "docs" / "img" / "records.png"
COLOURS = {"pymarc": "#9aa5b1", "rmarc": "#c9b37e", "mrrc": "#1f6f8b"}


def main() -> None:
    description, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--print", action="store_true", help="print the tables and write nothing")
    arguments = parser.parse_args()
    benches = {
        "peers": peers,
        "formats": formats,
        "records": records,
        "record_threads": record_threads,
        "rust": rust,
    }
    results = {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in benches}
    tables = {name: bench.tables(results[name]) for name, bench in benches.items()}
    if arguments.print:
        print(*tables.values(), sep="\n\n")
        return
    page = PAGE.read_text()
    for name, table in tables.items():
        marked = re.compile(rf"(<!-- table: benches/{name}\.py -->\n).*?(<!-- end -->)", re.DOTALL)
        page, places = marked.subn(lambda it, table=table: f"{it[1]}\n{table}\n\n{it[2]}", page)
        if places != 1:
            raise SystemExit(f"{PAGE.name} has {places} places for the table of {name}.py, not one")
    PAGE.write_text(page)
    draw(results["records"], results["record_threads"])


def draw(measured: dict[str, Any], threads: dict[str, Any]) -> None:
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(11, 4.6), width_ratios=(3, 2), layout="constrained"
    )
    packages = [*(name for name in measured["packages"] if name != records.OURS), records.OURS]
    works = list(measured["cpu_seconds"])
    height = 0.8 / len(packages)
    for index, package in enumerate(packages):
        micros = [
            measured["cpu_seconds"][work][package] / measured["file"]["records"] * 1e6 for work in works
        ]
        places = [row + (index - (len(packages) - 1) / 2) * height for row in range(len(works))]
        bars = left.barh(places, micros, height, label=package, color=COLOURS[package])
        left.bar_label(bars, [f"{value:,.1f}" for value in micros], padding=2, fontsize=7)
    left.set_xscale("log")
    left.margins(x=0.12)
    left.set_yticks(range(len(works)), [work.replace("`", "") for work in works], fontsize=8)
    left.invert_yaxis()
    left.set_xlabel("CPU µs per record, with reading (logarithmic; less is better)")
    left.legend(frameon=False, fontsize=8)

    for name in dict.fromkeys(entry["work"] for entry in threads["works"]):
        entries = [entry for entry in threads["works"] if entry["work"] == name]
        is_control = name == record_threads.CONTROL
        right.plot(
            [entry["threads"] for entry in entries],
            [entry["gain"] for entry in entries],
            marker="o",
            color="black" if is_control else None,
            linestyle="--" if is_control else "-",
            label=name,
        )
    right.set_xticks(record_threads.THREADS)
    right.set_ylim(bottom=0)
    right.set_xlabel(f"threads, on {threads['machine']['cores']} cores")
    right.set_ylabel("speed, relative to one file after another")
    right.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
