//! `mrrc convert`: files of records into one file of another form.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{self, Reading, Shape, one_of};
use super::target::{validate_csv, write_csv};
use super::{Outcome, copy, progress, reading, terminal};
use crate::columns::Copying;
use crate::csv::CsvOptions;
use crate::error::{Error, Refusal, Result, WriteError};
use crate::io::{Batches, Scan, Source};
use crate::parquet::{self, ParquetOptions};
use crate::rows::Written;
use crate::words::{counted, printable};

const EXAMPLES: &str = "\
Examples:
  mrrc convert catalogue.mrc catalogue.parquet
  mrrc convert --columns bib catalogue.mrc catalogue.csv
  mrrc convert --on-error recover vendor.mrc good.mrc
  mrrc convert 'dumps/*.mrc.gz' all.parquet
  zcat dump.gz | mrrc convert --to csv --layout subfields - - | head

The target appears when it is complete, or not at all. ISO 2709 is written in UTF-8.";

/// Convert files to Parquet, CSV, TSV or ISO 2709.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc convert [OPTIONS] <FILE>... <TARGET>")]
pub(super) struct Convert {
    /// Files, or globs such as 'dumps/*.mrc', and the target last; - is standard input, or output.
    #[arg(value_name = "FILE", required = true, num_args = 2..)]
    files: Vec<PathBuf>,
    /// The form of the target, if its suffix does not say it.
    #[arg(long, value_name = "FORM", value_parser = one_of(FORMS))]
    to: Option<Form>,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Parquet,
    Csv,
    Tsv,
    Marc,
}

/// Each by its name, which is also the suffix of its files.
const FORMS: &[(&str, Form)] =
    &[("parquet", Form::Parquet), ("csv", Form::Csv), ("tsv", Form::Tsv), ("mrc", Form::Marc)];

impl Convert {
    pub(super) fn run(&self) -> Result<Outcome> {
        let (target, files) = self.files.split_last().ok_or_else(|| refused("name a file and a target"))?;
        let form = self.form(target)?;
        self.validate(form)?;
        let scan = args::scan(files, self.shape.of(self.reading.options()))?;
        let target = Target::of(target, form)?;
        target.refuse_input(scan.sources())?;
        let batches = match target {
            Target::Standard => progress::watched_beside_output(scan.batches()),
            Target::Path(_) => progress::watched(scan.batches()),
        };
        match form {
            Form::Parquet => write_parquet(&scan, batches, &target),
            Form::Csv => write_lines(&scan, batches, &target, &CsvOptions::default()),
            Form::Tsv => write_lines(&scan, batches, &target, &CsvOptions::default().separator(b'\t')),
            Form::Marc => self.write_marc(&scan, &target),
        }
    }

    /// The form that is asked for, or that of the suffix.
    fn form(&self, target: &Path) -> Result<Form> {
        let suffix = target.extension().and_then(|suffix| suffix.to_str()).map(str::to_ascii_lowercase);
        let by_suffix = || FORMS.iter().find(|(name, _)| suffix.as_deref() == Some(*name)).map(|it| it.1);
        self.to.or_else(by_suffix).ok_or_else(|| {
            refused(&format!(
                "what should {} be? End its name in .parquet, .csv, .tsv or .mrc, or say it with --to",
                shown(target)
            ))
        })
    }

    /// Refuses rows that the form cannot hold.
    fn validate(&self, form: Form) -> Result<()> {
        match form {
            Form::Csv | Form::Tsv if !self.shape.is_flat() => Err(refused(
                "a line of CSV cannot hold a whole record or field; name columns, such as --columns bib, or give each \
                 subfield a line with --layout subfields",
            )),
            Form::Marc if self.shape.has_columns() => Err(refused(
                "columns cannot be written as MARC; leave --columns out, and name the fields with --tags",
            )),
            _ => Ok(()),
        }
    }

    fn write_marc(&self, scan: &Scan, target: &Target) -> Result<Outcome> {
        let mut written = Written::default();
        let accounts = copy::through(scan, Copying::Utf8, target, |copied, output| {
            for of_record in copied.refusals.chunk_by(|one, other| one.record == other.record) {
                self.note(of_record, &mut written)?;
            }
            output.write(&copied.bytes)
        })?;
        reading::tell(&accounts);
        tell_written(&written);
        Ok(Outcome::Done)
    }

    /// Counts a record that is left out or odd; an error if none may be left out.
    fn note(&self, of_record: &[Refusal], written: &mut Written) -> Result<()> {
        let Some(first) = of_record.first() else { return Ok(()) };
        match first.is_written {
            true => written.odd += 1,
            false if self.reading.leaves_out() => written.skipped += 1,
            false => return Err(WriteError(Box::new(first.clone())).into()),
        }
        if written.refusals.is_empty() {
            written.refusals.push(first.clone());
        }
        Ok(())
    }
}

fn write_parquet(scan: &Scan, mut batches: Batches, target: &Target) -> Result<Outcome> {
    let names: Vec<_> = scan.sources().iter().filter_map(Source::name).collect();
    let mut options = ParquetOptions::default().metadata("mrrc.source", names.join("\n"));
    options.threads = scan.options().resources.threads.unwrap_or(options.threads);
    parquet::write(scan.schema(), &mut batches, target.path(), &options)?;
    reading::tell(&batches.into_accounts());
    Ok(Outcome::Done)
}

fn write_lines(scan: &Scan, mut batches: Batches, target: &Target, options: &CsvOptions) -> Result<Outcome> {
    validate_csv(&scan.schema(), options)?;
    match target {
        Target::Standard => write_csv(scan.schema(), &mut batches, &mut terminal::output(), options)?,
        Target::Path(path) => {
            crate::csv::write(scan.schema(), &mut batches, path, options)?;
        }
    }
    reading::tell(&batches.into_accounts());
    Ok(Outcome::Done)
}

/// Says which records were left out or are odd, of those that were read.
fn tell_written(written: &Written) {
    let Some(first) = written.refusals.first() else { return };
    let left_out = counted(written.skipped, "record");
    let odd = counted(written.odd, "record");
    let news = match (written.skipped, written.odd) {
        (_, 0) => format!("{left_out} cannot be written and left out"),
        (0, _) => format!("{odd} written with something odd"),
        _ => format!("{left_out} cannot be written and left out, {odd} written with something odd"),
    };
    terminal::say(&format!("{news}; the first: {first}"));
}

/// What is written to.
pub(super) enum Target {
    Standard,
    Path(PathBuf),
}

impl Target {
    pub(super) fn of(target: &Path, form: Form) -> Result<Target> {
        if target != Path::new("-") {
            return Ok(Target::Path(target.to_owned()));
        }
        if terminal::is_shown() && matches!(form, Form::Parquet | Form::Marc) {
            return Err(refused("a terminal cannot show this form; name a file, or write into a pipe"));
        }
        Ok(Target::Standard)
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Target::Standard => Path::new("/dev/stdout"),
            Target::Path(path) => path,
        }
    }

    /// Refuses to write over a file that is read.
    pub(super) fn refuse_input(&self, sources: &[Source]) -> Result<()> {
        let Target::Path(path) = self else { return Ok(()) };
        let is_input = |source: &Source| source.as_path().is_some_and(|input| is_same_file(input, path));
        if sources.iter().any(is_input) {
            return Err(refused(&format!("{} is read; choose another name for the target", shown(path))));
        }
        Ok(())
    }
}

/// Whether two paths lead to one file, through links of any kind.
fn is_same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
        identity(one).is_some_and(|file| identity(other) == Some(file))
    }
    #[cfg(not(unix))]
    {
        fs::canonicalize(one).is_ok_and(|file| fs::canonicalize(other).is_ok_and(|other| other == file))
    }
}

pub(super) fn refused(message: &str) -> Error {
    Error::Argument(message.to_owned())
}

pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
