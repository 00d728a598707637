//! Octets to the structure of a record and back: leader, directory, fields. Slices only.
//!
//! ```text
//! leader (24)  directory (12 × fields, then FT)  fields (each ends in FT)  RT
//! ```

pub mod encode;

/// Ends a record (MARC 21: record terminator; ISO 2709: IS3).
pub const RECORD_TERMINATOR: u8 = 0x1D;
/// Ends a field, and the directory (MARC 21: field terminator; ISO 2709: IS2).
pub const FIELD_TERMINATOR: u8 = 0x1E;
/// Begins a subfield (MARC 21: delimiter; ISO 2709: IS1).
pub const SUBFIELD_DELIMITER: u8 = 0x1F;
