//! MARCXML: the elements of MARC 21 slim without a prefix, and nothing between them, so that a record is one line.

use super::{Form, Place};
use crate::forms::{Expressible, STRAY_CODE};

/// The form of MARCXML.
#[derive(Debug)]
pub(crate) struct Marcxml;

impl Form for Marcxml {
    const LEADER: [&'static [u8]; 2] = [b"<record><leader>", b"</leader>"];
    const CONTROL: [&'static [u8]; 3] = [b"<controlfield tag=\"", b"\">", b"</controlfield>"];
    const DATA: [&'static [u8]; 4] = [b"<datafield tag=\"", b"\" ind1=\"", b"\" ind2=\"", b"\">"];
    const SUBFIELD: [&'static [u8]; 3] = [b"<subfield code=\"", b"\">", b"</subfield>"];
    const END_DATA: &'static [u8] = b"</datafield>";
    const END: &'static [u8] = b"</record>";
    const HAS_COMMAS: bool = false;
    const SHOWS_BLANKS: bool = false;
    const STRAY_CODE: Option<&'static str> = Some(STRAY_CODE);
    /// Markup, and what U+FFFE and U+FFFF begin with.
    const MARKED: &'static [u8] = b"&<>\xEF";
    const REPLACEMENT: char = '\u{FFFD}';

    fn spell(character: char, place: Place, out: &mut Vec<u8>) -> bool {
        let own = &mut [0; 4];
        let spelling: &[u8] = match (character, place) {
            ('&', _) => b"&amp;",
            ('<', _) => b"&lt;",
            ('>', _) => b"&gt;",
            // A reader would make a line feed or a blank of these, and a line feed would end the record's line.
            ('\r', _) => b"&#13;",
            ('\n', _) => b"&#10;",
            ('\t', Place::Name) => b"&#9;",
            ('"', Place::Name) => b"&quot;",
            (other, _) if !Expressible::Xml.has(other) => return false,
            (other, _) => other.encode_utf8(own).as_bytes(),
        };
        out.extend_from_slice(spelling);
        true
    }
}
