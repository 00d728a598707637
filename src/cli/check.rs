//! `mrrc check`: what is wrong with a file.

use std::io::Write;

use super::args::{Files, Text, one_of};
use super::copy::Rejects;
use super::failure::message;
use super::json::Object;
use super::{Outcome, progress, reading, target, terminal};
use crate::accounts::Accounts;
use crate::columns::accounts::problems;
use crate::csv::CsvOptions;
use crate::diagnostic::{Diagnostic, Repair, Severity};
use crate::error::{Error, Result};
use crate::show::{ROWS_SHOWN, Rows};
use crate::words::{counted, grouped};

const EXAMPLES: &str = "\
Examples:
  mrrc check vendor.mrc
  mrrc check --format csv vendor.mrc > findings.csv
  mrrc check --rejects bad.mrc vendor.mrc
  mrrc check vendor.mrc > /dev/null || echo \"send it back\"

It exits with 1 if a record has to be repaired or cannot be read, or if bytes are no record.";

/// Show what is wrong with a file, the worst first.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    #[command(flatten)]
    files: Files,
    /// As text, as CSV, or as JSON lines.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = one_of(FORMATS))]
    format: Format,
    /// How many findings of each file are kept; all are counted.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    limit: usize,
    #[command(flatten)]
    rejects: Rejects,
    #[command(flatten)]
    text: Text,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Text,
    Csv,
    Json,
}

const FORMATS: &[(&str, Format)] = &[("text", Format::Text), ("csv", Format::Csv), ("json", Format::Json)];

impl Check {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.text.options().kept_diagnostics(self.limit))?.check();
        let mut rejects = self.rejects.open(scan.sources())?;
        let batches = progress::watched(scan.batches());
        let accounts = reading::through_bytes(batches, |copied| rejects.write(&copied.refused))?;
        rejects.finish()?;
        match self.format {
            Format::Text => terminal::print(&table(&accounts, reading::news(&accounts).as_deref())?)?,
            Format::Csv => target::print_csv(&problems(&accounts, message)?, &CsvOptions::default())?,
            Format::Json => print_json(&accounts)?,
        }
        if !matches!(self.format, Format::Text) {
            tell_missing(&accounts);
        }
        let is_bad = |account: &crate::accounts::SourceAccount| {
            account.findings.keys().any(|(_, severity)| *severity >= Severity::Repaired)
        };
        let is_bad = accounts.sources.iter().any(is_bad);
        Ok(if is_bad { Outcome::Findings } else { Outcome::Done })
    }
}

/// The findings, the worst first.
pub(super) fn table(accounts: &Accounts, news: Option<&str>) -> Result<String> {
    let findings = problems(accounts, message)?;
    let schema = findings.schema();
    let rows = [findings];
    let rows = Rows { schema: &schema, batches: &rows, bytes: 0, most: ROWS_SHOWN, news };
    let text = rows.text(terminal::room());
    Ok(text.strip_prefix("mrrc.Table: ").unwrap_or(&text).to_owned())
}

pub(super) fn findings(accounts: &Accounts) -> impl Iterator<Item = &Diagnostic> {
    accounts.sources.iter().flat_map(|account| &account.diagnostics)
}

fn print_json(accounts: &Accounts) -> Result<()> {
    let mut output = terminal::output();
    for finding in findings(accounts) {
        output.write_all(line(finding, &message(finding)).as_bytes()).map_err(Error::of_writing)?;
    }
    output.flush().map_err(Error::of_writing)
}

/// A finding with the columns of the CSV, of which the last is a message.
pub(super) fn line(finding: &Diagnostic, message: &str) -> String {
    let mut line = Object::new();
    line.number("record", finding.record)
        .text("severity", Some(finding.severity.name()))
        .text("code", Some(finding.code.name()))
        .text("tag", finding.tag.as_deref())
        .text("subfield_code", finding.subfield_code.as_deref())
        .text("found", Some(&finding.found))
        .text("expected", Some(&finding.expected))
        .text("source", finding.source.as_deref())
        .number("offset", Some(finding.offset))
        .number("record_offset", finding.record_offset)
        .number("entry", finding.entry.map(u64::from))
        .number("occurrence", finding.occurrence.map(u64::from))
        .number("count", Some(finding.count))
        .text("control_number", finding.control_number.as_deref())
        .text("after", finding.after.as_deref())
        .text("repair", finding.repair.map(Repair::name))
        .text("message", Some(message));
    line.finish()
}

/// Says if there were more findings than were kept.
pub(super) fn tell_missing(accounts: &Accounts) {
    let all: u64 = accounts.sources.iter().flat_map(|account| account.findings.values()).sum();
    let kept = findings(accounts).count() as u64;
    if kept < all {
        let kept = grouped(kept);
        terminal::say(&format!("{kept} of {} are listed; --limit sets how many", counted(all, "finding")));
    }
}
