//! `mrrc describe`: what is in a file.

use super::args::{Files, Text, one_of};
use super::target::Lines;
use super::{Outcome, reading, terminal};
use crate::columns::description;
use crate::error::Result;
use crate::options::Policy;
use crate::show::Described;

const EXAMPLES: &str = "\
Examples:
  mrrc describe catalogue.mrc
  mrrc describe --format csv catalogue.mrc > tags.csv";

/// Show what is in a file: its tags, subfields and encodings.
///
/// Damaged records are repaired where that can be proven, and left out otherwise.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_arg("encoding", |encoding| encoding.default_value("auto")))]
pub(super) struct Describe {
    #[command(flatten)]
    files: Files,
    /// As text, or as CSV or JSON lines with a row for each tag and each subfield.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = one_of(FORMATS))]
    format: Format,
    #[command(flatten)]
    text: Text,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Text,
    Lines(Lines),
}

const FORMATS: &[(&str, Format)] =
    &[("text", Format::Text), ("csv", Format::Lines(Lines::Csv)), ("json", Format::Lines(Lines::Json))];

impl Describe {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.text.options().on_error(Policy::Recover))?.describe();
        let batches = reading::through(&scan, |_| {})?;
        let counts = batches.description().cloned().unwrap_or_default();
        match self.format {
            Format::Text => {
                let news = reading::news(batches.accounts());
                let described = Described { counts: &counts, all: "--format csv", news: news.as_deref() };
                let text = described.text(terminal::room());
                terminal::print(text.strip_prefix("mrrc.Description: ").unwrap_or(&text))?;
            }
            Format::Lines(lines) => {
                lines.print(&description::fields(&counts)?)?;
                reading::tell(batches.accounts());
            }
        }
        Ok(Outcome::Done)
    }
}
