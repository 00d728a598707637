//! `mrrc export`: many files to Parquet in a folder. The Python package does the work, and tells the command how.

use std::path::PathBuf;

use super::Outcome;
use super::args::{Reading, Shape};
use super::failure::refused;
use super::split::size;
use crate::error::Result;
use crate::options::Options;

const EXAMPLES: &str = "\
Examples:
  mrrc export 'dumps/**/*.mrc.gz' catalogue
  mrrc export --columns bib --partition-by language --on-error recover dump.mrc catalogue
  mrrc export 's3://bucket/dumps/*.mrc' catalogue

Large files are exported in parts, which become a file each in FOLDER/records; FOLDER/accounts says what became of every
record and byte. What is done stays: if it is stopped or killed, call it again, and it goes on.";

/// Convert many files to Parquet in a folder, in parts and resumable.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "mrrc export [OPTIONS] <FILE>... <FOLDER>")]
pub(super) struct Export {
    /// Files, globs such as 'dumps/*.mrc', or addresses such as 's3://bucket/*.mrc', and the folder last.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The size of a part, such as 64MiB.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    chunk: u64,
    /// A column: the files are in a folder for each of its values.
    #[arg(long, value_name = "COLUMN")]
    partition_by: Option<String>,
    /// Export again what is there already, whatever the folder has.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    reading: Reading,
}

/// An export that was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files, globs and addresses.
    pub sources: Vec<PathBuf>,
    /// Where to write.
    pub folder: PathBuf,
    /// The size of a part in bytes.
    pub chunk: u64,
    /// A column whose values are folders.
    pub partition_by: Option<String>,
    /// Whether all parts are done again.
    pub force: bool,
    /// How records are read. The threads are the number of parts that are exported side by side.
    pub options: Options,
}

/// What exports, and returns the code to exit with.
pub type Exporter<'a> = &'a dyn Fn(&Request) -> u8;

impl Export {
    pub(super) fn run(&self, exporter: Option<Exporter<'_>>) -> Result<Outcome> {
        let (folder, sources) = match self.files.split_last() {
            Some((folder, sources)) if !sources.is_empty() => (folder, sources),
            _ => return Err(refused("name the folder behind the files")),
        };
        let Some(export) = exporter else {
            let advice = "mrrc convert --into makes a Parquet file of each file";
            return Err(refused(&format!(
                "the command of the Python package exports, and this is another; {advice}"
            )));
        };
        let request = Request {
            sources: sources.to_vec(),
            folder: folder.clone(),
            chunk: self.chunk,
            partition_by: self.partition_by.clone(),
            force: self.force,
            options: self.shape.of(self.reading.options()),
        };
        Ok(match export(&request) {
            0 => Outcome::Done,
            code => Outcome::Failed(code),
        })
    }
}
