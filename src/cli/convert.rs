//! `mrrc convert`: files of records into one file of another form, or each into its own (`into.rs`).

use std::path::{Path, PathBuf};

use super::args::{self, Reading, Shape, one_of};
use super::failure::{refused, shown};
use super::into::IntoFolder;
use super::output::Target;
use super::target::Lines;
use super::{Outcome, progress, reading, terminal};
use crate::accounts::Accounts;
use crate::columns::Copying;
use crate::error::Result;
use crate::forms::TextForm;
use crate::io::{Batches, Scan, Source, pool, within};
use crate::parquet::{self, ParquetOptions};
use crate::rows::Written;
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  mrrc convert catalogue.mrc catalogue.parquet
  mrrc convert --columns bib catalogue.mrc catalogue.csv
  mrrc convert --on-error recover vendor.mrc good.mrc
  mrrc convert 'dumps/*.mrc.gz' all.parquet
  mrrc convert --into parquet/ --to parquet 'dumps/**/*.mrc.gz'
  zcat dump.gz | mrrc convert --to csv --layout subfields - - | head

A target appears when it is complete, or not at all. ISO 2709 is written in UTF-8.";

const USAGE: &str = "mrrc convert [OPTIONS] <FILE>... <TARGET>
       mrrc convert [OPTIONS] --into <FOLDER> --to <FORM> <FILE>...";

/// Convert files to Parquet, CSV, JSON lines, MARCXML, MARCMaker text or ISO 2709.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub(super) struct Convert {
    /// Files, or globs such as 'dumps/*.mrc', and the target last; - is standard input, or output.
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The form of the target, if its suffix does not say it.
    #[arg(long, value_name = "FORM", value_parser = one_of(NAMES))]
    pub(super) to: Option<Form>,
    /// Write over the target if it is there; with --into, convert again what is there already.
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) into: IntoFolder,
    #[command(flatten)]
    pub(super) shape: Shape,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Parquet,
    Csv,
    Tsv,
    Json,
    Xml,
    Mrk,
    Marc,
}

/// Each by its name, which is also the suffix of its files.
pub(super) const NAMES: &[(&str, Form)] = &[
    ("parquet", Form::Parquet),
    ("csv", Form::Csv),
    ("tsv", Form::Tsv),
    ("jsonl", Form::Json),
    ("xml", Form::Xml),
    ("mrk", Form::Mrk),
    ("mrc", Form::Marc),
];

/// Other suffixes of files.
const SUFFIXES: &[(&str, Form)] = &[("ndjson", Form::Json), ("marcxml", Form::Xml), ("marc", Form::Marc)];

/// What is to be said when the work is done.
pub(super) type News = Vec<String>;

impl Convert {
    pub(super) fn run(&self) -> Result<Outcome> {
        if let Some(folder) = &self.into.folder {
            return self.run_into(folder);
        }
        let (target, files) = match self.files.split_last() {
            Some((target, files)) if !files.is_empty() => (target, files),
            _ => return Err(refused("name the target behind the files, or a folder with --into")),
        };
        let form = self.form(target)?;
        let target = Target::of(target, form)?;
        let scan = self.scan(args::scan(files, self.reading.options())?, form)?;
        target.refuse_input(scan.sources())?;
        target.refuse_existing(self.force)?;
        let batches = match target {
            Target::Standard => progress::watched_beside_output(scan.batches()),
            Target::Path(_) => progress::watched(scan.batches()),
        };
        self.write(form, &scan, batches, &target)?.iter().for_each(|news| terminal::say(news));
        Ok(Outcome::Done)
    }

    /// The form that is asked for, or that of the suffix.
    fn form(&self, target: &Path) -> Result<Form> {
        let suffix =
            within(target).extension().and_then(|suffix| suffix.to_str()).map(str::to_ascii_lowercase);
        let mut forms = NAMES.iter().chain(SUFFIXES);
        let by_suffix = || forms.find(|(name, _)| suffix.as_deref() == Some(*name)).map(|it| it.1);
        self.to.or_else(by_suffix).ok_or_else(|| {
            refused(&format!(
                "what should {} be? End its name in .parquet, .csv, .tsv, .jsonl, .xml, .mrk or .mrc, or say it with \
                 --to",
                shown(target)
            ))
        })
    }

    /// The read that gives what the form holds; an error if the form cannot hold it.
    pub(super) fn scan(&self, scan: Scan, form: Form) -> Result<Scan> {
        match form {
            Form::Csv | Form::Tsv if !self.shape.is_flat() => Err(refused(
                "a line of CSV cannot hold a whole record or field; name columns, such as --columns bib, or give each \
                 subfield a line with --layout subfields",
            )),
            Form::Marc | Form::Xml | Form::Mrk if self.shape.has_columns() => Err(refused(
                "columns cannot be written as MARC; leave --columns out, and name the fields with --tags",
            )),
            Form::Marc => Ok(self.shaped(scan)?.copying(Copying::Utf8)),
            _ => match self.text_form(form) {
                Some(text) => self.shaped(scan)?.writing(text, self.reading.replaces()),
                None => self.shaped(scan),
            },
        }
    }

    fn shaped(&self, scan: Scan) -> Result<Scan> {
        scan.with_options(self.shape.of(self.reading.options()))
    }

    /// Writes everything to the target.
    pub(super) fn write(&self, form: Form, scan: &Scan, batches: Batches, target: &Target) -> Result<News> {
        match form {
            Form::Parquet => write_parquet(scan, batches, target),
            Form::Csv => write_lines(scan, batches, target, Lines::Csv),
            Form::Tsv => write_lines(scan, batches, target, Lines::Tsv),
            Form::Marc => self.write_marc(batches, target),
            Form::Json if self.text_form(form).is_none() => write_lines(scan, batches, target, Lines::Json),
            Form::Json | Form::Xml | Form::Mrk => self.write_text(batches, target),
        }
    }

    /// The form of the text that records become, if they do.
    fn text_form(&self, form: Form) -> Option<TextForm> {
        match form {
            Form::Xml => Some(TextForm::Marcxml),
            Form::Mrk => Some(TextForm::Mrk),
            Form::Json if !self.shape.has_columns() && !self.shape.has_layout() => Some(TextForm::Json),
            _ => None,
        }
    }

    fn write_text(&self, mut batches: Batches, target: &Target) -> Result<News> {
        let skips = self.reading.leaves_out();
        let written = target.fill(|output| batches.write_text_into(output, skips))?;
        Ok(news(batches.accounts(), Some(&written)))
    }

    fn write_marc(&self, batches: Batches, target: &Target) -> Result<News> {
        let mut written = Written::default();
        let accounts = target.fill(|output| {
            reading::through_bytes(batches, |copied| {
                written.count(copied.ends.len(), copied.refusals, self.reading.leaves_out())?;
                output.put(&copied.bytes)
            })
        })?;
        Ok(news(&accounts, Some(&written)))
    }
}

fn write_parquet(scan: &Scan, mut batches: Batches, target: &Target) -> Result<News> {
    let names: Vec<_> = scan.sources().iter().filter_map(Source::name).collect();
    let mut options = ParquetOptions::default().metadata("mrrc.source", names.join("\n"));
    options.threads = threads(scan);
    parquet::write(scan.schema(), &mut batches, target.path(), &options)?;
    Ok(news(batches.accounts(), None))
}

fn write_lines(scan: &Scan, mut batches: Batches, target: &Target, lines: Lines) -> Result<News> {
    lines.validate(&scan.schema())?;
    target.fill(|output| lines.write(scan.schema(), &mut batches, output))?;
    Ok(news(batches.accounts(), None))
}

fn threads(scan: &Scan) -> usize {
    scan.options().resources.threads.unwrap_or_else(pool::available)
}

/// What became of the records that were read, and of those that were written.
fn news(accounts: &Accounts, written: Option<&Written>) -> News {
    let written = written.and_then(not_as_they_stand);
    reading::losses(accounts).into_iter().chain(written).collect()
}

/// Which records were left out or changed, of those that were read.
fn not_as_they_stand(written: &Written) -> Option<String> {
    let first = written.refusals.first()?;
    let left_out = counted(written.skipped, "record");
    let odd = counted(written.odd, "record");
    let news = match (written.skipped, written.odd) {
        (_, 0) => format!("{left_out} cannot be written and left out"),
        (0, _) => format!("{odd} written with something odd"),
        _ => format!("{left_out} cannot be written and left out, {odd} written with something odd"),
    };
    Some(format!("{news}; the first: {first}"))
}
