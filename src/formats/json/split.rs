//! Where JSON can be split: between lines that are objects each.

use super::super::split::Split;

/// Whether each record is a line, by the first bytes of a source.
pub(in crate::formats) fn is_in_lines(first_bytes: &[u8]) -> bool {
    let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes).trim_ascii_start();
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    // A line that is longer than what is there is not one of many.
    line.starts_with(b"{") && (line.ends_with(b"}") || line.len() == text.len())
}

/// The first object at or after `from` that begins a line, after one that ends with an object.
pub(in crate::formats) fn next(bytes: &[u8], from: usize) -> Split {
    let mut searched = from;
    while let Some(place) = bytes.get(searched..).and_then(|rest| memchr::memchr(b'{', rest)) {
        let place = searched + place;
        let before = &bytes[..place];
        if let Some(line) = before.strip_suffix(b"\n")
            && line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"}")
        {
            return Split::At(place);
        }
        // The next one begins a line.
        searched = match memchr::memchr(b'\n', &bytes[place..]) {
            Some(end) => place + end,
            None => break,
        };
    }
    Split::Beyond(bytes.len().max(from))
}
