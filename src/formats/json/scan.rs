//! The quick way: the literal forms in which programs write MARC-in-JSON. Whatever looks otherwise, whether JSON allows
//! it or not, is left to the exact way.
//!
//! Known are a leader of 24 characters and fields, in either order; a field in an object by itself, its members in any
//! order; white space anywhere; and all escapes but those of halves of characters and of delimiters.

use wide::u8x16;

use super::super::arena::{Arena, Begin};
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{Entry, FIELD_TERMINATOR, RECORD_TERMINATOR, SUBFIELD_DELIMITER, Tag};

/// Bytes that are read at once.
const BLOCK: usize = 16;

/// Lays out a record. False, with nothing laid out, if it is not in a known form.
pub(super) fn scan(record: &[u8], arena: &mut Arena) -> bool {
    let begin = arena.begin(record.len() + BLOCK);
    let is_known = lay_out(record, arena, begin).is_some();
    match is_known {
        true => arena.end(begin, Vec::new()),
        false => arena.cut(begin),
    }
    is_known
}

fn lay_out(record: &[u8], arena: &mut Arena, begin: Begin) -> Option<()> {
    let Arena { bytes, written, entries, places, .. } = arena;
    let out = bytes.get_mut(begin.byte..)?;
    let mut scan = Scan { record, at: 0, out, written: LEADER_LENGTH, entries, places };
    let (mut has_leader, mut has_fields) = (false, false);
    scan.expect(b"{")?;
    loop {
        scan.skip_space();
        let is_new = match scan.record.get(scan.at + 1)? {
            b'l' => {
                scan.key(b"\"leader\"")?;
                scan.leader()?;
                !std::mem::replace(&mut has_leader, true)
            }
            _ => {
                scan.key(b"\"fields\"")?;
                scan.list(Scan::field)?;
                !std::mem::replace(&mut has_fields, true)
            }
        };
        if !is_new {
            return None;
        }
        if scan.ends(b'}')? {
            break;
        }
    }
    let end = scan.written;
    if scan.at != record.len() || !has_leader || entries.len() == begin.field {
        return None;
    }
    *written = begin.byte + end;
    Some(())
}

/// What is known of one record, and what was made of it.
struct Scan<'a, 'b> {
    record: &'a [u8],
    at: usize,
    /// The record's bytes in the arena.
    out: &'b mut [u8],
    written: usize,
    entries: &'b mut Vec<Entry>,
    places: &'b mut Vec<u32>,
}

impl Scan<'_, '_> {
    /// Passes over these bytes.
    #[inline(always)]
    fn expect<const LENGTH: usize>(&mut self, bytes: &[u8; LENGTH]) -> Option<()> {
        let found: &[u8; LENGTH] = self.record.get(self.at..)?.first_chunk()?;
        self.at += LENGTH;
        (found == bytes).then_some(())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while self.record.get(self.at).is_some_and(|&byte| byte <= b' ' && is_space(byte)) {
            self.at += 1;
        }
    }

    /// Passes over a key, with its colon.
    #[inline(always)]
    fn key<const LENGTH: usize>(&mut self, key: &[u8; LENGTH]) -> Option<()> {
        self.expect(key)?;
        self.colon()
    }

    #[inline(always)]
    fn colon(&mut self) -> Option<()> {
        self.skip_space();
        self.expect(b":")?;
        self.skip_space();
        Some(())
    }

    /// Whether the brackets end here, which this one closes, or something follows after a comma.
    #[inline(always)]
    fn ends(&mut self, bracket: u8) -> Option<bool> {
        self.skip_space();
        let byte = *self.record.get(self.at)?;
        self.at += 1;
        match byte {
            b',' => Some(false),
            _ => (byte == bracket).then_some(true),
        }
    }

    /// A list of what is passed over by `each`.
    #[inline(always)]
    fn list(&mut self, each: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b"[")?;
        self.skip_space();
        if self.record.get(self.at) == Some(&b']') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.skip_space();
            each(self)?;
            if self.ends(b']')? {
                return Some(());
            }
        }
    }

    #[inline(always)]
    fn put<const LENGTH: usize>(&mut self, bytes: [u8; LENGTH]) -> Option<()> {
        *self.out.get_mut(self.written..)?.first_chunk_mut()? = bytes;
        self.written += LENGTH;
        Some(())
    }

    fn leader(&mut self) -> Option<()> {
        self.expect(b"\"")?;
        let leader: [u8; LEADER_LENGTH] = *self.record.get(self.at..)?.first_chunk()?;
        if !leader.iter().all(|&byte| is_character(byte)) {
            return None;
        }
        *self.out.first_chunk_mut()? = leader;
        self.at += LEADER_LENGTH;
        self.expect(b"\"")
    }

    /// `{"001":"..."}` or `{"245":{...}}`.
    #[inline(always)]
    fn field(&mut self) -> Option<()> {
        self.expect(b"{")?;
        self.skip_space();
        let (place, start) = (self.at, self.written);
        let &[b'"', a, b, c, b'"'] = self.record.get(self.at..)?.first_chunk()? else { return None };
        self.at += 5;
        let tag = tag([a, b, c])?;
        self.colon()?;
        let is_control = *self.record.get(self.at)? == b'"';
        self.at += 1;
        match is_control {
            true => self.text()?,
            false => self.data_field(start)?,
        }
        let (start, length) = (start as u32, (self.written - start) as u32);
        self.entries.push(Entry { tag, is_control, start, length });
        self.places.push(place as u32);
        self.put([FIELD_TERMINATOR])?;
        self.ends(b'}')?.then_some(())
    }

    /// The members of a data field, whose bracket was passed over.
    #[inline(always)]
    fn data_field(&mut self, start: usize) -> Option<()> {
        const ALL: u8 = 0b111;
        if self.record.get(self.at - 1) != Some(&b'{') {
            return None;
        }
        self.put(*b"  ")?;
        let mut seen = 0;
        loop {
            self.skip_space();
            let member = match self.record.get(self.at..)?.first_chunk()? {
                b"\"ind1\"" => self.indicator(start)?,
                b"\"ind2\"" => self.indicator(start + 1)? << 1,
                _ => {
                    self.key(b"\"subfields\"")?;
                    self.list(Scan::subfield)?;
                    ALL & !0b11
                }
            };
            if seen & member != 0 {
                return None;
            }
            seen |= member;
            if self.ends(b'}')? {
                return (seen == ALL).then_some(());
            }
        }
    }

    /// An indicator, which is put at this place.
    #[inline(always)]
    fn indicator(&mut self, place: usize) -> Option<u8> {
        self.at += b"\"ind1\"".len();
        self.colon()?;
        let &[b'"', indicator, b'"'] = self.record.get(self.at..)?.first_chunk()? else { return None };
        self.at += 3;
        *self.out.get_mut(place)? = indicator;
        is_character(indicator).then_some(1)
    }

    /// `{"a":"..."}`.
    #[inline(always)]
    fn subfield(&mut self) -> Option<()> {
        self.expect(b"{")?;
        self.skip_space();
        let &[b'"', code, b'"'] = self.record.get(self.at..)?.first_chunk()? else { return None };
        if !is_character(code) {
            return None;
        }
        self.at += 3;
        self.colon()?;
        self.expect(b"\"")?;
        self.put([SUBFIELD_DELIMITER, code])?;
        self.text()?;
        self.ends(b'}')?.then_some(())
    }

    /// Copies text up to its quotation mark, and passes over that.
    #[inline(always)]
    fn text(&mut self) -> Option<()> {
        loop {
            let Some(block) = self.record.get(self.at..)?.first_chunk::<BLOCK>() else {
                return self.last_text();
            };
            *self.out.get_mut(self.written..)?.first_chunk_mut()? = *block;
            let bytes = u8x16::new(*block);
            let stops = bytes.simd_eq(u8x16::splat(b'"'))
                | bytes.simd_eq(u8x16::splat(b'\\'))
                | bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
            let stops = stops.to_bitmask();
            if stops == 0 {
                (self.at, self.written) = (self.at + BLOCK, self.written + BLOCK);
                continue;
            }
            let length = stops.trailing_zeros() as usize;
            (self.at, self.written) = (self.at + length + 1, self.written + length);
            match self.record.get(self.at - 1)? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    /// The same near the end of the record, byte by byte.
    #[cold]
    fn last_text(&mut self) -> Option<()> {
        loop {
            let byte = *self.record.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                0..0x20 => return None,
                _ => self.put([byte])?,
            }
        }
    }

    /// What stands for another character; its backslash was passed over.
    #[inline(never)]
    fn escape(&mut self) -> Option<()> {
        let byte = *self.record.get(self.at)?;
        self.at += 1;
        let character = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 0x08,
            b'f' => 0x0C,
            b'u' => return self.number(),
            _ => return None,
        };
        self.put([character])
    }

    /// A character by its number in UTF-16.
    fn number(&mut self) -> Option<()> {
        let mut number = self.digits()?;
        if (0xD800..0xDC00).contains(&number) {
            self.expect(b"\\u")?;
            let low = self.digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
            number = 0x10000 + ((number - 0xD800) << 10) + low;
        }
        let character = char::from_u32(number).filter(|character| !is_delimiter(*character))?;
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            self.put([byte])?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<u32> {
        let digits: &[u8; 4] = self.record.get(self.at..)?.first_chunk()?;
        self.at += 4;
        digits.iter().try_fold(0, |number, &digit| Some(number << 4 | char::from(digit).to_digit(16)?))
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether a character would be a delimiter in a record.
pub(super) fn is_delimiter(character: char) -> bool {
    (char::from(RECORD_TERMINATOR)..=char::from(SUBFIELD_DELIMITER)).contains(&character)
}

#[inline(always)]
fn tag(bytes: [u8; 3]) -> Option<Tag> {
    let [a, b, c] = bytes;
    (is_character(a) & is_character(b) & is_character(c)).then(|| Tag::of_ascii(bytes))
}

/// Whether a character of ASCII stands in a string as it is.
#[inline(always)]
fn is_character(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\')
}
