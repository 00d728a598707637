//! Records as they are printed: cards and MARCMaker text for people, MARC-in-JSON for programs.

use std::io::{BufWriter, Write};

use clap::Args;

use super::args::one_of;
use super::progress::Bar;
use super::terminal;
use crate::accounts::{Accounts, SourceAccount};
use crate::error::{Error, Result, WriteError};
use crate::forms::TextForm;
use crate::io::Scan;
use crate::options::{Dialect, Options};
use crate::record::Tell;
use crate::rows::{Pieces, RowRecord};
use crate::show::{self, Card, Screen, Style};
use crate::words::printable;

/// How records are printed.
#[derive(Args, Debug)]
pub(super) struct Printed {
    /// As cards, as MARCMaker text, or as MARC-in-JSON, a record on each line; a terminal gets cards, anything else
    /// MARCMaker text.
    #[arg(long, value_name = "FORMAT", value_parser = one_of(FORMATS))]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Card,
    Mrk,
    Json,
}

const FORMATS: &[(&str, Format)] = &[("card", Format::Card), ("mrk", Format::Mrk), ("json", Format::Json)];

/// A record, and where it was read.
pub(super) struct Found<'a> {
    pub(super) record: &'a RowRecord<'a>,
    /// Its number, as findings count.
    pub(super) number: u64,
    account: Option<&'a SourceAccount>,
    bar: &'a Bar,
}

impl Found<'_> {
    /// The name of what it was read from.
    pub(super) fn source(&self) -> Option<&str> {
        self.account.and_then(|account| account.source.as_deref())
    }
}

/// Whether a read goes on.
pub(super) enum Next {
    Another,
    Enough,
}

/// Reads records, and passes on each with its number.
pub(super) fn each(scan: &Scan, mut to: impl FnMut(&Found<'_>) -> Result<Next>) -> Result<Accounts> {
    let bar = Bar::default();
    let mut batches = bar.watched(scan.batches());
    while let Some(batch) = batches.next_batch()? {
        let account = batches.accounts().sources.last();
        let schema = batch.schema();
        let mut pieces = Pieces::of(&schema, [Ok::<_, Error>(batch)].into_iter())?;
        while let Some(piece) = pieces.next_piece()? {
            for record in piece.records()?.iter() {
                let record = record?;
                let number =
                    record.number().and_then(|number| u64::try_from(number).ok()).unwrap_or_default();
                if let Next::Enough = to(&Found { record: &record, number, account, bar: &bar })? {
                    return Ok(batches.into_accounts());
                }
            }
        }
    }
    Ok(batches.into_accounts())
}

/// Prints records, one after another.
pub(super) struct Printer {
    format: Format,
    screen: Screen,
    names_sources: bool,
    has_names: bool,
    output: BufWriter<Box<dyn Write>>,
    is_first: bool,
}

impl Printed {
    /// A printer of what is read from several sources, or from one, with these options.
    pub(super) fn printer(&self, names_sources: bool, options: &Options) -> Printer {
        let usual = || if terminal::is_shown() { Format::Card } else { Format::Mrk };
        Printer {
            format: self.format.unwrap_or_else(usual),
            screen: terminal::screen(),
            names_sources,
            has_names: options.records.dialect == Dialect::Marc21,
            output: terminal::unfiltered(),
            is_first: true,
        }
    }
}

impl Printer {
    pub(super) fn print(&mut self, found: &Found<'_>) -> Result<()> {
        let text = self.text(found).unwrap_or_else(|refused| {
            terminal::say(&format!("record {} is shown as a card: {refused}", found.number));
            self.card(found)
        });
        let is_first = std::mem::replace(&mut self.is_first, false);
        let blank = if is_first || matches!(self.format, Format::Json) { "" } else { "\n" };
        write!(self.output, "{blank}{text}").map_err(Error::of_writing)?;
        if self.screen.is_terminal {
            found.bar.leave();
            self.flush()?;
        }
        Ok(())
    }

    /// A record in the format that is asked for, if that can say it.
    fn text(&self, found: &Found<'_>) -> Result<String, WriteError> {
        Ok(match self.format {
            Format::Card => self.card(found),
            Format::Mrk if self.screen.is_terminal => show::mrk(found.record, self.screen)?,
            Format::Mrk => TextForm::Mrk.text(found.record, true)?,
            Format::Json => {
                let json = TextForm::Json.text(found.record, true)?;
                if self.screen.is_terminal { terminal::harmless(json.trim_end()) + "\n" } else { json }
            }
        })
    }

    /// Prints what is left.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.output.flush().map_err(Error::of_writing)
    }

    fn card(&self, found: &Found<'_>) -> String {
        let number = format!("record {}", found.number);
        let mut heading = self.screen.styled(Style::Strong, &number).into_owned();
        if let Some(source) = found.source().filter(|_| self.names_sources) {
            heading += &self.screen.styled(Style::Faint, &format!(" of {}", printable(source)));
        }
        let findings = found.account.into_iter().flat_map(|account| &account.diagnostics);
        let findings = findings.filter(|finding| finding.record == Some(found.number));
        let repairs = findings.map(|finding| finding.sentence()).collect();
        let leader = found.record.leader_text().unwrap_or_default();
        let card = Card::new(leader).repairs(repairs);
        let mut card = if self.has_names { card } else { card.without_names() };
        let Ok(()) = found.record.tell(&mut card);
        format!("{heading}\n{}", card.text(self.screen))
    }
}
