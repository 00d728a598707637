//! What the verbs share that copy records: which records, how they are read, and where they are written.

use std::collections::HashSet;
use std::path::{self, Path, PathBuf};

use clap::Args;

use super::args::{self, Text, is_standard, policy};
use super::convert::Form;
use super::failure::{refused, shown};
use super::output::{Opened, Target};
use super::{progress, reading, terminal};
use crate::accounts::Accounts;
use crate::columns::{Copied, Copying};
use crate::error::Result;
use crate::io::{Batches, Scan, Source, within};
use crate::notation::Condition;
use crate::options::{Options, Policy};

/// The files that are read, and the one that is written.
#[derive(Args, Debug)]
pub(super) struct Paths {
    /// Files, or globs such as 'dumps/*.mrc', and the target last; - is standard input, or output.
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,
    /// Write over what is there: the target, and the files that options name.
    #[arg(long)]
    pub(super) force: bool,
}

impl Paths {
    /// Whether one of the files is standard input.
    pub(super) fn have_standard_input(&self) -> bool {
        self.paths.split_last().is_some_and(|(_, files)| files.iter().any(|file| is_standard(file)))
    }

    /// A read of the files, and the target, which is none of them.
    pub(super) fn open(&self, options: Options) -> Result<(Scan, Target)> {
        let (target, files) = match &*self.paths {
            [files @ .., target] if !files.is_empty() => (target, files),
            _ => return Err(refused("name the files, and the target last")),
        };
        let scan = args::scan(files, options)?;
        refuse_other_form(target)?;
        let target = Target::of(target, Form::Marc)?;
        target.refuse_input(scan.sources())?;
        target.refuse_existing(self.force)?;
        Ok((scan, target))
    }
}

/// Suffixes of what only `mrrc convert` writes.
const OTHER_FORMS: [&str; 8] = ["parquet", "csv", "tsv", "json", "jsonl", "ndjson", "xml", "mrk"];

/// Refuses a target whose name says that it is something other than records in ISO 2709.
fn refuse_other_form(target: &Path) -> Result<()> {
    let target = within(target);
    let suffix = target.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    if !OTHER_FORMS.iter().any(|it| suffix.eq_ignore_ascii_case(it)) {
        return Ok(());
    }
    let advice = "records are copied as they are; mrrc convert writes other forms";
    Err(refused(&format!("{} would be ISO 2709: {advice}", shown(&target))))
}

/// Which records are copied, and how they are read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
pub(super) struct Reading {
    /// Only records that meet this condition, such as "year(008/07-10) >= 1990 and not 880".
    #[arg(long = "where", value_name = "CONDITION")]
    pub(super) condition: Option<Condition>,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    damage: Damage,
}

impl Reading {
    pub(super) fn options(&self) -> Options {
        self.damage.of(self.text.options()).filter(self.condition.clone())
    }
}

/// What becomes of damaged records.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
pub(super) struct Damage {
    /// What becomes of a damaged record: an error, left out, or copied as it is if there is only one way to read it.
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = policy())]
    on_error: Policy,
}

impl Damage {
    pub(super) fn of(&self, options: Options) -> Options {
        options.on_error(self.on_error)
    }
}

/// Passes everything that is read to `each`, which writes to the target.
pub(super) fn through(
    scan: &Scan,
    copying: Copying,
    target: &Target,
    mut each: impl FnMut(Copied, &mut Opened) -> Result<()>,
) -> Result<Accounts> {
    target.fill(|output| reading::through_bytes(batches(scan, copying), |copied| each(copied, output)))
}

/// A read of records as bytes, with its progress; none of them is shown on a terminal.
pub(super) fn batches(scan: &Scan, copying: Copying) -> Batches {
    progress::watched(scan.copying(copying).batches())
}

/// Says what was left out, or copied though it needs repair.
pub(super) fn tell(accounts: &Accounts) {
    let Some(news) = reading::news(accounts) else { return };
    let advice = match (accounts.counts().repaired, accounts.is_whole()) {
        (1.., _) => "; what needs repair is copied as it was found, and mrrc repair mends it",
        (0, true) => "",
        (0, false) => "; mrrc check lists what is wrong",
    };
    terminal::say(&format!("{news}{advice}"));
}

/// Where bytes go that are no record.
#[derive(Args, Debug)]
pub(super) struct Rejects {
    /// Write the bytes of records that cannot be read, and those that are no record, to this file.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl Rejects {
    pub(super) fn path(&self) -> Option<&Path> {
        self.rejects.as_deref()
    }

    /// The file, which is none of those that are read; one that is there already if it is written over by `force`.
    pub(super) fn open(&self, sources: &[Source], force: bool) -> Result<OpenedRejects> {
        let Some(path) = &self.rejects else { return Ok(OpenedRejects(None)) };
        if is_standard(path) {
            return Err(refused("name a file for the rejects; standard output has something else"));
        }
        let rejects = Target::Path(path.clone());
        rejects.refuse_input(sources)?;
        rejects.refuse_existing(force)?;
        rejects.open().map(|opened| OpenedRejects(Some(opened)))
    }
}

/// Refuses to write two things to one file.
pub(super) fn refuse_twice(paths: &[Option<&Path>]) -> Result<()> {
    let mut seen = HashSet::new();
    match paths.iter().flatten().find(|path| !seen.insert(resolved(path))) {
        Some(path) => {
            Err(refused(&format!("{} is named twice; each thing needs a file of its own", shown(path))))
        }
        None => Ok(()),
    }
}

/// A path to a file that may not be there yet, without links in its folders.
fn resolved(path: &Path) -> Option<PathBuf> {
    let path = path::absolute(path).ok()?;
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    Some(folder.and_then(|folder| Some(folder.join(path.file_name()?))).unwrap_or(path))
}

/// A file of rejects that is being written, if one was asked for.
pub(super) struct OpenedRejects(Option<Opened>);

impl OpenedRejects {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.as_mut().map_or(Ok(()), |opened| opened.put(bytes))
    }

    pub(super) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Opened::finish)
    }
}
