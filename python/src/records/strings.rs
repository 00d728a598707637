//! Strings that are shared: tags and ASCII characters; and comparing strings.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The string of a tag, the same one each time.
pub(super) fn tag<'py>(py: Python<'py>, tag: &str) -> Bound<'py, PyString> {
    static TAGS: [PyOnceLock<Py<PyString>>; 1000] = [const { PyOnceLock::new() }; 1000];
    let number = tag
        .bytes()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + usize::from(byte - b'0')));
    match number.filter(|_| tag.len() == 3).and_then(|number| TAGS.get(number)) {
        Some(cell) => cell.get_or_init(py, || PyString::intern(py, tag).unbind()).bind(py).clone(),
        None => PyString::intern(py, tag),
    }
}

/// The string of an ASCII character, the same one each time.
pub(super) fn character(py: Python<'_>, byte: u8) -> Bound<'_, PyString> {
    static CHARACTERS: [PyOnceLock<Py<PyString>>; 128] = [const { PyOnceLock::new() }; 128];
    let make = || PyString::intern(py, char::from(byte).encode_utf8(&mut [0; 4]));
    match CHARACTERS.get(usize::from(byte)) {
        Some(cell) => cell.get_or_init(py, || make().unbind()).bind(py).clone(),
        None => make(),
    }
}

/// Whether two things are equal; for the same string without asking it.
pub(super) fn equal(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    if one.is(other) && one.is_exact_instance_of::<PyString>() { Ok(true) } else { one.eq(other) }
}

/// What an f-string makes of a value.
pub(super) fn formatted<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Ok(text.clone());
    }
    let format = value.py().import("builtins")?.getattr("format")?;
    Ok(format.call1((value,))?.cast_into::<PyString>()?)
}

/// Python's `isdigit`, which knows digits of all scripts.
pub(super) fn is_digits(text: &Bound<'_, PyString>) -> PyResult<bool> {
    match text.to_str() {
        Ok(text) if text.is_ascii() => Ok(!text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())),
        _ => text.call_method0("isdigit")?.extract(),
    }
}
