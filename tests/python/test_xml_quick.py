"""Documents of MARCXML give the records that pymarc finds in them, whichever way they are read."""

from __future__ import annotations

import io
import os

import mrrc
import pymarc
import pytest
from conftest import outcome
from hypothesis import given, settings
from hypothesis import strategies as st
from mrrc import _xml_quick
from test_text_forms import contents

SLIM = 'xmlns="http://www.loc.gov/MARC21/slim"'
LEADER = "<leader>00000nam a2200000 a 4500</leader>"
FIELD = '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{}</subfield></datafield>'


def document(*titles: str) -> bytes:
    made = (
        f'<record>{LEADER}<controlfield tag="001">A1</controlfield>{FIELD.format(it)}</record>'
        for it in titles
    )
    return f"<?xml version='1.0'?><collection {SLIM}>{''.join(made)}</collection>".encode()


SOUND = document("Emma", "Persuasion &amp; more")


@pytest.fixture(autouse=True, scope="module")
def small_documents_are_read_quickly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_xml_quick, "_SMALL", 0)
        yield


def is_read_quickly(source: object) -> bool:
    return _xml_quick.sound_records(source) is not None


def assert_same(data: bytes) -> None:
    ours, theirs = (outcome(lambda m=m: m.parse_xml_to_array(io.BytesIO(data))) for m in (mrrc, pymarc))
    if isinstance(theirs, tuple):
        assert ours == theirs
    else:
        assert contents(ours) == contents(theirs)
        assert [str(it) for it in ours] == [str(it) for it in theirs]
        assert [it.as_json() for it in ours] == [it.as_json() for it in theirs]


TEXT = st.sampled_from(
    [
        *("Emma", "a &amp; b", "&#233;", "<![CDATA[x<y]]>", "<!-- </record> -->", " x ", "", "\n", "a\tb"),
        *("a\r\nb", "é", "𝄞", "&#x9;", "e\u0301", "\u2028", "a<b/>c", "]]", "&lt;", "{esc}", "<?pi x?>"),
        *("tag=&quot;001", 'tag="001"'),
    ]
)
CODE = st.sampled_from([*"abz06A1é", "&#97;", "", "aa"])
TAG = st.sampled_from(["245", "245", "650", "880", "9XX", "24 ", "005", "1", "00A", "&#50;45"])
INDICATOR = st.sampled_from([*"10 #", " ", "", "é", "12"])


@st.composite
def attributes(draw, **values: st.SearchStrategy[str]) -> str:
    chosen = draw(st.permutations(list(values)))
    if draw(st.integers(0, 19)) == 0:
        chosen.pop()
    forms = [' {}="{}"', " {}='{}'", '\n{} = "{}"'] if draw(st.integers(0, 9)) == 0 else [' {}="{}"']
    return "".join(draw(st.sampled_from(forms)).format(name, draw(values[name])) for name in chosen)


@st.composite
def fields(draw) -> str:
    between = st.sampled_from(["", "", "\n", " ", "<!-- c -->", "loose"])
    if draw(st.integers(0, 2)) == 0:
        tag = st.sampled_from(["001", "005", "008", "008", "245", "00A"])
        return f"<controlfield{draw(attributes(tag=tag))}>{draw(TEXT)}</controlfield>"
    parts = draw(st.lists(st.tuples(between, attributes(code=CODE), TEXT), max_size=3))
    inside = "".join(f"{before}<subfield{code}>{text}</subfield>" for before, code, text in parts)
    return f"<datafield{draw(attributes(tag=TAG, ind1=INDICATOR, ind2=INDICATOR))}>{inside}</datafield>"


@st.composite
def documents(draw) -> bytes:
    odd = [
        "text",
        "<x>y</x>",
        "<subfield code='a'>s</subfield>",
        LEADER,
        "<record/>",
        "<?pi x?>",
        "<!-- c -->",
    ]
    parts = st.lists(fields() | fields() | fields() | st.sampled_from(odd), max_size=4)
    leader = st.sampled_from(
        [LEADER, LEADER, LEADER, "<leader>short</leader>", "", LEADER.replace("0n", " n")]
    )
    records = st.builds(lambda first, rest: f"<record>{first}{''.join(rest)}</record>", leader, parts)
    body = "".join(draw(st.lists(records, max_size=3)))
    root = draw(st.sampled_from(["collection", "collection", "OAI-PMH"]))
    space = draw(st.sampled_from([SLIM, SLIM, "", 'xmlns="info:lc/xmlns/marcxchange-v2"', 'xmlns="x"']))
    text = f"<{root} {space}>{body}</{root}>"
    if draw(st.integers(0, 4)) == 0:
        text = text.replace("<", "<marc:").replace("<marc:/", "</marc:").replace("xmlns=", "xmlns:marc=")
    head = st.sampled_from(["", "", '<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE collection>"])
    data = (draw(head) + text).encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])))
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 19)) == 0 else data


@settings(max_examples=600)
@given(documents())
def test_any_document_gives_the_records_of_pymarc(data):
    assert_same(data)


def test_every_document_of_the_corpus_gives_the_records_of_pymarc(corpus):
    paths = [
        it for it in sorted((corpus / "formats").rglob("*")) if it.is_file() and it.stat().st_size < 5 << 20
    ]
    quick = 0
    for path in paths:
        data = path.read_bytes()
        if data[:4096].lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
            assert_same(data)
            quick += is_read_quickly(path)
    assert quick > 30


def test_a_sound_document_is_read_quickly(fixture_1k, tmp_path):
    path = tmp_path / "all.xml"
    mrrc.scan(fixture_1k).to_marcxml(path)
    assert is_read_quickly(path) and is_read_quickly(str(path))
    with open(path, "rb") as file:
        assert is_read_quickly(file)
    assert_same(path.read_bytes())


def test_tags_are_found_wherever_blocks_end(monkeypatch):
    data = document(*"abcdefgh")
    for size in range(100, 300, 7):
        monkeypatch.setattr(_xml_quick, "_BLOCK", size)
        records = _xml_quick.sound_records(io.BytesIO(data))
        assert [it["245"]["a"] for it in records] == list("abcdefgh")


def test_a_small_document_is_left_to_the_parser(monkeypatch):
    monkeypatch.setattr(_xml_quick, "_SMALL", len(SOUND) + 1)
    assert not is_read_quickly(io.BytesIO(SOUND))
    assert is_read_quickly(io.BytesIO(document(*["Emma"] * 20)))


class Titles(mrrc.XmlHandler):
    """Takes records, and nothing else."""

    def __init__(self):
        super().__init__()
        self.titles = []

    def process_record(self, record):
        self.titles.append(record["245"]["a"])


class Shouting(Titles):
    def characters(self, content):
        super().characters(content.upper())


class Counting(Titles):
    ended = 0

    def endDocument(self):
        self.ended += 1


def test_a_handler_is_told_all_that_it_asks_for():
    titles = ["Emma", "Persuasion & more"]
    for handler, expected in (
        (Titles(), titles),
        (Shouting(), [it.upper() for it in titles]),
        (Counting(), titles),
    ):
        mrrc.parse_xml(io.BytesIO(SOUND), handler)
        assert handler.titles == expected
        assert getattr(handler, "ended", 1) == 1
    shouting = Titles()
    shouting.characters = lambda content: Titles.characters(shouting, content.upper())
    mrrc.parse_xml(io.BytesIO(SOUND), shouting)
    assert shouting.titles == [it.upper() for it in titles]


def test_what_a_function_raises_comes_through_and_files_are_closed_as_the_parser_does(tmp_path):
    path = tmp_path / "some.xml"
    path.write_bytes(SOUND)
    for module in (mrrc, pymarc):
        seen = []

        def fails(it, seen=seen):
            seen.append(it["001"].data)
            raise KeyError("mine")

        for source in (str(path), path.open("rb"), io.BytesIO(SOUND)):
            with pytest.raises(KeyError, match="mine"):
                module.map_xml(fails, source)
        assert seen == ["A1"] * 3
        file, text = path.open("rb"), path.open()
        assert len(module.parse_xml_to_array(file)) == len(module.parse_xml_to_array(text)) == 2
        assert (file.closed, text.closed) == (True, True)


def test_a_file_is_read_from_where_it_is():
    for module in (mrrc, pymarc):
        file = io.BytesIO(b"not xml" + SOUND)
        file.seek(7)
        assert len(module.parse_xml_to_array(file)) == 2


def test_what_can_be_read_once_is_left_to_the_parser(tmp_path):
    read, write = os.pipe()
    with os.fdopen(write, "wb") as to:
        to.write(SOUND)
    with os.fdopen(read, "rb") as source:
        assert not is_read_quickly(source)
        assert len(mrrc.parse_xml_to_array(source)) == 2
    missing = [outcome(lambda m=m: m.parse_xml_to_array(str(tmp_path / "no.xml"))) for m in (mrrc, pymarc)]
    assert missing[0] == missing[1]


def test_options_of_the_handler_hold():
    other = SOUND.replace(b"MARC21/slim", b"MARC21/other")
    for strict in (False, True):
        for form in (None, "NFD"):
            for data in (SOUND, other, document("é")):
                found = [
                    contents(m.parse_xml_to_array(io.BytesIO(data), strict, form)) for m in (mrrc, pymarc)
                ]
                assert found[0] == found[1]


def test_records_can_be_changed_and_written(tmp_path):
    path = tmp_path / "some.xml"
    path.write_bytes(SOUND)
    made = []
    for module in (mrrc, pymarc):
        records = module.parse_xml_to_array(path)
        for it in records:
            it.add_field(module.Field("500", module.Indicators(" ", " "), [module.Subfield("a", "new")]))
            it["245"]["a"] = "T"
            it.remove_fields("001")
        made.append(b"".join(it.as_marc() for it in records) + b"".join(map(module.record_to_xml, records)))
    assert made[0] == made[1]
