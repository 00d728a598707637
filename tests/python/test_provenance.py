"""Where a row is from; a part of a file; records written as they stood."""

import gzip
import random
from itertools import pairwise

import mrrc
import pytest
from conftest import assert_accounts_add_up, read, read_quietly, record, recover, rows, skip

PLACES = ["source", "record", "offset", "length", "encoding_declared", "encoding_used", "undecodable"]


def place(table: mrrc.Table) -> list[dict]:
    return rows(table[[name for name in table.column_names if name in PLACES]])


@pytest.fixture
def three(tmp_path):
    """A sound record, a damaged one, one in MARC-8 with two bytes that are none."""
    sound = record(("001", b"one"), ("245", "10\x1faBücher".encode()), leader=b"00000nam a2200000 a 4500")
    damaged = sound.replace(b"001000400000", b"001x00400000")
    marc8 = record(("245", b"10\x1fa\xff b\x1fb\xff"), leader=b"00000nam  2200000 a 4500")
    path = tmp_path / "three.mrc"
    path.write_bytes(sound + b"\n" + damaged + marc8)
    return path


def test_a_row_says_where_it_is_from(three):
    table = recover(three, provenance=True)
    assert table.column_names == ["record", "control_number", "leader", "fields", *PLACES[:1], *PLACES[2:]]
    data = three.read_bytes()
    first, last = place(table)[0], place(table)[-1]
    assert first == {
        "source": str(three),
        "record": 0,
        "offset": 0,
        "length": data.index(b"\x1d") + 1,
        "encoding_declared": "utf-8",
        "encoding_used": "utf-8",
        "undecodable": 0,
    }
    assert last["record"] == 2
    assert data[last["offset"] :][: last["length"]] == data[last["offset"] :]
    assert (last["encoding_declared"], last["encoding_used"]) == ("marc-8", "marc-8")
    assert last["undecodable"] == str(rows(table)[-1]["fields"]).count("�") == 2


def test_the_number_of_a_record_does_not_depend_on_the_policy(three):
    numbers = {
        policy: [row["record"] for row in place(read_quietly(three, on_error=policy, provenance=True))]
        for policy in ("skip", "recover")
    }
    assert numbers == {"skip": [0], "recover": [0, 1, 2]}


def test_numbers_go_on_from_batch_to_batch_and_begin_again_in_each_source(fixture_1k):
    table = read([fixture_1k, fixture_1k], provenance=True, batch_size=7, threads=3)
    assert [row["record"] for row in place(table)] == [*range(1000)] * 2
    ends = [row["offset"] + row["length"] for row in place(table)]
    assert ends[:999] == [row["offset"] for row in place(table)][1:1000]
    assert ends[999] == fixture_1k.stat().st_size


def test_bytes_are_given_as_they_stood(three):
    table = recover(three, provenance="raw")
    assert table.column_names[-1] == "raw"
    data = three.read_bytes()
    for row in rows(table):
        assert row["raw"] == data[row["offset"] :][: row["length"]]


def test_columns_of_provenance_can_be_asked_for_alone(fixture_1k):
    scan = mrrc.scan(fixture_1k, provenance="raw")
    frame = scan.to_polars().select("record", "raw").collect()
    assert frame.columns == ["record", "raw"]
    assert frame["raw"].bin.size().sum() == fixture_1k.stat().st_size


def test_a_table_with_bytes_is_written_back_as_it_was_read(fixture_1k, tmp_path):
    target = tmp_path / "again.mrc"
    read(fixture_1k, provenance="raw").write_raw(target)
    assert target.read_bytes() == fixture_1k.read_bytes()
    read(fixture_1k, provenance="raw")[10:20].write_raw(target)
    assert read(target).num_rows == 10


def test_rejects_are_written_as_they_stood(three, tmp_path):
    table = skip(three)
    assert table.rejects.num_rows == 2
    target = tmp_path / "rejects.mrc"
    table.rejects.write_raw(target)
    assert target.read_bytes() == b"".join(row["raw"] for row in rows(table.rejects))
    assert target.read_bytes() in three.read_bytes()


def test_what_has_no_bytes_is_not_written(fixture_1k, tmp_path):
    target = tmp_path / "none.mrc"
    with pytest.raises(ValueError, match="read with provenance"):
        read(fixture_1k).write_raw(target)
    head = b"99999nam a22000000a 4500"
    too_large = head + b"x" * (1 << 21) + b"\x1d"
    table = skip(too_large, max_record=1 << 20)
    assert table.rejects.num_rows == 1
    with pytest.raises(ValueError, match="the bytes of 1 record are not here"):
        table.rejects.write_raw(target)
    assert not target.exists()


@pytest.mark.parametrize("kind", ["path", "bytes"])
def test_the_parts_of_any_split_hold_each_record_once(kind, fixture_1k, tmp_path):
    # Every tenth record is damaged somewhere, and garbage stands between others.
    chance = random.Random(12)
    data = bytearray()
    for row in rows(read(fixture_1k, provenance="raw")[:300]):
        data += row["raw"]
        if chance.random() < 0.1:
            data[-chance.randrange(1, len(row["raw"]))] = chance.choice(b"\x1d\x1e\x1f0x")
        if chance.random() < 0.05:
            data += b"garbage\n\x1d\n"[: chance.randrange(10)]
    path = tmp_path / "damaged.mrc"
    path.write_bytes(data)
    source = path if kind == "path" else bytes(data)

    def delivered(**options):
        table = read_quietly(source, on_error="recover", provenance="raw", **options)
        assert_accounts_add_up(table)
        return [(row["offset"], row["raw"], row["fields"]) for row in rows(table)], table

    whole, table = delivered()
    assert 250 < len(whole) < 300 or table.rejects.num_rows
    for parts in (2, 3, 17, 400):
        borders = [0, *sorted(chance.randrange(len(data) + 1) for _ in range(parts - 1)), len(data)]
        split, sizes, rejected = [], 0, 0
        for border in pairwise(borders):
            part, its = delivered(byte_range=border)
            split += part
            sizes += rows(its.sources)[0]["bytes"]
            rejected += its.rejects.num_rows
        assert split == whole
        assert (sizes, rejected) == (len(data), table.rejects.num_rows)


def test_offsets_of_a_part_are_those_of_the_file(fixture_1k):
    size = fixture_1k.stat().st_size
    part = read(fixture_1k, byte_range=(size // 2, size), provenance=True)
    assert [row["record"] for row in place(part)] == [*range(part.num_rows)]
    last = place(part)[-1]
    assert last["offset"] + last["length"] == size
    assert read(fixture_1k, byte_range=(size, size + 10)).num_rows == 0


def test_a_range_is_of_one_source_that_is_not_compressed(fixture_1k, tmp_path):
    for sources in ([fixture_1k], [fixture_1k, fixture_1k]):
        with pytest.raises(ValueError, match="one path or bytes"):
            mrrc.scan(sources, byte_range=(0, 10))
    packed = tmp_path / "packed.mrc.gz"
    packed.write_bytes(gzip.compress(fixture_1k.read_bytes()))
    with packed.open("rb") as file:
        for source in (packed, packed.read_bytes(), file):
            with pytest.raises(ValueError, match="uncompressed file"):
                mrrc.read_arrow(source, byte_range=(0, 10))
    for wrong, error in (((10, 0), ValueError), ((-1, 5), TypeError), (5, TypeError), ((1, 2, 3), TypeError)):
        with pytest.raises(error, match="byte_range"):
            mrrc.scan(fixture_1k, byte_range=wrong)


def test_arguments_say_what_may_be_chosen(fixture_1k):
    with pytest.raises(ValueError, match='provenance="all" is not known; choose True, False or "raw"'):
        mrrc.scan(fixture_1k, provenance="all")
    with pytest.raises(TypeError, match="provenance"):
        mrrc.scan(fixture_1k, provenance=1)
    with pytest.raises(ValueError, match="max_record"):
        mrrc.scan(fixture_1k, max_record=0)
