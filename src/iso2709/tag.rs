//! [`Tag`]: the three characters that name a field.

use std::fmt;
use std::str::FromStr;

/// The tag of a field: three ASCII characters (ISO 2709:2008 section 4.4.2). They are printable, except in records
/// read by the rules of pymarc, which allows any.
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

    /// The tag with these bytes; `None` if one of them is not printable ASCII.
    ///
    /// ```
    /// use mrrc::iso2709::Tag;
    ///
    /// assert_eq!(Tag::new(*b"245").map(Tag::bytes), Some(*b"245"));
    /// assert_eq!(Tag::new(*b"24\n"), None);
    /// ```
    #[inline]
    pub const fn new(bytes: [u8; 3]) -> Option<Tag> {
        let [a, b, c] = bytes;
        match (a, b, c) {
            (b' '..=b'~', b' '..=b'~', b' '..=b'~') => Some(Tag(bytes)),
            _ => None,
        }
    }

    /// The tag of three bytes that are known to be ASCII.
    #[inline]
    pub(crate) const fn of_ascii(bytes: [u8; 3]) -> Tag {
        Tag(bytes)
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

    /// Whether it begins with `00`: the tag of a control field, which has neither indicators nor subfields.
    #[inline]
    pub const fn is_control(&self) -> bool {
        u16::from_le_bytes([self.0[0], self.0[1]]) == u16::from_le_bytes(*b"00")
    }

    /// Whether it consists of digits and ASCII letters, as in MARC 21.
    #[inline(always)]
    pub fn is_usual(&self) -> bool {
        self.strays() == 0 || self.0.iter().all(u8::is_ascii_alphanumeric)
    }

    /// Bits that are in no tag of three digits.
    #[inline(always)]
    pub(crate) fn strays(&self) -> u32 {
        let [a, b, c] = self.0;
        // A digit XOR 0x30 is 0 to 9; adding six must not carry out of the low half.
        let digits = u32::from_le_bytes([a, b, c, b'0']) ^ 0x3030_3030;
        (digits | digits.wrapping_add(0x0606_0606)) & 0xF0F0_F0F0
    }

    /// A bit of its own if MARC 21 allows the control field only once in a record; otherwise 0.
    #[inline(always)]
    pub(crate) const fn unrepeatable(&self) -> u16 {
        const ONCE: u16 = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 8;
        match self.0 {
            [b'0', b'0', digit @ b'0'..=b'9'] => ONCE & 1 << (digit - b'0'),
            _ => 0,
        }
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

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        &self.0
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
