//! `mrrc man`: the command and its verbs as pages of the manual.

use std::io;

use clap::CommandFactory;
use clap_mangen::roff::{Roff, roman};

use super::{Command, Outcome, terminal};
use crate::error::{Error, Result};

const EXAMPLES: &str = "\
Examples:
  mrrc man > ~/.local/share/man/man1/mrrc.1
  mrrc man convert > ~/.local/share/man/man1/mrrc-convert.1
  mrrc man | man -l -";

/// Print a page of the manual: that of the command, or of a verb.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Man {
    /// The verb.
    verb: Option<String>,
}

impl Man {
    pub(super) fn run(&self) -> Result<Outcome> {
        let mut command = Command::command();
        command.build();
        let command = match &self.verb {
            None => command,
            Some(verb) => {
                let page = command.find_subcommand(verb).cloned();
                page.ok_or_else(|| Error::Argument(format!("mrrc has no verb {verb:?}")))?
            }
        };
        let mut page = Vec::new();
        render(&command, &mut page).map_err(Error::of_writing)?;
        terminal::print(String::from_utf8_lossy(&page).trim_end())?;
        Ok(Outcome::Done)
    }
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    behind(&command.get_after_help().map(ToString::to_string).unwrap_or_default()).to_writer(page)
}

/// What stands behind the help: its examples are lines, and the rest is text.
fn behind(text: &str) -> Roff {
    let mut page = Roff::new();
    let heading = if text.starts_with("Examples:") { "EXAMPLES" } else { "NOTES" };
    page.control("SH", [heading]);
    for line in text.lines().filter(|line| *line != "Examples:") {
        match line.strip_prefix("  ") {
            Some(example) => page.control("nf", []).text([roman(example)]).control("fi", []),
            None if line.is_empty() => page.control("PP", []),
            None => page.text([roman(line)]),
        };
    }
    page
}
