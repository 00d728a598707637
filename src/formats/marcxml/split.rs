//! Where a document can be split: before a `record` that holds a part of a record of MARC and is in no comment and no
//! CDATA section, as far as the bytes before it tell.

use memchr::memmem;

use super::super::split::{BEFORE, Split};
use super::tags::{End, is_part, is_space, local, name, tag_end};

const WORD: &[u8] = b"record";
/// The longest prefix, with its colon.
const LONGEST_PREFIX: usize = 64;

/// The first such place at or after `from`.
pub(in crate::formats) fn next(bytes: &[u8], from: usize) -> Split {
    let mut searched = from;
    while let Some(place) = bytes.get(searched..).and_then(|rest| memmem::find(rest, WORD)) {
        let word = searched + place;
        searched = word + WORD.len();
        let before = &bytes[from.max(word.saturating_sub(LONGEST_PREFIX))..word];
        let Some(prefix) = before.iter().rev().position(|&byte| byte == b'<') else { continue };
        let begin = word - prefix - 1;
        if local(name(&bytes[begin + 1..])) != WORD {
            continue;
        }
        match holds_part(bytes, begin) {
            Some(true) if !is_hidden(&bytes[begin.saturating_sub(BEFORE)..begin]) => return Split::At(begin),
            Some(_) => {}
            None => return Split::Beyond(begin),
        }
    }
    Split::Beyond(bytes.len().saturating_sub(LONGEST_PREFIX + WORD.len()).max(from))
}

/// Whether the element that begins at `at` begins with a part of a record; `None` if that is beyond these bytes.
fn holds_part(bytes: &[u8], at: usize) -> Option<bool> {
    let mut at = match tag_end(bytes, at) {
        End::At(end) => end,
        End::Never => return Some(false),
        End::Beyond => return None,
    };
    loop {
        at += bytes[at..].iter().take_while(|&&byte| is_space(byte)).count();
        let rest = &bytes[at..];
        if !b"<!--".starts_with(&rest[..rest.len().min(4)]) {
            break;
        }
        at += memmem::find(rest, b"-->")? + 3;
    }
    match &bytes[at..] {
        [b'<', rest @ ..] => {
            let name = name(rest);
            (name.len() < rest.len()).then(|| is_part(local(name)))
        }
        _ => Some(false),
    }
}

/// Whether what follows these bytes is in a comment or a CDATA section.
fn is_hidden(before: &[u8]) -> bool {
    let is_open = |begin: &[u8], end: &[u8]| {
        let inside = memmem::rfind(before, begin).map(|place| &before[place + begin.len()..]);
        inside.is_some_and(|inside| memmem::find(inside, end).is_none())
    };
    // No comment has `--` in it.
    is_open(b"<!--", b"--") || is_open(b"<![CDATA[", b"]]>")
}
