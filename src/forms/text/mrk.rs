//! MARCMaker text: a line for each field, `\` for a blank where blanks matter, and mnemonics for what has a meaning.

use super::{Form, Place};
use crate::formats::maker::{LEADER_TAG, is_tag};

/// The form of MARCMaker text.
#[derive(Debug)]
pub(crate) struct MarcMaker;

impl Form for MarcMaker {
    const LEADER: [&'static [u8]; 2] = [b"=LDR  ", b"\n"];
    const CONTROL: [&'static [u8]; 3] = [b"=", b"  ", b"\n"];
    const DATA: [&'static [u8]; 4] = [b"=", b"  ", b"", b""];
    const SUBFIELD: [&'static [u8]; 3] = [b"$", b"", b""];
    const END_DATA: &'static [u8] = b"\n";
    const END: &'static [u8] = b"";
    const HAS_COMMAS: bool = false;
    const SHOWS_BLANKS: bool = true;
    const STRAY_CODE: Option<&'static str> = None;
    /// What has a meaning, DEL, and what U+0085, U+2028 and U+2029 begin with.
    const MARKED: &'static [u8] = b"${}\\\x7F\xC2\xE2";
    /// Of what would end a line.
    const REPLACEMENT: char = ' ';

    fn has_tag(tag: [u8; 3]) -> bool {
        is_tag(tag) && tag != LEADER_TAG
    }

    /// Unless it is declared as UTF-8, ASCII is read as MARC-8, which has no ESC and no DEL.
    fn lacking(coding: u8) -> &'static [char] {
        if coding == b'a' { &[] } else { &['\x1B', '\x7F'] }
    }

    fn spell(character: char, place: Place, out: &mut Vec<u8>) -> bool {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let own = &mut [0; 4];
        let spelling: &[u8] = match (character, place) {
            (' ', Place::Fixed) => b"\\",
            ('$', _) => b"{dollar}",
            ('{', _) => b"{lcub}",
            ('}', _) => b"{rcub}",
            ('\\', _) => b"{bsol}",
            // Programs take them for ends of lines, and no mnemonic names them.
            ('\u{85}' | '\u{2028}' | '\u{2029}', _) => return false,
            ('\0'..='\x1F' | '\x7F', _) => {
                let [high, low] = [character as usize >> 4, character as usize & 15];
                &[b'{', DIGITS[high & 15], DIGITS[low], b'}']
            }
            (other, _) => other.encode_utf8(own).as_bytes(),
        };
        out.extend_from_slice(spelling);
        true
    }
}
