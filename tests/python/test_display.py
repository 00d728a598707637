"""What people see in a terminal and in a notebook."""

import ast
import doctest
import inspect
import io
import sys
import traceback
import unicodedata
from pathlib import Path

import mrrc
import pytest
from conftest import read, record, recover, skip
from IPython.core.ultratb import FormattedTB
from mrrc import _mrrc

TITLE = record(("001", b"A1"), ("245", b"10\x1faTitle\x1fbrest"))
FIELDS = (
    "list<struct<tag: string, ind1: string, ind2: string, value: string, "
    "subfields: list<struct<code: string, value: string>>>>"
)
SCHEMA = f"record: int64\ncontrol_number: string\nleader: string\nfields: {FIELDS}"
INDENTED = "\n".join(f"  {line}" for line in SCHEMA.splitlines())
LOSSES = "3 records; 2 delivered, 1 rejected (offset 69: record-length), 1 gap of 8 bytes"


@pytest.fixture
def damaged():
    return skip(TITLE + b"00000" + TITLE[5:] + b"garbage!" + TITLE)


def test_a_table_shows_its_size_schema_and_rows():
    assert repr(read(TITLE)) == (
        f"mrrc.Table: 1 row, 4 columns, 169 B\n{INDENTED}\n\n"
        "  record  control_number  leader                    fields\n"
        "       0  A1              00069nam a2200049 a 4500  … 245 10 $a Title $b rest"
    )


def test_an_empty_table_shows_its_schema():
    assert repr(read(b"")) == f"mrrc.Table: 0 rows, 4 columns, 0 B\n{INDENTED}"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ([("001", b"A1"), ("035", b"  \x1fa7"), ("245", b"00\x1faT")], "… 245 00 $a T"),
        ([("001", b"A1"), ("100", b"1 \x1faName"), ("650", b" 0\x1fax")], "… 100 1# $a Name · 650 #0 $a x"),
        ([("001", b"A1"), ("003", b"XxSL")], "001 A1 · 003 XxSL"),
        ([("245", b"10\x1faT"), ("500", b"  \x1faNote")], "245 10 $a T · 500 ## $a Note"),
    ],
)
def test_a_row_shows_its_title_or_else_its_first_data_field(fields, shown):
    assert repr(read(record(*fields))).endswith(f"  {shown}")


def test_a_long_table_shows_both_ends_and_long_cells_are_cut(fixture_1k):
    lines = repr(read(fixture_1k)).splitlines()
    assert lines[0].startswith("mrrc.Table: 1,000 rows, 4 columns, ")
    shown = lines[7:]
    assert [line.split()[-1 if line == "  …" else 1] for line in shown] == [
        *(f"00000000{number}" for number in range(1, 6)),
        "…",
        *(f"000000{number}" for number in range(996, 1000)),
        "000001000",
    ]
    assert max(map(len, shown)) <= 120


def test_what_was_left_out_is_told_below(damaged):
    assert repr(damaged).endswith(f"\n\n{LOSSES}")
    assert damaged._repr_html_().endswith(f"<p>{LOSSES}</p></div>")


def test_what_was_repaired_or_is_not_all_text_is_told_below():
    table = recover(TITLE + b"00000" + TITLE[5:] + TITLE)
    assert repr(table).endswith("\n\n3 records; 3 delivered (1 of them repaired)")
    undecodable = TITLE.replace(b"rest", b"r\xffst")
    table = recover(TITLE + undecodable)
    assert repr(table).endswith("\n\n2 records; 2 delivered (1 of them with U+FFFD)")
    table = recover(b"00000" + undecodable[5:] + undecodable)
    assert repr(table).endswith("\n\n2 records; 2 delivered (1 of them repaired, 2 with U+FFFD)")


def test_nothing_is_told_below_where_nothing_was_left_out(fixture_1k):
    assert "delivered" not in repr(read(fixture_1k))


def test_html_has_the_same_rows():
    html = read(TITLE)._repr_html_()
    assert html.startswith("<div><p><small>mrrc.Table: 1 row, 4 columns, 169 B</small></p><table>")
    assert html.count("<tr>") == 2
    assert html.count("<th ") == html.count("<td ") == 4
    assert ">A1</td>" in html
    assert ">… 245 10 $a Title $b rest</td>" in html


HOSTILE = record(("001", b"<script>alert(1)</script>"), ("245", '10\x1fa<b>&"\x1b[31m\u202eT'.encode()))


def test_html_escapes_what_stands_in_records():
    html = read(HOSTILE)._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;&amp;&quot;" in html


@pytest.mark.parametrize("show", [repr, mrrc.Table._repr_html_])
def test_control_and_directional_characters_are_shown_as_replaced(show):
    shown = show(read(HOSTILE))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "�[31m�T" in shown


def test_a_column_shows_its_type_and_first_values(fixture_1k):
    assert repr(read(TITLE)["leader"]) == "mrrc.Column leader: string, 1 value\n  00069nam a2200049 a 4500"
    lines = repr(read(fixture_1k)["control_number"]).splitlines()
    assert lines[0] == "mrrc.Column control_number: string, 1,000 values"
    assert lines[1:] == [*(f"  {number:09}" for number in range(1, 11)), "  …"]


def test_a_schema_shows_names_and_types():
    assert repr(mrrc.scan(TITLE).schema) == SCHEMA


@pytest.mark.parametrize(
    ("source", "name"), [(TITLE, "69 bytes"), (io.BytesIO(TITLE), "a file object"), (b"", "0 bytes")]
)
def test_a_scan_says_what_it_reads_and_what_to_do(source, name):
    hint = "read() gives a Table, head(5).read() its first rows; each reads anew"
    shown = f"mrrc.Scan of {name}\n{INDENTED}\n{hint}"
    assert repr(mrrc.scan(source)) == shown
    assert mrrc.scan(source)._repr_html_() == f"<pre>{shown.replace('<', '&lt;').replace('>', '&gt;')}</pre>"


def test_a_scan_names_the_first_and_last_of_its_sources(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.mrc").write_bytes(TITLE)
    first = repr(mrrc.scan(str(tmp_path / "*.mrc"))).splitlines()[0]
    assert first == f"mrrc.Scan of 3 sources: {tmp_path / 'a.mrc'} … {tmp_path / 'c.mrc'}"


@pytest.mark.parametrize("show", [repr, mrrc.Scan._repr_html_])
def test_a_name_of_a_file_cannot_command_the_terminal(show, tmp_path):
    path = tmp_path / "a\x1b[31m<i>.mrc"
    path.write_bytes(TITLE)
    shown = show(mrrc.scan(path))
    assert "\x1b" not in shown
    assert "a�[31m" in shown
    assert show is repr or "<i>" not in shown


def compiled_classes() -> list[ast.ClassDef]:
    """The classes of the compiled module, as the file of types has them."""
    stub = ast.parse((Path(mrrc.__file__).parent / "_mrrc.pyi").read_text())
    return [it for it in stub.body if isinstance(it, ast.ClassDef)]


EXAMPLES = ["Column", "Field", "MARCReader", "Record", "Scan", "Schema", "Table"]


@pytest.mark.parametrize(
    "name", [*EXAMPLES, "mrrc", "read_arrow", "scan", "check", "describe", "write_marc", "from_arrow"]
)
def test_an_example_gives_what_it_says(name):
    text = mrrc.__doc__ if name == "mrrc" else inspect.getdoc(getattr(mrrc, name))
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert doctest.DocTestRunner().run(example).failed == 0
    assert example.examples


def test_help_says_what_the_types_file_says():
    classes = compiled_classes()
    told = {(it.name,): ast.get_docstring(it) for it in classes}
    told |= {
        (it.name, method.name): ast.get_docstring(method)
        for it in classes
        for method in it.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
        # What sets an attribute has no words of its own.
        if not any(isinstance(it, ast.Attribute) and it.attr == "setter" for it in method.decorator_list)
    }
    assert len(told) > 100
    for (name, *attribute), text in told.items():
        found = getattr(_mrrc, name)
        for part in attribute:
            found = getattr(found, part)
        if name != "ScanBatches":
            assert text and inspect.getdoc(found) == text, (name, *attribute)


def test_characters_that_take_two_places_are_lined_up():
    data = record(("001", "日本語".encode())) + record(("001", b"123456"))
    wide, narrow = repr(mrrc.read_arrow(data)).splitlines()[-2:]
    assert wide.startswith("       0  日本語          0")
    assert narrow.startswith("       1  123456          0")


HIDDEN = (
    "\u2028\u2029\u061c\u200b\u200e\u202e\u2066\ufeff\x1b\x7f\x85\xad\u180e\u2060\u206f\ufff9\ufffb"
    "\U0001bca0\U0001d173\U000e0001\U000e0041\U000e007f"
)


@pytest.mark.parametrize("character", HIDDEN)
def test_characters_that_command_the_screen_are_made_visible(character):
    shown = repr(mrrc.read_arrow(record(("001", b"A"), ("245", f"10\x1faX{character}Y".encode()))))
    assert character not in shown
    assert "X�Y" in shown


def test_characters_that_scripts_are_joined_with_stay():
    for text in ("می\u200cخواهم", "क्\u200dष", "\u0600\u0661"):
        assert text in repr(mrrc.read_arrow(record(("001", b"A"), ("245", f"10\x1fa{text}".encode()))))


def cells(text):
    """Columns of a terminal, by Python's own tables."""
    wide = sum(unicodedata.east_asian_width(it) in "WF" for it in text)
    return len(text) + wide - sum(unicodedata.combining(it) > 0 for it in text)


def test_rows_of_many_scripts_are_lined_up():
    titles = ["日本語の本", "e\u0301tude", "한국어", "русский", "ｆｕｌｌ", "plain"]
    data = b"".join(record(("001", title.encode())) for title in titles)
    lines = repr(mrrc.read_arrow(data)).splitlines()[-len(titles) :]
    assert len({cells(line[: line.index("000")]) for line in lines}) == 1


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_a_table_is_no_wider_than_the_terminal(columns, fixture_1k, monkeypatch):
    table = read(fixture_1k, provenance="raw")
    monkeypatch.setenv("COLUMNS", "0")
    whole = repr(table)
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = repr(table)
    assert max(map(cells, shown.splitlines())) <= columns < max(map(cells, whole.splitlines()))
    head = shown.splitlines()[13].split()
    assert head[:2] == ["record", "control_number"]
    assert head[-1] == ("raw" if columns == 200 else "…")


ODD = record(("001", b"two"), ("245", b"10\x1fATitle"), ("500", b"  \x1fa\xff\xfe"))
WRONG = TITLE.replace(b"001000300000", b"001x00300000")
LOST = b"00099nam a2200000 a 4500 garbage\x1d"


def test_findings_are_shown_worst_first_each_as_a_sentence():
    table = mrrc.check(TITLE + ODD + WRONG + LOST)
    lines = repr(table).splitlines()
    assert lines[0] == "mrrc.Table: 4 findings in 4 records"
    assert lines[2].split() == ["severity", "code", "record", "control_number", "message"]
    assert [line.split()[:3] for line in lines[3:7]] == [
        ["fatal", "base-address", "3"],
        ["repaired", "entry-digits", "2"],
        ["decoding", "utf8-invalid", "1"],
        ["warning", "subfield-code", "1"],
    ]
    assert lines[5].endswith(
        "two             field 500 $a: bytes that are not UTF-8; found \\xff \\xfe; 2 times"
    )
    assert lines[-1].startswith("4 records; 3 delivered (1 of them repaired, 1 with U+FFFD), 1 rejected")
    html = table._repr_html_()
    assert (
        html.index(">fatal<") < html.index(">repaired<") < html.index(">decoding<") < html.index(">warning<")
    )
    assert "field 500 $a: bytes that are not UTF-8" in html
    # The rows themselves are in the order of the source.
    assert table["record"].to_pylist() == [1, 1, 2, 3]


def test_a_common_finding_does_not_hide_others():
    odd = record(("001", b"two"), ("245", b"10\x1fATitle"))
    twice = record(("001", b"three"), ("001", b"four"))
    lines = repr(mrrc.check(odd * 30 + twice)).splitlines()
    codes = [line.split()[1] for line in lines[3:13]]
    assert codes == ["subfield-code", "repeated-control-field", *["subfield-code"] * 8]
    assert lines[13] == "  … 21 more: 21 subfield-code"


def test_findings_of_several_sources_are_each_of_its_own(tmp_path):
    for name, data in [("a", TITLE), ("b", TITLE + ODD)]:
        (tmp_path / f"{name}.mrc").write_bytes(data)
    lines = repr(mrrc.check(tmp_path / "*.mrc")).splitlines()
    assert lines[0] == "mrrc.Table: 2 findings in 3 records of 2 sources"
    assert lines[2].split()[:3] == ["severity", "code", "source"]
    assert [line.split()[2] for line in lines[3:5]] == ["b.mrc", "b.mrc"]
    (tmp_path / "b.mrc").write_bytes(TITLE)
    assert repr(mrrc.check(tmp_path / "*.mrc")) == "mrrc.Table: 2 records of 2 sources, nothing wrong"


def test_diagnostics_of_a_read_are_shown_alike():
    data = ODD + WRONG
    table, scan = recover(data), mrrc.scan(data, on_error="recover")
    with pytest.warns(mrrc.MarcWarning):
        scan.count()
    shown = repr(table.diagnostics).splitlines()
    assert shown == repr(scan.diagnostics).splitlines()
    assert [line.split()[0] for line in shown[3:]] == ["repaired", "decoding", "warning"]
    assert repr(read(TITLE).diagnostics) == "mrrc.Table: no findings in 1 record"


def test_a_clean_file_is_said_to_be_clean(fixture_1k):
    clean = mrrc.check(fixture_1k)
    assert repr(clean) == "mrrc.Table: 1,000 records, nothing wrong"
    assert "1,000 records, nothing wrong" in clean._repr_html_()
    # Rows that were sliced away are still wrong.
    assert repr(mrrc.check(ODD)[:0]).startswith("mrrc.Table: 0 of 2 findings in 1 record")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_findings_are_no_wider_than_the_terminal_and_have_short_names(columns, tmp_path, monkeypatch):
    paths = [tmp_path / "deep" / name for name in ("a.mrc", "b.mrc")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes((ODD + WRONG) * 9)
    monkeypatch.setenv("COLUMNS", str(columns))
    for table in (mrrc.check(paths[0]), mrrc.check(paths)):
        shown = repr(table).split("\n\n")
        assert str(tmp_path) not in "\n\n".join(shown[:2])
        assert max(map(cells, "\n\n".join(shown[:2]).splitlines())) <= columns
        assert "more: " in shown[1]
    assert repr(mrrc.check(paths[0])).splitlines()[0].endswith("of a.mrc")


def test_columns_of_findings_that_lack_the_rest_are_a_table():
    assert repr(mrrc.check(ODD).select("code", "record")).startswith("mrrc.Table: 2 rows, 2 columns")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_scan_and_a_description_are_no_wider_than_the_terminal(columns, fixture_1k, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = repr(mrrc.scan([fixture_1k] * 2)).splitlines()[:-1]
    assert max(map(cells, lines)) <= columns
    lines = repr(mrrc.describe(fixture_1k)).splitlines()
    assert max(map(cells, lines)) <= columns
    assert (lines[3].split()[-2:] == ["for", "example"]) == (columns >= 80)


def test_a_scan_of_some_rows_says_so():
    assert repr(mrrc.scan(TITLE).head(7)).startswith("mrrc.Scan of 69 bytes, at most 7 rows\n")


@pytest.mark.parametrize("call", [mrrc.read_arrow, mrrc.scan, mrrc.check, mrrc.describe])
def test_a_traceback_ends_in_the_sentence_and_not_in_our_code(call):
    def told():
        try:
            call("none.mrc")
        except FileNotFoundError:
            return sys.exc_info()

    notebook = FormattedTB(mode="Context", theme_name="nocolor").text(*told())
    assert notebook.splitlines()[-1].endswith("No such file or directory: 'none.mrc'")
    assert "batch_size" not in notebook
    assert notebook.count("mrrc/_") == 1
    terminal = "".join(traceback.format_exception(*told())).splitlines()
    assert len(terminal) < 14
    assert "batch_size" not in "".join(terminal)
