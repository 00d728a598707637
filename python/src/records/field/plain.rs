//! Fields of our own class, whose parts can be read directly instead of by attribute.

use pyo3::intern;
use pyo3::prelude::*;

use super::{Field, RawField};

/// The tag of any object that a record has among its fields.
pub(in crate::records) fn tag_of<'py>(field: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match plain(field) {
        Some(field) => field.get().get_tag(field.py()),
        None => field.getattr(intern!(field.py(), "tag")),
    }
}

/// The object as a Field, if no subclass can have changed what its attributes are.
pub(in crate::records) fn plain<'a, 'py>(field: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, Field>> {
    if field.is_exact_instance_of::<RawField>() {
        return field.cast::<Field>().ok();
    }
    field.cast_exact::<Field>().ok()
}
