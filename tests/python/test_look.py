"""`check` names everything that is wrong; `describe` counts what there is."""

import random
import re
from collections import Counter

import mrrc
import pytest
from conftest import assert_accounts_add_up, record, recover, rows

SOUND = record(("001", b"one"), ("245", b"10\x1faTitle\x1fbrest"), ("650", b" 0\x1faA"), ("650", b" 0\x1faB"))
ODD = record(("001", b"two"), ("245", b"10\x1fATitle"), ("500", b"  \x1fa\xff\xfe"))
DAMAGED = SOUND.replace(b"001000400000", b"001x00400000")
LOST = b"00099nam a2200000 a 4500 garbage\x1d"


def test_everything_wrong_is_a_row():
    table = mrrc.check(SOUND + ODD + b"\n" + DAMAGED + LOST)
    found = [(row["record"], row["severity"], row["code"], row["tag"]) for row in rows(table)]
    assert found == [
        (1, "warning", "subfield-code", "245"),
        (1, "decoding", "utf8-invalid", "500"),
        (2, "repaired", "entry-digits", "001"),
        (3, "fatal", "base-address", None),
    ]
    assert rows(table)[1]["count"] == 2
    assert_accounts_add_up(table)
    message = rows(table)[1]["message"]
    assert message.startswith(f"record 1 (two), offset {len(SOUND) + ODD.index(0xFF):,}, field 500 $a: ")
    assert "name another encoding" in message


def test_a_sound_file_has_nothing_wrong(fixture_1k):
    table = mrrc.check(fixture_1k)
    assert table.num_rows == 0
    assert rows(table.sources)[0]["delivered"] == 1000


# What check looks for more closely than a read does.
CLOSELY = {"control-character", "replacement-character"}


def without_close_ones(table):
    return [row for row in rows(table) if row["code"] not in CLOSELY]


def test_check_finds_what_reading_finds(corpus):
    for path in sorted(corpus.glob("real/*/*.mrc"))[:120]:
        read = recover(path)
        checked = mrrc.check(path)
        names = read.diagnostics.column_names
        found = without_close_ones(read.diagnostics)
        also = [{name: row[name] for name in names} for row in without_close_ones(checked)]
        assert also[: len(found)] == found, path
        assert without_close_ones(checked.findings) == without_close_ones(read.findings), path
        assert {row["code"] for row in rows(read.findings)} <= {row["code"] for row in rows(checked.findings)}
        assert rows(checked.sources) == rows(read.sources), path


def test_counts_go_on_beyond_the_limit():
    table = mrrc.check(ODD * 50, limit=7)
    assert table.num_rows == 7
    assert {row["code"]: row["count"] for row in rows(table.findings)} == {
        "subfield-code": 50,
        "utf8-invalid": 50,
    }
    with pytest.raises(ValueError, match="limit=-1 is out of range"):
        mrrc.check(ODD, limit=-1)


def counted_by_hand(path):
    """Records and occurrences of each tag and code, from the columns."""
    tags, codes = Counter(), Counter()
    records = Counter()
    for row in rows(recover(path)):
        seen = set()
        for field in row["fields"]:
            tags[field["tag"]] += 1
            seen.add((field["tag"], None))
            for subfield in field["subfields"] or []:
                codes[field["tag"], subfield["code"]] += 1
                seen.add((field["tag"], subfield["code"]))
        records.update(seen)
    occurrences = {(tag, None): count for tag, count in tags.items()} | dict(codes)
    return {key: (records[key], count) for key, count in occurrences.items()}


def test_a_description_counts_what_the_columns_hold(fixture_1k):
    description = mrrc.describe(fixture_1k, threads=2)
    found = {
        (row["tag"], row["code"]): (row["records"], row["occurrences"]) for row in rows(description.fields)
    }
    assert found == counted_by_hand(fixture_1k)
    assert description.records == 1000
    for row in rows(description.fields):
        assert row["share"] == row["records"] / 1000
        assert 1 <= len(row["examples"]) <= 3
        assert len(set(row["examples"])) == len(row["examples"])
    assert sum(row["records"] for row in rows(description.encodings)) == 1000


def test_a_description_of_real_records_counts_what_the_columns_hold(corpus):
    for path in sorted(corpus.glob("real/*/*.mrc"))[:40]:
        description = mrrc.describe(path)
        found = {
            (row["tag"], row["code"]): (row["records"], row["occurrences"])
            for row in rows(description.fields)
        }
        by_hand = counted_by_hand(path)
        # A code beyond ASCII is a byte here, and a character in the columns.
        assert {key: found[key] for key in found if (key[1] or "").isascii()} == {
            key: by_hand[key] for key in by_hand if (key[1] or "").isascii()
        }, path


def test_a_description_does_not_depend_on_threads(fixture_1k):
    descriptions = [mrrc.describe([fixture_1k, fixture_1k], threads=threads) for threads in (1, 2, 7)]
    assert len({repr(description) for description in descriptions}) == 1
    assert len({description._repr_html_() for description in descriptions}) == 1


def test_a_description_can_be_looked_at():
    description = mrrc.describe(SOUND + ODD + DAMAGED + LOST)
    assert repr(description).splitlines() == [
        "mrrc.Description: 3 records with 4 tags",
        "  ascii, declared as utf-8 2 · utf-8 1",
        "",
        "  tag  records    share  occurrences  subfields  for example",
        "  001        3  100.0 %            3             one",
        "  245        3  100.0 %            3  a b A      10 $a Title $b rest",
        "  500        1   33.3 %            1  a          ## $a ��",
        "  650        2   66.7 %            4  a          #0 $a A",
        "",
        "4 records; 3 delivered (1 of them repaired), 1 rejected "
        f"(offset {len(SOUND + ODD + DAMAGED)}: base-address)",
    ]
    hostile = mrrc.describe(record(("245", b"10\x1fa<script>\x1b[2J")))
    assert "<script>" not in hostile._repr_html_()
    assert "\x1b" not in repr(hostile) + hostile._repr_html_()
    with pytest.raises(TypeError, match=r"made by mrrc\.describe"):
        mrrc.Description()


def test_a_description_is_a_table_with_names_in_a_notebook():
    html = mrrc.describe(SOUND)._repr_html_()
    assert ">Subject, topical term</td>" in html
    assert re.search('<th style="text-align:right[^"]*">records</th>', html)
    # The tags of UNIMARC have other names.
    unimarc = mrrc.describe(SOUND, dialect="unimarc")._repr_html_()
    assert "Subject, topical" not in unimarc
    assert unimarc.count("<th ") == html.count("<th ") - 1


def test_a_share_is_all_or_nothing_only_where_it_is():
    records = [record(("001", b"%d" % number)) for number in range(3000)]
    records[7] = record(("500", b"  \x1faNote"))
    lines = repr(mrrc.describe(b"".join(records))).splitlines()
    assert [line.split()[:4] for line in lines[4:6]] == [
        ["001", "2,999", ">99.9", "%"],
        ["500", "1", "<0.1", "%"],
    ]


def test_a_description_of_random_tags_and_codes_is_bounded():
    chance = random.Random(7)
    graphic = bytes(range(33, 127))
    data, fields, subfields = [], 0, 0
    for _ in range(400):
        its = [
            (
                bytes(chance.choices(graphic, k=3)),
                b"  " + b"".join(b"\x1f%cx" % chance.choice(graphic) for _ in range(3)),
            )
            for _ in range(50)
        ]
        its = [(tag, field) for tag, field in its if not tag.startswith(b"00")]
        fields += len(its)
        subfields += 3 * len(its)
        data.append(
            record(("001", b"x"), *((tag.decode(), field) for tag, field in its), ("245", b"10\x1faT"))
        )
    description = mrrc.describe(b"".join(data))
    found = rows(description.fields)
    assert len({row["tag"] for row in found}) < 4_200
    assert len(found) < 4_200 + 8_192 + 4_200
    of = {True: 0, False: 0}
    for row in found:
        of[row["code"] is None] += row["occurrences"]
        if row["tag"] == "other":
            assert row["records"] is row["share"] is None
            assert row["examples"] == []
    assert of == {True: fields + 800, False: subfields + 400}
    assert next(row["records"] for row in found if (row["tag"], row["code"]) == ("245", "a")) == 400
    assert repr(description).startswith("mrrc.Description: 400 records with more than 3,")
