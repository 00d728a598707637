//! The quick way: the literal forms in which programs write MARCXML. Whatever looks otherwise, whether XML allows it or
//! not, is left to the exact way.
//!
//! Known are tags with one blank before each attribute, which stand in double quotes in any order; white space between
//! elements, and comments between fields; text in which `&` begins one of the five entities.

use wide::u8x16;

use super::super::arena::{Arena, Begin};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, FIELD_TERMINATOR, SUBFIELD_DELIMITER, Tag};

/// Bytes that are read at once.
const BLOCK: usize = 16;
/// The most attributes of a `record`.
const MOST_ATTRIBUTES: usize = 8;
const ENTITIES: [(&[u8], u8); 5] =
    [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];

/// Scans records.
#[derive(Default)]
pub(super) struct Scanner<'a> {
    /// The start tag of the last record, which is mostly that of the next one as well.
    start_tag: &'a [u8],
}

impl<'a> Scanner<'a> {
    /// Lays out a record. False, with nothing laid out, if it is not in a known form.
    pub(super) fn scan(&mut self, record: &'a [u8], arena: &mut Arena) -> bool {
        let Some((prefix, at)) = self.start(record) else { return false };
        let begin = arena.begin(record.len() + BLOCK);
        let is_known = match prefix {
            b"" => scan_with::<true>(record, at, prefix, arena, begin),
            _ => scan_with::<false>(record, at, prefix, arena, begin),
        };
        match is_known {
            Some(()) => arena.end(begin, Vec::new()),
            None => arena.cut(begin),
        }
        is_known.is_some()
    }

    /// The prefix of the names in a record, with its colon, and where its start tag ends.
    fn start(&mut self, record: &'a [u8]) -> Option<(&'a [u8], usize)> {
        const NAME: &[u8] = b"record";
        let is_same = !self.start_tag.is_empty() && record.starts_with(self.start_tag);
        let end = match is_same {
            true => self.start_tag.len(),
            false => memchr::memchr(b'>', record)? + 1,
        };
        let tag = record.get(..end)?;
        let name = tag.strip_prefix(b"<")?.split(|byte| matches!(byte, b' ' | b'>')).next()?;
        let prefix = name.strip_suffix(NAME)?;
        if !is_same {
            let is_prefix = match prefix {
                [] => true,
                [first, rest @ .., b':'] => {
                    first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_alphanumeric)
                }
                _ => false,
            };
            if !is_prefix || !has_known_attributes(tag.get(1 + name.len()..end - 1)?) {
                return None;
            }
            self.start_tag = tag;
        }
        Some((prefix, end))
    }
}

/// Whether attributes, each with a blank before it, say nothing of the record's fields.
fn has_known_attributes(mut rest: &[u8]) -> bool {
    let mut names = [&b""[..]; MOST_ATTRIBUTES];
    for place in 0..MOST_ATTRIBUTES {
        if rest.is_empty() {
            return true;
        }
        let Some(equals) = memchr::memchr(b'=', rest) else { return false };
        let ([b' ', name @ ..], [b'=', b'"', value @ ..]) = rest.split_at(equals) else { return false };
        let Some(end) = memchr::memchr(b'"', value) else { return false };
        let is_known = matches!(name, b"xmlns" | b"type" | b"id" | b"format")
            || name
                .strip_prefix(b"xmlns:")
                .is_some_and(|prefix| !prefix.is_empty() && prefix.iter().all(u8::is_ascii_alphabetic));
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'&');
        if !is_known || names[..place].contains(&name) || !value[..end].iter().all(is_plain) {
            return false;
        }
        names[place] = name;
        rest = &value[end + 1..];
    }
    rest.is_empty()
}

/// What begins with `<`.
enum Open {
    /// The start tag that was asked for.
    Asked,
    /// Another one, whose name begins with this letter.
    Name(u8),
    End,
    Comment,
}

/// What is known of one record, and what was made of it.
struct Scan<'a, 'b> {
    record: &'a [u8],
    at: usize,
    prefix: &'a [u8],
    /// The record's bytes in the arena.
    out: &'b mut [u8],
    written: usize,
}

#[inline(always)]
fn scan_with<const WITHOUT_PREFIX: bool>(
    record: &[u8],
    at: usize,
    prefix: &[u8],
    arena: &mut Arena,
    begin: Begin,
) -> Option<()> {
    let Arena { bytes, written, entries, places, .. } = arena;
    let out = bytes.get_mut(begin.byte..)?;
    let mut scan = Scan { record, at, prefix, out, written: LEADER_LENGTH };
    scan.leader::<WITHOUT_PREFIX>()?;
    loop {
        scan.skip_space();
        let place = scan.at;
        let start = scan.written;
        let (tag, is_control) = match scan.open::<WITHOUT_PREFIX, 16>(b"<datafield tag=\"")? {
            Open::Asked => (scan.data_field::<WITHOUT_PREFIX, true>()?, false),
            Open::Name(b'd') => {
                scan.expect(b"datafield")?;
                (scan.data_field::<WITHOUT_PREFIX, false>()?, false)
            }
            Open::Name(b'c') => (scan.control_field::<WITHOUT_PREFIX>()?, true),
            Open::Comment => {
                scan.comment()?;
                continue;
            }
            Open::End => break,
            Open::Name(_) => return None,
        };
        let (start, length) = (start as u32, (scan.written - start) as u32);
        entries.push(Entry { tag, is_control, start, length });
        places.push(place as u32);
        scan.put([FIELD_TERMINATOR])?;
    }
    scan.close::<WITHOUT_PREFIX, 9>(b"</record>")?;
    if scan.at != record.len() || entries.len() == begin.field {
        return None;
    }
    *written = begin.byte + scan.written;
    Some(())
}

impl Scan<'_, '_> {
    /// Passes over these bytes.
    #[inline(always)]
    fn expect<const LENGTH: usize>(&mut self, bytes: &[u8; LENGTH]) -> Option<()> {
        let found: &[u8; LENGTH] = self.record.get(self.at..)?.first_chunk()?;
        self.at += LENGTH;
        (found == bytes).then_some(())
    }

    /// Passes over the prefix.
    #[inline(always)]
    fn prefix(&mut self) -> Option<()> {
        let is_there = self.record.get(self.at..)?.starts_with(self.prefix);
        self.at += self.prefix.len();
        is_there.then_some(())
    }

    /// Passes over an end tag, which is told without a prefix.
    #[inline(always)]
    fn close<const WITHOUT_PREFIX: bool, const LENGTH: usize>(&mut self, tag: &[u8; LENGTH]) -> Option<()> {
        if WITHOUT_PREFIX {
            return self.expect(tag);
        }
        self.expect(b"</")?;
        self.prefix()?;
        let rest = &tag[2..];
        let is_there = self.record.get(self.at..)?.starts_with(rest);
        self.at += rest.len();
        is_there.then_some(())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        // Mostly a line feed and a few blanks.
        if let Some(block) = self.record.get(self.at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
            let bytes = u8x16::new(*block);
            let space = bytes.simd_eq(u8x16::splat(b' ')) | bytes.simd_eq(u8x16::splat(b'\n'));
            self.at += space.to_bitmask().trailing_ones() as usize;
        }
        if self.record.get(self.at).is_some_and(|&byte| byte <= b' ') {
            self.skip_more_space();
        }
    }

    #[cold]
    fn skip_more_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.record.get(self.at) {
            self.at += 1;
        }
    }

    /// What begins here. A start tag that begins like the one that is asked for, which is told without a prefix, is passed
    /// over so far; of any other, what comes before its name.
    #[inline(always)]
    fn open<const WITHOUT_PREFIX: bool, const LENGTH: usize>(
        &mut self,
        asked: &[u8; LENGTH],
    ) -> Option<Open> {
        let rest = self.record.get(self.at..)?;
        if WITHOUT_PREFIX && rest.first_chunk() == Some(asked) {
            self.at += LENGTH;
            return Some(Open::Asked);
        }
        let &[b'<', next] = rest.first_chunk()? else { return None };
        match next {
            b'/' => return Some(Open::End),
            b'!' => return Some(Open::Comment),
            _ => self.at += 1,
        }
        self.prefix()?;
        let rest = self.record.get(self.at..)?;
        if !WITHOUT_PREFIX && rest.starts_with(&asked[1..]) {
            self.at += LENGTH - 1;
            return Some(Open::Asked);
        }
        rest.first().map(|&first| Open::Name(first))
    }

    #[inline(always)]
    fn put<const LENGTH: usize>(&mut self, bytes: [u8; LENGTH]) -> Option<()> {
        *self.out.get_mut(self.written..)?.first_chunk_mut()? = bytes;
        self.written += LENGTH;
        Some(())
    }

    /// The leader, which comes first.
    fn leader<const WITHOUT_PREFIX: bool>(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            match self.open::<WITHOUT_PREFIX, 8>(b"<leader>")? {
                Open::Asked => break,
                Open::Comment => self.comment()?,
                Open::Name(_) | Open::End => return None,
            }
        }
        let leader: [u8; LEADER_LENGTH] = *self.record.get(self.at..)?.first_chunk()?;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'&' | b'>');
        if !leader.iter().all(is_plain) {
            return None;
        }
        *self.out.first_chunk_mut()? = leader;
        self.at += LEADER_LENGTH;
        self.close::<WITHOUT_PREFIX, 9>(b"</leader>")
    }

    /// A comment, in which there are no two hyphens.
    #[cold]
    fn comment(&mut self) -> Option<()> {
        self.expect(b"<!--")?;
        let rest = self.record.get(self.at..)?;
        self.at += memchr::memmem::find(rest, b"--")? + 2;
        self.expect(b">")
    }

    #[inline(always)]
    fn control_field<const WITHOUT_PREFIX: bool>(&mut self) -> Option<Tag> {
        self.expect(b"controlfield tag=\"")?;
        let tag = tag(*self.record.get(self.at..)?.first_chunk()?)?;
        self.at += 3;
        self.expect(b"\">")?;
        self.text()?;
        self.close::<WITHOUT_PREFIX, 15>(b"</controlfield>")?;
        Some(tag)
    }

    /// A data field, of which the name is passed over, and the beginning of its tag if it `begins_with_tag`.
    #[inline(always)]
    fn data_field<const WITHOUT_PREFIX: bool, const BEGINS_WITH_TAG: bool>(&mut self) -> Option<Tag> {
        const BEGIN: usize = b" tag=\"".len();
        let is_usual = |rest: &[u8; 23]| {
            (rest[3..11] == *b"\" ind1=\"") & (rest[12..20] == *b"\" ind2=\"") & (rest[21..] == *b"\">")
        };
        let usual =
            self.record.get(self.at..)?.first_chunk().filter(|rest| BEGINS_WITH_TAG && is_usual(rest));
        let (tag, [ind1, ind2]) = match usual {
            Some(rest) => {
                self.at += rest.len();
                ([rest[0], rest[1], rest[2]], [rest[11], rest[20]])
            }
            None => {
                self.at -= if BEGINS_WITH_TAG { BEGIN } else { 0 };
                self.attributes()?
            }
        };
        if !(is_character(ind1) & is_character(ind2)) {
            return None;
        }
        let tag = self::tag(tag)?;
        self.put([ind1, ind2])?;
        loop {
            self.skip_space();
            match self.open::<WITHOUT_PREFIX, 16>(b"<subfield code=\"")? {
                Open::Asked => self.subfield::<WITHOUT_PREFIX>()?,
                Open::End => break,
                Open::Name(_) | Open::Comment => return None,
            }
        }
        self.close::<WITHOUT_PREFIX, 12>(b"</datafield>")?;
        Some(tag)
    }

    /// The tag and the indicators of a data field, in any order.
    #[cold]
    fn attributes(&mut self) -> Option<([u8; 3], [u8; 2])> {
        let (mut tag, mut indicators) = (None, [None; 2]);
        loop {
            let rest = self.record.get(self.at..)?;
            let (length, is_new) = match *rest {
                [b'>', ..] => {
                    self.at += 1;
                    let [ind1, ind2] = indicators;
                    return Some((tag?, [ind1?, ind2?]));
                }
                [b' ', b't', b'a', b'g', b'=', b'"', a, b, c, b'"', ..] => {
                    (10, tag.replace([a, b, c]).is_none())
                }
                [b' ', b'i', b'n', b'd', b'1', b'=', b'"', ind, b'"', ..] => {
                    (9, indicators[0].replace(ind).is_none())
                }
                [b' ', b'i', b'n', b'd', b'2', b'=', b'"', ind, b'"', ..] => {
                    (9, indicators[1].replace(ind).is_none())
                }
                _ => return None,
            };
            if !is_new {
                return None;
            }
            self.at += length;
        }
    }

    #[inline(always)]
    fn subfield<const WITHOUT_PREFIX: bool>(&mut self) -> Option<()> {
        let &[code, b'"', b'>'] = self.record.get(self.at..)?.first_chunk()? else { return None };
        self.at += 3;
        if !is_character(code) {
            return None;
        }
        self.put([SUBFIELD_DELIMITER, code])?;
        self.text()?;
        self.close::<WITHOUT_PREFIX, 11>(b"</subfield>")
    }

    /// Copies text up to the next tag.
    #[inline(always)]
    fn text(&mut self) -> Option<()> {
        loop {
            // What ends a record is longer than a block.
            let block: &[u8; BLOCK] = self.record.get(self.at..)?.first_chunk()?;
            *self.out.get_mut(self.written..)?.first_chunk_mut()? = *block;
            let bytes = u8x16::new(*block);
            let stops = bytes.simd_eq(u8x16::splat(b'<'))
                | bytes.simd_eq(u8x16::splat(b'>'))
                | bytes.simd_eq(u8x16::splat(b'&'))
                | bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
            let stops = stops.to_bitmask();
            if stops == 0 {
                (self.at, self.written) = (self.at + BLOCK, self.written + BLOCK);
                continue;
            }
            let length = stops.trailing_zeros() as usize;
            (self.at, self.written) = (self.at + length, self.written + length);
            if *self.record.get(self.at)? == b'<' {
                return Some(());
            }
            self.odd_byte()?;
        }
    }

    /// A byte in text that is not copied without a look at it.
    #[cold]
    fn odd_byte(&mut self) -> Option<()> {
        let rest = self.record.get(self.at..)?;
        match rest.first()? {
            byte @ (b'\t' | b'\n') => {
                self.at += 1;
                self.put([*byte])
            }
            b'>' if !self.record[..self.at].ends_with(b"]]") => {
                self.at += 1;
                self.put([b'>'])
            }
            b'&' => {
                let (entity, byte) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity))?;
                self.at += entity.len();
                self.put([*byte])
            }
            _ => None,
        }
    }
}

/// The tag with these characters, as they stand in an attribute.
#[inline(always)]
fn tag(bytes: [u8; 3]) -> Option<Tag> {
    let [a, b, c] = bytes;
    (is_character(a) & is_character(b) & is_character(c)).then(|| Tag::of_ascii(bytes))
}

/// Whether an indicator or a code stands in an attribute as it is.
#[inline(always)]
fn is_character(byte: u8) -> bool {
    const CHARACTERS: [bool; 256] = {
        let mut characters = [false; 256];
        let mut byte = b' ';
        while byte <= b'~' {
            characters[byte as usize] = !matches!(byte, b'"' | b'<' | b'&');
            byte += 1;
        }
        characters
    };
    CHARACTERS[usize::from(byte)]
}
