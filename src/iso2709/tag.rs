//! [`Tag`]: the three characters that name a field.

use std::fmt;
use std::str::FromStr;

/// The tag of a field: three printable ASCII characters (ISO 2709:2008 section 4.4.2).
///
/// ```
/// use mrrc::iso2709::Tag;
///
/// let tag: Tag = "245".parse()?;
/// assert!(tag == "245" && !tag.is_control());
/// assert!("24\n".parse::<Tag>().is_err());
/// # Ok::<(), mrrc::iso2709::TagError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag([u8; 3]);

/// Text that is not a tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a tag: three printable ASCII characters")]
pub struct TagError(String);

impl Tag {
    /// The tag of a record's control number.
    pub const CONTROL_NUMBER: Tag = Tag(*b"001");

    /// The tag of these bytes; `None` if one of them is not printable ASCII.
    #[inline]
    pub const fn new(bytes: [u8; 3]) -> Option<Tag> {
        let [a, b, c] = bytes;
        match (a, b, c) {
            (b' '..=b'~', b' '..=b'~', b' '..=b'~') => Some(Tag(bytes)),
            _ => None,
        }
    }

    /// The three characters.
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The three bytes.
    #[inline]
    pub const fn bytes(self) -> [u8; 3] {
        self.0
    }

    /// Whether it is the tag of a control field, which has neither indicators nor subfields: it begins with `00`.
    #[inline]
    pub const fn is_control(self) -> bool {
        self.0[0] == b'0' && self.0[1] == b'0'
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Tag, TagError> {
        let bytes: Option<[u8; 3]> = text.as_bytes().try_into().ok();
        bytes.and_then(Tag::new).ok_or_else(|| TagError(text.chars().take(20).collect()))
    }
}

impl TryFrom<&str> for Tag {
    type Error = TagError;

    fn try_from(text: &str) -> Result<Tag, TagError> {
        text.parse()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

impl PartialEq<str> for Tag {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Tag {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_printable_characters_are_a_tag() {
        for text in ["245", "00A", "CAT", " 1~"] {
            assert_eq!(text.parse::<Tag>().unwrap().as_str(), text);
        }
        for text in ["", "24", "2450", "24\n", "5é", "\u{7f}00"] {
            assert!(text.parse::<Tag>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_tag_that_begins_with_00_is_that_of_a_control_field() {
        let is_control = |text: &str| text.parse::<Tag>().unwrap().is_control();
        assert!(is_control("001") && is_control("00A"));
        assert!(!is_control("010") && !is_control("0 1"));
    }
}
