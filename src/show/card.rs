//! Records as people read them: a card for terminals and notebooks, and MARCMaker text for terminals.

use std::convert::Infallible;

use unicode_width::UnicodeWidthChar;

use super::layout::{TEXT_CELL, cut, escaped, width_of, wrapped};
use super::screen::{Direction, Screen, Style};
use crate::coded::field_name;
use crate::error::WriteError;
use crate::forms::{Text, TextForm};
use crate::iso2709::Leader;
use crate::record::{Tell, Value, Visit};
use crate::words::{counted, is_printable, printable};

/// The least room for values; a terminal that is narrower wraps them itself.
const NARROWEST: usize = 24;
/// The least room in which names stand beside values.
const WITH_NAMES: usize = 72;
/// The number of lines for what was repaired.
const LINES: usize = 4;
/// The number of rows that a notebook shows before a card is unfolded.
const UNFOLDED: usize = 26;
/// Leader/06 of the other formats (authorities, holdings, classification, community information), whose fields have
/// other names.
const OTHER_FORMATS: &str = "quvwxyz";

/// A record as a card: a row for each field, with its name, and below it what was repaired or is odd.
#[derive(Clone, Debug)]
pub struct Card {
    rows: Vec<Row>,
    has_names: bool,
    repairs: Vec<String>,
}

#[derive(Clone, Debug)]
struct Row {
    tag: String,
    indicators: String,
    content: Vec<Part>,
    /// Whether blanks have a meaning by their place.
    is_control: bool,
}

/// A value, with its code if it is a subfield.
#[derive(Clone, Debug)]
struct Part {
    code: Option<String>,
    value: String,
}

impl Card {
    /// A record with this leader and no fields yet. Its fields have names if it is bibliographic.
    pub fn new(leader: &str) -> Card {
        let has_names = !leader.chars().nth(6).is_some_and(|kind| OTHER_FORMATS.contains(kind));
        let mut card = Card { rows: Vec::new(), has_names, repairs: Vec::new() };
        let Ok(()) = card.control("LDR", Value::Text(leader.into()));
        card
    }

    /// The same without the names of fields, which are those of MARC 21.
    #[must_use]
    pub fn without_names(self) -> Card {
        Card { has_names: false, ..self }
    }

    /// Sets what was repaired or is odd, a sentence each.
    #[must_use]
    pub fn repairs(self, repairs: Vec<String>) -> Card {
        Card { repairs, ..self }
    }

    fn name(&self, row: &Row) -> &'static str {
        match row.tag.as_str() {
            _ if !self.has_names => "",
            "LDR" => "Leader",
            tag => field_name(tag).unwrap_or_default(),
        }
    }

    /// Lines of text.
    pub fn text(&self, screen: Screen) -> String {
        let widest = self.rows.iter().map(|row| width_of(self.name(row))).max().unwrap_or(0);
        let names = if screen.room < WITH_NAMES { 0 } else { widest.min(screen.room / 4) };
        let before = width_of("245  10  ") + if names > 0 { names + 2 } else { 0 };
        let room = screen.room.saturating_sub(before).max(NARROWEST);
        let mut out = String::new();
        for row in &self.rows {
            let (tag, name) = (padded(&row.tag, 3), padded(&cut(self.name(row), names), names));
            out.extend([&screen.styled(Style::Strong, &tag), "  "]);
            if names > 0 {
                out.extend([&screen.styled(Style::Faint, &name), "  "]);
            }
            out.extend([&padded(&row.indicators, 2), "  "]);
            for (number, line) in row.lines(room).iter().enumerate() {
                if number > 0 {
                    out.extend(std::iter::repeat_n(' ', before));
                }
                line.iter().for_each(|run| run.push(screen, &mut out));
                out.push('\n');
            }
        }
        for repair in &self.repairs {
            let lines = wrapped(&printable(repair), screen.room.saturating_sub(5), LINES);
            for (sign, line) in std::iter::once("!").chain(std::iter::repeat(" ")).zip(&lines) {
                out.extend([&screen.styled(Style::Warning, &format!("{sign}    {line}")), "\n"]);
            }
        }
        out
    }

    /// A table for notebooks; a long one is folded.
    pub fn html(&self) -> String {
        let (shown, folded) = self.rows.split_at(self.rows.len().min(UNFOLDED));
        let folded = match folded.len() {
            0 => String::new(),
            more => {
                let summary = counted(more as u64, "more field");
                format!("<details><summary>{summary}</summary>{}</details>", self.table(folded))
            }
        };
        format!("<div>{}{}{folded}</div>", self.html_of_repairs(), self.table(shown))
    }

    fn html_of_repairs(&self) -> String {
        let repairs = self.repairs.iter().map(|it| format!("<li>{}</li>", escaped(&printable(it))));
        match repairs.collect::<String>() {
            none if none.is_empty() => none,
            repairs => format!("<p>Repaired or odd in this record:</p><ul>{repairs}</ul>"),
        }
    }

    fn table(&self, rows: &[Row]) -> String {
        // The first columns are as wide in both parts of a folded card.
        const WIDTHS: [&str; 4] = [";min-width:2.5em", ";width:15em;min-width:15em", ";min-width:1.5em", ""];
        let row = |row: &Row| {
            let content: Vec<_> = row.content.iter().map(Part::html).collect();
            let cells =
                [escaped(&row.tag), self.name(row).into(), escaped(&row.indicators), content.join(" ")];
            let cells = WIDTHS.iter().zip(cells);
            let cells = cells.map(|(width, cell)| format!("<td style=\"{TEXT_CELL}{width}\">{cell}</td>"));
            format!("<tr>{}</tr>", cells.collect::<String>())
        };
        format!("<table><tbody>{}</tbody></table>", rows.iter().map(row).collect::<String>())
    }
}

impl Part {
    fn html(&self) -> String {
        let value = escaped(&self.value);
        match &self.code {
            Some(code) => format!("<span style=\"opacity:.6\">${}</span> <bdi>{value}</bdi>", escaped(code)),
            None => format!("<bdi>{value}</bdi>"),
        }
    }
}

impl Visit for Card {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        let content = vec![Part { code: None, value: printable(&data.text()) }];
        self.rows.push(Row { tag: printable(tag), indicators: String::new(), content, is_control: true });
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        let indicators = indicators.map(|it| if it == " " { "#".into() } else { printable(it) }).concat();
        let stray = stray.map(|stray| Part { code: None, value: printable(&stray.text()) });
        let content = stray.into_iter().collect();
        self.rows.push(Row { tag: printable(tag), indicators, content, is_control: false });
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        if let Some(row) = self.rows.last_mut() {
            row.content.push(Part { code: Some(printable(code)), value: printable(&value.text()) });
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Text on one line that is set alike.
struct Run {
    text: String,
    /// Which of the values it belongs to; `None` for a sign.
    part: Option<usize>,
    direction: Option<Direction>,
}

impl Run {
    fn push(&self, screen: Screen, out: &mut String) {
        match self.part {
            None => out.push_str(&screen.styled(Style::Sign, &self.text)),
            Some(_) => out.push_str(&screen.isolated(&self.text, self.direction)),
        }
    }
}

impl Row {
    /// The content in lines of at most `room` columns; at least one.
    fn lines(&self, room: usize) -> Vec<Vec<Run>> {
        let mut lines = Lines { lines: vec![Vec::new()], width: 0, room };
        for (number, part) in self.content.iter().enumerate() {
            if let Some(code) = &part.code {
                let first = part.value.split(' ').next().unwrap_or_default();
                lines.word(&format!("${code}"), 1 + width_of(first), None, None);
            }
            let direction = Direction::of(&part.value);
            if self.is_control {
                lines.pieces(&part.value, Some(number), direction);
                continue;
            }
            for word in part.value.split(' ') {
                lines.word(word, 0, Some(number), direction);
            }
        }
        lines.lines
    }
}

/// Lines that grow by words.
struct Lines {
    lines: Vec<Vec<Run>>,
    /// That of the last one.
    width: usize,
    room: usize,
}

impl Lines {
    /// Adds a word, with a blank before it or on a new line, where `more` columns are left behind it.
    fn word(&mut self, word: &str, more: usize, part: Option<usize>, direction: Option<Direction>) {
        let before = self.lines.last().and_then(|line| line.last()).map(|run| run.part);
        match before {
            Some(_) if self.width + 1 + width_of(word) + more > self.room => self.next(),
            // A blank between two values belongs to neither.
            Some(before) => self.append(" ", part.filter(|_| before == part), direction),
            None => {}
        }
        self.pieces(word, part, direction);
    }

    /// Adds text, and ends a line only where it is full.
    fn pieces(&mut self, text: &str, part: Option<usize>, direction: Option<Direction>) {
        let (mut begin, mut used) = (0, self.width);
        for (at, character) in text.char_indices() {
            let its = character.width().unwrap_or(0);
            if used + its > self.room {
                self.append(text.get(begin..at).unwrap_or_default(), part, direction);
                self.next();
                (begin, used) = (at, 0);
            }
            used += its;
        }
        self.append(text.get(begin..).unwrap_or_default(), part, direction);
    }

    fn next(&mut self) {
        self.lines.push(Vec::new());
        self.width = 0;
    }

    fn append(&mut self, text: &str, part: Option<usize>, direction: Option<Direction>) {
        let Some(line) = self.lines.last_mut() else { return };
        self.width += width_of(text);
        match line.last_mut().filter(|run| run.part == part) {
            Some(run) => run.text.push_str(text),
            None => line.push(Run { text: text.to_owned(), part, direction }),
        }
    }
}

fn padded(text: &str, room: usize) -> String {
    text.to_owned() + &" ".repeat(room.saturating_sub(width_of(text)))
}

/// A record as MARCMaker text for a terminal: it cannot control it, and tags are set off.
///
/// # Errors
///
/// What [`Text`] refuses.
pub fn mrk(record: &impl Tell, screen: Screen) -> Result<String, WriteError> {
    let mut out = Vec::with_capacity(2048);
    let leader = Leader(record.leader().0.map(|byte| if byte.is_ascii() { byte } else { b'?' }));
    let mut text = Text::begin(TextForm::Mrk, true, leader, &mut out);
    let Ok(()) = record.tell(&mut Harmless { to: &mut text, screen });
    text.finish()?;
    let text = String::from_utf8_lossy(&out);
    let line = |line: &str| match line.split_at_checked("=245".len()) {
        Some((tag, rest)) => format!("{}{rest}\n", screen.styled(Style::Strong, tag)),
        None => format!("{line}\n"),
    };
    Ok(text.lines().filter(|line| !line.is_empty()).map(line).collect())
}

/// Passes on what it receives without what would control a terminal, and each value in its direction.
struct Harmless<'a, 'b> {
    to: &'a mut Text<'b>,
    screen: Screen,
}

impl Harmless<'_, '_> {
    fn value(&self, value: &Value<'_>) -> Value<'static> {
        // Controls of ASCII are spelled.
        let value = value.text().replace(|it: char| !it.is_ascii() && !is_printable(it), "\u{FFFD}");
        Value::Text(self.screen.isolated(&value, Direction::of(&value)).into_owned().into())
    }
}

impl Visit for Harmless<'_, '_> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        let data = self.value(&data);
        self.to.control(&printable(tag), data)
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        let [first, second] = indicators.map(printable);
        let stray = stray.map(|stray| self.value(&stray));
        self.to.data(&printable(tag), [&first, &second], stray)
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        let value = self.value(&value);
        self.to.subfield(&printable(code), value)
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.to.end()
    }
}
