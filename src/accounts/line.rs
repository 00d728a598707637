//! The accounts of a read in one line. Of several sources it names the worst.

use std::fmt;

use super::{Accounts, SourceAccount};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::words::{counted, grouped, printable};

/// `46,883 records; 46,882 delivered (2 of them repaired), 1 rejected (offset 20,113,004: record-truncated)`
impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        write!(f, "{}", counted(counts.records(), "record"))?;
        if counts.filtered > 0 {
            write!(f, ", {} filtered out", grouped(counts.filtered))?;
        }
        if !self.is_whole() {
            write!(f, "; {} delivered", grouped(counts.delivered))?;
            self.write_changed(f)?;
            self.write_rejected(f)?;
            if counts.gaps > 0 {
                let (gaps, bytes) = (counted(counts.gaps, "gap"), counted(counts.bytes_gap, "byte"));
                let worst = self.worst(|source| source.counts.gaps);
                write!(f, ", {gaps} of {bytes}{}", in_brackets(worst.map(|worst| worst.place())))?;
            }
            self.write_sources(f, "cut short", SourceAccount::is_cut_short)?;
            self.write_sources(f, "unreadable", SourceAccount::is_unreadable)?;
        }
        self.write_sources(f, "empty", SourceAccount::is_empty)?;
        self.not_marc().map_or(Ok(()), |sentence| write!(f, "; {sentence}"))
    }
}

/// The source that has the most of what is counted.
struct Worst<'a> {
    name: String,
    account: &'a SourceAccount,
    count: u64,
    of: u64,
}

impl Worst<'_> {
    /// `b.mrc`, `all in b.mrc`, `97 of them in b.mrc`
    fn place(&self) -> String {
        let Worst { name, count, of, .. } = self;
        if *of == 1 {
            name.clone()
        } else if count == of {
            format!("all in {name}")
        } else {
            format!("{} of them in {name}", grouped(*count))
        }
    }
}

impl Accounts {
    /// The first of several sources that has the most of what is counted.
    fn worst(&self, count: impl Fn(&SourceAccount) -> u64) -> Option<Worst<'_>> {
        let of = self.sources.iter().map(&count).sum();
        let account = self.sources.iter().rev().max_by_key(|source| count(source))?;
        Some(Worst { name: self.named(account)?, account, count: count(account), of })
    }

    /// The source's name; `None` for the only source.
    fn named(&self, source: &SourceAccount) -> Option<String> {
        let name = source.source.as_deref().filter(|_| self.sources.len() > 1)?;
        Some(printable(name))
    }

    /// ` (2 of them repaired, 1 with U+FFFD, most in b.mrc)`
    fn write_changed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (repaired, undecodable) = (self.counts().repaired, self.counts().undecodable);
        let how = match (repaired, undecodable) {
            (0, 0) => return Ok(()),
            (repaired, 0) => format!("{} of them repaired", grouped(repaired)),
            (0, undecodable) => format!("{} of them with U+FFFD", grouped(undecodable)),
            (repaired, undecodable) => {
                format!("{} of them repaired, {} with U+FFFD", grouped(repaired), grouped(undecodable))
            }
        };
        match self.worst(|source| source.counts.repaired + source.counts.undecodable) {
            None => write!(f, " ({how})"),
            Some(Worst { name, count, of, .. }) => {
                write!(f, " ({how}, {} in {name})", if count == of { "all" } else { "most" })
            }
        }
    }

    /// `, 1 rejected (offset 20,113,004: record-truncated)`
    fn write_rejected(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rejected = self.counts().rejected;
        if rejected == 0 {
            return Ok(());
        }
        let worst = self.worst(|source| source.counts.rejected);
        let account = worst.as_ref().map(|worst| worst.account).or(self.sources.first());
        let first = account.and_then(|account| account.rejects.first()).map(|first| {
            let from = if rejected > 1 { "first at " } else { "" };
            format!("{from}offset {}: {}", grouped(first.offset), first.code)
        });
        let place: Vec<_> = worst.map(|worst| worst.place()).into_iter().chain(first).collect();
        let place = (!place.is_empty()).then(|| place.join(", "));
        write!(f, ", {} rejected{}", grouped(rejected), in_brackets(place))
    }

    /// `, 2 sources empty (first b.mrc)`, if `is` is true of any.
    fn write_sources(
        &self,
        f: &mut fmt::Formatter<'_>,
        what: &str,
        is: fn(&SourceAccount) -> bool,
    ) -> fmt::Result {
        let mut such = self.sources.iter().filter(|source| is(source));
        let Some(first) = such.next() else { return Ok(()) };
        let count = 1 + such.count() as u64;
        let from = if count > 1 { "first " } else { "" };
        let first = self.named(first).map(|name| format!("{from}{name}"));
        write!(f, ", {} {what}{}", counted(count, "source"), in_brackets(first))
    }

    /// The sentence about the first source that is not MARC. A file in an archive may be anything.
    fn not_marc(&self) -> Option<String> {
        let is_such = |it: &&Diagnostic| it.code == Code::NotMarc && it.severity == Severity::Fatal;
        let (source, finding) = self
            .sources
            .iter()
            .find_map(|source| source.diagnostics.iter().find(is_such).map(|finding| (source, finding)))?;
        let name = self.named(source).map(|name| format!("{name}: ")).unwrap_or_default();
        Some(format!("{name}{}", finding.found))
    }
}

fn in_brackets(text: Option<String>) -> String {
    text.map(|text| format!(" ({text})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source with this number of sound records, and one that is rejected.
    fn part(delivered: u64) -> SourceAccount {
        let mut part = SourceAccount::of(None, 1000);
        part.counts.delivered = delivered;
        part.reject(delivered * 100, 50, Code::EntryTag, None);
        part
    }

    #[test]
    fn one_line_says_it_all() {
        let mut source = part(46_882);
        source.rejects[0].offset = 20_113_004;
        let mut accounts = Accounts::new(1000);
        accounts.sources.push(source);
        assert_eq!(
            accounts.to_string(),
            "46,883 records; 46,882 delivered, 1 rejected (offset 20,113,004: entry-tag)"
        );
        accounts.sources[0].counts.repaired = 2;
        accounts.sources[0].counts.undecodable = 1;
        accounts.sources[0].note(Diagnostic::new(Code::CompressedDamaged, Severity::Fatal, 20_113_054));
        assert_eq!(
            accounts.to_string(),
            "46,883 records; 46,882 delivered (2 of them repaired, 1 with U+FFFD), \
             1 rejected (offset 20,113,004: entry-tag), 1 source cut short"
        );
    }

    #[test]
    fn one_of_several_sources_is_named() {
        let sound = SourceAccount::of(Some("a.mrc".into()), 1000);
        let mut damaged = part(7);
        damaged.source = Some("b\u{1B}.mrc".into());
        let mut text = SourceAccount::of(Some("c.mrc".into()), 1000);
        let mut finding = Diagnostic::new(Code::NotMarc, Severity::Fatal, 0);
        finding.found = "this is text".into();
        text.note(finding);
        text.counts.gaps = 1;
        let mut empty = SourceAccount::of(Some("d.mrc".into()), 1000);
        empty.note(Diagnostic::new(Code::EmptySource, Severity::Warning, 0));
        let mut accounts = Accounts::new(1000);
        accounts.sources = vec![sound, damaged, text, empty.clone(), empty];
        assert_eq!(
            accounts.to_string(),
            "8 records; 7 delivered, 1 rejected (b\u{FFFD}.mrc, offset 700: entry-tag), 1 gap of 0 bytes \
             (c.mrc), 2 sources empty (first d.mrc); c.mrc: this is text"
        );
    }

    #[test]
    fn the_worst_of_several_sources_is_named() {
        let named = |name: &str, rejected: u64| {
            let mut source = SourceAccount::of(Some(name.into()), 1000);
            (0..rejected).for_each(|at| source.reject(at * 50, 50, Code::EntryTag, None));
            source
        };
        let mut accounts = Accounts::new(1000);
        accounts.sources = vec![named("a.mrc", 1), named("b.mrc", 97), named("c.mrc", 2)];
        assert_eq!(
            accounts.to_string(),
            "100 records; 0 delivered, 100 rejected (97 of them in b.mrc, first at offset 0: entry-tag)"
        );
        accounts.sources = vec![named("a.mrc", 0), named("b.mrc", 2)];
        accounts.sources[0].counts.repaired = 1;
        accounts.sources[0].counts.gaps = 2;
        accounts.sources[1].counts.gaps = 1;
        accounts.sources[1].counts.undecodable = 4;
        accounts.sources[0].note(Diagnostic::new(Code::SourceUnreadable, Severity::Fatal, 0));
        assert_eq!(
            accounts.to_string(),
            "2 records; 0 delivered (1 of them repaired, 4 with U+FFFD, most in b.mrc), \
             2 rejected (all in b.mrc, first at offset 0: entry-tag), 3 gaps of 0 bytes (2 of them in a.mrc), \
             1 source unreadable (a.mrc)"
        );
    }
}
