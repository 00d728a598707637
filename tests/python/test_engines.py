"""pandas, polars, DuckDB and pyarrow answer one question alike, and as a pymarc loop does."""

import lzma
import warnings
from collections import Counter

import duckdb
import mrrc
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pymarc
import pytest
from conftest import assert_accounts_add_up

Answer = tuple[int, list[tuple[str, int]]]


def ten(counts) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda it: (-it[1], it[0]))[:10]


def by_pymarc(path) -> Answer:
    with_650, subjects = 0, Counter()
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rb") as file:
        for record in pymarc.MARCReader(file):
            found = record.get_fields("650")
            with_650 += bool(found)
            subjects.update(value for field in found for value in field.get_subfields("a"))
    return with_650, ten(subjects.items())


def by_polars(source) -> Answer:
    frame = pl.DataFrame(source).with_row_index("row")
    fields = frame.select("row", pl.col("fields")).explode("fields").unnest("fields")
    subjects = fields.filter(pl.col("tag") == "650")
    values = subjects.select(pl.col("subfields")).explode("subfields").unnest("subfields")
    counts = values.filter(pl.col("code") == "a").group_by("value").len()
    return subjects["row"].n_unique(), ten(counts.iter_rows())


def by_duckdb(source) -> Answer:
    count = duckdb.sql(
        "select count(*) from source where len(list_filter(fields, lambda f: f.tag = '650')) > 0"
    ).fetchall()[0][0]
    counts = duckdb.sql(
        """
        with f as (select unnest(fields) as f from source),
             s as (select unnest(f.subfields) as s from f where f.tag = '650')
        select s.value, count(*) from s where s.code = 'a' group by 1
        """
    ).fetchall()
    return count, ten(counts)


def by_pyarrow(source) -> Answer:
    fields = pa.table(source)["fields"].combine_chunks()
    is_650 = pc.equal(pc.struct_field(pc.list_flatten(fields), "tag"), "650")
    records = pc.list_parent_indices(fields).filter(is_650)
    subfields = pc.list_flatten(pc.struct_field(pc.list_flatten(fields).filter(is_650), "subfields"))
    is_a = pc.equal(pc.struct_field(subfields, "code"), "a")
    counts = pc.value_counts(pc.struct_field(subfields, "value").filter(is_a)).to_pylist()
    return len(pc.unique(records)), ten((it["values"], it["counts"]) for it in counts)


def by_pandas(source) -> Answer:
    table = source.read() if isinstance(source, mrrc.Scan) else source
    fields = table.to_pandas()["fields"].explode().struct.explode()
    subjects = fields[fields["tag"] == "650"]
    values = subjects["subfields"].explode().struct.explode()
    counts = values[values["code"] == "a"]["value"].value_counts()
    return subjects.index.nunique(), ten((str(k), int(v)) for k, v in counts.items())


ENGINES = [by_polars, by_duckdb, by_pyarrow, by_pandas]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("way", [mrrc.read_arrow, mrrc.scan])
def test_every_engine_answers_as_pymarc_does(engine, way, fixture_1k):
    source = way(fixture_1k)
    expected = by_pymarc(fixture_1k)
    assert expected[0] > 100
    assert engine(source) == expected
    assert engine(source) == expected, "asked again"
    assert_accounts_add_up(source)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_answers_as_pymarc_does_on_real_records(engine, corpus, capfd):
    path = corpus / "bench" / "real_bib.mrc.xz"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = by_pymarc(path)
    assert expected[0] > 10_000
    assert engine(mrrc.read_arrow(path)) == expected
    assert engine(mrrc.scan(path)) == expected


def test_a_lazy_frame_reads_what_a_query_needs(fixture_1k):
    scan = mrrc.scan(fixture_1k)
    frame = scan.read().to_polars()
    lazy = scan.to_polars()
    assert lazy.collect().equals(frame)
    assert lazy.select("leader").collect().equals(frame.select("leader"))
    assert lazy.select(pl.len()).collect().item() == 1000
    assert lazy.head(7).collect().equals(frame.head(7))
    maps = pl.col("leader").str.slice(6, 1) == "e"
    assert (
        lazy.filter(maps)
        .select("control_number")
        .collect()
        .equals(frame.filter(maps).select("control_number"))
    )
    assert lazy.filter(maps).head(2).collect().equals(frame.filter(maps).head(2))


def test_columns_go_alone(fixture_1k):
    table = mrrc.read_arrow(fixture_1k)
    assert pl.Series(table["fields"]).len() == 1000
    assert pa.chunked_array(table["leader"]).type == pa.string()
    assert pd.DataFrame.from_arrow(table[["leader"]]).shape == (1000, 1)


def test_a_consumer_gets_the_schema_that_it_asks_for(fixture_1k):
    leaders = mrrc.read_arrow(fixture_1k)[["leader"]]
    wanted = pa.schema([("leader", pa.large_string())])
    assert pa.table(leaders, schema=wanted).schema.field("leader").type == pa.large_string()
