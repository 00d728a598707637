//! ISO 2022 as libraries use it: two working sets, and marks before their base. MARC-8 and the sets of UNIMARC are
//! codes of this kind.

mod decode;
mod iso5426;
pub(super) mod sets;
mod table;
#[rustfmt::skip]
mod tables;

pub(super) use decode::Iso2022;
#[cfg(test)]
pub(super) use decode::plain_length;

pub(crate) const ESCAPE: u8 = 0x1B;

/// A letter that follows its base in MARC-8 (where it is not a mark) but is a mark in Unicode, so that canonical
/// order may place it before the marks of that base.
pub(super) const SUPERSCRIPT_ALEF: char = '\u{670}';

/// Bytes that mean themselves while G0 is ASCII: all below 7F except ESC.
#[inline]
pub(super) fn is_plain(byte: u8) -> bool {
    byte < 0x7F && byte != ESCAPE
}
