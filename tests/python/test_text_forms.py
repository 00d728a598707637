"""Records as JSON, XML and MARCMaker text, and back: the same as pymarc, call by call."""

from __future__ import annotations

import gc
import io
import json
import pickle
import stat
import subprocess
import sys
import unicodedata
import warnings
import xml.sax
from pathlib import Path
from types import ModuleType

import mrrc
import pymarc
import pytest
from conftest import outcome, same

LDR = "00475cas a2200169 i 4500"


def content(record) -> tuple:
    """All that a record holds; a field by the names of its parts."""
    fields = [
        (it.tag, it.control_field, it.data, it.indicators, [(sub.code, sub.value) for sub in it.subfields])
        for it in record.fields
    ]
    return str(record.leader), record.to_unicode, record.force_utf8, fields


def contents(records) -> list[tuple]:
    return [content(record) for record in records]


def a_record(m: ModuleType, *fields):
    """A record of pymarc's or ours; a field is (tag, data) or (tag, indicators, (code, value), ...)."""
    record = m.Record()
    for tag, *rest in fields:
        if tag[:2] == "00":
            record.add_field(m.Field(tag, data=rest[0]))
        else:
            subfields = [m.Subfield(*pair) for pair in rest[1:]]
            record.add_field(m.Field(tag, m.Indicators(*rest[0]), subfields))
    return record


PLAIN = [("001", "A1"), ("245", "10", ("a", "Title :"), ("b", "rest"))]
RECORDS = {
    "plain": PLAIN,
    "no fields": [],
    "accents": [("245", "10", ("a", "Caf\u00e9 \u4e00 \U0001d11e e\u0301"))],
    "markup": [("245", "10", ("a", "a < b & c > d \"e\" 'f'")), ("24&", '"<', ("&", "x"))],
    "white space in attributes": [("24\t", "\n\r", ("\t", "x"))],
    "white space": [("008", "a  b\tc"), ("245", " 0", ("a", " x\ty\nz\r "))],
    "empty values": [("001", ""), ("245", "  ", ("a", ""), ("b", ""))],
    "no data": [("001", None), ("500", "  ")],
    "control characters": [("245", "10", ("a", "a\x01b\x1fc"))],
    "half a surrogate": [("245", "10", ("a", "\udca9"))],
    "bytes": [("245", "10", ("a", b"\xe2e"), ("b", b"plain")), ("001", b"A1")],
    "an escape that reaches into the next subfield": [("245", "10", ("a", b"\x1b(N\x41"), ("b", b"\x42"))],
    "None for a value": [("245", "10", ("a", None))],
    "a number for a value": [("245", "10", ("a", 5))],
    "None for an indicator": [("245", (None, "0"), ("a", "x"))],
    "a long code": [("245", "10", ("ab", "x"), ("", "y"))],
    "a dollar": [("245", "1\\", ("a", "$5 = {dollar}"))],
    "repeated": [("650", " 0", ("a", "x"), ("a", "y")), ("650", " 0", ("a", "x"))],
}
some_records = pytest.mark.parametrize("fields", RECORDS.values(), ids=RECORDS.keys())


# Reading JSON

BARE = {"leader": LDR, "fields": []}


def document(*fields) -> str:
    return json.dumps({"leader": LDR, "fields": fields})


def data_field(tag: str, *subfields, ind1: str = "1", ind2: str = "0") -> dict:
    return {tag: {"ind1": ind1, "ind2": ind2, "subfields": list(subfields)}}


JSON = {
    "a control field": document({"001": "A1"}),
    "a data field": document(data_field("245", {"a": "T"}, {"b": "U"}, {"a": "V"})),
    "no fields": document(),
    "an empty list": "[]",
    "a list of two": json.dumps([BARE, BARE]),
    "two codes in one subfield": document(data_field("245", {"b": "U", "c": "V"})),
    "an empty subfield": document(data_field("245", {})),
    "no subfields": document(data_field("245")),
    "two tags in one field": document({"001": "A", "002": "B"}),
    "an empty field": document({}),
    "text for a data field": document({"245": "abc"}),
    "text that says subfields": document({"245": "subfields"}),
    "null for a control field": document({"001": None}),
    "a number for a control field": document({"001": 5}),
    "a list for a field": document({"245": ["subfields"]}),
    "subfields under a control tag": document(data_field("001", {"a": "T"})),
    "no indicators": document({"245": {"subfields": [{"a": "T"}]}}),
    "no second indicator": document({"245": {"ind1": "1", "subfields": []}}),
    "no list of subfields": document({"245": {"ind1": "1", "ind2": "0"}}),
    "null for the subfields": document({"245": {"ind1": "1", "ind2": "0", "subfields": None}}),
    "null for a value": document(data_field("245", {"a": None})),
    "no leader": '{"fields": []}',
    "a short leader": '{"leader": "x", "fields": []}',
    "null for the leader": '{"leader": null, "fields": []}',
    "no list of fields": json.dumps({"leader": LDR}),
    "a list for a record": "[[]]",
    "a string": '"abc"',
    "a number": "5",
    "null": "null",
    "a newline in a string": document({"001": "A1"}).replace("A1", "A\n1"),
    "a tag of one digit": document({"1": "x"}, {"10": {"ind1": "", "ind2": "", "subfields": []}}),
    "not JSON": "{",
    "nothing": "",
    "a path that does not exist": "no/such/file.json",
    "bytes": b"[]",
    "None": None,
}
some_json = pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())


@some_json
def test_json_is_read_as_pymarc_reads_it(text):
    same(lambda m: contents(m.JSONReader(text)))


@some_json
def test_json_is_read_into_a_list_as_pymarc_does(text):
    same(lambda m: contents(m.parse_json_to_array(text)))


@some_json
def test_a_file_of_json_is_read_as_pymarc_reads_it(text):
    if isinstance(text, str):
        same(lambda m: contents(m.JSONReader(io.StringIO(text))))
        same(lambda m: contents(m.JSONReader(io.BytesIO(text.encode()))))


def test_a_path_of_json_may_be_text_or_a_path(tmp_path):
    path = tmp_path / "records.json"
    path.write_text(JSON["a data field"])
    with mrrc.JSONReader(str(path)) as by_text, mrrc.JSONReader(path) as by_path:
        assert contents(by_text) == contents(by_path) == contents(pymarc.JSONReader(JSON["a data field"]))
    assert by_text.file_handle.closed


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of files that are left open
def test_a_path_of_json_is_read_in_the_encoding_of_the_place(tmp_path):
    path = tmp_path / "records.json"
    path.write_text(document({"001": "A1"}).replace("A1", "\u00e9"))
    same(lambda m: contents(m.JSONReader(str(path), encoding="utf-16")))
    same(lambda m: contents(m.parse_json_to_array(str(path))))
    gc.collect()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", [JSON["a data field"], "no JSON"])
def test_a_path_of_json_needs_no_with_statement(text, tmp_path):
    path = tmp_path / "records.json"
    path.write_text(text)
    try:
        assert len(list(mrrc.JSONReader(path))) == 1
    except json.JSONDecodeError:
        assert text == "no JSON"
    gc.collect()


def test_a_file_that_was_handed_in_is_left_open():
    file = io.StringIO("[]")
    with mrrc.JSONReader(file):
        pass
    file.seek(0)
    mrrc.parse_json_to_array(file)
    assert not file.closed


def test_a_reader_of_json_begins_anew_with_each_loop():
    same(
        lambda m: (lambda reader: [len(list(reader)), len(list(reader))])(m.JSONReader(JSON["a list of two"]))
    )


def test_a_reader_of_json_has_no_next_before_the_loop():
    same(lambda m: next(m.JSONReader("[]")))


def test_a_reader_of_json_keeps_what_it_was_given():
    reader = mrrc.JSONReader("[]", encoding="latin-1")
    assert (reader.encoding, reader.records, type(reader.file_handle)) == ("latin-1", [], io.StringIO)


def test_a_reader_of_json_holds_its_loop_and_has_nothing_to_close():
    def ask(m):
        reader = m.JSONReader(JSON["a list of two"])
        before = hasattr(reader, "iter")
        return before, iter(reader) is reader, next(reader.iter), hasattr(reader, "close")

    same(ask)


def test_streaming_json_is_not_done_and_said(capsys):
    mrrc.JSONReader("[]", stream=True)
    ours = capsys.readouterr().err
    pymarc.JSONReader("[]", stream=True)
    assert ours == capsys.readouterr().err != ""


def test_a_handler_of_json_may_do_more_than_collect():
    def ask(m):
        class Titles(m.JSONHandler):
            titles = ()

            def process_record(self, record):
                self.titles += (record.title,)

        handler = Titles()
        return handler.elements(json.loads(JSON["a data field"])), handler.titles

    same(ask)
    assert ask(mrrc) == ([], ("T U",))


def test_a_handler_of_json_uses_up_what_it_is_given():
    def ask(m):
        parsed = json.loads(JSON["a data field"])
        m.JSONHandler().elements(parsed)
        return parsed

    same(ask)


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_a_handler_of_json_takes_a_list_and_nothing_like_it(kind):
    same(lambda m: contents(m.JSONHandler().elements(kind([json.loads(JSON["a data field"])]))) and "read")


@pytest.mark.parametrize("name", ["leader", "fields", "subfields", "other"])
def test_a_handler_of_json_without_a_record_passes_over_its_parts(name):
    same(lambda m: (m.JSONHandler().element({name: [{}]}, name), None))


# Reading XML

NS = 'xmlns="http://www.loc.gov/MARC21/slim"'
TITLE = '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">T</subfield></datafield>'


def collection(inside: str, attributes: str = NS) -> str:
    return f"<collection {attributes}><record>{inside}</record></collection>"


XML = {
    "a data field": collection(f"<leader>{LDR}</leader>{TITLE}"),
    "two records": f"<c><record>{TITLE}</record><record>{TITLE}{TITLE}</record></c>",
    "no namespace": collection(TITLE, ""),
    "another namespace": collection(TITLE, 'xmlns="urn:other"'),
    "a prefix": f'<m:collection xmlns:m="http://www.loc.gov/MARC21/slim"><m:record>{TITLE}</m:record></m:collection>',
    "a record alone": f"<record {NS}>{TITLE}</record>",
    "a foreign record around one": f'<o:record xmlns:o="urn:o"><record {NS}>{TITLE}</record></o:record>',
    "a foreign element in a value": collection(TITLE.replace("T<", 'x<o:b xmlns:o="urn:o">y</o:b>z<')),
    "an element in a value": collection(TITLE.replace("T<", "x<b>y</b>z<")),
    "a control field": collection('<controlfield tag="001"> A1 </controlfield>'),
    "an empty control field": collection('<controlfield tag="001"/>'),
    "a control field with the tag of a data field": collection('<controlfield tag="245">x</controlfield>'),
    "a data field with the tag of a control field": collection(TITLE.replace("245", "001")),
    "a short leader": collection("<leader>x</leader>"),
    "white space in the leader": collection(f"<leader> {LDR}</leader>"),
    "no leader": collection(""),
    "no tag": collection("<controlfield>x</controlfield>"),
    "no tag of a data field": collection("<datafield/>"),
    "a tag of one digit": collection('<controlfield tag="1">x</controlfield>'),
    "no indicators": collection('<datafield tag="245"/>'),
    "odd indicators": collection('<datafield tag="245" ind1="" ind2="10"/>'),
    "no code": collection('<datafield tag="245"><subfield>x</subfield></datafield>'),
    "an empty code": collection('<datafield tag="245"><subfield code="">x</subfield></datafield>'),
    "a long code": collection('<datafield tag="245"><subfield code="ab">x</subfield></datafield>'),
    "an empty value": collection('<datafield tag="245"><subfield code="a"/></datafield>'),
    "white space in a value": collection(TITLE.replace("T<", " x\n  y <")),
    "entities": collection(TITLE.replace("T<", "&lt;&#233;&amp;<![CDATA[<x>]]><")),
    "an entity of its own": '<!DOCTYPE c [<!ENTITY e "expanded">]>' + collection(TITLE.replace("T<", "&e;<")),
    "an entity from elsewhere": f'<!DOCTYPE c [<!ENTITY e SYSTEM "{__file__}">]>'
    + collection(TITLE.replace("T<", "x&e;y<")),
    "text in two forms": collection(TITLE.replace("T<", "e\u0301 \ufb01 \u00e9<")),
    "fields outside of a record": f"<c>{TITLE}<leader>x</leader><controlfield tag='001'>x</controlfield></c>",
    "a subfield outside of a field": collection('<subfield code="a">x</subfield>'),
    "lines and indents between elements": collection(TITLE.replace("><", ">\n  <")),
    "a subfield in a subfield": collection(TITLE.replace("T<", 'x<subfield code="b">y</subfield>z<')),
    "a field in a field": collection(f'<datafield tag="500">{TITLE}</datafield>'),
    "a record in a record": collection(f"{TITLE}<record>{TITLE}</record>{TITLE}"),
    "not well-formed": "<c><record>",
    "nothing": "",
}
some_xml = pytest.mark.parametrize("text", XML.values(), ids=XML.keys())


@some_xml
@pytest.mark.parametrize("strict", [False, True], ids=["any namespace", "strict"])
def test_xml_is_read_as_pymarc_reads_it(text, strict):
    same(lambda m: contents(m.parse_xml_to_array(io.BytesIO(text.encode()), strict=strict)))


@some_xml
@pytest.mark.parametrize("form", ["NFC", "NFKD", "bad"])
def test_xml_is_normalised_as_pymarc_does(text, form):
    same(lambda m: contents(m.parse_xml_to_array(io.StringIO(text), normalize_form=form)))


@some_xml
def test_xml_is_mapped_as_pymarc_does(text):
    def ask(m):
        seen = []
        given = outcome(lambda: m.map_xml(lambda it: seen.append(content(it)), io.BytesIO(text.encode())))
        return given, seen

    same(ask)


def test_normalised_text_is_in_the_form_that_was_asked_for():
    (record,) = mrrc.parse_xml_to_array(io.StringIO(XML["text in two forms"]), normalize_form="NFD")
    assert record["245"]["a"] == unicodedata.normalize("NFD", "\u00e9 \ufb01 \u00e9")


def test_xml_may_be_named_by_text_or_a_path(tmp_path):
    path = tmp_path / "records.xml"
    path.write_text(XML["two records"])
    expected = contents(pymarc.parse_xml_to_array(str(path)))
    assert len(expected) == 2
    assert contents(mrrc.parse_xml_to_array(str(path))) == contents(mrrc.parse_xml_to_array(path)) == expected


@pytest.mark.parametrize("source", ["no/such/file.xml", XML["a data field"], b"<c/>", None], ids=repr)
def test_what_is_no_source_of_xml_is_refused_as_pymarc_does(source):
    same(lambda m: m.parse_xml_to_array(source))


def test_a_document_sent_through_a_handler_gives_nothing_but_its_records():
    def ask(m):
        handler = m.XmlHandler(normalize_form="NFC")
        given = m.parse_xml(io.BytesIO(XML["two records"].encode()), handler)
        return given, contents(handler.records), handler.normalize_form, handler._strict

    same(ask)


def test_one_handler_maps_all_files():
    titles = []
    files = [io.BytesIO(XML[name].encode()) for name in ("a data field", "two records")]
    mrrc.map_xml(lambda record: titles.append(record.title), *files)
    assert titles == ["T", "T", "T"]


def test_an_exception_of_the_mapped_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        mrrc.map_xml(lambda record: 1 / 0, io.BytesIO(XML["a data field"].encode()))


def test_a_handler_of_xml_may_do_more_than_collect():
    class Titles(mrrc.XmlHandler):
        def __init__(self):
            super().__init__()
            self.titles = []

        def process_record(self, record):
            self.titles.append(record.title)

    handler = Titles()
    mrrc.parse_xml(io.BytesIO(XML["two records"].encode()), handler)
    assert (handler.titles, handler.records) == (["T", "T"], [])


def test_a_handler_of_xml_that_was_not_set_up_is_an_error():
    def ask(m):
        class Bare(m.XmlHandler):
            def __init__(self):
                pass

        m.parse_xml(io.BytesIO(b"<c/>"), Bare())

    same(ask)


def test_a_handler_of_xml_is_one_of_the_standard_library():
    assert issubclass(mrrc.XmlHandler, xml.sax.handler.ContentHandler)


# Writing XML


@some_records
@pytest.mark.parametrize("options", [{}, {"namespace": True}, {"quiet": True}], ids=repr)
def test_a_record_is_the_same_xml_as_pymarcs(fields, options):
    same(lambda m: m.record_to_xml(a_record(m, *fields), **options))


@some_records
def test_a_record_is_the_same_element_as_pymarcs(fields):
    def ask(m):
        node = m.record_to_xml_node(a_record(m, *fields))
        return [(it.tag, list(it.attrib.items()), it.text) for it in node.iter()]

    same(ask)


@pytest.mark.parametrize("quiet", [False, True])
def test_bytes_that_are_no_marc_8_are_said_unless_quiet(quiet, capsys):
    def ask(m):
        record = a_record(m, ("245", "10", ("a", b"a\xafb")))
        return m.record_to_xml(record, quiet), capsys.readouterr().err

    same(ask)


def test_xml_is_read_back_equal():
    written = mrrc.record_to_xml(a_record(mrrc, *RECORDS["repeated"], *PLAIN), namespace=True)
    (again,) = mrrc.parse_xml_to_array(io.BytesIO(written), strict=True)
    assert content(again) == content(a_record(mrrc, *RECORDS["repeated"], *PLAIN))


# MARCMaker text

LINES = {
    "a control field": "=001  A1",
    "a control field with backslashes": r"=008  a\b",
    "a leader": f"=LDR  {LDR}",
    "a short leader": "=LDR  x",
    "a data field": "=245  10$aT :$bs",
    "blanks written as backslashes": r"=245  \0$aT",
    "a dollar in a value": "=245  10$a{dollar}5",
    "no subfields": "=245  10",
    "one indicator": "=245  1",
    "nothing behind the tag": "=245  ",
    "no delimiter": "=245  10aT",
    "an empty subfield": "=245  10$aT$",
    "a tag with a letter": "=00A  x",
    "an alphabetic tag": "=LKR  10$ax",
    "no equals sign": "245  10$aT",
    "one blank behind the tag": "=245 10$aT",
    "an empty line": "",
    "an equals sign alone": "=",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_line_of_marcmaker_is_read_as_pymarc_reads_it(line):
    same(lambda m: contents(m.MARCMakerReader(f"=001  A1\n{line}\n=500  \\\\$aN")))


TEXTS = {
    "two records": f"=LDR  {LDR}\n=001  1\n\n=001  2",
    "a blank line at the end": "=001  1\n\n",
    "three newlines": "=001  1\n\n\n=001  2",
    "lines ended as on Windows": "=001  1\r\n=001  2\r\n\r\n=001  3",
    "nothing": "",
    "bytes": b"=001  1",
    "None": None,
    "a path that does not exist": "no/such/file.mrk",
}
some_texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


@some_texts
def test_marcmaker_text_is_read_as_pymarc_reads_it(text):
    same(lambda m: contents(m.MARCMakerReader(text)))


@pytest.mark.parametrize("kind", [io.StringIO, io.BytesIO])
def test_a_file_of_marcmaker_text_is_read_and_closed(kind):
    def ask(m):
        file = kind("=001  1" if kind is io.StringIO else b"=001  1")
        return outcome(lambda: contents(m.MARCMakerReader(file))), file.closed

    same(ask)


def test_a_path_of_marcmaker_text_may_be_text_or_a_path(tmp_path):
    path = tmp_path / "records.mrk"
    path.write_text("=500  \\\\$a\u00e9", encoding="latin-1")
    expected = contents(pymarc.MARCMakerReader(str(path), encoding="latin-1"))
    with mrrc.MARCMakerReader(path, encoding="latin-1") as by_path:
        assert contents(by_path) == expected
    assert contents(mrrc.MARCMakerReader(str(path), encoding="latin-1")) == expected


def test_a_reader_of_marcmaker_text_does_not_begin_anew():
    same(
        lambda m: (lambda reader: [len(list(reader)), len(list(reader))])(
            m.MARCMakerReader(TEXTS["two records"])
        )
    )


def test_a_line_of_marcmaker_can_be_parsed_alone():
    field = mrrc.MARCMakerReader("")._parse_line("=245  10$aT")
    assert str(field) == "=245  10$aT"


# Writers

WRITERS = {
    "MARCWriter": io.BytesIO,
    "JSONWriter": io.StringIO,
    "TextWriter": io.StringIO,
    "XMLWriter": io.BytesIO,
}
some_writers = pytest.mark.parametrize("name", WRITERS)


@some_writers
@some_records
def test_a_writer_writes_what_that_of_pymarc_writes(name, fields):
    def ask(m):
        file = WRITERS[name]()
        writer = getattr(m, name)(file)
        done = [
            outcome(lambda: writer.write(a_record(m, *fields))),
            outcome(lambda: writer.write(a_record(m, *PLAIN))),
            getattr(writer, "write_count", None),
            writer.close(close_fh=False),
        ]
        return file.getvalue(), done, writer.file_handle

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        same(ask)
    # A delimiter in a value cannot be read back, of which we warn.
    is_lost = name == "MARCWriter" and fields is RECORDS["control characters"]
    assert [it.category for it in warned] == [mrrc.MarcWarning] * is_lost


@some_writers
def test_a_writer_without_records_leaves_what_that_of_pymarc_leaves(name):
    def ask(m):
        file = WRITERS[name]()
        getattr(m, name)(file).close(close_fh=False)
        return file.getvalue()

    same(ask)


@some_writers
def test_a_writer_keeps_its_file_and_is_always_true(name):
    def ask(m):
        file = WRITERS[name]()
        writer = getattr(m, name)(file)
        writer.mine = 5
        return writer.file_handle is file, bool(writer), hasattr(writer, "__len__"), writer.mine

    same(ask)


@some_writers
def test_a_writer_changes_the_leader_if_it_writes_marc(name):
    def ask(m):
        it = a_record(m, *PLAIN)
        getattr(m, name)(WRITERS[name]()).write(it)
        return str(it.leader), content(it)

    same(ask)


@some_writers
def test_a_file_that_is_false_is_not_written_to(name):
    def ask(m):
        class Empty(WRITERS[name]):
            def __len__(self):
                return 0

        file = Empty()
        writer = getattr(m, name)(file)
        writer.write(a_record(m, *PLAIN))
        writer.close()
        return file.getvalue(), file.closed, writer.file_handle

    same(ask)


def test_the_base_of_writers_writes_nothing_and_closes_its_file():
    def ask(m):
        file = io.BytesIO()
        writer = m.Writer(file)
        given = writer.write(a_record(m, *PLAIN)), file.getvalue(), outcome(lambda: writer.write("x"))
        return given, writer.close(), file.closed, writer.file_handle

    same(ask)


@some_writers
def test_a_writer_closes_its_file_and_ignores_what_comes_later(name):
    def ask(m):
        file = WRITERS[name]()
        writer = getattr(m, name)(file)
        writer.close()
        writer.close()
        writer.write(a_record(m, *PLAIN))
        return file.closed, writer.file_handle, getattr(writer, "write_count", None)

    same(ask)


@some_writers
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("it", [None, "text", {}, mrrc.Field("245")], ids=["None", "str", "dict", "Field"])
def test_a_writer_refuses_what_is_no_record(name, closed, it):
    def ask(m):
        writer = getattr(m, name)(WRITERS[name]())
        if closed:
            writer.close()
        writer.write(it)

    same(ask)
    assert outcome(lambda: ask(mrrc))[0] == "WriteNeedsRecord"


@some_writers
def test_a_writer_without_a_file_writes_nothing(name):
    def ask(m):
        writer = getattr(m, name)(None)
        return writer.write(a_record(m, *PLAIN)), writer.close()

    same(ask)


@some_writers
def test_a_writer_and_the_wrong_kind_of_file_fail_as_in_pymarc(name):
    def ask(m):
        file = io.StringIO() if WRITERS[name] is io.BytesIO else io.BytesIO()
        made = outcome(lambda: getattr(m, name)(file))
        return made if isinstance(made, tuple) else ("made", outcome(lambda: made.write(a_record(m, *PLAIN))))

    same(ask)


@some_writers
def test_a_writer_asks_the_record_through_its_methods(name):
    def ask(m):
        class Odd(m.Record):
            def as_marc(self):
                return b"marc"

            def as_dict(self):
                return {"a": "dict"}

            def __str__(self):
                return "text"

            def __iter__(self):
                return iter([m.Field("001", data="iterated")])

        file = WRITERS[name]()
        writer = getattr(m, name)(file)
        writer.write(Odd())
        writer.close(close_fh=False)
        return file.getvalue()

    same(ask)


def test_a_subclass_of_a_writer_may_write_around_each_record():
    class Lines(mrrc.JSONWriter):
        def write(self, record):
            super().write(record)
            self.file_handle.write("\n")

    file = io.StringIO()
    writer = Lines(file)
    writer.write(mrrc.Record())
    writer.close(close_fh=False)
    assert file.getvalue().endswith("}\n]")


@some_writers
def test_a_writer_in_a_with_statement_closes_its_file(name):
    file = WRITERS[name]()
    with getattr(mrrc, name)(file) as writer:
        writer.write(a_record(mrrc, *PLAIN))
    assert (file.closed, writer.file_handle) == (True, None)


@some_writers
@pytest.mark.parametrize("kind", [str, Path])
def test_a_writer_takes_a_path(name, kind, tmp_path):
    file = WRITERS[name]()
    with getattr(mrrc, name)(kind(tmp_path / "records")) as writer:
        writer.write(a_record(mrrc, *RECORDS["accents"]))
    theirs = getattr(pymarc, name)(file)
    theirs.write(a_record(pymarc, *RECORDS["accents"]))
    theirs.close(close_fh=False)
    written = (tmp_path / "records").read_bytes()
    assert (written if isinstance(file, io.BytesIO) else written.decode()) == file.getvalue()
    assert [it.name for it in tmp_path.iterdir()] == ["records"]


@some_writers
def test_a_path_has_its_new_content_only_when_the_writer_is_closed(name, tmp_path):
    path = tmp_path / "records"
    path.write_text("old")
    writer = getattr(mrrc, name)(path)
    writer.write(a_record(mrrc, *PLAIN))
    assert path.read_text() == "old"
    writer.close(close_fh=False)
    assert "Title" in path.read_text()


@some_writers
def test_a_path_keeps_its_old_content_when_the_with_statement_fails(name, tmp_path):
    path = tmp_path / "records"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), getattr(mrrc, name)(path) as writer:
        writer.write(a_record(mrrc, *PLAIN))
        _ = 1 / 0
    assert path.read_text() == "old"
    assert [it.name for it in tmp_path.iterdir()] == ["records"]


@some_writers
def test_a_writer_that_is_never_closed_leaves_no_file(name, tmp_path):
    writer = getattr(mrrc, name)(tmp_path / "records")
    writer.write(a_record(mrrc, *PLAIN))
    assert list(tmp_path.iterdir())
    with pytest.warns(ResourceWarning, match="never closed"), pytest.warns(mrrc.MarcWarning):
        del writer
    assert not list(tmp_path.iterdir())


def test_a_forked_process_leaves_the_file_to_the_one_that_writes_it(tmp_path):
    script = (
        "import os, sys, mrrc\n"
        "writer = mrrc.MARCWriter(sys.argv[1])\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    sys.exit()\n"
        "os.waitpid(child, 0)\n"
        "record = mrrc.Record()\n"
        "record.add_field(mrrc.Field('001', data='A1'))\n"
        "writer.write(record)\n"
        "writer.close()\n"
    )
    path = tmp_path / "records"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert b"A1" in path.read_bytes()


def test_a_replaced_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    path, link = tmp_path / "records", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with mrrc.MARCWriter(link) as writer:
        writer.write(a_record(mrrc, *PLAIN))
    assert link.is_symlink()
    assert (stat.S_IMODE(path.stat().st_mode), b"Title" in path.read_bytes()) == (0o640, True)


def test_a_device_is_written_to_and_stays(tmp_path):
    with mrrc.MARCWriter("/dev/null") as writer:
        writer.write(a_record(mrrc, *PLAIN))
    assert Path("/dev/null").is_char_device()


def test_a_folder_that_does_not_exist_is_an_error_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        mrrc.MARCWriter(tmp_path / "none" / "records")


# Reading ISO 2709 by a function


def test_a_function_is_mapped_over_records_and_what_is_none():
    def ask(m):
        good = a_record(m, *PLAIN).as_marc()
        bad = good[:12] + b"00000" + good[17:]
        seen = []
        done = m.map_records(
            lambda it: seen.append(it and it.title), io.BytesIO(good + bad), io.BytesIO(good)
        )
        return done, seen

    same(ask)
    assert ask(mrrc) == (None, ["Title : rest", None, "Title : rest"])


def test_records_of_text_forms_pickle():
    (record,) = mrrc.JSONReader(JSON["a data field"])
    assert content(pickle.loads(pickle.dumps(record))) == content(record)
