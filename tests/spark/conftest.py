"""A session of Spark, samples, and the corpus of real files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import mrrc
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, DataFrameReader, SparkSession

ROOT = Path(__file__).parents[2]
# Keys of whoever runs the tests must not help.
for name in [it for it in os.environ if it.startswith("AWS_")]:
    del os.environ[name]


def sample(name: str) -> Path:
    path = ROOT / "target" / f"{name}.mrc"
    assert path.exists(), f"{path} is missing: make samples"
    return path


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "localhost",
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def marc(spark: SparkSession) -> DataFrameReader:
    return spark.read.format("marc")


@pytest.fixture
def fixture_1k() -> Path:
    return sample("fixture_1k")


@pytest.fixture
def corpus() -> Path:
    """The folder of real catalogue files that $MRRC_CORPUS names."""
    folder = os.environ.get("MRRC_CORPUS")
    if not folder:
        pytest.skip("MRRC_CORPUS names no folder of real catalogue files")
    used = os.environ.get("MRRC_CORPUS_USED")
    if used:
        with open(used, "a") as note:
            note.write(f"{os.environ.get('PYTEST_CURRENT_TEST')}\n")
    return Path(folder)


def rows(read: DataFrame | mrrc.Table | mrrc.Scan, *without: str) -> list[dict]:
    """The rows in their order, without some columns."""
    table = read.toArrow() if isinstance(read, DataFrame) else pa.table(read)
    return table.drop_columns([it for it in without if it in table.column_names]).to_pylist()


def error_of(call: object) -> str:
    """The text of what a call raises."""
    with pytest.raises(Exception) as raised:
        call()
    return str(raised.value)
