//! Visitors that write a record as ISO 2709, MARC-in-JSON, MARCXML or MARCMaker.
//!
//! [`Marc`] and [`Text`] write what files hold; [`Json`], [`Xml`] and [`Mrk`] one record as pymarc prints it.

mod json;
mod marc;
mod mrk;
mod strict;
pub(crate) mod text;
mod xml;

pub use json::Json;
pub use marc::{Marc, Unencodable, WriteEncoding, WriteOptions};
pub use mrk::Mrk;
pub use strict::{Expressible, Strict};
pub use text::{Text, TextForm};
pub use xml::Xml;

/// The subfield code for text outside subfields, in forms that have no other place for it.
pub const STRAY_CODE: &str = "a";
