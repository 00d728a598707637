//! `mrrc concat`: several files as one.

use super::Outcome;
use super::args::Threads;
use super::copy::{self, Damage, Paths};
use crate::columns::Copying;
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  mrrc concat 2024.mrc 2025.mrc.gz both.mrc
  mrrc concat 'parts/*.mrc' catalogue.mrc
  mrrc concat 'dumps/*.mrc.xz' - | mrrc describe -

Records are copied byte for byte, in their order. What stands between records, such as line breaks, is left out; \
bytes that are no record end the work, unless --on-error leaves them out.";

/// Write the records of several files into one, byte for byte.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc concat [OPTIONS] <FILE>... <TARGET>")]
pub(super) struct Concat {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    damage: Damage,
}

impl Concat {
    pub(super) fn run(&self) -> Result<Outcome> {
        let (scan, target) = self.paths.open(self.damage.of(self.threads.options()))?;
        let accounts =
            copy::through(&scan, Copying::AsFound, &target, |copied, output| output.put(&copied.bytes))?;
        copy::tell(&accounts);
        Ok(Outcome::Done)
    }
}
