//! `mrrc select`: columns of records, as a table or for other programs.

use std::io::Write;

use super::args::{Files, Reading, expression};
use super::target::{self, Format, Table};
use super::{Outcome, progress, reading, terminal};
use crate::error::{Error, Result};
use crate::notation::Columns;

const EXAMPLES: &str = "\
Examples:
  mrrc select 'id = 001, title = first(trim(245$a)), year = year(008/07-10)' catalogue.mrc
  mrrc select bib catalogue.mrc > catalogue.csv
  mrrc select --format tsv --where 880 '001, 880$a' catalogue.mrc | less -S
  mrrc select --format json 'id = 001, subjects = 650$a' catalogue.mrc | jq .subjects";

/// Show columns of records: a table on a terminal, otherwise CSV.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Select {
    /// bib, codes, or expressions such as 'id = 001, 245$a'.
    #[arg(value_parser = expression::<Columns>("mrrc select bib"))]
    columns: Columns,
    #[command(flatten)]
    files: Files,
    /// At most this many rows; a table has 20 unless this says otherwise.
    #[arg(short = 'n', long, value_name = "N")]
    rows: Option<u64>,
    /// As a table, as CSV or TSV, or as JSON, an object on each line.
    #[arg(long, value_name = "FORMAT", value_parser = target::formats())]
    format: Option<Format>,
    #[command(flatten)]
    reading: Reading,
}

impl Select {
    pub(super) fn run(&self) -> Result<Outcome> {
        let options = self.reading.options().columns(self.columns.clone());
        let Format::Lines(lines) = self.format.unwrap_or_else(Format::usual) else {
            let most = self.rows.unwrap_or(target::ROWS);
            // One more tells whether there are others.
            let scan = self.files.scan(options.n_rows(most.saturating_add(1)))?;
            let mut table = Table::new(scan.schema());
            let batches = reading::through(&scan, |batch| table.push(batch.clone()))?;
            table.print(most)?;
            reading::tell(batches.accounts());
            return Ok(Outcome::Done);
        };
        let scan = self.files.scan(options.n_rows(self.rows))?;
        lines.validate(&scan.schema())?;
        let mut batches = progress::watched_beside_output(scan.batches());
        let mut output = terminal::output();
        lines.write(scan.schema(), &mut batches, &mut output)?;
        output.flush().map_err(Error::of_writing)?;
        reading::tell(&batches.into_accounts());
        Ok(Outcome::Done)
    }
}
