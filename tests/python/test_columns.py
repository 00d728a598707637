"""What is in the columns, value by value."""

import io
import pickle

import mrrc
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import assert_accounts_add_up, read, record, rows, skip
from hypothesis import given, settings
from hypothesis import strategies as st

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"))


def fields(raw, **options):
    return rows(read(raw, **options))[0]["fields"]


def field(raw, leader=b"00000nam a2200000 a 4500"):
    return fields(record(("500", raw), leader=leader))[0]


def test_a_record_is_a_row_with_everything_in_its_order():
    raw = record(("001", b"A1"), ("650", b" 0\x1fax\x1fay"), ("245", b"10\x1faT"), ("650", b"  \x1faz"))
    row = rows(read(raw))[0]
    assert row["control_number"] == "A1"
    assert row["leader"] == raw[:24].decode()
    assert row["fields"] == [
        {"tag": "001", "ind1": None, "ind2": None, "value": "A1", "subfields": None},
        {
            "tag": "650",
            "ind1": " ",
            "ind2": "0",
            "value": None,
            "subfields": [{"code": "a", "value": "x"}, {"code": "a", "value": "y"}],
        },
        {"tag": "245", "ind1": "1", "ind2": "0", "value": None, "subfields": [{"code": "a", "value": "T"}]},
        {"tag": "650", "ind1": " ", "ind2": " ", "value": None, "subfields": [{"code": "a", "value": "z"}]},
    ]


@pytest.mark.parametrize(
    ("raw", "ind1", "ind2", "value", "subfields"),
    [
        (b"\x1faNote", "", "", None, [("a", "Note")]),
        (b"0\x1faNote", "0", "", None, [("a", "Note")]),
        (b"10Text\x1faNote", "1", "0", "Text", [("a", "Note")]),
        (b"10Only text", "1", "0", "Only text", []),
        (b"10\x1f\x1faNote\x1f", "1", "0", None, [("", ""), ("a", "Note"), ("", "")]),
        ("10\x1féNote".encode(), "1", "0", None, [("é", "Note")]),
        (b"10\x1fANote", "1", "0", None, [("A", "Note")]),
        (b"10\x1fa", "1", "0", None, [("a", "")]),
        (b"", "", "", "", []),
    ],
)
def test_odd_fields_lose_nothing(raw, ind1, ind2, value, subfields):
    found = field(raw)
    assert (found["ind1"], found["ind2"], found["value"]) == (ind1, ind2, value)
    assert [(it["code"], it["value"]) for it in found["subfields"]] == subfields


def test_fields_are_plain_where_the_leader_says_so():
    assert field(b"10Note", leader=b"00000nam a0000000 a 4500")["value"] == "10Note"


def test_the_second_indicator_holds_all_that_a_leader_promises_beyond_the_first():
    assert field(b"012\x1faNote", leader=b"00000nam a3200000 a 4500")["ind2"] == "12"


def test_the_schema_is_known_before_any_data():
    subfields = pa.list_(pa.field("element", pa.struct([("code", pa.string()), ("value", pa.string())])))
    parts = [(name, pa.string()) for name in ("tag", "ind1", "ind2", "value")]
    element = pa.field("element", pa.struct([*parts, ("subfields", subfields)]))
    expected = pa.schema(
        [
            ("record", pa.int64()),
            pa.field("control_number", pa.string(), metadata={"mrrc.role": "control_number"}),
            ("leader", pa.string()),
            ("fields", pa.list_(element)),
        ],
        metadata={"mrrc.version": mrrc.__version__, "mrrc.layout": "nested", "mrrc.schema": "1"},
    )
    assert pa.schema(mrrc.scan(b"").schema).equals(expected, check_metadata=True)
    assert read(TITLE).to_pyarrow().schema.equals(expected, check_metadata=True)


@pytest.mark.parametrize("options", [{"batch_size": 7}, {"threads": 3}])
def test_options_of_speed_do_not_change_values(options, fixture_1k):
    assert rows(read(fixture_1k, **options)) == rows(read(fixture_1k))


@pytest.mark.parametrize("n_rows", [0, 1, 999, 1000, 5000])
def test_n_rows_stops_there_and_accounts_for_the_rest(n_rows, fixture_1k):
    table = read(fixture_1k, n_rows=n_rows, batch_size=100)
    assert table.num_rows == min(n_rows, 1000)
    assert len(rows(table.sources)) == 1
    if n_rows:
        assert rows(table.sources)[0]["bytes"] == fixture_1k.stat().st_size
        assert rows(table) == rows(read(fixture_1k))[:n_rows]


@pytest.mark.parametrize("size", [26, 100, 1500, 5000, 99999])
def test_records_of_every_size(size):
    rest = size - 26
    raw = []
    while rest > 0:
        length = min(rest - 13, 9998)
        if 0 < rest - 13 - length < 14:
            length -= 14
        raw.append(("500", b"  \x1fa" + b"x" * (length - 4)))
        rest -= length + 13
    made = record(*raw)
    assert len(made) == size
    assert read(made + made).num_rows == 2


@pytest.mark.parametrize(
    "stated",
    [b"00000", b"abcde", b"99999", b"     ", b"00005", b"00024", b"00068", b"00070", b"   69", b"+0069"],
)
def test_a_wrong_length_raises_or_is_skipped_alone(stated):
    wrong = stated + TITLE[5:]
    with pytest.raises(mrrc.RecordBoundary) as caught:
        mrrc.read_arrow(TITLE + wrong + TITLE)
    assert (caught.value.code, caught.value.record, caught.value.offset) == ("record-length", 1, len(TITLE))
    table = skip(TITLE + wrong + TITLE)
    assert table.num_rows == 2
    reject = rows(table.rejects)[0]
    assert (reject["record"], reject["offset"], reject["raw"]) == (1, len(TITLE), wrong)


def test_a_missing_terminator_is_found():
    with pytest.raises(mrrc.RecordBoundary):
        mrrc.read_arrow(TITLE[:-1])
    assert skip(TITLE[:-1] + TITLE).num_rows == 1


def test_skipping_ends_with_one_warning_that_counts():
    with pytest.warns(
        mrrc.MarcWarning, match=r"3 records; 2 delivered, 1 rejected \(offset .*: record-length\)"
    ) as told:
        mrrc.read_arrow(TITLE + b"00000" + TITLE[5:] + TITLE, on_error="skip")
    assert len(told) == 1


def test_recovering_ends_with_one_warning_that_counts():
    with pytest.warns(mrrc.MarcWarning, match=r"2 records; 2 delivered \(1 of them repaired\); see") as told:
        mrrc.read_arrow(TITLE + b"00000" + TITLE[5:], on_error="recover")
    assert len(told) == 1


def test_recovering_what_is_sound_tells_nothing(recwarn):
    assert mrrc.read_arrow(TITLE, on_error="recover").num_rows == 1
    assert not recwarn.list


def test_a_warning_names_the_line_that_asked():
    damaged = TITLE + b"00000" + TITLE[5:]
    with pytest.warns(mrrc.MarcWarning) as told:
        mrrc.read_arrow(damaged, on_error="skip")
        mrrc.scan(damaged, on_error="skip").read()
    assert [it.filename for it in told] == [__file__, __file__]


DAMAGE = [
    (TITLE + b"abcde" + TITLE[5:], mrrc.RecordLengthInvalid, "record-length", None),
    (TITLE + b"00000" + TITLE[5:], mrrc.RecordLengthInvalid, "record-length", None),
    (TITLE + b"no record at all", mrrc.RecordLengthInvalid, "gap", None),
    (TITLE + TITLE[:-5], mrrc.TruncatedRecord, "record-truncated", "245"),
    (TITLE + TITLE[:12] + b"99999" + TITLE[17:], mrrc.BaseAddressInvalid, "base-address", None),
    (TITLE + TITLE[:12] + b"abcde" + TITLE[17:], mrrc.BaseAddressNotFound, "base-address", None),
    (TITLE + TITLE.replace(b"245", b"2\x005"), mrrc.RecordDirectoryInvalid, "entry-tag", None),
    (TITLE + record(("245", b"10\x1fa\xff")), mrrc.DecodingError, "utf8-invalid", "245"),
]


@pytest.mark.parametrize(("raw", "kind", "code", "tag"), DAMAGE)
def test_each_damage_raises_its_class_with_its_place(raw, kind, code, tag, tmp_path):
    path = tmp_path / "damaged.mrc"
    path.write_bytes(raw)
    scan = mrrc.scan(path)
    with pytest.raises(mrrc.MarcError) as caught:
        scan.read()
    assert_accounts_add_up(scan)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.source, error.tag) == (code, str(path), tag)
    assert len(TITLE) <= error.offset <= len(raw)
    assert error.record == (None if code == "gap" else 1)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_bytes_that_are_no_text_are_an_error_with_their_place():
    bad = record(("001", b"A1"), ("245", b"10\x1faT\xfftle"))
    with pytest.raises(mrrc.DecodingError) as caught:
        mrrc.read_arrow(bad)
    error = caught.value
    assert isinstance(error, UnicodeError)
    assert (error.code, error.tag, error.subfield_code, error.found) == ("utf8-invalid", "245", "a", "\\xff")
    assert bad[error.offset] == 0xFF
    assert skip(bad).num_rows == 0


def test_an_encoding_can_be_named():
    latin = record(("245", b"10\x1facaf\xe9"))
    assert fields(latin, encoding="latin-1")[0]["subfields"][0]["value"] == "café"
    with pytest.raises(ValueError, match="encoding"):
        mrrc.read_arrow(latin, encoding="klingon")


def test_marc8_is_decoded_as_the_leader_declares():
    raw = record(("245", b"10\x1fa\xe2e \x1b(NMIR\x1b(B"), leader=b"00000nam  2200000 a 4500")
    assert fields(raw)[0]["subfields"][0]["value"] == "é мир"


WRONG_VALUES = [
    ("layout", "flat", 'choose "nested"'),
    ("batch_size", 0, "choose 1 or more"),
    ("batch_size", -1, "choose 1 or more"),
    ("batch_size", 2**80, "choose 1 or more"),
    ("n_rows", -1, "choose 0 or more"),
    ("threads", 0, "choose 1 to 1024"),
    ("threads", 2**31, "choose 1 to 1024"),
    ("encoding", "klingon", 'choose "declared"'),
    ("encoding", "x-user-defined", 'choose "declared"'),
    ("dialect", "usmarc", 'choose "marc21" or "unimarc"'),
    ("on_error", "ignore", 'choose "raise"'),
    ("on_error", "", 'choose "raise", "skip" or "recover"'),
    ("encoding", "replacement", 'choose "declared"'),
    ("encoding", "utf-16", 'choose "declared"'),
    ("n_rows", -(2**80), "choose 0 or more, or None"),
    ("threads", -1, "choose 1 to 1024, or None"),
    ("threads", 2**80, "choose 1 to 1024, or None"),
]
WRONG_TYPES = [
    ("layout", None, "a string, not NoneType"),
    ("batch_size", None, "a whole number, not NoneType"),
    ("batch_size", "8192", "a whole number, not str"),
    ("batch_size", True, "a whole number, not bool"),
    ("n_rows", 1.5, "a whole number, not float"),
    ("threads", "2", "a whole number, not str"),
    ("encoding", None, "a string, not NoneType"),
    ("dialect", 21, 'a string, not int; choose "marc21" or "unimarc"'),
    ("on_error", True, "a string, not bool"),
    ("progress", "yes", "a callable, not str"),
    ("progress", 1, "a callable, not int"),
    ("progress", [], "a callable, not list"),
    ("progress", np.True_, "a callable, not bool"),
    ("layout", True, 'a string, not bool; choose "nested"'),
    ("batch_size", 1.5, "a whole number, not float; choose 1 or more"),
    ("batch_size", np.float64(2), "a whole number, not float64"),
    ("batch_size", np.array([2]), "a whole number, not ndarray"),
    ("n_rows", "1", "a whole number, not str; choose 0 or more, or None"),
    ("n_rows", False, "a whole number, not bool"),
    ("n_rows", np.True_, "a whole number, not bool"),
    ("threads", True, "a whole number, not bool; choose 1 to 1024, or None"),
    ("threads", 2.0, "a whole number, not float"),
    ("encoding", 8859, 'a string, not int; choose "declared", "auto", "utf-8", "marc-8"'),
    ("on_error", None, 'a string, not NoneType; choose "raise", "skip" or "recover"'),
]
WAYS = [mrrc.read_arrow, mrrc.scan]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("argument", "value", "says"), WRONG_VALUES)
def test_a_value_that_is_no_choice_says_what_is(argument, value, says, way):
    with pytest.raises(ValueError, match=argument) as told:
        way(TITLE, **{argument: value})
    assert says in str(told.value)
    assert str(value) in str(told.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("argument", "value", "says"), WRONG_TYPES)
def test_a_value_of_another_type_says_which_it_should_be(argument, value, says, way):
    with pytest.raises(TypeError, match=f"{argument} must be") as told:
        way(TITLE, **{argument: value})
    assert says in str(told.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("argument", ["batch_size", "n_rows", "threads"])
def test_a_number_too_long_to_be_written_is_out_of_range_as_well(argument, way):
    with pytest.raises(ValueError, match=f"{argument}=… is out of range"):
        way(TITLE, **{argument: 10**5000})


@pytest.mark.parametrize("name", ["encoding", "on_error", "dialect", "layout", "provenance", "max_record"])
def test_a_value_of_any_length_is_shown_in_short(name):
    value = 10**4000 if name == "max_record" else "x" * 1_000_000
    with pytest.raises(ValueError, match=f"{name}=.*…") as told:
        mrrc.read_arrow(TITLE, **{name: value})
    assert len(str(told.value)) < 400
    with pytest.raises(KeyError, match=r"no column.*…") as told:
        mrrc.read_arrow(TITLE)["x" * 1_000_000]
    assert len(str(told.value)) < 200


def test_methods_say_what_is_wrong_with_their_arguments_as_well(tmp_path):
    scan, table = mrrc.scan(TITLE), mrrc.read_arrow(TITLE)
    for cut in (scan.head, scan.tail, table.head, table.tail):
        with pytest.raises(ValueError, match="n=-1 is out of range; choose 0 or more"):
            cut(-1)
    for threads in (0, -1, 10**6):
        with pytest.raises(ValueError, match=f"threads={threads} is out of range; choose 1 to 1024"):
            table.to_parquet(tmp_path / "a.parquet", threads=threads)
    for n in (None, True, "2", 1.5):
        for cut in (scan.head, scan.tail, table.head, table.tail):
            with pytest.raises(TypeError, match=f"n must be a whole number, not {type(n).__name__}"):
                cut(n)
    with pytest.raises(TypeError, match="threads must be a whole number, not str; choose 1 to 1024, or None"):
        table.to_parquet(tmp_path / "a.parquet", threads="2")
    for written in (scan, table):
        with pytest.raises(TypeError, match="path must be a path, not BytesIO"):
            written.to_parquet(io.BytesIO())
        with pytest.raises(ValueError, match="NUL"):
            written.to_parquet("a\0b.parquet")
        with pytest.raises(FileNotFoundError, match="''"):
            written.to_parquet("")
    assert list(tmp_path.iterdir()) == []


def test_numbers_may_be_named_and_paths_may_be_bytes(tmp_path):
    scan = mrrc.scan(TITLE * 3)
    assert scan.head(n=2).count() == scan.head(np.int64(2)).count() == 2
    path = tmp_path / "a.parquet"
    scan.to_parquet(bytes(path))
    scan.read().to_parquet(bytes(path))
    assert pa.parquet.read_table(path).num_rows == 3


def test_numbers_of_numpy_are_numbers():
    assert mrrc.scan(TITLE, n_rows=np.int64(1), threads=np.uint8(2)).count() == 1


def test_tables_slice_project_and_pickle(fixture_1k):
    table = read(fixture_1k)
    assert rows(table[10:20]) == rows(table)[10:20]
    assert table[["leader"]].column_names == ["leader"]
    assert pa.chunked_array(table["leader"]).to_pylist() == [row["leader"] for row in rows(table)]
    with pytest.raises(KeyError, match="record, control_number, leader, fields"):
        table["title"]
    again = pickle.loads(pickle.dumps(table))
    assert rows(again) == rows(table)
    assert rows(again.sources) == rows(table.sources)
    scan = pickle.loads(pickle.dumps(mrrc.scan(fixture_1k, batch_size=100)))
    assert scan.count() == 1000


@pytest.mark.parametrize(
    "kind", [it for it in vars(mrrc).values() if isinstance(it, type) and issubclass(it, mrrc.MarcError)]
)
def test_every_exception_pickles(kind):
    error = kind("what, where, what to do")
    error.code, error.record, error.offset = "gap", 7, 20_113
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (kind, "what, where, what to do", vars(error))


def test_counting_counts_what_reading_gives():
    undecodable = record(("001", b"A\xff"), ("245", b"10\x1faT"))
    with pytest.warns(mrrc.MarcWarning, match="1 delivered .1 of them with U.FFFD"):
        assert mrrc.scan(undecodable, on_error="recover").count() == 1
    with pytest.raises(mrrc.DecodingError):
        mrrc.scan(undecodable).count()
    with pytest.raises(Exception, match=r"marc8-byte|utf8-invalid"):
        mrrc.scan(undecodable).to_polars().select("leader").collect()
    with pytest.warns(mrrc.MarcWarning, match="1 rejected"):
        assert mrrc.scan(undecodable, on_error="skip").count() == skip(undecodable).num_rows == 0


TEXT = st.text(st.characters(exclude_characters="\x1d\x1e\x1f", exclude_categories=["Cs"]), max_size=40)
CODE = st.sampled_from("abcxyz0189")
INDICATOR = st.sampled_from(" 0123456789a|#")
DATA = st.tuples(
    st.from_regex(r"\A(0[1-9]|[1-9A-Z][0-9A-Z])[0-9A-Z]\Z"),
    INDICATOR,
    INDICATOR,
    st.lists(st.tuples(CODE, TEXT), min_size=1, max_size=5),
)
CONTROL = st.tuples(st.sampled_from(["001", "006", "008"]), TEXT)
LEADER = st.tuples(*(st.sampled_from("acdnpmgijktz 1278") for _ in range(7)))


@settings(max_examples=200, deadline=None)
@given(LEADER, st.lists(CONTROL, max_size=3, unique_by=lambda it: it[0]), st.lists(DATA, max_size=8))
def test_whatever_is_written_is_read(positions, control, data):
    status, kind, level, form, *rest = (it.encode() for it in positions)
    leader = b"00000%b%b%b%ba2200000%b4500" % (status, kind, level, form, b"".join(rest))
    made = [(tag, text.encode()) for tag, text in control]
    for tag, ind1, ind2, subfields in data:
        values = b"".join(b"\x1f" + (code + text).encode() for code, text in subfields)
        made.append((tag, (ind1 + ind2).encode() + values))
    raw = record(*made, leader=leader)
    row = rows(read(raw))[0]
    assert row["leader"].encode() == raw[:24]
    assert row["control_number"] == next((text for tag, text in control if tag == "001"), None)
    found = row["fields"]
    assert [(it["tag"], it["value"]) for it in found[: len(control)]] == control
    assert [
        (it["tag"], it["ind1"], it["ind2"], [(sub["code"], sub["value"]) for sub in it["subfields"]])
        for it in found[len(control) :]
    ] == data


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_gives_a_table_or_a_placed_error(data):
    raw = bytearray(TITLE * 4)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read(bytes(raw))
    except mrrc.MarcError as error:
        assert error.offset is not None
    assert rows(skip(bytes(raw)).sources)[0]["bytes"] == len(raw)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_accounted_for(raw):
    scan = mrrc.scan(raw)
    try:
        scan.read()
    except mrrc.MarcError as error:
        assert scan.error is error
    assert_accounts_add_up(scan)
    assert rows(skip(raw).sources)[0]["bytes"] == len(raw)


def test_a_scan_keeps_the_accounts_of_its_last_read(fixture_1k):
    scan = mrrc.scan(fixture_1k)
    assert scan.sources is None
    assert sum(batch.num_rows for batch in scan) == 1000
    assert_accounts_add_up(scan)
    assert scan.tail(3).num_rows == 3
    assert scan.count() == scan.read().num_rows == 1000


def test_a_scan_keeps_the_error_of_its_last_read_only():
    file = io.BytesIO(TITLE[:-1])
    scan = mrrc.scan(file)
    for again in (scan.read, scan.count, lambda: list(scan)):
        file.seek(0)
        file.truncate(len(TITLE) - 1)
        with pytest.raises(mrrc.MarcError) as caught:
            again()
        assert scan.error is caught.value
        file.seek(0)
        file.write(TITLE)
        again()
        assert scan.error is None
        assert_accounts_add_up(scan)


def test_a_slice_counts_the_bytes_of_its_rows(fixture_1k):
    table = read(fixture_1k)
    parts = [table[start : start + 100].nbytes for start in range(0, 1000, 100)]
    assert abs(table.nbytes / 10 - parts[0]) < table.nbytes / 30
    assert table[:0].nbytes < 20_000
    assert f" {table[:1].nbytes / 1000:.1f} kB\n" in repr(table[:1])
    assert abs(table.nbytes - pa.table(table).nbytes) < table.nbytes / 100


def test_a_pickled_slice_carries_its_rows_alone(fixture_1k):
    table = read(fixture_1k)
    whole = len(pickle.dumps(table))
    for part in (table[:10], table[500:510], table[990:], table[:0], table[["fields"]][7:9]):
        pickled = pickle.dumps(part)
        assert len(pickled) < whole / 20
        again = pa.table(pickle.loads(pickled))
        again.validate(full=True)
        assert again.equals(pa.table(part), check_metadata=True)
    assert pa.table(pickle.loads(pickle.dumps(table))).equals(pa.table(table))


def test_a_table_is_a_collection_of_columns_by_name(fixture_1k):
    table = read(fixture_1k)
    assert "leader" in table
    assert "title" not in table
    assert 5 not in table
    assert None not in table
    with pytest.raises(TypeError, match="table\\[name\\]"):
        iter(table)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (mrrc.Table, "mrrc.read_arrow"),
        (mrrc.Scan, "mrrc.scan"),
        (mrrc.Column, r"table\[name\]"),
        (mrrc.Schema, "scan.schema or table.schema"),
    ],
)
def test_who_makes_one_by_hand_is_told_what_makes_it(kind, says):
    for make in (kind, lambda: kind(TITLE, "and more", threads=2)):
        with pytest.raises(TypeError, match=f"a {kind.__name__} is made by {says}"):
            make()
