"""Addresses of objects in stores: read as files are, whatever the store does; and written whole or not."""

from __future__ import annotations

import gzip
import io
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from pathlib import Path

import fsspec
import mrrc
import pyarrow.parquet as pq
import pytest
from conftest import record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mrrc._store import Object
from web import serving

SOUND = [record(("001", b"A%05d" % number), ("245", b"10\x1faTitle")) for number in range(3000)]
RECORDS = b"".join(SOUND)
# Damaged here and there: a wrong length, lost bytes, what is no record.
DAMAGED = b"".join(
    one if number % 7 else [b"99999" + one[5:], one[:40], b"no record\n\n"][number % 3]
    for number, one in enumerate(SOUND)
)
SECRETS = {"access_key_id": "AKIAOFTESTS", "secret_access_key": "VerySecretIndeed"}
QUICK = {"retry_config": {"max_retries": 1}, "client_options": {"timeout": "1s"}}


@pytest.fixture
def web():
    with serving() as web:
        web.files = {
            "a.mrc": RECORDS,
            "b.mrc.gz": gzip.compress(RECORDS),
            "bad.mrc": DAMAGED,
            "empty.mrc": b"",
        }
        yield web


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    """A server of S3 with a bucket, and how to reach it."""
    log = tmp_path_factory.mktemp("s3") / "log"
    program = Path(sys.executable).with_name("moto_server")
    with log.open("w") as output:
        server = subprocess.Popen([program, "-p", "0"], stdout=output, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
                break
            time.sleep(0.05)
        endpoint = found[0]
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/bucket", method="PUT")).close()
        yield {**SECRETS, "region": "us-east-1", "endpoint": endpoint}
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def storage(s3):
    """The same, with files in the bucket."""
    store = fsspec_of(s3)
    for name, content in [
        ("a.mrc", RECORDS),
        ("b.mrc.gz", gzip.compress(RECORDS)),
        (".c.mrc", b""),
        ("d/e.mrc", RECORDS),
    ]:
        store.put(f"cat/{name}", content)
    return s3


def fsspec_of(storage):
    from obstore.store import from_url

    return from_url("s3://bucket", client_options={"allow_http": True}, **storage)


def numbers(source, **options):
    return mrrc.read_arrow(source, columns={"id": "001"}, **options)["id"].to_pylist()


def test_what_an_address_names_is_read_as_a_file_is(storage):
    assert numbers("s3://bucket/cat/a.mrc", storage=storage) == numbers(RECORDS)
    assert mrrc.check("s3://bucket/cat/a.mrc", storage=storage).num_rows == 0
    assert mrrc.describe("s3://bucket/cat/a.mrc", storage=storage).encodings["records"].to_pylist() == [3000]
    table = mrrc.read_arrow("s3://bucket/cat/*.mrc*", storage=storage)
    assert (
        table["source"].to_pylist() == ["s3://bucket/cat/a.mrc"] * 3000 + ["s3://bucket/cat/b.mrc.gz"] * 3000
    )
    lazy = mrrc.scan(Path("s3://bucket/cat/a.mrc"), storage=storage).to_polars()
    assert lazy.head(3).collect().height == 3


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("cat/*.mrc", ["cat/a.mrc"]),
        ("cat/.*", ["cat/.c.mrc"]),
        ("cat/**/*.mrc", ["cat/a.mrc", "cat/d/e.mrc"]),
        ("c?t/[ab].mrc*", ["cat/a.mrc", "cat/b.mrc.gz"]),
        ("cat/[!a]*", ["cat/b.mrc.gz"]),
        ("**", []),
        ("cat//*.mrc", []),
        ("cat/*//a.mrc", []),
    ],
)
def test_a_glob_is_one_of_files(storage, glob, names):
    if not names:
        with pytest.raises(FileNotFoundError, match="no object matches"):
            mrrc.scan(f"s3://bucket/{glob}", storage=storage)
        return
    assert [part.source for part in mrrc.plan(f"s3://bucket/{glob}", storage=storage)] == [
        f"s3://bucket/{name}" for name in names
    ]


@pytest.mark.parametrize("glob", ["cat/[a]*.mrc", "cat/?.mrc", "cat/[a].mrc"])
def test_a_glob_adds_the_source_even_if_it_matches_one_object(storage, glob):
    table = mrrc.read_arrow(f"s3://bucket/{glob}", storage=storage, n_rows=1)
    assert table["source"].to_pylist() == ["s3://bucket/cat/a.mrc"]


def test_an_archive_is_read_where_it_is(web):
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.mrc", RECORDS)
        archive.writestr("two.mrc", SOUND[0])
    web.files["all.zip"] = packed.getvalue()
    assert numbers(f"{web.address}/all.zip") == numbers(RECORDS + SOUND[0])


def test_an_empty_object_is_an_empty_file(web):
    table = mrrc.read_arrow(f"{web.address}/empty.mrc")
    assert (table.num_rows, table.diagnostics["code"].to_pylist()) == (0, ["empty-source"])


def test_few_requests_get_hardly_more_bytes_than_there_are(web):
    web.files["large.mrc"] = large = RECORDS * (70_000_000 // len(RECORDS))
    address = f"{web.address}/large.mrc"
    assert mrrc.scan(address).count() == len(large) // len(RECORDS) * 3000
    assert web.gets <= len(large) / (8 << 20) + 2
    assert web.given <= 1.02 * len(large)

    web.asked.clear()
    part = (20_000_000, 20_000_000 + (32 << 20))
    assert mrrc.scan(address, byte_range=part).count() == mrrc.scan(large, byte_range=part).count()
    assert web.gets <= 6
    assert web.given <= 1.05 * (32 << 20)

    web.asked.clear()
    assert mrrc.scan(address).head(3).read().num_rows == 3
    assert web.given <= 2 << 20


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, len(DAMAGED)), max_size=6).map(sorted),
    policy=st.sampled_from(["skip", "recover"]),
    how=st.sampled_from(["web", "file object", "fsspec"]),
)
@pytest.mark.filterwarnings("ignore::mrrc.MarcWarning")
def test_ranges_give_each_record_once(web, cuts, policy, how):
    def opened():
        match how:
            case "web":
                return f"{web.address}/bad.mrc"
            case "file object":
                return io.BytesIO(DAMAGED)
            case _:
                files = fsspec.filesystem("memory")
                files.pipe("/ranges/bad.mrc", DAMAGED)
                return files.open("/ranges/bad.mrc")

    whole = mrrc.read_arrow(DAMAGED, on_error=policy)
    ranges = zip([0, *cuts], [*cuts, len(DAMAGED)], strict=True)
    parts = [mrrc.read_arrow(opened(), on_error=policy, byte_range=part) for part in ranges]
    assert [id for part in parts for id in part["control_number"]] == whole["control_number"].to_pylist()
    for name in ("records", "bytes", "delivered", "repaired", "rejected", "gaps"):
        assert sum(part.sources[name][0] for part in parts) == whole.sources[name][0]


# A store that does not do as it should


def refuse(status):
    return lambda number, handler: handler.answer(status, b"") or True


def test_a_request_that_fails_is_made_again(web):
    def fault(number, handler):
        if number == 0:
            return refuse(503)(number, handler)
        if number == 1:
            # Half of an answer, and then nothing more.
            handler.send_response(206)
            handler.send_header("ETag", '"a.mrc"')
            handler.send_header("Content-Range", f"bytes 0-{len(RECORDS) - 1}/{len(RECORDS)}")
            handler.send_header("Content-Length", str(len(RECORDS)))
            handler.end_headers()
            handler.wfile.write(RECORDS[:1000])
            handler.wfile.flush()
            handler.connection.close()
            return True
        return None

    web.fault = fault
    assert numbers(f"{web.address}/a.mrc") == numbers(RECORDS)
    assert web.gets >= 3


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (refuse(403), PermissionError, r"the store refused \(403 Forbidden\); give credentials"),
        (refuse(401), PermissionError, "the store refused"),
        (refuse(404), FileNotFoundError, "there is no such object"),
        (refuse(500), OSError, r"the store failed \(500 Internal Server Error"),
        (lambda number, handler: time.sleep(2.5), TimeoutError, "the store did not answer in time"),
    ],
    ids=["forbidden", "unauthenticated", "missing", "broken", "slow"],
)
def test_a_store_that_fails_is_told_in_a_line(web, fault, error, says):
    web.fault = fault
    with pytest.raises(error, match=says) as raised:
        mrrc.read_arrow(f"{web.address}/a.mrc", storage=QUICK)
    assert f"{web.address}/a.mrc" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_after_a_request_that_failed_a_place_has_its_own_bytes(web):
    nearby = Object(f"{web.address}/a.mrc").nearby()
    assert nearby.read_at(0, 100) == RECORDS[:100]
    web.fault = refuse(403)
    with pytest.raises(PermissionError):
        nearby.read_at(100_000, 100)
    web.fault = lambda number, handler: None
    assert nearby.read_at(100_000, 100) == RECORDS[100_000:100_100]
    assert nearby.read_at(0, 100) == RECORDS[:100]


def test_a_store_that_is_not_there_says_so():
    with serving() as web:
        address = web.address
    with pytest.raises(ConnectionError, match="the store cannot be reached"):
        mrrc.read_arrow(f"{address}/a.mrc", storage={"retry_config": {"max_retries": 0}})


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(web):
    web.files["large.mrc"] = RECORDS * 40

    def fault(number, handler):
        web.tags["large.mrc"] = '"other"' if number else '"first"'

    web.fault = fault
    with pytest.raises(mrrc.MarcError) as raised:
        mrrc.read_arrow(f"{web.address}/large.mrc")
    assert raised.value.code == "source-changed"


def test_an_object_that_is_replaced_after_it_was_planned_is_an_error(web):
    part = mrrc.plan(f"{web.address}/a.mrc")[0]
    web.tags["a.mrc"] = '"other"'
    with pytest.raises(mrrc.MarcError, match="another version of the object"):
        mrrc.read_arrow(part)


def test_a_scan_reads_again_what_is_there_then(web):
    scan = mrrc.scan(f"{web.address}/a.mrc")
    assert scan.count() == 3000
    web.files["a.mrc"], web.tags["a.mrc"] = RECORDS * 2, '"other"'
    assert scan.count() == 6000
    assert mrrc.scan(f"{web.address}/a.mrc", byte_range=(0, len(RECORDS))).count() == 3000


def test_of_several_objects_one_that_is_missing_is_left_out(web):
    sources = [f"{web.address}/{name}" for name in ("a.mrc", "none.mrc", "b.mrc.gz")]
    with pytest.warns(mrrc.MarcWarning, match=r"none\.mrc"):
        table = mrrc.read_arrow(sources, on_error="skip")
    assert table.num_rows == 6000
    with pytest.raises(FileNotFoundError, match=r"none\.mrc"):
        mrrc.read_arrow(sources)


SLOW = """
import sys, mrrc
print("begins", flush=True)
try:
    mrrc.scan(sys.argv[1]).count()
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_ends_a_read_whose_store_is_slow(web):
    arrived, ended = threading.Event(), threading.Event()

    def fault(number, handler):
        arrived.set()
        # Until the program has ended, the store gives nothing.
        return ended.wait(60)

    web.fault = fault
    program = [sys.executable, "-c", SLOW, f"{web.address}/a.mrc"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert arrived.wait(60)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    ended.set()
    assert (printed, process.returncode) == ("begins\ninterrupted\n", 0)


# Secrets


def test_credentials_are_in_no_text_and_no_pickle(storage):
    address = "s3://bucket/cat/a.mrc"
    scan = mrrc.scan(address, storage=storage)
    parts = mrrc.plan(address, storage=storage)
    wrong = {**storage, "retry_config": {"max_retries": 0}}
    errors = []
    for source in ("s3://bucket/none.mrc", "s3://nobucket/a.mrc", "s3://nobucket/*.mrc"):
        with pytest.raises(OSError) as raised:
            mrrc.read_arrow(source, storage=wrong)
        errors.append(str(raised.value))
    shown = [repr(scan), scan.explain(), repr(parts), repr(mrrc.stored(address, **storage)), *errors]
    pickled = [pickle.dumps(it) for it in (scan, scan.head(1), parts)]
    for secret in SECRETS.values():
        assert not any(secret in text for text in shown)
        assert not any(secret.encode() in it for it in pickled)


def test_a_pickle_finds_credentials_in_the_environment(storage, monkeypatch):
    scan, part = pickle.loads(
        pickle.dumps(
            (
                mrrc.scan("s3://bucket/cat/*.mrc", storage=storage),
                mrrc.plan("s3://bucket/cat/a.mrc", storage=storage)[0],
            )
        )
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", SECRETS["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["secret_access_key"])
    assert scan.count() == mrrc.scan(part).count() == 3000


def test_what_is_secret_in_an_address_is_not_read_and_not_shown():
    for address in (
        "https://user:verysecret@example.org/a.mrc",
        "https://example.org/a.mrc?signature=verysecret",
    ):
        with pytest.raises(ValueError, match="fsspec") as raised:
            mrrc.scan(address)
        assert "verysecret" not in str(raised.value)


# Processes


def count_at(address, answer):
    try:
        answer.put(mrrc.scan(address).count())
    except RuntimeError as error:
        answer.put(str(error))


CHILD = """
import multiprocessing, sys
sys.path.insert(0, sys.argv[3])
from test_store import count_at
import mrrc
if __name__ == "__main__":
    how, address = sys.argv[1:3]
    if how == "fork after a read":
        mrrc.scan(address).count()
    context = multiprocessing.get_context(how.split()[0])
    answer = context.Queue()
    child = context.Process(target=count_at, args=(address, answer))
    child.start()
    print(answer.get(timeout=100))
    child.join()
"""


@pytest.mark.parametrize(
    ("how", "says"),
    [("fork", "^3000$"), ("spawn", "^3000$"), ("fork after a read", 'start processes by "spawn"')],
)
def test_other_processes_read_from_stores_too(web, tmp_path, how, says):
    program = tmp_path / "program.py"
    program.write_text(CHILD)
    arguments = [sys.executable, program, how, f"{web.address}/a.mrc", Path(__file__).parent]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert re.search(says, done.stdout.strip()), done.stdout + done.stderr


# Writing


def read_back(storage, name):
    return bytes(fsspec_of(storage).get(name).bytes())


def test_what_is_written_to_an_address_is_there_whole(storage, monkeypatch):
    scan = mrrc.scan("s3://bucket/cat/a.mrc", storage=storage)
    scan.to_parquet("s3://bucket/out/a.parquet")
    assert pq.read_table(io.BytesIO(read_back(storage, "out/a.parquet"))).num_rows == 3000
    scan.write_marc("s3://bucket/out/a.mrc.gz")
    assert gzip.decompress(read_back(storage, "out/a.mrc.gz")) == RECORDS
    scan.extract(["001"]).to_csv("s3://bucket/out/a.csv")
    assert read_back(storage, "out/a.csv").count(b"\n") == 3001
    table = scan.head(2).read()
    for name, write in [
        ("b.mrc", table.write_marc),
        ("b.mrk", table.to_mrk),
        ("b.parquet", table.to_parquet),
    ]:
        write(mrrc.stored(f"s3://bucket/out/{name}", **storage))
        assert read_back(storage, f"out/{name}")
    for name, value in storage.items():
        monkeypatch.setenv(f"AWS_{name.upper()}", value)
    with mrrc.MARCWriter("s3://bucket/out/c.mrc") as writer:
        for one in scan.records():
            writer.write(one)
    assert read_back(storage, "out/c.mrc") == RECORDS


def test_what_cannot_be_finished_is_not_there_at_all(storage, web):
    bad = mrrc.scan(f"{web.address}/bad.mrc")
    for write in (bad.to_parquet, bad.write_marc, bad.to_marcxml):
        with pytest.raises(mrrc.MarcError):
            write(mrrc.stored("s3://bucket/bad/it", **storage))
    assert list(fsspec_of(storage).list("bad")) == []
    with pytest.raises(OSError, match="nobucket/a"):
        mrrc.scan(RECORDS).to_parquet(mrrc.stored("s3://nobucket/a", **storage))


def test_without_obstore_an_address_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ImportError, match="pip install obstore"):
        mrrc.scan("s3://bucket/*.mrc")
    with pytest.raises(ImportError, match="pip install obstore"):
        mrrc.scan(RECORDS).to_parquet("s3://bucket/a.parquet")


def test_a_glob_is_refused_and_missing_as_an_object_is(storage, tmp_path):
    (path := tmp_path / "a.mrc").write_bytes(RECORDS)
    with pytest.raises(FileNotFoundError, match="there is no such bucket"):
        mrrc.scan("s3://nobucket/*.mrc", storage=storage)
    with pytest.raises(FileNotFoundError, match="there is no such bucket"):
        mrrc.export(path, "s3://nobucket/out", storage=storage)


@pytest.mark.parametrize(
    "address", ["s3://bucket", "s3://bucket/", "s3://bucket/cat/", "https://example.org/"]
)
def test_a_folder_is_no_object(address):
    with pytest.raises(IsADirectoryError, match="name what is in it"):
        mrrc.scan(address)
