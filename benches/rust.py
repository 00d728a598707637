"""Columns from Python beside the same in Rust, where there is no interpreter and no lock.

    python benches/rust.py [FILE] [--pairs N]

FILE is `target/fixture_100k.mrc` unless named. Each pair runs a program in Rust
(`examples/read_count_write.rs`, on the pool of rayon that the package has too) and one in Python, each in a
process of its own and a few times over, one right after the other. The best time of each counts, by the
clock on the wall, and the median of the pairs is printed. Results also go to `benches/results/rust.json`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mrrc
from conditions import ROOT, build, command_line, input_file, write_results

EXAMPLE = "read_count_write"
WORKS: dict[str, Callable[[Path, Path], Any]] = {
    "read_arrow": lambda file, _: mrrc.read_arrow(file),
    "count": lambda file, _: mrrc.scan(file).count(),
    "to_parquet": lambda file, target: mrrc.scan(file).to_parquet(target),
}
TIMES = 5


def main() -> None:
    arguments = parse_arguments()
    file = input_file(arguments.file)
    if arguments.work:
        work_here(arguments.work, file)
        return
    build_profile = ["--release", "--locked", "--features", "parquet"]
    subprocess.run(["cargo", "build", "--quiet", *build_profile, "--example", EXAMPLE], cwd=ROOT, check=True)
    commands = {
        "rust": lambda work: [str(ROOT / "target/release/examples" / EXAMPLE), work, str(file), str(TIMES)],
        "python": lambda work: [sys.executable, __file__, str(file), "--work", work],
    }
    pairs: dict[str, list[dict[str, float]]] = {work: [] for work in WORKS}
    for turn in range(arguments.pairs):
        for work, these in pairs.items():
            order = list(commands) if turn % 2 == 0 else list(reversed(commands))
            these.append({name: seconds(commands[name](work)) for name in order})
    results = {
        "file": {"name": file.name, "bytes": file.stat().st_size},
        "build": build(),
        "pairs": arguments.pairs,
        "works": {
            work: {
                "rust": statistics.median(pair["rust"] for pair in these),
                "python": statistics.median(pair["python"] for pair in these),
                "speed": statistics.median(pair["rust"] / pair["python"] for pair in these),
                "pairs": these,
            }
            for work, these in pairs.items()
        },
    }
    kept = write_results("rust", results)
    print(tables(json.loads(kept.read_text())))
    print(f"results are in {kept.relative_to(ROOT)}", file=sys.stderr)


def parse_arguments() -> argparse.Namespace:
    parser = command_line(__doc__, "--pairs", 7, "pairs of runs")
    parser.add_argument("--work", choices=WORKS, help=argparse.SUPPRESS)
    return parser.parse_args()


def work_here(name: str, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TIMES):
            begin = time.perf_counter()
            WORKS[name](file, Path(folder, "out.parquet"))
            print(time.perf_counter() - begin)


def seconds(command: list[str]) -> float:
    """The best of the times that a program prints, each at the beginning of a line."""
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return min(float(line.split()[0]) for line in printed.splitlines())


def tables(results: dict[str, Any]) -> str:
    """The results as Markdown, after a line with the conditions."""
    machine = results["machine"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {results['date']}, "
        f"{results['build']} build; {results['file']['name']}; medians of {results['pairs']} pairs.",
        "",
        "| task, on all cores | seconds in Rust | seconds from Python | speed from Python, of Rust |",
        "|---|--:|--:|--:|",
    ]
    for work, it in results["works"].items():
        lines.append(f"| `{work}` | {it['rust']:.3f} | {it['python']:.3f} | {it['speed']:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
