//! [`Tags`]: which fields are wanted.

use std::fmt;
use std::str::FromStr;

use super::error::NotationError;
use super::parse::Parser;
use super::path::TagPattern;
use crate::iso2709::Tag;

/// Tags that match some patterns, such as `245` and `6..`, where a point is any character.
///
/// ```
/// use mrrc::Tags;
///
/// let tags: Tags = "245, 6..".parse()?;
/// assert_eq!(tags, Tags::of(["245", "6.."])?);
/// assert_eq!(tags.to_string(), "245, 6..");
/// # Ok::<(), mrrc::NotationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(pub(crate) Vec<TagPattern>);

impl Tags {
    /// Tags that match any of these patterns.
    ///
    /// ```
    /// use mrrc::Tags;
    ///
    /// assert_eq!(Tags::of(["001", "7.."])?.to_string(), "001, 7..");
    /// assert_eq!(Tags::of(["7XX"]).unwrap_err().message(), "a point is any character of a tag: write 7..");
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    pub fn of<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Result<Tags, NotationError> {
        let mut all = Vec::new();
        for pattern in patterns {
            let empty = "a tag is missing: write one, such as 245";
            all.push(Parser::read_all(
                pattern.as_ref(),
                empty,
                Parser::tag_of_field,
                Parser::error_behind_tag,
            )?);
        }
        Ok(Tags(all))
    }

    /// Tags that match one of these patterns and one of others.
    ///
    /// ```
    /// let subjects = mrrc::Tags::of(["65.", "245"])?.and(&mrrc::Tags::of(["6.0", "100"])?);
    /// assert_eq!(subjects.to_string(), "650");
    /// # Ok::<(), mrrc::NotationError>(())
    /// ```
    #[must_use]
    pub fn and(&self, others: &Tags) -> Tags {
        let both = self.0.iter().flat_map(|pattern| others.0.iter().filter_map(|other| pattern.and(*other)));
        Tags(both.collect())
    }

    /// Whether a tag matches one of them.
    pub(crate) fn have(&self, tag: Tag) -> bool {
        self.0.iter().any(|pattern| pattern.matches(tag))
    }
}

/// Patterns with commas between them.
impl FromStr for Tags {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Tags, NotationError> {
        let read = |parser: &mut Parser<'_>| {
            let mut all = Vec::new();
            loop {
                parser.skip_blanks();
                all.push(parser.tag_of_field()?);
                parser.skip_blanks();
                if !parser.eat(",") {
                    return Ok(Tags(all));
                }
            }
        };
        Parser::read_all(
            text,
            "tags are missing: write some, such as 245, 6..",
            read,
            Parser::error_behind_tag,
        )
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns: Vec<String> = self.0.iter().map(TagPattern::to_string).collect();
        f.write_str(&patterns.join(", "))
    }
}
