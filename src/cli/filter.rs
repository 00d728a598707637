//! `mrrc filter`: the records that meet a condition or are in a list, as the bytes that they are.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{StandardInput, is_standard};
use super::copy::{self, Paths, Reading};
use super::failure::{refused, shown};
use super::{Outcome, terminal};
use crate::columns::Copying;
use crate::error::Result;
use crate::guard::internal;
use crate::io::Source;
use crate::notation::{Condition, Expression, Listed};
use crate::words::{counted, grouped};

/// How many numbers that were not found are named.
const NAMED: usize = 5;

const EXAMPLES: &str = "\
Examples:
  mrrc filter --where \"008/35-37 == 'ger'\" catalogue.mrc german.mrc
  mrrc filter --not --where 650 catalogue.mrc without-subjects.mrc
  mrrc filter --ids withdrawn.txt 'dumps/*.mrc.gz' withdrawn.mrc
  mrrc filter --not --ids withdrawn.txt catalogue.mrc - | mrrc count -

Records are copied byte for byte, in their order; only mrrc repair changes a damaged one. What the condition does not \
ask for is not decoded, so text that cannot be decoded is no error. What stands between records, such as line breaks, \
is left out.";

/// Copy the records that meet a condition, or are in a list, byte for byte.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc filter [OPTIONS] <FILE>... <TARGET>")]
pub(super) struct Filter {
    #[command(flatten)]
    paths: Paths,
    /// Only records whose number (001) is in this file, which has a number on each line; blanks around it do not count.
    #[arg(long, value_name = "LIST")]
    ids: Option<PathBuf>,
    /// Copy all the other records instead.
    #[arg(long = "not", visible_alias = "invert")]
    is_negated: bool,
    #[command(flatten)]
    reading: Reading,
}

impl Filter {
    pub(super) fn run(&self) -> Result<Outcome> {
        if self.ids.as_deref().is_some_and(is_standard) && self.paths.have_standard_input() {
            return Err(refused("standard input cannot be both the list and the records"));
        }
        let listed = self.ids.as_deref().map(|ids| numbers(ids).map(Arc::new)).transpose()?;
        let options = self.reading.options().filter(self.condition(listed.as_ref())?);
        let (scan, target) = self.paths.open(options)?;
        let list = self.ids.iter().filter(|ids| !is_standard(ids)).map(Source::path);
        target.refuse_input(&list.collect::<Vec<_>>())?;
        let accounts =
            copy::through(&scan, Copying::AsFound, &target, |copied, output| output.put(&copied.bytes))?;
        copy::tell(&accounts);
        if let (Some(ids), Some(listed)) = (&self.ids, &listed) {
            tell_missing(ids, listed);
        }
        Ok(Outcome::Done)
    }

    /// Which records are copied. The list comes first, so that it knows which of its numbers are there.
    fn condition(&self, listed: Option<&Arc<Listed>>) -> Result<Condition> {
        let number: Expression = "001".parse().map_err(|error| internal(&format!("{error}")))?;
        let listed = listed.map(|listed| Condition::listed(&number, listed.clone()));
        let wanted = match (listed, &self.reading.condition) {
            (Some(listed), Some(condition)) => listed.and(condition),
            (Some(listed), None) => listed,
            (None, Some(condition)) => condition.clone(),
            (None, None) => return Err(refused("say which records, with --where or --ids")),
        };
        Ok(if self.is_negated { wanted.negated() } else { wanted })
    }
}

/// The numbers in a file.
fn numbers(ids: &Path) -> Result<Listed> {
    let source = if is_standard(ids) { Source::opener(Arc::new(StandardInput)) } else { Source::path(ids) };
    let mut bytes = Vec::new();
    source.open()?.read_to_end(&mut bytes)?;
    let text =
        String::from_utf8(bytes).map_err(|_| refused(&format!("{} is not a text in UTF-8", shown(ids))))?;
    let listed = Listed::of(text.trim_start_matches('\u{feff}').lines());
    if listed.is_empty() {
        Err(refused(&format!("there is no number in {}", shown(ids))))
    } else {
        Ok(listed)
    }
}

/// Says which numbers no record has.
fn tell_missing(ids: &Path, listed: &Listed) {
    let missing = listed.missing();
    if missing.is_empty() {
        return;
    }
    let all = counted(listed.len() as u64, "number");
    let (named, rest) = missing.split_at(missing.len().min(NAMED));
    let more = if rest.is_empty() { "" } else { ", …" };
    let count = grouped(missing.len() as u64);
    terminal::say(&format!("not found: {count} of {all} in {} ({}{more})", shown(ids), named.join(", ")));
}
