//! Framing and recovery once more: each rule written down as it is told, every search begun anew, nothing kept.
//!
//! It is here to be compared with, so it shares no code with `mrrc::internals::iso2709`, only the words for what is found.

use mrrc::internals::diagnostic::{Code, Severity};
use mrrc::internals::iso2709::{Entry, Kind, Tag};

const RT: u8 = 0x1D;
const FT: u8 = 0x1E;
const US: u8 = 0x1F;
const LEADER: usize = 24;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Field terminators inside fields that COUNT looks past.
const MAX_STRAY: usize = 16;

/// One stretch of the source. The stretches follow each other without a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub fields: Vec<Entry>,
    pub findings: Vec<Finding>,
}

/// Code, severity, and offset from the item's first byte.
pub type Finding = (Code, Severity, usize);

impl Item {
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.1).max()
    }
}

/// All items of a source, neighbouring filler as one: where a frame cuts it says nothing.
pub fn items(source: &[u8], max_record: usize) -> Vec<Item> {
    let twin = Twin { s: source, max_record };
    let (mut items, mut p) = (Vec::<Item>::new(), 0);
    while p < source.len() {
        // Damage inside a frame never reaches beyond it.
        let frame = twin.frame_end(p, source.len());
        loop {
            let item = twin.step(p, frame.unwrap_or(source.len()));
            p = item.end;
            match items.last_mut() {
                Some(Item { kind: Kind::Filler, end, .. }) if item.kind == Kind::Filler => *end = p,
                _ => items.push(item),
            }
            if frame.is_none_or(|end| p >= end) {
                break;
            }
        }
    }
    items
}

struct Twin<'a> {
    s: &'a [u8],
    max_record: usize,
}

/// Fields as tag, first byte, terminator; absolute.
type Fields = Vec<([u8; 3], usize, usize)>;

fn number(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(bytes).ok()?.parse().ok()
}

fn length_like(bytes: &[u8]) -> bool {
    let digits = bytes.trim_ascii_start();
    bytes[..bytes.len() - digits.len()].iter().all(|&byte| byte == b' ')
        && (digits.is_empty() || number(digits).is_some())
}

fn tag_of(bytes: &[u8]) -> Option<[u8; 3]> {
    <[u8; 3]>::try_from(bytes).ok().filter(|tag| tag.iter().all(|byte| (0x20..=0x7E).contains(byte)))
}

fn is_padding(byte: u8) -> bool {
    b"\0\t\n\r\x1a \x1e".contains(&byte)
}

fn find(bytes: &[u8], byte: u8) -> Option<usize> {
    bytes.iter().position(|&other| other == byte)
}

impl Twin<'_> {
    fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.s.get(from..to.min(self.s.len())).unwrap_or_default()
    }

    /// The one item that begins at `p` and ends no later than `bound`.
    fn step(&self, p: usize, bound: usize) -> Item {
        let filler = self.filler_end(p, bound);
        if filler > p {
            return Item { kind: Kind::Filler, start: p, end: filler, fields: vec![], findings: vec![] };
        }
        if let Some(frame) = self.frame_end(p, bound)
            && let Ok(item) = self.by_directory(p, frame, true)
        {
            return item;
        }
        let z = self.piece_end(p, bound);
        if z - p > self.max_record {
            return self.lost(p, z, (Code::RecordTooLarge, Severity::Fatal, 0));
        }
        let mut first = match self.by_directory(p, z, false) {
            Ok(item) => return item,
            Err((code, at)) => (code, Severity::Repaired, at),
        };
        if let Some(fields) = self.by_count(p, z).or_else(|| self.by_guide(p, z)) {
            return self.record(p, z, fields, vec![first], vec![]);
        }
        if self.s[z - 1] != RT {
            first = (Code::RecordTruncated, Severity::Fatal, z - p);
        }
        first.1 = Severity::Fatal;
        self.lost(p, z, first)
    }

    fn lost(&self, p: usize, z: usize, finding: Finding) -> Item {
        let head = &self.s[p..z];
        let begins_like_record = head.len() >= LEADER
            && (length_like(&head[0..5]) || (number(&head[12..17]).is_some() && head[20..22] == *b"45"));
        let (kind, finding) = match begins_like_record {
            true => (Kind::Record, finding),
            false => (Kind::Gap, (Code::Gap, Severity::Fatal, 0)),
        };
        Item { kind, start: p, end: z, fields: vec![], findings: vec![finding] }
    }

    fn filler_end(&self, mut p: usize, bound: usize) -> usize {
        while p < bound {
            if self.s[p..bound].starts_with(BYTE_ORDER_MARK) {
                p += 3;
            } else if b"\0\t\n\r\x1a \x1d".contains(&self.s[p]) && !self.is_leader(p, bound) {
                p += 1;
            } else {
                break;
            }
        }
        p
    }

    /// Where the record ends if its length is right: then a terminator stands there.
    fn frame_end(&self, p: usize, bound: usize) -> Option<usize> {
        let length = number(self.s[p..bound].get(..5)?)?;
        let record = self.s[p..bound].get(..length)?;
        (length >= LEADER + 2 && record.ends_with(&[RT])).then_some(p + length)
    }

    /// After the first terminator, or before the first leader, whichever comes first.
    fn piece_end(&self, p: usize, bound: usize) -> usize {
        let end = find(&self.s[p..bound], RT).map_or(bound, |place| p + place + 1);
        // No leader stands inside another's directory.
        let first = match self.is_leader(p, bound) {
            true => p + number(&self.s[p + 12..p + 17]).unwrap(),
            false => p + 1,
        };
        (first..end)
            .find(|&q| self.slice(q + 10, end).starts_with(b"22") && self.is_leader(q, bound))
            .unwrap_or(end)
    }

    /// The strong test: nothing but a leader with its directory behind it looks like this.
    fn is_leader(&self, q: usize, bound: usize) -> bool {
        let bytes = &self.s[q..bound];
        if bytes.len() <= LEADER || bytes[10..12] != *b"22" || bytes[20..22] != *b"45" {
            return false;
        }
        let Some(base) = number(&bytes[12..17]) else { return false };
        length_like(&bytes[0..5])
            && base > LEADER
            && (base - 25).is_multiple_of(12)
            && base <= bytes.len()
            && (base == 25 || bytes.get(27..36).is_some_and(|numbers| number(numbers).is_some()))
            && find(&bytes[LEADER..], FT) == Some(base - 1 - LEADER)
            && !bytes[LEADER..base].contains(&RT)
    }

    fn entry_map(&self, p: usize) -> [usize; 3] {
        match *self.slice(p + 20, p + 23) {
            [m @ b'1'..=b'9', n @ b'1'..=b'9', i @ b'0'..=b'9'] => {
                [m, n, i].map(|digit| usize::from(digit - b'0'))
            }
            _ => [4, 5, 0],
        }
    }

    /// Believes the directory; the error is the first fault and its offset.
    fn by_directory(&self, p: usize, end: usize, framed: bool) -> Result<Item, (Code, usize)> {
        if end - p <= LEADER {
            return Err((Code::DirectoryMissing, 0));
        }
        let base = number(&self.s[p + 12..p + 17]).unwrap_or_default();
        if base <= LEADER || p + base > end {
            return Err((Code::BaseAddress, 12));
        }
        if self.s[p + base - 1] == FT {
            return self.by_entries(p, end, base, vec![], framed);
        }
        // The one byte may be damaged, the address not.
        let damaged = vec![(Code::DirectoryTerminator, Severity::Repaired, base - 1)];
        self.by_entries(p, end, base, damaged, framed).map_err(|_| (Code::BaseAddress, 12))
    }

    fn by_entries(
        &self,
        p: usize,
        end: usize,
        base: usize,
        mut repaired: Vec<Finding>,
        framed: bool,
    ) -> Result<Item, (Code, usize)> {
        let record = &self.s[p..end];
        let [mut m, mut n, mut i] = self.entry_map(p);
        if !(base - 25).is_multiple_of(3 + m + n + i) {
            [m, n, i] = [4, 5, 0];
        }
        let mut warnings = Vec::new();
        let stated = format!("{m}{n}");
        if record[20..22] != *stated.as_bytes() || (i == 0 && matches!(record[22], b'1'..=b'9')) {
            warnings.push((Code::EntryMap, Severity::Warning, 20));
        }
        let width = 3 + m + n + i;
        if !(base - 25).is_multiple_of(width) {
            return Err((Code::DirectoryLength, LEADER));
        }
        if base == 25 && !repaired.is_empty() {
            return Err((Code::DirectoryMissing, 0));
        }
        let limit = if record.ends_with(&[RT]) { record.len() - 1 } else { record.len() };
        let (mut fields, mut in_order, mut expected) = (Vec::new(), true, 0);
        for k in 0..(base - 25) / width {
            let at = LEADER + k * width;
            let entry = &record[at..at + width];
            let tag = tag_of(&entry[..3]).ok_or((Code::EntryTag, at))?;
            let numbers = number(&entry[3..3 + m]).zip(number(&entry[3 + m..3 + m + n]));
            let (length, start) = numbers.ok_or((Code::EntryDigits, at))?;
            if length == 0 {
                repaired.push((Code::EntryEmpty, Severity::Repaired, at));
                continue;
            }
            let behind = base + start + length;
            if behind > limit {
                return Err((Code::EntryRange, at));
            }
            if record[behind - 1] != FT {
                return Err((Code::FieldTerminator, behind - 1));
            }
            in_order &= start == expected;
            expected = start + length;
            fields.push((tag, base + start, behind - 1, at));
        }
        let mut data_end = base;
        if in_order {
            data_end += expected;
        } else {
            let mut sorted = fields.clone();
            sorted.sort_by_key(|&(_, a, z, _)| (a, z));
            let (mut last, mut twice) = (None, false);
            for (_, a, z, at) in sorted {
                if a > base && record[a - 1] != FT {
                    return Err((Code::EntryStart, at));
                }
                if a < data_end {
                    // The very same bytes once more, and no third time.
                    if last != Some((a, z)) || twice {
                        return Err((Code::EntriesOverlap, at));
                    }
                    repaired.push((Code::EntriesOverlap, Severity::Repaired, at));
                } else if a > data_end {
                    let hole = &record[data_end..a];
                    if hole.contains(&RT) {
                        return Err((Code::UnreferencedBytes, data_end));
                    }
                    match hole.iter().all(|&byte| is_padding(byte)) {
                        true => warnings.push((Code::Padding, Severity::Warning, data_end)),
                        false => repaired.push((Code::UnreferencedBytes, Severity::Repaired, data_end)),
                    }
                }
                twice = last == Some((a, z));
                (data_end, last) = (z + 1, Some((a, z)));
            }
        }
        // The record closes where its data end.
        let behind = &record[data_end..];
        let padding = behind.iter().take_while(|&&byte| is_padding(byte)).count();
        let stop = if behind.get(padding) == Some(&RT) {
            if padding > 0 {
                warnings.push((Code::Padding, Severity::Warning, data_end));
            }
            data_end + padding + 1
        } else if framed && !record[data_end..record.len() - 1].contains(&RT) {
            repaired.push((Code::UnreferencedBytes, Severity::Repaired, data_end));
            record.len()
        } else {
            data_end
        };
        let empty = repaired.iter().find(|finding| finding.0 == Code::EntryEmpty);
        if let Some(&(code, _, at)) = empty
            && repaired.iter().any(|finding| finding.0 == Code::UnreferencedBytes)
        {
            return Err((code, at));
        }
        if fields.is_empty() {
            if !framed || stop != record.len() || !repaired.is_empty() {
                return Err((Code::DirectoryMissing, LEADER));
            }
            warnings.push((Code::NoFields, Severity::Warning, LEADER));
        }
        let fields = fields.into_iter().map(|(tag, a, z, _)| (tag, p + a, p + z)).collect();
        Ok(self.record(p, p + stop, fields, repaired, warnings))
    }

    /// A record that can be given; says what its leader and its end got wrong.
    fn record(
        &self,
        p: usize,
        end: usize,
        fields: Fields,
        found: Vec<Finding>,
        warnings: Vec<Finding>,
    ) -> Item {
        let mut findings = Vec::new();
        if number(self.slice(p, p + 5)) != Some(end - p) {
            findings.push((Code::RecordLength, Severity::Repaired, 0));
        }
        if self.s[end - 1] != RT {
            findings.push((Code::TerminatorMissing, Severity::Repaired, end - p));
        }
        findings.extend(found);
        if !self.s[p..p + LEADER].is_ascii() {
            findings.push((Code::LeaderBytes, Severity::Warning, 0));
        }
        findings.extend(warnings);
        let entry = |(tag, a, z)| {
            Entry::new(Tag::new(tag).expect("the twin checks it"), (a - p) as u32, (z - a) as u32)
        };
        Item { kind: Kind::Record, start: p, end, fields: fields.into_iter().map(entry).collect(), findings }
    }

    /// The k-th entry, in the order of the data, is the k-th terminated run.
    fn by_count(&self, p: usize, z: usize) -> Option<Fields> {
        let s = self.s;
        let d = p + LEADER + find(s[p..z].get(LEADER..)?, FT)?;
        let directory = &s[p + LEADER..d];
        let mut map = self.entry_map(p);
        if !directory.len().is_multiple_of(3 + map.iter().sum::<usize>()) {
            map = [4, 5, 0];
        }
        let width = 3 + map.iter().sum::<usize>();
        let count = directory.len() / width;
        if count == 0 || !directory.len().is_multiple_of(width) {
            return None;
        }
        let mut body_end = if s[z - 1] == RT { z - 1 } else { z };
        while body_end > d + 1 && s[body_end - 1] != FT && is_padding(s[body_end - 1]) {
            body_end -= 1;
        }
        if body_end <= d + 1 || s[body_end - 1] != FT {
            return None;
        }
        let mut runs = Vec::new();
        let mut at = d + 1;
        for place in (d + 1..body_end).filter(|&place| s[place] == FT) {
            runs.push((at, place));
            at = place + 1;
        }
        if !(count..=count + MAX_STRAY).contains(&runs.len()) {
            return None;
        }
        let entries = directory
            .chunks(width)
            .map(|entry| {
                let [m, n, _] = map;
                Some((tag_of(&entry[..3])?, number(&entry[3..3 + m]), number(&entry[3 + m..3 + m + n])))
            })
            .collect::<Option<Vec<Stated>>>()?;
        let (order, runs) = match runs.len() > count {
            true => share_out(&entries, &runs)?,
            false => (data_order(&entries, &runs, 10usize.pow(map[1] as u32))?, runs),
        };
        let mut placed = vec![([0; 3], 0, 0); count];
        for (&k, &(a, e)) in order.iter().zip(&runs) {
            let (tag, value) = (entries[k].0, &s[a..e]);
            let nonsense = match tag.starts_with(b"00") {
                true => value.get(2) == Some(&US),
                false => value.len() > 2 && !value.contains(&US),
            };
            if nonsense && s[p + 10..p + 12] == *b"22" {
                return None;
            }
            placed[k] = (tag, a, e);
        }
        Some(placed)
    }

    /// Entries of any width, with the running sum of lengths as the guide.
    fn by_guide(&self, p: usize, z: usize) -> Option<Fields> {
        let body_end = if self.s[z - 1] == RT { z - 1 } else { z };
        [LEADER, 23, 25, 26].into_iter().find_map(|first| self.guided(p, z, first, body_end))
    }

    fn guided(&self, p: usize, z: usize, first: usize, body_end: usize) -> Option<Fields> {
        let s = self.s;
        let d = p + first + find(s[p..z].get(first..)?, FT)?;
        let (mut at, mut expected, mut fields) = (p + first, 0, Vec::new());
        while d - at >= 12 {
            let tag = tag_of(&s[at..at + 3])?;
            let forms = [(4, 5, false), (5, 5, false), (4, 6, false), (5, 6, false), (4, 5, true)];
            let (length, width) = forms.into_iter().find_map(|(m, n, modulo)| {
                let width = 3 + m + n;
                let entry = s[at..d].get(..width)?;
                let (length, start) = (number(&entry[3..3 + m])?, number(&entry[3 + m..])?);
                let wanted = if modulo { expected % 100_000 } else { expected };
                (length > 0 && start == wanted).then_some((length, width))
            })?;
            let a = d + 1 + expected;
            let e = a + length - 1;
            if e >= body_end || s[e] != FT {
                return None;
            }
            fields.push((tag, a, e));
            expected += length;
            at += width;
        }
        (!fields.is_empty() && d + 1 + expected == body_end).then_some(fields)
    }
}

/// Tag, length and start as an entry states them.
type Stated = ([u8; 3], Option<usize>, Option<usize>);
/// First byte and terminator.
type Run = (usize, usize);

/// Whether every start, in this order, is the sum of the lengths before it, and no length is zero.
fn tiles(entries: &[Stated], order: &[usize]) -> bool {
    let mut expected = 0;
    for &k in order {
        let (_, Some(length @ 1..), Some(start)) = entries[k] else { return false };
        if start != expected {
            return false;
        }
        expected += length;
    }
    true
}

fn data_order(entries: &[Stated], runs: &[Run], modulus: usize) -> Option<Vec<usize>> {
    let own: Vec<usize> = (0..entries.len()).collect();
    let mut by_start = own.clone();
    if entries.iter().all(|entry| entry.2.is_some()) {
        by_start.sort_by_key(|&k| entries[k].2);
        if tiles(entries, &by_start) {
            return Some(by_start);
        }
    }
    let mut good: Vec<&Vec<usize>> = Vec::new();
    for order in [&own, &by_start] {
        let wrong = order.iter().zip(runs).filter(|(k, (a, e))| entries[**k].1 != Some(e + 1 - a)).count();
        if wrong <= 1 && !good.contains(&order) {
            good.push(order);
        }
    }
    match good[..] {
        [order] => return Some(order.clone()),
        [_, _] => return None,
        _ => {}
    }
    let readable: Vec<usize> = entries
        .iter()
        .filter_map(|entry| entry.2)
        .filter(|&start| start != 0 && start != modulus - 1)
        .collect();
    readable.windows(2).all(|pair| pair[0] < pair[1]).then_some(own)
}

/// More runs than entries: all ways to share them out are made, two at most of those that come to the same.
fn share_out(entries: &[Stated], runs: &[Run]) -> Option<(Vec<usize>, Vec<Run>)> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&k| entries[k].2);
    if !tiles(entries, &order) {
        return None;
    }
    let excess = runs.len() - entries.len();
    // ways[taken] are lists of how many runs each entry took, together so many.
    let mut ways: Vec<Vec<Vec<usize>>> = vec![Vec::new(); runs.len() + 1];
    ways[0].push(Vec::new());
    for (before, &k) in order.iter().enumerate() {
        let mut longer = vec![Vec::new(); runs.len() + 1];
        for taken in (before..=before + excess).filter(|&taken| taken < runs.len()) {
            let mut counts = vec![1];
            counts.extend((2..=runs.len() - taken).find(|&several| {
                taken + several <= before + 1 + excess
                    && Some(runs[taken + several - 1].1 + 1 - runs[taken].0) == entries[k].1
            }));
            for way in &ways[taken] {
                for &count in &counts {
                    let found: &mut Vec<Vec<usize>> = &mut longer[taken + count];
                    if found.len() < 2 {
                        found.push([&way[..], &[count]].concat());
                    }
                }
            }
        }
        ways = longer;
    }
    let [way] = &ways[runs.len()][..] else { return None };
    let (mut shared, mut at) = (Vec::new(), 0);
    let (mut grew, mut shrank) = (false, false);
    for (&k, &count) in order.iter().zip(way) {
        let run = (runs[at].0, runs[at + count - 1].1);
        let (length, stated) = (run.1 + 1 - run.0, entries[k].1.unwrap_or_default());
        grew |= length > stated;
        shrank |= length < stated;
        shared.push(run);
        at += count;
    }
    (!(grew && shrank)).then_some((order, shared))
}
