"""MARC as a data source of Spark 4: `spark.read.format("marc")` and `df.write.format("marc")`.

Spark looks for packages whose names begin with `pyspark_`, and finds `DefaultSource` in this one by itself.
It has to be installed, with pyarrow, where the driver runs and on every worker.

Example:
    titles = spark.read.format("marc").option("columns", '{"title": "first(245$a)"}').load("dump.mrc")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql.datasource import DataSource

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

    from pyspark_marc._reader import MarcReader
    from pyspark_marc._writer import MarcWriter

__all__ = ["DefaultSource"]


class DefaultSource(DataSource):
    """MARC records in any form that `mrrc.scan` reads, and ISO 2709 in a folder to write them to.

    The options are those of `mrrc.scan` and of `mrrc.write_marc`, as text; docs/spark.md has them all. An
    option that is not known is an error, which names those that are.

    Example:
        spark.read.format("marc").option("tags", "245,650").load("catalogue/*.mrc")
        spark.read.format("marc").schema("control_number string").load("s3://bucket/dump.mrc")
        df.write.format("marc").mode("overwrite").save("sound")
    """

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "marc"

    # What follows is imported when it is used: an import that fails here would take from a session all data
    # sources that are written in Python.
    def schema(self) -> StructType:
        """Return the columns that the options ask for. No source is looked at."""
        from pyspark_marc._options import ReadOptions
        from pyspark_marc._reader import columns_of

        return columns_of(ReadOptions.of(self.options))

    def reader(self, schema: StructType) -> MarcReader:
        """Return what reads these columns, and no other."""
        from pyspark_marc._options import ReadOptions
        from pyspark_marc._reader import MarcReader

        return MarcReader(ReadOptions.of(self.options), schema)

    def writer(self, schema: StructType, overwrite: bool) -> MarcWriter:
        """Return what writes rows as files of a folder."""
        from pyspark_marc._options import WriteOptions
        from pyspark_marc._writer import MarcWriter

        return MarcWriter(WriteOptions.of(self.options), overwrite)
