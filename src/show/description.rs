//! What a source holds, as text and HTML: its tags, the most used with their subfields and an example, and its
//! encodings.

use super::layout::{CELL, TEXT_CELL, below, cut, escaped, shortened, side_by_side, wrapped};
use crate::coded::field_name;
use crate::description::{Description, FieldUse};
use crate::options::Dialect;
use crate::words::{counted, grouped, percent, printable};

/// The number of tags shown; if there are more, those in the most records.
const TAGS: usize = 120;

/// The columns before those of the subfields and of the example take about this much.
const BEFORE: usize = 38;

/// A description to show.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// What was counted.
    pub counts: &'a Description,
    /// Where all tags are, in the words of the caller.
    pub all: &'a str,
    /// One line of accounts, if there is something to report.
    pub news: Option<&'a str>,
}

impl Described<'_> {
    fn headline(&self) -> String {
        let tags = self.counts.fields.len() as u64;
        let more = if self.counts.other_fields > 0 { "more than " } else { "" };
        let (records, tags) = (counted(self.counts.records, "record"), counted(tags, "tag"));
        format!("mrrc.Description: {records} with {more}{tags}")
    }

    /// `utf-8 40,000 · ascii, declared as marc-8 6,883`
    fn encodings_line(&self) -> String {
        let mut encodings: Vec<_> = self.counts.encodings.iter().collect();
        encodings.sort_by_key(|(_, records)| std::cmp::Reverse(**records));
        let named = encodings.into_iter().map(|((declared, found), records)| match declared {
            Some(declared) if declared == found => format!("{found} {}", grouped(*records)),
            Some(declared) => format!("{found}, declared as {declared} {}", grouped(*records)),
            None => format!("{found}, undeclared {}", grouped(*records)),
        });
        named.collect::<Vec<_>>().join(" · ")
    }

    /// The tags that are shown, and how many are not.
    fn shown(&self) -> (Vec<(&String, &FieldUse)>, usize) {
        let mut by_use: Vec<_> = self.counts.fields.iter().collect();
        by_use.sort_by_key(|(_, field)| std::cmp::Reverse(field.all.records));
        let left_out = by_use.len().saturating_sub(TAGS);
        by_use.truncate(TAGS);
        by_use.sort_by_key(|(tag, _)| *tag);
        (by_use, left_out)
    }

    fn share(&self, field: &FieldUse) -> String {
        percent(field.all.records, self.counts.records)
    }

    /// `17 tags more, in fewer records: see .fields`
    fn others(&self, left_out: usize) -> String {
        format!("{} more, in fewer records: see {}", counted(left_out as u64, "tag"), self.all)
    }

    /// Text for a terminal of `room` columns.
    pub fn text(&self, room: usize) -> String {
        let (shown, left_out) = self.shown();
        let room_for_codes = (room.saturating_sub(BEFORE) / 3).clamp(14, CELL);
        let rows = shown.iter().map(|(tag, field)| {
            Some(vec![
                printable(tag),
                grouped(field.all.records),
                self.share(field),
                grouped(field.all.occurrences),
                cut(&codes(field), room_for_codes),
                shortened(&example(field)),
            ])
        });
        let rows: Vec<_> = rows.chain((left_out > 0).then_some(None)).collect();
        let names = ["tag", "records", "share", "occurrences", "subfields", "for example"].map(String::from);
        let mut out = vec![self.headline()];
        out.extend(
            wrapped(&self.encodings_line(), room.saturating_sub(2), 4).iter().map(|line| format!("  {line}")),
        );
        out.push(String::new());
        out.extend(side_by_side(&names, &[false, true, true, true, false, false], &rows, room));
        if left_out > 0 {
            out.push(format!("  {}", self.others(left_out)));
        }
        out.extend(self.news.iter().flat_map(|news| below(news, room)));
        out.join("\n")
    }

    /// The same as HTML, with the names of the fields if they are those of MARC 21.
    pub fn html(&self, dialect: Dialect) -> String {
        const NUMBER: &str = "text-align:right;vertical-align:top;white-space:nowrap";
        let has_names = dialect == Dialect::Marc21;
        let (shown, left_out) = self.shown();
        let rows = shown.iter().map(|(tag, field)| {
            let part = 100.0 * field.all.records as f64 / self.counts.records.max(1) as f64;
            let bar = format!(
                "{NUMBER};background:linear-gradient(to left,#8884 {part:.1}%,transparent {part:.1}%)"
            );
            let name = has_names.then(|| (TEXT_CELL, field_name(tag).unwrap_or_default().to_owned()));
            let counts = [
                (NUMBER, grouped(field.all.records)),
                (bar.as_str(), self.share(field)),
                (NUMBER, grouped(field.all.occurrences)),
                (TEXT_CELL, codes(field)),
                (TEXT_CELL, example(field)),
            ];
            let cells = std::iter::once((TEXT_CELL, printable(tag))).chain(name).chain(counts);
            let cells = cells.map(|(style, cell)| format!("<td style=\"{style}\">{}</td>", escaped(&cell)));
            format!("<tr>{}</tr>", cells.collect::<String>())
        });
        let rows: String = rows.collect();
        let name = has_names.then_some((TEXT_CELL, "name"));
        let counts = [(NUMBER, "records"), (NUMBER, "share"), (NUMBER, "occurrences")];
        let names = std::iter::once((TEXT_CELL, "tag")).chain(name).chain(counts);
        let names = names.chain([(TEXT_CELL, "subfields"), (TEXT_CELL, "for example")]);
        let head: String = names.map(|(style, name)| format!("<th style=\"{style}\">{name}</th>")).collect();
        let more = (left_out > 0).then(|| format!("<p>{}</p>", escaped(&self.others(left_out))));
        let news = self.news.map(|news| format!("<p>{}</p>", escaped(news)));
        format!(
            "<div><p><small>{}<br>{}</small></p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{}{}</div>",
            escaped(&self.headline()),
            escaped(&self.encodings_line()),
            more.unwrap_or_default(),
            news.unwrap_or_default()
        )
    }
}

/// Codes, the most used first.
fn codes(field: &FieldUse) -> String {
    let mut codes: Vec<_> = field.subfields.iter().collect();
    codes.sort_by_key(|(_, its)| std::cmp::Reverse(its.occurrences));
    let shown = codes.iter().map(|(code, _)| match code.as_str() {
        "" => "∅".into(),
        " " => "␣".into(),
        code => printable(code),
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn example(field: &FieldUse) -> String {
    field.all.examples.first().map(|example| printable(example)).unwrap_or_default()
}
