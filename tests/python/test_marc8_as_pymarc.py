"""MARC-8 as pymarc 5.4.0 reads it: the same text, the same exceptions, the same lines on standard error."""

from __future__ import annotations

import io
import lzma
import time
import warnings
from contextlib import redirect_stderr

import mrrc.marc8
import mrrc.marc8_mapping
import pymarc
import pymarc.marc8
import pymarc.marc8_mapping
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def outcome(call, *arguments, **keywords):
    """What a call gives or raises, with its cause, and what it writes to standard error."""
    written = io.StringIO()
    with redirect_stderr(written):
        try:
            result = call(*arguments, **keywords)
        except Exception as error:
            cause = error.__cause__
            result = type(error), str(error), type(cause), str(cause)
    return result, written.getvalue()


def outcomes(module, value, g0=0x42, g1=0x45):
    """All that can be seen of one value: by the function, then by two values through one converter."""
    converter = module.MARC8ToUnicode(g0, g1)
    quiet = module.MARC8ToUnicode(G0=g0, G1=g1, quiet=True)
    return [
        outcome(module.marc8_to_unicode, value),
        outcome(module.marc8_to_unicode, value, hide_utf8_warnings=True),
        outcome(converter.translate, value),
        (converter.g0, converter.g1),
        outcome(converter.translate, b"a\xe2e!0!"),
        (converter.g0, converter.g1),
        outcome(quiet.translate, value),
    ]


def assert_same(value, g0=0x42, g1=0x45):
    ours = outcomes(mrrc.marc8, value, g0, g1)
    assert ours == outcomes(pymarc.marc8, value, g0, g1), repr(value)
    return ours[0][0]


CUT = UnicodeDecodeError

# What a catalogue may have that pymarc reads otherwise than MARC-8 says, and what it makes of it.
DEVIATIONS = {
    "a mark at the end": (b"abc\xe2", "abc"),
    "halves of a ligature": (b"\xebi\xeca", "i\ufe20a\ufe21"),
    "halves of a double tilde": (b"\xfan\xfbg", "n\ufe22g\ufe23"),
    "non-sorting characters": (b"\x88The \x89Title", "The Title"),
    "joiners": (b"a\x8db\x8ec", "abc"),
    "a newline": (b"a\nb", "ab"),
    "control bytes of C1": (b"a\x81\x9fb", "ab"),
    "Cyrillic as G1": (b"\x1b)N\xc1\xc2", "  "),
    "Hebrew as G1": (b"\x1b)2\xe0\xe1", "  "),
    "Arabic as G1": (b"\x1b)3\xc7\xc8", "  "),
    "Greek as G1": (b"\x1b)S\xc1\xe1", "  "),
    "ASCII as G1": (b"\x1b)B\xc1", " "),
    "extended Cyrillic as G0": (b"\x1b(Q@A\x1b(B", "  "),
    "extended Arabic as G0": (b'\x1b(4!"\x1b(B', "  "),
    "ANSEL as G1": (b"\x1b)!E\xe2e", "E e"),
    "ANSEL as G1, otherwise": (b"\x1b-!E\xe2e", "E e"),
    "ANSEL as G0": (b"\x1b(!EXbe", "    "),
    "East Asian as G1": (b"\x1b$)1\xa1\xb0\xa1 x", " \u0141\u02bb\u0141  "),
    "East Asian as G1, otherwise": (b"\x1b$-1\xa1\xb0\xa1 x", " \u0141\u02bb\u0141  "),
    "a subscript switched off at once": (b"a\x1bb\x1bsX", "a  "),
    "a Greek symbol switched off at once": (b"a\x1bg\x1bsX", "a  "),
    "a superscript switched off at once": (b"a\x1bp\x1bsX", "a  "),
    "subscripts at the end": (b"abc\x1bb", CUT),
    "Greek symbols at the end": (b"abc\x1bg", CUT),
    "superscripts at the end": (b"abc\x1bp", CUT),
    "an escape at the end": (b"abc\x1b", CUT),
    "G1 at the end": (b"abc\x1b)", CUT),
    "G1 at the end, otherwise": (b"abc\x1b-", CUT),
    "three bytes as G0 at the end": (b"abc\x1b$,", CUT),
    "G0 at the end": (b"abc\x1b(", "abc\x1b("),
    "G0 at the end, otherwise": (b"abc\x1b,", "abc\x1b,"),
    "three bytes at the end": (b"abc\x1b$", "abc\x1b$"),
    "an unknown escape": (b"a\x1bzb", "azb"),
    "an unknown set": (b"a\x1b(Xbc", "a  "),
    "a blank among three bytes": (b"\x1b$1 !0!\x1b(Bx", "   "),
    "a group that is cut": (b"\x1b$1!0!!", "\u4e00 "),
    "a mark before a stray group": (b"\xe2\x1b$1! =\x1b(Be", "\u2026\u00e9"),
    "unassigned bytes": (b"\x7f\x80\xa0\xaf\xbb\xbe\xbf\xc9\xdf\xfc\xfd\xff", " " * 12),
    "a final byte alone": (b"\x1bNa\x1bBa", "\u0410a"),
    "East Asian by a final byte alone, at the end": (b"\x1b1", " "),
    "composed": (b"\xe2e\xf2\xe4a", "\u00e9\u1ea1\u0303"),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_reads_what_pymarc_reads_otherwise(name):
    data, expected = DEVIATIONS[name]
    result = assert_same(data)
    assert (result[0] if expected is CUT else result) == expected


# Bytes as they come in catalogues, and as they do not.
PIECES = st.one_of(
    st.sampled_from([b"\x1b" + it for it in b" ( ) , - $ $, $) $- (! )!".split(b" ")]),
    st.sampled_from([b"\x1b(" + bytes([it]) for it in b"1234BENQSbgpsX\x00\xff"]),
    st.sampled_from([b"\x1b)" + bytes([it]) for it in b"1234BENQSbgpsX\x00\xff"]),
    st.sampled_from([b"\x1b" + bytes([it]) for it in b"1234BENQSbgpsXz\x1b\xe2"]),
    st.sampled_from([b"\x1b$1", b"\x1b$,1", b"\x1b(B", b"\x1bs"]),
    st.sampled_from([it.to_bytes(3, "big") for it in (*pymarc.marc8_mapping.ODD_MAP, 0x212320, 0x213021)]),
    st.sampled_from(sorted(pymarc.marc8_mapping.CODESETS[0x31])).map(lambda it: it.to_bytes(3, "big")),
    st.sampled_from([bytes([it]) for it in (*range(0xE0, 0xFF), 0x73, 0x6B, 0x22)]),
    st.sampled_from([bytes([it]) for it in (*range(0x20), 0x20, *range(0x7F, 0xA1), 0xFF)]),
    st.text("aeinouAEy ,.", min_size=1, max_size=20).map(str.encode),
    st.binary(min_size=1, max_size=3),
)
VALUES = st.lists(PIECES, max_size=14).map(b"".join)
SETS = st.sampled_from(
    [*pymarc.marc8_mapping.CODESETS, 0x31, 0, 0x58, 0x131, -1, 2**32 - 1, 2**40, None, "B"]
)


@settings(max_examples=1500, deadline=None)
@given(VALUES)
def test_any_bytes_give_what_pymarc_gives(data):
    assert_same(data)


@settings(max_examples=500, deadline=None)
@given(VALUES, SETS, SETS)
def test_any_sets_may_be_in_force_at_the_start(data, g0, g1):
    assert_same(data, g0, g1)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.one_of(st.characters(max_codepoint=0x120), st.characters(categories=["L", "Cs", "M"]))), SETS
)
def test_text_is_taken_character_by_character(text, g0):
    assert_same(text, g0)


@settings(max_examples=300, deadline=None)
@given(VALUES, SETS)
def test_a_bytearray_has_no_escapes(data, g0):
    assert_same(bytearray(data), g0)


@pytest.mark.parametrize(
    "value",
    [None, b"", "", 0, [], 5, 1.5, [1], (b"a",), memoryview(b"a"), object(), memoryview(b"")],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_value_is_answered_alike(value):
    assert_same(value)


def test_every_entry_of_the_tables_is_the_same():
    ours, theirs = mrrc.marc8_mapping.CODESETS, pymarc.marc8_mapping.CODESETS
    assert ours == theirs
    assert list(ours) == list(theirs)
    assert mrrc.marc8_mapping.ODD_MAP == pymarc.marc8_mapping.ODD_MAP
    for number, entries in theirs.items():
        assert getattr(mrrc.marc8_mapping, f"CHARSET_{number:02X}") is ours[number]
        if number != 0x31:
            assert list(ours[number]) == list(entries)


@pytest.mark.parametrize("marks", [b"", b"\xe2", b"\xf2\xe4"], ids=["alone", "a mark", "two marks"])
def test_every_character_of_every_set_is_read_alike(marks):
    for number, entries in pymarc.marc8_mapping.CODESETS.items():
        for key in entries:
            if number == 0x31:
                data = marks + b"\x1b$1" + key.to_bytes(3, "big") + b"\x1b(Ba"
            elif key < 0x80:
                data = marks + b"\x1b(" + bytes([number, key]) + b"\x1b(Ba"
            else:
                data = marks + b"\x1b)" + bytes([number, key]) + b"a"
            ours = mrrc.marc8.marc8_to_unicode(data, True)
            assert ours == pymarc.marc8_to_unicode(data, True), data


def test_looks_like_pymarcs_converter():
    for module in (mrrc.marc8, pymarc.marc8):
        converter = module.MARC8ToUnicode()
        assert vars(converter) == {
            "g0": 0x42,
            "g0_set": {b"(", b",", b"$"},
            "g1": 0x45,
            "g1_set": {b")", b"-", b"$"},
            "quiet": False,
        }
        assert (module.MARC8ToUnicode.basic_latin, module.MARC8ToUnicode.ansel) == (0x42, 0x45)
    assert mrrc.marc8.MARC8ToUnicode.__module__ == "mrrc.marc8"


def test_has_the_names_of_pymarcs_modules():
    for ours, theirs in ((mrrc.marc8, pymarc.marc8), (mrrc.marc8_mapping, pymarc.marc8_mapping)):
        names = {it for it in dir(theirs) if not it.startswith("__")}
        assert names <= {*dir(ours)}
        assert all(hasattr(ours, it) for it in names)
        with pytest.raises(AttributeError, match="has no attribute 'CHARSET_00'"):
            _ = ours.CHARSET_00


def values_in_marc8(path, until):
    """The values of each data field that pymarc takes for MARC-8."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for record in pymarc.MARCReader(file, to_unicode=False, permissive=True):
            if time.monotonic() > until:
                return
            if record is not None and record.leader[9] == " ":
                for field in record.fields:
                    if not field.control_field:
                        yield from (subfield.value for subfield in field.subfields)


def test_real_values_give_what_pymarc_gives(corpus):
    suffixes = (".mrc", ".marc", ".usmarc", ".dat")
    paths = [it for it in corpus.rglob("*") if it.name.removesuffix(".xz").endswith(suffixes)]
    # The small ones first, so that what they leave of the time is for the large ones.
    paths.sort(key=lambda it: it.stat().st_size)
    end = time.monotonic() + 20
    seen = set()
    for number, path in enumerate(paths):
        now = time.monotonic()
        for value in values_in_marc8(path, until=now + (end - now) / (len(paths) - number)):
            # Printable ASCII is no news, and the same words come again and again.
            if value not in seen and not (value.isascii() and value.decode().isprintable()):
                seen.add(value)
                expected = outcome(pymarc.marc8_to_unicode, value)
                assert outcome(mrrc.marc8.marc8_to_unicode, value) == expected, value
    assert len(seen) > 5000
