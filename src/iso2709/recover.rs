//! Recomputes entries when a directory and its fields disagree.
//!
//! Two rules examine one piece, up to its terminator, after its directory was refused. COUNT pairs the k-th entry
//! with the k-th run of bytes that ends in FT; it repairs records whose numbers count characters, do not fit their
//! digits, or were not updated after an edit. GUIDE reads entries of another width than the leader states, each
//! beginning where the preceding lengths add up to. Both examine each byte a few times at most, and return `None` if
//! there is more than one possibility.

use memchr::{memchr, memchr_iter};

use super::directory::{Entries, Entry, is_padding};
use super::leader::{EntryMap, LEADER_LENGTH, Leader};
use super::{FIELD_TERMINATOR, RECORD_TERMINATOR, SUBFIELD_DELIMITER, Tag, number};
use crate::diagnostic::Repair;

/// The maximum number of field terminators inside fields that COUNT tolerates.
const MAX_STRAY: usize = 16;
/// The number of bytes in the shortest entry that GUIDE reads.
const SHORTEST_ENTRY: usize = 12;

/// A record whose fields were found in spite of its directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The rule that proved it.
    pub repair: Repair,
    /// Its fields, in the directory's order.
    pub entries: Entries,
    /// Its leader, if it is not the first 24 bytes.
    pub leader: Option<Leader>,
}

/// The record that a whole piece is, if one of the two rules proves it.
pub fn recover(piece: &[u8]) -> Option<Recovered> {
    by_count(piece).or_else(|| by_guide(piece))
}

/// Bytes up to a field terminator, counted from the record's first.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    /// The place of the terminator.
    end: usize,
}

impl Run {
    /// The number of bytes with the terminator, as directories count.
    fn length(self) -> u64 {
        (self.end + 1 - self.start) as u64
    }

    fn entry(self, tag: Tag) -> Entry {
        Entry::new(tag, self.start as u32, (self.end - self.start) as u32)
    }
}

/// The piece without its record terminator.
fn body(piece: &[u8]) -> &[u8] {
    piece.strip_suffix(&[RECORD_TERMINATOR]).unwrap_or(piece)
}

fn printable_tag(bytes: &[u8]) -> Option<Tag> {
    <[u8; 3]>::try_from(bytes).ok().and_then(Tag::new)
}

/// COUNT: the k-th entry, in the order of the data, is the k-th run.
fn by_count(piece: &[u8]) -> Option<Recovered> {
    let (head, after) = piece.split_first_chunk::<LEADER_LENGTH>()?;
    let leader = Leader(*head);
    let directory = &after[..memchr(FIELD_TERMINATOR, after)?];
    let map = [leader.entry_map(), EntryMap::MARC]
        .into_iter()
        .find(|map| directory.len().is_multiple_of(map.width()))?;
    let runs = runs(piece, LEADER_LENGTH + directory.len() + 1, directory.len() / map.width())?;
    let stated = stated(directory, map)?;
    let (order, runs) = if runs.len() > stated.len() {
        share_out(&stated, &runs)?
    } else {
        (data_order(&stated, &runs, map)?, runs)
    };
    let mut entries = Entries::from_elem(Entry::new(Tag::CONTROL_NUMBER, 0, 0), stated.len());
    for (&place, &run) in order.iter().zip(&runs) {
        let tag = stated[place].tag;
        if leader.0[10..12] == *b"22" && is_nonsense(tag, &piece[run.start..run.end]) {
            return None;
        }
        entries[place] = run.entry(tag);
    }
    Some(Recovered { repair: Repair::Count, entries, leader: None })
}

/// The runs after the directory, if they are as many as the entries or a few more.
fn runs(piece: &[u8], from: usize, entries: usize) -> Option<Vec<Run>> {
    let data = body(piece).get(from..)?;
    let filler = |&byte: &u8| is_padding(byte) && byte != FIELD_TERMINATOR;
    let data = &data[..data.iter().rposition(|byte| !filler(byte))? + 1];
    let terminators = memchr_iter(FIELD_TERMINATOR, data);
    let is_plausible = data.ends_with(&[FIELD_TERMINATOR])
        && entries > 0
        && (entries..=entries + MAX_STRAY).contains(&terminators.clone().count());
    let mut start = from;
    is_plausible.then(|| {
        terminators
            .map(|place| {
                let end = from + place;
                Run { start: std::mem::replace(&mut start, end + 1), end }
            })
            .collect()
    })
}

/// An entry as stated; a number that is not digits is `None`.
struct Stated {
    tag: Tag,
    length: Option<u64>,
    start: Option<u64>,
}

fn stated(directory: &[u8], map: EntryMap) -> Option<Vec<Stated>> {
    directory
        .chunks_exact(map.width())
        .map(|entry| {
            let (tag, numbers) = entry.split_at(3);
            let (length, rest) = numbers.split_at(map.length);
            Some(Stated {
                tag: printable_tag(tag)?,
                length: number(length).map(u64::from),
                start: number(&rest[..map.start]).map(u64::from),
            })
        })
        .collect()
}

/// Whether a field with this tag cannot have these bytes.
fn is_nonsense(tag: Tag, bytes: &[u8]) -> bool {
    if tag.is_control() {
        bytes.get(2) == Some(&SUBFIELD_DELIMITER)
    } else {
        bytes.len() > 2 && memchr(SUBFIELD_DELIMITER, bytes).is_none()
    }
}

/// The places of the entries in the order of their starts; those without one come first.
fn by_start(stated: &[Stated]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..stated.len()).collect();
    order.sort_by_key(|&place| stated[place].start);
    order
}

/// Whether each start is the sum of the preceding lengths: the numbers agree among themselves.
fn tiles(stated: &[Stated], order: &[usize]) -> bool {
    let mut expected = 0;
    order.iter().all(|&place| match &stated[place] {
        Stated { start: Some(start), length: Some(length @ 1..), .. } => {
            let begins_there = *start == expected;
            expected += length;
            begins_there
        }
        _ => false,
    })
}

/// The order in which the entries' fields are in the data, each of them one run.
fn data_order(stated: &[Stated], runs: &[Run], map: EntryMap) -> Option<Vec<usize>> {
    let own: Vec<usize> = (0..stated.len()).collect();
    let all_start = stated.iter().all(|entry| entry.start.is_some());
    let by_start = if all_start { by_start(stated) } else { own.clone() };
    if tiles(stated, &by_start) {
        return Some(by_start);
    }
    let fits = |order: &[usize]| {
        let wrong = order
            .iter()
            .zip(runs)
            .filter(|(place, run)| stated[**place].length != Some(run.length()))
            .count();
        wrong <= 1
    };
    match (fits(&own), fits(&by_start)) {
        (true, true) => (own == by_start).then_some(own),
        (true, false) => Some(own),
        (false, true) => Some(by_start),
        (false, false) => readable_starts_rise(stated, map).then_some(own),
    }
}

/// Zeros and nines are what writers put when a start does not fit.
fn readable_starts_rise(stated: &[Stated], map: EntryMap) -> bool {
    let nines = 10u64.pow(map.start as u32) - 1;
    stated
        .iter()
        .filter_map(|entry| entry.start.filter(|start| *start != 0 && *start != nines))
        .is_sorted_by(|before, after| before < after)
}

/// The number of ways that lead to a stage of sharing out (two stand for more), and the number of runs the last entry
/// took.
#[derive(Clone, Copy, Default)]
struct Ways {
    count: u8,
    taken: usize,
}

/// There are more runs than entries: field terminators stand inside fields.
///
/// An entry may take several adjacent runs if they are exactly as long as it states; every other entry takes one. The
/// starts must tile, there must be only one way, and the lengths of entries that took one run must err in the same
/// direction (text that grew, or shrank). Returns the order of the data, and a run for each.
fn share_out(stated: &[Stated], runs: &[Run]) -> Option<(Vec<usize>, Vec<Run>)> {
    let order = by_start(stated);
    if !tiles(stated, &order) {
        return None;
    }
    let length = |place: usize| stated[place].length.unwrap_or_default();
    let excess = runs.len().checked_sub(stated.len()).filter(|excess| *excess <= MAX_STRAY)?;
    // stages[k][x]: k entries have taken k + x runs.
    let mut stages = vec![[Ways::default(); MAX_STRAY + 1]; stated.len() + 1];
    stages[0][0].count = 1;
    for (k, &place) in order.iter().enumerate() {
        for x in 0..=excess {
            let Ways { count, .. } = stages[k][x];
            let Some(first) = runs.get(k + x).filter(|_| count > 0) else { continue };
            let several = runs[k + x..=k + excess]
                .binary_search_by_key(&length(place), |last| (last.end + 1 - first.start) as u64)
                .ok()
                .filter(|more| *more > 0);
            for more in [Some(0), several].into_iter().flatten() {
                let next = &mut stages[k + 1][x + more];
                *next = Ways { count: (next.count + count).min(2), taken: more + 1 };
            }
        }
    }
    if stages[stated.len()][excess].count != 1 {
        return None;
    }
    let mut shared = Vec::with_capacity(stated.len());
    let (mut after, mut grew, mut shrank) = (runs.len(), false, false);
    for (k, &place) in order.iter().enumerate().rev() {
        let taken = stages[k + 1][after - (k + 1)].taken;
        let run = Run { start: runs[after - taken].start, end: runs[after - 1].end };
        grew |= run.length() > length(place);
        shrank |= run.length() < length(place);
        shared.push(run);
        after -= taken;
    }
    shared.reverse();
    (!(grew && shrank)).then_some((order, shared))
}

/// A form of printed entries: the digits of length and start, and whether the start is modulo 100,000.
struct Form {
    length: usize,
    start: usize,
    is_modulo: bool,
}

const FORMS: [Form; 5] = [
    Form { length: 4, start: 5, is_modulo: false },
    Form { length: 5, start: 5, is_modulo: false },
    Form { length: 4, start: 6, is_modulo: false },
    Form { length: 5, start: 6, is_modulo: false },
    Form { length: 4, start: 5, is_modulo: true },
];

impl Form {
    /// The length of the field and the number of bytes in the entry, if the directory continues with an entry of this
    /// form.
    fn read(&self, directory: &[u8], expected: usize) -> Option<(usize, usize)> {
        let width = 3 + self.length + self.start;
        let numbers = directory.get(3..width)?;
        let length = number(&numbers[..self.length])? as usize;
        let start = number(&numbers[self.length..])? as usize;
        let expected = if self.is_modulo { expected % 100_000 } else { expected };
        (length > 0 && start == expected).then_some((length, width))
    }
}

/// GUIDE: entries of any width, each beginning where the preceding lengths add up to.
fn by_guide(piece: &[u8]) -> Option<Recovered> {
    // A leader of 24 bytes; one that lost a byte; one with one or two too many.
    [LEADER_LENGTH, 23, 25, 26].into_iter().find_map(|leader_length| {
        let entries = guided(piece, leader_length)?;
        let leader = (leader_length != LEADER_LENGTH).then(|| mended_leader(&piece[..leader_length]));
        Some(Recovered { repair: Repair::Guide, entries, leader })
    })
}

fn guided(piece: &[u8], leader_length: usize) -> Option<Entries> {
    let after = piece.get(leader_length..)?;
    let mut directory = &after[..memchr(FIELD_TERMINATOR, after)?];
    let data_start = leader_length + directory.len() + 1;
    let data = body(piece).get(data_start..)?;
    let mut entries = Entries::new();
    let mut reached = 0;
    while directory.len() >= SHORTEST_ENTRY {
        let tag = printable_tag(&directory[..3])?;
        let (length, width) = FORMS.iter().find_map(|form| form.read(directory, reached))?;
        let end = reached + length - 1;
        if data.get(end) != Some(&FIELD_TERMINATOR) {
            return None;
        }
        entries.push(Run { start: data_start + reached, end: data_start + end }.entry(tag));
        reached += length;
        directory = &directory[width..];
    }
    (!entries.is_empty() && reached == data.len()).then_some(entries)
}

/// The 24 bytes that a leader of the wrong length should have been.
fn mended_leader(bytes: &[u8]) -> Leader {
    let mut mended = bytes.to_vec();
    for six_digits in [0..6, 12..18] {
        let has_six = mended.get(six_digits.clone()).is_some_and(|digits| number(digits).is_some());
        if mended.len() > LEADER_LENGTH && has_six {
            mended.remove(six_digits.start);
        }
    }
    let mut leader = [b'0'; LEADER_LENGTH];
    leader.iter_mut().zip(mended).for_each(|(to, byte)| *to = byte);
    Leader(leader)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece of these entries and fields; the leader's numbers are right.
    fn piece(entries: &[&str], data: &str) -> Vec<u8> {
        let directory = entries.concat();
        let base = LEADER_LENGTH + directory.len() + 1;
        let length = base + data.len() + 1;
        format!("{length:05}nam a22{base:05} a 4500{directory}\x1e{data}\x1d").into_bytes()
    }

    /// Tag and bytes of each field, and the rule that gave them.
    fn recovered(piece: &[u8]) -> Option<(Repair, Vec<(String, String)>)> {
        let Recovered { repair, entries, .. } = recover(piece)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let field = |entry: &Entry| {
            (entry.tag.to_string(), text(&piece[entry.start as usize..][..entry.length as usize]))
        };
        Some((repair, entries.iter().map(field).collect()))
    }

    fn fields(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
    }

    const DATA: &str = "A1\x1e10\x1faMüller\x1e  \x1faNote\x1e";
    const FIELDS: [(&str, &str); 3] = [("001", "A1"), ("245", "10\x1faMüller"), ("500", "  \x1faNote")];

    #[test]
    fn count_pairs_entries_and_runs_in_the_order_of_the_data() {
        let same = &FIELDS[..];
        let reversed = [FIELDS[2], FIELDS[1], FIELDS[0]];
        for (name, entries, expected) in [
            ("counted in characters", ["001000300000", "245001100003", "500000900014"], same),
            ("the same, in another order", ["500000900014", "245001100003", "001000300000"], &reversed),
            ("one length and start edited", ["001000300000", "245000500003", "500000900008"], same),
            ("lengths zero, starts rise", ["001000000000", "245000000003", "500000000015"], same),
            ("starts nines", ["001000399999", "245001299999", "500000999999"], same),
            ("starts no digits", ["001XXXX00000", "245001200003", "5000009XXXXX"], same),
        ] {
            let found = recovered(&piece(&entries, DATA));
            assert_eq!(found, Some((Repair::Count, fields(expected))), "{name}");
        }
    }

    #[test]
    fn count_rather_answers_none_than_guesses() {
        for (name, entries, data) in [
            ("starts fall, lengths wrong", vec!["001000500012", "245001100008", "500000800001"], DATA),
            (
                "a run too few",
                vec!["001000300000", "245001100003", "500000900014"],
                "A1\x1e10\x1faMüller\x1e",
            ),
            ("a tag that cannot be", vec!["001000300000", "2\x015001100003", "500000900014"], DATA),
            ("data without a last FT", vec!["001000300000", "245000900003"], "A1\x1e10\x1faNote"),
            ("subfields in a control field", vec!["245000400000", "001000900004"], "A1\x1e10\x1faTitle\x1e"),
            ("no entry at all", vec![], "A1\x1e"),
        ] {
            assert_eq!(recovered(&piece(&entries, data)), None, "{name}");
        }
    }

    #[test]
    fn two_orders_that_fit_are_no_proof() {
        // All lengths are right in the entries' own order, and in that of their starts.
        let entries = ["500000800009", "501000800000"];
        assert_eq!(recovered(&piece(&entries, "  \x1faone\x1e  \x1fatwo\x1e")), None);
    }

    #[test]
    fn a_field_that_has_terminators_inside_takes_all_its_runs() {
        // The lengths before the 500 are one too small; the 500 has two FTs and exactly the stated length.
        let entries = ["001000300000", "245001100003", "500001300014"];
        let data = "A1\x1e10\x1faMüller\x1e  \x1faa\x1ebc\x1edef\x1e";
        let expected = fields(&[FIELDS[0], FIELDS[1], ("500", "  \x1faa\x1ebc\x1edef")]);
        assert_eq!(recovered(&piece(&entries, data)), Some((Repair::Count, expected)));
    }

    #[test]
    fn runs_that_can_be_shared_out_in_two_ways_are_not() {
        // Either field is as long as two runs.
        let entries = ["500000800000", "501000800008"];
        let data = "  \x1faa\x1eb\x1e\x1faa\x1eb\x1e  \x1fa\x1e";
        assert_eq!(recovered(&piece(&entries, data)), None);
        let odd_one_out = ["500000500000", "501001000005", "502000600015"];
        // One length is too small, another too large: they did not all grow or all shrink.
        let data = "  \x1fax\x1e  \x1faa\x1ebcd\x1e  \x1fa\x1e";
        assert_eq!(recovered(&piece(&odd_one_out, data)), None);
    }

    #[test]
    fn so_many_stray_terminators_are_looked_past_and_no_more() {
        for (stray, is_recovered) in [(MAX_STRAY, true), (MAX_STRAY + 1, false)] {
            let value = format!("  \x1fa{}", "x\x1e".repeat(stray));
            let entries = ["001000200000", &format!("500{:04}00002", value.len() + 1)];
            let found = recovered(&piece(&entries, &format!("A1\x1e{value}\x1e")));
            assert_eq!(found.is_some(), is_recovered, "{stray}");
        }
    }

    #[test]
    fn guide_reads_numbers_that_are_too_wide_for_their_columns() {
        let note = format!("  \x1fa{}", "x".repeat(99_993));
        let data = format!("A1\x1e{note}\x1e  \x1fay\x1e");
        for (name, last) in [("six digits", "5000006100001"), ("modulo 100,000", "500000600001")] {
            let found = recovered(&piece(&["001000300000", "5009999800003", last], &data));
            let expected = fields(&[("001", "A1"), ("500", &note), ("500", "  \x1fay")]);
            assert_eq!(found, Some((Repair::Guide, expected)), "{name}");
        }
    }

    #[test]
    fn guide_wants_every_byte_of_the_data() {
        for (name, entries, data) in [
            (
                "a field more than entries",
                ["001000300000", "500000006000003"],
                "A1\x1e  \x1fay\x1e00\x1fax\x1e",
            ),
            ("a length too large", ["001000300000", "500000007000003"], "A1\x1e  \x1fay\x1e"),
            ("twelve bytes left over", ["001000300000", "nothing more"], "A1\x1e"),
        ] {
            assert_eq!(recovered(&piece(&entries, data)), None, "{name}");
        }
    }

    #[test]
    fn a_leader_of_another_length_is_mended() {
        const TAIL: &str = "001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
        for (name, leader, expected) in [
            ("the last byte lost", "00062nam a2200048 a 450", "00062nam a2200048 a 4500"),
            ("a byte too many after", "00064nam a2200050 a 4500 ", "00064nam a2200050 a 4500"),
            ("a length of six digits", "100064nam a2200050 a 4500", "00064nam a2200050 a 4500"),
            ("a base address too", "100065nam a22100051 a 4500", "00065nam a2200051 a 4500"),
        ] {
            let recovered = recover(format!("{leader}{TAIL}").as_bytes()).unwrap();
            assert_eq!((recovered.repair, recovered.entries.len()), (Repair::Guide, 2), "{name}");
            let mended = recovered.leader.map(|leader| String::from_utf8_lossy(&leader.0).into_owned());
            assert_eq!(mended.as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn bytes_of_any_kind_are_looked_at_without_a_panic() {
        let whole = piece(&["001000300000", "245001200003", "500000900015"], DATA);
        for end in 0..=whole.len() {
            recover(&whole[..end]);
            for byte in [0, b' ', b'9', FIELD_TERMINATOR, RECORD_TERMINATOR, 0xFF] {
                let mut damaged = whole.clone();
                damaged[end.min(whole.len() - 1)] = byte;
                recover(&damaged);
            }
        }
    }
}
