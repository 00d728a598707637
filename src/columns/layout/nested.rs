//! The layout "nested": one row for each whole record.
//!
//! Nearly every record goes the quick way, [`Nested::push_plain`]: the rows of its [`Draft`] are appended. The others
//! go the exact way, value by value.

use std::convert::Infallible;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use crate::columns::buffers::{Ends, FixedMark, FixedTexts, OptionalMark, OptionalTexts};
use crate::columns::draft::Draft;
use crate::columns::groups::{FieldColumns, FieldMark, list_field, lists, text_field};
use crate::columns::metadata;
use crate::columns::sink::{Outcome, Pushed, Sink};
use crate::diagnostic::Diagnostic;
use crate::iso2709::{Entry, FieldView, RecordView, Tag};
use crate::options::Options;
use crate::record::exact::leader_text;
use crate::record::reading::Reading;
use crate::record::visit::{Value, Visit};

pub(super) const COLUMNS: [&str; 3] = ["control_number", "leader", "fields"];

/// `control_number`, `leader`, `fields: list<struct<tag, ind1, ind2, value, subfields: list<struct<code, value>>>>`.
pub(super) fn schema(options: &Options) -> SchemaRef {
    let [control_number, leader, fields] = COLUMNS;
    let columns = [text_field(control_number), text_field(leader), list_field(fields, FieldColumns::parts())];
    let wanted: Vec<Field> =
        columns.into_iter().filter(|column| options.columns.select.wants(column.name())).collect();
    Arc::new(Schema::new_with_metadata(wanted, metadata(options)))
}

pub(super) struct Nested {
    options: Arc<Options>,
    schema: SchemaRef,
    wants_control_number: bool,
    wants_leader: bool,
    wants_fields: bool,
    draft: Draft,
    control_number: OptionalTexts,
    leader: FixedTexts,
    fields: FieldColumns,
    /// The number of fields up to the end of each record.
    record_ends: Ends,
    /// Where the last record that went the exact way begins.
    last: Mark,
}

/// The length of the columns at some moment.
#[derive(Clone, Copy)]
struct Mark {
    records: usize,
    control_number: OptionalMark,
    leader: FixedMark,
    fields: FieldMark,
}

impl Nested {
    pub(super) fn new(options: Arc<Options>, schema: SchemaRef, bytes: usize, records: usize) -> Nested {
        let [wants_control_number, wants_leader, wants_fields] =
            COLUMNS.map(|column| options.columns.select.wants(column));
        let control_number = OptionalTexts::with_capacity(records * 16, records);
        let leader = FixedTexts::with_capacity(24, records);
        let fields = FieldColumns::with_capacity(if wants_fields { bytes } else { 0 });
        let last = Mark {
            records: 0,
            control_number: control_number.mark(),
            leader: leader.mark(),
            fields: fields.mark(),
        };
        Nested {
            options,
            schema,
            wants_control_number,
            wants_leader,
            wants_fields,
            draft: Draft::default(),
            control_number,
            leader,
            fields,
            record_ends: Ends::with_capacity(records),
            last,
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            records: self.record_ends.lists(),
            control_number: self.control_number.mark(),
            leader: self.leader.mark(),
            fields: self.fields.mark(),
        }
    }

    fn cut(&mut self, mark: Mark) {
        self.record_ends.cut(mark.records);
        self.control_number.cut(mark.control_number);
        self.leader.cut(mark.leader);
        self.fields.cut(mark.fields);
    }

    /// The quick way. Returns false, and appends nothing, if anything in the record requires the exact way.
    fn push_plain(&mut self, reading: &Reading<'_>) -> bool {
        let record = reading.record();
        let Some(text) = reading.plain_text() else { return false };
        let Some(rows) = self.draft.rows(record, text) else { return false };
        self.control_number.push(rows.control_number);
        self.leader.extend(&record.leader().0);
        self.fields.extend(&rows);
        self.record_ends.push(self.fields.rows());
        true
    }

    /// The quick way without the field column. The rows are those of a read with it, so text that is not plain is
    /// still checked.
    fn push_without_fields(&mut self, reading: &Reading<'_>) -> bool {
        let record = reading.record();
        let Some(text) = reading.plain_text().filter(|text| has_no_fault(record, text)) else { return false };
        if self.wants_control_number {
            self.control_number.push(control_number(record, text));
        }
        if self.wants_leader {
            self.leader.push(&leader_text(record));
        }
        self.record_ends.push(self.fields.rows());
        true
    }

    /// The exact way: every value is decoded by itself, and everything odd is reported.
    fn push_exactly(&mut self, reading: &Reading<'_>) -> Vec<Diagnostic> {
        self.last = self.mark();
        let fields = self.wants_fields.then_some(&mut self.fields);
        let mut row = Row { fields, number: None };
        let Ok(findings) = reading.visit(&mut row);
        let number = row.number;
        if self.wants_control_number {
            self.control_number.push(number.as_deref());
        }
        if self.wants_leader {
            self.leader.push(&leader_text(reading.record()));
        }
        self.record_ends.push(self.fields.rows());
        findings
    }
}

/// Whether no value of a plain record can be at fault: each consists of whole characters, including indicators.
pub(in crate::columns) fn has_no_fault(record: &RecordView<'_>, text: &str) -> bool {
    let is_whole = |field: &FieldView<'_>| {
        let end = field.start() + field.bytes().len();
        text.is_char_boundary(field.start())
            && text.is_char_boundary(end)
            && (field.is_plain() || field.indicators().is_ascii())
    };
    begin_and_end_in_ascii(record) || record.fields().all(|field| is_whole(&field))
}

/// Whether the first two bytes of each field, and the one after it, are ASCII: true of nearly every record.
fn begin_and_end_in_ascii(record: &RecordView<'_>) -> bool {
    let mut bits = 0;
    for &Entry { start, length, .. } in record.entries() {
        let field = record.bytes().get(start as usize..).unwrap_or_default();
        let (Some([first, second]), Some(after)) = (field.first_chunk(), field.get(length as usize)) else {
            return false;
        };
        bits |= first | second | after;
    }
    bits.is_ascii() && record.leader().indicators() == 2
}

/// The first 001 of a record that is plain text.
fn control_number<'a>(record: &RecordView<'_>, text: &'a str) -> Option<&'a str> {
    let field = record.fields().find(|field| field.tag() == Tag::CONTROL_NUMBER)?;
    text.get(field.start()..field.start() + field.bytes().len())
}

/// The row of the current record.
struct Row<'a> {
    /// `None` if they are not wanted.
    fields: Option<&'a mut FieldColumns>,
    number: Option<String>,
}

impl Visit for Row<'_> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        let value = data.text();
        if tag == "001" && self.number.is_none() {
            self.number = Some(value.clone().into_owned());
        }
        if let Some(fields) = &mut self.fields {
            fields.push_control_field(tag, &value);
        }
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        if let Some(fields) = &mut self.fields {
            fields.push_data_field(tag, indicators, stray.as_ref().map(Value::text).as_deref());
        }
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        if let Some(fields) = &mut self.fields {
            fields.push_subfield(code, &value.text());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        if let Some(fields) = &mut self.fields {
            fields.end_field();
        }
        Ok(())
    }
}

impl Sink for Nested {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let is_done = match self.wants_fields {
            true => self.push_plain(reading),
            false => self.push_without_fields(reading),
        };
        Pushed { rows: 1, findings: if is_done { Vec::new() } else { self.push_exactly(reading) } }
    }

    /// Only records that went the exact way have findings, and may have to be removed.
    fn undo(&mut self) {
        self.cut(self.last);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        let rows = self.record_ends.lists();
        let columns: [ArrayRef; 3] = [
            Arc::new(self.control_number.finish()?),
            Arc::new(self.leader.finish(None)?),
            lists(self.fields.finish()?, self.record_ends, None)?,
        ];
        let wanted = COLUMNS
            .into_iter()
            .zip(columns)
            .filter(|(name, _)| self.options.columns.select.wants(name))
            .map(|(_, column)| column);
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema, wanted.collect(), &row_count).map(Outcome::Rows)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::charset::Charset;
    use crate::iso2709::encode::encode;
    use crate::iso2709::{Entries, directory};
    use crate::options::{Dialect, Encoding};
    use crate::record::reading::Rules;

    fn nested(encoding: Encoding, dialect: Dialect) -> Nested {
        let options = Options::default().encoding(encoding).dialect(dialect);
        let schema = schema(&options);
        Nested::new(Arc::new(options), schema, 1000, 1)
    }

    fn batch(nested: Nested) -> RecordBatch {
        match Box::new(nested).finish().unwrap() {
            Outcome::Rows(batch) => batch,
            _ => unreachable!("a layout makes rows"),
        }
    }

    fn reading<'a>(record: &RecordView<'a>, encoding: Encoding, dialect: Dialect) -> Reading<'a> {
        Reading::new(*record, Rules::Standard { encoding, dialect, references: true })
    }

    /// The batch made by the quick way, if it takes the record, and that made by the exact one.
    fn both_ways(
        leader: &[u8; 24],
        fields: &[(String, Vec<u8>)],
        encoding: Encoding,
        dialect: Dialect,
    ) -> (Option<RecordBatch>, RecordBatch) {
        let mut bytes = Vec::new();
        encode(leader, fields.iter().map(|(tag, field)| (tag, field)), &mut bytes).unwrap();
        let mut entries = Entries::new();
        assert!(directory::sound(&bytes, &mut entries));
        let record = RecordView::new(&bytes, &entries).unwrap();
        let (mut quick, mut exact) = (nested(encoding, dialect), nested(encoding, dialect));
        let is_plain = quick.push_plain(&reading(&record, encoding, dialect));
        let findings = exact.push_exactly(&reading(&record, encoding, dialect));
        if !is_plain {
            assert_eq!(batch(quick).num_rows(), 0);
            return (None, batch(exact));
        }
        assert_eq!(findings, [], "the quick way would say nothing");
        (Some(batch(quick)), batch(exact))
    }

    #[test]
    fn what_is_taken_back_leaves_no_trace() {
        let leader = b"00000nam a2200000 a 4500";
        let (mut bytes, mut odd) = (Vec::new(), Vec::new());
        let fields = [("001", &b"kept"[..]), ("245", &b"10\x1faTitle"[..])];
        encode(leader, fields, &mut bytes).unwrap();
        let fields =
            [("001", &b"odd"[..]), ("245", &b"1\xc3\x1faT\xfftle"[..]), ("500", &b"no subfield"[..])];
        encode(leader, fields, &mut odd).unwrap();
        let push = |nested: &mut Nested, bytes: &[u8]| {
            let mut entries = Entries::new();
            assert!(directory::sound(bytes, &mut entries));
            let record = RecordView::new(bytes, &entries).unwrap();
            nested.push(&reading(&record, Encoding::Declared, Dialect::Marc21))
        };
        let mut with = nested(Encoding::Declared, Dialect::Marc21);
        let mut without = nested(Encoding::Declared, Dialect::Marc21);
        for _ in 0..2 {
            assert!(push(&mut with, &bytes).findings.is_empty());
            assert!(!push(&mut with, &odd).findings.is_empty());
            with.undo();
            push(&mut without, &bytes);
        }
        assert_eq!(batch(with), batch(without));
    }

    #[test]
    fn a_plain_record_goes_the_quick_way() {
        let long = "10\u{1f}a".to_owned() + &"Überlänge ".repeat(30);
        let fields = ["A1", "  \u{1f}aone\u{1f}b\u{1f}ctwo", &long, "1 \u{1f}6245-01\u{1f}a日本語"];
        let fields: Vec<_> =
            ["001", "245", "9XX", "880"].map(String::from).into_iter().zip(fields.map(Vec::from)).collect();
        let (quick, exact) =
            both_ways(b"00000nam a2200000 a 4500", &fields, Encoding::Declared, Dialect::Marc21);
        assert_eq!(quick, Some(exact));
    }

    fn field() -> impl Strategy<Value = (String, Vec<u8>)> {
        let tag = prop_oneof![8 => "[0-9]{3}", 2 => "00[1-9]", 1 => "[A-Z]{3}", 1 => "[!-~]{3}"];
        let indicators = prop_oneof![8 => "[0-9 ]{2}", 1 => "[0-9 é]{0,4}"];
        let subfield = prop_oneof![
            8 => "\u{1f}[a-z0-9][ -~]{0,20}",
            4 => "\u{1f}[a-z0-9][a-zéü日本]{0,90}",
            1 => "\u{1f}[A-Zé]?[a-z]{0,3}",
        ];
        (tag, indicators, proptest::collection::vec(subfield, 0..5))
            .prop_map(|(tag, indicators, subfields)| (tag, (indicators + &subfields.concat()).into_bytes()))
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same_columns(
            fields in proptest::collection::vec(field(), 1..8),
            leader in prop_oneof![
                8 => Just(b"00000nam a2200000 a 4500"),
                2 => Just(b"00000nam  2200000 a 4500"),
                1 => Just(b"00000nam x2200000 a 4500"),
            ],
            encoding in prop_oneof![
                4 => Just(Encoding::Declared),
                2 => Just(Encoding::Auto),
                1 => Just(Encoding::Named(Charset::ISO_5426)),
            ],
            (dialect, codes) in prop_oneof![
                4 => Just((Dialect::Marc21, None)),
                4 => "(50  |5050|0103|0102|0201|01  |01)( {4})?".prop_map(|codes| (Dialect::Unimarc, Some(codes))),
            ],
            damage in proptest::option::weighted(0.2, any::<(prop::sample::Index, prop::sample::Index, u8)>()),
        ) {
            let mut fields = fields;
            if let Some(codes) = codes {
                let general = format!("  \u{1f}a20010101d2001    m  y0frey{codes}");
                fields.insert(0, ("100".into(), general.into_bytes()));
            }
            if let Some((field, place, byte)) = damage {
                let field = field.index(fields.len());
                let bytes = &mut fields[field].1;
                if !bytes.is_empty() && byte != 0x1D && byte != 0x1E {
                    let place = place.index(bytes.len());
                    bytes[place] = byte;
                }
            }
            let (quick, exact) = both_ways(leader, &fields, encoding, dialect);
            if let Some(quick) = quick {
                prop_assert_eq!(quick, exact);
            }
        }
    }
}
