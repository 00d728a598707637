//! `mrrc show`: records chosen by their number, their control number or a condition, as people read them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::args::{Files, Reading};
use super::records::{self, Next, Printed};
use super::{Outcome, reading, terminal};
use crate::accounts::{Accounts, SourceAccount};
use crate::error::{Error, Result};
use crate::io::{Scan, Source};
use crate::notation::Condition;
use crate::options::{Options, Policy};
use crate::words::printable;

const EXAMPLES: &str = "\
Examples:
  mrrc show --number 4,7-9 vendor.mrc
  mrrc show --id ocm00012345 'dumps/*.mrc.gz'
  mrrc show --where \"245\\$a ~ 'railway'\" catalogue.mrc | less

It exits with 1 if there is no such record.";

const USAGE: &str = "mrrc show [OPTIONS] --number <NUMBERS> <FILE>...
       mrrc show [OPTIONS] --id <ID> <FILE>...
       mrrc show [OPTIONS] --where <CONDITION> <FILE>...";

/// Show records, chosen by number, by control number or by a condition.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = USAGE, mut_arg("on_error", |it| it.default_value("recover")))]
#[group(id = "choice", required = true, multiple = true, args = ["numbers", "ids", "condition"])]
pub(super) struct Show {
    #[command(flatten)]
    files: Files,
    /// Numbers of records in their file, as check gives them: the first record is 0.
    #[arg(long = "number", value_name = "NUMBERS")]
    numbers: Option<Numbers>,
    /// Control numbers (001), without blanks around them; a comma stands between two.
    #[arg(long = "id", value_name = "ID", value_delimiter = ',')]
    ids: Vec<String>,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    reading: Reading,
}

impl Show {
    pub(super) fn run(&self) -> Result<Outcome> {
        let options = self.options()?;
        let scan = self.files.scan(options.clone())?;
        let mut printer = self.printed.printer(scan.sources().len() > 1, &options);
        let last = self.numbers.as_ref().map_or(u64::MAX, Numbers::last);
        let (mut shown, mut missing) = (0, self.ids.iter().map(|id| id.trim()).collect::<BTreeSet<_>>());
        let mut all: Option<Accounts> = None;
        for scan in self.parts(scan, options)? {
            let name = scan.sources().first().and_then(Source::name);
            let accounts = records::each(&scan, |found| {
                if self.numbers.as_ref().is_none_or(|numbers| numbers.have(found.number)) {
                    shown += 1;
                    missing.remove(found.record.control_number().unwrap_or_default().trim());
                    printer.print(found)?;
                }
                // In an archive, another file may follow.
                let is_last = found.number >= last && found.source() == name.as_deref();
                Ok(if is_last { Next::Enough } else { Next::Another })
            })?;
            match &mut all {
                Some(all) => all.sources.extend(accounts.sources),
                None => all = Some(accounts),
            }
        }
        printer.flush()?;
        let sources = all.as_ref().map_or(&[][..], |all| &all.sources);
        let beyond = self.numbers.iter().flat_map(|numbers| numbers.beyond(sources));
        let unknown = missing.iter().map(|id| format!("no record has the control number {}", printable(id)));
        let unread = self.numbers.iter().flat_map(|numbers| numbers.unread(sources));
        let news: Vec<String> = unread.chain(beyond).chain(unknown).collect();
        all.iter().for_each(reading::tell);
        news.iter().for_each(|news| terminal::say(news));
        match (shown, news.is_empty()) {
            (0, true) => terminal::say("nothing to show"),
            (_, true) => return Ok(Outcome::Done),
            _ => {}
        }
        Ok(Outcome::Missing)
    }

    /// The options with a condition that has the control numbers.
    fn options(&self) -> Result<Options> {
        let options = self.reading.options();
        if self.ids.is_empty() {
            return Ok(options);
        }
        let ids: Vec<_> = self.ids.iter().map(|id| regex::escape(id.trim())).collect();
        let pattern = format!("^ *(?:{}) *$", ids.join("|")).replace('\'', "''");
        let condition: Condition = format!("001 matches '{pattern}'")
            .parse()
            .map_err(|error| Error::Argument(format!("--id cannot be looked for: {error}")))?;
        let both = options.columns.filter.as_ref().map(|filter| filter.and(&condition));
        Ok(options.filter(both.unwrap_or(condition)))
    }

    /// The whole read; or, as numbers are those of one file, a read of each, which ends behind the last number.
    fn parts(&self, scan: Scan, options: Options) -> Result<Vec<Scan>> {
        let Some(numbers) = &self.numbers else { return Ok(vec![scan]) };
        let part = |source: &Source| {
            let options = match is_archive(source) {
                true => options.clone(),
                false => options.clone().n_rows(numbers.last().saturating_add(1)),
            };
            Scan::new(source.clone()).with_options(options)
        };
        scan.sources().iter().map(part).collect()
    }
}

/// Whether a source that can be read twice is an archive: then its first record is of a file in it.
fn is_archive(source: &Source) -> bool {
    let options = Options::default().on_error(Policy::Recover).n_rows(1);
    let first = source.as_path().and_then(|path| Scan::new(Source::path(path)).with_options(options).ok());
    first.is_some_and(|first| {
        let mut batches = first.batches();
        let _ = batches.next_batch();
        let account = batches.accounts().sources.first();
        account.is_some_and(|account| account.source != source.name())
    })
}

/// Numbers of records: `4,7-9`.
#[derive(Clone, Debug)]
struct Numbers(Vec<RangeInclusive<u64>>);

impl FromStr for Numbers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Numbers, &'static str> {
        let number =
            |text: &str| text.trim().parse().map_err(|_| "write numbers such as 4,7-9; the first is 0");
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let range = number(first)?..=number(last)?;
            if range.is_empty() { Err("a range ends before it begins") } else { Ok(range) }
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Numbers)
    }
}

impl Numbers {
    fn have(&self, number: u64) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }

    fn last(&self) -> u64 {
        self.0.iter().map(|range| *range.end()).max().unwrap_or_default()
    }

    /// Which of them cannot be read.
    fn unread(&self, sources: &[SourceAccount]) -> impl Iterator<Item = String> {
        let rejects = sources.iter().flat_map(|account| account.rejects.iter().map(move |it| (account, it)));
        rejects.filter(|(_, reject)| self.have(reject.record)).map(|(account, reject)| {
            let source = account.source.as_deref().map(printable).unwrap_or_default();
            let (number, code) = (reject.record, reject.code);
            format!("{source}: record {number} cannot be read ({code}); mrrc check --rejects keeps its bytes")
        })
    }

    /// Which of them are beyond the end of a file.
    fn beyond(&self, sources: &[SourceAccount]) -> impl Iterator<Item = String> {
        sources.iter().flat_map(|account| {
            let records = account.counts.records();
            // What is not MARC has no records.
            let beyond =
                self.0.iter().filter(move |range| *range.start() >= records && account.format.is_some());
            beyond.map(move |range| {
                let source = account.source.as_deref().map(printable).unwrap_or_default();
                let last =
                    if records == 0 { String::new() } else { format!("; the last is {}", records - 1) };
                format!("{source}: there is no record {}{last}", range.start())
            })
        })
    }
}
