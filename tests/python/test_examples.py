"""The examples run, and do what they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pymarc
import pytest
from conftest import ROOT, record, sample


def example(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "examples" / f"{name}.py", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_the_pymarc_script_gives_what_it_gives_with_pymarc(tmp_path: Path):
    text = (ROOT / "examples" / "pymarc_script.py").read_text()
    theirs, lines = re.subn(
        r"^import mrrc as pymarc .*# this line was: (.*)$", r"\1", text, flags=re.MULTILINE
    )
    assert lines == 1
    (tmp_path / "theirs.py").write_text(theirs)
    command = [sys.executable, tmp_path / "theirs.py", sample("fixture_1k"), tmp_path / "theirs.mrc"]
    expected = subprocess.run(command, check=True, capture_output=True, text=True)
    done = example("pymarc_script", sample("fixture_1k"), tmp_path / "ours.mrc")
    assert (done.stdout, done.stderr) == (expected.stdout, expected.stderr)
    data = (tmp_path / "ours.mrc").read_bytes()
    assert data == (tmp_path / "theirs.mrc").read_bytes()
    assert len(data) > 10_000


def test_reading_by_threads_and_processes(tmp_path: Path):
    files = [shutil.copy(sample("fixture_1k"), tmp_path / f"{name}.mrc") for name in "ab"]
    done = example("concurrent_reading", *files)
    assert "2,000 records of 2 files" in done.stdout
    assert re.search(r"^titles and ISBNs( +[\d.]+ s +[\d.]+ s +[\d.]+)", done.stdout, re.MULTILINE)


def test_writing_by_threads_and_processes(tmp_path: Path):
    files = [Path(shutil.copy(sample("fixture_1k"), tmp_path / f"{name}.mrc")) for name in "ab"]
    done = example("concurrent_writing", tmp_path / "new", *files)
    assert "2,000 records written to 2 files" in done.stdout
    for path in files:
        records = list(pymarc.MARCReader((tmp_path / "new" / path.name).read_bytes()))
        assert [record["916"]["b"] for record in records] == [str(number) for number in range(1, 1001)]
        assert {record["916"]["a"] for record in records} == {path.name}


def test_the_plot_is_a_picture(tmp_path: Path):
    example("plot", sample("fixture_1k"), tmp_path / "catalogue.png")
    assert (tmp_path / "catalogue.png").read_bytes().startswith(b"\x89PNG")


NUMBERLESS = record(("245", b"10\x1faTitle")) * 2


@pytest.mark.parametrize(
    "name", ["concurrent_reading", "concurrent_writing", "demo", "plot", "pymarc_script"]
)
def test_records_without_a_number_are_records(name: str, tmp_path: Path):
    (tmp_path / "old.mrc").write_bytes(NUMBERLESS)
    arguments = {
        "concurrent_writing": ["new", "old.mrc"],
        "plot": ["old.mrc", "new.png"],
        "pymarc_script": ["old.mrc", "new.mrc"],
    }
    done = example(name, *(tmp_path / it for it in arguments.get(name, ["old.mrc"])))
    assert bool(done.stdout) == (name != "plot") and not done.stderr


@pytest.mark.parametrize("name", ["concurrent_writing", "demo", "plot", "pymarc_script"])
def test_an_example_without_arguments_says_how_it_is_called(name: str):
    command = [sys.executable, ROOT / "examples" / f"{name}.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr.split()[:3]) == (1, ["usage:", "python", f"examples/{name}.py"])
