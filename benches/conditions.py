"""The conditions that a figure holds under: which file, how often, which machine, which revision."""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"
RESULTS = ROOT / "benches" / "results"
FIXTURE = TARGET / "fixture_100k.mrc"


def command_line(page: str | None, times: str, default: int, meaning: str) -> argparse.ArgumentParser:
    """What a bench is asked for: a file, and how often it is read; `page` is the docstring of the bench."""
    description, _, _ = (page or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="MARC records, or these in xz")
    parser.add_argument(times, type=at_least_one, default=default, metavar="N", help=f"{meaning} ({default})")
    return parser


def at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one is needed")
    return number


def input_file(argument: Path | None) -> Path:
    """The file to read: the fixture unless another is named; one in xz is expanded once, into `target/`."""
    file = argument or FIXTURE
    if not file.is_file():
        hint = "" if argument else ": make it, or name a file of MARC records"
        raise SystemExit(f"{file} is not there{hint}")
    if file.suffix != ".xz":
        return file.resolve()
    expanded = TARGET / "peers" / file.stem
    if not expanded.is_file() or expanded.stat().st_mtime < file.stat().st_mtime:
        expanded.parent.mkdir(parents=True, exist_ok=True)
        unfinished = expanded.with_suffix(".unfinished")
        with lzma.open(file) as source, unfinished.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        unfinished.rename(expanded)
    return expanded


def machine() -> dict[str, Any]:
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def cores() -> int:
    """The cores that this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def build() -> str:
    """How our package was compiled: the wheel of every day has the planted faults that tests ask for."""
    module = import_module("mrrc._mrrc")
    return "everyday" if hasattr(module, "_sabotage") else "release"


def revision() -> str:
    """The commit of the work tree, with a `+` if files have changed since."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=10", "--dirty=+"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def write_results(name: str, results: dict[str, Any]) -> Path:
    """Keep results as `benches/results/NAME.json`, with the conditions in front."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    conditions = {
        "date": datetime.now(UTC).date().isoformat(),
        "revision": revision(),
        "machine": machine(),
    }
    path.write_text(json.dumps(conditions | results, indent=2) + "\n")
    return path
