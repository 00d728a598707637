//! Layout "nested": one row for each record, the whole of it.
//!
//! Nearly every record takes the quick way, [`Nested::push_plain`]: what a [`Draft`] made of it is appended.
//! The others go the exact way, value by value.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields as ArrowFields, Schema, SchemaRef};

use super::Layout;
use crate::columns::buffers::{Ends, FixedMark, FixedTexts, Texts, TextsMark, Validity, complement};
use crate::columns::content::{Fields, leader_text, read_fields};
use crate::columns::draft::Draft;
use crate::columns::encoding::{plain_text, text_encoding};
use crate::columns::metadata;
use crate::columns::odd::Odd;
use crate::diagnostic::Diagnostic;
use crate::iso2709::RecordView;
use crate::options::Options;

/// `control_number`, `leader`, `fields: list<struct<tag, ind1, ind2, value, subfields: list<struct<code, value>>>>`.
pub(super) fn schema(options: &Options) -> SchemaRef {
    let columns = [
        text_field("control_number"),
        text_field("leader"),
        Field::new("fields", DataType::List(element(field_parts())), true),
    ];
    let wanted: Vec<Field> =
        columns.into_iter().filter(|column| options.select.wants(column.name())).collect();
    Arc::new(Schema::new_with_metadata(wanted, metadata(options)))
}

/// Parquet's own name for the children of a list is `element`.
fn element(parts: ArrowFields) -> FieldRef {
    Arc::new(Field::new("element", DataType::Struct(parts), true))
}

fn field_parts() -> ArrowFields {
    let subfields = DataType::List(element(subfield_parts()));
    ArrowFields::from(vec![
        text_field("tag"),
        text_field("ind1"),
        text_field("ind2"),
        text_field("value"),
        Field::new("subfields", subfields, true),
    ])
}

/// A nullable field of text.
fn text_field(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn subfield_parts() -> ArrowFields {
    ArrowFields::from(vec![text_field("code"), text_field("value")])
}

pub(super) struct Nested {
    options: Arc<Options>,
    wants_fields: bool,
    draft: Draft,
    control_number: Texts,
    has_control_number: Validity,
    leader: FixedTexts,
    /// Behind the last field of each record.
    record_ends: Ends,
    tag: FixedTexts,
    ind1: FixedTexts,
    ind2: FixedTexts,
    value: Texts,
    /// A data field has indicators and subfields; a control field has a value.
    is_data: Validity,
    /// Data fields that have a value all the same.
    values_of_data: Vec<usize>,
    /// Behind the last subfield of each field.
    field_ends: Ends,
    code: FixedTexts,
    subfield_value: Texts,
}

/// How far the columns had grown.
#[derive(Clone, Copy)]
struct Mark {
    records: usize,
    fields: usize,
    control_number: TextsMark,
    leader: FixedMark,
    tag: FixedMark,
    ind1: FixedMark,
    ind2: FixedMark,
    value: TextsMark,
    code: FixedMark,
    subfield_value: TextsMark,
}

impl Nested {
    pub(super) fn new(options: Arc<Options>, bytes: usize, records: usize) -> Nested {
        let wants_fields = options.select.wants("fields");
        // Real catalogues have a field for every 50 bytes and a subfield for every 30, of 18 bytes each.
        let room = if wants_fields { bytes } else { 0 };
        let (fields, subfields) = (room / 44, room / 24);
        Nested {
            options,
            wants_fields,
            draft: Draft::default(),
            control_number: Texts::with_capacity(records * 16, records),
            has_control_number: Validity::with_capacity(records),
            leader: FixedTexts::with_capacity(24, records),
            record_ends: Ends::with_capacity(records),
            tag: FixedTexts::with_capacity(3, fields),
            ind1: FixedTexts::with_capacity(1, fields),
            ind2: FixedTexts::with_capacity(1, fields),
            value: Texts::with_capacity(room / 12, fields),
            is_data: Validity::with_capacity(fields),
            values_of_data: Vec::new(),
            field_ends: Ends::with_capacity(fields),
            code: FixedTexts::with_capacity(1, subfields),
            subfield_value: Texts::with_capacity(room, subfields),
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            records: self.record_ends.lists(),
            fields: self.field_ends.lists(),
            control_number: self.control_number.mark(),
            leader: self.leader.mark(),
            tag: self.tag.mark(),
            ind1: self.ind1.mark(),
            ind2: self.ind2.mark(),
            value: self.value.mark(),
            code: self.code.mark(),
            subfield_value: self.subfield_value.mark(),
        }
    }

    fn cut(&mut self, mark: Mark) {
        self.control_number.cut(mark.control_number);
        self.has_control_number.cut(mark.records);
        self.leader.cut(mark.leader);
        self.record_ends.cut(mark.records);
        self.tag.cut(mark.tag);
        self.ind1.cut(mark.ind1);
        self.ind2.cut(mark.ind2);
        self.value.cut(mark.value);
        self.is_data.cut(mark.fields);
        self.values_of_data.retain(|&field| field < mark.fields);
        self.field_ends.cut(mark.fields);
        self.code.cut(mark.code);
        self.subfield_value.cut(mark.subfield_value);
    }

    /// The quick way. False, and nothing appended, if anything in the record asks for the exact one.
    fn push_plain(&mut self, record: &RecordView<'_>) -> bool {
        let Some(text) = plain_text(record, &self.options).filter(|_| self.wants_fields) else {
            return false;
        };
        let Some(rows) = self.draft.rows(record, text) else { return false };
        match rows.control_number {
            Some(number) => self.control_number.push(number),
            None => self.control_number.push_null(),
        }
        self.has_control_number.push(rows.control_number.is_some());
        self.leader.extend(&record.leader().0);
        self.tag.extend(rows.tags.as_flattened());
        self.ind1.extend(rows.ind1);
        self.ind2.extend(rows.ind2);
        self.is_data.extend(rows.is_data);
        self.value.extend(&rows.values);
        self.field_ends.extend(self.code.rows(), rows.field_ends);
        self.code.extend(rows.codes);
        self.subfield_value.extend(&rows.subfield_values);
        self.record_ends.push(self.field_ends.lists());
        true
    }

    /// The record with its first 001 only, or with no field at all: what is not asked for is not decoded.
    fn control_number_alone<'a>(&self, record: &RecordView<'a>) -> RecordView<'a> {
        let is_wanted = self.options.select.wants("control_number");
        let number = record.entries().iter().position(|entry| is_wanted && entry.tag == *b"001");
        record.with_entries(number.map_or(&[], |place| &record.entries()[place..=place]))
    }

    /// The exact way: every value decoded by itself, everything odd named.
    fn push_exactly(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        let mark = self.mark();
        let wanted = if self.wants_fields { *record } else { self.control_number_alone(record) };
        let options = self.options.clone();
        let mut row = Row { columns: self, number: None };
        let findings = read_fields(&wanted, Odd::Seen, || text_encoding(record, &options), &mut row);
        let number = row.number;
        if findings.iter().any(|finding| !self.options.on_error.delivers(finding.severity)) {
            self.cut(mark);
            return findings;
        }
        match &number {
            Some(number) => self.control_number.push(number),
            None => self.control_number.push_null(),
        }
        self.has_control_number.push(number.is_some());
        self.leader.push(&leader_text(record));
        self.record_ends.push(self.field_ends.lists());
        findings
    }
}

/// The row of the record at hand.
struct Row<'a> {
    columns: &'a mut Nested,
    number: Option<String>,
}

impl Fields for Row<'_> {
    fn control_field(&mut self, tag: [u8; 3], value: &str) {
        if tag == *b"001" && self.number.is_none() {
            self.number = Some(value.to_owned());
        }
        let columns = &mut *self.columns;
        if columns.wants_fields {
            columns.tag.extend(&tag);
            columns.ind1.push(" ");
            columns.ind2.push(" ");
            columns.value.push(value);
            columns.is_data.push(false);
            columns.field_ends.push(columns.code.rows());
        }
    }

    fn data_field(&mut self, tag: [u8; 3], ind1: &str, ind2: &str, value: Option<&str>) {
        let columns = &mut *self.columns;
        columns.tag.extend(&tag);
        columns.ind1.push(ind1);
        columns.ind2.push(ind2);
        match value {
            Some(value) => {
                columns.value.push(value);
                columns.values_of_data.push(columns.field_ends.lists());
            }
            None => columns.value.push_null(),
        }
        columns.is_data.push(true);
    }

    fn subfield(&mut self, code: &str, value: &str) {
        self.columns.code.push(code);
        self.columns.subfield_value.push(value);
    }

    fn end_of_data_field(&mut self) {
        self.columns.field_ends.push(self.columns.code.rows());
    }
}

impl Layout for Nested {
    fn push(&mut self, record: &RecordView<'_>) -> Vec<Diagnostic> {
        if self.push_plain(record) { Vec::new() } else { self.push_exactly(record) }
    }

    fn finish(self: Box<Self>, schema: SchemaRef) -> Result<RecordBatch, ArrowError> {
        let options = &*self.options;
        let rows = self.record_ends.lists();
        let is_data = self.is_data.finish();
        let has_value = complement(&is_data, &self.values_of_data);
        let is_data = Some(is_data).filter(|validity| validity.null_count() > 0);
        let subfields = list(
            subfield_parts(),
            self.field_ends,
            is_data.clone(),
            vec![Arc::new(self.code.finish(None)?), Arc::new(self.subfield_value.finish(None)?)],
        )?;
        let fields = list(
            field_parts(),
            self.record_ends,
            None,
            vec![
                Arc::new(self.tag.finish(None)?),
                Arc::new(self.ind1.finish(is_data.clone())?),
                Arc::new(self.ind2.finish(is_data)?),
                Arc::new(self.value.finish(Some(has_value))?),
                subfields,
            ],
        )?;
        let control_number = Arc::new(self.control_number.finish(Some(self.has_control_number.finish()))?);
        let leader = Arc::new(self.leader.finish(None)?);
        let columns: [(&str, ArrayRef); 3] =
            [("control_number", control_number), ("leader", leader), ("fields", fields)];
        let wanted =
            columns.into_iter().filter(|(name, _)| options.select.wants(name)).map(|(_, column)| column);
        let row_count = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, wanted.collect(), &row_count)
    }
}

/// A list column of structs.
fn list(
    parts: ArrowFields,
    ends: Ends,
    nulls: Option<NullBuffer>,
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    let elements = StructArray::try_new(parts.clone(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(element(parts), ends.finish(), Arc::new(elements), nulls)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::charset::Charset;
    use crate::iso2709::encode::encode;
    use crate::iso2709::{Entries, directory};
    use crate::options::{Dialect, Encoding};

    fn nested(encoding: Encoding, dialect: Dialect) -> Nested {
        Nested::new(Arc::new(Options { encoding, dialect, ..Options::default() }), 1000, 1)
    }

    fn batch(nested: Nested) -> RecordBatch {
        let schema = schema(&nested.options);
        Box::new(nested).finish(schema).unwrap()
    }

    /// The batch of the quick way, if it takes the record, and that of the exact one.
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
        let is_plain = quick.push_plain(&record);
        let findings = exact.push_exactly(&record);
        if !is_plain {
            assert_eq!(batch(quick).num_rows(), 0);
            return (None, batch(exact));
        }
        assert_eq!(findings, [], "the quick way would say nothing");
        (Some(batch(quick)), batch(exact))
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
