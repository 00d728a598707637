"""The values of a column as Python objects and numpy arrays, as pyarrow has them."""

import subprocess
import sys
import threading

import mrrc
import numpy as np
import pyarrow as pa
import pytest
from conftest import read, record, recover, rows

UNDECODABLE = record(("001", b"A\xff"), ("245", b"10\x1faT"))
NAMELESS = record(("245", b"10\x1faTitle\x1fbrest\x1fa"), ("500", b"Text"))


@pytest.fixture
def tables(fixture_1k):
    """Tables with columns of every type that there is."""
    odd = recover(NAMELESS + UNDECODABLE + b"x" + b"00000" + NAMELESS[5:], provenance="raw")
    description = mrrc.describe(fixture_1k)
    return [
        read(fixture_1k, provenance="raw", batch_size=300)[5:700],
        odd,
        *(odd.sources, odd.findings, odd.diagnostics, odd.rejects),
        *(description.fields, description.encodings),
        mrrc.check(NAMELESS + UNDECODABLE),
        read(b""),
    ]


def test_values_are_those_of_pyarrow(tables):
    seen = set()
    for table in tables:
        arrow = table.to_pyarrow()
        for name in table.columns:
            column, expected = table[name], arrow[name].to_pylist()
            assert column.to_pylist() == list(column) == expected, name
            assert list(map(type, column)) == list(map(type, expected)), name
            assert len(column) == len(expected)
            seen.add(str(arrow[name].type).split("<")[0])
    assert seen >= {"string", "int64", "binary", "double", "list"}


def test_a_value_is_found_by_its_number(fixture_1k):
    table = read(fixture_1k, batch_size=300)
    expected = [row["control_number"] for row in rows(table)]
    column = table["control_number"]
    for number in (0, 1, 299, 300, 999, -1, -1000, np.int64(7)):
        assert column[number] == expected[number]
    assert table["fields"][17] == rows(table)[17]["fields"]
    for number in (1000, -1001, 10**18):
        with pytest.raises(IndexError, match=f"there is no value {number} of 1000"):
            column[number]
    for wrong in ("0", 1.0, None, 10**30):
        with pytest.raises(TypeError, match="takes the number of a value, or a slice"):
            column[wrong]


@pytest.mark.parametrize(
    "part", [slice(None), slice(10, 20), slice(295, 605), slice(-3, None), slice(7, 3), slice(2000, 3000)]
)
def test_a_slice_of_a_column_is_a_column(part, fixture_1k):
    column = read(fixture_1k, batch_size=300)["fields"]
    some = column[part]
    assert isinstance(some, mrrc.Column)
    assert some.name == "fields"
    assert some.to_pylist() == column.to_pylist()[part]
    assert pa.chunked_array(some).to_pylist() == column.to_pylist()[part]
    with pytest.raises(IndexError, match="cannot have a step"):
        column[::2]


def test_a_column_is_a_numpy_array_of_one_dimension(tables):
    for table in tables:
        for name in table.columns:
            array = np.asarray(table[name])
            assert array.shape == (table.num_rows,), name
            kind = str(pa.chunked_array(table[name]).type)
            assert (array.dtype == object) == (kind not in ("int64", "double")), (name, kind)
            if array.dtype.kind in "if":
                expected = pa.chunked_array(table[name]).to_numpy()
                np.testing.assert_array_equal(array, expected)
                assert array.dtype == expected.dtype or not table.num_rows
            else:
                assert array.tolist() == table[name].to_pylist()


def test_lists_of_one_length_are_still_one_dimension():
    fields = np.asarray(read(NAMELESS * 3)["fields"])
    assert fields.shape == (3,)
    assert [it["tag"] for it in fields[2]] == ["245", "500"]


def test_values_and_arrays_need_no_pyarrow():
    code = """
import sys
sys.modules["pyarrow"] = None
import mrrc, numpy as np
table = mrrc.read_arrow(mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc(), provenance=True)
assert list(table["control_number"]) == table["control_number"].to_pylist() == ["A1"]
assert table["fields"][0][0]["value"] == table.to_pylist()[0]["fields"][0]["value"] == "A1"
assert np.asarray(table["record"]).dtype == np.int64
assert table.select("control_number").to_csv() == "control_number\\nA1\\n"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_threads_that_share_an_iterator_get_each_value_once(fixture_1k):
    values = iter(read([fixture_1k] * 5)["control_number"])
    got = []
    threads = [threading.Thread(target=lambda: got.extend(values)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 5000
    assert next(values, None) is None
