//! Sinks may give any number of rows per record: here as many as the control number of the record says.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use super::{Purpose, Sink};
use crate::accounts::Accounts;
use crate::columns::buffers::Texts;
use crate::columns::groups::text_field;
use crate::columns::sink::{Outcome, Pushed};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::encode::encode;
use crate::options::{Options, Policy, Provenance};
use crate::record::reading::Reading;
use crate::{Scan, Source};

/// A record `3b` gives the rows `3b.0`, `3b.1`, `3b.2`; one that ends in `!` has a finding.
pub(super) struct Uneven {
    schema: SchemaRef,
    rows: Vec<String>,
    last: usize,
}

impl Uneven {
    pub(super) fn new(schema: SchemaRef) -> Uneven {
        Uneven { schema, rows: Vec::new(), last: 0 }
    }

    pub(super) fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![text_field("row")]))
    }
}

impl Sink for Uneven {
    fn push(&mut self, reading: &Reading<'_>) -> Pushed {
        let name = String::from_utf8_lossy(reading.record().fields().next().unwrap().bytes()).into_owned();
        let rows = usize::from(name.as_bytes()[0] - b'0');
        self.last = self.rows.len();
        self.rows.extend((0..rows).map(|row| format!("{name}.{row}")));
        let wrong = Diagnostic::new(Code::Utf8Invalid, Severity::Decoding, 0);
        Pushed { rows, findings: if name.ends_with('!') { vec![wrong] } else { Vec::new() }, waits: false }
    }

    fn undo(&mut self) {
        self.rows.truncate(self.last);
    }

    fn finish(self: Box<Self>) -> Result<Outcome, ArrowError> {
        let mut column = Texts::with_capacity(0, 0);
        self.rows.iter().for_each(|row| column.push(row));
        let row_count = RecordBatchOptions::new().with_row_count(Some(self.rows.len()));
        let column = Arc::new(column.finish(None)?);
        RecordBatch::try_new_with_options(self.schema, vec![column], &row_count).map(Outcome::Rows)
    }
}

/// The bytes of each record.
fn records(names: &[&str]) -> Vec<Vec<u8>> {
    let record = |name: &&str| {
        let mut bytes = Vec::new();
        encode(b"00000nam a2200000 a 4500", [("001", name)], &mut bytes).unwrap();
        bytes
    };
    names.iter().map(record).collect()
}

fn read(names: &[&str], options: Options) -> (Vec<RecordBatch>, Accounts) {
    let options = options.on_error(Policy::Skip);
    let scan = Scan::new(Source::bytes(records(names).concat())).with_options(options).unwrap();
    let mut batches = scan.with_purpose(Purpose::Uneven).batches();
    let mut all = Vec::new();
    while let Some(batch) = batches.next_batch().unwrap() {
        all.push(batch);
    }
    (all, batches.into_accounts())
}

fn rows(batches: &[RecordBatch]) -> Vec<&str> {
    batches.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten()).collect()
}

const NAMES: [&str; 8] = ["1a", "0b", "3c", "2!", "3d", "0e", "0f", "1g"];
const ROWS: [&str; 8] = ["1a.0", "3c.0", "3c.1", "3c.2", "3d.0", "3d.1", "3d.2", "1g.0"];

#[test]
fn a_record_gives_any_number_of_rows() {
    for (threads, batch_size) in [(1, 8192), (1, 1), (1, 3), (4, 1), (4, 3)] {
        let options = Options::default().threads(threads).batch_size(batch_size);
        let (batches, accounts) = read(&NAMES, options);
        assert_eq!(rows(&batches), ROWS, "{threads} threads, batches of {batch_size} records");
        let counts = accounts.counts();
        assert_eq!((counts.delivered, counts.rejected), (7, 1));
        assert_eq!(counts.bytes_delivered + counts.bytes_rejected, records(&NAMES).concat().len() as u64);
    }
}

#[test]
fn as_many_rows_are_read_as_were_asked_for() {
    for n_rows in 0..=9 {
        for (threads, batch_size) in [(1, 8192), (1, 1), (4, 2)] {
            let options = Options::default().threads(threads).batch_size(batch_size).n_rows(n_rows);
            let (batches, accounts) = read(&NAMES, options);
            assert_eq!(rows(&batches), ROWS[..8.min(n_rows as usize)], "{n_rows} rows, {threads} threads");
            let counts = accounts.counts();
            assert_eq!(counts.bytes(), if n_rows == 0 { 0 } else { records(&NAMES).concat().len() as u64 });
        }
    }
    // Nothing is read after the record that has the last row.
    let (_, accounts) = read(&NAMES, Options::default().n_rows(3));
    assert_eq!(accounts.counts().delivered, 3);
}

#[test]
fn each_row_says_where_its_record_is() {
    for (n_rows, last) in [(None, 8), (Some(6), 6)] {
        let options = Options::default().provenance(Provenance::Raw).n_rows(n_rows).batch_size(4);
        let (batches, _) = read(&NAMES, options);
        let (mut numbers, mut raw) = (Vec::new(), Vec::new());
        for batch in &batches {
            let number = batch.column_by_name("record").unwrap();
            numbers.extend(number.as_primitive::<Int64Type>().values().iter().copied());
            raw.extend(batch.column_by_name("raw").unwrap().as_binary::<i32>().iter().flatten());
            let names: Vec<_> = batch.schema().fields().iter().map(|it| Field::name(it).clone()).collect();
            assert_eq!(names[..4], ["row", "source", "record", "offset"]);
        }
        assert_eq!(numbers, [0, 2, 2, 2, 4, 4, 4, 7][..last]);
        let records = records(&NAMES);
        // In the first row of each record.
        numbers.dedup();
        let expected: Vec<_> = numbers.iter().map(|number| &*records[*number as usize]).collect();
        assert_eq!(raw, expected);
    }
}
