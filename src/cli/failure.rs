//! Errors in the words of the command, and the codes that it exits with.

use std::io;

use clap::error::ErrorKind;

use super::terminal;
use crate::diagnostic::{Advice, Diagnostic};
use crate::error::Error;

pub(super) const SUCCESS: u8 = 0;
/// The answer to a question is no: check found something, show found nothing.
pub(super) const NEGATIVE: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const MACHINE: u8 = 4;
/// What shells say of a program that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;

/// Tells an error, and returns the code for it. Whoever reads the output may stop before its end: that is no error.
pub(super) fn told(error: &Error) -> u8 {
    if matches!(error, Error::Output(io) if io.kind() == io::ErrorKind::BrokenPipe) {
        return SUCCESS;
    }
    if matches!(error, Error::Interrupted(_)) {
        return INTERRUPTED;
    }
    terminal::say(&text(error));
    code(error)
}

/// An error in the words of the command.
pub(super) fn text(error: &Error) -> String {
    error.diagnostic().map_or_else(|| error.to_string(), message)
}

pub(super) fn code(error: &Error) -> u8 {
    match error {
        Error::Argument(_) => USAGE,
        Error::Parse(_) | Error::Write(_) | Error::Source(_) => DATA,
        _ => MACHINE,
    }
}

/// Prints the help or version that was asked for, or says what is wrong with the arguments.
pub(super) fn answered(answer: &clap::Error) -> u8 {
    if !answer.use_stderr() {
        // It fails if nobody reads it.
        let _ = answer.print();
        return SUCCESS;
    }
    if answer.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = answer.print();
        return USAGE;
    }
    let text = answer.render().to_string();
    terminal::say(text.strip_prefix("error: ").unwrap_or(&text).trim_end());
    USAGE
}

/// A finding in one line, with what to do about it.
pub(super) fn message(finding: &Diagnostic) -> String {
    let summary = finding.summary();
    match advice(finding.advice()) {
        "" => summary,
        advice => format!("{summary}; {advice}"),
    }
}

/// What can be done about a finding, by the options of the command.
fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::Skip => "leave it out with --on-error skip",
        Advice::Recover => {
            "repair it with --on-error recover if there is only one way to read it, or leave it out with --on-error skip"
        }
        Advice::GetAgain => "get the file again, or read what is there with --on-error recover",
        Advice::NameEncoding => {
            "name another encoding with --encoding, or get U+FFFD instead with --on-error recover"
        }
        Advice::ReadAsFound => "--encoding auto reads it in the encoding that was found",
        Advice::NameOrAuto => {
            "if the text looks wrong, name an encoding with --encoding, or read with --encoding auto"
        }
        other => other.text(),
    }
}
