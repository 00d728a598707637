"""Each code has an input that triggers it, and a message that says what was found, where, and what to do."""

import gzip
import re
import tarfile
import warnings

import mrrc
import pytest
from conftest import ROOT, record, rows
from damaged.cases import file

MARC8 = b"00000nam  2200000 a 4500"
OWN_CHARSET = b"00000nam z2200000 a 4500"


def title(data: bytes, leader: bytes = b"00000nam a2200000 a 4500") -> bytes:
    return record(("001", b"one"), ("245", data), leader=leader)


def xml(fields: bytes) -> bytes:
    return b"<record><leader>00000nam a2200000 a 4500</leader>%b</record>" % fields


def data_field(subfields: bytes) -> bytes:
    return b"<datafield tag='245' ind1='1' ind2='0'>%b</datafield>" % subfields


PACKED = gzip.compress(title(b"10\x1faTitle") * 20, mtime=0)


def packed(data: bytes) -> bytes:
    """A tar archive with one file, which ends where the file does."""
    info = tarfile.TarInfo("part.mrc")
    info.size = len(data)
    return info.tobuf() + data


ARCHIVE = packed(title(b"10\x1faTitle") * 20)

# Bytes, or the file in tests/data/damaged, and how they are read.
INPUTS: dict[str, tuple[str | bytes, dict]] = {
    "record-length": ("C05", {}),
    "terminator-missing": ("C05", {}),
    "record-truncated": ("C18", {}),
    "record-too-large": (b"99999nam a22000000a 4500" + b"x" * 300_000, {"max_record": 100_000}),
    "gap": ("C17", {}),
    "leader-bytes": ("B14", {}),
    "base-address": ("D15", {}),
    "directory-terminator": ("F01", {}),
    "directory-missing": ("F38", {}),
    "directory-length": ("E11", {}),
    "entry-map": ("A27", {}),
    "entry-tag": ("F09", {}),
    "entry-digits": ("F06", {}),
    "entry-empty": ("F13", {}),
    "entry-range": ("F14", {}),
    "entry-start": ("F24", {}),
    "entries-overlap": ("F22", {}),
    "field-terminator": ("F35", {}),
    "unreferenced-bytes": ("F25", {}),
    "padding": ("F28", {}),
    "no-fields": ("A16", {}),
    "leader-indicators": (title(b"10\x1faTitle", b"00000nam a0000000 a 4500"), {}),
    "tag-unusual": ("F11", {}),
    "indicator-missing": (title(b"1\x1faTitle"), {}),
    "indicator-extra": (title(b"100\x1faTitle", b"00000nam a3200000 a 4500"), {}),
    "data-before-subfield": (title(b"10text\x1faTitle"), {}),
    "no-subfields": (title(b"10Title"), {}),
    "empty-subfield": (title(b"10\x1faTitle\x1f\x1fb"), {}),
    "subfield-code": (title(b"10\x1fATitle"), {}),
    "control-subfields": (record(("001", b"one\x1fatwo")), {}),
    "delimiter-in-field": ("A17", {}),
    "repeated-control-field": (record(("001", b"one"), ("001", b"two")), {}),
    "syntax": (xml(b"<controlfield tag='001'>A & B</controlfield>"), {}),
    "character": (xml(b"<controlfield tag='001'>A&#31;B</controlfield>"), {}),
    "leader-missing": (b"<record><controlfield tag='001'>A1</controlfield></record>", {}),
    "leader-length": (b"<record><leader>00000nam a22</leader></record>", {}),
    "tag-missing": (xml(b"<controlfield tag='001'>A1</controlfield><controlfield>x</controlfield>"), {}),
    "code-missing": (xml(data_field(b"<subfield>Title</subfield>")), {}),
    "code-length": (xml(data_field(b"<subfield code='ab'>Title</subfield>")), {}),
    "unexpected": (xml(data_field(b"<subfield code='a'>Title</subfield>") + b"<note>x</note>"), {}),
    "namespace": (b"<collection xmlns='http://example.org/'>%b</collection>" % xml(b""), {}),
    "deleted": (b"<OAI-PMH><record><header status='deleted'/></record></OAI-PMH>", {}),
    "utf8-invalid": (title(b"10\x1faB\xfccher und F\xfc\xdfe"), {}),
    "utf8-surrogates": (title(b"10\x1faTitle \xed\xa0\xbd\xed\xb8\x80"), {}),
    "marc8-byte": (title(b"10\x1fa\xff", MARC8), {}),
    "marc8-escape": (title(b"10\x1fa\x1bQ", MARC8), {}),
    "marc8-cut": (title(b"10\x1fa\x1b$1!0", MARC8), {}),
    "marc8-mark": (title(b"10\x1faTitle\xe2", MARC8), {}),
    "charset-byte": (title(b"10\x1fa\x81"), {"encoding": "windows-1252"}),
    "charset-mark": (title(b"10\x1faTitle\xc2"), {"encoding": "iso-5426"}),
    "control-character": (title(b"10\x1faTi\ttle\n"), {}),
    "escape-in-text": (title(b"10\x1faCO\x1bb2\x1bs"), {}),
    "replacement-character": (title("10\x1faCaf\ufffd".encode()), {}),
    "encoding-mismatch": (title("10\x1faBücher".encode(), MARC8), {}),
    "encoding-undeclared": (title(b"10\x1fae\xe2e", OWN_CHARSET), {}),
    "compressed-truncated": (PACKED[:-20], {}),
    "compressed-damaged": (PACKED[:-6] + b"\0" + PACKED[-5:], {}),
    "compressed-trailing": (PACKED + b"more", {}),
    "archive-damaged": (ARCHIVE[:-20], {}),
    "empty-source": (b"", {}),
    "not-marc": (b'<?xml version="1.0"?><mods/>', {}),
}
# Where there is nothing to read.
WITHOUT_RECORDS = {"empty-source", "deleted"}
# What a read does not look for.
SEEN_BY_CHECK_ALONE = {"replacement-character"}
# What only an expression finds, and how: a field, and what a column of it is.
OF_COLUMNS = {
    "linkage-unreadable": (mrrc.Field("245", subfields=[mrrc.Subfield("6", "880")]), "alt(245$a)"),
    "linkage-missing": (mrrc.Field("245", subfields=[mrrc.Subfield("6", "880-01")]), "alt(245$a)"),
    "not-a-year": (mrrc.Field("260", subfields=[mrrc.Subfield("c", "c1990")]), "year(260$c)"),
    "not-a-date": (mrrc.Field("005", data="today"), "date(005)"),
    "not-a-number": (mrrc.Field("300", subfields=[mrrc.Subfield("a", "200 p.")]), "int(300$a)"),
    "not-a-code": (mrrc.Field("041", subfields=[mrrc.Subfield("a", "N/A")]), "code(041$a, 3)"),
    "not-an-isbn": (mrrc.Field("020", subfields=[mrrc.Subfield("a", "12345")]), "isbn(020$a)"),
    "unknown-code": (mrrc.Field("041", subfields=[mrrc.Subfield("a", "xqx")]), "label(041$a)"),
}
# A file that is written while it is read; one of several that is missing; what the command copies.
SEEN_ELSEWHERE = {"source-changed", "source-unreadable", "unwritable"}


def input_of(code: str) -> tuple[bytes, dict]:
    source, options = INPUTS[code]
    if isinstance(source, str):
        return file(source).read_bytes(), options
    return source, options


def messages(code: str) -> list[str]:
    data, options = input_of(code)
    return [row["message"] for row in rows(mrrc.check(data, **options)) if row["code"] == code]


def test_every_code_has_an_input():
    page = (ROOT / "docs" / "codes.md").read_text()
    codes = set(
        re.findall(
            r"^\| `([a-z0-9-]+)` \|",
            page[page.index("| code |") : page.index("\n## Records that")],
            re.MULTILINE,
        )
    )
    assert len(codes) > 40
    assert codes == set(INPUTS) | set(OF_COLUMNS) | SEEN_ELSEWHERE


@pytest.mark.parametrize("code", OF_COLUMNS)
def test_what_a_column_cannot_take_is_found_with_its_place(code):
    field, expression = OF_COLUMNS[code]
    data = mrrc.Record(fields=[mrrc.Field("001", data="A1"), field]).as_marc()
    table = mrrc.read_arrow(data, columns={"it": expression})
    assert rows(table)[0]["it"] in (None, [], [None])
    [found] = rows(table.diagnostics)
    assert (found["code"], found["severity"], found["tag"]) == (code, "warning", field.tag)
    assert (found["record"], found["control_number"]) == (0, "A1")


@pytest.mark.parametrize("code", INPUTS)
def test_each_input_triggers_its_code(code):
    assert messages(code)


def test_each_message_says_what_was_found_where_and_what_to_do():
    shown = "".join(f"{messages(code)[0]}\n" for code in INPUTS)
    kept = ROOT / "tests" / "data" / "messages.txt"
    assert shown == kept.read_text(), "if the new messages are better, write them there"


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path):
    path = tmp_path / "shrinking.mrc"
    path.write_bytes(title(b"10\x1fa" + b"x" * 1000) * 10_000)
    batches = iter(mrrc.scan(path, threads=1))
    next(batches)
    path.write_bytes(b"")
    with pytest.raises(mrrc.SourceError, match="the source has changed since it was opened") as error:
        list(batches)
    assert error.value.code == "source-changed"
    assert "read it again when nothing is writing to it" in str(error.value)


@pytest.mark.parametrize("code", INPUTS)
def test_the_error_of_a_strict_read_has_the_same_message(code):
    data, options = input_of(code)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        worst = mrrc.read_arrow(data, on_error="recover", **options)
    if code in SEEN_BY_CHECK_ALONE:
        assert mrrc.read_arrow(data, **options).findings.num_rows == 0
        return
    if rows(worst.findings) and {row["severity"] for row in rows(worst.findings)} == {"warning"}:
        table = mrrc.read_arrow(data, **options)
        assert (table.num_rows > 0) == (code not in WITHOUT_RECORDS)
        return
    with pytest.raises(mrrc.MarcError) as error:
        mrrc.read_arrow(data, **options)
    all_of_them = [row["message"] for row in rows(mrrc.check(data, **options))]
    assert str(error.value) in all_of_them
