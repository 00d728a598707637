//! Arguments as [`mrrc::Options`]; an error names the argument, its value, and the values allowed.

use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use mrrc::forms::{Unencodable, WriteEncoding, WriteOptions};
use mrrc::internals::charset::Charset;
use mrrc::internals::io::pool::MAX_THREADS;
use mrrc::internals::iso2709::oversize::Oversize;
use mrrc::internals::iso2709::{RECORD_TERMINATOR, SUBFIELD_DELIMITER};
use mrrc::internals::words::brief;
use mrrc::{
    Columns, Condition, Dialect, Encoding, Expression, Format, Layout, NotationError, Options, Policy,
    Provenance, Select, Tags,
};
use pyo3::exceptions::{PyFileNotFoundError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBool, PyBytes, PyDict, PySequence, PyString};

/// Half of what a binary column can hold in one batch.
const MOST_BYTES: u64 = 1 << 30;

/// The arguments of `read_arrow` and `scan`, except the source and the progress.
pub(crate) fn options(keywords: &Bound<'_, PyDict>) -> PyResult<Options> {
    let given = |name: &'static str| -> PyResult<Argument<'_>> {
        let value = keywords.get_item(name)?;
        value
            .map(|value| Argument::new(name, value))
            .ok_or_else(|| PyTypeError::new_err(format!("{name} is missing")))
    };
    let options = Options::default()
        .layout(given("layout")?.one_of(&LAYOUTS)?)
        .tags(given("tags")?.if_any(Argument::tags)?)
        .batch_size(given("batch_size")?.whole(1..=u64::MAX)? as usize)
        .n_rows(given("n_rows")?.if_any(|it| it.whole(0..=u64::MAX))?)
        .threads(given("threads")?.threads()?)
        .byte_range(given("byte_range")?.range()?)
        .provenance(given("provenance")?.provenance()?)
        .max_record(given("max_record")?.whole(1..=MOST_BYTES)? as usize)
        .format(given("format")?.one_of(Format::ALL)?)
        .encoding(given("encoding")?.encoding()?)
        .dialect(given("dialect")?.one_of(&DIALECTS)?)
        .on_error(given("on_error")?.one_of(&POLICIES)?)
        .references(given("references")?.yes_or_no()?)
        .columns(given("columns")?.if_any(Argument::columns)?)
        .filter(given("where")?.if_any(Argument::condition)?);
    if options.columns.expressions.is_some() && options.columns.layout != Layout::default() {
        return Err(PyValueError::new_err(
            "layout and columns cannot both be given: expressions make one row per record",
        ));
    }
    let options = match keywords.get_item("select")?.filter(|columns| !columns.is_none()) {
        Some(columns) => options.select(Select::Some(columns.extract()?)),
        None => options,
    };
    let options = match (keywords.get_item("part")?, options.limits.byte_range.clone()) {
        (Some(_), Some(range)) => options.part(range),
        _ => options,
    };
    Ok(match keywords.get_item("window")? {
        Some(bytes) => options.window(Argument::new("window", bytes).whole(1..=MOST_BYTES)? as usize),
        None => options,
    })
}

const DIALECTS: [(&str, Dialect); 2] = [("marc21", Dialect::Marc21), ("unimarc", Dialect::Unimarc)];
const LAYOUTS: [(&str, Layout); 3] =
    [("nested", Layout::Nested), ("fields", Layout::Fields), ("subfields", Layout::Subfields)];
const POLICIES: [(&str, Policy); 3] =
    [("raise", Policy::Raise), ("skip", Policy::Skip), ("recover", Policy::Recover)];

/// What `mrrc.scan` is to be told to read what these options say, as far as the command can say it.
pub(crate) fn keywords<'py>(py: Python<'py>, options: &Options) -> PyResult<Bound<'py, PyDict>> {
    let keywords = PyDict::new(py);
    let Options { records, columns, .. } = options;
    if let Some(expressions) = &columns.expressions {
        let texts = expressions.iter().map(|(name, expression)| (name, expression.to_string()));
        keywords.set_item("columns", texts.into_py_dict(py)?)?;
    } else {
        keywords.set_item("layout", name_in(&LAYOUTS, columns.layout))?;
        keywords.set_item("tags", columns.tags.as_ref().map(Tags::to_string))?;
    }
    keywords.set_item("where", columns.filter.as_ref().map(Condition::to_string))?;
    keywords.set_item("format", records.format.name())?;
    keywords.set_item("encoding", records.encoding.name())?;
    keywords.set_item("dialect", name_in(&DIALECTS, records.dialect))?;
    keywords.set_item("on_error", name_in(&POLICIES, records.on_error))?;
    Ok(keywords)
}

/// The name of a choice.
fn name_in<T: PartialEq>(choices: &[(&'static str, T)], choice: T) -> Option<&'static str> {
    choices.iter().find(|(_, it)| *it == choice).map(|(name, _)| *name)
}

/// A number of rows, for methods with an argument `n`.
#[derive(Clone, Copy)]
pub(crate) struct RowCount(pub(crate) u64);

impl RowCount {
    pub(crate) fn at_most(self, rows: usize) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX).min(rows)
    }
}

impl<'py> FromPyObject<'_, 'py> for RowCount {
    type Error = PyErr;

    fn extract(n: Borrowed<'_, 'py, PyAny>) -> PyResult<RowCount> {
        Argument::new("n", n.to_owned()).whole(0..=u64::MAX).map(RowCount)
    }
}

/// The arguments that say how records are written.
pub(crate) fn write_options(
    py: Python<'_>,
    encoding: &str,
    unencodable: &str,
    oversize: &str,
) -> PyResult<WriteOptions> {
    const ENCODINGS: [(&str, WriteEncoding); 2] =
        [("utf-8", WriteEncoding::Utf8), ("marc-8", WriteEncoding::Marc8)];
    const UNENCODABLE: [(&str, Unencodable); 2] =
        [("raise", Unencodable::Refuse), ("reference", Unencodable::Reference)];
    const OVERSIZE: [(&str, Oversize); 3] =
        [("raise", Oversize::Refuse), ("split", Oversize::Split), ("recover", Oversize::Saturate)];
    Ok(WriteOptions {
        encoding: Argument::of_text(py, "encoding", encoding).one_of(&ENCODINGS)?,
        unencodable: Argument::of_text(py, "unencodable", unencodable).one_of(&UNENCODABLE)?,
        oversize: Argument::of_text(py, "oversize", oversize).one_of(&OVERSIZE)?,
    })
}

/// The number of threads that a method is given; `None` for all available.
pub(crate) fn threads_of(threads: Option<Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    threads.map_or(Ok(None), |it| Argument::new("threads", it).threads())
}

/// An argument as passed.
pub(crate) struct Argument<'py> {
    name: &'static str,
    value: Bound<'py, PyAny>,
    may_be_none: bool,
}

impl<'py> Argument<'py> {
    pub(crate) fn new(name: &'static str, value: Bound<'py, PyAny>) -> Argument<'py> {
        Argument { name, value, may_be_none: false }
    }

    pub(crate) fn of_text(py: Python<'py>, name: &'static str, text: &str) -> Argument<'py> {
        Argument::new(name, PyString::new(py, text).into_any())
    }

    /// `None` for None; otherwise the result of `read`.
    fn if_any<T>(self, read: impl FnOnce(Self) -> PyResult<T>) -> PyResult<Option<T>> {
        if self.value.is_none() { Ok(None) } else { read(Argument { may_be_none: true, ..self }).map(Some) }
    }

    /// The number of threads; `None` for all available.
    pub(crate) fn threads(self) -> PyResult<Option<usize>> {
        self.if_any(|it| it.whole(1..=MAX_THREADS as u64).map(|threads| threads as usize))
    }

    /// Two offsets, the second at least as large as the first.
    fn range(self) -> PyResult<Option<Range<u64>>> {
        let choices = "(start, end), in bytes";
        self.if_any(|it| match it.value.extract::<(u64, u64)>() {
            Ok((start, end)) if start <= end => Ok(start..end),
            Ok(_) => Err(it.not_among(choices, "ends before it begins", &it.value.repr()?.to_string())),
            Err(_) => Err(it.not_a("two offsets", choices)),
        })
    }

    /// A preset, a list of expressions, or expressions by name.
    pub(crate) fn columns(self) -> PyResult<Columns> {
        let choices =
            "a list of expressions such as [\"001\", \"245$a\"], a dict of them by name, or a preset";
        let columns = if let Ok(text) = self.value.cast::<PyString>() {
            text.to_str()?.parse()
        } else if let Ok(named) = self.value.cast::<PyDict>() {
            let named = named.iter().map(|(name, text)| Ok((self.item(&name)?, self.item(&text)?)));
            Columns::of(named.collect::<PyResult<Vec<_>>>()?)
        } else {
            let texts = self.items("a list, a dict or a string", choices)?;
            Columns::of(texts.into_iter().map(|text| (text.clone(), text)))
        };
        columns.map_err(|error| self.not_written(&error))
    }

    /// Patterns of tags.
    pub(crate) fn tags(self) -> PyResult<Tags> {
        let choices = "a list such as [\"245\", \"6..\"]";
        let tags = if let Ok(text) = self.value.cast::<PyString>() {
            text.to_str()?.parse()
        } else {
            Tags::of(self.items("a list of tags", choices)?)
        };
        tags.map_err(|error| self.not_written(&error))
    }

    /// The texts of a list, but not of text itself.
    fn items(&self, expected: &str, choices: &str) -> PyResult<Vec<String>> {
        let list = self.value.cast::<PySequence>().map_err(|_| self.not_a(expected, choices))?;
        if self.value.is_instance_of::<PyBytes>() {
            return Err(self.not_a(expected, choices));
        }
        list.try_iter()?.map(|item| self.item(&item?)).collect()
    }

    /// A text in a list or a dict.
    fn item(&self, item: &Bound<'_, PyAny>) -> PyResult<String> {
        item.extract().map_err(|_| {
            let shown = item.repr().map_or_else(|_| "…".into(), |shown| shown.to_string());
            PyTypeError::new_err(format!("{}: {} is no string", self.name, brief(&shown)))
        })
    }

    /// A condition.
    pub(crate) fn condition(self) -> PyResult<Condition> {
        let text = self.text("a condition such as \"245$a ~ 'railway' and not 880\"")?;
        text.parse().map_err(|error| self.not_written(&error))
    }

    /// An expression.
    pub(crate) fn expression(self) -> PyResult<Expression> {
        let text = self.text("an expression such as \"trim(650$a)\"")?;
        text.parse().map_err(|error| self.not_written(&error))
    }

    /// The error for text that is not in the notation.
    fn not_written(&self, error: &NotationError) -> PyErr {
        PyValueError::new_err(format!("{}: {error}", self.name))
    }

    pub(crate) fn yes_or_no(self) -> PyResult<bool> {
        let given = self.value.cast::<PyBool>().map(|given| given.is_true());
        given.map_err(|_| self.not_a("a bool", "True or False"))
    }

    /// True, False or "raw".
    fn provenance(self) -> PyResult<Provenance> {
        let choices = "True, False or \"raw\"";
        if let Ok(wanted) = self.value.cast::<PyBool>() {
            return Ok(if wanted.is_true() { Provenance::With } else { Provenance::Without });
        }
        match self.value.cast::<PyString>().map(|text| text.to_string()) {
            Ok(text) if text == "raw" => Ok(Provenance::Raw),
            Ok(text) => Err(self.not_among(choices, "is not known", &format!("{text:?}"))),
            Err(_) => Err(self.not_a("a bool or a string", choices)),
        }
    }

    /// A whole number in a range.
    pub(crate) fn whole(self, range: RangeInclusive<u64>) -> PyResult<u64> {
        let choices = match (range.start(), *range.end()) {
            (least, u64::MAX) => format!("{least} or more"),
            (least, most) => format!("{least} to {most}"),
        };
        let Some(index) = self.index() else { return Err(self.not_a("a whole number", &choices)) };
        let number = index.extract().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| self.not_among(&choices, "is out of range", &shown(&index)))
    }

    /// Anything usable as an index, such as an `int` or a numpy integer; True is not accepted.
    fn index(&self) -> Option<Bound<'py, PyAny>> {
        if self.value.is_instance_of::<PyBool>() { None } else { self.value.call_method0("__index__").ok() }
    }

    pub(crate) fn text(&self, choices: &str) -> PyResult<&str> {
        self.value.cast::<PyString>().map_err(|_| self.not_a("a string", choices))?.to_str()
    }

    /// One character of ASCII that can stand between two cells of CSV.
    pub(crate) fn separator(self) -> PyResult<u8> {
        let choices = "one ASCII character, such as \",\" or \"\\t\", but no quote or line end";
        let text = self.text(choices)?;
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
            _ => Err(self.not_among(choices, "cannot separate cells", &format!("{text:?}"))),
        }
    }

    pub(crate) fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> PyResult<T> {
        let names = either(choices.iter().map(|(name, _)| format!("{name:?}")).collect());
        let text = self.text(&names)?;
        let choice = choices.iter().find(|(name, _)| *name == text);
        choice.map(|(_, it)| *it).ok_or_else(|| self.not_among(&names, "is not known", &format!("{text:?}")))
    }

    fn encoding(self) -> PyResult<Encoding> {
        let choices = "\"declared\", \"auto\", \"utf-8\", \"marc-8\", \"iso-5426\", \"latin-1\", or another such as \"windows-1252\", \"gb18030\" or \"cp850\"";
        match self.text(choices)? {
            "declared" => Ok(Encoding::Declared),
            "auto" => Ok(Encoding::Auto),
            name => Charset::named(name)
                .map(Encoding::Named)
                .ok_or_else(|| self.not_among(choices, "is not known", &format!("{name:?}"))),
        }
    }

    /// A path: text, bytes, or a path-like object.
    pub(crate) fn path(self) -> PyResult<PathBuf> {
        let is_name = self.value.is_instance_of::<PyString>() || self.value.is_instance_of::<PyBytes>();
        if !is_name && !self.value.hasattr("__fspath__")? {
            return Err(self.not_a("a path", "a string or a pathlib.Path"));
        }
        let os = self.value.py().import("os")?;
        let path: PathBuf = os.call_method1("fsdecode", (&self.value,))?.extract()?;
        match path.as_os_str().as_encoded_bytes() {
            [] => Err(PyFileNotFoundError::new_err(format!("{}='' names no file", self.name))),
            bytes if bytes.contains(&0) => {
                Err(PyValueError::new_err("a path cannot contain a NUL character"))
            }
            bytes if is_content(bytes) && !path.exists() => Err(PyTypeError::new_err(format!(
                "{} is text, {:?}…, not a path; give bytes, or open the file in binary mode: open(path, \"rb\")",
                self.name,
                path.to_string_lossy().chars().take(24).collect::<String>(),
            ))),
            _ => Ok(path),
        }
    }

    /// A callable, True, False or None.
    pub(crate) fn progress(self) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.if_any(|it| match it.value.is_callable() || it.value.is_instance_of::<PyBool>() {
            true => Ok(it.value),
            false => Err(it.not_a("True, False, None or a callable", "True for a bar")),
        })
    }

    fn not_among(&self, choices: &str, is_wrong: &str, value: &str) -> PyErr {
        let (value, choices) = (brief(value), self.or_none(choices));
        PyValueError::new_err(format!("{}={value} {is_wrong}; choose {choices}", self.name))
    }

    fn not_a(&self, expected: &str, choices: &str) -> PyErr {
        let found = self.value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let (name, choices) = (self.name, self.or_none(choices));
        PyTypeError::new_err(format!("{name} must be {expected}, not {found}; choose {choices}"))
    }

    fn or_none(&self, choices: &str) -> String {
        format!("{choices}{}", if self.may_be_none { ", or None" } else { "" })
    }
}

/// Whether a name is what stands in a file: records, or lines.
fn is_content(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte == b'\n' || (RECORD_TERMINATOR..=SUBFIELD_DELIMITER).contains(byte))
}

/// An integer in digits, if Python allows that many.
fn shown(index: &Bound<'_, PyAny>) -> String {
    index.str().map_or_else(|_| "…".into(), |digits| digits.to_string())
}

/// `"a", "b" or "c"`.
fn either(mut names: Vec<String>) -> String {
    match (names.pop(), names.as_slice()) {
        (Some(last), []) => last,
        (Some(last), others) => format!("{} or {last}", others.join(", ")),
        (None, _) => String::new(),
    }
}
