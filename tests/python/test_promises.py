"""What holds for any input at all; `docs/promises.md` lists it, with the tests that hold it."""

import pickle
import random
import re
import signal
import subprocess
import sys
import time

import mrrc
import pytest
from conftest import ROOT, assert_accounts_add_up, read, read_quietly, record, recover, rows


def test_each_promise_names_tests_that_exist():
    page = (ROOT / "docs" / "promises.md").read_text()
    promises = re.findall(r"^\| P(\d+) \| .+ \| (.+) \|$", page, re.MULTILINE)
    assert [int(number) for number, _ in promises] == [*range(1, 23)]
    for number, tests in promises:
        named = re.findall(r"`([\w/.]+)::(\w+)`", tests)
        assert named, f"P{number}"
        for file, test in named:
            found = re.search(rf"\b(?:def|fn) {test}\(", (ROOT / file).read_text())
            assert found, f"P{number}: {file} has no {test}"


def every_damage() -> bytes:
    return b"".join(path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "damaged").glob("*.mrc")))


def mutated(data: bytes, seed: int, count: int) -> bytes:
    """Bytes with so many of them changed, lost, or said twice."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(count):
        at = chance.randrange(len(out))
        match chance.randrange(3):
            case 0:
                out[at] = chance.choice([0x1D, 0x1E, 0x1F, 0x1B, 0x30, 0x80, 0xE2, 0xFF])
            case 1:
                del out[at : at + chance.randrange(1, 20)]
            case 2:
                out[at:at] = out[at : at + chance.randrange(1, 20)]
    return bytes(out)


def test_threads_and_repetition_change_nothing(fixture_1k):
    data = (every_damage() + mutated(fixture_1k.read_bytes(), 7, 200)) * 3
    tables = [recover(data, threads=threads, batch_size=100) for threads in (1, 2, 7, 64, 64)]
    assert tables[0].num_rows > 1000
    for of in (lambda it: it, lambda it: it.findings, lambda it: it.diagnostics, lambda it: it.rejects):
        assert len({pickle.dumps(of(table)) for table in tables}) == 1


@pytest.mark.parametrize("sample_name", ["fixture_1k", "fixture_10k_marc8"])
def test_every_replacement_character_is_accounted_for(sample_name, request):
    data = request.getfixturevalue(sample_name).read_bytes()[:1_000_000]
    table = recover(mutated(data, 3, 400), provenance="raw")
    assert sum(row["undecodable"] for row in rows(table)) > 10
    for row in rows(table):
        shown = str([row["fields"], row["control_number"] and ""]).count("\ufffd")
        in_source = row["raw"][24:].count("\ufffd".encode())
        assert shown == row["undecodable"] + in_source, row["record"]


def test_what_is_rejected_does_not_depend_on_the_columns(fixture_1k):
    data = every_damage() + mutated(fixture_1k.read_bytes(), 5, 100)
    scan = mrrc.scan(data, on_error="recover")
    whole = recover(data)
    for columns in (["leader"], ["control_number"], ["fields"], []):
        part = scan._narrowed(columns=columns)
        with pytest.warns(mrrc.MarcWarning):
            assert sum(batch.num_rows for batch in part) == whole.num_rows
        assert rows(part.rejects) == rows(whole.rejects)
        assert rows(part.sources) == rows(whole.sources)


def test_sound_records_come_out_alike_beside_any_damage(fixture_1k):
    records = [row["raw"] for row in rows(read(fixture_1k, provenance="raw")[:40])]
    chance = random.Random(11)
    data, places = bytearray(), []
    for sound in records:
        data += chance.randbytes(chance.randrange(300)).replace(b"\x1d", b"") + b"\x1d"
        places.append(len(data))
        data += sound
    table = recover(bytes(data), provenance="raw")
    found = {row["offset"]: row["raw"] for row in rows(table)}
    assert {place: found.get(place) for place in places} == dict(zip(places, records, strict=True))


PEAK = """
import sys, warnings, mrrc
warnings.simplefilter("ignore")

class Endless:
    def __init__(self, pattern, bytes):
        self.block, self.left = pattern * (1 + (1 << 21) // len(pattern)), bytes
    def read(self, size):
        self.left -= size
        return self.block[:size] if self.left > 0 else b""

record = open(sys.argv[1], "rb").read(40_000)
record = record[: int(record[:5])]
pattern = {
    "records": record,
    "garbage": b"garbage without an end ",
    "record": b"x" * 1000,
    "promises": b"99999nam a2299999 a 4500 \\x1d",
    "rejects": record[:30] + b"?" + record[31:],
    "terminators": b"\\x1d",
}[sys.argv[2]]
scan = mrrc.scan(Endless(pattern, 300_000_000), on_error="recover", threads=2)
for batch in scan:
    pass
account = scan.sources.to_pyarrow().to_pylist()[0]
assert account["bytes"] > 250_000_000, account
status = open("/proc/self/status").read()
print(int(status.partition("VmHWM:")[2].split()[0]))
"""


@pytest.mark.parametrize("kind", ["records", "garbage", "record", "promises", "rejects", "terminators"])
def test_memory_is_bounded_whatever_comes(kind, fixture_1k):
    command = [sys.executable, "-c", PEAK, fixture_1k, kind]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Of a source of 300 MB; an interpreter with pyarrow takes a third of it.
    assert int(done.stdout) < 200_000, f"{done.stdout} kB"


def test_accounts_are_bounded_in_the_number_of_sources(fixture_1k):
    sound = fixture_1k.read_bytes()
    sound = sound[: int(sound[:5])]
    damaged = sound[:30] + b"?" + sound[31:]
    table = read_quietly([damaged * (1 + 2_000_000 // len(damaged))] * 20, on_error="skip")
    assert_accounts_add_up(table)
    rejected = sum(row["rejected"] for row in rows(table.sources))
    assert table.rejects.num_rows == rejected == sum(row["count"] for row in rows(table.findings))
    kept = [len(row["raw"]) for row in rows(table.rejects) if row["raw"]]
    assert 16 * 2**20 - len(damaged) < sum(kept) <= 16 * 2**20

    odd = record(("001", b"x"), ("245", b"10\x1fAT"))
    table = mrrc.check([odd * 10_000] * 12)
    assert table.num_rows == 100_000
    assert [row["count"] for row in rows(table.findings)] == [10_000] * 12


def test_who_is_killed_leaves_a_whole_file_or_none(fixture_1k, tmp_path):
    source = tmp_path / "large.mrc"
    source.write_bytes(fixture_1k.read_bytes() * 40)
    target = tmp_path / "out.parquet"
    code = f"import mrrc; mrrc.scan({str(source)!r}).to_parquet({str(target)!r})"
    for wait in (0.05, 0.2, 0.4, 0.6, 0.9):
        worker = subprocess.Popen([sys.executable, "-c", code])
        time.sleep(wait)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        if target.exists():
            import pyarrow.parquet as pq

            assert pq.read_table(target, columns=["leader"]).num_rows == 40_000
            target.unlink()


def test_accounts_add_up_under_every_policy(fixture_1k):
    data = mutated(fixture_1k.read_bytes(), 1, 300) + every_damage()
    for policy in ("skip", "recover"):
        for threads in (1, 3):
            table = read_quietly(data, on_error=policy, threads=threads)
            assert_accounts_add_up(table)
            assert rows(table.sources)[0]["bytes"] == len(data)
    scan = mrrc.scan(data)
    with pytest.raises(mrrc.MarcError):
        scan.read()
    assert_accounts_add_up(scan)
    assert rows(scan.sources)[0]["bytes"] == len(data)
