//! Records as text: what a [`Visit`](crate::record::Visit) tells becomes MARC-in-JSON, MARCXML or MARCMaker.

mod json;
mod mrk;
mod xml;

pub use json::Json;
pub use mrk::Mrk;
pub use xml::Xml;

/// The code of text that stands outside subfields, where a form has no other place for it.
pub const STRAY_CODE: &str = "a";
