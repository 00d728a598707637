//! MARC-in-JSON, compact and in UTF-8.

use super::{Form, Place};
use crate::forms::STRAY_CODE;

/// The form of MARC-in-JSON.
#[derive(Debug)]
pub(crate) struct MarcInJson;

impl Form for MarcInJson {
    const LEADER: [&'static [u8]; 2] = [b"{\"leader\":\"", b"\",\"fields\":["];
    const CONTROL: [&'static [u8]; 3] = [b"{\"", b"\":\"", b"\"},"];
    const DATA: [&'static [u8]; 4] = [b"{\"", b"\":{\"ind1\":\"", b"\",\"ind2\":\"", b"\",\"subfields\":["];
    const SUBFIELD: [&'static [u8]; 3] = [b"{\"", b"\":\"", b"\"},"];
    const END_DATA: &'static [u8] = b"]}},";
    const END: &'static [u8] = b"]}";
    const HAS_COMMAS: bool = true;
    const SHOWS_BLANKS: bool = false;
    const STRAY_CODE: Option<&'static str> = Some(STRAY_CODE);
    const MARKED: &'static [u8] = b"\"\\";
    const REPLACEMENT: char = '\u{FFFD}';

    fn spell(character: char, _: Place, out: &mut Vec<u8>) -> bool {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let own = &mut [0; 4];
        let escape: &[u8] = match character {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            '\x08' => b"\\b",
            '\x0C' => b"\\f",
            '\0'..=' ' if character != ' ' => {
                let [high, low] = [character as usize >> 4, character as usize & 15];
                &[b'\\', b'u', b'0', b'0', DIGITS[high & 15], DIGITS[low]]
            }
            other => other.encode_utf8(own).as_bytes(),
        };
        out.extend_from_slice(escape);
        true
    }
}
