"""What is said of odd records that are delivered, and of those that are left out."""

import mrrc
import pytest
from conftest import LEADER, read, record, rows, skip


def zero(indicators: bytes = b"00") -> bytes:
    return LEADER[:10] + indicators + LEADER[12:]


def test_a_leader_that_knows_no_subfields_is_not_believed_against_them():
    data = record(
        ("001", b"l1"), ("245", b"10\x1faTitle\x1fbrest"), ("650", b" 0\x1faSubject"), leader=zero()
    )
    table = read(data)
    ((_, title, subject),) = [row["fields"] for row in rows(table)]
    assert title["subfields"] == [{"code": "a", "value": "Title"}, {"code": "b", "value": "rest"}]
    assert (subject["ind1"], subject["ind2"], subject["value"]) == (" ", "0", None)
    (found,) = rows(table.diagnostics)
    assert (found["code"], found["offset"], found["found"], found["expected"]) == (
        "leader-indicators",
        10,
        "00",
        "22",
    )
    # Where there is no delimiter the leader may be right.
    plain = read(record(("001", b"l1"), ("245", b"Title"), leader=zero()))
    assert [field["value"] for field in rows(plain)[0]["fields"]] == ["l1", "Title"]
    assert plain.diagnostics.num_rows == 0


def test_more_than_two_indicators_are_told():
    table = read(record(("001", b"l1"), ("245", b"100\x1faTitle"), leader=zero(b"32")))
    assert [field["ind2"] for field in rows(table)[0]["fields"]] == [None, "00"]
    assert [(it["code"], it["found"]) for it in rows(table.diagnostics)] == [("indicator-extra", "32")]


def test_controls_escapes_and_lost_characters_are_told():
    data = record(
        ("001", b"A1"),
        ("245", b"10\x1faTab\there\x1fbCO\x1bb2\x1bs"),
        ("500", "  \x1faDel\x7f, next line\u0085, lost \ufffd, \x98The \x9cstart".encode()),
    )
    told = {(it["code"], it["tag"], it["count"]) for it in rows(mrrc.check(data))}
    assert told == {
        ("control-character", "245", 1),
        ("escape-in-text", "245", 2),
        ("control-character", "500", 2),
        ("replacement-character", "500", 1),
    }
    assert {(it["code"], it["tag"]) for it in rows(read(data).diagnostics)} == {
        ("control-character", "245"),
        ("escape-in-text", "245"),
    }


def test_what_is_left_out_is_named():
    def caf(number: bytes, value: bytes = b"Caf\xe9") -> bytes:
        return record(*[("001", number)] * bool(number), ("245", b"10\x1fa" + value))

    broken = caf(b"ocm0003").replace(b"245", b"2\xe95")
    data = caf(b"ocm0001", b"sound") + caf(b"ocm0002") + broken + caf(b"") + caf(b"ocm0004", b"sound")
    for options in ({}, {"threads": 3}, {"batch_size": 1}):
        table = skip(data, **options)
        named = [(it["record"], it["control_number"], it["after"]) for it in rows(table.rejects)]
        assert named == [(1, "ocm0002", None), (2, "ocm0003", None), (3, None, "ocm0003")]
        found = [(it["record"], it["control_number"], it["after"]) for it in rows(table.diagnostics)]
        assert found == named
    assert "record 3 (after ocm0003), offset" in rows(mrrc.check(data))[-1]["message"]
    with pytest.raises(mrrc.DecodingError, match=r"record 1 \(ocm0002\), offset") as caught:
        mrrc.read_arrow(data)
    assert (caught.value.control_number, caught.value.after) == ("ocm0002", None)
    with pytest.raises(mrrc.DecodingError, match=r"record 1 \(after ocm0001\)") as caught:
        mrrc.read_arrow(caf(b"ocm0001", b"sound") + caf(b""), batch_size=1)
    assert (caught.value.control_number, caught.value.after) == (None, "ocm0001")
