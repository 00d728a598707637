use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int32Array, Int64Array, LargeListArray, LargeStringArray, ListArray,
    RecordBatch, RecordBatchOptions, StringArray, StringViewArray, StructArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use proptest::prelude::*;

use super::arrays::{Lists, Numbers, Text};
use super::*;
use crate::error::{Error, WriteCode};
use crate::record::{RecordBuf, Tell, Value, Visit};
use crate::{Columns, Condition, Options, Scan, Source};

const LAYOUTS: [Layout; 3] = [Layout::Nested, Layout::Fields, Layout::Subfields];

/// A part of a record, as a row of layout subfields has it.
#[derive(Clone, Debug)]
struct Row {
    record: i64,
    field: i64,
    tag: String,
    indicators: Option<[String; 2]>,
    code: Option<String>,
    value: Option<String>,
}

fn rows_of(record: &RecordBuf, number: i64) -> Vec<Row> {
    let leader = record.leader().0.iter().copied().map(char::from).collect();
    let row = |field, tag: &str| Row {
        record: number,
        field,
        tag: tag.to_owned(),
        indicators: None,
        code: None,
        value: None,
    };
    let mut rows = vec![Row { value: Some(leader), ..row(0, "LDR") }];
    for (place, field) in record.fields().enumerate() {
        let row = row(place as i64 + 1, field.tag().as_str());
        if let Some(data) = field.data() {
            rows.push(Row { value: Some(data.to_owned()), ..row });
            continue;
        }
        let row = Row { indicators: Some(field.indicators().map(str::to_owned)), ..row };
        let stray = field.stray().or((field.subfields().count() == 0).then_some(""));
        rows.extend(stray.map(|stray| Row { value: Some(stray.to_owned()), ..row.clone() }));
        rows.extend(field.subfields().map(|(code, value)| Row {
            code: Some(code.to_owned()),
            value: Some(value.to_owned()),
            ..row.clone()
        }));
    }
    rows
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// The columns of fields: each a run of rows.
fn field_columns(fields: &[&[Row]]) -> Vec<(&'static str, ArrayRef)> {
    let first = |field: &&[Row]| field[0].clone();
    let of_pair = Fields::from(vec![
        Field::new("code", DataType::Utf8, true),
        Field::new("value", DataType::Utf8, true),
    ]);
    let builders: Vec<Box<dyn arrow_array::builder::ArrayBuilder>> =
        vec![Box::new(StringBuilder::new()), Box::new(StringBuilder::new())];
    let mut subfields = ListBuilder::new(StructBuilder::new(of_pair, builders));
    for field in fields {
        for row in field.iter().filter(|row| row.code.is_some()) {
            let pair = subfields.values();
            pair.field_builder::<StringBuilder>(0).unwrap().append_option(row.code.as_ref());
            pair.field_builder::<StringBuilder>(1).unwrap().append_option(row.value.as_ref());
            pair.append(true);
        }
        subfields.append(field[0].indicators.is_some());
    }
    let firsts: Vec<Row> = fields.iter().map(first).collect();
    let indicator =
        |place: usize| texts(firsts.iter().map(|row| row.indicators.as_ref().map(|it| it[place].as_str())));
    let values = fields.iter().map(|field| {
        let outside = field.iter().find(|row| row.code.is_none());
        outside.and_then(|row| row.value.as_deref())
    });
    vec![
        ("tag", texts(firsts.iter().map(|row| Some(row.tag.as_str())))),
        ("ind1", indicator(0)),
        ("ind2", indicator(1)),
        ("value", texts(values)),
        ("subfields", Arc::new(subfields.finish())),
    ]
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// Records as rows of a layout.
fn table(layout: Layout, records: &[RecordBuf]) -> RecordBatch {
    let rows: Vec<Row> =
        records.iter().enumerate().flat_map(|(number, record)| rows_of(record, number as i64)).collect();
    let fields: Vec<&[Row]> = rows.chunk_by(|a, b| (a.record, a.field) == (b.record, b.field)).collect();
    match layout {
        Layout::Nested => {
            let leaders: Vec<_> = fields.iter().filter(|field| field[0].field == 0).collect();
            let inner: Vec<&[Row]> = fields.iter().copied().filter(|field| field[0].field > 0).collect();
            let structs = StructArray::from(batch(field_columns(&inner)));
            let counts = records.iter().map(|record| record.fields().len());
            let element = Field::new("element", structs.data_type().clone(), true);
            let lists = ListArray::new(
                Arc::new(element),
                OffsetBuffer::from_lengths(counts),
                Arc::new(structs),
                None,
            );
            batch(vec![
                ("record", Arc::new((0..records.len() as i64).collect::<Int64Array>())),
                ("leader", texts(leaders.iter().map(|field| field[0].value.as_deref()))),
                ("fields", Arc::new(lists)),
            ])
        }
        Layout::Fields => {
            let number = |of: fn(&Row) -> i64| -> ArrayRef {
                Arc::new(fields.iter().map(|field| of(&field[0])).collect::<Int64Array>())
            };
            let mut columns = vec![("record", number(|row| row.record)), ("field", number(|row| row.field))];
            columns.extend(field_columns(&fields));
            batch(columns)
        }
        Layout::Subfields => {
            let text = |of: fn(&Row) -> Option<&str>| texts(rows.iter().map(of));
            batch(vec![
                ("record", Arc::new(rows.iter().map(|row| row.record).collect::<Int64Array>())),
                ("field", Arc::new(rows.iter().map(|row| row.field).collect::<Int64Array>())),
                ("tag", text(|row| Some(&row.tag))),
                ("ind1", text(|row| row.indicators.as_ref().map(|it| it[0].as_str()))),
                ("ind2", text(|row| row.indicators.as_ref().map(|it| it[1].as_str()))),
                ("code", text(|row| row.code.as_deref())),
                ("value", text(|row| row.value.as_deref())),
            ])
        }
    }
}

/// A batch in parts, each of at most this many rows.
fn parts(batch: &RecordBatch, rows: usize) -> Vec<Result<RecordBatch, Error>> {
    let starts = (0..batch.num_rows()).step_by(rows.max(1));
    starts.map(|start| Ok(batch.slice(start, rows.max(1).min(batch.num_rows() - start)))).collect()
}

fn records_of(batch: &RecordBatch, rows: usize) -> Result<Vec<RecordBuf>, Error> {
    let mut pieces = Pieces::of(&batch.schema(), parts(batch, rows).into_iter())?;
    let mut records = Vec::new();
    while let Some(piece) = pieces.next_piece()? {
        for record in piece.records()?.iter() {
            let record = record?;
            let mut copy = RecordBuf::new(record.leader());
            record.tell(&mut copy)?;
            records.push(copy);
        }
    }
    Ok(records)
}

fn written(batch: &RecordBatch, options: &RowOptions) -> Result<(Vec<u8>, Written), Error> {
    let mut out = Vec::new();
    let pieces = Pieces::of(&batch.schema(), parts(batch, 1_000).into_iter())?;
    write_into(pieces, &mut out, options).map(|written| (out, written))
}

fn record(number: &str, notes: &[&str]) -> RecordBuf {
    let mut record = RecordBuf::default();
    record.push_control("001", number).unwrap();
    for note in notes {
        record.push_data("500", [' ', ' '], [('a', *note)]).unwrap();
    }
    record
}

fn some_record() -> impl Strategy<Value = RecordBuf> {
    let subfield = ("[a-z0-9é]|", "[ -~é日]{0,9}").prop_map(|(code, value)| match code.is_empty() {
        true => (code, String::new()),
        false => (code, value),
    });
    let field = (
        "[0-9]{3}",
        "[ 0-9]{2}",
        proptest::option::of("[ -~]{0,5}"),
        proptest::collection::vec(subfield, 0..4),
    );
    proptest::collection::vec(field, 0..6).prop_map(|fields| {
        let mut record = RecordBuf::default();
        for (tag, indicators, stray, subfields) in fields {
            if tag.starts_with("00") {
                record.push_control(&tag, &stray.unwrap_or_default()).unwrap();
                continue;
            }
            let (first, second) = indicators.split_at(1);
            record.data(&tag, [first, second], stray.map(|stray| Value::Text(stray.into()))).unwrap();
            for (code, value) in subfields {
                record.subfield(&code, Value::Text(value.into())).unwrap();
            }
            record.end().unwrap();
        }
        record
    })
}

proptest! {
    #[test]
    fn rows_of_every_layout_are_the_records_again_wherever_batches_end(
        records in proptest::collection::vec(some_record(), 0..8),
        rows in 1..20_usize,
    ) {
        for layout in LAYOUTS {
            prop_assert_eq!(&records_of(&table(layout, &records), rows).unwrap(), &records, "{:?}", layout);
        }
    }

    #[test]
    fn what_is_written_of_rows_is_what_a_writer_writes_and_comes_back(
        records in proptest::collection::vec(some_record(), 1..8),
    ) {
        let mut writer = crate::Writer::new(Vec::new());
        for record in &records {
            writer.write(record).unwrap();
        }
        let bytes = writer.finish().unwrap();
        for layout in LAYOUTS {
            prop_assert_eq!(&written(&table(layout, &records), &RowOptions::default()).unwrap().0, &bytes);
        }
        for layout in [crate::Layout::Nested, crate::Layout::Fields, crate::Layout::Subfields] {
            let scan = Scan::new(Source::bytes(bytes.clone()));
            let scan = scan.with_options(Options::default().layout(layout)).unwrap();
            let mut again = Vec::new();
            write_into(Pieces::of(&scan.schema(), scan.batches()).unwrap(), &mut again, &RowOptions::default())
                .unwrap();
            prop_assert_eq!(&again, &bytes, "{:?}", layout);
        }
    }

    #[test]
    fn rows_of_every_layout_answer_as_a_scan_does_wherever_batches_end(
        records in proptest::collection::vec(some_record(), 1..8),
        condition in proptest::sample::select(vec!["...$a", "not ...$a", "count(...) > 2", "0..", "...^1 < '5'"]),
        rows in 1..20_usize,
    ) {
        let mut writer = crate::Writer::new(Vec::new());
        for record in &records {
            writer.write(record).unwrap();
        }
        let scan = Scan::new(Source::bytes(writer.finish().unwrap()));
        let condition: Condition = condition.parse().unwrap();
        let columns = Columns::of(["LDR/06", "001", "00.", "...", "...$a-z", "first(...^2)"].map(|text| (text, text)));
        let columns = columns.unwrap();
        let extracting = Options::default().columns(columns.clone());
        let filtering = Options::default().filter(condition.clone());
        let extracted: Vec<_> =
            scan.clone().with_options(extracting).unwrap().batches().map(Result::unwrap).collect();
        let met: usize = scan.with_options(filtering).unwrap().batches().map(|it| it.unwrap().num_rows()).sum();
        for layout in LAYOUTS {
            let table = table(layout, &records);
            let schema = table.schema();
            let ours = extract(&schema, parts(&table, rows), &columns).unwrap();
            prop_assert_eq!(&ours.map(Result::unwrap).collect::<Vec<_>>(), &extracted, "{:?}", layout);
            let are_met = meeting(&schema, parts(&table, rows), &condition).unwrap();
            prop_assert_eq!(are_met.len(), table.num_rows());
            let numbers: &Int64Array = table.column_by_name("record").unwrap().as_primitive();
            let numbers = numbers.values().iter().zip(&are_met).filter(|(_, is_met)| *is_met == Some(true));
            prop_assert_eq!(numbers.map(|(number, _)| number).collect::<HashSet<_>>().len(), met);
        }
    }
}

#[test]
fn after_an_error_nothing_is_extracted() {
    let table = table(Layout::Fields, &[record("A1", &["one"]), record("A2", &["two"])]);
    let columns = Columns::of([("id", "001")]).unwrap();
    let batches = [Ok(table.clone()), Err(Error::Argument("no more".into())), Ok(table.clone())];
    let extracted: Vec<_> = extract(&table.schema(), batches, &columns).unwrap().collect();
    assert!(
        matches!(extracted.as_slice(), [Err(Error::Argument(text))] if text == "no more"),
        "{extracted:?}"
    );
    let counts = value_counts(&table.schema(), [Ok::<_, Error>(table.clone())], &"500$a".parse().unwrap());
    assert_eq!(counts.unwrap().num_rows(), 2);
}

#[test]
fn the_order_of_records_and_the_bytes_depend_on_no_thread() {
    let records: Vec<_> = (0..3_000).map(|number| record(&number.to_string(), &["one", "two"])).collect();
    for layout in LAYOUTS {
        let table = table(layout, &records);
        let alone = written(&table, &RowOptions::default().threads(1)).unwrap();
        assert_eq!(alone.1.records, 3_000);
        for threads in [2, 7] {
            assert_eq!(written(&table, &RowOptions::default().threads(threads)).unwrap(), alone);
        }
    }
}

#[test]
fn the_first_record_that_cannot_be_written_is_the_error_and_names_its_row() {
    let note = |number: usize| if number % 1_000 == 700 { "\u{1f}" } else { "note" };
    let records: Vec<_> = (0..3_000)
        .map(|number| {
            let mut record = record(&number.to_string(), &["first"]);
            // Read from rows, since a RecordBuf refuses such a value itself.
            record
                .push_data("505", [' ', ' '], [('a', if note(number) == "note" { "b" } else { "X" })])
                .unwrap();
            record
        })
        .collect();
    let spoil = |batch: RecordBatch| {
        let spoilt = batch.columns().iter().map(|column| match column.data_type() {
            DataType::Utf8 => {
                let text: StringArray = arrow_array::cast::AsArray::as_string(column).clone();
                texts(text.iter().map(|value| if value == Some("X") { Some("x\u{1f}y") } else { value }))
            }
            _ => column.clone(),
        });
        RecordBatch::try_new(batch.schema(), spoilt.collect()).unwrap()
    };
    let table = spoil(table(Layout::Subfields, &records));
    let error = written(&table, &RowOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 2803, column value, record 700 (001 700), field 505, $a: a subfield delimiter, or a field or record \
         terminator, in a value (delimiter-in-value); found \\x1f"
    );
    let (bytes, account) = written(&table, &RowOptions::default().skips(true)).unwrap();
    assert_eq!((account.records, account.skipped, account.refusals.len()), (3_000, 3, 3));
    assert_eq!(bytes.iter().filter(|byte| **byte == 0x1D).count(), 2_997);
}

#[test]
fn a_field_that_is_too_long_is_found_by_its_row() {
    let long = "x".repeat(10_000);
    let table = table(Layout::Fields, &[record("A1", &["one"]), record("A2", &["one", &long])]);
    let Err(Error::Write(error)) = written(&table, &RowOptions::default()) else { panic!("it was written") };
    assert_eq!((error.0.row, error.0.column, error.0.record), (Some(6), Some("subfields"), Some(1)));
}

#[test]
fn what_is_odd_is_written_and_named_by_its_row() {
    let mut odd = record("A1", &["one"]);
    odd.push_data("505", [' ', 'é'], [('a', "x"), ('é', "y\u{1e}")]).unwrap();
    let mut leader = odd.leader();
    leader.0[18] = 0xE9;
    odd.set_leader(leader);
    for (layout, rows) in
        [(Layout::Nested, [0; 4]), (Layout::Fields, [3, 3, 3, 0]), (Layout::Subfields, [3, 4, 4, 0])]
    {
        let (bytes, account) = written(&table(layout, &[odd.clone()]), &RowOptions::default()).unwrap();
        assert_eq!((account.records, account.skipped, account.odd), (1, 0, 1));
        let told: Vec<_> =
            account.refusals.iter().map(|it| (it.code, it.row.unwrap(), it.is_written)).collect();
        let codes = [
            WriteCode::IndicatorUnwritable,
            WriteCode::CodeUnwritable,
            WriteCode::DelimiterInValue,
            WriteCode::LeaderUnwritable,
        ];
        let expected: Vec<_> = codes.into_iter().zip(rows).map(|(code, row)| (code, row, true)).collect();
        assert_eq!(told, expected, "{layout:?}");
        let records: Vec<_> =
            crate::Reader::open(Source::bytes(bytes)).unwrap().map(Result::unwrap).collect();
        let field = records[0].field("505").unwrap();
        assert_eq!(field.indicators(), [" ", " "]);
        assert_eq!(field.subfields().last(), Some(("é", "y\u{1e}")));
    }
}

/// The text of the error that columns give.
fn error_of(columns: Vec<(&str, ArrayRef)>) -> String {
    written(&batch(columns), &RowOptions::default()).unwrap_err().to_string()
}

#[test]
fn rows_that_are_no_records_say_what_is_wrong() {
    let two = [record("A1", &["one"]), record("A2", &["two"])];
    let columns = |change: &dyn Fn(&str, ArrayRef) -> Option<ArrayRef>| {
        let table = table(Layout::Subfields, &two);
        let schema = table.schema();
        let columns = schema.fields().iter().zip(table.columns()).filter_map(|(field, column)| {
            Some((field.name().clone(), change(field.name(), column.clone())?))
        });
        let columns: Vec<_> = columns.collect();
        error_of(columns.iter().map(|(name, column)| (name.as_str(), column.clone())).collect())
    };
    let replaced = |name: &'static str, array: ArrayRef| {
        move |its: &str, column: ArrayRef| Some(if its == name { array.clone() } else { column })
    };
    let numbers =
        |numbers: [Option<i64>; 6]| Arc::new(numbers.into_iter().collect::<Int64Array>()) as ArrayRef;
    assert_eq!(
        columns(&|name, column| (name != "code").then_some(column)),
        "records need the column fields, or the columns of layout fields or subfields; there are record, field, tag, \
         ind1, ind2, value; keep those columns, or read whole records"
    );
    assert_eq!(
        columns(&replaced("tag", numbers([Some(245); 6]))),
        "the column tag is Int64 instead of text; cast it to a string"
    );
    assert_eq!(
        columns(&replaced("record", numbers([Some(0), Some(0), Some(0), Some(1), Some(1), Some(0)]))),
        "row 5, column record: record 0 comes again after another; sort by record, field, subfield, or tell records \
         of several files apart by a column source"
    );
    assert_eq!(
        columns(&replaced("record", numbers([Some(0), Some(0), Some(0), None, Some(1), Some(1)]))),
        "row 3, column record: null; each row needs the number of its record"
    );
    assert_eq!(
        columns(&replaced("tag", texts(["LDR", "001", "24x5", "LDR", "001", "500"].into_iter().map(Some)))),
        "row 2, column tag, record 0 (001 A1), field 24x5: the tag is not three printable ASCII characters \
         that this form can express (tag-unwritable)"
    );
    assert_eq!(
        columns(&replaced("value", texts([Some("short"), Some("A1"), None, None, None, None].into_iter()))),
        "row 2, column value, record 0 (001 A1), field 500: a part of the field is not valid text (not-text); found null"
    );
    assert!(columns(&replaced("value", texts([Some("short"); 6].into_iter()))).starts_with(
        "row 0, column value, record 0 (001 short): the leader does not have 24 ASCII characters"
    ));
}

#[test]
fn rows_of_one_field_have_to_agree() {
    let mut one = record("A1", &[]);
    one.push_data("505", ['0', ' '], [('a', "x"), ('b', "y")]).unwrap();
    let table = table(Layout::Subfields, &[one]);
    let with = |name: &str, array: ArrayRef| {
        let place = table.schema().index_of(name).unwrap();
        let mut columns = table.columns().to_vec();
        columns[place] = array;
        let table = RecordBatch::try_new(table.schema(), columns).unwrap();
        written(&table, &RowOptions::default()).map(|_| ()).map_err(|error| error.to_string())
    };
    let error = with("ind1", texts([None, None, Some("0"), Some("1")].into_iter())).unwrap_err();
    assert!(error.starts_with("row 3, column field, record 0 (001 A1), field 505: "), "{error}");
    assert!(error.ends_with("(rows-disagree); found other indicators"), "{error}");
    let error = with("code", texts([None; 4].into_iter())).unwrap_err();
    assert!(error.ends_with("(rows-disagree); found a second row without a code"), "{error}");
    assert_eq!(with("field", Arc::new(Int64Array::from(vec![0, 1, 2, 3]))), Ok(()));
}

#[test]
fn text_lists_and_numbers_may_have_any_type() {
    let values = [Some("é"), None, Some("long enough to be in a buffer of its own")];
    let dictionary: DictionaryArray<Int8Type> = values.into_iter().collect();
    let arrays: [ArrayRef; 4] = [
        Arc::new(StringArray::from(values.to_vec())),
        Arc::new(LargeStringArray::from(values.to_vec())),
        Arc::new(StringViewArray::from(values.to_vec())),
        Arc::new(dictionary),
    ];
    for array in &arrays {
        for start in 0..3 {
            let text = Text::of(array.slice(start, 3 - start).as_ref()).unwrap();
            assert_eq!(
                (0..3 - start).map(|row| text.get(row)).collect::<Vec<_>>(),
                values[start..],
                "{array:?}"
            );
            assert_eq!((text.may_lack(), text.first_that_is_no_text()), (start < 2, None));
        }
    }
    assert!(Text::of(&Int32Array::from(vec![1])).is_none());

    let element: FieldRef = Arc::new(Field::new("l", DataType::Utf8, true));
    let offsets = [0, 2, 2, 3];
    let lists = |offsets: [i64; 4]| {
        LargeListArray::new(
            element.clone(),
            OffsetBuffer::new(offsets.to_vec().into()),
            arrays[0].clone(),
            None,
        )
    };
    let sliced = lists(offsets).slice(1, 2);
    let lists = Lists::of(&sliced).unwrap();
    assert_eq!((lists.get(0), lists.get(1), lists.values.len()), (Some(0..0), Some(0..1), 1));

    let numbers = Numbers::of(&Int32Array::from(vec![Some(7), None])).unwrap();
    assert_eq!((numbers.get(0), numbers.get(1), numbers.get(2)), (Some(7), None, None));
}

#[test]
fn rows_without_a_leader_get_that_of_a_new_record() {
    let table = table(Layout::Nested, &[record("A1", &["one"])]);
    let columns: Vec<_> = ["fields"].map(|name| (name, table.column_by_name(name).unwrap().clone())).into();
    assert_eq!(records_of(&batch(columns), 1).unwrap(), [record("A1", &["one"])]);
}

#[test]
fn no_rows_are_no_records() {
    for layout in LAYOUTS {
        let (bytes, account) = written(&table(layout, &[]), &RowOptions::default()).unwrap();
        assert_eq!((bytes.len(), account), (0, Written::default()));
    }
    let nothing = RecordBatch::try_new_with_options(
        Schema::empty().into(),
        Vec::new(),
        &RecordBatchOptions::new().with_row_count(Some(1)),
    );
    assert!(matches!(written(&nothing.unwrap(), &RowOptions::default()), Err(Error::Argument(_))));
}
