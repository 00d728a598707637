//! Octets to text and back: UTF-8, MARC-8, and single-octet sets by name. Knows no record.
//!
//! Each set decodes one value at a time and names each fault by its place in that value; what is
//! done about a fault is the caller's affair.

pub mod marc8;

use crate::diagnostic::Code;

/// Octets of a value that have no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub code: Code,
    /// Its first octet, counted from the beginning of the value.
    pub at: usize,
    /// How many octets it takes.
    pub length: usize,
}
