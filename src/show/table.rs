//! Rows of columns as text or HTML.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Field, Schema};

use super::findings::Findings;
use super::layout::{CELL, below, cut, escaped, shortened, side_by_side, width_of};
use super::type_name;
use crate::words::{counted, printable};

/// The number of rows that Python shows of a long table, half of them from each end; a short one is shown whole.
pub const ROWS_SHOWN: usize = 10;

/// Batches of rows to show.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The columns.
    pub schema: &'a Schema,
    /// The rows.
    pub batches: &'a [RecordBatch],
    /// The number of bytes that they take in memory.
    pub bytes: usize,
    /// How many of the rows are shown, half of them from each end; a table with no more is shown whole.
    pub most: usize,
    /// One line of accounts, if there is something to report.
    pub news: Option<&'a str>,
}

impl Rows<'_> {
    fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn headline(&self) -> String {
        let (rows, columns) = (self.count(), self.schema.fields().len());
        format!(
            "mrrc.Table: {}, {}, {}",
            counted(rows as u64, "row"),
            counted(columns as u64, "column"),
            size(self.bytes)
        )
    }

    /// Text for a terminal of `room` columns: the types, the rows, and the accounts below.
    pub fn text(&self, room: usize) -> String {
        if let Some(findings) = Findings::of(self.schema, self.batches, self.news) {
            return findings.text(room);
        }
        let shown = Shown::of(self);
        let mut out = vec![self.headline()];
        let names = shown.names.iter().zip(&shown.types);
        out.extend(names.map(|(name, kind)| cut(&format!("  {name}: {kind}"), room)));
        if !shown.rows.is_empty() && !shown.names.is_empty() {
            out.push(String::new());
            out.extend(shown.lines(room));
        }
        out.extend(self.news.iter().flat_map(|news| below(news, room)));
        out.join("\n")
    }

    /// The names of the columns and the rows, for a terminal of `room` columns.
    pub fn lines(&self, room: usize) -> Vec<String> {
        Shown::of(self).lines(room)
    }

    /// The text as HTML.
    pub fn html(&self) -> String {
        if let Some(findings) = Findings::of(self.schema, self.batches, self.news) {
            return findings.html();
        }
        let shown = Shown::of(self);
        let columns = shown.names.len();
        let alignment = |is_number: &bool| if *is_number { "right" } else { "left" };
        let head: String = shown
            .names
            .iter()
            .zip(&shown.types)
            .zip(&shown.are_numbers)
            .map(|((name, kind), is_number)| {
                format!(
                    "<th style=\"text-align:{}\">{}<br>\
                     <small style=\"font-weight:normal;opacity:.7\">{}</small></th>",
                    alignment(is_number),
                    escaped(name),
                    escaped(&shortened(kind))
                )
            })
            .collect();
        let body: String = shown
            .rows
            .iter()
            .map(|row| match row {
                None => format!("<tr><td colspan=\"{columns}\" style=\"text-align:left\">…</td></tr>"),
                Some(cells) => {
                    let cells = cells.iter().zip(&shown.are_numbers).map(|(cell, is_number)| {
                        let style = "vertical-align:top;white-space:pre-wrap;unicode-bidi:plaintext";
                        format!(
                            "<td style=\"text-align:{};{style}\">{}</td>",
                            alignment(is_number),
                            escaped(cell)
                        )
                    });
                    format!("<tr>{}</tr>", cells.collect::<String>())
                }
            })
            .collect();
        let accounts = self.news.map(|news| format!("<p>{}</p>", escaped(news))).unwrap_or_default();
        format!(
            "<div><p><small>{}</small></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{accounts}</div>",
            escaped(&self.headline())
        )
    }
}

/// The cells of some rows; `None` stands for rows left out.
struct Shown {
    names: Vec<String>,
    types: Vec<String>,
    are_numbers: Vec<bool>,
    rows: Vec<Option<Vec<String>>>,
}

impl Shown {
    fn of(table: &Rows<'_>) -> Shown {
        let fields = table.schema.fields();
        let rows = table.count();
        let mut shown = Vec::new();
        if rows <= table.most {
            shown.extend((0..rows).map(Some));
        } else {
            shown.extend((0..table.most / 2).map(Some));
            shown.push(None);
            shown.extend((rows - table.most / 2..rows).map(Some));
        }
        Shown {
            names: fields.iter().map(|field| field.name().clone()).collect(),
            types: fields.iter().map(|field| type_name(field.data_type())).collect(),
            are_numbers: fields.iter().map(|field| field.data_type().is_numeric()).collect(),
            rows: shown.into_iter().map(|row| row.map(|row| cells(table.batches, row))).collect(),
        }
    }

    fn lines(&self, room: usize) -> Vec<String> {
        side_by_side(&self.names, &self.are_numbers, &self.rows, room)
    }
}

fn cells(batches: &[RecordBatch], mut row: usize) -> Vec<String> {
    for batch in batches {
        if row < batch.num_rows() {
            return batch.columns().iter().map(|column| shortened(&cell(column, row))).collect();
        }
        row -= batch.num_rows();
    }
    Vec::new()
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "null".into();
    }
    match column.data_type() {
        DataType::List(element) if matches!(element.data_type(), DataType::Struct(_)) => {
            structs(column.as_list(), row)
        }
        DataType::Binary => counted(column.as_binary::<i32>().value(row).len() as u64, "byte"),
        DataType::Int64 => leaf(column, row),
        _ => printable(&leaf(column, row)),
    }
}

/// What is in a list of structs: fields, subfields, or the parts that were asked for.
fn structs(list: &ListArray, row: usize) -> String {
    let has = |name: &str| list.value(row).as_struct().column_by_name(name).is_some();
    if has("tag") {
        return fields(list, row);
    }
    if has("code") {
        let mut out = String::new();
        push_subfields(&mut out, list, row);
        return printable(out.trim_start());
    }
    let rows = list.value(row);
    let rows = rows.as_struct();
    let all: Vec<_> = (0..rows.len()).take(CELL).map(|row| members(rows, row)).collect();
    printable(&all.join(" · "))
}

/// `$a Title $b rest` of members with the name of a subfield, `Title / Заглавие` of others.
fn members(rows: &StructArray, row: usize) -> String {
    let mut out = Vec::new();
    for (name, column) in rows.column_names().into_iter().zip(rows.columns()) {
        match column.as_list_opt::<i32>() {
            Some(values) => {
                let values = values.value(row);
                out.extend((0..values.len()).map(|value| format!("${name} {}", leaf(&values, value))));
            }
            None if column.is_null(row) => {}
            None if out.is_empty() => out.push(leaf(column, row)),
            None => out.push(format!("/ {}", leaf(column, row))),
        }
    }
    out.join(" ")
}

/// `… 245 10 $a Title $b rest · 650 #0 $a Subject`: fields as cataloguers write them, from the title on, or from the
/// first data field. The control fields before them look alike in every record.
fn fields(list: &ListArray, row: usize) -> String {
    let fields = list.value(row);
    let fields = fields.as_struct();
    let part = |name: &str, field: usize| match fields.column_by_name(name) {
        Some(column) if !column.is_null(field) => Some(leaf(column, field)),
        _ => None,
    };
    let first = |is_wanted: fn(&str) -> bool| {
        (0..fields.len()).find(|&field| part("tag", field).is_some_and(|tag| is_wanted(&tag)))
    };
    let begin = first(|tag| tag == "245").or_else(|| first(|tag| !tag.starts_with("00"))).unwrap_or(0);
    let mut out = String::new();
    if begin > 0 {
        out.push_str("… ");
    }
    for field in begin..fields.len() {
        if width_of(&out) > CELL {
            break;
        }
        if field > begin {
            out.push_str(" · ");
        }
        out.extend(part("tag", field));
        if let (Some(ind1), Some(ind2)) = (part("ind1", field), part("ind2", field)) {
            let shown = format!("{ind1}{ind2}").replace(' ', "#");
            out.push(' ');
            out.push_str(&shown);
        }
        if let Some(value) = part("value", field) {
            out.push(' ');
            out.push_str(&value);
        }
        if let Some(subfields) = fields.column_by_name("subfields")
            && !subfields.is_null(field)
        {
            push_subfields(&mut out, subfields.as_list(), field);
        }
    }
    printable(&out)
}

fn push_subfields(out: &mut String, list: &ListArray, field: usize) {
    let subfields = list.value(field);
    let subfields = subfields.as_struct();
    for subfield in 0..subfields.len() {
        let part = |name: &str| subfields.column_by_name(name).map(|column| leaf(column, subfield));
        out.push_str(" $");
        out.extend(part("code"));
        out.push(' ');
        out.extend(part("value"));
    }
}

fn leaf(column: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default();
    ArrayFormatter::try_new(column.as_ref(), &options)
        .map_or_else(|error| error.to_string(), |formatter| formatter.value(row).to_string())
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A column: its name, type, length and first values.
pub fn column(field: &Field, chunks: &[ArrayRef]) -> String {
    let rows: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    let mut out = vec![format!(
        "mrrc.Column {}: {}, {}",
        field.name(),
        type_name(field.data_type()),
        counted(rows as u64, "value")
    )];
    let values = chunks.iter().flat_map(|chunk| (0..chunk.len()).map(move |row| cell(chunk, row)));
    out.extend(values.take(ROWS_SHOWN).map(|value| format!("  {}", shortened(&value))));
    if rows > ROWS_SHOWN {
        out.push("  …".into());
    }
    out.join("\n")
}
