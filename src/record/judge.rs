//! Finds the records in bytes, and decides by which rules each is read: those of pymarc if a record is plain by them,
//! or those of the standards if damage is to be recovered.

use std::collections::VecDeque;
use std::ops::Range;

use super::pymarc::{Rule, has_empty_subfield, is_control, is_plain};
use super::reading::{Reading, Rules};
use super::visit::Ignore;
use crate::charset::Charset;
use crate::charset::marc8::references;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::iso2709::framing::{Next, items};
use crate::iso2709::pymarc::{self, Boundary, Fault, Found, find_entries, swallows};
use crate::iso2709::{Entries, Framer, Item, Kind, Leader, RecordView, directory};
use crate::options::{Dialect, Encoding, Policy};

/// The number of bytes judged at once.
pub const BLOCK: usize = 1 << 20;
/// The maximum number of bytes in a record whose stated length cannot be trusted.
pub const MAX_RECORD: usize = 8 << 20;

/// What decides how a record is found and read; changing it invalidates all judgements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Values become text.
    pub to_unicode: bool,
    /// Records that do not declare UTF-8 are read as UTF-8 nevertheless.
    pub force_utf8: bool,
    /// The set of records that do not declare UTF-8; `None` if only Python knows it.
    pub other: Option<Charset>,
    /// Records are found, repaired and read as for columns.
    pub recovers: bool,
    /// There is a known way to handle bytes that are not UTF-8; otherwise each such value is an error.
    pub is_handled: bool,
}

impl Settings {
    /// How pymarc reads values in a record with this leader/09; `None` if only Python knows.
    fn rule(self, coding: Option<u8>) -> Option<Rule> {
        match self.to_unicode {
            false => Some(Rule::Bytes),
            true if !self.is_handled => None,
            true if self.force_utf8 || coding == Some(b'a') => Some(Rule::Utf8),
            true => (self.other == Some(Charset::Marc8)).then_some(Rule::Marc8),
        }
    }

    /// How the standards read values in a record with this leader/09.
    fn rules(self, coding: Option<u8>) -> Rules {
        let encoding = match self.other {
            _ if !self.to_unicode => return Rules::Bytes,
            _ if self.force_utf8 => Encoding::Named(Charset::Utf8),
            Some(other) if other != Charset::Marc8 && coding != Some(b'a') => Encoding::Named(other),
            _ => Encoding::Declared,
        };
        Rules::Standard { encoding, dialect: Dialect::Marc21, references: true }
    }
}

/// A judged stretch of bytes.
#[derive(Debug)]
pub struct Judged {
    /// The bytes.
    pub range: Range<usize>,
    /// The judgement.
    pub judgement: Judgement,
}

/// What was found about the bytes of a record, or of what should be one.
#[derive(Debug)]
pub enum Judgement {
    /// A record that can be read without a warning.
    Plain {
        /// How its values are read.
        rule: Rule,
        /// True if its directory, lengths and terminators agree.
        is_sound: bool,
    },
    /// A record that must be decoded immediately: it gives warnings, or an error.
    Doubtful,
    /// A record that cannot be read.
    Fault(Fault),
    /// Bytes after which no record can be found.
    Boundary(Boundary),
    /// A record by the rules of the standards.
    Recovered(Box<Recovered>),
    /// Bytes that are not a record by these rules, or one that cannot be repaired.
    Refused(Box<Diagnostic>),
}

/// A record as found by the rules of the standards.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// How its parts are read.
    pub rules: Rules,
    /// Where its fields are.
    pub entries: Entries,
    /// The leader, if it is not the first 24 bytes.
    pub leader: Option<Leader>,
    /// Repairs, and findings without an exact place in a record.
    pub findings: Vec<Diagnostic>,
}

/// How far judging came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A block was judged.
    Block,
    /// This many bytes are needed from where judging came to.
    Wanted(usize),
    /// There are no more records.
    End,
}

/// Judges the records of `bytes` from `at` on, and moves `at`; `is_end` means that no more bytes follow.
pub fn judge(
    bytes: &[u8],
    at: &mut usize,
    is_end: bool,
    settings: Settings,
    judged: &mut VecDeque<Judged>,
) -> Progress {
    let mut entries = Entries::new();
    let until = *at + BLOCK;
    while *at < until {
        let rest = bytes.get(*at..).unwrap_or_default();
        let (end, judgement) = match pymarc::next(rest, is_end) {
            Found::Wanted(wanted) => return Progress::Wanted(wanted),
            Found::End => return Progress::End,
            Found::Fault(end, boundary) => (end, Judgement::Boundary(boundary)),
            Found::Record(end) => {
                (end, judge_record(rest.get(..end).unwrap_or_default(), settings, &mut entries))
            }
        };
        let is_boundary = matches!(judgement, Judgement::Boundary(_));
        judged.push_back(Judged { range: *at..*at + end, judgement });
        *at += end;
        if is_boundary {
            return Progress::End;
        }
    }
    Progress::Block
}

/// Judges a record by the rules of pymarc. `entries` is reused from record to record.
pub fn judge_record(record: &[u8], settings: Settings, entries: &mut Entries) -> Judgement {
    // If all parts agree, there is only one way to read them.
    let is_sound = directory::sound(record, entries);
    if !is_sound && swallows(record) {
        return Judgement::Doubtful;
    }
    let found = if is_sound { Ok(()) } else { find_entries(record, entries) };
    match (settings.rule(record.get(9).copied()), found) {
        // The fields before a fault are read first, and may give warnings of their own.
        (Some(rule), found) if is_plain(record, entries, rule, is_sound) => {
            found.map_or_else(Judgement::Fault, |()| Judgement::Plain { rule, is_sound })
        }
        _ => Judgement::Doubtful,
    }
}

/// Like [`judge`], but by the rules of the standards.
pub fn judge_by_frames(
    bytes: &[u8],
    at: &mut usize,
    is_end: bool,
    settings: Settings,
    framer: &mut Framer,
    judged: &mut VecDeque<Judged>,
) -> Progress {
    let until = *at + BLOCK;
    while *at < until {
        if *at == bytes.len() && is_end {
            return Progress::End;
        }
        match framer.next(bytes, *at, is_end) {
            Next::More => return Progress::Wanted(bytes.len() - *at + BLOCK),
            Next::Passed(end) => *at = end,
            Next::Frame(end) => {
                let (frame, start) = (bytes.get(*at..end).unwrap_or_default(), *at);
                for item in items(frame, MAX_RECORD) {
                    let end = start + item.end;
                    judge_item(bytes, *at..end, item, settings, judged);
                    *at = end;
                }
                *at = end;
            }
            Next::Item(item) => {
                let end = item.end;
                judge_item(bytes, *at..end, *item, settings, judged);
                *at = end;
            }
        }
    }
    Progress::Block
}

/// Judges the item in these bytes; filler is not reported.
fn judge_item(
    bytes: &[u8],
    range: Range<usize>,
    item: Item,
    settings: Settings,
    judged: &mut VecDeque<Judged>,
) {
    let fatal = item.findings.iter().find(|finding| !Policy::Recover.delivers(finding.severity));
    let judgement = match (item.kind, fatal) {
        (Kind::Filler, _) | (Kind::Gap, None) => return,
        (_, Some(finding)) => Judgement::Refused(Box::new(finding.clone())),
        (Kind::Record, None) => {
            let bytes = bytes.get(range.clone()).unwrap_or_default();
            let Some(recovered) = recovered(bytes, item, settings) else { return };
            Judgement::Recovered(Box::new(recovered))
        }
    };
    judged.push_back(Judged { range, judgement });
}

fn recovered(bytes: &[u8], item: Item, settings: Settings) -> Option<Recovered> {
    let Item { entries, leader, mut findings, .. } = item;
    let record = RecordView::new(bytes, &entries)?;
    let record = leader.map_or(record, |leader| record.with_leader(leader));
    let coding = Some(record.leader().character_coding_scheme());
    let mut rules = settings.rules(coding);
    if let Some(rule) = settings.rule(coding).filter(|rule| is_read_alike(&record, *rule)) {
        rules = Rules::Pymarc(rule);
    } else {
        let reading = Reading::new(record, rules);
        let Ok(odd) = reading.visit(&mut Ignore);
        if let Rules::Standard { dialect, references, .. } = rules {
            rules = Rules::Standard { encoding: Encoding::Named(reading.charset()), dialect, references };
        }
        findings.extend(odd.into_iter().filter(is_without_an_exact_place));
    }
    Some(Recovered { rules, entries, leader, findings })
}

/// Whether pymarc, which is quicker, reads the record exactly as the standards do.
fn is_read_alike(record: &RecordView<'_>, rule: Rule) -> bool {
    let (bytes, leader) = (record.bytes(), record.leader());
    (rule != Rule::Marc8 || Charset::Marc8.plain_text(bytes).is_some() && !references::may_be_in(bytes))
        && leader.indicators() == 2
        && !leader.fields_are_plain()
        && record.fields().all(|field| field.is_plain() == is_control(field.tag()))
        && is_plain(bytes, record.entries(), rule, false)
        && !has_empty_subfield(bytes)
}

/// Whether the finding is about a value without an exact place in a record: one that was not decodable, or is outside
/// subfields.
fn is_without_an_exact_place(finding: &Diagnostic) -> bool {
    let outside = [Code::NoSubfields, Code::DataBeforeSubfield, Code::IndicatorMissing];
    finding.severity > Severity::Warning || outside.contains(&finding.code)
}
