//! [`Kept`]: the fields of a record that have the tags asked for, as a record of their own.

use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, FIELD_TERMINATOR, RECORD_TERMINATOR, RecordView, Tag};
use crate::notation::Tags;

/// Which fields of a record are wanted, and those of the last record. Its memory is reused.
pub(super) struct Kept {
    tags: Tags,
    text: String,
    entries: Vec<Entry>,
    places: Vec<i64>,
    /// The place of the field that was looked at last.
    place: i64,
}

impl Kept {
    pub(super) fn new(tags: Tags) -> Kept {
        Kept { tags, text: String::new(), entries: Vec::new(), places: Vec::new(), place: 0 }
    }

    /// Begins a record.
    pub(super) fn begin(&mut self) {
        self.places.clear();
        self.place = 0;
    }

    /// Whether the next field of the record is wanted.
    pub(super) fn wants(&mut self, tag: Tag) -> bool {
        let is_wanted = self.tags.have(tag);
        self.place += 1;
        if is_wanted {
            self.places.push(self.place);
        }
        is_wanted
    }

    /// The places of the wanted fields in the record, whose leader is at 0.
    pub(super) fn places(&self) -> &[i64] {
        &self.places
    }

    /// Looks at all fields of a record.
    pub(super) fn find(&mut self, record: &RecordView<'_>) {
        self.begin();
        for entry in record.entries() {
            self.wants(entry.tag);
        }
    }

    /// Copies the wanted fields of a record whose bytes are `text`: a record, and its bytes. `None` if a field is not
    /// where characters begin and end.
    pub(super) fn copy<'a>(
        &'a mut self,
        record: &RecordView<'_>,
        text: &str,
    ) -> Option<(RecordView<'a>, &'a str)> {
        self.begin();
        self.entries.clear();
        self.text.clear();
        self.text.push_str(text.get(..LEADER_LENGTH)?);
        for &Entry { tag, is_control, start, length } in record.entries() {
            if self.wants(tag) {
                let field = text.get(start as usize..start as usize + length as usize)?;
                let copied = u32::try_from(self.text.len()).ok()?;
                self.entries.push(Entry { tag, is_control, start: copied, length });
                self.text.push_str(field);
                self.text.push(char::from(FIELD_TERMINATOR));
            }
        }
        self.text.push(char::from(RECORD_TERMINATOR));
        Some((record.copied(self.text.as_bytes(), &self.entries), &self.text))
    }
}
