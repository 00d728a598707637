//! A sink that writes records as text: MARCXML, MARC-in-JSON or MARCMaker.
//!
//! Nearly every record is plain, as [`Draft`] says. Its parts are then copied between what the form puts around them, and
//! only values with a byte in them that the form may not write as it stands are looked at closely. The others are
//! written part by part, by the same [`Text`] that writes rows.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow_schema::ArrowError;

use super::copied::{Chosen, Copied};
use super::draft::{Draft, Rows};
use super::kept::Kept;
use super::layout::{has_no_fault, leader};
use super::sink::{Outcome, Pushed, Sink};
use crate::error::{Refusal, WriteError};
use crate::forms::text::{
    Form, Marks, Place, Stamp, Text, TextForm, in_form, is_plain, is_plain_name, spelled,
};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::options::Options;
use crate::pen::{Pen, STRIDE};
use crate::record::reading::Reading;

/// Takes records as text.
pub(super) struct Texts {
    form: TextForm,
    replaces: bool,
    options: Arc<Options>,
    draft: Draft,
    marks: Marks,
    paper: Paper,
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
            paper: Paper::default(),
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
        let written = write::<F>(&leader(record, text), &rows, &mut self.marks, &mut self.paper);
        let Some(written) = written else { return false };
        for piece in [self.form.before(), written, self.form.after()] {
            out.extend_from_slice(piece);
        }
        true
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

/// The memory in which a record is written, reused from record to record.
#[derive(Default)]
struct Paper {
    record: Vec<u8>,
    /// A value that is spelled.
    spelling: Vec<u8>,
}

/// What a form puts around the parts of a record, as few stamps as possible.
struct Stamps<F>(PhantomData<F>);

impl<F: Form> Stamps<F> {
    const BEGIN: Stamp<32> = Stamp::of(&[F::LEADER[0]], &[]);
    const END_LEADER: Stamp<32> = Stamp::of(&[F::LEADER[1]], &[]);
    /// Tag.
    const CONTROL: Stamp<32> = Stamp::of(&[F::CONTROL[0], F::CONTROL[1]], &[3]);
    const END_CONTROL: Stamp<32> = Stamp::of(&[F::CONTROL[2]], &[]);
    /// Tag, indicators, and the code of the first subfield.
    const DATA: Stamp<64> = {
        let data = Stamp::<64>::of(&F::DATA, &[3, 1, 1]).and(F::SUBFIELD[0]);
        let code = data.length;
        let mut data = data.and(b" ").and(F::SUBFIELD[1]);
        data.gaps[3] = code;
        data
    };
    /// Behind a value, the code of the next subfield.
    const NEXT: Stamp<32> = Stamp::of(&[F::SUBFIELD[2], F::SUBFIELD[0], F::SUBFIELD[1]], &[0, 1]);
    const END_DATA: Stamp<32> = Stamp::of(&[F::SUBFIELD[2]], &[]).without_comma().and(F::END_DATA);
    const END: Stamp<32> = Stamp::of(&[F::END], &[]);

    /// More bytes than a record takes beside its values.
    fn room(rows: &Rows<'_>, marks: usize) -> usize {
        const LONGEST_SPELLING: usize = 8;
        let (fields, subfields) = (rows.tags.len(), rows.codes.len());
        let around = Self::BEGIN.length + LEADER_LENGTH + Self::END_LEADER.length + Self::END.length;
        let of_field =
            Self::DATA.length + Self::END_DATA.length + Self::CONTROL.length + Self::END_CONTROL.length;
        around + fields * of_field + subfields * Self::NEXT.length + marks * LONGEST_SPELLING + 2 * STRIDE
    }
}

/// Writes a plain record; `None` if something in it has to be reported or refused.
#[inline(always)]
fn write<'p, F: Form>(
    leader: &str,
    rows: &Rows<'_>,
    marks: &mut Marks,
    Paper { record: paper, spelling }: &'p mut Paper,
) -> Option<&'p [u8]> {
    let (values, value_ends) = rows.values.parts();
    let (subfields, subfield_ends) = rows.subfield_values.parts();
    let indicators = rows.ind1.iter().zip(rows.ind2);
    let are_plain = |one: u8, other: u8| is_plain_name::<F>(one) & is_plain_name::<F>(other);
    if !is_plain::<F>(leader.as_bytes())
        || !is_plain::<F>(values)
        || !indicators.clone().fold(true, |all, (one, other)| all & are_plain(*one, *other))
    {
        return None;
    }
    let marks = marks.find::<F>(subfields);
    let room = values.len() + subfields.len() + Stamps::<F>::room(rows, marks.len());
    if paper.len() < room {
        paper.resize(room, 0);
    }
    let mut pen = Pen::new(paper);
    let mut marks = marks.iter().copied();
    let mut mark = marks.next()?;

    put(&mut pen, &Stamps::<F>::BEGIN)?;
    write_fixed::<F>(&mut pen, leader.as_bytes(), 0, leader.len() as u32)?;
    put(&mut pen, &Stamps::<F>::END_LEADER)?;
    let lacking = F::lacking(*leader.as_bytes().get(9)?);
    let mut parts = rows.codes.iter().zip(subfield_ends);
    let (mut from, mut value_from, mut done) = (0, 0, 0);
    if !rows.tags.iter().all(|tag| F::has_tag(*tag)) {
        return None;
    }
    let fields = rows.tags.iter().zip(indicators).zip(rows.is_data).zip(value_ends).zip(rows.field_ends);
    for ((((tag, (&ind1, &ind2)), &is_data), &value_end), &field_end) in fields {
        if !is_data {
            let Stamp { gaps: [gap, ..], .. } = Stamps::<F>::CONTROL;
            put(&mut pen, &Stamps::<F>::CONTROL)?[gap..gap + 3].copy_from_slice(tag);
            write_fixed::<F>(&mut pen, values, value_from, value_end - value_from)?;
            put(&mut pen, &Stamps::<F>::END_CONTROL)?;
            value_from = value_end;
            continue;
        }
        let (&code, &end) = parts.next()?;
        let Stamp { gaps, .. } = Stamps::<F>::DATA;
        let room = put(&mut pen, &Stamps::<F>::DATA)?;
        room[gaps[0]..gaps[0] + 3].copy_from_slice(tag);
        (room[gaps[1]], room[gaps[2]], room[gaps[3]]) = (shown::<F>(ind1), shown::<F>(ind2), code);
        let mut end = end;
        loop {
            if mark >= end {
                pen.write(subfields, from, end - from)?;
            } else {
                while mark < end {
                    mark = marks.next()?;
                }
                spelling.clear();
                let value = std::str::from_utf8(subfields.get(from as usize..end as usize)?).ok()?;
                if spelled::<F>(value, Place::Value, spelling).is_some() || value.contains(lacking) {
                    return None;
                }
                pen.write(spelling, 0, spelling.len() as u32)?;
            }
            from = end;
            done += 1;
            if done == field_end {
                break;
            }
            let (&code, &next) = parts.next()?;
            put(&mut pen, &Stamps::<F>::NEXT)?[Stamps::<F>::NEXT.gaps[1]] = code;
            end = next;
        }
        put(&mut pen, &Stamps::<F>::END_DATA)?;
    }
    if F::HAS_COMMAS {
        pen.written -= 1;
    }
    put(&mut pen, &Stamps::<F>::END)?;
    let written = pen.written as usize;
    paper.get(..written)
}

/// Writes what stands around parts, and returns it with its gaps.
#[inline(always)]
fn put<'p, const ROOM: usize>(pen: &'p mut Pen<'_>, stamp: &Stamp<ROOM>) -> Option<&'p mut [u8; ROOM]> {
    pen.put(&stamp.bytes, stamp.length)
}

/// A blank as the form shows it.
#[inline(always)]
fn shown<F: Form>(byte: u8) -> u8 {
    if F::SHOWS_BLANKS && byte == b' ' { b'\\' } else { byte }
}

/// Writes a leader or the value of a control field.
#[inline(always)]
fn write_fixed<F: Form>(pen: &mut Pen<'_>, bytes: &[u8], start: u32, length: u32) -> Option<()> {
    pen.write(bytes, start, length)?;
    if F::SHOWS_BLANKS {
        pen.last(length).iter_mut().for_each(|byte| *byte = shown::<F>(*byte));
    }
    Some(())
}

#[cfg(test)]
mod tests;
