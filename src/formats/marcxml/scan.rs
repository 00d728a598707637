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
        let name = tag.get(1..)?.split(|byte| matches!(byte, b' ' | b'>')).next()?;
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
        let (tag, is_control) = match scan.open::<WITHOUT_PREFIX>()? {
            b'd' => (scan.data_field::<WITHOUT_PREFIX>()?, false),
            b'c' => (scan.control_field::<WITHOUT_PREFIX>()?, true),
            b'!' => {
                scan.comment()?;
                continue;
            }
            b'/' => break,
            _ => return None,
        };
        let (start, length) = (start as u32, (scan.written - start) as u32);
        entries.push(Entry { tag, is_control, start, length });
        places.push(place as u32);
        scan.put(FIELD_TERMINATOR)?;
    }
    scan.close::<WITHOUT_PREFIX, 7>(b"record>")?;
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
    fn prefix<const WITHOUT_PREFIX: bool>(&mut self) -> Option<()> {
        if !WITHOUT_PREFIX {
            let found = self.record.get(self.at..self.at + self.prefix.len())?;
            self.at += self.prefix.len();
            return (found == self.prefix).then_some(());
        }
        Some(())
    }

    /// Passes over `</` and the name and `>` in `rest`.
    #[inline(always)]
    fn close<const WITHOUT_PREFIX: bool, const LENGTH: usize>(&mut self, rest: &[u8; LENGTH]) -> Option<()> {
        self.expect(b"</")?;
        self.prefix::<WITHOUT_PREFIX>()?;
        self.expect(rest)
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        // Mostly a line feed and a few blanks.
        if let Some(block) = self.record.get(self.at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
            let bytes = u8x16::new(*block);
            let space = bytes.simd_eq(u8x16::splat(b' ')) | bytes.simd_eq(u8x16::splat(b'\n'));
            self.at += space.to_bitmask().trailing_ones() as usize;
        }
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.record.get(self.at) {
            self.at += 1;
        }
    }

    /// The first letter of the name of the element that begins here, which is then where reading goes on; nothing is
    /// passed over for an end tag or a comment.
    #[inline(always)]
    fn open<const WITHOUT_PREFIX: bool>(&mut self) -> Option<u8> {
        let &[b'<', next] = self.record.get(self.at..)?.first_chunk()? else { return None };
        if matches!(next, b'/' | b'!') {
            return Some(next);
        }
        self.at += 1;
        self.prefix::<WITHOUT_PREFIX>()?;
        self.record.get(self.at).copied()
    }

    #[inline(always)]
    fn put(&mut self, byte: u8) -> Option<()> {
        *self.out.get_mut(self.written)? = byte;
        self.written += 1;
        Some(())
    }

    /// The leader, which comes first.
    fn leader<const WITHOUT_PREFIX: bool>(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            match self.open::<WITHOUT_PREFIX>()? {
                b'l' => break,
                b'!' => self.comment()?,
                _ => return None,
            }
        }
        self.expect(b"leader>")?;
        let leader: [u8; LEADER_LENGTH] = *self.record.get(self.at..)?.first_chunk()?;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'&' | b'>');
        if !leader.iter().all(is_plain) {
            return None;
        }
        *self.out.first_chunk_mut()? = leader;
        self.at += LEADER_LENGTH;
        self.close::<WITHOUT_PREFIX, 7>(b"leader>")
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
        self.close::<WITHOUT_PREFIX, 13>(b"controlfield>")?;
        Some(tag)
    }

    #[inline(always)]
    fn data_field<const WITHOUT_PREFIX: bool>(&mut self) -> Option<Tag> {
        self.expect(b"datafield")?;
        let rest: &[u8; 29] = self.record.get(self.at..)?.first_chunk()?;
        let is_usual = (rest[..6] == *b" tag=\"")
            & (rest[9..17] == *b"\" ind1=\"")
            & (rest[18..26] == *b"\" ind2=\"")
            & (rest[27..] == *b"\">");
        let (tag, indicators) = match is_usual {
            true => {
                self.at += rest.len();
                ([rest[6], rest[7], rest[8]], [rest[17], rest[26]])
            }
            false => self.attributes()?,
        };
        let [ind1, ind2] = indicators;
        if !(is_character(ind1) & is_character(ind2)) {
            return None;
        }
        let tag = self::tag(tag)?;
        self.put(ind1)?;
        self.put(ind2)?;
        loop {
            self.skip_space();
            match self.open::<WITHOUT_PREFIX>()? {
                b's' => self.subfield::<WITHOUT_PREFIX>()?,
                b'/' => break,
                _ => return None,
            }
        }
        self.close::<WITHOUT_PREFIX, 10>(b"datafield>")?;
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
        self.expect(b"subfield code=\"")?;
        let code = *self.record.get(self.at)?;
        self.at += 1;
        self.expect(b"\">")?;
        if !is_character(code) {
            return None;
        }
        self.put(SUBFIELD_DELIMITER)?;
        self.put(code)?;
        self.text()?;
        self.close::<WITHOUT_PREFIX, 9>(b"subfield>")
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
                self.put(*byte)
            }
            b'>' if !self.record[..self.at].ends_with(b"]]") => {
                self.at += 1;
                self.put(b'>')
            }
            b'&' => {
                let (entity, byte) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity))?;
                self.at += entity.len();
                self.put(*byte)
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
    matches!(byte, b' '..=b'~') & !matches!(byte, b'"' | b'<' | b'&')
}
