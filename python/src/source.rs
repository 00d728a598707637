//! Python sources as [`mrrc::Source`]: paths, globs, bytes, file objects, what opens these, and any number of them.

use std::path::Path;
use std::sync::Arc;

use mrrc::Source;
use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyMemoryView, PyString, PyType};

use crate::address;
use crate::error::exception;
use crate::file::{FileObject, Unopened, bytes, is_unopened};
use crate::options::Argument;
use crate::reads::Shared;
use crate::store::{Stored, is_stored};

/// Sources as an argument names them.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) found: Vec<Source>,
    /// True if rows should say which source they are from.
    pub(crate) names_sources: bool,
    /// The file objects among them.
    pub(crate) files: Vec<Shared>,
    /// The objects in stores among them, each with its place.
    pub(crate) stored: Vec<(usize, Shared)>,
}

impl Sources {
    /// The sources that an argument names now: its bytes or its list may change while they are read.
    ///
    /// If `goes_on` is true, one of several that is missing is an error only when it is read; otherwise it is one now.
    /// `storage` is what stores are to be told.
    pub(crate) fn named_by(
        argument: &Bound<'_, PyAny>,
        goes_on: bool,
        storage: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Sources> {
        let mut sources = Sources::default();
        if is_one(argument)? {
            sources.names_sources = sources.add(argument, false, storage)?;
            return Ok(sources);
        }
        sources.names_sources = true;
        for item in argument.try_iter()? {
            sources.add(&item?, goes_on, storage)?;
        }
        if sources.found.is_empty() {
            return Err(PyValueError::new_err("the list of sources is empty; name at least one file"));
        }
        Ok(sources)
    }

    /// Adds the sources that one item names; true if it is a glob.
    fn add(
        &mut self,
        item: &Bound<'_, PyAny>,
        goes_on: bool,
        storage: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let py = item.py();
        if is_stored(item)? {
            self.add_stored(item)?;
            return Ok(false);
        }
        if is_path(item)? {
            let path = Argument::new("source", item.clone()).path()?;
            if let Some(address) = address::in_store(py, &path)? {
                let store = py.import("mrrc._store")?;
                for object in store.call_method1("expand", (&address, storage))?.try_iter()? {
                    self.add_stored(&object?)?;
                }
                return store.call_method1("is_glob", (&address,))?.extract();
            }
            let path = address::read_from(&path)?;
            match expand(py, &path) {
                Err(error) if goes_on && error.is_instance_of::<PyOSError>(py) => {
                    self.found.push(Source::path(path.as_path()));
                }
                found => self.found.extend(found?),
            }
            return Ok(!path.exists());
        }
        self.found.push(if let Ok(bytes) = item.cast::<PyBytes>() {
            self.nameless(Source::bytes(PyBackedBytes::from(bytes.clone())))
        } else if is_file(item)? {
            let file = FileObject::new(item)?;
            self.files.push(file.file.clone());
            self.nameless(Source::opener(Arc::new(file)))
        } else if is_unopened(item)? {
            let file = Unopened::new(item)?;
            self.files.push(file.file.clone());
            self.nameless(Source::opener(Arc::new(file)))
        } else if let Ok(view) = PyMemoryView::from(item) {
            self.nameless(Source::bytes(PyBackedBytes::from(bytes(&view)?)))
        } else {
            return Err(PyTypeError::new_err(format!(
                "a source is a path, a glob, bytes, a binary file object, or one list of these; not {}",
                item.get_type().name()?
            )));
        });
        Ok(false)
    }

    /// A source without a name, in a list, is called by its place, so that rows say where they are from.
    fn nameless(&self, source: Source) -> Source {
        match source.name() {
            None if self.names_sources => source.with_name(format!("[{}]", self.found.len())),
            _ => source,
        }
    }

    fn add_stored(&mut self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        let stored = Stored::new(object)?;
        self.stored.push((self.found.len(), stored.object.clone()));
        self.found.push(Source::opener(Arc::new(stored)));
        Ok(())
    }

    /// Paths, bytes and objects in stores, for pickling.
    pub(crate) fn pickled<'py>(
        py: Python<'py>,
        sources: &[Source],
        stored: &[(usize, Shared)],
    ) -> PyResult<Bound<'py, PyList>> {
        let pickled = sources.iter().enumerate().map(|(place, source)| {
            if let Ok(known) = stored.binary_search_by_key(&place, |(place, _)| *place) {
                return Ok(stored[known].1.bind(py).clone());
            }
            match (source.as_path(), source.as_bytes()) {
                (Some(path), _) => Ok(path.as_os_str().into_pyobject(py)?.into_any()),
                (_, Some(bytes)) => Ok(PyBytes::new(py, bytes).into_any()),
                _ => Err(PyValueError::new_err(
                    "a Scan of a file object cannot be pickled; use its path, or bytes",
                )),
            }
        });
        PyList::new(py, pickled.collect::<PyResult<Vec<_>>>()?)
    }

    /// The sources from the result of `pickled`.
    pub(crate) fn from_pickle(pickled: &Bound<'_, PyAny>, names_sources: bool) -> PyResult<Sources> {
        let mut sources = Sources { names_sources, ..Sources::default() };
        for item in pickled.try_iter()? {
            let item = item?;
            if is_stored(&item)? {
                sources.add_stored(&item)?;
                continue;
            }
            let source = match item.cast::<PyBytes>() {
                Ok(bytes) => sources.nameless(Source::bytes(PyBackedBytes::from(bytes.clone()))),
                Err(_) => Source::path(Argument::new("source", item).path()?),
            };
            sources.found.push(source);
        }
        Ok(sources)
    }
}

/// Whether an argument is one source, or nothing that could be several.
fn is_one(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_iterable = argument.hasattr("__iter__")? && !argument.is_instance_of::<PyType>();
    Ok(!is_iterable
        || is_stored(argument)?
        || is_path(argument)?
        || argument.hasattr("__arrow_c_stream__")?
        || is_file(argument)?
        || is_unopened(argument)?
        || PyMemoryView::from(argument).is_ok())
}

/// Whether it is a path of this machine.
fn is_path(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(argument.is_instance_of::<PyString>() || argument.hasattr("__fspath__")? && !is_unopened(argument)?)
}

/// Whether it has a usable `read` method; the `read` of a class or a Scan is another kind.
fn is_file(argument: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_other = argument.is_instance_of::<PyType>() || argument.hasattr("__arrow_c_stream__")?;
    Ok(!is_other && argument.hasattr("read")?)
}

/// The files that a path or glob names; signals are answered while folders are searched.
fn expand(py: Python<'_>, path: &Path) -> PyResult<Vec<Source>> {
    let mut answer = Ok(());
    let mut goes_on = || {
        answer = Python::attach(|py| py.check_signals());
        answer.is_ok()
    };
    let found = py.detach(|| Source::expand_while(path, &mut goes_on));
    answer?;
    found.map_err(|error| exception(py, error.into()))
}
