//! The command `mrrc`: a file for each verb, and what they share.
//!
//! A verb reads its arguments (`args.rs`), describes a read with them, and passes what is read to the crate's own
//! writers and tables, so the command prints what Python prints. `reading.rs` runs a read and tells what became of the
//! records, `copy.rs` has what the verbs share that copy them, `failure.rs` errors in the words of the command and the
//! codes that it exits with; `terminal.rs`, `progress.rs` and `interrupt.rs` know the terminal.

mod args;
mod check;
mod completions;
mod concat;
mod convert;
mod copy;
mod count;
mod describe;
mod export;
mod failure;
mod filter;
mod frequency;
mod head;
mod interrupt;
mod into;
mod json;
mod man;
mod output;
mod parts;
mod progress;
mod reading;
mod records;
mod repair;
mod sample;
mod select;
mod show;
mod split;
mod target;
mod terminal;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use self::export::{Exporter, Request};
use self::failure::Advise;
use crate::error::Result;
use crate::guard::guarded;

const AFTER: &str = "\
Files can be compressed with gzip, bzip2, xz or zstd, and in tar and zip archives. A glob in quotation marks is expanded by mrrc; - is standard input.

Exit codes: 0 done; 1 check found something, show found nothing, or repair left something out; 2 the command is \
wrong; 3 the records are damaged; 4 a file cannot be read or written.";

/// Look into files of MARC records, check and repair them, take them apart, and convert them.
#[derive(Debug, Parser)]
#[command(name = "mrrc", version, after_help = AFTER)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Count(count::Count),
    Head(head::Head),
    Show(show::Show),
    Describe(describe::Describe),
    Check(check::Check),
    Select(select::Select),
    Frequency(frequency::Frequency),
    Convert(convert::Convert),
    Export(export::Export),
    Filter(filter::Filter),
    Sample(sample::Sample),
    Split(split::Split),
    Concat(concat::Concat),
    Repair(repair::Repair),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a verb ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Something is wrong with what was read.
    Findings,
    /// What was asked for is not there.
    Missing,
    /// Some of it could not be done, and this was told; with the code that the command exits with.
    Failed(u8),
}

impl Verb {
    fn run(&self, exporter: Option<Exporter<'_>>) -> Result<Outcome> {
        match self {
            Verb::Count(verb) => verb.run(),
            Verb::Head(verb) => verb.run(),
            Verb::Show(verb) => verb.run(),
            Verb::Describe(verb) => verb.run(),
            Verb::Check(verb) => verb.run(),
            Verb::Select(verb) => verb.run(),
            Verb::Frequency(verb) => verb.run(),
            Verb::Convert(verb) => verb.run(),
            Verb::Export(verb) => verb.run(exporter),
            Verb::Filter(verb) => verb.run(),
            Verb::Sample(verb) => verb.run(),
            Verb::Split(verb) => verb.run(),
            Verb::Concat(verb) => verb.run(),
            Verb::Repair(verb) => verb.run(),
            Verb::Completions(verb) => verb.run(),
            Verb::Man(verb) => verb.run(),
        }
    }

    /// How it advises about damaged records.
    fn advises(&self) -> Advise {
        match self {
            Verb::Filter(_) | Verb::Sample(_) | Verb::Split(_) | Verb::Concat(_) => failure::by_copying,
            _ => failure::by_options,
        }
    }
}

/// Runs the command with these arguments, of which the first is its own name, and returns the code to exit with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    run_with(args, None)
}

/// The same, with what does the work of `mrrc export`.
pub fn run_with(args: impl IntoIterator<Item = OsString>, exporter: Option<Exporter<'_>>) -> u8 {
    let command = match Command::try_parse_from(head::numbered(args)) {
        Ok(command) => command,
        Err(answer) => return failure::answered(&answer),
    };
    // A bug is told in one sentence.
    std::panic::set_hook(Box::new(|_| {}));
    match guarded(|| command.verb.run(exporter)) {
        Ok(Outcome::Done) => failure::SUCCESS,
        Ok(Outcome::Findings | Outcome::Missing) => failure::NEGATIVE,
        Ok(Outcome::Failed(code)) => code,
        Err(error) => failure::told(&error, command.verb.advises()),
    }
}
