"""Scripts written for pymarc: all that they write is the same, byte for byte.

Once with one line changed, and once with nothing changed and our package in the place of pymarc.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import record, sample

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
THE_LINE = re.compile(r"^(import pymarc$|from pymarc(?=[. ]))", re.MULTILINE)

IN_ITS_PLACE = """
import runpy, sys
import mrrc
sys.modules["pymarc"] = mrrc
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def changed(script: str) -> str:
    """The script with the one line changed that users are told to change."""
    ours, lines = THE_LINE.subn(
        lambda it: "import mrrc as pymarc" if it[0] == "import pymarc" else "from mrrc", script
    )
    assert lines == 1
    return ours


def records(data: bytes) -> list[bytes]:
    return [it + b"\x1d" for it in data.split(b"\x1d")[:-1]]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records in UTF-8 and MARC-8, some that cannot be read among them, and an end in the midst of one."""
    good = records(sample("fixture_1k").read_bytes())
    marc8 = records(sample("fixture_10k_marc8").read_bytes())[:120]
    control = [("001", b"bad"), ("003", b"x"), ("008", b"020101s2002    xxu           000 0 eng d")]
    no_text = record(*control, ("245", b"10\x1faNo \xff text"), leader=b"00000nam a2200000 a 4500")
    odd = record(*control, ("245", b"1\x1faOdd\x1fb\x1f\x1fcby whom"), ("653", b"  "))
    bad = [
        good[0][:12] + b"0x001" + good[0][17:],  # no base address
        good[1][:12] + b"99999" + good[1][17:],  # one behind the end
        good[2][:27] + b"00a2" + good[2][31:],  # an entry without a number
        good[3][:12] + b"%05d" % (int(good[3][12:17]) - 2) + good[3][17:],  # a directory of 12 n - 2
        no_text,
    ]
    parts = [*good[:150], *bad[:3], odd, *marc8, *bad[3:], *good[150:300], good[300][:200]]
    path = tmp_path_factory.mktemp("scripts") / "mixed.mrc"
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda it: it.stem)
def test_a_script_gives_the_same(script: Path, mixed: Path, tmp_path: Path):
    text = script.read_text(encoding="utf-8")
    ways = {"pymarc": (text,), "one line": (changed(text),), "in its place": (text, "-c", IN_ITS_PLACE)}
    started = {way: start(tmp_path / way, script.name, mixed, *how) for way, how in ways.items()}
    theirs, one_line, in_its_place = (outcome(process, tmp_path / way) for way, process in started.items())
    assert theirs["exit"] == 0, theirs["stderr"].decode()
    for ours in (one_line, in_its_place):
        assert ours["stderr"] == theirs["stderr"]
        assert ours["stdout"] == theirs["stdout"]
        assert ours == theirs
    written = [content for name, content in theirs.items() if name != "exit"]
    assert max(map(len, written)) > 200  # of something that was written


def start(folder: Path, name: str, records: Path, text: str, *before: str) -> subprocess.Popen[bytes]:
    """A script in a folder of its own, with the same names in each: they may stand in what is printed."""
    (folder / "out").mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "input.mrc").symlink_to(records)
    command = [sys.executable, "-X", "utf8", *before, name, "input.mrc", "out"]
    # Into files: a pipe that nobody empties holds up who writes much.
    with open(folder / "stdout", "wb") as stdout, open(folder / "stderr", "wb") as stderr:
        return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr)


def outcome(process: subprocess.Popen[bytes], folder: Path) -> dict[str, object]:
    process.wait(timeout=60)
    shown = {name: (folder / name).read_bytes() for name in ("stdout", "stderr")}
    files = {it.name: it.read_bytes() for it in sorted((folder / "out").iterdir())}
    return {"exit": process.returncode} | shown | files
