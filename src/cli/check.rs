//! `mrrc check`: what is wrong with a file.

use super::args::{Files, Text, one_of};
use super::copy::Rejects;
use super::failure::message;
use super::target::Lines;
use super::{Outcome, progress, reading, terminal};
use crate::accounts::Accounts;
use crate::columns::accounts::problems;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Result;
use crate::options::Policy;
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
    Lines(Lines),
}

const FORMATS: &[(&str, Format)] =
    &[("text", Format::Text), ("csv", Format::Lines(Lines::Csv)), ("json", Format::Lines(Lines::Json))];

impl Check {
    pub(super) fn run(&self) -> Result<Outcome> {
        let options = self.text.options().on_error(Policy::Recover).kept_diagnostics(self.limit);
        let scan = self.files.scan(options)?.check();
        let mut rejects = self.rejects.open(scan.sources())?;
        let batches = progress::watched(scan.batches());
        let accounts = reading::through_bytes(batches, |copied| rejects.write(&copied.refused))?;
        rejects.finish()?;
        match self.format {
            Format::Text => terminal::print(&table(&accounts, reading::news(&accounts).as_deref())?)?,
            Format::Lines(lines) => lines.print(&problems(&accounts, message)?)?,
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

fn findings(accounts: &Accounts) -> impl Iterator<Item = &Diagnostic> {
    accounts.sources.iter().flat_map(|account| &account.diagnostics)
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
