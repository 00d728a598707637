"""The notation on Tables: the rows of any layout, from wherever they come, give what a Scan gives."""

from __future__ import annotations

import _thread
import lzma
import pickle
import threading

import mrrc
import plain
import polars as pl
import pyarrow as pa
import pytest
from conftest import record, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import RECORDS, conditions, expressions
from test_notation import CONDITIONS, FORMS
from test_questions import ENGINES

pytestmark = pytest.mark.filterwarnings("ignore::mrrc.MarcWarning")

LAYOUTS = ["nested", "fields", "subfields"]
every_layout = pytest.mark.parametrize("layout", LAYOUTS)

EMMA = record(("001", b"A1"), ("008", b"x" * 40), ("245", b"10\x1faEmma /"), ("650", b" 0\x1faSea"))
LADY = record(("001", b"A2"), ("245", b"00\x1faLady Susan"))
NORTH = record(("001", b"A3"), ("245", b"00\x1faNorth and south"), leader=b"00000cas a2200000 a 4500")


def recover(source: object, **options: object) -> mrrc.Table:
    return mrrc.read_arrow(source, on_error="recover", **options)


def cut(table: mrrc.Table, most: int) -> mrrc.Table:
    """The same rows in batches of at most so many, which end wherever they end."""
    whole = table.to_pyarrow().combine_chunks()
    return mrrc.from_arrow(pa.Table.from_batches(whole.to_batches(most), whole.schema))


def assert_same(table: mrrc.Table, expected: mrrc.Table) -> None:
    ours, theirs = table.to_pyarrow(), expected.to_pyarrow()
    assert ours.schema.equals(theirs.schema, check_metadata=True)
    assert ours.equals(theirs)


def value_counts(asked: mrrc.Scan | mrrc.Table, expression: str) -> list[dict] | str:
    try:
        return rows(asked.value_counts(expression))
    except ValueError as error:
        return str(error)


@every_layout
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(RECORDS, min_size=1, max_size=4),
    st.lists(expressions(), min_size=1, max_size=4),
    conditions(),
    st.integers(1, 30),
)
def test_any_question_has_the_answer_of_a_scan(layout, records, texts, condition, most):
    data = b"".join(records)
    columns = {f"c{place}": text for place, text in enumerate(texts)}
    nested = rows(recover(data))
    cells, _ = plain.columns(columns, nested)
    numbers = [row["record"] for row in plain.those_that_meet(condition, nested)]
    scan = mrrc.scan(data, on_error="recover", layout=layout)
    whole = scan.read()
    for table in (whole, cut(whole, most)):
        extracted = table.extract(columns)
        assert rows(extracted) == cells
        assert_same(extracted, recover(data, columns=columns))
        met = table.where(condition)
        assert list(dict.fromkeys(met["record"].to_pylist())) == numbers
        assert_same(met, scan.where(condition).read())
        assert table.count(where=condition) == scan.count(where=condition) == met.num_rows
        assert value_counts(table, texts[0]) == value_counts(scan, texts[0])


@every_layout
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["real_bib", "real_marc8"])
def test_rows_that_were_in_parquet_give_the_same(layout, engine, name, corpus, tmp_path):
    with lzma.open(corpus / "bench" / f"{name}.mrc.xz") as file:
        data = file.read(500_000)
    data = data[: data.rindex(b"\x1d") + 1]
    scan = mrrc.scan(data, on_error="recover", layout=layout)
    scan.to_parquet(tmp_path / "table.parquet")
    table = mrrc.from_arrow(ENGINES[engine](tmp_path / "table.parquet"))
    assert_same(table.extract(FORMS), scan.extract(FORMS).read())
    assert_same(table.extract("codes"), scan.extract("codes").read())
    for condition in CONDITIONS:
        assert table.count(where=condition) == scan.count(where=condition)
        assert rows(table.where(condition).extract(["LDR", "001"])) == rows(
            scan.where(condition).extract(["LDR", "001"])
        )


@every_layout
def test_rows_keep_all_their_columns_and_the_accounts_of_the_read(layout):
    table = mrrc.read_arrow([EMMA, LADY, b"x" * 30, NORTH], layout=layout, provenance="raw", on_error="skip")
    met = table.where("not 650")
    assert met.columns == table.columns
    assert [raw for raw in met["raw"].to_pylist() if raw is not None] == [LADY, NORTH]
    assert {row["control_number"] for row in rows(met)} == {"A2", "A3"}
    frame = table.to_polars().with_columns(pl.lit("here").alias("own"))
    assert set(mrrc.from_arrow(frame).where("245$a ~ 'and'")["own"].to_pylist()) == {"here"}
    for derived in (met, table.extract(["001"]), table.value_counts("001")):
        for account in ("sources", "findings", "diagnostics", "rejects"):
            assert rows(getattr(derived, account)) == rows(getattr(table, account))
    assert mrrc.from_arrow(frame).where("245").sources is None


@every_layout
def test_records_of_several_sources_are_told_apart(layout):
    table = mrrc.read_arrow([EMMA + LADY, NORTH, LADY], layout=layout)
    assert rows(table.extract(["001"])) == [{"001": number} for number in ("A1", "A2", "A3", "A2")]
    assert set(table.where("001 == 'A2'")["source"].to_pylist()) == set(table["source"].to_pylist()) - {
        table.where("001 == 'A3'")["source"][0]
    }


@every_layout
def test_what_the_rows_do_not_have_the_records_do_not_have(layout):
    table = mrrc.read_arrow(EMMA + LADY, layout=layout, tags=["245"])
    assert table.count(where="650") == 0
    assert rows(table.extract({"n": "count(...)"})) == [{"n": 1}, {"n": 1}]
    columns = ["LDR", "LDR/06", "label(LDR/06)", "245{LDR/06=a}$a", "245{!LDR/06}$a", "245$a"]
    whole = mrrc.read_arrow(EMMA, layout=layout)
    assert rows(whole.extract(columns)) == rows(mrrc.read_arrow(EMMA, columns=columns))
    frame = whole.to_polars()
    frame = frame.drop("leader") if layout == "nested" else frame.filter(pl.col("tag") != "LDR")
    without = mrrc.from_arrow(frame)
    values = [None, None, None, [], ["Emma /"], ["Emma /"]]
    assert rows(without.extract(columns)) == [dict(zip(columns, values, strict=True))]
    assert without.count(where="LDR") == without.count(where="LDR/06 == 'a'") == 0
    assert without.count(where="not LDR") == frame.height


@pytest.mark.parametrize("layout", ["fields", "subfields"])
def test_of_a_part_of_a_record_that_part_is_asked(layout):
    table = mrrc.read_arrow(EMMA, layout=layout)
    fields = table["tag"].to_pylist()
    assert fields == ["LDR", "001", "008", "245", "650"]
    assert table.head(4).count(where="650") == 0
    assert table.tail(1).count(where="650 and not 245") == 1
    assert rows(table[1:4].extract(["001", "650$a"])) == [{"001": "A1", "650$a": []}]


@every_layout
def test_no_records_have_no_answers(layout):
    table = mrrc.read_arrow(b"", layout=layout)
    assert table.where("245").shape == table.shape == (0, table.num_columns)
    assert table.count(where="not 245") == 0
    assert table.value_counts("001").shape == (0, 2)
    assert_same(table.extract("bib"), mrrc.read_arrow(b"", columns="bib"))


@every_layout
def test_many_records_are_extracted_in_batches_of_some_thousands(layout, fixture_1k):
    table = mrrc.read_arrow([fixture_1k.read_bytes()] * 20, layout=layout)
    extracted = table.extract(["001"])
    sizes = [batch.num_rows for batch in extracted.to_pyarrow().to_batches()]
    assert sum(sizes) == 20_000
    assert all(8_192 <= size < 10_000 for size in sizes[:-1])
    assert (
        extracted["001"].to_pylist() == mrrc.read_arrow(fixture_1k, columns=["001"])["001"].to_pylist() * 20
    )


QUESTIONS = {
    "where": lambda table: table.where("245"),
    "count": lambda table: table.count(where="245"),
    "value_counts": lambda table: table.value_counts("245$a"),
    "extract": lambda table: table.extract("bib"),
}
every_question = pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)


@every_question
def test_what_has_no_records_cannot_be_asked(ask):
    table = mrrc.read_arrow(EMMA, columns={"title": "245$a"})
    with pytest.raises(ValueError) as of_records:
        table.records()
    with pytest.raises(ValueError, match=r"records need the column fields, or .*; there are title;") as error:
        ask(table)
    assert str(error.value) == str(of_records.value)
    with pytest.raises(ValueError, match="there are source, code, severity"):
        ask(mrrc.read_arrow(EMMA).findings)


@every_question
def test_rows_that_are_no_records_say_which_row_is_wrong(ask):
    frame = mrrc.read_arrow(EMMA + LADY, layout="fields").to_polars()
    twice = mrrc.from_arrow(pl.concat([frame, frame]))
    with pytest.raises(ValueError, match="row 8, column record: record 0 comes again after another"):
        ask(twice)
    null = pl.when(pl.col("tag") == "245").then(None).otherwise(pl.col("tag")).alias("tag")
    with pytest.raises(ValueError, match="row 3, column tag, record 0"):
        ask(mrrc.from_arrow(frame.with_columns(null)))


def test_what_is_not_in_the_notation_is_explained():
    table = mrrc.read_arrow(EMMA)
    with pytest.raises(ValueError, match=r"condition: .*write 245\$a"):
        table.where("245a")
    with pytest.raises(ValueError, match=r"where: .*write 245\$a"):
        table.count(where="245a")
    with pytest.raises(ValueError, match=r"expression: .*write 245\$a"):
        table.value_counts("245a")
    with pytest.raises(ValueError, match=r"columns: .*write 245\$a"):
        table.extract(["245a"])
    with pytest.raises(ValueError, match=r"the values of 245 are not text or numbers"):
        table.value_counts("245")
    with pytest.raises(TypeError, match="where must be a string, not int"):
        table.count(where=245)


def test_ctrl_c_ends_the_work(fixture_1k):
    whole = mrrc.from_arrow(pl.concat([mrrc.read_arrow([fixture_1k] * 100).to_polars()], rechunk=True))
    for ask in QUESTIONS.values():
        threading.Timer(0.02, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            ask(whole)


# Of a Scan


def test_a_scan_is_read_into_other_columns():
    data = EMMA + LADY + NORTH
    columns = {"id": "001", "title": "trim(245$a)"}
    expected = mrrc.read_arrow(data, columns=columns)
    for layout in LAYOUTS:
        scan = mrrc.scan(data, layout=layout)
        assert_same(scan.extract(columns).read(), expected)
        assert_same(scan.select("record").extract(columns).read(), expected)
        assert scan.columns == mrrc.scan(data, layout=layout).columns
        met = scan.where("not 650").extract(columns)
        assert rows(met) == rows(expected)[1:]
        assert rows(met.where("LDR/07 == 's'").head(1)) == rows(expected)[2:]
        assert rows(pickle.loads(pickle.dumps(met.select("id")))) == [{"id": "A2"}, {"id": "A3"}]
        again = pickle.loads(pickle.dumps(scan.select("record"))).extract(columns)
        assert_same(pickle.loads(pickle.dumps(again)).read(), expected)
    assert mrrc.scan(data, columns="bib").extract(["001"]).columns == ["001"]
    assert mrrc.scan([data, data], provenance=True).extract(["001"]).columns[:3] == [
        "001",
        "source",
        "record",
    ]
    with pytest.raises(ValueError, match=r"columns: .*write 245\$a"):
        scan.extract(["245a"])
