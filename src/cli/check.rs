//! `mrrc check`: what is wrong with a file.

use std::cmp::Reverse;

use super::args::{Files, Text, one_of};
use super::copy::Rejects;
use super::failure::{by_options, message};
use super::target::Lines;
use super::{Outcome, progress, reading, terminal};
use crate::accounts::Accounts;
use crate::columns::accounts::problems;
use crate::diagnostic::{Advice, Code, Diagnostic};
use crate::error::Result;
use crate::iso2709::encode::MAX_RECORD;
use crate::options::Policy;
use crate::show::{self, ROWS_SHOWN, Rows};
use crate::words::{counted, grouped};

const EXAMPLES: &str = "\
Examples:
  mrrc check vendor.mrc
  mrrc check --format csv vendor.mrc > findings.csv
  mrrc check --rejects bad.mrc vendor.mrc
  mrrc check vendor.mrc > /dev/null || echo \"send it back\"

It exits with 1 if it finds anything that the other verbs stop at.";

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
    /// Write over the file of rejects if it is there.
    #[arg(long)]
    force: bool,
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
        let mut rejects = self.rejects.open(scan.sources(), self.force)?;
        let batches = progress::watched(scan.batches());
        let accounts = reading::through_bytes(batches, |copied| rejects.write(&copied.refused))?;
        rejects.finish()?;
        match self.format {
            Format::Text => {
                let table = table(&accounts, reading::news(&accounts).as_deref())?;
                terminal::print(&[vec![table], advice(&accounts)].concat().join("\n"))?;
            }
            Format::Lines(lines) => lines.print(&problems(&accounts, message)?)?,
        }
        if !matches!(self.format, Format::Text) {
            tell_missing(&accounts);
        }
        let is_bad = |account: &crate::accounts::SourceAccount| {
            account.findings.keys().any(|(_, severity)| !Policy::Raise.delivers(*severity))
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

/// What can be done about what was found, each behind the codes that it is for.
fn advice(accounts: &Accounts) -> Vec<String> {
    let mut advice = Vec::<(&str, Vec<&str>)>::new();
    let mut all: Vec<_> = findings(accounts).collect();
    all.sort_by_key(|finding| Reverse(finding.severity));
    for finding in all {
        let (code, what) = (finding.code.name(), by_verbs(advice_of(finding)));
        match advice.iter_mut().find(|(known, _)| *known == what) {
            Some((_, codes)) if codes.contains(&code) => {}
            Some((_, codes)) => codes.push(code),
            None => advice.push((what, vec![code])),
        }
    }
    let told = advice.iter().filter(|(what, _)| !what.is_empty());
    let sentences = told.map(|(what, codes)| format!("{}: {what}", codes.join(", ")));
    let mut lines: Vec<_> =
        sentences.flat_map(|it| show::below(&it, terminal::room()).skip(1).collect::<Vec<_>>()).collect();
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    lines
}

/// What to do about a finding. A record that is too long for ISO 2709 can be read, but not be written as it is.
fn advice_of(finding: &Diagnostic) -> Advice {
    let length = || finding.expected.replace(',', "").parse::<usize>().unwrap_or_default();
    match finding.code {
        Code::RecordLength if length() > MAX_RECORD => Advice::Skip,
        _ => finding.advice(),
    }
}

/// What other verbs can do about a finding, and their options.
fn by_verbs(advice: Advice) -> &'static str {
    match advice {
        Advice::Skip => "mrrc repair leaves it out, and --on-error skip does so when it is read",
        Advice::Recover => "mrrc repair writes a copy in which it is sound",
        other => by_options(other),
    }
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
