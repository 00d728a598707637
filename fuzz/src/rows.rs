//! Rows of the nested layout as plain text, and the way back to bytes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub control_number: Option<String>,
    pub leader: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub tag: String,
    pub indicators: Option<[String; 2]>,
    pub value: Option<String>,
    pub subfields: Option<Vec<[String; 2]>>,
}

/// All rows of some batches.
pub fn of(batches: &[RecordBatch]) -> Vec<Row> {
    batches.iter().flat_map(of_batch).collect()
}

fn of_batch(batch: &RecordBatch) -> Vec<Row> {
    let (control_numbers, leaders) = (batch.column(1), batch.column(2));
    let fields = batch.column(3).as_list::<i32>();
    (0..batch.num_rows())
        .map(|row| {
            let parts = fields.value(row);
            let parts = parts.as_struct();
            Row {
                control_number: text(control_numbers, row),
                leader: text(leaders, row).unwrap(),
                fields: (0..parts.len()).map(|place| field(parts, place)).collect(),
            }
        })
        .collect()
}

fn field(parts: &StructArray, place: usize) -> Field {
    let subfields = parts.column(4).as_list::<i32>();
    let [ind1, ind2] = [1, 2].map(|column| text(parts.column(column), place));
    Field {
        tag: text(parts.column(0), place).unwrap(),
        indicators: ind1.zip(ind2).map(<[String; 2]>::from),
        value: text(parts.column(3), place),
        subfields: subfields.is_valid(place).then(|| {
            let pairs = subfields.value(place);
            let pairs = pairs.as_struct();
            let column = |number, pair| text(pairs.column(number), pair).unwrap();
            (0..pairs.len()).map(|pair| [column(0, pair), column(1, pair)]).collect()
        }),
    }
}

fn text(column: &ArrayRef, place: usize) -> Option<String> {
    let texts = column.as_string::<i32>();
    texts.is_valid(place).then(|| texts.value(place).to_owned())
}

impl Field {
    /// The field's text with its delimiters, as it stands in a record in UTF-8.
    pub fn bytes(&self) -> String {
        let mut bytes: String = self.indicators.iter().flatten().map(String::as_str).collect();
        bytes.push_str(self.value.as_deref().unwrap_or_default());
        for [code, value] in self.subfields.iter().flatten() {
            bytes.push('\x1f');
            bytes.push_str(code);
            bytes.push_str(value);
        }
        bytes
    }
}
