//! A sink that keeps records as bytes: as they were found, or laid out anew where that is asked for; and beside them the
//! bytes that are no record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::query::Computed;
use super::sink::{Outcome, Pushed, Sink};
use crate::charset::Charset;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::{Refusal, WriteError};
use crate::forms::{Marc, WriteOptions};
use crate::iso2709::framing::items;
use crate::iso2709::oversize::Encoder;
use crate::iso2709::{Kind, RecordView};
use crate::notation::Tags;
use crate::options::Options;
use crate::record::reading::Reading;
use crate::record::{Value, Visit};

/// Which records are other bytes than those that they were read from. Those of another format always are: they become
/// ISO 2709 in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copying {
    /// None. Text is not looked at.
    AsFound,
    /// Those that had to be repaired: lengths and directory are made anew, and fields are the same bytes. Text is not
    /// looked at.
    Sound,
    /// Those that had to be repaired, that are in another encoding than UTF-8, or of which fields are left out.
    Utf8,
}

/// Records as bytes, or as text.
#[derive(Default)]
pub struct Copied {
    /// The records, one after another.
    pub bytes: Vec<u8>,
    /// Where each record ends; one that cannot be written has no bytes.
    pub ends: Vec<usize>,
    /// The value of the first column that was asked for, for each record.
    pub values: Option<ArrayRef>,
    /// The bytes between and in place of records, but for filler, and those of records that were not delivered.
    pub refused: Vec<u8>,
    /// Why records cannot be written, and what is odd about others.
    pub refusals: Vec<Refusal>,
}

impl Copied {
    /// The records, each as its bytes.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| self.bytes.get(begin..*end).unwrap_or_default())
    }

    /// Whether there is nothing of the source in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.refused.is_empty()
    }
}

/// Takes records as bytes.
pub(super) struct Copies {
    copying: Copying,
    options: Arc<Options>,
    /// Computes the values that are asked for.
    computed: Option<Box<Computed>>,
    copied: Copied,
}

impl Copies {
    /// With room for records of `bytes` bytes altogether.
    pub(super) fn new(
        copying: Copying,
        options: Arc<Options>,
        computed: Option<Computed>,
        bytes: usize,
    ) -> Copies {
        let copied = Copied { bytes: Vec::with_capacity(bytes), ..Copied::default() };
        Copies { copying, options, computed: computed.map(Box::new), copied }
    }

    /// Adds a record as these bytes.
    fn add(&mut self, reading: &Reading<'_>, bytes: &[u8]) -> Pushed {
        self.copied.bytes.extend_from_slice(bytes);
        self.copied.ends.push(self.copied.bytes.len());
        if let Some(computed) = &mut self.computed {
            computed.push_looked_at(reading);
        }
        Pushed { rows: 1, ..Pushed::default() }
    }

    fn add_as_found(&mut self, reading: &Reading<'_>) -> Pushed {
        self.add(reading, reading.record().bytes())
    }

    /// Adds a record with the same fields, of which all numbers are right.
    fn add_sound(&mut self, reading: &Reading<'_>) -> Pushed {
        let mut bytes = Vec::with_capacity(reading.record().bytes().len());
        match lay_out(reading.record(), &mut bytes) {
            Ok(()) => self.add(reading, &bytes),
            Err(found) => Pushed { findings: vec![unwritable(found)], ..Pushed::default() },
        }
    }

    /// Adds a record in UTF-8. One that cannot be written is refused if UTF-8 was asked for, and has no bytes;
    /// otherwise it is not delivered.
    fn add_utf8(&mut self, reading: &Reading<'_>, is_repaired: bool) -> Pushed {
        let tags = self.options.columns.tags.as_ref();
        let may_stay = !is_repaired && tags.is_none() && reading.declared() == Some(Charset::Utf8);
        if may_stay && reading.charset() == Charset::Utf8 && reading.plain_text().is_some() {
            return self.add_as_found(reading);
        }
        let mut marc = Marc::new(WriteOptions::default());
        let findings = match tags {
            Some(tags) => reading.visit(&mut Chosen::new(tags, &mut marc)),
            None => reading.visit(&mut marc),
        };
        let Ok(findings) = findings;
        if findings.iter().any(|finding| !self.options.records.on_error.delivers(finding.severity)) {
            return Pushed { rows: 1, findings, ..Pushed::default() };
        }
        let mut bytes = Vec::new();
        let place = Some(self.copied.ends.len() as u64);
        match marc.finish(reading.record().leader(), &mut bytes) {
            Ok(odd) => {
                self.copied.refusals.extend(odd.into_iter().map(|odd| Refusal { record: place, ..odd }))
            }
            Err(WriteError(refusal)) if self.copying == Copying::Utf8 => {
                self.copied.refusals.push(Refusal { record: place, ..*refusal });
            }
            Err(error) => {
                let findings = findings.into_iter().chain([unwritable(error.short())]).collect();
                return Pushed { findings, ..Pushed::default() };
            }
        }
        Pushed { findings, ..self.add(reading, &bytes) }
    }
}

impl Sink for Copies {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        match self.copying {
            _ if reading.is_translated() => self.add_utf8(reading, true),
            Copying::AsFound | Copying::Sound => self.add_as_found(reading),
            Copying::Utf8 => self.add_utf8(reading, false),
        }
    }

    fn push_repaired(&mut self, reading: &Reading<'_>) -> Pushed {
        match self.copying {
            _ if reading.is_translated() => self.add_utf8(reading, true),
            Copying::AsFound => self.add_as_found(reading),
            Copying::Sound => self.add_sound(reading),
            Copying::Utf8 => self.add_utf8(reading, true),
        }
    }

    fn refuse(&mut self, bytes: &[u8]) {
        self.copied.refused.extend_from_slice(bytes);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        let Copies { computed, mut copied, .. } = *self;
        if let Some(computed) = computed {
            copied.values = Computed::finish(*computed)?.columns().first().cloned();
        }
        Ok(Outcome::Copied(copied))
    }
}

/// The finding about a record that cannot be written.
fn unwritable(found: String) -> Diagnostic {
    let mut finding = Diagnostic::new(Code::Unwritable, Severity::Fatal, 0);
    finding.found = found;
    finding
}

/// Appends a record with the fields of another, each the same bytes, of which all numbers are right; or says why that
/// is impossible.
fn lay_out(record: &RecordView<'_>, to: &mut Vec<u8>) -> Result<(), String> {
    const ENTRY_MAP: &[u8; 4] = b"4500";
    let mut leader = record.leader().0;
    leader[20..].copy_from_slice(ENTRY_MAP);
    let fields: Vec<_> = record.fields().map(|field| (field.tag().bytes(), field.bytes())).collect();
    Encoder::new(&leader).encode(&fields, to).map_err(|error| error.short())?;
    match items(to, to.len()).next() {
        Some(item) if item.kind == Kind::Record && item.severity() <= Some(Severity::Warning) => Ok(()),
        _ => Err("what would be written cannot be read back".into()),
    }
}

/// Passes on the fields that have certain tags.
pub(super) struct Chosen<'a, V> {
    tags: &'a Tags,
    is_chosen: bool,
    to: &'a mut V,
}

impl<'a, V: Visit> Chosen<'a, V> {
    pub(super) fn new(tags: &'a Tags, to: &'a mut V) -> Chosen<'a, V> {
        Chosen { tags, is_chosen: false, to }
    }

    fn begin(&mut self, tag: &str) -> bool {
        self.is_chosen = tag.parse().is_ok_and(|tag| self.tags.have(tag));
        self.is_chosen
    }
}

impl<V: Visit> Visit for Chosen<'_, V> {
    type Stop = V::Stop;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), V::Stop> {
        if self.begin(tag) { self.to.control(tag, data) } else { Ok(()) }
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), V::Stop> {
        if self.begin(tag) { self.to.data(tag, indicators, stray) } else { Ok(()) }
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), V::Stop> {
        if self.is_chosen { self.to.subfield(code, value) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), V::Stop> {
        if self.is_chosen { self.to.end() } else { Ok(()) }
    }
}
