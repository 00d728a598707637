"""Every kind of damage costs the damaged record alone, and is named where it is."""

import gzip
import io

import mrrc
import pytest
from conftest import assert_accounts_add_up, rows, skip
from damaged import CASES
from damaged.cases import usual
from damaged.fields import ODD_FIELDS

HARMLESS = [case for case in CASES if case.error is None]
REPAIRABLE = [case for case in CASES if case.error and case.error.repairable]


class LittleByLittle(io.RawIOBase):
    """Gives fewer octets than it is asked for: one at a time, of a large input many."""

    def __init__(self, octets):
        self.inner = io.BytesIO(octets)
        self.most = 1 if len(octets) <= 200_000 else 65_521

    def read(self, size=-1):
        return self.inner.read(self.most if size < 0 else min(size, self.most))


@pytest.fixture
def readings(tmp_path):
    """The same octets in every way that they can come in, with options that must not matter."""

    def readings(octets):
        path = tmp_path / "case.mrc"
        path.write_bytes(octets)
        return [
            (octets, {}),
            (octets, {"threads": 7, "batch_size": 7}),
            (path, {"threads": 7, "batch_size": 1}),
            (path, {"threads": 1, "batch_size": 7}),
            (LittleByLittle(octets), {"threads": 1}),
            (gzip.compress(octets, 1), {"batch_size": 1}),
        ]

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
    assert len({case.id for case in CASES}) == len(CASES) == 214
    assert (len(HARMLESS), len(REPAIRABLE)) == (76, 46)


@by(CASES)
def test_skipping_leaves_out_the_damaged_record_alone(case, readings):
    seen = []
    for source, options in readings(case.octets):
        table = skip(source, **options)
        account = rows(table.sources)[0]
        assert delivered(table) == case.skip.control_numbers
        assert [
            (it["offset"], it["offset"] + it["length"]) for it in rows(table.rejects)
        ] == case.skip.rejects
        assert {it: account[f"octets_{it}"] for it in case.skip.octets} == case.skip.octets
        assert account["gaps"] == len(case.skip.gaps)
        assert gaps(table) == [start for start, _ in case.skip.gaps]
        accounts = [table.sources, table.findings, table.diagnostics, table.rejects]
        seen.append((rows(table), *(without_source(it) for it in accounts)))
    assert all(it == seen[0] for it in seen)


@by(CASES)
def test_raising_names_the_damage_and_its_place(case, readings):
    seen = []
    for source, options in readings(case.octets):
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
        assert error.record == case.error.record
        if case.error.repairable:
            (start, end), *_ = case.skip.rejects
            assert error.record_offset == start <= error.offset <= end
        else:
            assert (error.code.replace("not-marc", "gap"), error.offset) == (
                case.error.code,
                case.error.offset,
            )
        seen.append((type(error), {**vars(error), "source": None}))
    assert all(it == seen[0] for it in seen)


@by(HARMLESS)
def test_what_is_harmless_raises_nothing(case):
    assert delivered(mrrc.read_arrow(case.octets)) == case.skip.control_numbers


@pytest.mark.parametrize("odd", ODD_FIELDS, ids=lambda odd: f"{odd.id} {odd.title}")
def test_an_odd_field_is_delivered_as_it_stands_and_named(odd):
    octets = odd.case().octets
    table = mrrc.read_arrow(octets)
    found = rows(table)[1]["fields"][-1]
    assert found["tag"] == odd.tag
    assert {name: found[name] for name in odd.columns} == odd.columns
    start = octets.index(odd.octets + b"\x1e\x1d", len(usual("a")))
    told = rows(table.diagnostics)
    assert tuple(it["code"] for it in told) == odd.codes
    for finding in told:
        assert (finding["severity"], finding["record"], finding["tag"]) == ("warning", 1, odd.tag)
        assert finding["control_number"] == "b"
        assert start <= finding["offset"] <= start + len(odd.octets)
