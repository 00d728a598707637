//! Reads a record as pymarc does, if that needs no Python because nothing about the record requires a warning, a log
//! line or an error.

use super::visit::{Value, Visit};
use crate::charset::Charset;
use crate::charset::marc8;
use crate::iso2709::pymarc::{find_entries, split_field};
use crate::iso2709::{Entries, Entry, FIELD_TERMINATOR, SUBFIELD_DELIMITER, Tag, directory};

/// How the values of a record are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As UTF-8.
    Utf8,
    /// As MARC-8; control fields as ISO 8859-1.
    Marc8,
    /// Not at all: values stay bytes.
    Bytes,
}

/// Whether pymarc takes a tag for that of a control field.
pub fn is_control(tag: Tag) -> bool {
    let tag = tag.bytes();
    tag[0] == b'0' && tag[1] == b'0' && tag[2].is_ascii_digit()
}

/// The entries of a record that was found to be plain, so no fault is possible.
pub fn entries(record: &[u8]) -> Entries {
    let mut entries = Entries::new();
    if !directory::sound(record, &mut entries) {
        let _ = find_entries(record, &mut entries);
    }
    entries
}

/// The bytes of a field; empty if the entry points to nothing.
pub fn field_bytes<'a>(record: &'a [u8], entry: &Entry) -> &'a [u8] {
    let from = record.get(entry.start as usize..).unwrap_or_default();
    from.get(..entry.length as usize).unwrap_or_default()
}

/// Whether pymarc reads all fields without a warning, a log line or an error.
pub fn is_plain(record: &[u8], entries: &[Entry], rule: Rule, is_sound: bool) -> bool {
    let is_ascii = record.is_ascii();
    let text = if is_ascii || rule != Rule::Utf8 { None } else { Charset::Utf8.plain_text(record) };
    let codes_are_plain = is_ascii || has_plain_codes(record);
    // Fields of a sound record end in a terminator, which is never part of a character.
    let is_text = is_ascii || rule == Rule::Bytes || is_sound && text.is_some();
    if is_text && codes_are_plain && matches!(rule, Rule::Bytes | Rule::Utf8) {
        return entries.iter().fold(true, |all, entry| {
            all & (is_control(entry.tag) || begins_with_two_indicators(record, entry))
        });
    }
    entries.iter().all(|entry| {
        let bytes = field_bytes(record, entry);
        let (start, end) = (entry.start as usize, (entry.start + entry.length) as usize);
        let is_text = || match text {
            Some(text) => text.is_char_boundary(start) && text.is_char_boundary(end),
            None => std::str::from_utf8(bytes).is_ok(),
        };
        if is_control(entry.tag) {
            return is_ascii || rule != Rule::Utf8 || is_text();
        }
        has_two_indicators(bytes)
            && match rule {
                Rule::Bytes | Rule::Utf8 if is_ascii => true,
                Rule::Bytes => codes_are_plain || has_plain_codes(bytes),
                // A delimiter is never part of a character, so values are whole if the text is.
                Rule::Utf8 => is_text() && (codes_are_plain || has_plain_codes(bytes)),
                Rule::Marc8 => is_plain_marc8(bytes) || is_quiet_marc8(bytes),
            }
    })
}

fn begins_with_two_indicators(record: &[u8], entry: &Entry) -> bool {
    let Some(&[first, second, next]) = record.get(entry.start as usize..).and_then(<[u8]>::first_chunk)
    else {
        return has_two_indicators(field_bytes(record, entry));
    };
    let are_indicators =
        (first != SUBFIELD_DELIMITER) & (second != SUBFIELD_DELIMITER) & (first | second).is_ascii();
    are_indicators & ((entry.length == 2) | ((entry.length > 2) & (next == SUBFIELD_DELIMITER)))
}

fn has_two_indicators(bytes: &[u8]) -> bool {
    let is_indicator = |byte: u8| byte != SUBFIELD_DELIMITER && byte.is_ascii();
    match *bytes {
        [first, second] | [first, second, SUBFIELD_DELIMITER, ..] => {
            is_indicator(first) && is_indicator(second)
        }
        _ => false,
    }
}

/// Whether every code is ASCII.
fn has_plain_codes(bytes: &[u8]) -> bool {
    let after = bytes.get(1..).unwrap_or_default();
    bytes
        .iter()
        .zip(after)
        .fold(true, |all, (delimiter, code)| all & ((*delimiter != SUBFIELD_DELIMITER) | code.is_ascii()))
}

/// Whether pymarc reads this MARC-8 without a warning.
fn is_quiet_marc8(bytes: &[u8]) -> bool {
    let mut text = String::new();
    let (_, mut subfields) = split_field(bytes);
    subfields.all(|(code, value)| {
        text.clear();
        let mut noted = false;
        let read = marc8::pymarc::decode(value, &mut text, &mut |_| noted = true);
        code.is_ascii() && read.is_ok() && !noted
    })
}

/// Whether the bytes are ASCII without controls, which MARC-8 leaves unchanged.
fn is_plain_marc8(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, &byte| all & (matches!(byte, 0x20..=0x7E) | (byte == SUBFIELD_DELIMITER)))
}

/// Whether a delimiter is directly followed by another or by FT: pymarc omits such subfields.
pub fn has_empty_subfield(record: &[u8]) -> bool {
    record.iter().zip(record.get(1..).unwrap_or_default()).fold(false, |any, (delimiter, next)| {
        any | (*delimiter == SUBFIELD_DELIMITER)
            & ((*next == SUBFIELD_DELIMITER) | (*next == FIELD_TERMINATOR))
    })
}

/// Passes the parts of a record that is plain by `rule`, as pymarc has them: text before the first subfield, other
/// than indicators, and empty subfields are omitted.
pub fn visit<V: Visit>(record: &[u8], entries: &[Entry], rule: Rule, to: &mut V) -> Result<(), V::Stop> {
    for entry in entries {
        let bytes = field_bytes(record, entry);
        if is_control(entry.tag) {
            to.control(entry.tag.as_str(), control_value(bytes, rule))?;
            continue;
        }
        let (head, subfields) = split_field(bytes);
        let indicator = |place| head.get(place).and_then(|&byte| ascii(byte));
        to.data(entry.tag.as_str(), [0, 1].map(|place| indicator(place).unwrap_or(" ")), None)?;
        for (code, value) in subfields {
            to.subfield(ascii(code).unwrap_or("\u{FFFD}"), subfield_value(value, rule))?;
        }
        to.end()?;
    }
    Ok(())
}

/// A byte as text; `None` if it is not ASCII.
fn ascii(byte: u8) -> Option<&'static str> {
    const BYTES: [u8; 128] = {
        let mut bytes = [0; 128];
        let mut byte = 0;
        while byte < 128 {
            bytes[byte as usize] = byte;
            byte += 1;
        }
        bytes
    };
    const TEXT: &str = match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    };
    TEXT.get(usize::from(byte)..usize::from(byte) + 1)
}

fn control_value(bytes: &[u8], rule: Rule) -> Value<'_> {
    match rule {
        Rule::Bytes => Value::Bytes(bytes),
        Rule::Marc8 if !bytes.is_ascii() => Value::Text(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Rule::Utf8 | Rule::Marc8 => Value::Utf8(bytes),
    }
}

/// The value of a subfield of a record that is plain by `rule`.
pub fn subfield_value(bytes: &[u8], rule: Rule) -> Value<'_> {
    match rule {
        Rule::Bytes => Value::Bytes(bytes),
        Rule::Marc8 if !is_plain_marc8(bytes) => {
            let mut text = String::new();
            // There are no notes, or the record would not be plain.
            let _ = marc8::pymarc::decode(bytes, &mut text, &mut |_| {});
            Value::Text(text.into())
        }
        Rule::Utf8 | Rule::Marc8 => Value::Utf8(bytes),
    }
}
