//! A sink that writes records as text: MARCXML, MARC-in-JSON or MARCMaker.
//!
//! Nearly every record is plain, as [`Draft`] says. Its parts are then copied between what the form puts around them, and
//! only values with a byte in them that the form may not write as it stands are looked at closely. The others are
//! written part by part, by the same [`Text`] that writes rows.

use std::sync::Arc;

use arrow_schema::ArrowError;

use super::copied::{Chosen, Copied};
use super::draft::{Draft, Rows};
use super::kept::Kept;
use super::layout::{has_no_fault, leader};
use super::pen::append;
use super::sink::{Outcome, Pushed, Sink};
use crate::error::{Refusal, WriteError};
use crate::forms::text::{
    Form, Marks, Place, Stamp, Text, TextForm, in_form, is_plain, is_plain_name, spelled,
};
use crate::options::Options;
use crate::record::reading::Reading;

/// Takes records as text.
pub(super) struct Texts {
    form: TextForm,
    replaces: bool,
    options: Arc<Options>,
    draft: Draft,
    marks: Marks,
    kept: Option<Kept>,
    copied: Copied,
    /// How much there was before the record that was added last: bytes, records, refusals.
    before: (usize, usize, usize),
}

impl Texts {
    /// With room for records of `bytes` bytes altogether.
    pub(super) fn new(form: TextForm, replaces: bool, options: Arc<Options>, bytes: usize) -> Texts {
        let copied = Copied { bytes: Vec::with_capacity(bytes * form.growth()), ..Copied::default() };
        let kept = options.columns.tags.clone().map(Kept::new);
        Texts {
            form,
            replaces,
            options,
            draft: Draft::default(),
            marks: Marks::default(),
            kept,
            copied,
            before: (0, 0, 0),
        }
    }

    /// The quick way. Returns false, and appends nothing, if anything in the record requires the exact way.
    #[inline(always)]
    fn push_plain<F: Form>(&mut self, reading: &Reading<'_>) -> bool {
        let record = reading.record();
        let Some(text) = reading.plain_text() else { return false };
        let rows = match &mut self.kept {
            None => self.draft.rows(record, text),
            Some(_) if !has_no_fault(record, text) => None,
            Some(kept) => match kept.copy(record, text) {
                Some((fields, text)) => self.draft.rows(&fields, text),
                None => None,
            },
        };
        let Some(rows) = rows else { return false };
        let out = &mut self.copied.bytes;
        out.extend_from_slice(self.form.before());
        let is_written = write::<F>(&leader(record, text), &rows, &mut self.marks, out);
        match is_written {
            true => out.extend_from_slice(self.form.after()),
            false => out.truncate(self.before.0),
        }
        is_written
    }

    /// The exact way: every value is decoded by itself, and everything odd is reported.
    fn push_exactly(&mut self, reading: &Reading<'_>) -> Pushed {
        let leader = reading.record().leader();
        let mut text = Text::begin(self.form, self.replaces, leader, &mut self.copied.bytes);
        let findings = match &self.options.columns.tags {
            Some(tags) => reading.visit(&mut Chosen::new(tags, &mut text)),
            None => reading.visit(&mut text),
        };
        let Ok(findings) = findings;
        let place = Some(self.copied.ends.len() as u64);
        match text.finish() {
            Ok(odd) => {
                self.copied.refusals.extend(odd.into_iter().map(|odd| Refusal { record: place, ..odd }));
            }
            Err(WriteError(refusal)) => self.copied.refusals.push(Refusal { record: place, ..*refusal }),
        }
        Pushed { rows: 1, findings, ..Pushed::default() }
    }
}

impl Sink for Texts {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        self.before = (self.copied.bytes.len(), self.copied.ends.len(), self.copied.refusals.len());
        let is_done = in_form!(self.form, F => self.push_plain::<F>(reading));
        let pushed = match is_done {
            true => Pushed { rows: 1, ..Pushed::default() },
            false => self.push_exactly(reading),
        };
        self.copied.ends.push(self.copied.bytes.len());
        pushed
    }

    fn undo(&mut self) {
        let (bytes, records, refusals) = self.before;
        self.copied.bytes.truncate(bytes);
        self.copied.ends.truncate(records);
        self.copied.refusals.truncate(refusals);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        Ok(Outcome::Copied(self.copied))
    }
}

struct Stamps<F>(std::marker::PhantomData<F>);

impl<F: Form> Stamps<F> {
    const CONTROL: Stamp = Stamp::of(&[F::CONTROL[0], F::CONTROL[1]], &[3]);
    const DATA: Stamp = Stamp::of(&F::DATA, &[3, 1, 1]);
    const SUBFIELD: Stamp = Stamp::of(&[F::SUBFIELD[0], F::SUBFIELD[1]], &[1]);
}

/// Appends a plain record; false if something in it has to be reported or refused.
#[inline(always)]
fn write<F: Form>(leader: &str, rows: &Rows<'_>, marks: &mut Marks, out: &mut Vec<u8>) -> bool {
    let (values, value_ends) = rows.values.parts();
    let (subfields, subfield_ends) = rows.subfield_values.parts();
    let indicators = rows.ind1.iter().zip(rows.ind2);
    let is_plain_indicator = |byte: &u8| is_plain_name::<F>(*byte);
    if !is_plain::<F>(leader.as_bytes())
        || !is_plain::<F>(values)
        || !indicators.clone().all(|(one, other)| is_plain_indicator(one) & is_plain_indicator(other))
    {
        return false;
    }
    let mut marks = marks.find::<F>(subfields).iter().copied();
    let mut mark = marks.next().unwrap_or(u32::MAX);

    out.extend_from_slice(F::LEADER[0]);
    append_fixed::<F>(leader.as_bytes(), 0, leader.len() as u32, out);
    out.extend_from_slice(F::LEADER[1]);
    let mut parts = rows.codes.iter().zip(subfield_ends);
    let (mut start, mut value_start, mut done) = (0, 0, 0);
    let fields = rows.tags.iter().zip(indicators).zip(rows.is_data).zip(value_ends).zip(rows.field_ends);
    for ((((&tag, (&ind1, &ind2)), &is_data), &value_end), &field_end) in fields {
        if !is_data {
            Stamps::<F>::CONTROL.append_to(out, tag, &[]);
            append_fixed::<F>(values, value_start, value_end, out);
            out.extend_from_slice(F::CONTROL[2]);
            value_start = value_end;
            continue;
        }
        Stamps::<F>::DATA.append_to(out, tag, &[shown::<F>(ind1), shown::<F>(ind2)]);
        for (&code, &end) in parts.by_ref().take((field_end - done) as usize) {
            Stamps::<F>::SUBFIELD.append_byte_to(out, code);
            if mark >= end {
                append(subfields, start, end, out);
            } else {
                while mark < end {
                    mark = marks.next().unwrap_or(u32::MAX);
                }
                let value = subfields.get(start as usize..end as usize).map(std::str::from_utf8);
                let Some(Ok(value)) = value else { return false };
                if spelled::<F>(value, Place::Value, out).is_some() {
                    return false;
                }
            }
            out.extend_from_slice(F::SUBFIELD[2]);
            start = end;
        }
        done = field_end;
        end_list::<F>(out);
        out.extend_from_slice(F::END_DATA);
    }
    end_list::<F>(out);
    out.extend_from_slice(F::END);
    true
}

/// A blank as the form shows it.
#[inline(always)]
fn shown<F: Form>(indicator: u8) -> u8 {
    if F::SHOWS_BLANKS && indicator == b' ' { b'\\' } else { indicator }
}

/// Appends a leader or the value of a control field.
#[inline(always)]
fn append_fixed<F: Form>(bytes: &[u8], start: u32, end: u32, out: &mut Vec<u8>) {
    let before = out.len();
    append(bytes, start, end, out);
    if F::SHOWS_BLANKS {
        out.iter_mut().skip(before).for_each(|byte| *byte = shown::<F>(*byte));
    }
}

/// Takes back the comma behind the last of several things.
#[inline(always)]
fn end_list<F: Form>(out: &mut Vec<u8>) {
    if F::HAS_COMMAS && out.last() == Some(&b',') {
        out.pop();
    }
}

#[cfg(test)]
mod tests;
