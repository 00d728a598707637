//! What most verbs are told: which files, how they are read, and which columns they have.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, StringValueParser, TypedValueParser};

use crate::charset::Charset;
use crate::error::Result;
use crate::io::{Open, Scan, Source, local, pool, standard_input};
use crate::notation::{Columns, Condition, NotationError, Tags};
use crate::options::{Dialect, Encoding, Format, Layout, Options, Policy};

/// Whether the path stands for standard input or output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// The files that are read.
#[derive(Args, Debug)]
pub(super) struct Files {
    /// Files, or globs such as 'dumps/*.mrc'; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Files {
    pub(super) fn scan(&self, options: Options) -> Result<Scan> {
        scan(&self.files, options)
    }
}

/// Describes a read of the files that the command names. A read that goes on behind a damaged record also goes on
/// without a missing one of several files.
pub(super) fn scan(files: &[PathBuf], options: Options) -> Result<Scan> {
    let goes_on = files.len() > 1 && options.records.on_error != Policy::Raise;
    let mut sources = Vec::new();
    for file in files {
        if is_standard(file) {
            sources.push(Source::opener(Arc::new(StandardInput)));
        } else {
            match Source::expand(file) {
                Err(error) if goes_on && error.kind() == io::ErrorKind::NotFound => {
                    sources.push(Source::path(file));
                }
                found => sources.extend(found?),
            }
        }
    }
    // Whether rows name their source depends on the command, not on how many files match a glob.
    let is_named = |source: &Source, file: &Path| {
        source.as_path().is_none_or(|path| local(file).is_ok_and(|local| path == local))
    };
    let scan = match (files, sources.as_slice()) {
        ([file], [source]) if is_named(source, file) => Scan::new(source.clone()),
        _ => Scan::of_sources(sources),
    };
    scan.with_options(options)
}

pub(super) struct StandardInput;

impl Open for StandardInput {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        standard_input()
    }

    fn name(&self) -> Option<String> {
        Some("standard input".into())
    }
}

/// How records are read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
pub(super) struct Reading {
    /// Only records that meet this condition, such as "year(008/07-10) >= 1990 and not 880".
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<Condition>,
    #[command(flatten)]
    text: Text,
    /// What becomes of a record that cannot be delivered as it stands: an error, left out, or repaired if that can be
    /// proven.
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = policy())]
    on_error: Policy,
}

impl Reading {
    pub(super) fn options(&self) -> Options {
        self.text.options().filter(self.condition.clone()).on_error(self.on_error)
    }

    /// Whether text that a form cannot express is replaced.
    pub(super) fn replaces(&self) -> bool {
        self.on_error == Policy::Recover
    }

    /// Whether a record that cannot be written is left out as well.
    pub(super) fn leaves_out(&self) -> bool {
        self.on_error != Policy::Raise
    }
}

/// How the text of records is read, and by how many threads.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
pub(super) struct Text {
    /// What records are written in, if that is not to be told by the first bytes of each file.
    #[arg(long, value_name = "FORM", default_value = "auto", value_parser = one_of(Format::ALL))]
    from: Format,
    /// The encoding: declared, auto, or a name such as utf-8, marc-8, latin-1 or windows-1252.
    #[arg(long, value_name = "NAME", default_value = "declared", value_parser = encoding)]
    encoding: Encoding,
    /// The format of the records.
    #[arg(long, value_name = "FORMAT", default_value = "marc21", value_parser = dialect())]
    dialect: Dialect,
    #[command(flatten)]
    threads: Threads,
}

impl Text {
    pub(super) fn options(&self) -> Options {
        self.threads.options().format(self.from).encoding(self.encoding).dialect(self.dialect)
    }
}

/// By how many threads records are read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
pub(super) struct Threads {
    /// How many threads decode; all that there are by default.
    #[arg(long, value_name = "N", value_parser = threads())]
    threads: Option<usize>,
}

impl Threads {
    pub(super) fn options(&self) -> Options {
        Options::default().threads(self.threads)
    }
}

/// What the rows of a read are.
#[derive(Args, Debug)]
#[command(next_help_heading = "Columns")]
pub(super) struct Shape {
    /// Columns, one row for each record: bib, codes, or expressions such as 'id = 001, 245$a'.
    #[arg(long, value_name = "COLUMNS", conflicts_with_all = ["layout", "tags"])]
    columns: Option<Columns>,
    /// What a row is, if no columns are named: a record, a field or a subfield.
    #[arg(long, value_name = "LAYOUT", value_parser = layout())]
    layout: Option<Layout>,
    /// Only fields with these tags, such as 245,6..
    #[arg(long, value_name = "TAGS")]
    tags: Option<Tags>,
}

impl Shape {
    /// The options with this shape.
    pub(super) fn of(&self, options: Options) -> Options {
        let options = options.columns(self.columns.clone()).tags(self.tags.clone());
        options.layout(self.layout.unwrap_or_default())
    }

    /// Whether no column has fields or subfields in it, as far as that can be told without looking at expressions.
    pub(super) fn is_flat(&self) -> bool {
        self.columns.is_some() || self.layout == Some(Layout::Subfields)
    }

    pub(super) fn has_columns(&self) -> bool {
        self.columns.is_some()
    }

    pub(super) fn has_layout(&self) -> bool {
        self.layout.is_some()
    }
}

/// An expression that stands before the files; whoever begins with a file is told so.
pub(super) fn expression<T: FromStr<Err = NotationError> + Clone + Send + Sync + 'static>(
    example: &'static str,
) -> impl TypedValueParser<Value = T> {
    StringValueParser::new().try_map(move |text| {
        text.parse::<T>().map_err(|error| match Path::new(&text).exists() {
            true => format!("the files come last, as in {example} {text}"),
            false => error.to_string(),
        })
    })
}

fn encoding(name: &str) -> Result<Encoding, String> {
    match name {
        "declared" => Ok(Encoding::Declared),
        "auto" => Ok(Encoding::Auto),
        name => Charset::named(name).map(Encoding::Named).ok_or_else(|| {
            "write declared, auto, utf-8, marc-8, iso-5426, latin-1, or another such as windows-1252, gb18030 or \
             cp850"
                .to_owned()
        }),
    }
}

/// One of some words, each of which means something.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word)).try_map(move |given| {
        words.iter().find(|(word, _)| *word == given).map(|(_, meant)| *meant).ok_or("not one of these words")
    })
}

pub(super) fn policy() -> impl TypedValueParser<Value = Policy> {
    one_of(&[("raise", Policy::Raise), ("skip", Policy::Skip), ("recover", Policy::Recover)])
}

fn dialect() -> impl TypedValueParser<Value = Dialect> {
    one_of(&[("marc21", Dialect::Marc21), ("unimarc", Dialect::Unimarc)])
}

fn layout() -> impl TypedValueParser<Value = Layout> {
    one_of(&[("nested", Layout::Nested), ("fields", Layout::Fields), ("subfields", Layout::Subfields)])
}

fn threads() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u64).range(1..=pool::MAX_THREADS as u64).map(|threads| threads as usize)
}
