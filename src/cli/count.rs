//! `mrrc count`: how many records there are.

use super::args::{Files, Reading};
use super::{Outcome, reading, terminal};
use crate::error::Result;
use crate::options::Select;

const EXAMPLES: &str = "\
Examples:
  mrrc count catalogue.mrc
  mrrc count --where \"year(008/07-10) >= 2000 and not 650\" 'dumps/*.mrc.gz'";

/// Count records.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Count {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    reading: Reading,
}

impl Count {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.reading.options().select(Select::Some(Vec::new())))?;
        let mut records = 0;
        let batches = reading::through(&scan, |batch| records += batch.num_rows())?;
        reading::tell(batches.accounts());
        terminal::print(&records.to_string())?;
        Ok(Outcome::Done)
    }
}
