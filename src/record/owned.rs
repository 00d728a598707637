//! [`RecordBuf`]: a record that can be kept, edited and written.

use std::borrow::Cow;
use std::ops::Range;

use super::tell::Tell;
use super::visit::{Value, Visit};
use crate::error::{WriteCode, WriteError};
use crate::iso2709::{Leader, SUBFIELD_DELIMITER, Tag};

const DELIMITER: char = SUBFIELD_DELIMITER as char;

/// A record that owns its text: a [`Reader`](crate::Reader) yields it, programs edit it, and a
/// [`Writer`](crate::Writer) takes it.
///
/// Text is UTF-8, whatever it was read from. A `RecordBuf` can be cleared and filled again; its memory is reused.
///
/// ```
/// use mrrc::RecordBuf;
///
/// let mut record = RecordBuf::default();
/// record.push_control("001", "A1")?;
/// record.push_data("245", ['1', '0'], [('a', "Emma /"), ('c', "Jane Austen.")])?;
///
/// let title = record.field("245").unwrap();
/// assert_eq!(title.subfield('a'), Some("Emma /"));
/// assert_eq!(title.to_string(), "=245  10$aEmma /$cJane Austen.");
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBuf {
    leader: Leader,
    /// The text of all fields; for a data field its indicators, and its subfields with their delimiters.
    text: String,
    fields: Vec<Place>,
}

/// Where the text of a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    tag: Tag,
    range: Range<usize>,
}

impl Default for RecordBuf {
    fn default() -> RecordBuf {
        RecordBuf::new(Leader(*b"00000nam a2200000 a 4500"))
    }
}

impl RecordBuf {
    /// A record with this leader and no fields.
    ///
    /// ```
    /// use mrrc::RecordBuf;
    /// use mrrc::iso2709::Leader;
    ///
    /// let record = RecordBuf::new(Leader(*b"00000cam a2200000 i 4500"));
    /// assert_eq!((record.leader().0[5], record.fields().len()), (b'c', 0));
    /// ```
    pub fn new(leader: Leader) -> RecordBuf {
        RecordBuf { leader, text: String::new(), fields: Vec::new() }
    }

    /// The leader.
    pub fn leader(&self) -> Leader {
        self.leader
    }

    /// Replaces the leader. Its lengths and encoding are those of the record that was read; a writer computes them
    /// anew.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// let mut leader = record.leader();
    /// leader.0[5] = b'd';
    /// record.set_leader(leader);
    /// assert_eq!(record.leader().0[5], b'd');
    /// ```
    pub fn set_leader(&mut self, leader: Leader) {
        self.leader = leader;
    }

    /// Removes all fields, but keeps their memory for others.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    /// The fields, in order.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// # record.push_control("001", "A1")?;
    /// # record.push_data("650", [' ', '0'], [('a', "Governesses")])?;
    /// let tags: Vec<_> = record.fields().map(|field| field.tag().to_string()).collect();
    /// assert_eq!(tags, ["001", "650"]);
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = Field<'_>> + ExactSizeIterator {
        self.fields.iter().map(|place| self.at(place))
    }

    /// The first field with this tag.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// record.push_data("245", ['1', '0'], [('a', "Emma")])?;
    /// assert!(record.field("245").is_some() && record.field("246").is_none());
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    pub fn field(&self, tag: &str) -> Option<Field<'_>> {
        self.fields().find(|field| field.tag == *tag)
    }

    /// The data of the first field 001.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// record.push_control("001", "A1")?;
    /// assert_eq!(record.control_number(), Some("A1"));
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    pub fn control_number(&self) -> Option<&str> {
        self.field("001").and_then(|field| field.data())
    }

    /// Appends a control field.
    ///
    /// # Errors
    ///
    /// [`WriteCode::TagUnwritable`] if the tag is not three printable ASCII characters.
    pub fn push_control(&mut self, tag: &str, data: &str) -> Result<(), WriteError> {
        self.control(tag, Value::Text(data.into()))
    }

    /// Appends a data field.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// record.push_data("650", [' ', '0'], [('a', "Governesses"), ('v', "Fiction")])?;
    /// assert_eq!(record.field("650").unwrap().subfields().count(), 2);
    /// assert!(record.push_data("65", [' ', ' '], [('a', "?")]).is_err());
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteCode::TagUnwritable`] if the tag is not three printable ASCII characters,
    /// [`WriteCode::DelimiterInValue`] if a value contains a subfield delimiter (U+001F). The record is then
    /// unchanged.
    pub fn push_data<'v>(
        &mut self,
        tag: &str,
        indicators: [char; 2],
        subfields: impl IntoIterator<Item = (char, &'v str)>,
    ) -> Result<(), WriteError> {
        let (text, fields) = (self.text.len(), self.fields.len());
        let push = || {
            let mut room = [[0; 4]; 2];
            let [first, second] = &mut room;
            let indicators = [indicators[0].encode_utf8(first) as &str, indicators[1].encode_utf8(second)];
            self.data(tag, indicators, None)?;
            for (code, value) in subfields {
                self.subfield(code.encode_utf8(&mut [0; 4]), Value::Text(value.into()))?;
            }
            self.end()
        };
        let pushed = push();
        if pushed.is_err() {
            self.text.truncate(text);
            self.fields.truncate(fields);
        }
        pushed
    }

    /// Keeps only the fields for which `keeps` returns true.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// # record.push_control("001", "A1")?;
    /// # record.push_data("999", [' ', ' '], [('a', "local")])?;
    /// record.retain(|field| !field.tag().as_str().starts_with('9'));
    /// assert_eq!(record.fields().len(), 1);
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    pub fn retain(&mut self, mut keeps: impl FnMut(Field<'_>) -> bool) {
        let text = &self.text;
        self.fields.retain(|place| keeps(field_at(text, place)));
    }

    /// Sorts the fields by tag; fields with the same tag keep their order.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// record.push_data("245", ['1', '0'], [('a', "Emma")])?;
    /// record.push_control("001", "A1")?;
    /// record.sort();
    /// assert_eq!(record.fields().next().unwrap().data(), Some("A1"));
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    pub fn sort(&mut self) {
        self.fields.sort_by_key(|place| place.tag);
    }

    /// Replaces values. `replace` receives the tag, the code (`None` for a control field) and the value of each, and
    /// returns the new value, or `None` to keep it.
    ///
    /// ```
    /// # let mut record = mrrc::RecordBuf::default();
    /// record.push_data("245", ['1', '0'], [('a', "Emma /")])?;
    /// record.replace_values(|tag, code, value| {
    ///     (tag == "245" && code == Some('a')).then(|| value.trim_end_matches(" /").to_owned())
    /// })?;
    /// assert_eq!(record.field("245").unwrap().subfield('a'), Some("Emma"));
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteCode::DelimiterInValue`] if a new value contains a subfield delimiter (U+001F). The record is then
    /// unchanged.
    pub fn replace_values(
        &mut self,
        replace: impl FnMut(Tag, Option<char>, &str) -> Option<String>,
    ) -> Result<(), WriteError> {
        let mut replacing = Replacing { replace, to: RecordBuf::new(self.leader), tag: None };
        self.tell(&mut replacing)?;
        *self = replacing.to;
        Ok(())
    }

    fn at(&self, place: &Place) -> Field<'_> {
        field_at(&self.text, place)
    }

    fn begin(&mut self, tag: &str) -> Result<(), WriteError> {
        let refused = || WriteError::new(WriteCode::TagUnwritable).in_field(tag.as_bytes(), 0);
        let tag = tag.parse().map_err(|_| refused())?;
        let end = self.text.len();
        self.fields.push(Place { tag, range: end..end });
        Ok(())
    }

    /// Appends to the field that was begun last.
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(place) = self.fields.last_mut() {
            place.range.end = self.text.len();
        }
    }

    /// Appends a value; a delimiter in it would begin another subfield.
    fn push_value(&mut self, value: &Value<'_>) -> Result<(), WriteError> {
        let value = value.text();
        if value.contains(DELIMITER) {
            let error = WriteError::new(WriteCode::DelimiterInValue);
            let Some(Place { tag, .. }) = self.fields.last() else { return Err(error) };
            let occurrence = self.fields().rev().skip(1).filter(|field| field.tag == *tag).count();
            return Err(error.in_field(&tag.bytes(), occurrence));
        }
        self.push(&value);
        Ok(())
    }
}

impl Tell for RecordBuf {
    fn leader(&self) -> Leader {
        self.leader
    }

    fn tell<V: Visit>(&self, to: &mut V) -> Result<(), V::Stop> {
        for field in self.fields() {
            let tag = field.tag.as_str();
            if let Some(data) = field.data() {
                to.control(tag, Value::Text(data.into()))?;
                continue;
            }
            let [first, second] = field.indicators();
            let stray = field.stray().map(|stray| Value::Text(stray.into()));
            to.data(tag, [first, second], stray)?;
            for (code, value) in field.subfields() {
                to.subfield(code, Value::Text(value.into()))?;
            }
            to.end()?;
        }
        Ok(())
    }
}

/// Fills the record with the parts it is passed.
impl Visit for RecordBuf {
    type Stop = WriteError;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), WriteError> {
        self.begin(tag)?;
        self.push(&data.text());
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), WriteError> {
        self.begin(tag)?;
        for indicator in indicators {
            let first = indicator.chars().next().unwrap_or(' ');
            self.push(first.encode_utf8(&mut [0; 4]));
        }
        stray.map_or(Ok(()), |stray| self.push_value(&stray))
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), WriteError> {
        self.push("\u{1f}");
        self.push(code);
        self.push_value(&value)
    }

    fn end(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
}

fn field_at<'a>(text: &'a str, place: &Place) -> Field<'a> {
    Field { tag: place.tag, text: text.get(place.range.clone()).unwrap_or_default() }
}

/// A field of a [`RecordBuf`]. Displayed, it is a line of MARCMaker.
///
/// ```
/// # let mut record = mrrc::RecordBuf::default();
/// record.push_data("245", ['1', '0'], [('a', "Emma /"), ('c', "Jane Austen.")])?;
/// let field = record.fields().next().unwrap();
/// assert_eq!((field.tag().as_str(), field.indicators()), ("245", ["1", "0"]));
/// assert_eq!(field.subfields().last(), Some(("c", "Jane Austen.")));
/// assert_eq!((field.data(), field.stray()), (None, None));
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    tag: Tag,
    text: &'a str,
}

impl<'a> Field<'a> {
    /// The tag.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The data of a control field; `None` for a data field.
    pub fn data(&self) -> Option<&'a str> {
        self.tag.is_control().then_some(self.text)
    }

    /// The two indicators, one character each; two blanks for a control field.
    pub fn indicators(&self) -> [&'a str; 2] {
        if self.tag.is_control() {
            return [" ", " "];
        }
        let (first, rest) = split_character(self.text);
        [first, split_character(rest).0]
    }

    /// Text outside the subfields of a data field, after its indicators.
    pub fn stray(&self) -> Option<&'a str> {
        let (stray, _) = self.after_indicators()?;
        Some(stray).filter(|stray| !stray.is_empty())
    }

    /// The subfields: a code of one character, which is empty if a delimiter has no code, and a value.
    pub fn subfields(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let subfields = self.after_indicators().and_then(|(_, subfields)| subfields);
        subfields.into_iter().flat_map(|subfields| subfields.split(DELIMITER)).map(split_character)
    }

    /// The value of the first subfield with this code.
    pub fn subfield(&self, code: char) -> Option<&'a str> {
        self.subfields().find(|(its, _)| its.chars().eq([code])).map(|(_, value)| value)
    }

    /// The text outside subfields, and the subfields after their first delimiter.
    fn after_indicators(&self) -> Option<(&'a str, Option<&'a str>)> {
        if self.tag.is_control() {
            return None;
        }
        let (_, rest) = split_character(self.text);
        let (_, rest) = split_character(rest);
        Some(match rest.split_once(DELIMITER) {
            Some((stray, subfields)) => (stray, Some(subfields)),
            None => (rest, None),
        })
    }
}

/// A line of MARCMaker: `=245  10$aEmma /$cJane Austen.`
impl std::fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let blanks = |text: &'_ str| text.replace(' ', "\\");
        write!(f, "={}  ", self.tag)?;
        if let Some(data) = self.data() {
            return f.write_str(&blanks(data));
        }
        for indicator in self.indicators() {
            f.write_str(&blanks(indicator))?;
        }
        f.write_str(self.stray().unwrap_or_default())?;
        self.subfields().try_for_each(|(code, value)| write!(f, "${code}{value}"))
    }
}

/// The first character, and the rest.
fn split_character(text: &str) -> (&str, &str) {
    text.split_at(text.chars().next().map_or(0, char::len_utf8))
}

/// Fills a record with the values of another, or with their replacements.
struct Replacing<F> {
    replace: F,
    to: RecordBuf,
    tag: Option<Tag>,
}

impl<F: FnMut(Tag, Option<char>, &str) -> Option<String>> Replacing<F> {
    fn value<'v>(&mut self, code: Option<char>, value: Value<'v>) -> Value<'v> {
        let replaced = self.tag.and_then(|tag| (self.replace)(tag, code, &value.text()));
        replaced.map_or(value, |replaced| Value::Text(Cow::Owned(replaced)))
    }
}

impl<F: FnMut(Tag, Option<char>, &str) -> Option<String>> Visit for Replacing<F> {
    type Stop = WriteError;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), WriteError> {
        self.tag = tag.parse().ok();
        let data = self.value(None, data);
        self.to.control(tag, data)
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), WriteError> {
        self.tag = tag.parse().ok();
        self.to.data(tag, indicators, stray)
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), WriteError> {
        let value = self.value(code.chars().next(), value);
        self.to.subfield(code, value)
    }

    fn end(&mut self) -> Result<(), WriteError> {
        self.to.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::forms::Mrk;

    fn told(record: &RecordBuf) -> String {
        let mut mrk = Mrk::new("");
        let Ok(()) = record.tell(&mut mrk);
        mrk.finish()
    }

    #[test]
    fn text_outside_subfields_and_odd_codes_are_kept() {
        let mut record = RecordBuf::default();
        record.data("500", ["1", ""], Some(Value::Text("Text".into()))).unwrap();
        record.subfield("é", Value::Text("Note".into())).unwrap();
        record.subfield("", Value::Text("".into())).unwrap();
        record.end().unwrap();
        let field = record.field("500").unwrap();
        assert_eq!((field.indicators(), field.stray()), (["1", " "], Some("Text")));
        assert_eq!(field.subfields().collect::<Vec<_>>(), [("é", "Note"), ("", "")]);
        assert_eq!(field.subfield('é'), Some("Note"));
    }

    #[test]
    fn a_field_that_is_refused_leaves_no_trace() {
        let mut record = RecordBuf::default();
        record.push_data("650", [' ', ' '], [('a', "one")]).unwrap();
        let before = record.clone();
        let error = record.push_data("650", [' ', ' '], [('a', "two"), ('b', "th\u{1f}ree")]).unwrap_err();
        assert_eq!((error.code(), error.0.occurrence), (WriteCode::DelimiterInValue, Some(1)));
        assert!(record.push_control("24\n", "x").is_err());
        assert!(record.replace_values(|_, _, _| Some("\u{1f}".into())).is_err());
        assert_eq!(record, before);
    }

    #[test]
    fn fields_are_put_in_order_and_removed() {
        let mut record = RecordBuf::default();
        for (tag, value) in [("650", "b"), ("245", "a"), ("650", "c")] {
            record.push_data(tag, [' ', ' '], [('a', value)]).unwrap();
        }
        record.sort();
        assert_eq!(told(&record), "=LDR  \n=245  \\\\$aa\n=650  \\\\$ab\n=650  \\\\$ac\n");
        record.retain(|field| field.subfield('a') != Some("b"));
        assert_eq!(record.fields().len(), 2);
        record.clear();
        assert_eq!(record.fields().len(), 0);
    }

    proptest! {
        #[test]
        fn a_record_tells_what_it_was_told(
            fields in proptest::collection::vec(
                ("[0-9]{3}", "[ -~é日]{2}", proptest::collection::vec(("[a-zé]", "[ -~é日]{0,9}"), 0..4)),
                0..5,
            ),
        ) {
            let mut record = RecordBuf::default();
            for (tag, indicators, subfields) in &fields {
                let mut indicators = indicators.chars();
                let indicators = [indicators.next().unwrap(), indicators.next().unwrap()];
                if tag.starts_with("00") {
                    record.push_control(tag, "data").unwrap();
                } else {
                    let pairs = subfields.iter().map(|(code, value)| (code.chars().next().unwrap(), value.as_str()));
                    record.push_data(tag, indicators, pairs).unwrap();
                }
            }
            let mut again = RecordBuf::default();
            record.tell(&mut again).unwrap();
            prop_assert_eq!(again, record);
        }
    }
}
