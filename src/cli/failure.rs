//! Errors in the words of the command, and the codes that it exits with.

use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;

use super::terminal;
use crate::diagnostic::{Advice, Diagnostic};
use crate::error::Error;

pub(super) const FINDINGS: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const MACHINE: u8 = 4;
/// What shells say of a program that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;

/// What can be done about a finding, in words.
pub(super) type Advise = fn(Advice) -> &'static str;

/// Tells an error, and returns the code for it. Whoever reads the output may stop before its end: that is no error.
pub(super) fn told(error: &Error, advise: Advise) -> ExitCode {
    if matches!(error, Error::Output(io) if io.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    if matches!(error, Error::Interrupted(_)) {
        return INTERRUPTED.into();
    }
    let message = error.diagnostic().map(|finding| advised(finding, advise));
    terminal::say(&message.unwrap_or_else(|| error.to_string()));
    let code = match error {
        Error::Argument(_) => USAGE,
        Error::Parse(_) | Error::Write(_) | Error::Source(_) => DATA,
        _ => MACHINE,
    };
    code.into()
}

/// Prints the help or version that was asked for, or says what is wrong with the arguments.
pub(super) fn answered(answer: &clap::Error) -> ExitCode {
    if !answer.use_stderr() {
        // It fails if nobody reads it.
        let _ = answer.print();
        return ExitCode::SUCCESS;
    }
    if answer.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = answer.print();
        return USAGE.into();
    }
    let text = answer.render().to_string();
    terminal::say(text.strip_prefix("error: ").unwrap_or(&text).trim_end());
    USAGE.into()
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
