//! `mrrc repair`: a file with every record sound, as far as that can be proven.

use std::path::{Path, PathBuf};

use super::args::Threads;
use super::copy::{self, Paths, Rejects};
use super::failure::{refused, shown};
use super::output::Target;
use super::target::Lines;
use super::{Outcome, check, reading, terminal};
use crate::accounts::Accounts;
use crate::columns::Copying;
use crate::columns::accounts::problems;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, Result};
use crate::options::Policy;
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  mrrc repair vendor.mrc good.mrc
  mrrc repair --rejects bad.mrc --report repairs.csv vendor.mrc good.mrc
  zcat vendor.mrc.gz | mrrc repair - - | mrrc count -

A damaged record is repaired if there is only one way to read it: its lengths and directory are recomputed, and the \
bytes of its fields are kept, in their encoding. All other records are copied byte for byte. Text is not looked at: \
mrrc check reports what is wrong with it.

It exits with 1 if a record cannot be repaired, or if bytes are no record.";

/// Repair damaged records, and copy all others byte for byte.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc repair [OPTIONS] <FILE>... <TARGET>")]
pub(super) struct Repair {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    rejects: Rejects,
    /// Write everything that was repaired or left out to this file, as .csv, or as .json with a line for each.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How many findings of each file are kept for the report; all are counted.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    limit: usize,
    #[command(flatten)]
    threads: Threads,
}

impl Repair {
    pub(super) fn run(&self) -> Result<Outcome> {
        let options = self.threads.options().on_error(Policy::Recover).kept_diagnostics(self.limit);
        let (scan, target) = self.paths.open(options)?;
        let target_path = matches!(target, Target::Path(_)).then(|| target.path());
        copy::refuse_twice(&[target_path, self.rejects.path(), self.report.as_deref()])?;
        let report = self.report.as_deref().map(Report::of).transpose()?;
        if let Some(report) = &report {
            report.target.refuse_input(scan.sources())?;
            report.target.refuse_existing(self.paths.force)?;
        }
        let mut rejects = self.rejects.open(scan.sources(), self.paths.force)?;
        let mut output = target.open()?;
        let mut accounts = reading::through_bytes(copy::batches(&scan, Copying::Sound), |copied| {
            rejects.write(&copied.refused)?;
            output.put(&copied.bytes)
        })?;
        let news = reading::news(&accounts);
        retain_repairs(&mut accounts);
        if let Some(report) = report {
            report.write(&accounts)?;
            check::tell_missing(&accounts);
        }
        rejects.finish()?;
        let counts = accounts.counts();
        let is_all = counts.rejected + counts.gaps + accounts.cut_short() == 0;
        let is_written = is_all || counts.delivered > 0;
        if is_written {
            output.finish()?;
        }
        tell(&accounts, news.as_deref())?;
        if !is_written {
            terminal::say(&format!("{} is not written: there is no record for it", shown(target.path())));
        }
        Ok(if is_all { Outcome::Done } else { Outcome::Findings })
    }
}

/// Leaves out of the accounts what changes nothing.
fn retain_repairs(accounts: &mut Accounts) {
    for account in &mut accounts.sources {
        account.findings.retain(|(_, severity), _| *severity >= Severity::Repaired);
        account.diagnostics.retain(|finding| finding.severity >= Severity::Repaired);
    }
}

/// Says what was repaired or left out, the worst first; or that nothing had to be.
fn tell(accounts: &Accounts, news: Option<&str>) -> Result<()> {
    let news = match news {
        _ if accounts.sources.iter().any(|account| !account.findings.is_empty()) => {
            check::table(accounts, news)?
        }
        Some(news) => news.to_owned(),
        None => format!("{}, none of which needs repair", counted(accounts.counts().delivered, "record")),
    };
    terminal::say(&format!("{news}; text is not looked at, which mrrc check does"));
    Ok(())
}

/// A file with everything that was repaired or left out.
struct Report {
    target: Target,
    lines: Lines,
}

impl Report {
    fn of(path: &Path) -> Result<Report> {
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).map(str::to_ascii_lowercase);
        let lines = match suffix.as_deref() {
            Some("csv") => Lines::Csv,
            Some("json" | "jsonl" | "ndjson") => Lines::Json,
            _ => {
                let report = shown(path);
                let advice = "End its name in .csv or .json";
                return Err(refused(&format!("what should the report {report} be? {advice}")));
            }
        };
        Ok(Report { target: Target::Path(path.to_owned()), lines })
    }

    fn write(&self, accounts: &Accounts) -> Result<()> {
        let findings = problems(accounts, Diagnostic::summary)?;
        self.target.fill(|output| self.lines.write(findings.schema(), [Ok::<_, Error>(findings)], output))
    }
}
