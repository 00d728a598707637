//! Calls to CPython that pyo3 does not offer: the unsafe code of the binding.

use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

/// A file object, or what may be one. Calls to it and its end may give the interpreter's lock away.
///
/// Before Python 3.14 a daemon thread that wants the lock back while the interpreter ends is unwound by the system.
/// That would end the process in frames of Rust, so such a thread sleeps here until the process is gone.
pub(crate) struct File(ManuallyDrop<Py<PyAny>>);

impl File {
    pub(crate) fn new(file: Bound<'_, PyAny>) -> File {
        File(ManuallyDrop::new(file.unbind()))
    }
}

impl Deref for File {
    type Target = Py<PyAny>;

    fn deref(&self) -> &Py<PyAny> {
        &self.0
    }
}

impl Drop for File {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        type DecRef = unsafe extern "C-unwind" fn(*mut ffi::PyObject);
        // SAFETY: as for `call`; nobody else gives the reference back.
        let release = || unsafe {
            let release = black_box(ffi::Py_DecRef as *const ());
            std::mem::transmute::<*const (), DecRef>(release)(self.0.as_ptr());
        };
        Python::try_attach(|_| sleeping(release));
    }
}

/// `file.name()`
pub(crate) fn call_method0<'py>(
    file: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    call(file.py(), name, [file.as_ptr()])
}

/// `file.name(argument)`
pub(crate) fn call_method1<'py>(
    file: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    argument: impl IntoPyObject<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let argument = argument.into_bound_py_any(file.py())?;
    call(file.py(), name, [file.as_ptr(), argument.as_ptr()])
}

/// Calls a method; the object is the first of the arguments, all of which are alive.
#[allow(unsafe_code)]
fn call<'py, const COUNT: usize>(
    py: Python<'py>,
    name: &Bound<'py, PyString>,
    arguments: [*mut ffi::PyObject; COUNT],
) -> PyResult<Bound<'py, PyAny>> {
    type Call<A> = unsafe extern "C-unwind" fn(*mut A, *const *mut A, usize, *mut A) -> *mut A;
    // SAFETY: the function is called by its own signature, but as one that may unwind; by a pointer that hides which one
    // it is, or its declaration in pyo3, which says that it does not, would count. The interpreter is attached, and name
    // and arguments are alive throughout. The result is a new reference, or null with an exception.
    sleeping(|| unsafe {
        let call = black_box(ffi::PyObject_VectorcallMethod as *const ());
        let call = std::mem::transmute::<*const (), Call<ffi::PyObject>>(call);
        let result = call(name.as_ptr(), arguments.as_ptr(), COUNT, ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, result)
    })
}

/// The result of `work`; if it unwinds, the thread sleeps for ever.
#[inline(always)]
fn sleeping<T>(work: impl FnOnce() -> T) -> T {
    let sleep = Sleep;
    let result = work();
    std::mem::forget(sleep);
    result
}

struct Sleep;

impl Drop for Sleep {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// A class whose instances are tuples of two, laid out as tuples are.
pub(crate) struct PairClass(Py<PyType>);

impl PairClass {
    /// The class, if it is one of tuples.
    pub(crate) fn of(class: &Bound<'_, PyType>) -> PyResult<PairClass> {
        match class.is_subclass_of::<PyTuple>()? {
            true => Ok(PairClass(class.clone().unbind())),
            false => Err(PyTypeError::new_err(format!("{} is not a class of tuples", class.repr()?))),
        }
    }

    pub(crate) fn bind<'py>(&self, py: Python<'py>) -> &Bound<'py, PyType> {
        self.0.bind(py)
    }

    /// Whether an object is of just this class.
    pub(crate) fn has(&self, object: &Bound<'_, PyAny>) -> bool {
        object.get_type_ptr().cast() == self.0.as_ptr()
    }

    /// An instance of two strings, or of whatever a script gives.
    ///
    /// What calling the class gives, in a third of the time: half of what there is to make of a record are these.
    #[allow(unsafe_code)]
    pub(crate) fn pair<'py>(
        &self,
        first: Bound<'py, PyAny>,
        second: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = first.py();
        let is_text = first.is_exact_instance_of::<PyString>() && second.is_exact_instance_of::<PyString>();
        // SAFETY: the class is one of tuples, as `of` found, so that its instances begin like a tuple and have room
        // for two items; each of the two is filled once, with a reference that is given away, before anybody else
        // sees the tuple.
        unsafe {
            let made = ffi::PyType_GenericAlloc(self.0.as_ptr().cast(), 2);
            let made = Bound::from_owned_ptr_or_err(py, made)?;
            ffi::PyTuple_SET_ITEM(made.as_ptr(), 0, first.into_ptr());
            ffi::PyTuple_SET_ITEM(made.as_ptr(), 1, second.into_ptr());
            // A tuple keeps its hash, and -1 says that it has none yet.
            #[cfg(Py_3_14)]
            ptr::addr_of_mut!((*made.as_ptr().cast::<ffi::PyTupleObject>()).ob_hash).write(-1);
            if is_text {
                // Two strings are part of no circle.
                ffi::PyObject_GC_UnTrack(made.as_ptr().cast());
            }
            Ok(made)
        }
    }
}

/// A string of UTF-8: what `PyString::from_bytes` gives, in half the time where it is ASCII, as nearly all values are.
#[allow(unsafe_code)]
pub(crate) fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    // Python has those of one character already.
    if bytes.len() < 2 || !bytes.is_ascii() {
        return PyString::from_bytes(py, bytes);
    }
    // SAFETY: the string has room for this number of characters of a byte each, and all are there before anybody else
    // sees it; none is above 127, as is promised.
    unsafe {
        let made = ffi::PyUnicode_New(bytes.len() as isize, 127);
        let made = Bound::from_owned_ptr_or_err(py, made)?;
        let room = ffi::PyUnicode_1BYTE_DATA(made.as_ptr());
        ptr::copy_nonoverlapping(bytes.as_ptr(), room, bytes.len());
        Ok(made.cast_into_unchecked())
    }
}

/// Whether Python knows this thread: the thread can wait for the interpreter for as long as the interpreter is there.
#[allow(unsafe_code)]
pub(crate) fn is_thread_of_python() -> bool {
    // SAFETY: it reads what the thread itself keeps, whether it is attached or not.
    unsafe { !ffi::PyGILState_GetThisThreadState().is_null() }
}

/// The number of references to an object, that of the caller among them.
#[allow(unsafe_code)]
pub(crate) fn references(object: &Bound<'_, PyAny>) -> isize {
    // SAFETY: the object is alive, and nobody changes the number while the interpreter's lock is held.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) }
}
