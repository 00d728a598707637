//! The tuples and classes that are written in Python, found once.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyString, PyTuple, PyType};

/// An argument that may be anything, None as well; or its default.
pub(super) enum Given<'py> {
    Default,
    Object(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Given<'py>> {
        Ok(Given::Object(object.to_owned()))
    }
}

impl<'py> Given<'py> {
    pub(super) fn or_bool(self, py: Python<'py>, default: bool) -> Bound<'py, PyAny> {
        match self {
            Given::Default => PyBool::new(py, default).to_owned().into_any(),
            Given::Object(object) => object,
        }
    }

    pub(super) fn or_text(self, py: Python<'py>, default: &str) -> Bound<'py, PyAny> {
        match self {
            Given::Default => PyString::new(py, default).into_any(),
            Given::Object(object) => object,
        }
    }
}

/// A class of a module of ours.
fn class<'py>(
    cell: &'static PyOnceLock<Py<PyType>>,
    py: Python<'py>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyType>> {
    cell.import(py, module, name)
}

pub(super) fn subfield<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._tuples", "Subfield")
}

pub(super) fn indicators<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._tuples", "Indicators")
}

pub(super) fn leader<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    class(&CLASS, py, "mrrc._leader", "Leader")
}

/// A `Subfield` or `Indicators` of two strings, or of whatever a script gives.
///
/// What `class(first, second)` gives, in a third of the time: half of what there is to make of a record are these.
#[allow(unsafe_code)]
pub(super) fn pair<'py>(
    class: &Bound<'py, PyType>,
    first: Bound<'py, PyAny>,
    second: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    debug_assert!(class.is_subclass_of::<PyTuple>()?);
    let is_text = first.is_exact_instance_of::<PyString>() && second.is_exact_instance_of::<PyString>();
    // SAFETY: both classes are named tuples of ours, heap types that add no room of their own to that of `tuple`, so
    // that their instances are laid out like one; of the two places that are asked for each is filled once, with a
    // reference that is given away, before anybody else sees the tuple.
    unsafe {
        let made = ffi::PyType_GenericAlloc(class.as_type_ptr(), 2);
        let made = Bound::from_owned_ptr_or_err(py, made)?;
        ffi::PyTuple_SET_ITEM(made.as_ptr(), 0, first.into_ptr());
        ffi::PyTuple_SET_ITEM(made.as_ptr(), 1, second.into_ptr());
        if is_text {
            // Two strings are part of no circle.
            ffi::PyObject_GC_UnTrack(made.as_ptr().cast());
        }
        Ok(made)
    }
}

/// What objects have by subclasses, or by scripts, as their pickled state has it: None if there is nothing.
pub(super) fn own_attributes<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let attributes = object.getattr_opt("__dict__")?;
    Ok(attributes.filter(|it| it.is_truthy().unwrap_or(true)))
}

/// A string of UTF-8: what `PyString::from_bytes` gives, in half the time where it is ASCII, as nearly all values are.
#[allow(unsafe_code)]
pub(super) fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    // Python has those of one character already.
    if bytes.len() < 2 || !bytes.is_ascii() {
        return PyString::from_bytes(py, bytes);
    }
    // SAFETY: the string has room for so many characters of a byte each, and all are there before anybody else sees
    // it; none is above 127, as is promised.
    unsafe {
        let made = ffi::PyUnicode_New(bytes.len() as isize, 127);
        let made = Bound::from_owned_ptr_or_err(py, made)?;
        let room = ffi::PyUnicode_1BYTE_DATA(made.as_ptr());
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), room, bytes.len());
        Ok(made.cast_into_unchecked())
    }
}

/// How many references there are to an object, that of the caller among them.
#[allow(unsafe_code)]
pub(super) fn references(object: &Bound<'_, PyAny>) -> isize {
    // SAFETY: the object is alive, and nobody changes the number while Python's lock is held.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) }
}

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
