//! Tags and what else begins with `<`: where each ends, and the names and attributes in it.

use memchr::memmem;

/// Where something that begins with `<` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Before this place.
    At(usize),
    /// Beyond the bytes that are there.
    Beyond,
    /// Nowhere: it is not XML.
    Never,
}

/// The end of the tag that begins at `at`.
pub(super) fn tag_end(bytes: &[u8], at: usize) -> End {
    let mut from = at + 1;
    loop {
        let Some(rest) = bytes.get(from..) else { return End::Beyond };
        let Some(place) = rest.iter().position(|byte| matches!(byte, b'>' | b'<' | b'"' | b'\'')) else {
            return End::Beyond;
        };
        match rest[place] {
            b'>' => return End::At(from + place + 1),
            b'<' => return End::Never,
            quote => {
                let value = &rest[place + 1..];
                match memchr::memchr2(quote, b'<', value) {
                    Some(end) if value[end] == quote => from += place + 1 + end + 1,
                    Some(_) => return End::Never,
                    None => return End::Beyond,
                }
            }
        }
    }
}

/// The end of a declaration of a document type, with everything in its brackets.
pub(super) fn doctype_end(bytes: &[u8], at: usize) -> End {
    let (mut from, mut is_inside) = (at + 2, false);
    while let Some(&byte) = bytes.get(from) {
        from += 1;
        match byte {
            b'[' => is_inside = true,
            b']' => is_inside = false,
            b'>' if !is_inside => return End::At(from),
            b'"' | b'\'' => match memchr::memchr(byte, &bytes[from..]) {
                Some(place) => from += place + 1,
                None => return End::Beyond,
            },
            b'<' if bytes[from..].starts_with(b"!--") => match memmem::find(&bytes[from..], b"-->") {
                Some(place) => from += place + 3,
                None => return End::Beyond,
            },
            _ => {}
        }
    }
    End::Beyond
}

/// The name of an element at the beginning of these bytes.
pub(super) fn name(bytes: &[u8]) -> &[u8] {
    let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>' | b'<' | b'=');
    let end = bytes.iter().position(ends).unwrap_or(bytes.len());
    &bytes[..end]
}

/// A name in its prefix, which is mostly empty, and the rest.
pub(super) fn split_name(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(place) => (&name[..place], &name[place + 1..]),
        None => (&[], name),
    }
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    split_name(name).1
}

/// Whether an element with this name holds a part of a record.
pub(super) fn is_part(local: &[u8]) -> bool {
    matches!(local, b"leader" | b"controlfield" | b"datafield")
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The attributes in a tag, as they stand.
pub(super) fn attributes(tag: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = tag.get(1 + name(tag.get(1..).unwrap_or_default()).len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let equals = memchr::memchr(b'=', rest)?;
        let (name, value) = (rest[..equals].trim_ascii(), rest[equals + 1..].trim_ascii_start());
        let (&quote, value) = value.split_first()?;
        let end = memchr::memchr(quote, value)?;
        rest = &value[end + 1..];
        Some((name, &value[..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_ends_where_no_value_is_open() {
        for (tag, end) in [
            (&b"<record>"[..], End::At(8)),
            (b"<record type='>' id=\"'>\">", End::At(25)),
            (b"<record type=\"x><leader>", End::Never),
            (b"<record type=\"x>", End::Beyond),
            (b"<record <leader>", End::Never),
            (b"<record", End::Beyond),
        ] {
            assert_eq!(tag_end(tag, 0), end, "{}", tag.escape_ascii());
        }
    }

    #[test]
    fn a_document_type_ends_after_what_it_declares() {
        for (text, rest) in
            [(&b"<!DOCTYPE a>!"[..], &b"!"[..]), (b"<!DOCTYPE a [<!ENTITY x \"]>\"><!-- ' ]> -->]>!", b"!")]
        {
            let End::At(end) = doctype_end(text, 0) else { panic!("{}", text.escape_ascii()) };
            assert_eq!(&text[end..], rest);
        }
        assert_eq!(doctype_end(b"<!DOCTYPE a [<!ENTITY x '>", 0), End::Beyond);
    }

    #[test]
    fn attributes_are_read_in_either_quotes() {
        let tag = b"<marc:record type = 'x' xmlns:marc=\"y\">";
        assert_eq!(attributes(tag).collect::<Vec<_>>(), [(&b"type"[..], &b"x"[..]), (b"xmlns:marc", b"y")]);
        assert_eq!(split_name(name(&tag[1..])), (&b"marc"[..], &b"record"[..]));
    }
}
