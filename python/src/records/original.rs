//! What a record keeps of how it was read: its bytes, and what cannot be derived from them.

use mrrc::internals::diagnostic::{Diagnostic, Severity};
use mrrc::internals::iso2709::pymarc::{Stated, find_entry};
use mrrc::internals::iso2709::{Entry, RecordView};
use mrrc::internals::record::Visit;
use mrrc::internals::record::exact::leader_characters;
use mrrc::internals::record::fingerprint::Fingerprint;
use mrrc::internals::record::judge::Recovered;
use mrrc::internals::record::pymarc::{Rule, entries};
use mrrc::internals::record::reading::{Reading, Rules};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::guard::shielded;

/// A record as it was read.
pub(super) struct Original {
    pub(super) bytes: Box<[u8]>,
    /// How its fields are made when they are first used; `None` if they were made at once.
    pub(super) rules: Option<Rules>,
    /// All its parts agree.
    pub(super) is_sound: bool,
    /// What the bytes do not say of the fields.
    pub(super) provenance: Provenance,
}

/// What is known of a record's fields beside its bytes.
pub(super) enum Provenance {
    /// The bytes say it all.
    Bytes,
    /// What was found by the rules of columns.
    Recovered(Box<Recovered>),
    /// What the record was: of one whose fields were made at once, or of a copy.
    Fields(Box<Earlier>),
}

/// What a record was when it was read.
pub(super) struct Earlier {
    /// Of its fields, to know whether they changed.
    pub(super) fingerprint: Fingerprint,
    pub(super) repairs: Vec<String>,
    pub(super) is_repaired: bool,
}

impl Original {
    /// Bytes that are plain by this rule.
    pub(super) fn new(bytes: Box<[u8]>, rule: Rule, is_sound: bool) -> Original {
        Original { bytes, rules: Some(Rules::Pymarc(rule)), is_sound, provenance: Provenance::Bytes }
    }

    pub(super) fn recovered(bytes: Box<[u8]>, recovered: Box<Recovered>) -> Original {
        let rules = Some(recovered.rules);
        Original { bytes, rules, is_sound: false, provenance: Provenance::Recovered(recovered) }
    }

    /// Bytes whose fields were made at once, or belong to another record.
    pub(super) fn of_fields(bytes: Box<[u8]>, earlier: Option<Earlier>) -> Original {
        let provenance = earlier.map_or(Provenance::Bytes, |earlier| Provenance::Fields(Box::new(earlier)));
        Original { bytes, rules: None, is_sound: false, provenance }
    }

    /// Passes the parts of its fields to a visitor, if they are made on first use.
    pub(super) fn visit<V: Visit>(&self, to: &mut V) -> PyResult<()>
    where
        PyErr: From<V::Stop>,
    {
        Ok(shielded(|| self.visit_parts(to))??)
    }

    fn visit_parts<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
        match (self.rules, &self.provenance) {
            (Some(rules), Provenance::Recovered(recovered)) => {
                let Some(record) = RecordView::new(&self.bytes, &recovered.entries) else { return Ok(()) };
                let record = recovered.leader.map_or(record, |leader| record.with_leader(leader));
                Reading::new(record, rules).visit(to).map(drop)
            }
            (Some(rules), _) => {
                let entries = entries(&self.bytes);
                let Some(record) = RecordView::new(&self.bytes, &entries) else { return Ok(()) };
                Reading::new(record, rules).visit(to).map(drop)
            }
            (None, _) => Ok(()),
        }
    }

    /// Values stay bytes.
    pub(super) fn is_raw(&self) -> bool {
        matches!(self.rules, Some(Rules::Bytes | Rules::Pymarc(Rule::Bytes)))
    }

    /// The entry at a place, of bytes that say it all.
    pub(super) fn entry_at(&self, place: usize) -> Option<Entry> {
        Stated::of(&self.bytes)?.entry(place)
    }

    /// The first entry with a tag.
    pub(super) fn entry(&self, tag: [u8; 3]) -> Option<Entry> {
        match &self.provenance {
            Provenance::Recovered(recovered) => {
                recovered.entries.iter().find(|entry| entry.tag.bytes() == tag).copied()
            }
            _ => find_entry(&self.bytes, tag),
        }
    }

    /// The leader as text; in `is_coded`, position 9 says UTF-8.
    pub(super) fn leader(&self, is_coded: bool) -> String {
        match &self.provenance {
            Provenance::Recovered(recovered) => {
                let bytes = recovered.leader.as_ref().map_or(&*self.bytes, |it| &it.0);
                with_coding(leader_characters(bytes), is_coded)
            }
            _ => leader_text(&self.bytes, is_coded),
        }
    }

    pub(super) fn repairs(&self) -> Vec<String> {
        match &self.provenance {
            Provenance::Bytes => Vec::new(),
            Provenance::Recovered(recovered) => recovered.findings.iter().map(repair_text).collect(),
            Provenance::Fields(earlier) => earlier.repairs.clone(),
        }
    }

    /// Its structure contradicted itself, so its bytes should not be written again.
    pub(super) fn is_repaired(&self) -> bool {
        match &self.provenance {
            Provenance::Bytes => false,
            Provenance::Recovered(recovered) => {
                recovered.findings.iter().any(|finding| finding.severity == Severity::Repaired)
            }
            Provenance::Fields(earlier) => earlier.is_repaired,
        }
    }

    /// What the fields were, or `None` if that is not known.
    pub(super) fn fingerprint(&self) -> PyResult<Option<Fingerprint>> {
        Ok(match (self.rules, &self.provenance) {
            (Some(_), _) => {
                let mut fingerprint = Fingerprint::default();
                self.visit(&mut fingerprint)?;
                Some(fingerprint)
            }
            (None, Provenance::Fields(earlier)) => Some(earlier.fingerprint.clone()),
            (None, _) => None,
        })
    }

    /// It as a copy of the record, or a pickle, has it: bytes, fields, repairs.
    pub(super) fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let fingerprint = self.fingerprint()?.map(|it| PyBytes::new(py, it.bytes()));
        (PyBytes::new(py, &self.bytes), fingerprint, self.repairs(), self.is_repaired()).into_pyobject(py)
    }

    pub(super) fn of_state(state: &Bound<'_, PyAny>) -> PyResult<Original> {
        type State = (Vec<u8>, Option<Vec<u8>>, Vec<String>, bool);
        let (bytes, fingerprint, repairs, is_repaired): State = state.extract()?;
        let earlier = fingerprint.map(Fingerprint::of_bytes);
        let earlier = earlier.map(|fingerprint| Earlier { fingerprint, repairs, is_repaired });
        Ok(Original::of_fields(bytes.into(), earlier))
    }
}

/// The first 24 bytes as text, as pymarc reads them.
pub(super) fn leader_text(bytes: &[u8], is_coded: bool) -> String {
    let leader: Vec<u8> = bytes.iter().take(24).copied().collect();
    let text = String::from_utf8(leader)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    with_coding(text, is_coded)
}

/// The leader, with `a` in position 9 if it is coded.
pub(super) fn with_coding(mut leader: String, is_coded: bool) -> String {
    let coding = leader.char_indices().nth(9).filter(|_| is_coded);
    if let Some((place, coding)) = coding {
        leader.replace_range(place..place + coding.len_utf8(), "a");
    }
    leader
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
