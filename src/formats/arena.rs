//! Records of another format, laid out anew side by side: for each a leader, fields with their terminators, and a
//! record terminator. What reads them afterwards is what reads ISO 2709. They have no directory: entries take its
//! place, without its limits.

use std::cell::RefCell;

use crate::diagnostic::{Diagnostic, Severity};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, FIELD_TERMINATOR, RECORD_TERMINATOR, RecordView, Tag};
use crate::pen::{Pen, STRIDE};

/// Records side by side; the memory is reused.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    /// The records: the first `written` bytes, and room after them that need not be cleared again.
    pub(super) bytes: Vec<u8>,
    pub(super) written: usize,
    pub(super) entries: Vec<Entry>,
    /// Where each field begins in its record as it was found.
    pub(super) places: Vec<u32>,
    records: Vec<Record>,
}

/// A record in the arena.
#[derive(Debug)]
pub(crate) struct Record {
    bytes: (usize, usize),
    fields: (usize, usize),
    /// What was found, with offsets from the first byte of the record as it was found.
    findings: Vec<Diagnostic>,
}

/// Where a record begins in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) byte: usize,
    pub(super) field: usize,
}

/// A record that was laid out anew.
#[derive(Clone, Copy)]
pub(crate) struct Translated<'a> {
    arena: &'a Arena,
    record: &'a Record,
}

impl Arena {
    /// Forgets all records.
    pub(crate) fn clear(&mut self) {
        self.written = 0;
        self.entries.clear();
        self.places.clear();
        self.records.clear();
    }

    /// The number of bytes that the records take.
    pub(crate) fn len(&self) -> usize {
        self.written
    }

    /// All bytes of the records.
    pub(super) fn written(&self) -> &[u8] {
        self.bytes.get(..self.written).unwrap_or_default()
    }

    /// The records, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Translated<'_>> {
        self.records.iter().map(|record| Translated { arena: self, record })
    }

    /// Begins a record: its leader is blank, and room is made for so many bytes.
    pub(super) fn begin(&mut self, room: usize) -> Begin {
        let begin = Begin { byte: self.written, field: self.entries.len() };
        self.make_room(LEADER_LENGTH + room);
        self.bytes[self.written..self.written + LEADER_LENGTH].fill(b' ');
        self.written += LEADER_LENGTH;
        begin
    }

    /// Makes room for so many bytes after those that are written.
    pub(super) fn make_room(&mut self, room: usize) {
        if self.bytes.len() < self.written + room {
            self.bytes.resize(self.written + room, 0);
        }
    }

    /// Sets the leader of the record.
    pub(super) fn set_leader(&mut self, begin: Begin, leader: [u8; LEADER_LENGTH]) {
        if let Some(place) = self.bytes.get_mut(begin.byte..).and_then(<[u8]>::first_chunk_mut) {
            *place = leader;
        }
    }

    /// Appends to the record.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.bytes[self.written..self.written + bytes.len()].copy_from_slice(bytes);
        self.written += bytes.len();
    }

    /// Appends what a pen writes, for which there is room for so many bytes; nothing if it cannot.
    #[inline(always)]
    pub(super) fn write(
        &mut self,
        room: usize,
        write: impl FnOnce(&mut Pen<'_>) -> Option<()>,
    ) -> Option<()> {
        self.make_room(room + STRIDE);
        let mut pen = Pen::new(self.bytes.get_mut(self.written..)?);
        write(&mut pen)?;
        self.written += pen.written as usize;
        Some(())
    }

    /// Ends the field of the record whose bytes were appended from `start` on.
    pub(super) fn end_field(&mut self, begin: Begin, tag: Tag, is_control: bool, start: usize, place: usize) {
        let (start, length) = ((start - begin.byte) as u32, (self.written - start) as u32);
        self.entries.push(Entry { tag, is_control, start, length });
        self.places.push(place as u32);
        self.push(&[FIELD_TERMINATOR]);
    }

    /// Ends the record. One that cannot be delivered keeps its fields, so that it can be named.
    pub(super) fn end(&mut self, begin: Begin, findings: Vec<Diagnostic>) {
        self.push(&[RECORD_TERMINATOR]);
        let (bytes, fields) = ((begin.byte, self.written), (begin.field, self.entries.len()));
        self.records.push(Record { bytes, fields, findings });
    }

    /// Takes back what was written since the record began.
    pub(super) fn cut(&mut self, begin: Begin) {
        self.written = begin.byte;
        self.entries.truncate(begin.field);
        self.places.truncate(begin.field);
    }
}

impl<'a> Translated<'a> {
    /// All its bytes, from leader to terminator.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        let (start, end) = self.record.bytes;
        self.arena.bytes.get(start..end).unwrap_or_default()
    }

    /// Its fields.
    pub(crate) fn entries(&self) -> &'a [Entry] {
        let (first, last) = self.record.fields;
        self.arena.entries.get(first..last).unwrap_or_default()
    }

    /// What was found in laying it out, with offsets from its first byte as it was found.
    pub(crate) fn findings(&self) -> &'a [Diagnostic] {
        &self.record.findings
    }

    /// The record; `None` if it cannot be read.
    pub(crate) fn view(&self) -> Option<RecordView<'a>> {
        let is_read = self.findings().iter().all(|finding| finding.severity < Severity::Fatal);
        let record = RecordView::new(self.bytes(), self.entries()).filter(|_| is_read)?;
        Some(record.with_two_indicators())
    }

    /// Where a byte is in the record as it was found: where its field begins, or the record if it is in the leader.
    pub(crate) fn place_of(&self, byte: u64) -> u64 {
        let before = self.entries().partition_point(|entry| u64::from(entry.start) <= byte);
        let places = self.arena.places.get(self.record.fields.0..).unwrap_or_default();
        let place = before.checked_sub(1).and_then(|field| places.get(field));
        place.map_or(0, |&place| place.into())
    }
}

impl Arena {
    /// Lends this thread's arena, empty, so that its memory is reused.
    pub(crate) fn with<T>(work: impl FnOnce(&mut Arena) -> T) -> T {
        /// More memory than this is given back: few records need as much.
        const KEPT: usize = 4 << 20;
        thread_local! {
            static ARENA: RefCell<Arena> = RefCell::default();
        }
        let mut arena = ARENA.take();
        arena.clear();
        let made = work(&mut arena);
        if arena.bytes.len() <= KEPT {
            ARENA.set(arena);
        }
        made
    }
}

#[cfg(test)]
pub(super) mod tests {
    //! What tests of all formats look at.

    use super::*;
    use crate::diagnostic::Code;

    /// What was made of one record: its fields, each as `245|10|aTitle`, and the codes of the findings.
    pub(in crate::formats) fn made(arena: &Arena) -> (Vec<String>, Vec<Code>) {
        let Some(record) = arena.records().next() else { return Default::default() };
        let view = RecordView::new(record.bytes(), record.entries()).unwrap();
        let fields = view.fields().map(|field| {
            let text = String::from_utf8_lossy(field.bytes()).replace('\x1F', "|");
            format!("{}{}{text}", field.tag(), if field.is_control() { "=" } else { " " })
        });
        let leader = String::from_utf8_lossy(&view.leader().0).into_owned();
        let codes = record.findings().iter().map(|finding| finding.code).collect();
        (std::iter::once(leader).chain(fields).collect(), codes)
    }
}
