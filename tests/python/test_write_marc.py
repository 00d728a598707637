"""The way back: rows of every layout, from any library, as MARC again."""

from __future__ import annotations

import _thread
import io
import json
import lzma
import random
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import mrrc
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pymarc
import pytest
from canonical_form import obstacle
from conftest import ROOT, read_quietly, record, rows
from test_corpus import files

LAYOUTS = ["nested", "fields", "subfields"]
every_layout = pytest.mark.parametrize("layout", LAYOUTS)

ONE = record(("001", b"A1"), ("008", b"x" * 40), ("245", b"10\x1faEmma /\x1fcJane Austen."))
TWO = record(("001", b"A2"), ("245", b"00\x1faPersuasion"), ("650", b" 0\x1faLove"), ("650", b" 0\x1faSea"))
# Text outside subfields, an empty subfield, a field without subfields, a code that is not ASCII, and no 001.
ODD = record(
    ("245", b"10text\x1faTitle\x1f\x1fb"),
    ("500", b"  only text"),
    ("505", "  \x1féx".encode()),
    ("900", b"  "),
)


def table(source: object, layout: str, **options: object) -> pa.Table:
    """Records as rows of a layout."""
    nested = read_quietly(source, **options).to_pyarrow()
    if layout == "nested":
        return nested
    return pa.Table.from_pylist([*flat(nested, layout)], SCHEMAS[layout])


SUBFIELDS = pa.list_(pa.field("element", pa.struct([("code", pa.string()), ("value", pa.string())])))
NUMBERS = [("record", pa.int64()), ("control_number", pa.string()), ("field", pa.int64())]
TEXTS = [(name, pa.string()) for name in ("tag", "ind1", "ind2")]
SCHEMAS = {
    "fields": pa.schema([*NUMBERS, *TEXTS, ("value", pa.string()), ("subfields", SUBFIELDS)]),
    "subfields": pa.schema(
        [*NUMBERS, *TEXTS, ("subfield", pa.int64()), ("code", pa.string()), ("value", pa.string())]
    ),
}


def flat(nested: pa.Table, layout: str) -> Iterator[dict]:
    for number, row in enumerate(nested.to_pylist()):
        of_record = {"record": number, "control_number": row["control_number"]}
        fields = [{"tag": "LDR", "ind1": None, "ind2": None, "value": row["leader"], "subfields": None}]
        for place, field in enumerate(fields + row["fields"]):
            of_field = {**of_record, "field": place, **field}
            subfields = of_field.pop("subfields")
            if layout == "fields":
                yield {**of_field, "subfields": subfields}
                continue
            value = of_field.pop("value")
            if value is not None:
                yield {**of_field, "subfield": None, "code": None, "value": value}
            for number_of_it, subfield in enumerate(subfields or []):
                yield {**of_field, "subfield": number_of_it, **subfield}


def written(data: object, **options: object) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        mrrc.write_marc(data, file, **options)
    return file.getvalue()


def parts(data: bytes) -> list[dict]:
    return [it.as_dict() for it in read_quietly(data).records()]


# From every library


@every_layout
def test_a_table_that_was_not_changed_is_the_same_bytes(layout, fixture_1k):
    data = fixture_1k.read_bytes()
    assert written(table(data, layout)) == data
    assert written(table(data, layout), threads=1) == data
    assert written(mrrc.from_arrow(table(data, layout))) == data


@every_layout
def test_odd_records_come_back_as_they_are(layout):
    data = ONE + ODD + TWO
    assert written(table(data, layout)) == data


def pandas(data: pa.Table) -> pd.DataFrame:
    return data.to_pandas(types_mapper=pd.ArrowDtype)


def dictionaries(data: pa.Table) -> pa.Table:
    for place, name in enumerate(data.column_names):
        if pa.types.is_string(data.schema.field(name).type):
            data = data.set_column(place, name, data[name].dictionary_encode())
    return data


def large(kind: pa.DataType) -> pa.DataType:
    """The same type with large text, and large lists with another name for their elements."""
    if pa.types.is_string(kind):
        return pa.large_string()
    if pa.types.is_struct(kind):
        # In another order, too.
        return pa.struct([pa.field(it.name, large(it.type)) for it in reversed([*kind])])
    if pa.types.is_list(kind):
        return pa.large_list(pa.field("l", large(kind.value_type)))
    return kind


def as_large(data: pa.Table) -> pa.Table:
    kinds = [pa.field(it.name, large(it.type)) for it in data.schema]
    return pa.Table.from_pylist(data.to_pylist(), pa.schema(kinds))


def view(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string(kind):
        return pa.string_view()
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(it.name, view(it.type)) for it in kind])
    if pa.types.is_list(kind):
        return pa.list_view(pa.field("item", view(kind.value_type)))
    return kind


def as_views(data: pa.Table) -> pa.Table:
    schema = pa.schema([pa.field(it.name, view(it.type)) for it in data.schema])
    return pa.Table.from_pylist(data.to_pylist(), schema)


def parquet(data: pa.Table) -> pa.Table:
    file = io.BytesIO()
    pq.write_table(data, file)
    return pq.read_table(file)


LIBRARIES: dict[str, Callable[[pa.Table], object]] = {
    "polars": pl.DataFrame,
    "DuckDB": lambda data: duckdb.sql("select * from data"),
    "DuckDB with views": lambda data: views_of_duckdb().sql("select * from data"),
    "pandas": pandas,
    "a pyarrow reader": lambda data: data.to_reader(max_chunksize=7),
    "Parquet": parquet,
    "dictionaries": dictionaries,
    "large types": as_large,
    "views": as_views,
    "a Table": mrrc.from_arrow,
    "a batch": lambda data: data.combine_chunks().to_batches()[0],
}


def views_of_duckdb() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set produce_arrow_string_view = true; set arrow_output_list_view = true")
    return connection


@every_layout
@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
def test_every_library_gives_the_same_bytes_back(library, layout):
    data = (ONE + ODD + TWO) * 30
    assert written(library(table(data, layout))) == data


def test_titles_are_edited_in_polars(fixture_1k, tmp_path):
    frame = mrrc.read_arrow(fixture_1k).to_polars()
    value = pl.element().struct.field("value").str.strip_chars_end(" /")
    pairs = pl.struct(pl.element().struct.field("code"), value.alias("value"))
    fields = pl.element().struct.with_fields(
        pl.when(pl.field("tag") == "245")
        .then(pl.field("subfields").list.eval(pairs))
        .otherwise(pl.field("subfields"))
        .alias("subfields")
    )
    edited = frame.with_columns(pl.col("fields").list.eval(fields)).head(500)
    path = tmp_path / "edited.mrc"
    assert mrrc.write_marc(edited, path).num_rows == 0
    before = list(mrrc.MARCReader(fixture_1k))[:500]
    after = list(mrrc.MARCReader(path))
    assert [it["245"]["a"] for it in after] == [it["245"]["a"].rstrip(" /") for it in before]
    assert [it["001"].data for it in after] == [it["001"].data for it in before]


@pytest.mark.parametrize("layout", ["fields", "subfields"])
def test_rows_are_removed_and_added_in_duckdb(layout, fixture_1k):
    end = {"fields": "field", "subfields": "field, subfield nulls first"}[layout]
    note = {"fields": "null, [{'code': 'a', 'value': 'Checked'}]", "subfields": "0, 'a', 'Checked'"}[layout]
    query = f"""
        select * from rows_of where not tag like '6%'
        union all
        select distinct record, control_number, 1000, '599', ' ', ' ', {note} from rows_of
        order by record, {end}
    """
    connection = duckdb.connect()
    connection.register("rows_of", table(fixture_1k, layout))
    after = list(mrrc.MARCReader(written(connection.sql(query))))
    before = list(mrrc.MARCReader(fixture_1k))
    assert len(after) == len(before)
    for one, other in zip(after, before, strict=True):
        kept = [str(it) for it in other.fields if not it.tag.startswith("6")]
        assert [str(it) for it in one.fields] == [*kept, "=599  \\\\$aChecked"]


def test_an_engine_may_sort_null_to_the_end():
    connection = duckdb.connect()
    connection.register("rows_of", table(ODD, "subfields"))
    query = "select * from rows_of order by record, field, subfield nulls last"
    assert written(connection.sql(query)) == ODD


def test_a_shuffled_table_is_refused_and_a_sorted_one_is_written(fixture_1k):
    data = table(fixture_1k, "subfields").to_pylist()
    random.Random(1).shuffle(data)
    shuffled = pl.DataFrame(data, infer_schema_length=None)
    with pytest.raises(
        ValueError, match=r"record \d+ comes again after another; sort by record, field, subfi"
    ):
        written(shuffled)
    in_order = shuffled.sort("record", "field", "subfield", nulls_last=False)
    assert written(in_order) == fixture_1k.read_bytes()


def test_records_of_several_files_are_told_apart_by_their_source():
    nested = [table(ONE, "fields"), table(TWO + ONE, "fields")]
    named = [
        it.append_column("source", pa.array([name] * it.num_rows))
        for it, name in zip(nested, "ab", strict=True)
    ]
    assert written(pa.concat_tables(named)) == ONE + TWO + ONE
    with pytest.raises(mrrc.WriteError, match=r"row 4, column field.*a second leader"):
        written(pa.concat_tables(nested))


def test_records_are_written_in_the_order_of_the_rows():
    frame = pl.DataFrame(table(ONE + TWO, "nested")).reverse()
    assert written(frame) == TWO + ONE


def test_columns_that_are_missing_have_a_meaning():
    nested = table(TWO, "nested").select(["fields"])
    assert written(nested)[5:12] == b"nam a22"
    without_leader = duckdb.sql("select * from rows where tag <> 'LDR'", connection=of_rows("fields"))
    assert written(without_leader) == written(nested)


def of_rows(layout: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("rows", table(TWO, layout))
    return connection


# A Scan


def test_a_scan_streams_into_a_file(fixture_10k_marc8, tmp_path):
    path = tmp_path / "out.mrc"
    scan = mrrc.scan(fixture_10k_marc8)
    assert scan.write_marc(path).num_rows == 0
    assert path.read_bytes() == written(scan.read()) == written(scan)
    assert rows(scan.sources)[0]["delivered"] == 10_000
    assert rows(mrrc.read_arrow(path)[["fields"]]) == rows(scan.read()[["fields"]])
    assert {it["declared"] for it in rows(mrrc.describe(path).encodings)} == {"utf-8"}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_file_depends_on_no_thread(threads, fixture_10k_marc8, tmp_path):
    mrrc.scan(fixture_10k_marc8, threads=threads).write_marc(tmp_path / "out.mrc")
    assert (tmp_path / "out.mrc").read_bytes() == written(mrrc.read_arrow(fixture_10k_marc8), threads=1)


def test_a_scan_reports_its_progress(fixture_1k, tmp_path):
    seen = []
    scan = mrrc.scan(fixture_1k, progress=lambda *now: seen.append(now))
    scan.write_marc(tmp_path / "out.mrc")
    size = fixture_1k.stat().st_size
    assert seen[-1] == (size, size, 1000)


def test_an_error_of_reading_is_raised_as_it_is_and_leaves_nothing(tmp_path):
    path = tmp_path / "out.mrc"
    with pytest.raises(mrrc.TruncatedRecord) as error:
        mrrc.scan(ONE * 1000 + ONE[:-9]).write_marc(path)
    assert error.value.record == 1000
    assert list(tmp_path.iterdir()) == []


# Read damaged, write good


def recovered(path: object, folder: Path, **options: object) -> bytes:
    """The one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        mrrc.scan(path, on_error="recover").write_marc(folder / "good.mrc", **options)
    return (folder / "good.mrc").read_bytes()


def by_writer(records: Iterator[mrrc.Record], folder: Path, **options: object) -> bytes:
    with mrrc.MARCWriter(folder / "out.mrc", **options) as writer:
        for one in records:
            writer.write(one)
    return (folder / "out.mrc").read_bytes()


def assert_is_good(path: Path, folder: Path) -> int:
    """What recovery delivers is written, sound, and the same by each way."""
    longest = {"oversize": "recover"}
    good = recovered(path, folder, **longest)
    table = read_quietly(path, on_error="recover")
    records = [it.as_dict() for it in table.records()]
    is_sound = read_quietly(good, on_error="skip").num_rows == len(records)
    assert is_sound or any(len(it) > 9_999 for it in good.split(b"\x1e")) or b"\x1d99999" in b"\x1d" + good
    again = [it.as_dict() for it in read_quietly(good, on_error="recover").records()]
    assert [it["fields"] for it in again] == [as_written(it["fields"]) for it in records]
    assert good == by_writer(table.records(), folder, **longest)
    with mrrc.MARCReader(path, recover=True) as reader:
        assert good == by_writer((it for it in reader if it is not None), folder, **longest)
    return len(records)


def as_written(fields: list[dict]) -> list[dict]:
    """Fields with the indicators that are written."""
    for field in fields:
        for content in field.values():
            if isinstance(content, dict):
                for name in ("ind1", "ind2"):
                    first = content[name][:1]
                    content[name] = first if first.isascii() and first else " "
    return fields


@pytest.mark.filterwarnings("ignore")
def test_every_damaged_file_is_written_good(tmp_path):
    folder = ROOT / "tests" / "data" / "damaged"
    kept = json.loads((folder / "expected.json").read_text())
    assert sum(assert_is_good(path, tmp_path) for path in sorted(folder.glob("*.mrc"))) > len(kept)


@pytest.mark.filterwarnings("ignore")
def test_every_real_file_is_written_good(corpus, tmp_path):
    assert sum(assert_is_good(path, tmp_path) for path in files(corpus)) == 15_343


@pytest.mark.filterwarnings("ignore")
def test_real_records_whose_bytes_are_canonical_are_the_same_bytes(corpus, tmp_path):
    for name in ("real_bib", "real_marc8"):
        path = corpus / "bench" / f"{name}.mrc.xz"
        raw = [it + b"\x1d" for it in lzma.decompress(path.read_bytes()).split(b"\x1d")[:-1]]
        good = [it + b"\x1d" for it in recovered(path, tmp_path).split(b"\x1d")[:-1]]
        assert len(raw) == len(good)
        canonical = [pair for pair in zip(raw, good, strict=True) if obstacle(pair[0]) is None]
        assert len(canonical) > (50_000 if name == "real_bib" else -1)
        assert all(one == other for one, other in canonical)


def test_what_is_odd_is_written_and_told(tmp_path):
    with pytest.warns(
        mrrc.MarcWarning, match=r"2 records; 1 written with something odd; the Table that write_m"
    ):
        account = mrrc.scan(ONE + ODD).write_marc(tmp_path / "out.mrc")
    (row,) = rows(account)
    assert (row["row"], row["code"], row["written"]) == (1, "code-unwritable", True)
    assert row["message"] == (
        "row 1, column fields.subfields.code, record 1, field 505, $é: the subfield code is not one ASCII "
        "character that this form can express (code-unwritable); it is written in UTF-8; readers that "
        "expect one byte may not take it for a code"
    )
    assert (tmp_path / "out.mrc").read_bytes() == ONE + ODD


def test_pymarc_reads_of_the_good_file_what_it_reads_of_the_damaged_one(corpus, tmp_path):
    path = corpus / "real" / "edsu__pymarc" / "test__utf8_invalid.mrc"

    def read(source: object) -> list[dict]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [it.as_dict()["fields"] for it in pymarc.MARCReader(source)]

    assert read(recovered(path, tmp_path)) == read(path.read_bytes())


# What cannot be written

BROKEN = {
    "tag": ("24x5", "tag-unwritable", r"field 24x5: the tag is not three printable ASCII characters"),
    "value": ("a\x1fb", "delimiter-in-value", r"field 245, \$c: a subfield delimiter.*remove that byte"),
    "code": ("ab", "code-unwritable", r"field 245, \$ab: the subfield code is not one ASCII character"),
}


@pytest.mark.parametrize("column", BROKEN)
def test_an_error_names_row_column_and_value_and_what_to_do(column, tmp_path):
    value, code, message = BROKEN[column]
    frame = pl.DataFrame(table(TWO + ONE, "subfields")).with_row_index("n")
    place = frame.height - 1
    frame = frame.with_columns(
        pl.when(pl.col("n") == place).then(pl.lit(value)).otherwise(column).alias(column)
    )
    with pytest.raises(mrrc.WriteError, match=message) as error:
        mrrc.write_marc(frame, tmp_path / "out.mrc")
    it = error.value
    assert (it.code, it.row, it.column, it.record, it.control_number) == (code, place, column, 1, "A1")
    assert str(it).startswith(f"row {place}, column {column}, record 1 (001 A1), field ")
    assert list(tmp_path.iterdir()) == []


NULLS = {
    "tag": "tag-unwritable",
    "ind1": None,
    "value": "not-text",
    "field": "rows-disagree",
    "record": "null; each row needs the number of its record",
}


@pytest.mark.parametrize("column", NULLS)
def test_null_is_an_error_where_a_part_would_be_missing(column):
    nulls = pl.lit(None).cast(pl.DataFrame(table(ONE, "subfields")).schema[column])
    frame = pl.DataFrame(table(ONE, "subfields")).with_columns(
        pl.when(pl.col("code") == "c").then(nulls).otherwise(column).alias(column)
    )
    if column == "ind1":
        with pytest.raises(mrrc.WriteError, match=r"row 4, column field.*other indicators \(|rows-disagree"):
            written(frame)
        return
    with pytest.raises(ValueError, match=rf"row 4, column {column}\b.*{NULLS[column]}"):
        written(frame)


WRONG = {
    "no columns of records": (
        pa.table({"a": [1]}),
        ValueError,
        "records need the column fields.*there are a;",
    ),
    "a column of another type": (
        table(ONE, "subfields").set_column(3, "tag", pa.array([245] * 5)),
        ValueError,
        "the column tag is Int64 instead of text; cast it to a string",
    ),
    "no lists": (
        pa.table({"fields": ["=245  10$aEmma"]}),
        ValueError,
        "the column fields is Utf8 instead of lists of structs",
    ),
    "no such member": (
        pa.table({"fields": [[{"tag": "245", "subfields": [{"code": "a", "value": "x"}]}]]}),
        ValueError,
        "there is no fields.(value|ind1), which records need",
    ),
    "no Arrow data": ([1, 2], TypeError, "list has no Arrow stream; pass a polars or pandas DataFrame"),
    "a lazy frame": (
        pl.LazyFrame({"a": [1]}),
        TypeError,
        "LazyFrame has no Arrow stream.*collect\\(\\) it first",
    ),
    "an account": (mrrc.read_arrow(ONE).sources, ValueError, "records need the column fields"),
}


@pytest.mark.parametrize("name", WRONG)
def test_data_that_are_no_records_say_what_they_lack(name, tmp_path):
    data, kind, message = WRONG[name]
    path = tmp_path / "out.mrc"
    path.write_bytes(b"as it was")
    with pytest.raises(kind, match=message):
        mrrc.write_marc(data, path)
    assert [it.read_bytes() for it in tmp_path.iterdir()] == [b"as it was"]


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table, pd.DataFrame], ids=lambda it: it.__module__)
def test_parts_that_no_record_has_need_no_type(library, tmp_path):
    blank = {"ind1": None, "ind2": None, "value": None, "subfields": None}
    number = blank | {"tag": "001", "value": "A1"}
    for field, raw in [
        (number, b"A1\x1e"),
        (blank | {"tag": "245", "ind1": "1", "ind2": "0", "value": "x", "subfields": []}, b"10x\x1e"),
        (
            blank | {"tag": "245", "ind1": "1", "ind2": "0", "subfields": [{"code": "a", "value": "T"}]},
            b"10\x1faT\x1e",
        ),
    ]:
        data = library({"fields": [[field], []]})
        mrrc.write_marc(data, tmp_path / "out.mrc")
        assert raw in (tmp_path / "out.mrc").read_bytes()
        assert [len(it.fields) for it in mrrc.from_arrow(data).records()] == [1, 0]


@pytest.mark.parametrize(
    "name", ["no columns of records", "a column of another type", "no lists", "an account"]
)
def test_records_of_a_table_say_so_too(name):
    data, kind, message = WRONG[name]
    with pytest.raises(kind, match=message):
        list(mrrc.from_arrow(data).records())


@every_layout
def test_records_of_a_table_are_those_of_the_reader(layout, fixture_1k):
    expected = [it.as_dict() for it in mrrc.MARCReader(fixture_1k)]
    for library in (mrrc.from_arrow, lambda it: mrrc.from_arrow(as_large(it))):
        assert [it.as_dict() for it in library(table(fixture_1k, layout)).records()] == expected


def test_skipped_records_are_listed_and_the_sums_are_right(fixture_1k, tmp_path):
    frame = pl.DataFrame(table(fixture_1k, "fields"))
    broken = frame.with_columns(
        tag=pl.when((pl.col("record") % 100 == 7) & (pl.col("tag") == "245"))
        .then(pl.lit("?"))
        .otherwise("tag")
    )
    with pytest.warns(
        mrrc.MarcWarning, match=r"1,000 records; 10 left out; the Table that write_marc returns"
    ):
        account = mrrc.write_marc(broken, tmp_path / "out.mrc", on_error="skip")
    assert account.column_names == ["row", "record", "control_number", "code", "written", "message"]
    told = rows(account)
    assert [it["record"] for it in told] == list(range(7, 1000, 100))
    assert [it["control_number"] for it in told] == [f"{it + 1:09}" for it in range(7, 1000, 100)]
    assert {(it["code"], it["written"]) for it in told} == {("tag-unwritable", False)}
    assert all(broken["tag"][it["row"]] == "?" for it in told)
    assert mrrc.read_arrow(tmp_path / "out.mrc").num_rows + len(told) == 1000


def test_what_is_too_long_is_refused_split_or_written_for_recovery(tmp_path):
    fields = [("001", b"A1"), *[("500", b"  \x1fa" + b"x" * 9_000)] * 15]
    whole = pl.DataFrame(
        {"fields": [[{"tag": tag, "ind1": " ", "ind2": " ", **content(tag, raw)} for tag, raw in fields]]}
    )
    with pytest.raises(
        mrrc.WriteError, match=r"row 0, 001 A1: .*record-too-long.*oversize=\"split\""
    ) as error:
        written(whole)
    assert (error.value.row, error.value.column, error.value.control_number) == (0, None, "A1")
    assert len(list(mrrc.MARCReader(written(whole, oversize="split")))) == 2
    (again,) = mrrc.MARCReader(written(whole, oversize="recover"), recover=True)
    assert len(again.get_fields("500")) == 15


def content(tag: str, raw: bytes) -> dict:
    if tag.startswith("00"):
        return {"value": raw.decode(), "subfields": None}
    return {"value": None, "subfields": [{"code": "a", "value": raw[4:].decode()}]}


def test_marc_8_is_written_and_what_it_lacks_is_refused_or_a_reference():
    data = record(("001", b"A1"), ("245", "10\x1faÉtude".encode()))
    assert b"\xe2Etude" in written(table(data, "nested"), encoding="marc-8")
    data = record(("001", b"A1"), ("245", "10\x1fa🙂".encode()))
    with pytest.raises(
        mrrc.WriteError, match=r"column fields.subfields.value.*not-encodable\); found U\+1F642"
    ):
        written(table(data, "nested"), encoding="marc-8")
    assert b"&#x1F642;" in written(table(data, "nested"), encoding="marc-8", unencodable="reference")


@pytest.mark.parametrize("name", ["encoding", "unencodable", "oversize", "on_error"])
def test_an_option_that_is_not_known_is_refused(name):
    with pytest.raises(ValueError, match=rf'{name}="x" is not known; choose "'):
        mrrc.write_marc(table(ONE, "nested"), io.BytesIO(), **{name: "x"})


# Files


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.mrc"
    path.write_bytes(b"as it was")
    broken = pa.concat_tables([table(ONE * 5_000, "nested"), table(record(("245", b"10\x1faT")), "nested")])
    broken = pl.DataFrame(broken).with_columns(
        leader=pl.when(pl.col("control_number").is_null()).then(pl.lit("short")).otherwise("leader")
    )
    with pytest.raises(
        mrrc.WriteError, match=r'row 5000, column leader, record 0: .*found "short"; nothing.*24 characters'
    ):
        mrrc.write_marc(broken, path)
    assert [it.read_bytes() for it in tmp_path.iterdir()] == [b"as it was"]
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        mrrc.write_marc(broken, tmp_path / "no" / "out.mrc")


@pytest.mark.filterwarnings("error")
def test_a_warning_that_is_made_an_error_leaves_nothing(tmp_path):
    for write in (mrrc.scan(ODD).write_marc, mrrc.read_arrow(ODD).write_marc):
        with pytest.raises(mrrc.MarcWarning, match="1 record; 1 written with something odd"):
            write(tmp_path / "out.mrc")
        assert list(tmp_path.iterdir()) == []


class Slow(io.RawIOBase):
    """A file that takes a few bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.taken += data[:1000]
        return min(1000, len(data))


class Silent:
    """A file that does not say how much it took."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: bytes) -> None:
        self.taken += data


@pytest.mark.parametrize("kind", [Slow, Silent])
def test_a_file_object_gets_all_bytes(kind, fixture_1k):
    file = kind()
    mrrc.scan(fixture_1k).write_marc(file)
    assert file.taken == fixture_1k.read_bytes()


def test_an_exception_of_a_file_object_is_raised_as_it_is(fixture_1k):
    class Full:
        def write(self, data):
            raise InterruptedError("no more")

    for data in (mrrc.scan(fixture_1k), mrrc.read_arrow(fixture_1k)):
        with pytest.raises(InterruptedError, match="no more"):
            mrrc.write_marc(data, Full())
    with pytest.raises(TypeError):
        mrrc.write_marc(data, io.StringIO())
    with pytest.raises(TypeError, match="target must be a path, not int"):
        mrrc.write_marc(data, 7)


def test_ctrl_c_leaves_nothing(fixture_1k, tmp_path):
    whole = pl.concat([mrrc.read_arrow(fixture_1k).to_polars()] * 200, rechunk=True)
    threading.Timer(0.02, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        mrrc.write_marc(whole, tmp_path / "out.mrc")
    assert list(tmp_path.iterdir()) == []


def test_other_threads_run_meanwhile(fixture_1k, tmp_path):
    whole = mrrc.read_arrow([fixture_1k] * 20)
    turns, is_done = 0, threading.Event()

    def write() -> None:
        whole.write_marc(tmp_path / "out.mrc")
        is_done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not is_done.wait(0.001):
        turns += 1
    thread.join()
    assert turns > 5


# from_arrow


@every_layout
@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
def test_data_of_every_library_are_a_table_of_our_types(library, layout):
    own = table((ONE + ODD + TWO) * 30, layout)
    again = mrrc.from_arrow(library(own))
    assert again.sources is None
    assert rows(again) == own.to_pylist()
    assert {str(kind) for kind in kinds(pa.schema(again.schema).types)} <= {
        "string",
        "int64",
        "list",
        "struct",
    }
    lists = [it for it in pa.schema(again.schema).types if pa.types.is_list(it)]
    assert all(it.value_field.name == "element" for it in lists)


def kinds(types: list[pa.DataType]) -> Iterator[object]:
    for kind in types:
        if pa.types.is_list(kind):
            yield "list"
            yield from kinds([kind.value_type])
        elif pa.types.is_struct(kind):
            yield "struct"
            yield from kinds([it.type for it in kind])
        else:
            yield kind


def test_other_types_stay_and_a_slice_has_its_own_rows():
    data = pa.table({"n": pa.array([1.5, None, 3.5]), "d": pa.array(["a", None, "b"]).dictionary_encode()})
    again = mrrc.from_arrow(data.slice(1))
    assert rows(again) == [{"n": None, "d": None}, {"n": 3.5, "d": "b"}]
    assert repr(again.schema) == "n: Float64\nd: string"


def test_a_scan_is_read(fixture_1k):
    again = mrrc.from_arrow(mrrc.scan(fixture_1k))
    assert again.num_rows == 1000


def test_an_account_of_polars_comes_back_as_it_was():
    account = read_quietly(ONE + b"garbage" + TWO, on_error="skip").findings
    assert rows(mrrc.from_arrow(account.to_polars())) == rows(account)
