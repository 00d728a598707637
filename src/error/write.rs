//! Why a record cannot be written. Codes are as stable as those of findings.

use std::fmt;

use crate::words::printable;

macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal;)*) => {
        /// The kind of a refusal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum WriteCode { $(#[doc = $meaning] $variant,)* }

        impl WriteCode {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [WriteCode] = &[$(WriteCode::$variant,)*];

            /// The stable name, such as `field-too-long`.
            pub fn name(self) -> &'static str {
                match self { $(WriteCode::$variant => $name,)* }
            }

            /// What the code means, in a clause.
            pub fn meaning(self) -> &'static str {
                match self { $(WriteCode::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    FieldTooLong "field-too-long" "the field has more than the 9,999 bytes that a directory entry can state";
    RecordTooLong "record-too-long" "the record has more than the 99,999 bytes that its leader can state";
    NotRecoverable "not-recoverable" "the record is too long, and recovery would not find its fields again";
    DelimiterInValue "delimiter-in-value" "a subfield delimiter, or a field or record terminator, in a value";
    TagUnwritable "tag-unwritable" "the tag is not three printable ASCII characters that this form can express";
    TagKind "tag-kind" "the tag is that of a control field but the field is a data field, or the reverse";
    IndicatorUnwritable "indicator-unwritable" "an indicator is not one ASCII character that this form can express";
    CodeUnwritable "code-unwritable" "the subfield code is not one ASCII character that this form can express";
    LeaderUnwritable "leader-unwritable" "the leader does not have 24 ASCII characters, or contains a field or record terminator";
    NotEncodable "not-encodable" "a character that the output encoding cannot express";
    CharacterUnwritable "character-unwritable" "a character that this form cannot express";
    TextOutsideSubfields "text-outside-subfields" "text outside subfields, for which this form has no place";
    NotText "not-text" "a part of the field is not valid text";
    RecordUnwritable "record-unwritable" "what the record's own methods write cannot be read back";
    RowsDisagree "rows-disagree" "the rows of one field, or of one record, contradict each other";
}

impl fmt::Display for WriteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A record that cannot be written; nothing of it has been.
///
/// ```
/// use mrrc::WriteCode;
/// use mrrc::internals::iso2709::encode::encode;
///
/// let error = encode(b"00000nam a2200000 a 4500", [("24\n", "10\x1faTitle")], &mut Vec::new()).unwrap_err();
/// assert_eq!(error.code(), WriteCode::TagUnwritable);
/// assert_eq!(
///     error.to_string(),
///     r"field 24\n: the tag is not three printable ASCII characters that this form can express (tag-unwritable)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WriteError(pub Box<Refusal>);

/// What in a record cannot be written as it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of refusal.
    pub code: WriteCode,
    /// Whether the record was written nevertheless: what is read back from it is what was written, but for a blank where
    /// an indicator or a part of the leader was no ASCII.
    pub is_written: bool,
    /// The number of the row, from 0, if the record was made of rows.
    pub row: Option<u64>,
    /// The column in that row.
    pub column: Option<&'static str>,
    /// The number of the record: in its writer, from 0, or as its rows have it.
    pub record: Option<u64>,
    /// The record's first 001.
    pub control_number: Option<String>,
    /// The tag of the field, escaped.
    pub tag: Option<String>,
    /// Which occurrence of the tag in the record, from 0.
    pub occurrence: Option<u32>,
    /// The code of the subfield.
    pub subfield_code: Option<String>,
    /// What was found, if that says more than the code.
    pub found: String,
}

impl WriteError {
    /// The error `code` about a whole record. The caller fills in the fields as far as they are known.
    pub fn new(code: WriteCode) -> WriteError {
        WriteError(Box::new(Refusal {
            code,
            is_written: false,
            row: None,
            column: None,
            record: None,
            control_number: None,
            tag: None,
            occurrence: None,
            subfield_code: None,
            found: String::new(),
        }))
    }

    /// What cannot be written.
    pub fn code(&self) -> WriteCode {
        self.0.code
    }

    /// In a clause, where the record is known: `field 505: what (12,345 bytes)`.
    pub(crate) fn short(&self) -> String {
        let Refusal { code, tag, found, .. } = &*self.0;
        let field = tag.as_ref().map_or_else(String::new, |tag| format!("field {}: ", printable(tag)));
        let found = if found.is_empty() { String::new() } else { format!(" ({})", printable(found)) };
        field + code.meaning() + &found
    }

    /// The same about the record of this number.
    pub fn in_record(mut self, number: u64) -> WriteError {
        self.0.record = Some(number);
        self
    }

    /// The same about a record with this 001.
    pub fn with_control_number(mut self, control_number: Option<String>) -> WriteError {
        self.0.control_number = control_number;
        self
    }

    /// The same about a field: the occurrence `occurrence` of `tag`.
    pub fn in_field(mut self, tag: &[u8], occurrence: usize) -> WriteError {
        let tag = std::str::from_utf8(tag).map_or_else(|_| tag.escape_ascii().to_string(), escaped);
        (self.0.tag, self.0.occurrence) = (Some(tag), Some(occurrence as u32));
        self
    }

    /// The same about a subfield, if it is in one.
    pub fn in_subfield(mut self, code: Option<&str>) -> WriteError {
        self.0.subfield_code = code.map(str::to_owned);
        self
    }

    /// The same with what was found.
    pub fn found(mut self, found: impl Into<String>) -> WriteError {
        self.0.found = found.into();
        self
    }
}

/// Control characters as escapes, everything else unchanged.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { it.escape_default().to_string() } else { it.to_string() })
        .collect()
}

/// `row 38, column value, record 38 (001 A1), field 505, occurrence 2, $a: what (code); found ...`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row.map(|row| format!("row {row}"));
        let column = self.column.map(|column| format!("column {column}"));
        let control_number = self.control_number.as_ref().map(|it| format!("001 {}", printable(it)));
        let record = match (self.record, control_number) {
            (Some(record), Some(number)) => Some(format!("record {record} ({number})")),
            (Some(record), None) => Some(format!("record {record}")),
            (None, number) => number,
        };
        let tag = self.tag.as_ref().map(|tag| format!("field {}", printable(tag)));
        let occurrence = self.occurrence.filter(|it| *it > 0).map(|it| format!("occurrence {it}"));
        let code = self.subfield_code.as_ref().map(|code| format!("${}", printable(&escaped(code))));
        let place: Vec<String> = [row, column, record, tag, occurrence, code].into_iter().flatten().collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        write!(f, "{} ({})", self.code.meaning(), self.code)?;
        if !self.found.is_empty() {
            write!(f, "; found {}", printable(&self.found))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_and_what() {
        let error = WriteError::new(WriteCode::FieldTooLong).in_field(b"505", 2).found("12,345 bytes");
        assert_eq!(
            error.in_record(38).with_control_number(Some("A1".into())).to_string(),
            "record 38 (001 A1), field 505, occurrence 2: the field has more than the 9,999 bytes that a \
             directory entry can state (field-too-long); found 12,345 bytes"
        );
    }

    #[test]
    fn codes_have_distinct_names() {
        let mut names: Vec<_> = WriteCode::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), WriteCode::ALL.len());
    }
}
