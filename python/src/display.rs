//! What people see of a Table: text for terminals, HTML for notebooks. Everything foreign is escaped.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Field};
use mrrc::diagnostic::{counted, printable};
use pyo3::prelude::*;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::table::Table;

/// Rows shown of a long table, half of them from each end; of a short one all are.
const ROWS: usize = 10;
/// Columns of a terminal that a cell takes at most; characters of East Asian scripts take two.
const CELL: usize = 60;

/// The name of a type as polars and pyarrow people know it.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "string".into(),
        DataType::Utf8View => "string_view".into(),
        DataType::Int64 => "int64".into(),
        DataType::Binary => "binary".into(),
        DataType::Dictionary(_, values) => format!("dictionary<{}>", type_name(values)),
        DataType::List(element) => format!("list<{}>", type_name(element.data_type())),
        DataType::Struct(fields) => {
            let parts: Vec<_> = fields
                .iter()
                .map(|field| format!("{}: {}", field.name(), type_name(field.data_type())))
                .collect();
            format!("struct<{}>", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// The cells of some rows; none stands for rows left out.
struct Shown {
    names: Vec<String>,
    types: Vec<String>,
    rows: Vec<Option<Vec<String>>>,
}

impl Shown {
    fn of(table: &Table) -> Shown {
        let fields = table.schema_ref().fields();
        let rows = table.rows();
        let mut shown = Vec::new();
        if rows <= ROWS {
            shown.extend((0..rows).map(Some));
        } else {
            shown.extend((0..ROWS / 2).map(Some));
            shown.push(None);
            shown.extend((rows - ROWS / 2..rows).map(Some));
        }
        Shown {
            names: fields.iter().map(|field| field.name().clone()).collect(),
            types: fields.iter().map(|field| type_name(field.data_type())).collect(),
            rows: shown.into_iter().map(|row| row.map(|row| cells(table.batches(), row))).collect(),
        }
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
            fields(column.as_list(), row)
        }
        DataType::Binary => counted(column.as_binary::<i32>().value(row).len() as u64, "byte"),
        DataType::Int64 => leaf(column, row),
        _ => printable(&leaf(column, row)),
    }
}

/// `… 245 10 $a Title $b rest · 650 #0 $a Subject`: fields as cataloguers write them, from the title on, or
/// from the first data field, because the control fields before them look alike in every record.
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
        if out.width() > CELL {
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

pub(crate) fn shortened(text: &str) -> String {
    cut(text, CELL)
}

fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Columns of the terminal; without end where there is none.
pub(crate) fn room(py: Python<'_>) -> usize {
    let ask = || py.import("shutil")?.call_method1("get_terminal_size", ((0, 0),))?.get_item(0)?.extract();
    ask().ok().filter(|&columns| columns > 0).unwrap_or(usize::MAX)
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn headline(table: &Table) -> String {
    let (rows, columns) = (table.rows(), table.schema_ref().fields().len());
    format!(
        "mrrc.Table: {}, {}, {}",
        counted(rows as u64, "row"),
        counted(columns as u64, "column"),
        size(table.bytes())
    )
}

/// Columns side by side, each as wide as its widest cell, and as many as there is room for; three dots for what
/// is left out.
pub(crate) fn side_by_side(names: &[String], rows: &[Option<Vec<String>>], room: usize) -> Vec<String> {
    let widths: Vec<usize> = (0..names.len())
        .map(|column| {
            let cells = rows.iter().flatten().filter_map(|row| row.get(column));
            cells.chain([&names[column]]).map(|cell| cell.width()).max().unwrap_or(0)
        })
        .collect();
    let (widths, all) = fitted(&widths, room);
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, &width)| {
            let cell = cut(cell, width);
            let missing = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(missing))
        });
        let cells: Vec<String> = padded.chain((!all).then(|| "…".to_owned())).collect();
        format!("  {}", cells.join("  ")).trim_end().to_owned()
    };
    let rows = rows.iter().map(|row| row.as_deref().map_or_else(|| "  …".to_owned(), line));
    std::iter::once(line(names)).chain(rows).collect()
}

/// The widths of the columns that there is room for, and whether that is all of them. Wide columns are made
/// narrow before any is left out.
fn fitted(widths: &[usize], room: usize) -> (Vec<usize>, bool) {
    let capped = |cap: usize| widths.iter().map(move |&width| width.min(cap));
    let total = |cap| capped(cap).map(|width| width + 2).sum::<usize>();
    let narrowest = 24;
    let cap = (narrowest..=CELL).rev().find(|&cap| total(cap) <= room);
    let (all, cap) = (cap.is_some(), cap.unwrap_or(narrowest));
    let mut used = 0;
    let fits = |width: &usize| {
        used += width + 2;
        all || used + "  …".width() <= room
    };
    (capped(cap).take_while(fits).collect(), all)
}

/// A table's columns and rows, and the accounts below.
pub(crate) fn text(table: &Table, room: usize) -> String {
    let shown = Shown::of(table);
    let mut out = vec![headline(table)];
    let names = shown.names.iter().zip(&shown.types);
    out.extend(names.map(|(name, kind)| cut(&format!("  {name}: {kind}"), room)));
    if !shown.rows.is_empty() && !shown.names.is_empty() {
        out.push(String::new());
        out.extend(side_by_side(&shown.names, &shown.rows, room));
    }
    if let Some(book) = table.book().filter(|book| !book.is_whole) {
        out.push(String::new());
        out.push(book.summary.clone());
    }
    out.join("\n")
}

/// The same as a table of HTML.
pub(crate) fn html(table: &Table) -> String {
    let shown = Shown::of(table);
    let columns = shown.names.len();
    let head: String = shown
        .names
        .iter()
        .zip(&shown.types)
        .map(|(name, kind)| {
            format!(
                "<th style=\"text-align:left\">{}<br><small style=\"font-weight:normal;opacity:.7\">{}</small></th>",
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
                let cells = cells.iter().map(|cell| {
                    let nowrap = "text-align:left;white-space:pre-wrap;unicode-bidi:plaintext";
                    format!("<td style=\"{nowrap}\">{}</td>", escaped(cell))
                });
                format!("<tr>{}</tr>", cells.collect::<String>())
            }
        })
        .collect();
    let news = table.book().filter(|book| !book.is_whole);
    let accounts = news.map(|book| format!("<p>{}</p>", escaped(&book.summary))).unwrap_or_default();
    format!(
        "<div><p><small>{}</small></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{accounts}</div>",
        escaped(&headline(table))
    )
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A column: its name, type, length and first values.
pub(crate) fn column(field: &Field, chunks: &[ArrayRef]) -> String {
    let rows: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    let mut out = vec![format!(
        "mrrc.Column {}: {}, {}",
        field.name(),
        type_name(field.data_type()),
        counted(rows as u64, "value")
    )];
    let values = chunks.iter().flat_map(|chunk| (0..chunk.len()).map(move |row| cell(chunk, row)));
    out.extend(values.take(ROWS).map(|value| format!("  {}", shortened(&value))));
    if rows > ROWS {
        out.push("  …".into());
    }
    out.join("\n")
}

/// What a Scan would read.
pub(crate) fn scan_text(scan: &mrrc::Scan) -> String {
    let mut out = vec![format!("mrrc.Scan of {}", source_names(scan))];
    out.extend(
        scan.schema()
            .fields()
            .iter()
            .map(|field| format!("  {}: {}", field.name(), type_name(field.data_type()))),
    );
    out.push("read() gives a Table, head() its first rows; each reads anew".into());
    out.join("\n")
}

fn source_names(scan: &mrrc::Scan) -> String {
    let name = |source: &mrrc::Source| match (source.name(), source.as_bytes()) {
        (Some(name), _) => printable(&name),
        (None, Some(bytes)) => counted(bytes.len() as u64, "byte"),
        (None, None) => "a file object".into(),
    };
    match scan.sources() {
        [] => "nothing".into(),
        [only] => name(only),
        [first, .., last] => {
            format!("{}: {} … {}", counted(scan.sources().len() as u64, "source"), name(first), name(last))
        }
    }
}

/// The same as HTML.
pub(crate) fn scan_html(scan: &mrrc::Scan) -> String {
    format!("<pre>{}</pre>", escaped(&scan_text(scan)))
}
