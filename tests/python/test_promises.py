"""What holds for any input at all; `docs/promises.md` lists it, with the tests that hold it."""

import io
import pickle
import random
import re
import signal
import subprocess
import sys
import time
import warnings

import mrrc
import pytest
from conftest import LEADER, ROOT, assert_accounts_add_up, read, read_quietly, record, recover, rows


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


@pytest.mark.parametrize("n_rows", [1, 40, 250, 700])
def test_batches_end_where_the_bytes_say(n_rows, fixture_1k):
    data = mutated(fixture_1k.read_bytes(), 7, 400).replace(b"\x1d", b"\x1d" + b"\n" * 700)
    lengths, accounts = set(), []
    for threads in (1, 2, 7):
        for window in (1 << 9, 1 << 14, 1 << 20):
            scan = mrrc.scan(data, on_error="skip", n_rows=n_rows, threads=threads, batch_size=30)
            keywords = {**scan.__reduce__()[1][2], "window": window}
            scan = mrrc._mrrc._scan(io.BytesIO(data), keywords)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lengths.add(tuple(batch.num_rows for batch in scan))
            assert_accounts_add_up(scan)
            accounts.append(rows(scan.rejects))
    assert len(lengths) == 1
    assert sum(lengths.pop()) == n_rows
    assert accounts.count(accounts[0]) == len(accounts)


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

class Namespaces:
    # Elements of 40 bytes, each with a namespace of its own.
    number, block = 0, b""
    def read(self, size):
        while len(self.block) < size and self.number < 2_000_000:
            numbers = range(self.number, self.number + 50_000)
            self.number = numbers.stop
            self.block += "".join(f'<x xmlns:p{it:08}="http://a/{it:08}"/>' for it in numbers).encode()
        found, self.block = self.block[:size], self.block[size:]
        return found

record = open(sys.argv[1], "rb").read(40_000)
record = record[: int(record[:5])]
pattern = {
    "records": record,
    "garbage": b"garbage without an end ",
    "record": b"x" * 1000,
    "promises": b"99999nam a2299999 a 4500 \\x1d",
    "rejects": record[:30] + b"?" + record[31:],
    "terminators": b"\\x1d",
    "namespaces": None,
}[sys.argv[2]]
if pattern:
    source, bytes = Endless(pattern, 300_000_000), 300_000_000
else:
    source, bytes = Namespaces(), 80_000_000
scan = mrrc.scan(source, on_error="recover", threads=2, format="auto" if pattern else "marcxml")
for batch in scan:
    pass
# Without pyarrow, which takes as much as the read.
assert scan.sources["bytes"][0] > bytes * 4 / 5
status = open("/proc/self/status").read()
print(int(status.partition("VmHWM:")[2].split()[0]))
"""


@pytest.mark.parametrize(
    "kind", ["records", "garbage", "record", "promises", "rejects", "terminators", "namespaces"]
)
def test_memory_is_bounded_whatever_comes(kind, fixture_1k):
    command = [sys.executable, "-c", PEAK, fixture_1k, kind]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Of a source of 300 MB, or of 80 MB of namespaces.
    assert int(done.stdout) < 160_000, f"{done.stdout} kB"


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


FAULTS = {
    "a subfield": record(("001", b"A1"), ("245", b"10\x1faT\xfftle"), leader=LEADER[:9] + b"a" + LEADER[10:]),
    "an indicator": record(
        ("001", b"A2"), ("245", "é\x1faTitle".encode()), leader=LEADER[:9] + b"a" + LEADER[10:]
    ),
    "marc-8": record(("001", b"A3"), ("245", b"10\x1faT\xfftle")),
    "a control field": record(("001", b"A4"), ("008", b"\xff"), leader=LEADER[:9] + b"a" + LEADER[10:]),
    "an odd tag": record(("001", b"A5"), ("24 ", b"10\x1fATitle")),
}


@pytest.mark.parametrize("policy", ["skip", "recover"])
@pytest.mark.parametrize("options", [{}, {"encoding": "utf-8"}, {"encoding": "auto"}, {"provenance": True}])
def test_the_rows_do_not_depend_on_the_columns(policy, options):
    sound = record(("001", b"B"), ("245", b"10\x1faTitle"))
    data = sound + sound.join(FAULTS.values()) + sound
    scan = mrrc.scan(data, on_error=policy, **options)
    whole = read_quietly(data, on_error=policy, **options)
    with pytest.warns(mrrc.MarcWarning):
        assert scan.count() == whole.num_rows
    names = whole.column_names
    for columns in ([], ["leader"], ["control_number"], names[:2], ["fields"], names[3:]):
        part = scan._narrowed(columns=columns)
        with pytest.warns(mrrc.MarcWarning):
            table = part.read()
        assert table.num_rows == whole.num_rows
        assert rows(table) == [{name: row[name] for name in columns} for row in rows(whole)]
        for account in ("sources", "rejects"):
            assert rows(getattr(table, account)) == rows(getattr(whole, account))


@pytest.mark.parametrize("columns", [[], ["leader"], ["control_number"], ["fields"]])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_error_does_not_depend_on_the_columns(columns, fault):
    def error(scan):
        try:
            scan.read()
        except mrrc.MarcError as error:
            return str(error)

    scan = mrrc.scan(FAULTS[fault])
    assert error(scan._narrowed(columns=columns)) == error(scan)


def test_a_query_sees_the_rows_that_are_read():
    import polars as pl

    data = b"".join(FAULTS.values())
    with pytest.warns(mrrc.MarcWarning):
        whole = pl.DataFrame(mrrc.scan(data, on_error="recover", provenance=True).read())
    lazy = mrrc.scan(data, on_error="recover", provenance=True).to_polars()
    damaged = pl.col("undecodable") > 0
    with pytest.warns(mrrc.MarcWarning):
        assert lazy.select(pl.len()).collect().item() == whole.height
        found = lazy.filter(damaged).select("control_number").collect()
    assert found.equals(whole.filter(damaged).select("control_number"))
    assert found.height == 4


def test_a_damaged_pickle_of_a_table_is_refused(fixture_1k):
    table = read_quietly(fixture_1k.read_bytes()[:30_000] + b"garbage", on_error="skip")
    pickled = pickle.dumps(table)
    chance = random.Random(5)
    refused = 0
    for _ in range(2000):
        damaged = bytearray(pickled)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            again = pickle.loads(bytes(damaged))
        except Exception as error:
            refused += "checksum" in str(error)
        else:
            if isinstance(again, mrrc.Table):
                assert again.to_pyarrow().equals(table.to_pyarrow())
    assert refused > 1900
    assert rows(pickle.loads(pickled).rejects) == rows(table.rejects)
