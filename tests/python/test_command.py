"""The command, as `python -m mrrc` and the script of the wheel run it; and what it writes, read by others."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import mrrc
import pyarrow.parquet as pq
import pymarc
import pytest
from conftest import record

COMMAND = [sys.executable, "-m", "mrrc"]
GOOD = record(("001", b"A1"), ("245", b"10\x1faEmma"))


def run(*args, **given):
    return subprocess.run([*COMMAND, *map(str, args)], capture_output=True, timeout=60, **given)


def test_it_prints_what_the_package_finds(fixture_1k):
    counted = run("count", "--where", "year(008/07-10) >= 2000", fixture_1k)
    assert (counted.returncode, counted.stderr) == (0, b"")
    assert int(counted.stdout) == mrrc.scan(fixture_1k).count(where="year(008/07-10) >= 2000")
    selected = run(
        "select", "--format", "json", "id = 001, subjects = 650$a, year = year(008/07-10)", fixture_1k
    )
    rows = mrrc.read_arrow(
        fixture_1k, columns={"id": "001", "subjects": "650$a", "year": "year(008/07-10)"}
    ).to_pylist()
    assert [json.loads(line) for line in selected.stdout.splitlines()] == rows


def test_numbers_are_those_of_each_file_in_an_archive(tmp_path):
    of = {"a.mrc": GOOD * 2, "notes.txt": b"Have fun.", "b.mrc": GOOD * 3}
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name, data in of.items():
            archive.writestr(name, data)
    shown = run("show", "--number", "2", "two.zip", cwd=tmp_path)
    assert (shown.returncode, shown.stdout.count(b"=001")) == (1, 1)
    assert shown.stderr == b"mrrc: two.zip!a.mrc: there is no record 2; the last is 1\n"
    assert run("show", "--number", "1", "two.zip", cwd=tmp_path).stdout.count(b"=001") == 2


def test_a_record_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "some.mrc").write_bytes(GOOD + b"x" * 30 + b"\x1d" + GOOD[:24] + b"\x1d" + GOOD)
    shown = run("show", "--number", "1", "some.mrc", cwd=tmp_path)
    assert shown.returncode == 1
    assert b"some.mrc: record 1 cannot be read (" in shown.stderr


def test_what_is_printed_never_gets_into_a_file_where_standard_output_is_closed(tmp_path):
    (tmp_path / "good.mrc").write_bytes(GOOD)
    command = f"{sys.executable} -m mrrc repair --rejects bad.mrc good.mrc - >&-"
    subprocess.run(command, shell=True, cwd=tmp_path, timeout=60)
    assert (tmp_path / "bad.mrc").read_bytes() == b""


def test_help_names_the_command_and_is_complete():
    helped = run("convert", "--help")
    assert helped.returncode == 0
    assert b"Usage: mrrc convert" in helped.stdout
    assert helped.stdout.split()[-2:] == [b"in", b"UTF-8."]
    assert run("--version").stdout == f"mrrc {mrrc.__version__}\n".encode()


@pytest.mark.parametrize(
    ("args", "code"),
    [(["check", "odd.mrc"], 1), (["count"], 2), (["count", "cut.mrc"], 3), (["count", "no.mrc"], 4)],
)
def test_exit_codes_are_those_of_the_command(tmp_path, args, code):
    (tmp_path / "odd.mrc").write_bytes(b"00099" + GOOD[5:])
    (tmp_path / "cut.mrc").write_bytes(GOOD[:-3])
    done = run(*args, cwd=tmp_path)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_standard_input_and_output_are_those_of_the_process():
    assert run("count", "-", input=GOOD * 3).stdout == b"3\n"
    assert run("convert", "--to", "mrc", "-", "-", input=GOOD * 3).stdout == GOOD * 3


def test_a_name_need_not_be_utf_8(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.mrc"
    try:
        Path(os.fsdecode(path)).write_bytes(GOOD)
    except OSError:
        pytest.skip("the file system refuses such names")
    done = subprocess.run([*COMMAND, "count", path], capture_output=True, timeout=60)
    assert done.stdout == b"1\n"


def test_a_reader_may_stop_before_the_end(fixture_10k_marc8):
    with subprocess.Popen(
        [*COMMAND, "convert", "--to", "jsonl", str(fixture_10k_marc8), "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.read(10) == b'{"leader":'
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_without_a_traceback_or_a_part_of_a_target(tmp_path, number):
    process = subprocess.Popen(
        [*COMMAND, "convert", "-", str(tmp_path / "target.parquet")],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdin.write(GOOD)
    process.stdin.flush()
    while not list(tmp_path.iterdir()):
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(number)
    assert process.wait(60) == 130
    assert process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == []
    process.stdin.close()
    process.stderr.close()


def test_other_threads_go_on_meanwhile(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = (
        "import sys, threading; from mrrc._mrrc import _run_command\n"
        "def feed():\n"
        "    with open(sys.argv[1], 'wb') as file: file.write(bytes.fromhex(sys.argv[2]))\n"
        "threading.Thread(target=feed).start()\n"
        "sys.exit(_run_command(['mrrc', 'count', sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", script, pipe, GOOD.hex()], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"1\n")


def test_the_wheel_has_it_as_a_script():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    module, function = project["project"]["scripts"]["mrrc"].split(":")
    assert callable(getattr(import_module(module), function))


def test_what_it_writes_is_what_pymarc_reads(tmp_path, fixture_1k):
    with open(fixture_1k, "rb") as file:
        records = list(pymarc.MARCReader(file, to_unicode=True, force_utf8=True))
    for suffix in ("jsonl", "xml", "mrk"):
        done = run("convert", fixture_1k, tmp_path / f"all.{suffix}")
        assert (done.returncode, done.stderr) == (0, b"")
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [it.as_dict() for it in records]
    by_xml = pymarc.parse_xml_to_array(str(tmp_path / "all.xml"))
    assert [it.as_dict() for it in by_xml] == [it.as_dict() for it in records]
    # pymarc leaves the blanks of a leader as they are, and has no mnemonics.
    mrk = (tmp_path / "all.mrk").read_text().replace("{dollar}", "$")
    mrk = re.sub("^=LDR.*", lambda leader: leader[0].replace("\\", " "), mrk, flags=re.MULTILINE)
    assert mrk == "\n".join(map(str, records))
    namespace = "{http://www.loc.gov/MARC21/slim}"
    root = ElementTree.parse(tmp_path / "all.xml").getroot()
    assert (root.tag, len(root)) == (f"{namespace}collection", len(records))


def test_a_card_is_the_same_in_a_notebook_and_on_a_terminal(tmp_path):
    (tmp_path / "one.mrc").write_bytes(GOOD)
    html = next(mrrc.MARCReader(GOOD))._repr_html_()
    cells = [
        ["".join(cell.itertext()) for cell in row] for row in ElementTree.parse(io.StringIO(html)).iter("tr")
    ]
    card = run("show", "--number", "0", "--format", "card", tmp_path / "one.mrc").stdout.decode()
    heading, *lines = card.splitlines()
    assert heading == "record 0"
    assert [line.split() for line in lines] == [" ".join(row).split() for row in cells]


def test_it_exports_many_files_to_a_folder(tmp_path):
    for name in ("a.mrc", "b.mrc"):
        (tmp_path / name).write_bytes(GOOD * 5)
    arguments = ["export", "--columns", "id = 001", "--chunk", "100", "*.mrc", "out"]
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"mrrc: 10 records; 10 delivered; 2 sources in out\n"
    assert mrrc.from_arrow(pq.read_table(tmp_path / "out" / "records"))["id"].to_pylist() == ["A1"] * 10
    (tmp_path / "c.mrc").write_bytes(GOOD[:-3])
    damaged = run(*arguments, cwd=tmp_path)
    assert damaged.returncode == 3
    assert b"--on-error skip" in damaged.stderr
    assert b"Traceback" not in damaged.stderr
    assert run(*arguments, "--on-error", "skip", cwd=tmp_path).stderr == (
        b"mrrc: 11 records; 10 delivered, 1 rejected; 3 sources in out\n"
    )
    others = run("export", "c.mrc", "out", "--on-error", "skip", cwd=tmp_path)
    assert others.stderr == (
        b"mrrc: the folder out has an export with other options or of another version; choose another "
        b"folder, or do all of it again with --force\n"
    )
    missing = run("export", "none.mrc", "out", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.startswith(b"mrrc: none.mrc: ")) == (4, True)
    again = run(*arguments, "--on-error", "skip", "--force", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (
        0,
        b"mrrc: 11 records; 10 delivered, 1 rejected; 3 sources in out\n",
    )
