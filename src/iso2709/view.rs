//! Reading a record without copying it: [`RecordView`], [`FieldView`], [`SubfieldView`].
//!
//! A view is made from any bytes and entries. It does not matter how the entries were found, so any format that has a
//! leader and fields can be viewed.

use super::leader::LEADER_LENGTH;
use super::{Entry, Leader, SUBFIELD_DELIMITER, Tag};

/// A record: its leader, its entries, and the bytes that they point into.
///
/// ```
/// use mrrc::iso2709::{Entry, RecordView, Tag};
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let entries = [
///     Entry::new(Tag::CONTROL_NUMBER, 49, 2),
///     Entry::new("245".parse()?, 52, 9),
/// ];
/// let record = RecordView::new(bytes, &entries).unwrap();
/// let title = record.fields().nth(1).unwrap();
/// assert_eq!(title.subfields().next().unwrap().value(1), b"Title");
/// # Ok::<(), mrrc::iso2709::TagError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    bytes: &'a [u8],
    leader: Leader,
    /// The number of indicators, and whether the fields are said to be plain.
    form: (u8, bool),
    entries: &'a [Entry],
}

impl<'a> RecordView<'a> {
    /// A record whose first 24 bytes are its leader; `None` if there are fewer.
    pub fn new(bytes: &'a [u8], entries: &'a [Entry]) -> Option<RecordView<'a>> {
        let (leader, _) = bytes.split_first_chunk::<LEADER_LENGTH>()?;
        let leader = Leader(*leader);
        Some(RecordView { bytes, leader, form: form(leader), entries })
    }

    /// The same record with a leader other than its first 24 bytes.
    pub fn with_leader(&self, leader: Leader) -> RecordView<'a> {
        RecordView { leader, form: form(leader), ..*self }
    }

    /// The same record in a format whose data fields have two indicators, and subfields, whatever the leader says.
    ///
    /// ```
    /// use mrrc::iso2709::{Entry, RecordView};
    ///
    /// let bytes = b"          00        450010\x1faTitle\x1e\x1d";
    /// let entries = [Entry::new("245".parse()?, 24, 9)];
    /// let record = RecordView::new(bytes, &entries).unwrap().with_two_indicators();
    /// assert!(!record.promises_plain_fields());
    /// # Ok::<(), mrrc::iso2709::TagError>(())
    /// ```
    pub fn with_two_indicators(&self) -> RecordView<'a> {
        RecordView { form: (2, false), ..*self }
    }

    /// Fields of the same record, copied to these bytes.
    pub(crate) fn copied<'b>(&self, bytes: &'b [u8], entries: &'b [Entry]) -> RecordView<'b> {
        RecordView { bytes, leader: self.leader, form: self.form, entries }
    }

    /// The bytes of the record, from leader to terminator.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The leader.
    pub fn leader(&self) -> Leader {
        self.leader
    }

    /// The number of indicators in a data field.
    #[inline(always)]
    pub fn indicators(&self) -> usize {
        usize::from(self.form.0)
    }

    /// Whether fields are said to have neither indicators nor subfields.
    #[inline(always)]
    pub fn promises_plain_fields(&self) -> bool {
        self.form.1
    }

    /// The entries, in the order of the directory.
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The fields, in the order of the directory.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldView<'a>> + use<'a> {
        let (bytes, indicators, plain) = (self.bytes, self.indicators(), self.fields_are_plain());
        self.entries.iter().map(move |entry| FieldView {
            tag: entry.tag,
            is_control: entry.is_control,
            start: entry.start as usize,
            bytes: field_bytes(bytes, entry),
            indicators,
            plain,
        })
    }

    /// Whether fields have neither indicators nor subfields: they are said to (in ISO 2709, leader positions 10-11 are
    /// `00`), and no data field has a delimiter.
    pub fn fields_are_plain(&self) -> bool {
        let has_subfields = |entry: &Entry| {
            !entry.is_control && memchr::memchr(SUBFIELD_DELIMITER, field_bytes(self.bytes, entry)).is_some()
        };
        self.promises_plain_fields() && !self.entries.iter().any(has_subfields)
    }
}

/// What a leader says of indicators and subfields.
#[inline(always)]
fn form(leader: Leader) -> (u8, bool) {
    (leader.indicators() as u8, leader.fields_are_plain())
}

/// The bytes that an entry points to; empty if they do not exist.
fn field_bytes<'a>(record: &'a [u8], entry: &Entry) -> &'a [u8] {
    let from = record.get(entry.start as usize..).unwrap_or_default();
    from.get(..entry.length as usize).unwrap_or_default()
}

/// A field: its tag, and its bytes without the terminator.
///
/// ```
/// use mrrc::iso2709::{Entry, RecordView};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let entries = [Entry::new("245".parse()?, 52, 9)];
/// let record = RecordView::new(bytes, &entries).unwrap();
/// let field = record.fields().next().unwrap();
/// assert_eq!((field.tag().as_str(), field.indicators()), ("245", &b"10"[..]));
/// assert_eq!(field.subfields().next().unwrap().code(1), b"a");
/// # Ok::<(), mrrc::iso2709::TagError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FieldView<'a> {
    tag: Tag,
    is_control: bool,
    start: usize,
    bytes: &'a [u8],
    indicators: usize,
    plain: bool,
}

impl<'a> FieldView<'a> {
    /// The tag.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The place of its first byte, counted from the record's first.
    pub fn start(&self) -> usize {
        self.start
    }

    /// All its bytes, without the terminator.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether it is a control field.
    pub fn is_control(&self) -> bool {
        self.is_control
    }

    /// Whether it has neither indicators nor subfields: it is a control field, or all fields of its record are plain.
    pub fn is_plain(&self) -> bool {
        self.plain || self.is_control
    }

    /// The number of indicators that are promised: in ISO 2709, by the leader.
    pub fn indicators_promised(&self) -> usize {
        self.indicators
    }

    /// The bytes before the first subfield.
    fn head(&self) -> &'a [u8] {
        let end = memchr::memchr(SUBFIELD_DELIMITER, self.bytes).unwrap_or(self.bytes.len());
        &self.bytes[..end]
    }

    /// The indicators, at most as many as promised.
    pub fn indicators(&self) -> &'a [u8] {
        let head = self.head();
        &head[..head.len().min(self.indicators)]
    }

    /// The text between the indicators and the first subfield; usually empty.
    pub fn text(&self) -> &'a [u8] {
        let head = self.head();
        &head[head.len().min(self.indicators)..]
    }

    /// The subfields, in order.
    pub fn subfields(&self) -> Subfields<'a> {
        Subfields { bytes: self.bytes, next: self.head().len() }
    }
}

/// An iterator over the subfields of a field.
#[derive(Clone, Debug)]
pub struct Subfields<'a> {
    bytes: &'a [u8],
    /// The place of the next delimiter, or the end.
    next: usize,
}

impl<'a> Iterator for Subfields<'a> {
    type Item = SubfieldView<'a>;

    fn next(&mut self) -> Option<SubfieldView<'a>> {
        let from = self.next + 1;
        let rest = self.bytes.get(from..)?;
        let length = memchr::memchr(SUBFIELD_DELIMITER, rest).unwrap_or(rest.len());
        self.next = from + length;
        Some(SubfieldView { start: from, bytes: &rest[..length] })
    }
}

/// A subfield: its code and value, undivided because a code may take more than one byte.
#[derive(Clone, Copy, Debug)]
pub struct SubfieldView<'a> {
    start: usize,
    bytes: &'a [u8],
}

impl<'a> SubfieldView<'a> {
    /// The place of the first byte after the delimiter, counted from the field's first.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Code and value; empty if nothing follows the delimiter.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The code, which is `code_length` bytes long (1, except for a code that is not ASCII).
    pub fn code(&self, code_length: usize) -> &'a [u8] {
        &self.bytes[..code_length.min(self.bytes.len())]
    }

    /// The value, which follows a code of `code_length` bytes.
    pub fn value(&self, code_length: usize) -> &'a [u8] {
        &self.bytes[code_length.min(self.bytes.len())..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(bytes: &[u8]) -> FieldView<'_> {
        FieldView {
            tag: Tag::of_ascii(*b"500"),
            is_control: false,
            start: 0,
            bytes,
            indicators: 2,
            plain: false,
        }
    }

    #[test]
    fn fields_in_the_wild_lose_nothing() {
        for (name, bytes, indicators, text, subfields) in [
            ("as it should be", &b"10\x1faNote\x1fb"[..], &b"10"[..], &b""[..], vec![&b"aNote"[..], b"b"]),
            ("no indicators", b"\x1faNote", b"", b"", vec![b"aNote"]),
            ("one indicator", b"0\x1faNote", b"0", b"", vec![b"aNote"]),
            ("text before the first subfield", b"10Text\x1faNote", b"10", b"Text", vec![b"aNote"]),
            ("no subfields", b"10Only text", b"10", b"Only text", vec![]),
            ("delimiter without a code", b"10\x1f\x1faNote\x1f", b"10", b"", vec![b"", b"aNote", b""]),
            ("nothing at all", b"", b"", b"", vec![]),
        ] {
            let field = field(bytes);
            assert_eq!(field.indicators(), indicators, "{name}");
            assert_eq!(field.text(), text, "{name}");
            assert_eq!(field.subfields().map(|it| it.bytes()).collect::<Vec<_>>(), subfields, "{name}");
        }
    }

    #[test]
    fn a_leader_that_knows_no_subfields_is_not_believed_against_the_data() {
        for (leader, data, are_plain) in [
            (b"00063nam a0000049 a 4500", &b"10\x1faTitle"[..], false),
            (b"00063nam a0000049 a 4500", b"10 a Title  ", true),
            (b"00063nam a2200049 a 4500", b"10\x1faTitle", false),
        ] {
            let bytes = [&leader[..], data].concat();
            let entries = |tag| [Entry::new(tag, 24, data.len() as u32)];
            let are_plain_in = |tag| RecordView::new(&bytes, &entries(tag)).unwrap().fields_are_plain();
            assert_eq!(are_plain_in(Tag::of_ascii(*b"245")), are_plain);
            assert_eq!(are_plain_in(Tag::CONTROL_NUMBER), leader[10] == b'0');
        }
    }

    #[test]
    fn an_entry_beyond_the_bytes_is_an_empty_field() {
        let bytes = b"00063nam a2200049 a 4500";
        let entries = [Entry::new(Tag::of_ascii(*b"245"), 100, 9)];
        let record = RecordView::new(bytes, &entries).unwrap();
        assert_eq!(record.fields().next().unwrap().bytes(), b"");
    }
}
