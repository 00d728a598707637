//! Made-up, realistic bibliographic records, to measure and to try things on.
//!
//! Record number `n` is the same on every machine and in every release that does not say otherwise: it
//! depends on `n` alone. Records have 15 to 35 fields (066 not counted). A third of them has text beyond ASCII; those in Cyrillic, Greek, East
//! Asian, Arabic and Hebrew script have 880 fields beside the romanised ones. The same records can be
//! had in UTF-8, composed (NFC), and in MARC-8, whose text differs in nothing.
//!
//! ```
//! use mrrc::fixture::{Encoding, records};
//!
//! let first = records(1, Encoding::Utf8).next().unwrap_or_default();
//! assert_eq!(first[..5], *format!("{:05}", first.len()).as_bytes());
//! ```

mod catalogue;
mod random;
mod text;
#[rustfmt::skip]
mod words;
mod work;

#[cfg(test)]
mod tests;

use std::io;

use self::catalogue::Draft;
use self::work::Work;
use crate::charset::marc8;
use crate::iso2709::SUBFIELD_DELIMITER;
use crate::iso2709::encode::encode;

/// How the text of the records is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, leader/09 = `a`.
    Utf8,
    /// MARC-8, leader/09 blank, with 066 where a record needs sets beside ASCII and ANSEL.
    Marc8,
}

/// Appends record `number`, counted from 0.
pub fn append_record(number: u64, encoding: Encoding, out: &mut Vec<u8>) {
    let Draft { mut leader, fields, .. } = catalogue::describe(&mut Work::new(number));
    let written = match encoding {
        Encoding::Utf8 => encode(&leader, borrowed(&fields), out),
        Encoding::Marc8 => {
            leader[9] = b' ';
            encode(&leader, borrowed(&marc8_fields(fields)), out)
        }
    };
    assert!(written.is_ok(), "record {number}: {written:?}");
}

/// The first `count` records.
pub fn records(count: u64, encoding: Encoding) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |number| {
        let mut record = Vec::with_capacity(2_048);
        append_record(number, encoding, &mut record);
        record
    })
}

/// Writes the first `count` records one behind the other, in pieces of some 64 KiB; says how many bytes.
pub fn write(count: u64, encoding: Encoding, to: &mut impl io::Write) -> io::Result<u64> {
    const PIECE: usize = 1 << 16;
    let mut bytes = 0;
    let mut piece = Vec::with_capacity(PIECE + 8_192);
    for number in 0..count {
        append_record(number, encoding, &mut piece);
        if piece.len() >= PIECE || number + 1 == count {
            to.write_all(&piece)?;
            bytes += piece.len() as u64;
            piece.clear();
        }
    }
    to.flush()?;
    Ok(bytes)
}

fn borrowed<'a, V>(fields: &'a [(&'static str, V)]) -> impl Iterator<Item = (&'static str, &'a V)> + Clone {
    fields.iter().map(|(tag, value)| (*tag, value))
}

/// Each subfield on its own, as MARC-8 wants it; and 066 for the sets that were needed.
fn marc8_fields(fields: Vec<(&'static str, String)>) -> Vec<(&'static str, Vec<u8>)> {
    let mut sets: Vec<[u8; 2]> = Vec::new();
    let mut out: Vec<(&str, Vec<u8>)> = Vec::with_capacity(fields.len() + 1);
    for (tag, text) in fields {
        if text.is_ascii() {
            out.push((tag, text.into_bytes()));
            continue;
        }
        let mut bytes = Vec::with_capacity(text.len());
        for (number, value) in text.split(char::from(SUBFIELD_DELIMITER)).enumerate() {
            if number > 0 {
                bytes.push(SUBFIELD_DELIMITER);
            }
            append_marc8(value, &mut bytes);
        }
        designated(&bytes, &mut sets);
        out.push((tag, bytes));
    }
    if !sets.is_empty() {
        let mut field = b"  ".to_vec();
        for set in sets {
            field.extend_from_slice(b"\x1fc");
            field.extend_from_slice(&set);
        }
        let place = out.iter().position(|(tag, _)| *tag > "066").unwrap_or(out.len());
        out.insert(place, ("066", field));
    }
    out
}

fn append_marc8(text: &str, out: &mut Vec<u8>) {
    let written = marc8::encode(text, out);
    assert!(written.is_ok(), "{text}: {written:?}");
}

/// The sets that escape sequences put in the place of ASCII and ANSEL, as 066 names them: `(N`, `)Q`, `$1`.
fn designated(bytes: &[u8], sets: &mut Vec<[u8; 2]>) {
    const ESCAPE: u8 = 0x1B;
    let is_other = |bytes: &&[u8]| bytes[0] == ESCAPE && !matches!(&bytes[1..], b"(B" | b")!");
    for escape in bytes.windows(3).filter(is_other) {
        let set = [escape[1], escape[2]];
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
}
