//! `mrrc frequency`: how often each value occurs.

use super::args::{Files, Reading, expression};
use super::target::{self, Format, Table};
use super::{Outcome, reading};
use crate::error::Result;
use crate::notation::Expression;

const EXAMPLES: &str = "\
Examples:
  mrrc frequency 'trim(650$a)' catalogue.mrc
  mrrc frequency 008/35-37 --where \"year(008/07-10) < 1900\" catalogue.mrc > languages.csv";

/// Count values, the most frequent first: a table on a terminal, otherwise CSV.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Frequency {
    /// What is counted, such as 'trim(650$a)'; the values of a list one by one.
    #[arg(value_parser = expression::<Expression>("mrrc frequency 'trim(650$a)'"))]
    expression: Expression,
    #[command(flatten)]
    files: Files,
    /// At most this many values; a table has 20 unless this says otherwise.
    #[arg(short = 'n', long, value_name = "N")]
    values: Option<u64>,
    /// As a table, as CSV or TSV, or as JSON, an object on each line.
    #[arg(long, value_name = "FORMAT", value_parser = target::formats())]
    format: Option<Format>,
    #[command(flatten)]
    reading: Reading,
}

impl Frequency {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.reading.options())?;
        let (scan, mut counts) = scan.counting_values(&self.expression)?;
        let batches = reading::through(&scan, |batch| counts.add(batch))?;
        let counts = counts.finish()?;
        match self.format.unwrap_or_else(Format::usual) {
            Format::Lines(lines) => lines.print(&target::first(&counts, self.values.unwrap_or(u64::MAX)))?,
            Format::Table => {
                let mut table = Table::new(counts.schema());
                table.push(counts);
                table.print(self.values.unwrap_or(target::ROWS))?;
            }
        }
        reading::tell(batches.accounts());
        Ok(Outcome::Done)
    }
}
