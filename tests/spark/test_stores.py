"""Objects in a store are read with the keys that the options have, which nothing shows."""

from __future__ import annotations

import contextlib
import io
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mrrc
import obstore
import pytest
from conftest import error_of, rows
from obstore.store import S3Store
from pyspark.sql import DataFrameReader

SECRET = "never-to-be-shown"
KEYS = {"access_key_id": "keys-of-a-test", "secret_access_key": SECRET, "region": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        Path(sys.executable).with_name("moto_server"),
        "-H",
        "127.0.0.1",
        "-p",
        address.partition(":")[2],
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(address.split(":")):
            break
        assert server.poll() is None
        time.sleep(0.1)
    yield f"http://{address}"
    server.terminate()
    server.wait()


@pytest.fixture
def stored(endpoint: str, fixture_1k: Path) -> dict[str, str]:
    """Options for a store in which two objects are."""
    bucket = urllib.request.Request(f"{endpoint}/books", method="PUT")
    urllib.request.urlopen(bucket).close()
    store = S3Store("books", endpoint=endpoint, client_options={"allow_http": True}, **KEYS)
    for number in range(2):
        obstore.put(store, f"cat/{number}.mrc", fixture_1k.read_bytes())
    return {f"storage.{name}": value for name, value in {**KEYS, "endpoint": endpoint}.items()}


def test_objects_are_read_in_parts(
    marc: DataFrameReader, stored: dict[str, str], fixture_1k: Path, tmp_path: Path
):
    options = {"chunk": 300_000, "accounts": str(tmp_path), "provenance": True}
    frame = marc.options(**stored, **options).load("s3://books/cat/*.mrc")
    assert frame.rdd.getNumPartitions() == 8
    ours = rows(mrrc.scan(fixture_1k, provenance=True), "record", "source")
    assert rows(frame, "record", "source") == ours * 2
    assert {row["source"] for row in rows(frame)} == {f"s3://books/cat/{number}.mrc" for number in range(2)}
    assert len([*(tmp_path / "sources").iterdir()]) == 8
    for path in tmp_path.rglob("*.parquet"):
        assert SECRET.encode() not in path.read_bytes()


def test_no_plan_and_no_error_shows_a_key(marc: DataFrameReader, stored: dict[str, str]):
    frame = marc.options(**stored).load("s3://books/cat/*.mrc")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        frame.explain(True)
        frame.explain("formatted")
    assert "BatchScan marc" in shown.getvalue()
    texts = [
        shown.getvalue(),
        str(frame._jdf.queryExecution()),
        error_of(marc.load("s3://books/cat/missing.mrc").collect),
        error_of(marc.load("s3://elsewhere/*.mrc").collect),
        error_of(lambda: marc.option("tag", "245").load("s3://books/cat/*.mrc")),
        error_of(marc.schema("title string").load("s3://books/cat/*.mrc").collect),
        error_of(marc.option("storage.endpoint", "http://127.0.0.1:9").load("s3://books/0.mrc").collect),
        error_of(marc.option("storage.secret", SECRET).load("s3://books/0.mrc").collect),
    ]
    assert "there is no such object" in texts[2] and "s3://books/cat/missing.mrc" in texts[2]
    for text in texts:
        assert SECRET not in text
