"""Records that are looked at in any order, and changed in between, are those of pymarc at each step."""

from __future__ import annotations

import gc
import pickle
import threading
from copy import deepcopy
from io import BytesIO

import mrrc
import pymarc
import pytest
from conftest import record, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import DATA_TAGS, WORD

PLAIN = st.builds(
    lambda number, fields: record(("001", number.encode()), *fields),
    st.text("ab1", max_size=3),
    st.lists(
        st.builds(
            lambda tag, values: (
                tag,
                b"10" + b"".join(b"\x1f" + f"{code}{text}".encode() for code, text in values),
            ),
            st.sampled_from([*DATA_TAGS, "880", "9xx"]),
            st.lists(st.tuples(st.sampled_from("abc6z"), WORD), max_size=3),
        ),
        max_size=8,
    ),
)
TAGS = ["001", "008", "020", "245", "650", "651", "700", "880", "999", "LDR", "24", "", "\u0662\u0664\u0665"]
TAG = st.sampled_from(TAGS)
PROPERTIES = ["title", "author", "isbn", "subjects", "notes", "publisher", "pubyear", "series", "location"]
STEP = st.one_of(
    st.tuples(st.just("get"), TAG),
    st.tuples(st.just("item"), TAG),
    st.tuples(st.just("has"), TAG),
    st.tuples(st.just("all"), st.lists(TAG, max_size=3)),
    st.tuples(st.just("next"), st.integers(0, 4)),
    st.tuples(st.just("list")),
    st.tuples(st.just("property"), st.sampled_from(PROPERTIES)),
    st.tuples(st.just("rename"), TAG, TAG),
    st.tuples(st.just("value"), TAG),
    st.tuples(st.just("add"), TAG),
    st.tuples(st.just("remove"), TAG),
    st.tuples(st.just("remove all"), TAG),
    st.tuples(st.just("ordered"), st.sampled_from(["100", "500", "9xx"])),
    st.tuples(st.just("replace"), st.integers(0, 3)),
    st.tuples(st.sampled_from(["marc", "json", "xml", "text", "written"])),
)


def step(package, record, how, *given):
    """One step; what it gives."""
    match how:
        case "get":
            return record.get(given[0])
        case "item":
            return record[given[0]]
        case "has":
            return given[0] in record
        case "all":
            return record.get_fields(*given[0])
        case "next":
            iterator = iter(record)
            return [field for _, field in zip(range(given[0]), iterator, strict=False)]
        case "list":
            return list(record.fields)
        case "property":
            found = getattr(record, given[0])
            return found
        case "rename":
            if field := record.get(given[0]):
                field.tag = given[1]
            return field
        case "value":
            field = record.get(given[0])
            if field and not field.control_field:
                field.add_subfield("z", "new")
            return field
        case "add":
            record.add_field(package.Field(given[0] or "500", subfields=[package.Subfield("a", "x")]))
        case "ordered":
            record.add_ordered_field(package.Field(given[0], subfields=[package.Subfield("a", "y")]))
        case "remove":
            record.remove_field(*filter(None, [record.get(given[0])]))
        case "remove all":
            record.remove_fields(given[0])
        case "replace":
            record.fields = record.fields[given[0] :]
        case "marc":
            return record.as_marc()
        case "json":
            return record.as_json()
        case "xml":
            return package.record_to_xml(record)
        case "text":
            return str(record)
        case "written":
            package.MARCWriter(written := BytesIO()).write(record)
            return written.getvalue()
    return None


class Twins:
    """Fields of ours and of pymarc that must be each other's, each time that they are met."""

    def __init__(self):
        self.theirs = {}
        self.ours = {}
        self.kept = []

    def hold(self, ours, theirs):
        if isinstance(theirs, list):
            assert len(ours) == len(theirs)
            for pair in zip(ours, theirs, strict=True):
                self.hold(*pair)
        elif isinstance(theirs, pymarc.Field):
            assert str(ours) == str(theirs)
            assert self.theirs.setdefault(id(ours), id(theirs)) == id(theirs)
            assert self.ours.setdefault(id(theirs), id(ours)) == id(ours)
            self.kept.append((ours, theirs))
        else:
            assert ours == theirs


def outcome(package, record, one):
    try:
        return step(package, record, *one)
    except (KeyError, ValueError, pymarc.exceptions.FieldNotFound, mrrc.exceptions.FieldNotFound) as error:
        return type(error).__name__


def records(data, how):
    """The records as a reader gives them, or the rows of a layout."""
    return mrrc.MARCReader(BytesIO(data)) if how == "reader" else mrrc.read_arrow(data, layout=how).records()


@settings(max_examples=400, deadline=None)
@given(
    data=PLAIN,
    how=st.sampled_from(["reader", "nested", "fields", "subfields"]),
    steps=st.lists(STEP, max_size=12),
)
def test_each_look_gives_what_that_of_pymarc_gives(data, how, steps):
    data = data[:9] + b"a" + data[10:]
    theirs, ours = next(pymarc.MARCReader(BytesIO(data))), next(records(data, how))
    twins = Twins()
    for one in steps:
        twins.hold(outcome(mrrc, ours, one), outcome(pymarc, theirs, one))
    assert str(ours) == str(theirs)
    twins.hold(list(ours.fields), list(theirs.fields))


@pytest.fixture(params=["reader", "nested"])
def first(request):
    return next(records(sample("fixture_1k").read_bytes(), request.param))


def test_a_field_is_the_same_whenever_it_is_looked_at(first):
    title = first["245"]
    assert title is first["245"] is first.get("245") is first.get_fields("245")[0]
    fields = first.fields
    assert [field for field in fields if field is title] == [title] == [first["245"]]
    assert fields is first.fields
    assert next(iter(first)) is fields[0]


def test_a_field_that_was_renamed_is_found_by_its_new_tag(first):
    title = first["245"]
    title.tag = "246"
    assert "245" not in first
    assert first.get("245") is None
    assert first.get_fields("246")[0] is title
    assert first.title is None


def test_a_field_that_was_added_comes_after_all_others(first):
    before = str(first)
    added = [mrrc.Field(tag, subfields=[mrrc.Subfield("a", tag)]) for tag in ("999", "245", "001")]
    first.add_field(*added[:2])
    first.add_field(added[2])
    assert first["999"] is added[0]
    assert first["245"] is not added[1]
    assert first.get_fields("245", "999")[-2:] == added[:2]
    assert str(first) == before + "".join(f"{field}\n" for field in added)
    assert list(first)[-3:] == first.fields[-3:] == added


def test_copies_and_pickles_have_what_was_looked_at_and_changed(first):
    first["245"].add_subfield("h", "[text]", 1)
    for copy in (deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert str(copy) == str(first)
        assert copy.as_marc() == first.as_marc()
        assert copy["245"] is not first["245"]


def test_what_nobody_looked_at_is_written_as_it_was_read():
    for ours, theirs in zip(
        mrrc.MARCReader(sample("fixture_1k")),
        pymarc.MARCReader(sample("fixture_1k").read_bytes()),
        strict=True,
    ):
        for one in (ours, theirs):
            one["245"]["a"] = "Ägypten"
        assert ours.as_marc() == theirs.as_marc()


@pytest.mark.parametrize("how", ["reader", "nested"])
def test_threads_that_look_at_a_record_get_the_same_fields(how):
    looked_at = list(records(sample("fixture_1k").read_bytes(), how))[:200]
    seen = [[] for _ in range(4)]

    def look(mine):
        for one in looked_at:
            mine.append((one["245"], one.fields[-1], one.get("650"), one.leader))

    threads = [threading.Thread(target=look, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for looks in zip(*seen, strict=True):
        assert len({tuple(map(id, look)) for look in looks}) == 1


def test_a_record_of_a_table_is_left_alone_by_what_becomes_of_the_table():
    table = mrrc.read_arrow(sample("fixture_1k"))
    untouched, looked_at = (list(table.records()) for _ in range(2))
    texts = [str(one) for one in looked_at]
    del table
    gc.collect()
    assert [str(one) for one in untouched] == texts


def test_a_field_that_refers_to_its_record_does_not_keep_it_for_ever(first):
    class Owned(list):
        pass

    marks = Owned()
    marks.append(first)
    first["245"].subfields.append(marks)
    before = len(gc.get_objects())
    del first, marks
    gc.collect()
    assert len(gc.get_objects()) < before
