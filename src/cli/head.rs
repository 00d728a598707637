//! `mrrc head`: the first records, as people read them.

use std::io::Write;

use super::args::{Files, Reading};
use super::{Outcome, reading, terminal};
use crate::error::{Error, Result};
use crate::forms::Mrk;
use crate::record::{RecordBuf, Tell};
use crate::words::printable;

const EXAMPLES: &str = "\
Examples:
  mrrc head catalogue.mrc
  mrrc head -n 1 --where \"001 == 'ocm00012345'\" catalogue.mrc";

/// Show the first records as MARCMaker text.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Head {
    #[command(flatten)]
    files: Files,
    /// How many records.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3)]
    records: u64,
    #[command(flatten)]
    reading: Reading,
}

impl Head {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.reading.options().n_rows(self.records))?;
        let mut records = scan.records();
        let has_colours = terminal::has_colours();
        let mut output = if has_colours { terminal::unfiltered() } else { terminal::output() };
        for (number, record) in records.by_ref().enumerate() {
            let text = text(&record?);
            let text = if has_colours { coloured(&text) } else { text };
            let blank = if number == 0 { "" } else { "\n" };
            write!(output, "{blank}{text}").map_err(Error::of_writing)?;
        }
        output.flush().map_err(Error::of_writing)?;
        reading::tell(records.accounts());
        Ok(Outcome::Done)
    }
}

fn text(record: &RecordBuf) -> String {
    let mut text = Mrk::new(&String::from_utf8_lossy(&record.leader().0));
    let Ok(()) = record.tell(&mut text);
    text.finish()
}

/// Tags in bold. Nothing else in the text controls the terminal.
fn coloured(text: &str) -> String {
    let line = |line: &str| match line.split_at_checked(4) {
        Some((tag, rest)) => format!("\x1b[1m{}\x1b[0m{}\n", printable(tag), printable(rest)),
        None => printable(line) + "\n",
    };
    text.lines().map(line).collect()
}
