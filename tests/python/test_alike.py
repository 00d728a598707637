"""What a Scan and a Table have alike, and what they have as polars and pyarrow have it."""

import pickle
import resource
import warnings

import mrrc
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import assert_accounts_add_up, read, record, rows, skip

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"))
BROKEN = b"00000" + TITLE[5:]


def numbered(count, **changed):
    data = (record(("001", b"%d" % number), ("245", b"10\x1faT")) for number in range(count))
    return b"".join(changed.get(f"r{number}", it) for number, it in enumerate(data))


def table_of(it):
    return it.read() if isinstance(it, mrrc.Scan) else it


BOTH = [mrrc.read_arrow, mrrc.scan]


@pytest.mark.parametrize("way", BOTH)
def test_columns_are_known_by_name(way):
    it = way(TITLE, provenance=True)
    assert it.columns == it.column_names == it.schema.names == pa.schema(it.schema).names
    assert it.columns[:4] == ["record", "control_number", "leader", "fields"]
    assert "leader" in it
    assert "title" not in it
    assert 5 not in it


def test_a_table_has_a_shape_and_a_scan_says_why_it_has_none():
    table, scan = read(TITLE * 3), mrrc.scan(TITLE * 3)
    assert table.shape == (table.num_rows, table.num_columns) == table.to_polars().shape == (3, 4)
    for name in ("shape", "num_rows", "height"):
        assert not hasattr(scan, name)
        with pytest.raises(AttributeError, match=r"before it is read: scan.count\(\) counts them"):
            getattr(scan, name)
    with pytest.raises(AttributeError, match=r"'mrrc.Scan' object has no attribute 'colums'") as told:
        _ = scan.colums
    assert (told.value.name, told.value.obj) == ("colums", scan)
    with pytest.raises(AttributeError, match=r"'mrrc.Table' object has no attribute 'colums'"):
        _ = table.colums


@pytest.mark.parametrize("way", BOTH)
def test_neither_is_an_array_but_a_column_is(way):
    with pytest.raises(TypeError, match=r"is no array.*\[name\]"):
        np.asarray(way(TITLE))
    assert np.asarray(table_of(way(TITLE))["record"]).tolist() == [0]


@pytest.mark.parametrize("n", [0, 1, 5, 999, 1000, 5000])
@pytest.mark.parametrize("way", BOTH)
def test_head_and_tail_are_the_rows_at_either_end(way, n, fixture_1k):
    whole = rows(mrrc.read_arrow(fixture_1k))
    it = way(fixture_1k, batch_size=64)
    assert rows(table_of(it.head(n))) == whole[:n]
    assert rows(it.tail(n)) == (whole[-n:] if n else [])


@pytest.mark.parametrize("way", BOTH)
def test_head_and_tail_are_five_rows_as_in_polars(way, fixture_1k):
    it = way(fixture_1k)
    assert table_of(it.head()).num_rows == it.tail().num_rows == pl.DataFrame({"a": range(9)}).head().height


def test_the_head_of_a_scan_is_a_scan():
    scan = mrrc.scan(numbered(100))
    head = scan.head(7)
    assert isinstance(head, mrrc.Scan)
    assert head.count() == head.read().num_rows == head.to_polars().collect().height == 7
    assert head.head(3).count() == head.head(3).head(50).count() == 3
    assert head.head(50).count() == 7
    assert pickle.loads(pickle.dumps(head.head(2))).count() == 2
    assert mrrc.scan(numbered(100), n_rows=4).head(7).count() == 4


def test_scans_that_were_made_from_another_keep_accounts_of_their_own():
    scan = mrrc.scan(numbered(100))
    few, many = scan.head(3), scan.select("leader").head(20)
    few.read()
    many.read()
    assert [rows(it.sources)[0]["delivered"] for it in (few, many)] == [3, 20]
    assert scan.sources is None
    assert_accounts_add_up(few)
    failing = mrrc.scan(TITLE + BROKEN)
    with pytest.raises(mrrc.MarcError) as caught:
        failing.select("leader").read()
    assert failing.error is None
    assert caught.value.record == 1


def test_a_tail_has_the_accounts_of_the_whole_read():
    with pytest.warns(mrrc.MarcWarning, match="1 rejected"):
        tail = mrrc.scan(TITLE * 10 + BROKEN + TITLE * 2, on_error="skip", batch_size=3).tail(4)
    assert tail.num_rows == 4
    assert rows(tail.sources)[0]["records"] == 13
    with pytest.raises(mrrc.MarcError):
        mrrc.scan(TITLE * 10 + BROKEN).tail(1)


def test_a_tail_keeps_no_more_than_it_needs(fixture_10k_marc8):
    scan = mrrc.scan([fixture_10k_marc8] * 10, threads=1)
    assert scan.head(10_000).tail(5).num_rows == 5
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert scan.tail(5).num_rows == 5
    # The whole is more than 160 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


@pytest.mark.parametrize("way", BOTH)
def test_columns_are_selected_by_name_in_the_order_that_is_asked_for(way, fixture_1k):
    it = way(fixture_1k, provenance=True)
    frame = table_of(it).to_polars()
    for names in (["leader"], ["offset", "leader", "record"], ["fields", "control_number"], it.columns[::-1]):
        for part in (it.select(names), it.select(*names), it.select(tuple(names))):
            assert part.columns == names
            assert table_of(part).to_polars().equals(frame.select(names))
    assert it.select("leader", ["offset", "length"]).columns == ["leader", "offset", "length"]
    assert table_of(it.select([])).num_rows == table_of(it.select()).num_rows == 1000
    assert it.select(["leader", "offset"]).select("offset").columns == ["offset"]


@pytest.mark.parametrize("way", BOTH)
def test_a_column_that_is_not_there_is_an_error_that_says_which_are(way):
    it = way(TITLE)
    with pytest.raises(
        KeyError, match=r"no column .*titel.*there are record, control_number, leader, fields"
    ):
        it.select("leader", "titel")
    with pytest.raises(KeyError, match="there are leader"):
        it.select("leader").select("fields")
    with pytest.raises(ValueError, match="the column leader is named twice"):
        it.select("leader", "fields", "leader")
    for wrong in (5, ["leader", 5], b"leader", None):
        with pytest.raises(TypeError, match="columns are named by strings, or a list of them, not"):
            it.select(wrong)


def test_a_narrowed_scan_is_pickled_as_it_is():
    scan = mrrc.scan([TITLE] * 2, provenance=True).select("offset", "leader").head(1)
    again = pickle.loads(pickle.dumps(scan))
    assert again.columns == ["offset", "leader"]
    assert rows(again.read()) == rows(scan.read())


@pytest.mark.parametrize("way", BOTH)
def test_both_count(way):
    assert way(numbered(70)).count() == 70
    assert way(numbered(70)).head(7).count() == 7


@pytest.mark.parametrize("way", BOTH)
def test_both_become_what_other_libraries_have(way, fixture_1k):
    it = way(fixture_1k)
    arrow = pa.table(mrrc.read_arrow(fixture_1k))
    assert it.to_pyarrow().equals(arrow)
    assert isinstance(it.to_pandas(), pd.DataFrame)
    assert it.to_pandas().equals(arrow.to_pandas(types_mapper=pd.ArrowDtype))
    assert it.to_polars().lazy().collect().equals(pl.DataFrame(arrow))
    reader = it.to_reader()
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_all().equals(arrow)
    assert it.to_reader().read_all().equals(arrow), "again"


def test_a_reader_of_a_scan_reads_batch_by_batch():
    scan = mrrc.scan(numbered(100) + BROKEN, batch_size=10, threads=1)
    reader = scan.to_reader()
    assert reader.read_next_batch().num_rows == 10
    with pytest.raises(pa.ArrowException, match="record-length"):
        reader.read_all()
    assert scan.error.record == 100


def test_what_a_scan_reads_whole_raises_its_own_errors():
    scan = mrrc.scan(TITLE + BROKEN)
    for way in (scan.to_pandas, scan.to_pyarrow, scan.tail, scan.read):
        with pytest.raises(mrrc.MarcError) as caught:
            way()
        assert scan.error is caught.value


def as_text(records):
    return [str(it) for it in records]


@pytest.mark.parametrize("batch_size", [1, 7, 8192])
def test_both_have_records(batch_size, fixture_1k):
    expected = as_text(mrrc.MARCReader(str(fixture_1k)))
    assert as_text(mrrc.read_arrow(fixture_1k).records()) == expected
    scan = mrrc.scan(fixture_1k, batch_size=batch_size)
    assert as_text(scan.records()) == as_text(scan.records()) == expected
    assert_accounts_add_up(scan)
    assert as_text(scan.head(3).records()) == expected[:3]


@pytest.mark.parametrize("on_error", ["skip", "recover"])
def test_records_of_a_scan_are_those_that_it_delivers(on_error):
    data = TITLE + BROKEN + b"garbage!" + TITLE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        expected = as_text(mrrc.read_arrow(data, on_error=on_error).records())
        assert as_text(mrrc.scan(data, on_error=on_error).records()) == expected
    assert len(expected) == {"skip": 2, "recover": 3}[on_error]
    records = mrrc.scan(data).records()
    assert str(next(records)) == expected[0]
    with pytest.raises(mrrc.MarcError):
        next(records)


@pytest.mark.parametrize("way", BOTH)
def test_records_need_their_columns(way):
    assert len(list(way(TITLE).select("fields", "leader").records())) == 1
    for data in (TITLE, b""):
        with pytest.raises(ValueError, match="records need the column fields, or"):
            table_of(way(data).select("leader")).records() if data else mrrc.scan(data).select(
                "leader"
            ).records()


def test_records_are_read_as_they_are_asked_for():
    class Counting(list):
        def __call__(self, done, total, records):
            self.append(done)

    told = Counting()
    records = mrrc.scan(numbered(50_000), batch_size=100, threads=1, progress=told).records()
    assert next(records)["001"].data == "0"
    assert told == [] or told[-1] < 2_000_000


def test_rows_are_dicts():
    table = read(TITLE * 3, provenance="raw", batch_size=2)
    assert table.to_pylist() == rows(table)
    assert table[["leader"]].to_pylist() == rows(table[["leader"]])
    assert table[[]].to_pylist() == [{}, {}, {}]


def test_a_batch_is_a_record_batch():
    scan = mrrc.scan(numbered(25), batch_size=10)
    batches = [pa.record_batch(batch) for batch in scan]
    assert [batch.num_rows for batch in batches] == [10, 10, 5]
    assert pa.Table.from_batches(batches).equals(pa.table(scan))
    assert pa.record_batch(read(b"")).num_rows == 0
    wanted = pa.schema(scan.select("leader").schema).set(0, pa.field("leader", pa.large_string()))
    part = scan.head(1).select("leader").read()
    assert pa.record_batch(part, schema=wanted).schema.field("leader").type == pa.large_string()
    with pytest.raises(ValueError, match="Cannot cast string"):
        pa.record_batch(part, schema=pa.schema([("leader", pa.int64())]))
    with pytest.raises(ValueError, match="the columns here are leader"):
        part.__arrow_c_array__(pa.schema([("title", pa.string())]).__arrow_c_schema__())


def test_a_table_of_several_chunks_says_that_it_is_no_record_batch():
    table = read(numbered(25), batch_size=10)
    assert not hasattr(table, "__arrow_c_array__")
    with pytest.raises(AttributeError, match=r"gives one chunk, and this Table has 3.*pa.table\(table\)"):
        _ = table.__arrow_c_array__
    with pytest.raises(TypeError):
        pa.record_batch(table)
    assert pl.DataFrame(table).height == 25


def test_a_skipping_scan_narrows_without_changing_its_rows():
    data = TITLE + BROKEN + TITLE
    whole = skip(data)
    scan = mrrc.scan(data, on_error="skip")
    for part in (scan.select("leader"), scan.select("fields", "leader"), scan.select()):
        with pytest.warns(mrrc.MarcWarning, match="1 rejected"):
            assert part.read().num_rows == whole.num_rows
