//! `mrrc completions`: what makes a shell complete verbs, options and files.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Command, Outcome, terminal};
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  mrrc completions bash > ~/.local/share/bash-completion/completions/mrrc
  mrrc completions zsh > ~/.zfunc/_mrrc
  mrrc completions fish > ~/.config/fish/completions/mrrc.fish";

/// Print a script that makes a shell complete the command.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell that reads it.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Outcome> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Command::command(), "mrrc", &mut script);
        terminal::print(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Outcome::Done)
    }
}
