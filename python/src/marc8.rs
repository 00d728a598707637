//! MARC-8 as pymarc reads it: one value at a time, and its tables.

use mrrc::Error;
use mrrc::internals::charset::marc8::pymarc::{self, Converter, Note};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::exception;
use crate::guard::guarded;

/// The text, the sets in G0 and G1 afterwards, whether the bytes are cut (then there is no text), and the lines for
/// standard error.
type Translated = (String, u32, u32, bool, Vec<String>);

#[pyfunction]
#[pyo3(signature = (g0, g1, data, quiet, /))]
pub(crate) fn _marc8_translate(
    py: Python<'_>,
    g0: u32,
    g1: u32,
    data: &[u8],
    quiet: bool,
) -> PyResult<Translated> {
    translated(py, g0, g1, quiet, |converter, out, note| converter.translate(data, out, note))
}

/// The same for text, as its code points in UTF-32, little-endian.
#[pyfunction]
#[pyo3(signature = (g0, g1, points, quiet, /))]
pub(crate) fn _marc8_translate_code_points(
    py: Python<'_>,
    g0: u32,
    g1: u32,
    points: &[u8],
    quiet: bool,
) -> PyResult<Translated> {
    let (points, _) = points.as_chunks::<4>();
    let points: Vec<u32> = points.iter().map(|point| u32::from_le_bytes(*point)).collect();
    translated(py, g0, g1, quiet, |converter, out, note| converter.translate_code_points(&points, out, note))
}

fn translated(
    py: Python<'_>,
    g0: u32,
    g1: u32,
    quiet: bool,
    translate: impl FnOnce(&mut Converter, &mut String, &mut dyn FnMut(Note)) -> Result<(), pymarc::Cut>,
) -> PyResult<Translated> {
    let work = || -> Result<Translated, Error> {
        let (mut converter, mut text, mut notes) = (Converter { g0, g1 }, String::new(), Vec::new());
        let mut note = |note: Note| {
            if !(quiet && matches!(note, Note::Unparsed { .. })) {
                notes.push(note.to_string());
            }
        };
        let is_cut = translate(&mut converter, &mut text, &mut note).is_err();
        Ok((text, converter.g0, converter.g1, is_cut, notes))
    };
    guarded(work).map_err(|error| exception(py, error))
}

/// pymarc's `CODESETS`.
#[pyfunction]
pub(crate) fn _marc8_codesets(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let sets = PyDict::new(py);
    for (set, entries) in pymarc::codesets() {
        let characters = PyDict::new(py);
        for (number, character, combining) in entries {
            characters.set_item(number, (u32::from(character), u8::from(combining)))?;
        }
        sets.set_item(set, characters)?;
    }
    Ok(sets)
}

/// pymarc's `ODD_MAP`.
#[pyfunction]
pub(crate) fn _marc8_odd_map(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let odd = PyDict::new(py);
    for (number, character) in pymarc::ODD {
        odd.set_item(number, u32::from(character))?;
    }
    Ok(odd)
}
