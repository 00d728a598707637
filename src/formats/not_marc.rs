//! [`NotMarc`]: what a source is instead of MARC in ISO 2709, recognised by its first bytes.

use NotMarc::*;

use super::aleph;
use crate::iso2709::leader::LEADER_LENGTH;
use crate::iso2709::{RECORD_TERMINATOR, SUBFIELD_DELIMITER, number};

/// What a source is instead of MARC in ISO 2709.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotMarc {
    /// XML, which may be MARCXML.
    Xml,
    /// HTML, often an error page in place of a download.
    WebPage,
    /// JSON, which may be MARC-in-JSON.
    Json,
    /// MARC as text in the form of MARCMaker and MarcEdit: `=245  10$aTitle`.
    Maker,
    /// MARC as lines of text, as programs show it: `245 10 $a Title`.
    Lines,
    /// The sequential format of Aleph: `000000001 24510 L $$aTitle`.
    Aleph,
    /// MicroLIF: `24510_aTitle^`.
    MicroLif,
    /// MAB2: fields without a directory.
    Mab,
    /// An export of CDS/ISIS with `#` as delimiters, mostly broken into lines.
    Isis,
    /// MARC that has lost its delimiters.
    WithoutDelimiters,
    /// An SQL script.
    Sql,
    /// Text, and nothing else.
    Text,
    /// Text in UTF-16.
    Utf16,
    /// Text in EBCDIC.
    Ebcdic,
    /// Compressed, and then compressed again.
    CompressedTwice,
    /// An archive, or compressed in a way that is not read: the sentence says which.
    Packed(&'static str),
    /// A document or a table: the sentence says which.
    Other(&'static str),
}

impl NotMarc {
    /// A sentence, without full stop, that says what it is and what to do with it.
    pub fn sentence(self) -> &'static str {
        match self {
            Xml => "this is XML; if it is MARCXML, it is read as that",
            WebPage => "this is a web page; if it was downloaded, open the address in a browser to see why",
            Json => "this is JSON; if it is MARC-in-JSON, it is read as that",
            Maker => {
                "this is MARC as text in MarcEdit's form (.mrk); with no other format named, it is read as that"
            }
            Lines => {
                "this is MARC as lines of text, made to be looked at; get the records themselves, as ISO 2709"
            }
            Aleph => {
                "this is Aleph sequential, MARC as lines of text; with no other format named, it is read as that"
            }
            MicroLif => "this is MicroLIF, MARC as lines of text; convert it to ISO 2709 first",
            Mab => {
                "this is MAB2, which has no directory; convert it to MARC first, for example with Catmandu"
            }
            Isis => {
                "this is an export of CDS/ISIS with # for delimiters; export it again with those of ISO 2709, and without line breaks"
            }
            WithoutDelimiters => {
                "the first record's delimiters are missing: it was opened and saved as text; get the file again"
            }
            Sql => "this is SQL; if it is from a library system, export the records from that as ISO 2709",
            Text => "this is text, without one delimiter of MARC; there are no records in it to read",
            Utf16 => {
                "this is text in UTF-16, which MARC never is; if it was MARC, it was opened and saved as text: get it again"
            }
            Ebcdic => "this is in EBCDIC; convert it to ASCII first, or fetch it again in binary mode",
            CompressedTwice => "this is compressed twice; decompress it once first",
            Packed(sentence) | Other(sentence) => sentence,
        }
    }

    /// Whether there may be records of MARC in it, which are not read.
    pub(crate) fn may_hold_marc(self) -> bool {
        matches!(self, Packed(_) | CompressedTwice | MicroLif | Mab | Isis | WithoutDelimiters)
    }

    /// What a (decompressed) source is whose first item is not a record, by its first bytes; a few hundred are
    /// enough. `None` if they might be MARC, or anything else.
    pub fn of(first_bytes: &[u8]) -> Option<NotMarc> {
        if is_office(first_bytes) {
            return Some(Other("this is a document of an Office program"));
        }
        if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| first_bytes.starts_with(magic)) {
            return Some(*kind);
        }
        // POSIX 1003.1, "ustar Interchange Format": the magic field.
        if first_bytes.get(257..262) == Some(b"ustar") {
            return Some(Packed("this is a tar archive; unpack it first"));
        }
        if first_bytes.starts_with(b"\xFF\xFE") || first_bytes.starts_with(b"\xFE\xFF") {
            return Some(Utf16);
        }
        let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes).trim_ascii_start();
        let shown = &text[..text.len().min(SHOWN)];
        match text {
            [b'<', ..] => Some(angle(shown)),
            [b'{' | b'[', rest @ ..] => {
                matches!(rest.trim_ascii_start(), [b'"' | b'{' | b'[' | b'}' | b']', ..]).then_some(Json)
            }
            [b'=' | b'#', ..] if is_maker(text) => Some(Maker),
            [a, 0, b, 0, c, 0, ..] if [a, b, c].iter().all(|byte| byte.is_ascii_graphic()) => Some(Utf16),
            [0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, ..] => Some(Ebcdic),
            _ if is_microlif(shown) => Some(MicroLif),
            _ if text.starts_with(b"LDR") || text.starts_with(b"LEADER ") => Some(Lines),
            _ if aleph::is_aleph(text) => Some(Aleph),
            _ if is_sql(shown) => Some(Sql),
            _ => leader_as_text(text).or_else(|| is_text(shown).then_some(Text)),
        }
    }
}

/// The number of bytes of text examined.
const SHOWN: usize = 512;

/// Magic bytes.
const MAGIC: &[(&[u8], NotMarc)] = &[
    (b"PK\x03\x04", Packed("this is a zip archive; unpack it first")),
    (b"PK\x05\x06", Other("this is an empty zip archive")),
    (b"Rar!\x1A\x07", Packed("this is a RAR archive; unpack it first")),
    (b"7z\xBC\xAF\x27\x1C", Packed("this is a 7-Zip archive; unpack it first")),
    (b"\x1F\x8B", CompressedTwice),
    (b"\x28\xB5\x2F\xFD", CompressedTwice),
    (b"\xFD7zXZ\x00", CompressedTwice),
    (b"BZh", CompressedTwice),
    (b"\x1F\x9D", Packed("this is compressed by compress (.Z); decompress it with: uncompress FILE")),
    (b"\x04\x22\x4D\x18", Packed("this is compressed by lz4; decompress it with: lz4 -d FILE")),
    (b"LZIP", Packed("this is compressed by lzip; decompress it with: lzip -d FILE")),
    (b"\x5D\x00\x00", Packed("this is compressed by lzma; decompress it with: xz --format=lzma -d FILE")),
    (b"\xFF\x06\x00\x00sNaPpY", Packed("this is compressed by snappy; decompress it first")),
    (b"\x89PNG", Other("this is an image")),
    (b"\xFF\xD8\xFF", Other("this is an image")),
    (b"GIF8", Other("this is an image")),
    (b"\0\0\0\x01Bud1", Other("this is what macOS keeps of a folder")),
    (b"%PDF-", Other("this is a PDF document; there are no records in it to read")),
    (b"SQLite format 3\0", Other("this is an SQLite database; read it with sqlite3")),
    (b"PAR1", Other("this is a Parquet file; read it with polars, DuckDB or pyarrow")),
    (b"ARROW1", Other("this is an Arrow file; read it with polars or pyarrow")),
    (b"Obj\x01", Other("this is an Avro file; read it with polars or fastavro")),
    (b"\x89HDF", Other("this is an HDF5 file")),
    (b"\xD0\xCF\x11\xE0", Other("this is a document of an older Office program")),
    (b"{\\rtf", Other("this is a document in rich text, not MARC")),
    (
        b"version https://git-lfs",
        Other("this is a pointer of Git LFS, not the file; get it with: git lfs pull"),
    ),
    (b"\x93NUMPY", Other("this is a NumPy array")),
    (b"\x80\x04\x95", Other("this is a Python pickle")),
    (b"@prefix", Other("this is RDF (Turtle), not MARC")),
    (b"TY  - ", Other("this is RIS, not MARC; a reference manager reads it")),
];

/// What begins with `<`.
fn angle(text: &[u8]) -> NotMarc {
    let first = text.to_ascii_lowercase();
    if first.starts_with(b"<!doctype html") || holds(&first, b"<html") { WebPage } else { Xml }
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}

fn is_tag(tag: [u8; 3]) -> bool {
    tag == *b"LDR" || tag == *b"FMT" || tag.iter().all(u8::is_ascii_digit)
}

/// `=LDR  00000nam…`, after comments that begin with `#`.
fn is_maker(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty());
    match first {
        Some([b'=', b'L', b'D', b'R', b' ' | b'\t', ..]) => true,
        Some([b'=', a, b, c, b' ', b' ', ..]) => is_tag([*a, *b, *c]),
        _ => false,
    }
}

/// `LDR00180nam  22…4500^`, on the first line or the one after a heading.
fn is_microlif(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
    lines.by_ref().take(2).any(|line| {
        line.strip_prefix(b"LDR")
            .and_then(|rest| rest.get(..5))
            .is_some_and(|length| number(length).is_some())
            && line.ends_with(b"^")
    })
}

fn is_sql(text: &[u8]) -> bool {
    let first = text.to_ascii_lowercase();
    let begins =
        [&b"--"[..], b"/*", b"\\set ", b"set ", b"begin", b"insert ", b"create ", b"copy ", b"drop "];
    begins.iter().any(|word| first.starts_with(word))
        && [&b"insert into "[..], b"create table ", b"copy "].iter().any(|word| holds(&first, word))
}

/// What begins like a leader but continues unlike a record.
fn leader_as_text(text: &[u8]) -> Option<NotMarc> {
    let (leader, rest) = text.split_at_checked(LEADER_LENGTH)?;
    if !leader[..5].iter().all(u8::is_ascii_digit) || !leader.iter().all(|o| (0x20..0x7F).contains(o)) {
        return None;
    }
    if leader[6..10] == *b"M2.0" {
        return Some(Mab);
    }
    let line = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"));
    if let Some([a, b, c, b' ', ..]) = line {
        return is_tag([*a, *b, *c]).then_some(Lines);
    }
    let base = number(&leader[12..17])? as usize;
    let unbroken = text.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    if base > LEADER_LENGTH && unbroken.copied().nth(base - 1) == Some(b'#') {
        return Some(Isis);
    }
    // A record that is cut within its directory has no delimiter yet.
    let has_data = is_like_leader(text) && base > LEADER_LENGTH && text.len() > base + 24;
    let shown = &text[..text.len().min(base.saturating_add(SHOWN))];
    (has_data && !shown.iter().any(is_delimiter)).then_some(WithoutDelimiters)
}

fn is_delimiter(byte: &u8) -> bool {
    (RECORD_TERMINATOR..=SUBFIELD_DELIMITER).contains(byte)
}

/// The two fixed numbers of a leader; one of them is enough.
fn is_like_leader(text: &[u8]) -> bool {
    text.get(10..12) == Some(b"22") || text.get(20..22) == Some(b"45")
}

/// Whether this is the beginning of a zip archive whose first file is that of a document (OOXML, OpenDocument).
fn is_office(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 6] =
        [b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"_rels/", b"docProps/", b"xl/", b"word/"];
    let name = bytes.strip_prefix(b"PK\x03\x04").and_then(|header| header.get(26..)).unwrap_or_default();
    NAMES.iter().any(|known| name.starts_with(known))
}

/// Text in any encoding that does not begin like a leader.
fn is_text(text: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C);
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    text.len() >= LEADER_LENGTH
        && !is_like_leader(text)
        && !text.iter().any(is_control)
        && text.iter().any(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_other_files_are() {
        let mut tar = vec![0u8; 512];
        tar[..8].copy_from_slice(b"dump.mrc");
        tar[257..262].copy_from_slice(b"ustar");
        let in_lines = |bytes: &[u8]| bytes.chunks(40).collect::<Vec<_>>().join(&b"\r\n"[..]);
        let without_delimiters = b"00975nam a2200061 i 4500001000600000245002000006650000900026  A title whose delimiters are gone".to_vec();
        let utf16: Vec<u8> = "00714cam".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (name, bytes, says) in [
            ("MARCXML", &b"<?xml version=\"1.0\"?>\n<collection>"[..], "MARCXML"),
            ("MARCXML after a byte order mark", b"\xEF\xBB\xBF\n<collection xmlns=\"", "MARCXML"),
            ("a web page", b"<!DOCTYPE html>\n<html><head>", "web page"),
            ("an error page in XHTML", b"<?xml version='1.0'?>\n<html xmlns=", "web page"),
            ("MARC-in-JSON", b"{\"leader\":\"01471cjm", "JSON"),
            ("a JSON list", b"[\n  {\"leader\"", "JSON"),
            ("MarcEdit", b"=LDR  00714cam  2200205 a 4500\n=001  12883376", "MarcEdit"),
            ("MarcEdit, after comments", b"# Records\n#\n\n=001  12883376\n", "MarcEdit"),
            ("line format", b"LDR   00714cam a2200205 a 4500", "lines of text"),
            ("line format of yaz", b"00714cam  2200205 a 4500\n001 12883376\n", "lines of text"),
            ("line format of Alma", b"LDR\xE2\x80\xA102558cmm  2200529Ii 4500^\n001", "lines of text"),
            ("MicroLIF", b"LDR01031nas a2200337 c 4500^\n001987874829^\n", "MicroLIF"),
            (
                "MicroLIF with a heading",
                b"20 records       \r\n\r\nLDR00180nam  22     2  4500^\r\n0",
                "MicroLIF",
            ),
            ("MAB2", b"00069nM2.01200024      h001 X1\x1E331 Titel\x1E\x1D", "MAB2"),
            ("CDS/ISIS", b"000550000000000490004500001000200000002000300002#<# <##\n", "CDS/ISIS"),
            (
                "CDS/ISIS in lines",
                &in_lines(b"000790000000000730004500001000200000002000300002003000300005004000300008#<# <##"),
                "CDS/ISIS",
            ),
            ("SQL", b"-- PostgreSQL database dump\n\nCREATE TABLE biblio (id int, marc bytea);", "SQL"),
            ("a table", b"id,title,author\n1,Title,Author\n2,Title,Author\n", "text"),
            ("a table that begins with digits", b"12345,Title,Author\n12346,Title,Author\n", "text"),
            ("saved by an editor", &without_delimiters, "delimiters are missing"),
            ("Aleph sequential, with its format", b"987874829 FMT   L BK\n987874829 LDR", "Aleph"),
            (
                "Aleph sequential of Alma",
                b"990017782740205171 005   20200506\n990017782740205171 035   $$a1\n",
                "Aleph",
            ),
            ("Aleph sequential", b"000000001 LDR   L 00000nam^a2200000", "Aleph"),
            ("zip", b"PK\x03\x04\x14\0\0\0", "unpack it first"),
            ("tar", &tar, "tar archive; unpack it first"),
            ("PDF", b"%PDF-1.7\n", "PDF"),
            ("Parquet", b"PAR1\x15\x04", "Parquet"),
            ("SQLite", b"SQLite format 3\0", "sqlite3"),
            ("UTF-16 with its mark", b"\xFF\xFE0\x000\x00", "UTF-16"),
            ("UTF-16 without", &utf16, "UTF-16"),
            ("EBCDIC", b"\xF0\xF0\xF7\xF1\xF4\x83\x81\x94", "EBCDIC"),
            ("gzip in gzip", b"\x1F\x8B\x08\x00", "twice"),
            ("Git LFS", b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        ] {
            let found = NotMarc::of(bytes).unwrap_or_else(|| panic!("{name} is not recognised")).sentence();
            assert!(found.contains(says), "{name}: {found}");
        }
    }

    #[test]
    fn says_nothing_of_damaged_marc() {
        const RECORD: &[u8] = b"00043cam a2200037 a 4500001000500000\x1e1234\x1e\x1d";
        for (name, bytes) in [
            ("a sound record", RECORD.to_vec()),
            ("after a byte order mark", [b"\xEF\xBB\xBF", RECORD].concat()),
            ("after line breaks", [b"\r\n\r\n", RECORD].concat()),
            ("cut at its start", RECORD[7..].to_vec()),
            ("cut in its leader", RECORD[..20].to_vec()),
            (
                "cut in its directory",
                [&b"00900cam a2200400 a 4500"[..], &b"001000500000".repeat(12)].concat(),
            ),
            ("a long directory", [&b"00900cam a2200700 a 4500"[..], &b"001000500000".repeat(55)].concat()),
            ("zero bytes", vec![0; 600]),
            ("nothing", Vec::new()),
            ("one byte", b"0".to_vec()),
            ("digits", b"0123456789".repeat(100)),
            ("an equals sign", b"= 00043cam a2200037".to_vec()),
            ("a bracket", b"[00043cam a2200037".to_vec()),
        ] {
            assert_eq!(NotMarc::of(&bytes), None, "{name}");
        }
    }

    #[test]
    fn any_bytes_at_all_are_looked_at_without_harm() {
        for first in 0..=255u8 {
            for length in 0..40 {
                let _ = NotMarc::of(&vec![first; length]);
            }
        }
    }
}
