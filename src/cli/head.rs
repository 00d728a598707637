//! `mrrc head`: the first records, as people read them.

use std::ffi::OsString;

use super::args::{Files, Reading};
use super::records::{self, Next, Printed};
use super::{Outcome, reading};
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  mrrc head catalogue.mrc
  mrrc head -10 --where 880 catalogue.mrc | less";

/// Show the first records.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_arg("on_error", |it| it.default_value("recover")))]
pub(super) struct Head {
    #[command(flatten)]
    files: Files,
    /// How many records.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3)]
    records: u64,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    reading: Reading,
}

impl Head {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.reading.options().n_rows(self.records))?;
        let mut printer = self.printed.printer(scan.sources().len() > 1, scan.options());
        let accounts = records::each(&scan, |found| printer.print(found).map(|()| Next::Another))?;
        printer.flush()?;
        reading::tell(&accounts);
        Ok(Outcome::Done)
    }
}

/// The arguments of the command, in which `head -10` is `head -n10`, as POSIX had it for the head of a text.
pub(super) fn numbered(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<_> = args.into_iter().collect();
    if let [_, verb, number, ..] = args.as_mut_slice()
        && verb == "head"
        && let Some(digits) = number.to_str().and_then(|it| it.strip_prefix('-'))
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        *number = format!("-n{digits}").into();
    }
    args
}
