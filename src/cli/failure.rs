//! Errors in the words of the command, and the codes that it exits with.

use std::io;
use std::path::Path;

use clap::error::ErrorKind;

use super::terminal;
use crate::diagnostic::{Advice, Diagnostic};
use crate::error::{Error, WriteCode};
use crate::words::printable;

pub(super) const SUCCESS: u8 = 0;
/// The answer to a question is no: check found something, show found nothing, repair left something out.
pub(super) const NEGATIVE: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const MACHINE: u8 = 4;
/// What shells say of a program that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;

/// What can be done about a finding, in words.
pub(super) type Advise = fn(Advice) -> &'static str;

/// Tells an error, and returns the code for it. Whoever reads the output may stop before its end: that is no error.
pub(super) fn told(error: &Error, advise: Advise) -> u8 {
    if matches!(error, Error::Output(io) if io.kind() == io::ErrorKind::BrokenPipe) {
        return SUCCESS;
    }
    if matches!(error, Error::Interrupted(_)) {
        return INTERRUPTED;
    }
    terminal::say(&text(error, advise));
    code(error)
}

/// An error in the words of the command.
pub(super) fn text(error: &Error, advise: Advise) -> String {
    match error {
        Error::Write(written) => format!("{written}; {}", by_writing(written.code())),
        error => error.diagnostic().map_or_else(|| error.to_string(), |finding| advised(finding, advise)),
    }
}

/// What the options of a verb that writes records can do about one that cannot be written.
fn by_writing(code: WriteCode) -> &'static str {
    match code {
        WriteCode::CharacterUnwritable => {
            "write another character for it with --on-error recover, or leave the record out with --on-error skip"
        }
        _ => "leave the record out with --on-error skip",
    }
}

pub(super) fn code(error: &Error) -> u8 {
    match error {
        Error::Argument(_) => USAGE,
        Error::Parse(_) | Error::Write(_) | Error::Source(_) => DATA,
        _ => MACHINE,
    }
}

/// What cannot be meant.
pub(super) fn refused(message: &str) -> Error {
    Error::Argument(message.to_owned())
}

/// A path, as messages show it.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
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
    advised(finding, by_options)
}

fn advised(finding: &Diagnostic, advise: Advise) -> String {
    let summary = finding.summary();
    match advise(finding.advice()) {
        "" => summary,
        advice => format!("{summary}; {advice}"),
    }
}

/// What the options of a verb that copies records as they are can do about a finding.
pub(super) fn by_copying(advice: Advice) -> &'static str {
    match advice {
        Advice::Recover => {
            "mend it with mrrc repair, leave it out with --on-error skip, or copy it as it is with --on-error recover"
        }
        Advice::GetAgain => "get the file again, or copy what is there with --on-error recover",
        other => by_options(other),
    }
}

/// What the options of the other verbs can do about it.
pub(super) fn by_options(advice: Advice) -> &'static str {
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
