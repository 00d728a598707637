//! Where a file is written: at a path of this machine, or in a store, where it arrives once it is complete.

use std::path::{Path, PathBuf};

use mrrc::{Error, Result};
use pyo3::prelude::*;

use crate::address;
use crate::options::Argument;
use crate::store::is_stored;

pub(crate) struct Destination {
    path: PathBuf,
    /// What `mrrc._store` has for a file that becomes an object.
    upload: Option<Py<PyAny>>,
}

impl Destination {
    /// The destination that an argument with this name is: a path, an address, or an object in a store. `storage` is what
    /// the store of an address is to be told.
    pub(crate) fn of(
        name: &'static str,
        given: &Bound<'_, PyAny>,
        storage: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Destination> {
        let py = given.py();
        let made = |object: &Bound<'_, PyAny>| -> PyResult<Destination> {
            let upload = object.call_method0("upload")?;
            let path = upload.getattr("path")?.extract()?;
            Ok(Destination { path, upload: Some(upload.unbind()) })
        };
        if is_stored(given)? {
            return made(given);
        }
        let path = Argument::new(name, given.clone()).path()?;
        match address::in_store(py, &path)? {
            Some(address) => made(&py.import("mrrc._store")?.getattr("Object")?.call1((address, storage))?),
            None => Ok(Destination { path: address::written_to(&path)?, upload: None }),
        }
    }

    /// The file to be written.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file, which is complete, to where it belongs.
    pub(crate) fn arrive(&self) -> Result<()> {
        let Some(upload) = &self.upload else { return Ok(()) };
        Python::attach(|py| upload.call_method0(py, "put").map(drop))
            .map_err(|exception| Error::Interrupted(Box::new(exception)))
    }
}
