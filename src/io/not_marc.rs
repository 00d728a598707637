//! What bytes are that are no MARC: a first look, for a message that helps.

const MARCXML: &str = "this is XML; if it is MARCXML, convert it with: yaz-marcdump -i marcxml -o marc FILE";
const JSON: &str = "this is JSON; if it is MARC-in-JSON, convert it with: yaz-marcdump -i json -o marc FILE";
const MAKER: &str = "this is MARC as text in MarcEdit's form (.mrk); convert it with MarcEdit's MARCMaker, or with a \
     program that reads MRK";
const LINE: &str = "this is MARC as lines of text; convert it with: yaz-marcdump -i line -o marc FILE";
const ALEPH: &str = "this is MARC as lines of text (Aleph sequential); convert it to ISO 2709 first, for example with Catmandu";
const HTML: &str = "this is a web page; if it was downloaded, open the address in a browser to see why";
const UTF16: &str = "this is text in UTF-16, which MARC never is; if it was MARC, it was opened and saved as text: get it again";
const EBCDIC: &str = "this is in EBCDIC; convert it to ASCII first, or fetch it again in binary mode";
const TEXT_MODE: &str =
    "the first record's delimiters are missing: it was opened and saved as text; get the file again";
const TWICE: &str = "this is compressed twice; decompress it once first";

/// Bytes at the very beginning that tell what it is.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "this is a zip archive; unpack it first"),
    (b"PK\x05\x06", "this is an empty zip archive"),
    (b"Rar!\x1A\x07", "this is a RAR archive; unpack it first"),
    (b"7z\xBC\xAF\x27\x1C", "this is a 7-Zip archive; unpack it first"),
    (b"\x1F\x8B", TWICE),
    (b"\x28\xB5\x2F\xFD", TWICE),
    (b"\xFD7zXZ\x00", TWICE),
    (b"BZh", TWICE),
    (b"\x1F\x9D", "this is compressed by compress (.Z); decompress it with: uncompress FILE"),
    (b"\x04\x22\x4D\x18", "this is compressed by lz4; decompress it with: lz4 -d FILE"),
    (b"LZIP", "this is compressed by lzip; decompress it with: lzip -d FILE"),
    (b"\x5D\x00\x00", "this is compressed by lzma; decompress it with: xz --format=lzma -d FILE"),
    (b"\xFF\x06\x00\x00sNaPpY", "this is compressed by snappy; decompress it first"),
    (b"%PDF-", "this is a PDF document; there are no records in it to read"),
    (b"SQLite format 3\0", "this is an SQLite database; read it with sqlite3"),
    (b"PAR1", "this is a Parquet file; read it with polars, DuckDB or pyarrow"),
    (b"ARROW1", "this is an Arrow file; read it with polars or pyarrow"),
    (b"Obj\x01", "this is an Avro file; read it with polars or fastavro"),
    (b"\x89HDF", "this is an HDF5 file"),
    (b"\xD0\xCF\x11\xE0", "this is a document of an older Office program"),
    (b"{\\rtf", "this is a document in rich text, not MARC"),
    (b"version https://git-lfs", "this is a pointer of Git LFS, not the file; get it with: git lfs pull"),
    (b"\x93NUMPY", "this is a NumPy array"),
    (b"\x80\x04\x95", "this is a Python pickle"),
    (b"@prefix", "this is RDF (Turtle), not MARC"),
    (b"TY  - ", "this is RIS, not MARC; a reference manager reads it"),
];

/// What bytes are that do not begin like MARC in ISO 2709, and what to do with them, as a sentence;
/// `None` if it is not known.
///
/// Meant for the beginning of a (decompressed) source whose first item is no record: some 512 bytes.
pub fn not_marc(first_bytes: &[u8]) -> Option<&'static str> {
    if let Some((_, meaning)) = MAGIC.iter().find(|(magic, _)| first_bytes.starts_with(magic)) {
        return Some(meaning);
    }
    // POSIX 1003.1, "ustar Interchange Format": the magic field.
    if first_bytes.get(257..262) == Some(b"ustar") {
        return Some("this is a tar archive; unpack it first");
    }
    if first_bytes.starts_with(b"\xFF\xFE") || first_bytes.starts_with(b"\xFE\xFF") {
        return Some(UTF16);
    }
    let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes).trim_ascii_start();
    match text {
        [b'<', ..] => Some(angle(text)),
        [b'{' | b'[', rest @ ..] => {
            matches!(rest.trim_ascii_start(), [b'"' | b'{' | b'[' | b'}' | b']', ..]).then_some(JSON)
        }
        [b'=', a, b, c, b' ', ..] if is_tag([*a, *b, *c]) => Some(MAKER),
        [b'L', b'D', b'R', b' ' | b'\t' | b'=' | b':', ..] => Some(LINE),
        _ if text.starts_with(b"LEADER ") => Some(LINE),
        _ if is_aleph(text) => Some(ALEPH),
        [a, 0, b, 0, c, 0, ..] if [a, b, c].iter().all(|byte| byte.is_ascii_graphic()) => Some(UTF16),
        [0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, 0xF0..=0xF9, ..] => Some(EBCDIC),
        _ => leader_as_text(text),
    }
}

/// What begins with `<`.
fn angle(text: &[u8]) -> &'static str {
    let first = text[..text.len().min(512)].to_ascii_lowercase();
    let holds = |word: &[u8]| first.windows(word.len()).any(|window| window == word);
    if first.starts_with(b"<!doctype html") || holds(b"<html") { HTML } else { MARCXML }
}

fn is_tag(tag: [u8; 3]) -> bool {
    tag == *b"LDR" || tag.iter().all(u8::is_ascii_digit)
}

/// `000000001 LDR   L 00000nam…` or `000000001 24510 L …`.
fn is_aleph(text: &[u8]) -> bool {
    match text {
        number if number.len() > 18 => {
            number[..9].iter().all(u8::is_ascii_digit)
                && number[9] == b' '
                && is_tag([number[10], number[11], number[12]])
                && &number[15..18] == b" L "
        }
        _ => false,
    }
}

/// A leader with a line break behind it, or a record that lost its delimiters.
fn leader_as_text(text: &[u8]) -> Option<&'static str> {
    let (leader, rest) = text.split_at_checked(24)?;
    if !leader[..5].iter().all(u8::is_ascii_digit) || !leader.iter().all(|o| (0x20..0x7F).contains(o)) {
        return None;
    }
    let line = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"));
    if let Some([a, b, c, b' ', ..]) = line {
        return is_tag([*a, *b, *c]).then_some(LINE);
    }
    let shown = &text[..text.len().min(512)];
    (shown.len() == 512 && !shown.iter().any(|byte| matches!(byte, 0x1D..=0x1F))).then_some(TEXT_MODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_other_files_are() {
        let mut tar = vec![0u8; 512];
        tar[..8].copy_from_slice(b"dump.mrc");
        tar[257..262].copy_from_slice(b"ustar");
        let utf16: Vec<u8> = "00714cam".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (name, bytes, says) in [
            ("MARCXML", &b"<?xml version=\"1.0\"?>\n<collection>"[..], "marcxml"),
            ("MARCXML behind a byte order mark", b"\xEF\xBB\xBF\n<collection xmlns=\"", "marcxml"),
            ("a web page", b"<!DOCTYPE html>\n<html><head>", "web page"),
            ("an error page in XHTML", b"<?xml version='1.0'?>\n<html xmlns=", "web page"),
            ("MARC-in-JSON", b"{\"leader\":\"01471cjm", "json"),
            ("a JSON list", b"[\n  {\"leader\"", "json"),
            ("MarcEdit", b"=LDR  00714cam  2200205 a 4500\n=001  12883376", "MarcEdit"),
            ("line format", b"LDR   00714cam a2200205 a 4500", "yaz-marcdump -i line"),
            ("line format of yaz", b"00714cam  2200205 a 4500\n001 12883376\n", "yaz-marcdump -i line"),
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
            let found = not_marc(bytes).unwrap_or_else(|| panic!("{name} is not recognised"));
            assert!(found.contains(says), "{name}: {found}");
        }
    }

    #[test]
    fn says_nothing_of_damaged_marc() {
        const RECORD: &[u8] = b"00043cam a2200037 a 4500001000500000\x1e1234\x1e\x1d";
        for (name, bytes) in [
            ("a sound record", RECORD.to_vec()),
            ("behind a byte order mark", [b"\xEF\xBB\xBF", RECORD].concat()),
            ("behind line breaks", [b"\r\n\r\n", RECORD].concat()),
            ("cut at its start", RECORD[7..].to_vec()),
            ("zero bytes", vec![0; 600]),
            ("nothing", Vec::new()),
            ("one byte", b"0".to_vec()),
            ("an equals sign", b"= 00043cam a2200037".to_vec()),
            ("a bracket", b"[00043cam a2200037".to_vec()),
        ] {
            assert_eq!(not_marc(&bytes), None, "{name}");
        }
    }

    #[test]
    fn any_bytes_at_all_are_looked_at_without_harm() {
        for first in 0..=255u8 {
            for length in 0..40 {
                let _ = not_marc(&vec![first; length]);
            }
        }
    }
}
