//! What each row of the layout "subfields" begins with: the place of its field in the record, tag, indicators, and its
//! own place in the field. Rows of plain records are gathered on a page, and appended when it is full.

use super::buffers::{FixedMark, FixedTexts};
use super::draft::Rows;
use super::mark::Marked;
use crate::iso2709::Tag;

/// The columns that are wanted, and the page.
pub(super) struct Heads {
    columns: HeadColumns,
    page: Box<Page>,
    /// The number of rows on the page.
    rows: usize,
}

/// The columns that are wanted.
#[derive(Default)]
pub(super) struct HeadColumns {
    pub(super) field: Option<Vec<i64>>,
    pub(super) tag: Option<FixedTexts>,
    pub(super) ind1: Option<FixedTexts>,
    pub(super) ind2: Option<FixedTexts>,
    pub(super) subfield: Option<Vec<i64>>,
}

/// The length of [`Heads`] at some moment.
#[derive(Clone, Copy)]
pub(super) struct HeadMark {
    field: Option<usize>,
    tag: Option<FixedMark>,
    ind1: Option<FixedMark>,
    ind2: Option<FixedMark>,
    subfield: Option<usize>,
}

/// A row.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) field: usize,
    pub(super) tag: &'a str,
    pub(super) indicators: [&'a str; 2],
    pub(super) subfield: usize,
}

impl Heads {
    /// The columns that are wanted, with room for `rows` rows.
    pub(super) fn with_capacity(rows: usize, wants: impl Fn(&str) -> bool) -> Heads {
        let text = |name, width| wants(name).then(|| FixedTexts::with_capacity(width, rows));
        let numbers = |name| wants(name).then(|| Vec::with_capacity(rows));
        let columns = HeadColumns {
            field: numbers("field"),
            tag: text("tag", 3),
            ind1: text("ind1", 1),
            ind2: text("ind2", 1),
            subfield: numbers("subfield"),
        };
        Heads { columns, page: Box::new(Page::new()), rows: 0 }
    }

    /// Appends a row.
    pub(super) fn push(&mut self, head: Head<'_>) {
        self.turn();
        let [ind1, ind2] = head.indicators;
        for (column, text) in [
            (&mut self.columns.tag, head.tag),
            (&mut self.columns.ind1, ind1),
            (&mut self.columns.ind2, ind2),
        ] {
            if let Some(column) = column {
                column.push(text);
            }
        }
        for (column, place) in
            [(&mut self.columns.field, head.field), (&mut self.columns.subfield, head.subfield)]
        {
            if let Some(column) = column {
                column.push(place as i64);
            }
        }
    }

    /// Appends the rows of a plain record: one for its leader and for each control field, and one for each subfield.
    pub(super) fn extend(&mut self, leader: Tag, rows: &Rows<'_>) {
        let most = 1 + rows.tags.len() + rows.codes.len();
        if self.rows + most > Page::ROWS {
            self.turn();
        }
        if most > Page::ROWS {
            return self.extend_beyond_page(leader, rows);
        }
        self.page.write(self.rows, 0, leader.bytes(), [b' '; 2], 0);
        let (mut row, mut before) = (self.rows + 1, 0);
        let indicators = rows.ind1.iter().zip(rows.ind2);
        let fields = rows.tags.iter().zip(indicators).zip(rows.field_ends).zip(1..);
        for (((&tag, (&ind1, &ind2)), &end), field) in fields {
            // A control field has no subfields, but is a row as well.
            let count = ((end - before) as usize).max(1);
            before = end;
            self.page.write(row, field, tag, [ind1, ind2], 0);
            let mut place = Page::AT_ONCE;
            while place < count {
                self.page.write(row + place, field, tag, [ind1, ind2], place as u32);
                place += Page::AT_ONCE;
            }
            row += count;
        }
        self.rows = row;
    }

    /// The same for a record with more rows than a page.
    #[cold]
    fn extend_beyond_page(&mut self, leader: Tag, rows: &Rows<'_>) {
        self.append(0, leader.bytes(), [b' '; 2], 1);
        let mut before = 0;
        let indicators = rows.ind1.iter().zip(rows.ind2);
        let fields = rows.tags.iter().zip(indicators).zip(rows.field_ends).zip(1..);
        for (((&tag, (&ind1, &ind2)), &end), field) in fields {
            self.append(i64::from(field), tag, [ind1, ind2], ((end - before) as usize).max(1));
            before = end;
        }
    }

    /// Appends the rows of a field.
    fn append(&mut self, field: i64, tag: [u8; 3], [ind1, ind2]: [u8; 2], rows: usize) {
        if let Some(column) = &mut self.columns.field {
            column.resize(column.len() + rows, field);
        }
        if let Some(column) = &mut self.columns.tag {
            (0..rows).for_each(|_| column.extend(&tag));
        }
        for (column, indicator) in [(&mut self.columns.ind1, ind1), (&mut self.columns.ind2, ind2)] {
            if let Some(column) = column {
                column.extend_by(indicator, rows);
            }
        }
        if let Some(column) = &mut self.columns.subfield {
            column.extend(0..rows as i64);
        }
    }

    /// Gives the fields in the last `rows` rows, which are a record of which not all fields are there, their places in
    /// the whole record.
    pub(super) fn place_fields(&mut self, rows: usize, places: &[i64]) {
        self.turn();
        let Some(column) = &mut self.columns.field else { return };
        let first = column.len().saturating_sub(rows);
        for field in column.iter_mut().skip(first) {
            let before = usize::try_from(*field - 1).ok();
            *field = before.and_then(|before| places.get(before)).copied().unwrap_or(0);
        }
    }

    /// The columns, with all rows.
    pub(super) fn finish(mut self) -> HeadColumns {
        self.turn();
        self.columns
    }

    /// Appends the rows on the page, and begins it anew.
    fn turn(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let page = &self.page;
        for (column, numbers) in
            [(&mut self.columns.field, &page.field), (&mut self.columns.subfield, &page.place)]
        {
            if let Some(column) = column {
                column.extend(numbers.iter().take(rows).map(|&number| i64::from(number)));
            }
        }
        if let Some(column) = &mut self.columns.tag {
            column.extend(page.tag.get(..3 * rows).unwrap_or_default());
        }
        for (column, indicators) in
            [(&mut self.columns.ind1, &page.ind1), (&mut self.columns.ind2, &page.ind2)]
        {
            if let Some(column) = column {
                column.extend(indicators.get(..rows).unwrap_or_default());
            }
        }
    }
}

impl Marked for Heads {
    type Mark = HeadMark;

    fn mark(&mut self) -> HeadMark {
        self.turn();
        HeadMark {
            field: self.columns.field.mark(),
            tag: self.columns.tag.mark(),
            ind1: self.columns.ind1.mark(),
            ind2: self.columns.ind2.mark(),
            subfield: self.columns.subfield.mark(),
        }
    }

    fn cut(&mut self, mark: HeadMark) {
        self.columns.field.cut(mark.field);
        self.columns.tag.cut(mark.tag);
        self.columns.ind1.cut(mark.ind1);
        self.columns.ind2.cut(mark.ind2);
        self.columns.subfield.cut(mark.subfield);
    }
}

/// Some rows, in arrays whose size is known, so that little has to be asked when they are written. Numbers have half
/// the width of those in the columns: a place in a record fits, and four are one store.
struct Page {
    field: [u32; Page::ROOM],
    tag: [u8; 3 * Page::ROOM],
    ind1: [u8; Page::ROOM],
    ind2: [u8; Page::ROOM],
    place: [u32; Page::ROOM],
}

impl Page {
    const ROWS: usize = 256;
    /// Rows are written four at a time, however many a field has: a loop of the exact count would mispredict its exit.
    const AT_ONCE: usize = 4;
    const ROOM: usize = Page::ROWS + Page::AT_ONCE;

    fn new() -> Page {
        Page {
            field: [0; Page::ROOM],
            tag: [0; 3 * Page::ROOM],
            ind1: [0; Page::ROOM],
            ind2: [0; Page::ROOM],
            place: [0; Page::ROOM],
        }
    }

    /// Writes four rows of a field.
    #[inline(always)]
    fn write(&mut self, row: usize, field: u32, [a, b, c]: [u8; 3], [ind1, ind2]: [u8; 2], place: u32) {
        if row > Page::ROWS {
            return;
        }
        let tag = u64::from(u32::from_le_bytes([a, b, c, 0]));
        let tags = tag | tag << 24 | tag << 48;
        put(&mut self.field, row, [field; Page::AT_ONCE]);
        put(&mut self.ind1, row, [ind1; Page::AT_ONCE]);
        put(&mut self.ind2, row, [ind2; Page::AT_ONCE]);
        put(&mut self.place, row, [place, place + 1, place + 2, place + 3]);
        put(&mut self.tag, 3 * row, tags.to_le_bytes());
        put(&mut self.tag, 3 * row + 8, ((tags >> 16) as u32).to_le_bytes());
    }
}

#[inline(always)]
fn put<T: Copy, const N: usize>(column: &mut [T], at: usize, values: [T; N]) {
    if let Some(room) = column.get_mut(at..).and_then(<[T]>::first_chunk_mut) {
        *room = values;
    }
}
