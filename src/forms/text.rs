//! Records as text, straight into bytes: MARCXML, MARC-in-JSON and MARCMaker, as files of records have them. What makes
//! one string of one record, as pymarc does, is in [`Xml`](super::Xml), [`Json`](super::Json) and [`Mrk`](super::Mrk).
//!
//! A [`Form`] is what stands between the parts of a record, and how a character is written that cannot stand for
//! itself. [`Text`] writes the parts that it is told; `columns/texts.rs` writes whole records of which nothing is odd.

mod frame;
mod json;
mod marks;
mod mrk;
mod spelling;
mod stamp;
mod visit;
mod xml;

pub(crate) use frame::Framed;
pub(crate) use json::MarcInJson;
pub(crate) use marks::Marks;
pub(crate) use mrk::MarcMaker;
pub(crate) use spelling::{Place, is_plain, is_plain_name, spelled};
pub(crate) use stamp::Stamp;
pub use visit::Text;
pub(crate) use xml::Marcxml;

/// A form of text that a file of records can have.
///
/// ```
/// use mrrc::RecordBuf;
/// use mrrc::forms::TextForm;
///
/// let mut record = RecordBuf::default();
/// record.push_data("245", ['1', '0'], [('a', "Emma & co")])?;
/// assert!(TextForm::Marcxml.text(&record, false)?.ends_with("Emma &amp; co</subfield></datafield></record>\n"));
/// assert!(TextForm::Mrk.text(&record, false)?.ends_with("\n=245  10$aEmma & co\n"));
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// MARCXML: a collection, with a record on each line.
    Marcxml,
    /// MARC-in-JSON, a record on each line.
    Json,
    /// MARC-in-JSON, one array with a record on each line.
    JsonArray,
    /// MARCMaker text, with a blank line between two records. `{dollar}`, `{lcub}`, `{rcub}` and `{bsol}` stand for
    /// what has a meaning in it, and `{0A}` for a control character.
    Mrk,
}

/// Does something in a form that is only known when it is done.
macro_rules! in_form {
    ($form:expr, $as:ident => $done:expr) => {
        match $form {
            $crate::forms::text::TextForm::Marcxml => {
                type $as = $crate::forms::text::Marcxml;
                $done
            }
            $crate::forms::text::TextForm::Json | $crate::forms::text::TextForm::JsonArray => {
                type $as = $crate::forms::text::MarcInJson;
                $done
            }
            $crate::forms::text::TextForm::Mrk => {
                type $as = $crate::forms::text::MarcMaker;
                $done
            }
        }
    };
}
pub(crate) use in_form;

impl TextForm {
    /// How many bytes one byte of ISO 2709 becomes, rather too many.
    pub(crate) fn growth(self) -> usize {
        match self {
            TextForm::Marcxml => 3,
            TextForm::Json | TextForm::JsonArray => 2,
            TextForm::Mrk => 1,
        }
    }
}

/// What a form puts around the parts of a record, and which characters it does not write as they are.
pub(crate) trait Form {
    /// Before and behind the leader.
    const LEADER: [&'static [u8]; 2];
    /// Around the tag of a control field, and behind its value.
    const CONTROL: [&'static [u8]; 3];
    /// Around the tag and the indicators of a data field.
    const DATA: [&'static [u8]; 4];
    /// Around the code of a subfield, and behind its value.
    const SUBFIELD: [&'static [u8]; 3];
    /// Behind the last subfield of a field.
    const END_DATA: &'static [u8];
    /// Behind the last field of a record.
    const END: &'static [u8];
    /// Whether a comma behind the last of several things is one too many.
    const HAS_COMMAS: bool;
    /// Whether blanks are shown in leader, control fields and indicators.
    const SHOWS_BLANKS: bool;
    /// The subfield that holds text outside subfields; `None` if it has a place of its own.
    const STRAY_CODE: Option<&'static str>;
    /// The bytes at which a character begins that may not be written as it is, beside controls.
    const MARKED: &'static [u8];
    /// What is written instead of a character that the form does not have.
    const REPLACEMENT: char;

    /// Whether a field can have the tag.
    fn has_tag(_: [u8; 3]) -> bool {
        true
    }

    /// Characters that it does not have in a record with this in position 9 of the leader.
    fn lacking(_coding: u8) -> &'static [char] {
        &[]
    }

    /// Appends a character in the way of the form; false, and nothing is appended, if it has none.
    fn spell(character: char, place: Place, out: &mut Vec<u8>) -> bool;
}
