//! Findings as people read them: the worst first, of each code in turn, each as a sentence, with the record that it is
//! about.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::Schema;

use super::layout::{below, cut, escaped, width_of, wrapped};
use crate::columns::accounts::{FINDINGS, RECORDS, SOURCES};
use crate::diagnostic::{Code, Severity, has_place, quoted, write_details};
use crate::words::{counted, grouped, printable};

/// The number of findings shown.
const SHOWN: usize = 10;
/// The number of lines for one sentence.
const LINES: usize = 3;
/// A sentence narrower than this stands below, where it has more room.
const NARROWEST: usize = 40;
/// The maximum width of a control number or the name of a file.
const NAME: usize = 24;

const WORST_FIRST: [Severity; 4] =
    [Severity::Fatal, Severity::Repaired, Severity::Decoding, Severity::Warning];

/// The heading of the sentences.
const MESSAGE: &str = "message";

/// The columns that a finding is shown by.
const NEEDED: [&str; 12] = [
    "severity",
    "code",
    "source",
    "record",
    "offset",
    "tag",
    "subfield_code",
    "count",
    "found",
    "expected",
    "control_number",
    "after",
];

/// Rows that are findings.
pub(super) struct Findings<'a> {
    /// The worst first.
    rows: Vec<Finding<'a>>,
    /// The names of their sources, as short as they can be.
    names: BTreeMap<&'a str, String>,
    /// The number of sources that were read.
    sources: u64,
    /// The number of records that were read.
    records: u64,
    /// The number of findings in them, also of those that are not among the rows.
    all: u64,
    /// Whether everything that can be wrong was looked for.
    is_check: bool,
    news: Option<&'a str>,
}

impl<'a> Findings<'a> {
    /// The rows as findings, if that is what they are.
    pub(super) fn of(
        schema: &Schema,
        batches: &'a [RecordBatch],
        news: Option<&'a str>,
    ) -> Option<Findings<'a>> {
        let count = |key| schema.metadata().get(key)?.parse().ok();
        let (sources, records, all) = (count(SOURCES)?, count(RECORDS)?, count(FINDINGS)?);
        let has = |name: &str| schema.column_with_name(name).is_some();
        if !NEEDED.iter().all(|name| has(name)) {
            return None;
        }
        let in_batch = |batch| (0..RecordBatch::num_rows(batch)).map(move |row| Finding { batch, row });
        let mut rows: Vec<_> = batches.iter().flat_map(in_batch).collect();
        let mut seen = HashMap::<_, u64>::new();
        // Of each severity, each code in turn, so that a common one does not hide the others.
        rows.sort_by_cached_key(|row| {
            let of_code = seen.entry(row.text("code")).or_default();
            *of_code += 1;
            (row.rank(), *of_code)
        });
        Some(Findings {
            names: short_names(rows.iter().filter_map(|row| row.text("source")).collect()),
            is_check: has("message"),
            news,
            rows,
            sources,
            records,
            all,
        })
    }

    /// `6 findings in 8 records of vendor.mrc`
    fn headline(&self) -> String {
        let mut records = counted(self.records, "record");
        if self.sources > 1 {
            records += &format!(" of {}", counted(self.sources, "source"));
        }
        let rows = self.rows.len() as u64;
        match self.all {
            0 if self.is_check => format!("mrrc.Table: {records}, nothing wrong"),
            0 => format!("mrrc.Table: no findings in {records}"),
            all => {
                let some = if rows == all { String::new() } else { format!("{} of ", grouped(rows)) };
                let name = self.names.values().next().filter(|_| self.sources == 1);
                let of = name.map(|name| format!(" of {name}")).unwrap_or_default();
                format!("mrrc.Table: {some}{} in {records}{of}", counted(all, "finding"))
            }
        }
    }

    fn headings(&self) -> Vec<&'static str> {
        let source = (self.sources > 1).then_some("source");
        ["severity", "code"].into_iter().chain(source).chain(["record", "control_number"]).collect()
    }

    /// The columns, with the sentence, and to which side their cells are set.
    fn html_headings(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let names = self.headings().into_iter().chain([MESSAGE]);
        names.map(|name| (name, if name == "record" { "right" } else { "left" }))
    }

    /// What stands before the sentence.
    fn cells(&self, row: &Finding<'_>) -> Vec<String> {
        let source = || row.text("source").and_then(|name| self.names.get(name)).cloned();
        let source = (self.sources > 1).then(|| source().unwrap_or_default());
        let text = |name| row.text(name).map(printable).unwrap_or_default();
        let record = row.number("record").map(|number| number.to_string()).unwrap_or_default();
        let cells = [text("severity"), text("code")].into_iter().chain(source);
        cells.chain([record, row.control_number()]).map(|cell| cut(&cell, NAME)).collect()
    }

    /// `990 more: 985 utf8-invalid, 5 gap`
    fn others(&self) -> Option<String> {
        let others = self.rows.get(SHOWN..).filter(|others| !others.is_empty())?;
        let mut by_code = BTreeMap::<&str, u64>::new();
        others.iter().for_each(|row| *by_code.entry(row.text("code").unwrap_or_default()).or_default() += 1);
        let mut by_code: Vec<_> = by_code.into_iter().collect();
        by_code.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let by_code: Vec<_> = by_code
            .into_iter()
            .map(|(code, count)| format!("{} {}", grouped(count), printable(code)))
            .collect();
        Some(format!("{} more: {}", grouped(others.len() as u64), by_code.join(", ")))
    }

    /// Text for a terminal of `room` columns.
    pub(super) fn text(&self, room: usize) -> String {
        let mut out = vec![cut(&self.headline(), room)];
        if !self.rows.is_empty() {
            out.push(String::new());
            out.extend(self.lines(room));
        }
        out.extend(self.others().map(|others| cut(&format!("  … {others}"), room)));
        out.extend(self.news.iter().flat_map(|news| below(news, room)));
        out.join("\n")
    }

    /// The names of the columns and the first rows.
    fn lines(&self, room: usize) -> Vec<String> {
        let names: Vec<String> = self.headings().into_iter().map(str::to_owned).collect();
        let shown: Vec<_> =
            self.rows.iter().take(SHOWN).map(|row| (self.cells(row), row.sentence())).collect();
        let width = |column: usize| {
            let cells = shown.iter().map(|(cells, _)| cells).chain([&names]);
            cells.filter_map(|cells| cells.get(column)).map(|cell| width_of(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..names.len()).map(width).collect();
        let line = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| {
                let blanks = " ".repeat(width.saturating_sub(width_of(cell)));
                if is_number(cell) { format!("  {blanks}{cell}") } else { format!("  {cell}{blanks}") }
            });
            padded.collect::<String>()
        };
        let before: usize = widths.iter().map(|width| width + 2).sum();
        let is_beside = room.saturating_sub(before + 2) >= NARROWEST;
        let indent = if is_beside { before + 2 } else { 6 };
        let mut out = vec![if is_beside { format!("{}  {MESSAGE}", line(&names)) } else { line(&names) }];
        for (cells, sentence) in &shown {
            let mut sentence = wrapped(sentence, room.saturating_sub(indent), LINES).into_iter();
            let beside = if is_beside { sentence.next().unwrap_or_default() } else { String::new() };
            out.push(format!("{}  {beside}", line(cells)).trim_end().to_owned());
            out.extend(sentence.map(|rest| format!("{}{rest}", " ".repeat(indent))));
        }
        out.iter().map(|line| cut(line.trim_end(), room)).collect()
    }

    /// The same as HTML.
    pub(super) fn html(&self) -> String {
        let row = |row: &Finding<'_>| {
            let cells = self.cells(row).into_iter().chain([row.sentence()]);
            let cells = self.html_headings().zip(cells).map(|((name, align), cell)| {
                let wrap = if name == MESSAGE { "pre-wrap" } else { "pre" };
                let style = format!(
                    "text-align:{align};vertical-align:top;white-space:{wrap};unicode-bidi:plaintext"
                );
                format!("<td style=\"{style}\">{}</td>", escaped(&cell))
            });
            format!("<tr>{}</tr>", cells.collect::<String>())
        };
        let head = self.html_headings();
        let head: String =
            head.map(|(name, align)| format!("<th style=\"text-align:{align}\">{name}</th>")).collect();
        let body: String = self.rows.iter().take(SHOWN).map(row).collect();
        let table = format!("<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>");
        let below = self.others().map(|others| format!("… {others}"));
        let below = below.iter().map(String::as_str).chain(self.news);
        format!(
            "<div><p><small>{}</small></p>{}{}</div>",
            escaped(&self.headline()),
            if self.rows.is_empty() { String::new() } else { table },
            below.map(|line| format!("<p>{}</p>", escaped(line))).collect::<String>()
        )
    }
}

/// A row that is a finding.
struct Finding<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl<'a> Finding<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        let column = self.batch.column_by_name(name)?.as_string_opt::<i32>()?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    fn number(&self, name: &str) -> Option<i64> {
        let column = self.batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    /// Its place among findings, by severity.
    fn rank(&self) -> usize {
        let severity = self.text("severity").unwrap_or_default();
        WORST_FIRST.iter().position(|it| it.name() == severity).unwrap_or(WORST_FIRST.len())
    }

    /// Its record's own control number, or that of the record before it.
    fn control_number(&self) -> String {
        match (self.text("control_number"), self.text("after")) {
            (Some(number), _) => quoted(&printable(number)).into_owned(),
            (None, Some(before)) => format!("after {}", quoted(&printable(before))),
            (None, None) => String::new(),
        }
    }

    /// `field 245 $a: bytes that are not UTF-8; found \xe9; 2 times`
    fn sentence(&self) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_sentence(&mut out);
        printable(&out)
    }

    fn write_sentence(&self, out: &mut String) -> std::fmt::Result {
        let name = self.text("code").unwrap_or_default();
        let code = Code::ALL.iter().find(|code| code.name() == name).copied();
        let offset = self.number("offset").unwrap_or_default().unsigned_abs();
        if self.number("record").is_none() && code.is_none_or(|code| has_place(code, offset)) {
            write!(out, "offset {}: ", grouped(offset))?;
        }
        if let Some(tag) = self.text("tag") {
            write!(out, "field {}", quoted(tag))?;
            if let Some(code) = self.text("subfield_code") {
                write!(out, " ${code}")?;
            }
            out.push_str(": ");
        }
        let part = |name| self.text(name).unwrap_or_default();
        match code {
            Some(code) => {
                out.push_str(code.meaning());
                write_details(out, code, part("found"), part("expected"))?;
            }
            None => out.push_str(name),
        }
        match self.number("count") {
            Some(count) if count > 1 => write!(out, "; {} times", grouped(count.unsigned_abs())),
            _ => Ok(()),
        }
    }
}

fn is_number(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last parts of paths: as many as it takes to tell them apart.
fn short_names(paths: BTreeSet<&str>) -> BTreeMap<&str, String> {
    let separators = ['/', '\\'];
    let most = paths.iter().map(|path| path.split(separators).count()).max().unwrap_or(1);
    let shortened = |path: &str, parts: usize| {
        let place = path.rmatch_indices(separators).nth(parts - 1);
        printable(place.map_or(path, |(place, _)| path.get(place + 1..).unwrap_or(path)))
    };
    let named = |parts| paths.iter().map(move |path| (*path, shortened(path, parts)));
    let differ =
        |parts: &usize| named(*parts).map(|(_, name)| name).collect::<BTreeSet<_>>().len() == paths.len();
    let parts = (1..=most).find(differ).unwrap_or(most);
    named(parts).collect()
}
