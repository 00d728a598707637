//! What a record keeps of how it was read: its bytes, and what they do not say themselves.

use mrrc::diagnostic::Diagnostic;
use mrrc::iso2709::lenient::find_entry;
use mrrc::iso2709::{Entries, Entry};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use super::ahead::Recovered;
use super::print::Print;
use super::text::{Rule, entries, walk};

/// A record as it was read.
pub(super) struct Read {
    pub(super) bytes: Box<[u8]>,
    /// How its fields are made when they are asked for; none if they were made at once.
    pub(super) rule: Option<Rule>,
    /// All its parts agree.
    pub(super) is_sound: bool,
    /// What the bytes do not say of the fields.
    pub(super) told: Told,
}

/// What is known of a record's fields beside its bytes.
pub(super) enum Told {
    /// Nothing: the bytes say it all.
    Nothing,
    /// What was found by the rules of columns.
    Recovered(Box<Recovered>),
    /// What the fields were, to know whether they changed: of a record whose fields were made at once, or of a copy.
    /// And what was repaired.
    Fields(Box<(Print, Vec<String>)>),
}

impl Read {
    /// Bytes that are plain by this rule.
    pub(super) fn new(bytes: Box<[u8]>, rule: Rule, is_sound: bool) -> Read {
        Read { bytes, rule: Some(rule), is_sound, told: Told::Nothing }
    }

    pub(super) fn recovered(bytes: Box<[u8]>, recovered: Box<Recovered>) -> Read {
        let rule = Some(recovered.rule);
        Read { bytes, rule, is_sound: false, told: Told::Recovered(recovered) }
    }

    /// Bytes whose fields were made at once, or belong to another record.
    pub(super) fn of_fields(bytes: Box<[u8]>, print: Option<Print>, repairs: Vec<String>) -> Read {
        let told = print.map_or(Told::Nothing, |print| Told::Fields(Box::new((print, repairs))));
        Read { bytes, rule: None, is_sound: false, told }
    }

    pub(super) fn entries(&self) -> Entries {
        match &self.told {
            Told::Recovered(recovered) => recovered.entries.clone(),
            _ => entries(&self.bytes),
        }
    }

    /// The first entry with a tag.
    pub(super) fn entry(&self, tag: [u8; 3]) -> Option<Entry> {
        match &self.told {
            Told::Recovered(recovered) => recovered.entries.iter().find(|entry| entry.tag == tag).copied(),
            _ => find_entry(&self.bytes, tag),
        }
    }

    pub(super) fn leader(&self) -> &[u8] {
        match &self.told {
            Told::Recovered(recovered) => recovered.leader.as_ref().map_or(&self.bytes, |it| &it.0),
            _ => &self.bytes,
        }
    }

    pub(super) fn repairs(&self) -> Vec<String> {
        match &self.told {
            Told::Nothing => Vec::new(),
            Told::Recovered(recovered) => recovered.findings.iter().map(repair_text).collect(),
            Told::Fields(told) => told.1.clone(),
        }
    }

    /// What the fields were; none if that is not known.
    pub(super) fn print(&self) -> PyResult<Option<Print>> {
        match (self.rule, &self.told) {
            (Some(rule), _) => {
                let mut print = Print::default();
                walk(&self.bytes, &self.entries(), rule, &mut print)?;
                Ok(Some(print))
            }
            (None, Told::Fields(told)) => Ok(Some(told.0.clone())),
            (None, _) => Ok(None),
        }
    }

    /// It as a copy of the record, or a pickle, has it: bytes, fields, repairs.
    pub(super) fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let print = self.print()?.map(|print| PyBytes::new(py, print.bytes()));
        (PyBytes::new(py, &self.bytes), print, self.repairs()).into_pyobject(py)
    }

    pub(super) fn of_state(state: &Bound<'_, PyAny>) -> PyResult<Read> {
        let (bytes, print, repairs): (Vec<u8>, Option<Vec<u8>>, Vec<String>) = state.extract()?;
        Ok(Read::of_fields(bytes.into(), print.map(Print::of_bytes), repairs))
    }
}

/// The first 24 bytes as text.
pub(super) fn leader_text(bytes: &[u8], is_coded: bool) -> String {
    let mut leader: Vec<u8> = bytes.iter().take(24).copied().collect();
    if let Some(coding) = leader.get_mut(9).filter(|_| is_coded) {
        *coding = b'a';
    }
    String::from_utf8(leader).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// `field-terminator in field 245; found " "; expected "\x1e"`.
fn repair_text(finding: &Diagnostic) -> String {
    let tag = finding.tag.as_ref().map(|tag| format!(" in field {tag}")).unwrap_or_default();
    let found = Some(&finding.found).filter(|it| !it.is_empty()).map(|it| format!("; found \"{it}\""));
    let expected =
        Some(&finding.expected).filter(|it| !it.is_empty()).map(|it| format!("; expected \"{it}\""));
    let (found, expected) = (found.unwrap_or_default(), expected.unwrap_or_default());
    format!("{}{tag}{found}{expected}", finding.code.name())
}
