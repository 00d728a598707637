"""What `engines.py` asks of each engine: to take rows and give them back, and four numbers.

The numbers are the fields of all records, the sum of one column, how many rows meet a filter, and how many
come if ten are asked for. For these, `opened` gives the engine what the page advises. What an engine needs is
imported when it is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import mrrc

if TYPE_CHECKING:
    import pyarrow as pa

RECENT = 2015
FIRST = 10


class Engine:
    """An engine that has neither filters nor a way to ask for the first rows, unless it says otherwise."""

    name: str
    """Its heading on the page."""
    package: str
    given: str
    """What `opened` gives it."""
    in_parts = False
    """Whether its source is what `mrrc.plan` gives."""
    is_store = False
    """Whether `opened` writes what it is given."""

    def takes(self, rows: Any) -> Any:
        """The same rows, out of the engine again, with an Arrow stream."""
        raise NotImplementedError

    def opened(self, source: Any, **options: Any) -> Any:
        raise NotImplementedError

    def fields(self, marc: Any) -> int:
        raise NotImplementedError

    def headings(self, marc: Any) -> int:
        raise NotImplementedError

    def recent(self, marc: Any) -> int:
        raise NotImplementedError

    def first(self, marc: Any) -> int:
        raise NotImplementedError


class Pandas(Engine):
    name, package, given = "pandas", "pandas", "scan.to_pandas()"

    def takes(self, rows: Any) -> Any:
        import pandas as pd

        return pd.DataFrame.from_arrow(rows)

    def opened(self, source: Any, **options: Any) -> Any:
        return mrrc.scan(source, **options).to_pandas()

    def fields(self, marc: Any) -> int:
        return int(marc["fields"].list.len().sum())

    def headings(self, marc: Any) -> int:
        return int(marc["headings"].sum())

    def recent(self, marc: Any) -> int:
        return int((marc["year"] >= RECENT).sum())

    def first(self, marc: Any) -> int:
        return len(marc.head(FIRST))


class Polars(Engine):
    name, package, given = "polars", "polars", "scan.to_polars()"

    def api(self) -> Any:
        import polars

        return polars

    def takes(self, rows: Any) -> Any:
        return self.api().DataFrame(rows)

    def opened(self, source: Any, **options: Any) -> Any:
        return mrrc.scan(source, **options).to_polars()

    def fields(self, marc: Any) -> int:
        return int(marc.select(self.api().col("fields").list.len().sum()).collect().item())

    def headings(self, marc: Any) -> int:
        return int(marc.select(self.api().col("headings").sum()).collect().item())

    def recent(self, marc: Any) -> int:
        return int(marc.filter(self.api().col("year") >= RECENT).select(self.api().len()).collect().item())

    def first(self, marc: Any) -> int:
        return len(marc.head(FIRST).collect())


class Narwhals(Polars):
    name, package, given = "narwhals", "narwhals", "scan.to_polars()"

    def api(self) -> Any:
        import narwhals

        return narwhals

    def takes(self, rows: Any) -> Any:
        return self.api().from_arrow(rows, backend="polars")

    def opened(self, source: Any, **options: Any) -> Any:
        return self.api().from_native(mrrc.scan(source, **options).to_polars())


class PyArrow(Engine):
    name, package, given = "pyarrow", "pyarrow", "scan.to_dataset()"

    def takes(self, rows: Any) -> Any:
        import pyarrow as pa

        return pa.table(rows)

    def opened(self, source: Any, **options: Any) -> Any:
        return mrrc.scan(source, **options).to_dataset()

    def fields(self, marc: Any) -> int:
        return number_of_fields(marc.to_batches(columns=["fields"]))

    def headings(self, marc: Any) -> int:
        import pyarrow.compute as pc

        return int(pc.sum(marc.to_table(columns=["headings"])["headings"]).as_py())

    def recent(self, marc: Any) -> int:
        import pyarrow.compute as pc

        return int(marc.count_rows(filter=pc.field("year") >= RECENT))

    def first(self, marc: Any) -> int:
        return int(marc.head(FIRST).num_rows)


class Sql(Engine):
    length = "len"
    """The function that counts the values of a list."""

    def ask(self, query: str, marc: Any) -> list[Any]:
        """The first column of the answer; the table is called `marc`."""
        raise NotImplementedError

    def fields(self, marc: Any) -> int:
        return int(self.ask(f"select sum({self.length}(fields)) from marc", marc)[0])

    def headings(self, marc: Any) -> int:
        return int(self.ask("select sum(headings) from marc", marc)[0])

    def recent(self, marc: Any) -> int:
        return int(self.ask(f"select count(*) from marc where year >= {RECENT}", marc)[0])

    def first(self, marc: Any) -> int:
        return len(self.ask(f"select headings from marc limit {FIRST}", marc))


class DuckDB(Sql):
    name, package, given = "DuckDB", "duckdb", "scan.to_dataset()"

    def takes(self, rows: Any) -> Any:
        import duckdb

        return duckdb.sql("from rows").to_arrow_table()

    def opened(self, source: Any, **options: Any) -> Any:
        return mrrc.scan(source, **options).to_dataset()

    def ask(self, query: str, marc: Any) -> list[Any]:
        import duckdb

        return [value for (value,) in duckdb.sql(query).fetchall()]


class Ibis(Engine):
    name, package, given = "ibis", "ibis-framework", "scan.to_dataset()"

    def takes(self, rows: Any) -> Any:
        import ibis

        # These are the rows that it holds: of what DuckDB 2 answers, ibis 12 makes no pyarrow Table.
        return ibis.memtable(rows).to_pyarrow()

    def opened(self, source: Any, **options: Any) -> Any:
        import ibis

        connection = ibis.duckdb.connect()
        connection.con.register("marc", mrrc.scan(source, **options).to_dataset())
        return connection.table("marc")

    def fields(self, marc: Any) -> int:
        return int(marc.fields.length().sum().execute())

    def headings(self, marc: Any) -> int:
        return int(marc.headings.sum().execute())

    def recent(self, marc: Any) -> int:
        return int(marc.filter(marc.year >= RECENT).count().execute())

    def first(self, marc: Any) -> int:
        return len(marc.headings.as_table().limit(FIRST).execute())


class DataFusion(Sql):
    name, package, given = "DataFusion", "datafusion", "scan.to_dataset()"
    length = "cardinality"

    def takes(self, rows: Any) -> Any:
        from datafusion import SessionContext

        return SessionContext().from_arrow(rows)

    def opened(self, source: Any, **options: Any) -> Any:
        from datafusion import SessionContext

        context = SessionContext()
        context.register_dataset("marc", mrrc.scan(source, **options).to_dataset())
        return context

    def ask(self, query: str, marc: Any) -> list[Any]:
        return list(marc.sql(query).to_arrow_table()[0].to_pylist())


class Chdb(Sql):
    name, package, given = "chdb", "chdb", "scan"
    length = "length"

    def takes(self, rows: Any) -> Any:
        import chdb

        return chdb.query("select * from Python(rows)", "ArrowTable")

    def opened(self, source: Any, **options: Any) -> Any:
        return mrrc.scan(source, **options)

    def ask(self, query: str, marc: Any) -> list[Any]:
        import chdb

        return list(chdb.query(query.replace("marc", "Python(marc)"), "ArrowTable")[0].to_pylist())


class Daft(Engine):
    name, package, given = "Daft", "daft", "scan"

    def takes(self, rows: Any) -> Any:
        import daft

        return daft.from_arrow(rows).to_arrow()

    def opened(self, source: Any, **options: Any) -> Any:
        import daft

        return daft.from_arrow(mrrc.scan(source, **options))

    def fields(self, marc: Any) -> int:
        return self.total(marc.select(marc["fields"].list_count().alias("n")))

    def headings(self, marc: Any) -> int:
        return self.total(marc.select(marc["headings"].alias("n")))

    def recent(self, marc: Any) -> int:
        return int(marc.where(marc["year"] >= RECENT).count_rows())

    def first(self, marc: Any) -> int:
        return int(marc.limit(FIRST).count_rows())

    @staticmethod
    def total(column: Any) -> int:
        return int(column.sum("n").to_pydict()["n"][0])


class Dask(Engine):
    name, package, given, in_parts = "Dask", "dask", "mrrc.plan(path)", True

    def takes(self, rows: Any) -> Any:
        import dask.dataframe as dd

        return dd.from_pandas(rows, npartitions=1).compute()

    def opened(self, source: Any, **options: Any) -> Any:
        import dask.dataframe as dd

        def read(part: mrrc.Part, columns: list[str] | None = None) -> Any:
            scan = mrrc.scan(part, threads=1, **options)
            return scan.select(columns or scan.columns).to_pandas()

        return dd.from_map(read, source)

    def fields(self, marc: Any) -> int:
        return int(marc["fields"].map_partitions(lambda fields: fields.list.len()).sum().compute())

    def headings(self, marc: Any) -> int:
        return int(marc["headings"].sum().compute())

    def recent(self, marc: Any) -> int:
        return int((marc["year"] >= RECENT).sum().compute())

    def first(self, marc: Any) -> int:
        return len(marc.head(FIRST))


class Ray(Engine):
    name, package, given, in_parts = "Ray", "ray", "mrrc.plan(path)", True

    def takes(self, rows: Any) -> Any:
        import ray.data

        return ray.data.from_arrow(rows).to_pandas()

    def opened(self, source: Any, **options: Any) -> Any:
        import ray.cloudpickle
        import ray.data

        # Its workers cannot import this module.
        ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

        def read(batch: dict[str, Any]) -> Iterable[Any]:
            for part in batch["item"]:
                yield mrrc.scan(part, threads=1, **options).to_pyarrow()

        return ray.data.from_items(source).map_batches(read, batch_size=1)

    def fields(self, marc: Any) -> int:
        def count(rows: pa.Table) -> dict[str, list[int]]:
            return {"n": [number_of_fields([rows])]}

        return int(marc.map_batches(count, batch_format="pyarrow").sum("n"))


class Store(Engine):
    """Files of tables: rows are written by the library, and read by pyarrow."""

    is_store = True

    def write(self, rows: Any) -> None:
        raise NotImplementedError

    def reader(self) -> pa.RecordBatchReader:
        raise NotImplementedError

    def takes(self, rows: Any) -> Any:
        self.write(rows)
        return self.reader()

    def opened(self, source: Any, **options: Any) -> Any:
        scan = mrrc.scan(source, **options)
        self.write(scan if self.given == "scan" else scan.to_reader())

    def fields(self, marc: Any) -> int:
        return number_of_fields(self.reader())


class Delta(Store):
    name, package, given = "Delta", "deltalake", "scan"

    def write(self, rows: Any) -> None:
        from deltalake import write_deltalake

        write_deltalake("delta", rows)

    def reader(self) -> pa.RecordBatchReader:
        from deltalake import DeltaTable

        return DeltaTable("delta").to_pyarrow_dataset().scanner(batch_size=1_000).to_reader()


class Iceberg(Store):
    name, package, given = "Iceberg", "pyiceberg", "scan.to_reader()"

    def catalog(self) -> Any:
        from pyiceberg.catalog.sql import SqlCatalog

        return SqlCatalog("library", uri="sqlite:///catalog.db", warehouse="iceberg")

    def write(self, rows: Any) -> None:
        import pyarrow as pa

        catalog = self.catalog()
        catalog.create_namespace("marc")
        catalog.create_table("marc.records", schema=pa.schema(rows.schema)).append(rows)

    def reader(self) -> pa.RecordBatchReader:
        return self.catalog().load_table("marc.records").scan().to_arrow_batch_reader()


class Lance(Store):
    name, package, given = "lance", "pylance", "scan.to_reader()"

    def write(self, rows: Any) -> None:
        import lance

        lance.write_dataset(rows, "lance")

    def reader(self) -> pa.RecordBatchReader:
        import lance

        return lance.dataset("lance").scanner(batch_size=1_000).to_reader()


def number_of_fields(tables: Iterable[Any]) -> int:
    """The fields of all records in pyarrow's tables or batches."""
    import pyarrow.compute as pc

    return sum(int(pc.sum(pc.list_value_length(table["fields"])).as_py() or 0) for table in tables)


ENGINES = {
    engine.name: engine()
    for engine in (
        Pandas, Polars, DuckDB, PyArrow, Narwhals, Ibis, DataFusion, Daft, Chdb, Dask, Ray,
        Delta, Iceberg, Lance,
    )
}  # fmt: skip
