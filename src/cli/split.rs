//! `mrrc split`: one file as several, by number, by size, or by what the records hold.

use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef};
use arrow_cast::display::{ArrayFormatter, FormatOptions};

use super::args::Files;
use super::copy::{self, Reading};
use super::failure::{refused, shown};
use super::parts::{Parts, label};
use super::{Outcome, reading, terminal};
use crate::columns::{Copied, Copying};
use crate::error::Result;
use crate::io::{Scan, within};
use crate::notation::{Columns, Expression};
use crate::options::Options;
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  mrrc split --records 10000 --into parts catalogue.mrc
  mrrc split --size 100MB --into parts 'dumps/*.mrc.gz'
  mrrc split --by 008/35-37 --into languages catalogue.mrc
  mrrc split --by \"year(008/07-10)\" --into years --name books catalogue.mrc

The parts are parts/catalogue-0001.mrc and so on, or languages/catalogue-ger.mrc; records without a value are in \
catalogue-no-value.mrc. Records are copied byte for byte, in their order. The parts appear when all of them are \
complete, or not at all.";

/// Write the records of a file into several, byte for byte.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Split {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    cut: Cut,
    /// The folder of the parts; it is made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// How the names of the parts begin; as that of the first file unless this says otherwise.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

/// Where one part ends and another begins.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Cut {
    /// At most this many records in a part.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    records: Option<u64>,
    /// At most this many bytes in a part, such as 100MB, unless one record has more.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    size: Option<u64>,
    /// A part for each value, such as 008/35-37; if a record has several, the first counts.
    #[arg(long, value_name = "EXPRESSION")]
    by: Option<Expression>,
}

impl Split {
    pub(super) fn run(&self) -> Result<Outcome> {
        let scan = self.files.scan(self.cut.columns_of(self.reading.options())?)?;
        self.cut.validate(&scan)?;
        let name = self.name.clone().unwrap_or_else(|| name_of(&scan));
        let mut parts = Parts::into(&self.into, &label(&name))?;
        let mut filled: Option<Filled> = None;
        let accounts =
            reading::through_bytes(copy::batches(&scan, Copying::AsFound), |copied| match &copied.values {
                Some(values) => write_by_value(&copied, values, &mut parts),
                None => copied.records().try_for_each(|record| {
                    let mut filling = match filled.take() {
                        Some(filled) if self.cut.fits(record, &filled) => filled,
                        _ => Filled { part: parts.begin_next()?, records: 0, bytes: 0 },
                    };
                    filling.records += 1;
                    filling.bytes += record.len() as u64;
                    parts.write(filling.part, record)?;
                    filled = Some(filling);
                    Ok(())
                }),
            })?;
        let count = parts.finish()?;
        copy::tell(&accounts);
        match count {
            0 => terminal::say("no records, so there are no parts"),
            count => terminal::say(&format!("{} in {}", counted(count, "file"), shown(&self.into))),
        }
        Ok(Outcome::Done)
    }
}

impl Cut {
    /// The options with the value that decides, if one does.
    fn columns_of(&self, options: Options) -> Result<Options> {
        let Some(by) = &self.by else { return Ok(options) };
        let value = format!("first({by})");
        let columns =
            Columns::of([("value", value.as_str())]).map_err(|error| refused(&error.to_string()))?;
        Ok(options.columns(columns))
    }

    /// Refuses a value that cannot be a name.
    fn validate(&self, scan: &Scan) -> Result<()> {
        match &self.by {
            Some(by) if scan.schema().field(0).data_type().is_nested() => Err(refused(&format!(
                "{by} is a whole field, which cannot be the name of a file; name a subfield, or write text({by})"
            ))),
            _ => Ok(()),
        }
    }

    /// Whether a part has room for a record.
    fn fits(&self, record: &[u8], filled: &Filled) -> bool {
        let size = filled.bytes + record.len() as u64;
        self.records.is_none_or(|most| filled.records < most) && self.size.is_none_or(|most| size <= most)
    }
}

/// The part that is being filled, and what is in it.
struct Filled {
    part: usize,
    records: u64,
    bytes: u64,
}

/// Writes each record to the part of its value.
fn write_by_value(copied: &Copied, values: &ArrayRef, parts: &mut Parts) -> Result<()> {
    const STRICT: FormatOptions<'static> = FormatOptions::new().with_display_error(false);
    let texts = ArrayFormatter::try_new(values.as_ref(), &STRICT)?;
    for (row, record) in copied.records().enumerate() {
        let value = if values.is_valid(row) { texts.value(row).try_to_string()? } else { String::new() };
        let part = parts.of_value(&value)?;
        parts.write(part, record)?;
    }
    Ok(())
}

/// The name of the first file without its suffixes.
fn name_of(scan: &Scan) -> String {
    let path = scan.sources().first().and_then(|source| source.as_path());
    let Some(name) = path.and_then(Path::file_name).map(Path::new) else { return "records".into() };
    let name = within(name);
    name.file_stem().unwrap_or(name.as_os_str()).to_string_lossy().into_owned()
}

/// A number of bytes, such as 100MB.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("b", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = UNITS.iter().find(|(name, _)| unit.trim().eq_ignore_ascii_case(name)).map(|(_, bytes)| *bytes);
    let size = digits.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| "write a size such as 500kB, 100MB or 1GB".to_owned())
}
