"""Every kind of damage costs the damaged record alone, and is named where it is."""

import contextlib
import gzip
import io
import warnings
from pathlib import Path

import mrrc
import pytest
from conftest import assert_accounts_add_up, recover, rows, skip
from damaged import CASES
from damaged.cases import usual
from damaged.compressed import PACKED
from damaged.fields import ODD_FIELDS
from mrrc import _mrrc

HARMLESS = [case for case in CASES if case.error is None]
REPAIRED = [case for case in CASES if case.recover.repairs]


class LittleByLittle(io.RawIOBase):
    """Gives fewer bytes than it is asked for: one at a time, of a large input many."""

    def __init__(self, data):
        self.inner = io.BytesIO(data)
        self.most = 1 if len(data) <= 200_000 else 65_521

    def read(self, size=-1):
        return self.inner.read(self.most if size < 0 else min(size, self.most))


class Windowed(type(Path())):
    """A path whose bytes are looked at when so many are read."""

    data: int


@pytest.fixture
def windows(tmp_path, monkeypatch):
    """The same bytes in windows of many sizes."""
    scan = _mrrc._scan

    def in_windows(source, keywords):
        window = {"window": source.raw} if isinstance(source, Windowed) else {}
        return scan(source, keywords | window)

    monkeypatch.setattr(_mrrc, "_scan", in_windows)

    def windows(data, name="case.mrc"):
        (tmp_path / name).write_bytes(data)
        for size in (1, 7, 64, 4096) if len(data) < 50_000 else (4096, 65_521):
            path = Windowed(tmp_path / name)
            path.raw = size
            yield path

    return windows


@pytest.fixture
def readings(tmp_path, windows):
    """The same bytes in every way that they can come in, with options that must not matter."""

    def readings(case):
        data, path = case.raw, tmp_path / "case.mrc"
        path.write_bytes(data)
        ways = [
            (data, {}),
            (data, {"threads": 7, "batch_size": 7}),
            (path, {"threads": 7, "batch_size": 1}),
            (path, {"threads": 1, "batch_size": 7}),
            (LittleByLittle(data), {"threads": 1}),
            (gzip.compress(data, 1), {"batch_size": 1}),
            *((path, {}) for path in windows(data)),
        ]
        return [(source, options | case.options) for source, options in ways]

    return readings


def by(case):
    return pytest.mark.parametrize("case", case, ids=str)


def delivered(table):
    return [row["control_number"] for row in rows(table)]


def gaps(table):
    """Where gaps begin."""
    return [it["offset"] for it in rows(table.diagnostics) if it["code"] in ("gap", "not-marc")]


def without_source(table):
    return [{name: value for name, value in row.items() if name != "source"} for row in rows(table)]


def test_every_case_is_there_once():
    assert len({case.id for case in CASES}) == len(CASES) == 293
    assert (len(HARMLESS), len(REPAIRED)) == (133, 83)


@by(CASES)
def test_skipping_leaves_out_the_damaged_record_alone(case, readings):
    assert_same([came_out(skip(source, **options), case.skip) for source, options in readings(case)])


@by(CASES)
def test_recovering_delivers_what_is_proven_and_says_how(case, readings):
    tables = [recover(source, **options) for source, options in readings(case)]
    assert_same([came_out(table, case.recover) for table in tables])
    for record, columns in case.values.items():
        (row,) = [row for row in rows(tables[0]) if row["control_number"] == record]
        assert {column: values(row, column) for column in columns} == columns


def came_out(table, outcome):
    """Everything that a read gave, when it is found to be as it should."""
    account = rows(table.sources)[0]
    assert delivered(table) == outcome.control_numbers
    assert [(it["offset"], it["offset"] + it["length"]) for it in rows(table.rejects)] == outcome.rejects
    assert {it: account[f"bytes_{it}"] for it in outcome.raw} == outcome.raw
    assert account["repaired"] == len(outcome.repairs)
    assert account["gaps"] == len(outcome.gaps)
    assert gaps(table) == [start for start, _ in outcome.gaps]
    found = rows(table.diagnostics)
    rejected = {it["record"] for it in rows(table.rejects)}
    repairs = {it["record"]: it["repair"] for it in found if it["repair"] and it["record"] not in rejected}
    assert repairs == outcome.repairs
    if outcome.findings is not None:
        assert [a_finding(it) for it in found] == [
            (record, code, severity, told["offset"] if offset is None else offset, entry, tag)
            for told, (record, code, severity, offset, entry, tag) in zip(
                found, outcome.findings, strict=True
            )
        ]
    accounts = [table.sources, table.findings, table.diagnostics, table.rejects]
    return (rows(table), *(without_source(it) for it in accounts))


def a_finding(told):
    code = told["code"].replace("not-marc", "gap")
    return (told["record"], code, *(told[name] for name in ("severity", "offset", "entry", "tag")))


def values(row, column):
    """What a column such as `245$a`, `245^1`, `003`, `LDR/22`, `tags` or `count(520)` has in a row."""
    tag, code = column[:3], column[4:]
    fields = [field for field in row["fields"] if field["tag"] == tag]
    if column == "LDR":
        return [row["leader"]]
    if column.startswith("LDR/"):
        return [row["leader"][int(code)]]
    if column == "tags":
        return [field["tag"] for field in row["fields"]]
    if column.startswith("count("):
        return [sum(field["tag"] == column[6:9] for field in row["fields"])]
    if column[3:4] == "^":
        return [field[f"ind{code}"] for field in fields]
    if not code:
        return [field["value"] for field in fields]
    return [it["value"] for field in fields for it in field["subfields"] if it["code"] == code]


def assert_same(seen):
    assert all(it == seen[0] for it in seen)


@by(CASES)
def test_raising_names_the_damage_and_its_place(case, readings):
    seen = []
    for source, options in readings(case):
        scan = mrrc.scan(source, **options)
        before, error = [], None
        try:
            for batch in scan:
                before += delivered(batch)
        except mrrc.MarcError as raised:
            error = raised
        assert_accounts_add_up(scan)
        if case.error is None:
            assert error is None
            assert before == case.skip.control_numbers
            continue
        assert before == case.skip.control_numbers[: case.error.delivered]
        found = (error.code.replace("not-marc", "gap"), error.offset, error.record)
        assert found == (case.error.code, case.error.offset, case.error.record)
        seen.append((type(error), {**vars(error), "source": None}))
    assert_same(seen)


@by(HARMLESS)
def test_what_is_harmless_raises_nothing(case):
    assert delivered(mrrc.read_arrow(case.raw, **case.options)) == case.skip.control_numbers


@pytest.mark.parametrize("odd", ODD_FIELDS, ids=lambda odd: f"{odd.id} {odd.title}")
def test_an_odd_field_is_delivered_as_it_stands_and_named(odd):
    data = odd.case().raw
    table = mrrc.read_arrow(data)
    found = rows(table)[1]["fields"][-1]
    assert found["tag"] == odd.tag
    assert {name: found[name] for name in odd.columns} == odd.columns
    start = data.index(odd.raw + b"\x1e\x1d", len(usual("a")))
    told = rows(table.diagnostics)
    assert tuple(it["code"] for it in told) == odd.codes
    for finding in told:
        assert (finding["severity"], finding["record"], finding["tag"]) == ("warning", 1, odd.tag)
        assert finding["control_number"] == "b"
        assert start <= finding["offset"] <= start + len(odd.raw)


@by(PACKED)
@pytest.mark.parametrize("policy", ["raise", "skip", "recover"])
def test_a_compressed_source_gives_what_is_sound_in_it_and_says_where_it_is_cut(case, policy, windows):
    ways = [case.raw, LittleByLittle(case.raw), *windows(case.raw, case.name)]
    for source in ways:
        scan = mrrc.scan(source, on_error=policy)
        is_fatal = case.code is not None and case.is_error and policy != "recover"
        with warnings.catch_warnings(), contextlib.ExitStack() as stack:
            warnings.simplefilter("ignore", mrrc.MarcWarning)
            if is_fatal:
                error = stack.enter_context(pytest.raises(mrrc.MarcError))
            read = []
            for batch in scan:
                read += delivered(batch)
        assert "".join(read) == case.delivered
        assert_accounts_add_up(scan)
        (account,) = rows(scan.sources)
        assert account["bytes_filler"] == case.filler
        told = [it["code"] for it in rows(scan.diagnostics)]
        if is_fatal:
            assert error.value.code == case.code
        elif case.cut:
            assert (account["bytes_rejected"], told) == (case.cut, ["record-truncated", case.code])
        else:
            assert told == ([case.code] if case.code else [])
