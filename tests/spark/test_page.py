"""The examples of docs/spark.md run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import mrrc
import pytest
from conftest import ROOT
from pyspark.sql import SparkSession


def test_the_examples_of_the_page_run(
    spark: SparkSession, fixture_1k: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("catalogue/a.mrc", "catalogue/b.mrc", "dump.mrc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(fixture_1k, tmp_path / name)
    # The workers of Spark are where it was started.
    page = re.sub(
        r'(["\'])(?=(catalogue/|dump|books\.parquet|accounts|sound))',
        rf"\1{tmp_path}/",
        (ROOT / "docs" / "spark.md").read_text(),
    )
    (view,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    spark.sql(view.replace("create", "create or replace"))
    assert spark.sql("select count(*) from books").collect()[0][0] == 2000
    names: dict[str, object] = {}
    examples = re.findall(r"```python notest\n(.*?)```", page, re.DOTALL)
    in_stores = [it for it in examples if "s3://" in it]
    for example in examples:
        if example not in in_stores:
            exec(example, names)
    assert (len(examples), len(in_stores)) == (6, 1)
    assert names["ids"].columns == ["control_number"]
    assert names["titles"].columns == ["id", "title", "subjects"]
    assert {field["tag"] for (field,) in names["subjects"].select("field").collect()} == {"650"}
    shown = capsys.readouterr().out
    assert "language|count|" in shown and "sum(rejected)" in shown
    assert mrrc.scan(tmp_path / "sound/*.mrc").count(where="5..") == 0
