"""The names of pymarc: where they are, how they are called, and that there is one of each."""

from __future__ import annotations

import importlib
import inspect
import pickle
import re
import subprocess
import sys
import types

import mrrc
import mrrc.exceptions
import pymarc
import pytest

MODULES = [
    "constants",
    "exceptions",
    "field",
    "leader",
    "marc8",
    "marc8_mapping",
    "marcjson",
    "marcxml",
    "reader",
    "record",
    "writer",
]
OURS = {
    "Column",
    "DecodingError",
    "Description",
    "InvalidRecord",
    "MarcError",
    "MarcWarning",
    "Part",
    "RecordBoundary",
    "Scan",
    "Schema",
    "SourceError",
    "Table",
    "WriteError",
    "__version__",
    "check",
    "describe",
    "export",
    "from_arrow",
    "plan",
    "preset",
    "read_arrow",
    "scan",
    "stored",
    "write_marc",
}
ERRORS = [
    name
    for name, it in vars(pymarc.exceptions).items()
    if isinstance(it, type) and issubclass(it, pymarc.PymarcException)
]
WITHOUT_ARGUMENTS = [name for name in ERRORS if name != "MissingLinkedFields"]
CALLABLES = [
    "BadSubfieldCodeWarning",
    "Field",
    "Indicators",
    "JSONHandler",
    "JSONReader",
    "JSONWriter",
    "Leader",
    "MARC8ToUnicode",
    "MARCMakerReader",
    "MARCReader",
    "MARCWriter",
    "MissingLinkedFields",
    "RawField",
    "Record",
    "Subfield",
    "TextWriter",
    "Writer",
    "XMLWriter",
    "XmlHandler",
    "map_marc8_field",
    "map_marc8_record",
    "map_records",
    "map_xml",
    "marc8_to_unicode",
    "normalize_subfield_code",
    "parse_json_to_array",
    "parse_xml",
    "parse_xml_to_array",
    "record_to_xml",
    "record_to_xml_node",
]


def star(module: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(f"from {module} import *", names)
    del names["__builtins__"]
    return names


DEFINED = [name for name, it in star("pymarc").items() if getattr(it, "__module__", "").startswith("pymarc.")]
METHODS = [
    (kind, name)
    for kind in DEFINED
    for name, it in vars(getattr(pymarc, kind)).items()
    if inspect.isfunction(it) and not name.startswith("_")
]
# Names of older versions, which programs ask for to tell the versions apart.
FORMER = ["FatalReaderEror", "JsonHandler", "zip_longest"]


def parameters(call: object) -> list[tuple[str, object, object]]:
    of_call = inspect.signature(call).parameters.values()
    return [(it.name, it.kind, it.default) for it in of_call if it.name != "self"]


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def aliased(script: str) -> str:
    """Run a script with mrrc in the place of pymarc, of which nothing is loaded."""
    forget = "for name in [it for it in sys.modules if it.split('.')[0] == 'pymarc']: del sys.modules[name]"
    return run(f"import sys, mrrc\n{forget}\nsys.modules['pymarc'] = mrrc\n{script}")


def test_a_star_import_gives_what_that_of_pymarc_gives_and_ours():
    assert set(star("mrrc")) == set(star("pymarc")) | OURS


def test_what_pymarc_only_imported_is_there_and_not_shown():
    shown = dir(mrrc)
    imported = set(star("mrrc")) - set(shown)
    assert {"os", "re", "ET", "BytesIO", "make_parser"} <= imported
    assert not any(getattr(getattr(mrrc, name), "__module__", "").startswith("mrrc") for name in imported)
    modules = {name for name in shown if inspect.ismodule(getattr(mrrc, name))}
    assert modules == set(MODULES)
    for name in {"read_arrow", "scan", "MARCReader", "Record", "Subfield", "MARC8ToUnicode", "MARC_XML_NS"}:
        assert name in shown
    assert [name for name in shown if name.startswith("_")] == ["__doc__", "__version__"]


@pytest.mark.parametrize("module", MODULES)
def test_a_star_import_of_a_module_gives_the_names_of_that_module(module):
    more = {
        "DecodingError",
        "InvalidRecord",
        "MarcError",
        "MarcWarning",
        "RecordBoundary",
        "SourceError",
        "WriteError",
    }
    expected = set(star(f"pymarc.{module}")) | (more if module == "exceptions" else set())
    assert set(star(f"mrrc.{module}")) == expected


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_attributes_of_the_package(module):
    assert getattr(mrrc, module) is importlib.import_module(f"mrrc.{module}")


@pytest.mark.parametrize("module", [name for name in MODULES if name != "marc8_mapping"])
def test_a_name_is_the_same_object_in_its_module_and_at_the_top(module):
    for name, there in star(f"mrrc.{module}").items():
        assert getattr(mrrc, name) is there, name


def test_names_of_the_standard_library_are_those_of_pymarc():
    for name, there in star("pymarc").items():
        foreign = isinstance(there, types.ModuleType) and not there.__name__.startswith("pymarc")
        if foreign or getattr(there, "__module__", "pymarc").split(".")[0] not in ("pymarc", "mrrc"):
            assert getattr(mrrc, name) is there, name


@pytest.mark.parametrize("name", [name for name, it in star("pymarc").items() if isinstance(it, str | int)])
def test_constants_have_the_values_of_pymarc(name):
    assert getattr(mrrc, name) == getattr(pymarc, name)
    assert type(getattr(mrrc, name)) is type(getattr(pymarc, name))


def test_the_pattern_of_an_isbn_is_that_of_pymarc():
    assert mrrc.isbn_regex == re.compile(r"([0-9\-xX]+)") == pymarc.isbn_regex


@pytest.mark.parametrize("name", [name for name in vars(pymarc.marc8_mapping) if name.isupper()])
def test_code_tables_are_those_of_pymarc(name):
    assert getattr(mrrc.marc8_mapping, name) == getattr(pymarc.marc8_mapping, name)


def assert_called_alike(ours: object, theirs: object) -> None:
    """Hold arguments to those of pymarc; ours may have more, by keyword only, that need not be given."""
    expected = parameters(theirs)
    assert parameters(ours)[: len(expected)] == expected
    for name, kind, default in parameters(ours)[len(expected) :]:
        assert kind is inspect.Parameter.KEYWORD_ONLY, name
        assert default is not inspect.Parameter.empty, name


@pytest.mark.parametrize("name", CALLABLES)
def test_arguments_have_the_names_order_and_defaults_of_pymarc(name):
    assert_called_alike(getattr(mrrc, name), getattr(pymarc, name))


@pytest.mark.parametrize(("kind", "method"), METHODS)
def test_arguments_of_methods_have_the_names_order_and_defaults_of_pymarc(kind, method):
    assert_called_alike(getattr(getattr(mrrc, kind), method), getattr(getattr(pymarc, kind), method))


@pytest.mark.parametrize("name", DEFINED)
def test_what_is_imported_names_the_module_that_users_import_it_from(name):
    it = getattr(mrrc, name)
    assert it.__module__.split(".")[1] == getattr(pymarc, name).__module__.split(".")[1]
    assert (it.__name__, it.__qualname__) == (name, name)
    assert getattr(sys.modules[it.__module__], name) is it


@pytest.mark.parametrize("name", FORMER)
def test_names_of_older_versions_are_not_there(name):
    assert not hasattr(pymarc, name)
    assert not hasattr(mrrc, name)


@pytest.mark.parametrize("name", ["MARCReader", "JSONReader", "MARCMakerReader"])
def test_readers_are_readers(name):
    assert issubclass(getattr(mrrc, name), mrrc.Reader)


@pytest.mark.parametrize("name", ["MARCWriter", "JSONWriter", "TextWriter", "XMLWriter"])
def test_writers_are_writers(name):
    assert issubclass(getattr(mrrc, name), mrrc.Writer)


# With mrrc in the place of pymarc


def test_an_alias_alone_gives_the_same_classes_by_every_module():
    names = {module: sorted(star(f"mrrc.{module}")) for module in MODULES if module != "marc8_mapping"}
    aliased(
        "import importlib\n"
        f"for module, names in {names!r}.items():\n"
        "    again = importlib.import_module(f'pymarc.{module}')\n"
        "    assert again.__name__ == f'pymarc.{module}', module\n"
        "    for name in names:\n"
        "        first, second = getattr(again, name), getattr(mrrc, name)\n"
        "        assert first is second or name == 'marc8_mapping', (module, name)\n"
    )


def test_under_an_alias_an_exception_of_the_columns_is_caught_by_the_name_of_pymarc():
    printed = aliased(
        "from pymarc.exceptions import PymarcException, TruncatedRecord\n"
        "try:\n"
        "    mrrc.read_arrow(b'00063nam a2200049 a 4500')\n"
        "except PymarcException as error:\n"
        "    print(type(error) is TruncatedRecord, error.code)\n"
    )
    assert printed == "True record-truncated\n"


def test_under_an_alias_a_writer_takes_a_record_of_the_module_record():
    printed = aliased(
        "import io\n"
        "from pymarc.record import Record\n"
        "from pymarc.writer import JSONWriter\n"
        "file = io.StringIO()\n"
        "writer = JSONWriter(file)\n"
        "writer.write(Record())\n"
        "writer.close(close_fh=False)\n"
        "print(file.getvalue())\n"
    )
    assert printed == '[{"leader":"          22        4500","fields":[]}]\n'


def test_a_program_that_imports_the_package_as_pymarc_finds_its_modules():
    printed = run("import mrrc as pymarc; print(pymarc.record.Record is pymarc.Record)")
    assert printed == "True\n"


# Tuples


def test_a_subfield_is_a_tuple_of_code_and_value():
    subfield = mrrc.Subfield(code="a", value="x")
    code, value = subfield
    assert (code, value) == ("a", "x") == subfield
    assert repr(subfield) == repr(pymarc.Subfield("a", "x"))
    assert subfield._replace(value="y") == mrrc.Subfield("a", "y")


def test_indicators_are_a_tuple_of_two():
    indicators = mrrc.Indicators("1", "2")
    assert (indicators.first, indicators.second) == ("1", "2") == indicators
    assert repr(indicators) == repr(pymarc.Indicators("1", "2"))
    with pytest.raises(TypeError):
        mrrc.Indicators("1")


@pytest.mark.parametrize("name", ["Subfield", "Indicators"])
def test_tuples_have_what_named_tuples_have(name):
    ours, theirs = (getattr(m, name)("a", "x") for m in (mrrc, pymarc))
    assert ours._asdict() == theirs._asdict()
    assert (ours._fields, ours._make("ax")) == (theirs._fields, theirs)
    assert hash(ours) == hash(("a", "x"))
    for change in (lambda: setattr(ours, ours._fields[0], "b"), lambda: ours.__setitem__(0, "b")):
        with pytest.raises((AttributeError, TypeError)):
            change()


@pytest.mark.parametrize("it", [mrrc.Subfield("a", "x"), mrrc.Indicators("1", "2")], ids=repr)
def test_tuples_pickle_by_the_name_of_their_module(it):
    again = pickle.loads(pickle.dumps(it))
    assert (type(again), again) == (type(it), it)


# Exceptions


@pytest.mark.parametrize("name", WITHOUT_ARGUMENTS)
@pytest.mark.parametrize("arguments", [(), ("x",), ("x", 2)], ids=repr)
def test_an_exception_says_what_that_of_pymarc_says(name, arguments):
    ours, theirs = getattr(mrrc, name)(*arguments), getattr(pymarc, name)(*arguments)
    assert (str(ours), repr(ours), ours.args) == (str(theirs), repr(theirs), theirs.args)


@pytest.mark.parametrize("name", ERRORS)
def test_an_exception_is_caught_by_the_bases_that_it_has_in_pymarc(name):
    ours = {base.__name__ for base in getattr(mrrc, name).__mro__}
    assert {base.__name__ for base in getattr(pymarc, name).__mro__} <= ours


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("other", ERRORS)
def test_an_exception_is_caught_by_no_other_of_pymarcs_names(name, other):
    ours, theirs = (issubclass(getattr(it, name), getattr(it, other)) for it in (mrrc, pymarc))
    assert ours == theirs


@pytest.mark.parametrize("name", WITHOUT_ARGUMENTS)
@pytest.mark.parametrize("arguments", [(), ("x",), ("x", 2)], ids=repr)
def test_an_exception_pickles_with_its_arguments(name, arguments):
    error = getattr(mrrc, name)(*arguments)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), repr(again), str(again)) == (type(error), repr(error), str(error))


def test_an_exception_of_the_columns_says_what_was_found():
    with pytest.raises(mrrc.TruncatedRecord) as caught:
        mrrc.read_arrow(b"00063nam a2200049 a 4500")
    assert caught.value.code == "record-truncated"
    assert str(caught.value) == caught.value.args[0] != str(mrrc.TruncatedRecord())


def test_an_exception_of_the_records_has_no_code():
    assert mrrc.TruncatedRecord().code is None


def test_a_missing_linked_field_is_named_and_kept():
    field = mrrc.Field("245", subfields=[mrrc.Subfield("6", "880-01")])
    error = mrrc.MissingLinkedFields(field)
    assert (error.field, error.args) == (field, (field,))
    assert str(error) == str(pymarc.MissingLinkedFields(pymarc.Field("245")))


def test_a_missing_linked_field_pickles():
    error = mrrc.MissingLinkedFields(mrrc.Field("245", subfields=[mrrc.Subfield("a", "T")]))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), str(again.field)) == (type(error), str(error), str(error.field))


def test_a_warning_of_a_code_shows_the_bytes():
    ours, theirs = mrrc.BadSubfieldCodeWarning(b"\xe9x"), pymarc.BadSubfieldCodeWarning(b"\xe9x")
    assert (str(ours), repr(ours), ours.args, ours.subf) == (
        str(theirs),
        repr(theirs),
        theirs.args,
        theirs.subf,
    )
    assert isinstance(ours, Warning)


def test_a_warning_of_a_code_pickles():
    again = pickle.loads(pickle.dumps(mrrc.BadSubfieldCodeWarning(b"\xe9x")))
    assert (type(again), again.subf) == (mrrc.BadSubfieldCodeWarning, b"\xe9x")


def test_messages_go_to_the_logger_that_scripts_configure():
    assert mrrc.logger is pymarc.logger
