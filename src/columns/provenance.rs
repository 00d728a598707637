//! The columns that say where a row is from, behind those of the layout: `source`, and with it where in the
//! source the record stands, what its bytes were, and in which encoding they were read.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_schema::{DataType, Field};

use crate::charset::Charset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::iso2709::RecordView;
use crate::options::{self, Options};
use crate::record::reading::{Reading, declared};

const SOURCE: &str = "source";
const PLACES: [&str; 6] = ["record", "offset", "length", "encoding_declared", "encoding_used", "undecodable"];
const RAW: &str = "raw";

/// The fields that were asked for. Rows of several sources name theirs, whether that was asked for or not.
pub(crate) fn fields(options: &Options, several_sources: bool) -> Vec<Field> {
    let wants = options.provenance != options::Provenance::Without;
    let source = (wants || several_sources).then_some(SOURCE);
    let places = PLACES.into_iter().filter(|_| wants);
    let raw = (options.provenance == options::Provenance::Raw).then_some(RAW);
    let names = source.into_iter().chain(places).chain(raw).filter(|name| options.select.wants(name));
    names.map(|name| Field::new(name, data_type(name), true)).collect()
}

fn data_type(name: &str) -> DataType {
    match name {
        SOURCE | "encoding_declared" | "encoding_used" => DataType::Utf8,
        RAW => DataType::Binary,
        _ => DataType::Int64,
    }
}

/// Where the rows of a chunk are from; nothing is kept of it unless it was asked for.
pub(crate) struct Provenance {
    options: Arc<Options>,
    rows: Vec<Row>,
    raw: BinaryBuilder,
}

struct Row {
    /// Number of the record, from the chunk's first.
    record: u64,
    offset: u64,
    length: usize,
    encoding_declared: Option<&'static str>,
    encoding_used: &'static str,
    undecodable: u64,
}

impl Provenance {
    pub(super) fn new(options: Arc<Options>) -> Provenance {
        Provenance { options, rows: Vec::new(), raw: BinaryBuilder::new() }
    }

    /// Enters a record that is delivered.
    #[inline]
    pub(super) fn push(
        &mut self,
        record: &RecordView<'_>,
        number: u64,
        offset: u64,
        findings: &[Diagnostic],
    ) {
        if self.options.provenance != options::Provenance::Without {
            self.enter(record, number, offset, findings);
        }
    }

    #[cold]
    fn enter(&mut self, record: &RecordView<'_>, number: u64, offset: u64, findings: &[Diagnostic]) {
        let undecodable = findings.iter().filter(|finding| finding.severity == Severity::Decoding);
        self.rows.push(Row {
            record: number,
            offset,
            length: record.bytes().len(),
            encoding_declared: declared(record, self.options.dialect).map(Charset::name),
            encoding_used: Reading::new(*record, self.options.rules()).charset().name(),
            undecodable: undecodable.map(|finding| finding.count).sum(),
        });
        if self.options.provenance == options::Provenance::Raw && self.options.select.wants(RAW) {
            self.raw.append_value(record.bytes());
        }
    }

    /// The columns of `fields`, of so many rows; the chunk has so many records of its source before it.
    pub(crate) fn finish(
        mut self,
        fields: &[Arc<Field>],
        rows: usize,
        source: Option<&str>,
        before: u64,
    ) -> Vec<ArrayRef> {
        let raw = self.raw.finish();
        let column = |name: &str| -> ArrayRef {
            match name {
                SOURCE => Arc::new(std::iter::repeat_n(source, rows).collect::<StringArray>()),
                "record" => self.numbers(|row| row.record + before),
                "offset" => self.numbers(|row| row.offset),
                "length" => self.numbers(|row| row.length as u64),
                "encoding_declared" => self.texts(|row| row.encoding_declared),
                "encoding_used" => self.texts(|row| Some(row.encoding_used)),
                "undecodable" => self.numbers(|row| row.undecodable),
                _ => Arc::new(raw.clone()),
            }
        };
        fields.iter().map(|field| column(field.name())).collect()
    }

    fn numbers(&self, of: impl Fn(&Row) -> u64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(self.rows.iter().map(|row| of(row) as i64)))
    }

    fn texts(&self, of: impl Fn(&Row) -> Option<&'static str>) -> ArrayRef {
        Arc::new(self.rows.iter().map(of).collect::<StringArray>())
    }
}
