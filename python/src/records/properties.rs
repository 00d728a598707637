//! The properties of a record: title, ISBN, author, subjects and so on.

use mrrc::internals::iso2709::pymarc::split_field;
use mrrc::internals::record::pymarc::{Rule, field_bytes, subfield_value};
use mrrc::internals::record::reading::Rules;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::original::Original;
use super::record::Record;
use super::strings::formatted as formatted_text;
use crate::cpython::text;

const SERIES: &[&str] = &["440", "490", "800", "810", "811", "830"];
const SUBJECTS: &[&str] = &[
    "600", "610", "611", "630", "648", "650", "651", "653", "654", "655", "656", "657", "658", "662", "690",
    "691", "696", "697", "698", "699",
];
const ADDED_ENTRIES: &[&str] = &[
    "700", "710", "711", "720", "730", "740", "752", "753", "754", "790", "791", "792", "793", "796", "797",
    "798", "799",
];
const NOTES: &[&str] = &[
    "500", "501", "502", "504", "505", "506", "507", "508", "510", "511", "513", "514", "515", "516", "518",
    "520", "521", "522", "524", "525", "526", "530", "533", "534", "535", "536", "538", "540", "541", "544",
    "545", "546", "547", "550", "552", "555", "556", "561", "562", "563", "565", "567", "580", "581", "583",
    "584", "585", "586", "590", "591", "592", "593", "594", "595", "596", "597", "598", "599",
];

type Found<'py> = PyResult<Option<Bound<'py, PyAny>>>;

macro_rules! properties {
    ($($(#[$doc:meta])* $name:ident($record:ident) $found:block)*) => {
        #[pymethods]
        impl Record {
            $($(#[$doc])*
            #[getter]
            fn $name<'py>($record: &Bound<'py, Self>) -> Found<'py> $found)*
        }
    };
}

properties! {
    /// The title: 245 `$a` and `$b`.
    title(record) {
        title(record, *b"245")
    }

    /// The key title: 222 `$a` and `$b`.
    issn_title(record) {
        title(record, *b"222")
    }

    /// The first ISBN, without hyphens: 020 `$a`.
    isbn(record) {
        isbn(record)
    }

    /// The ISSN: 022 `$a`.
    issn(record) {
        let field = record.call_method1("get", ("022",))?;
        let has = field.is_truthy()? && field.contains("a")?;
        if has { field.call_method1("get", ("a",)).map(Some) } else { Ok(None) }
    }

    /// The linking ISSN: 022 `$l`.
    issnl(record) {
        let field = record.call_method1("get", ("022",))?;
        let has = field.is_truthy()? && field.contains("l")?;
        if has { field.get_item("l").map(Some) } else { Ok(None) }
    }

    /// The Superintendent of Documents classification number: 086.
    sudoc(record) {
        formatted(record, &["086"])
    }

    /// The main entry: the first of 100, 110 or 111.
    author(record) {
        formatted(record, &["100", "110", "111"])
    }

    /// The uniform title: the first of 130 or 240.
    uniformtitle(record) {
        formatted(record, &["130", "240"])
    }

    /// The series fields: 440, 490, 800, 810, 811, 830.
    series(record) {
        fields(record, SERIES).map(Some)
    }

    /// The subject fields: 6XX.
    subjects(record) {
        fields(record, SUBJECTS).map(Some)
    }

    /// The added-entry fields: 7XX.
    addedentries(record) {
        fields(record, ADDED_ENTRIES).map(Some)
    }

    /// The location fields: 852.
    location(record) {
        fields(record, &["852"]).map(Some)
    }

    /// The note fields: 5XX.
    notes(record) {
        fields(record, NOTES).map(Some)
    }

    /// The physical-description fields: 300.
    physicaldescription(record) {
        fields(record, &["300"]).map(Some)
    }

    /// The publisher: `$b` of the first 260, or 264 with second indicator 1.
    publisher(record) {
        imprint(record, "b")
    }

    /// The date of publication as printed: `$c` of the first 260, or 264 with second indicator 1.
    pubyear(record) {
        imprint(record, "c")
    }
}

/// `$a` and `$b` of the first field with this tag. As long as the record's fields are not made, they are found in its
/// bytes.
fn title<'py>(record: &Bound<'py, Record>, tag: [u8; 3]) -> Found<'py> {
    let py = record.py();
    if record.is_exact_instance_of::<Record>()
        && let Some((original, Rules::Pymarc(rule))) = record.get().unmade()
        && rule != Rule::Bytes
    {
        return title_of(py, &original, rule, tag);
    }
    let tag = text(py, &tag)?;
    let field = record.call_method1(intern!(py, "get"), (tag,))?;
    if !field.is_truthy()? {
        return Ok(None);
    }
    let title = field.call_method1(intern!(py, "get"), ("a",))?;
    if title.is_truthy()? {
        let rest = field.call_method1(intern!(py, "get"), ("b",))?;
        if rest.is_truthy()? {
            let rest = formatted_text(&rest)?;
            return title.add(PyString::new(py, " ").add(rest)?).map(Some);
        }
    }
    Ok(Some(title).filter(|title| !title.is_none()))
}

/// The same in the bytes of a plain record.
fn title_of<'py>(py: Python<'py>, record: &Original, rule: Rule, tag: [u8; 3]) -> Found<'py> {
    let Some(entry) = record.entry(tag) else { return Ok(None) };
    let (mut title, mut rest) = (None, None);
    let (_, subfields) = split_field(field_bytes(&record.bytes, &entry));
    for (code, value) in subfields {
        match code {
            b'a' if title.is_none() => title = Some(value),
            b'b' if rest.is_none() => rest = Some(value),
            _ => {}
        }
    }
    let Some(title) = title else { return Ok(None) };
    let title = subfield_value(title, rule);
    let rest = subfield_value(rest.unwrap_or_default(), rule);
    let (title, rest) = (title.as_utf8(), rest.as_utf8());
    let whole = match title.is_empty() || rest.is_empty() {
        true => text(py, title),
        false => text(py, &[title, b" ", rest].concat()),
    };
    whole.map(|whole| Some(whole.into_any()))
}

fn isbn<'py>(record: &Bound<'py, Record>) -> Found<'py> {
    let py = record.py();
    let field = record.call_method1(intern!(py, "get"), ("020",))?;
    if !field.is_truthy()? {
        return Ok(None);
    }
    let number = field.call_method1(intern!(py, "get"), ("a",))?;
    if !number.is_truthy()? {
        return Ok(None);
    }
    let found = py.import("mrrc._fields")?.getattr("isbn_regex")?.call_method1("search", (number,))?;
    if found.is_none() {
        return Ok(None);
    }
    found.call_method1("group", (1,))?.call_method1("replace", ("-", "")).map(Some)
}

/// The first field with one of these tags, the first tag first, as people read it.
fn formatted<'py>(record: &Bound<'py, Record>, tags: &[&str]) -> Found<'py> {
    for tag in tags {
        let field = record.call_method1(intern!(record.py(), "get"), (tag,))?;
        if field.is_truthy()? {
            return field.call_method0("format_field").map(Some);
        }
    }
    Ok(None)
}

fn fields<'py>(record: &Bound<'py, Record>, tags: &[&str]) -> PyResult<Bound<'py, PyAny>> {
    let tags = PyTuple::new(record.py(), tags)?;
    record.call_method1(intern!(record.py(), "get_fields"), tags)
}

/// A subfield of the first 260, or of the first 264 that names a publisher, whichever comes first.
fn imprint<'py>(record: &Bound<'py, Record>, code: &str) -> Found<'py> {
    for field in fields(record, &["260", "264"])?.try_iter()? {
        let field = field?;
        let tag = field.getattr("tag")?;
        if tag.eq("260")? || tag.eq("264")? && field.getattr("indicator2")?.eq("1")? {
            return field.call_method1("get", (code,)).map(|value| Some(value).filter(|it| !it.is_none()));
        }
    }
    Ok(None)
}
