//! [`Text`]: a record as text, part by part, with all that is odd about it in the form.

use std::borrow::Cow;
use std::convert::Infallible;

use super::spelling::{Place, is_plain_name, spelled};
use super::{Form, TextForm, in_form};
use crate::error::{Refusal, WriteCode, WriteError};
use crate::iso2709::{Leader, Tag};
use crate::record::exact::leader_characters;
use crate::record::{Tell, Value, Visit, pymarc};

/// A record that is written as text.
///
/// The leader is written as it is, and all text in UTF-8. A missing indicator becomes a blank. A tag that the form does
/// not have is refused; a character that it does not have is refused or replaced. Some things are written though they do
/// not come back as they were, and reported:
///
/// * text outside subfields, for which MARCXML and MARC-in-JSON have no place, becomes a subfield `a`;
/// * an indicator that is not one character of ASCII, of which the first is written if it is one, and otherwise a blank;
/// * an indicator `\`, where readers take it for a blank;
/// * a subfield code of one character that readers may not take;
/// * in MARCMaker, a control field whose tag is not that of one, or the reverse.
///
/// ```
/// use mrrc::forms::{Text, TextForm};
/// use mrrc::iso2709::Leader;
/// use mrrc::record::{Value, Visit};
///
/// let mut out = Vec::new();
/// let mut text = Text::begin(TextForm::Json, false, Leader(*b"00000nam a2200000 a 4500"), &mut out);
/// let Ok(()) = text.control("001", Value::Text("A1".into()));
/// assert!(text.finish()?.is_empty());
/// assert_eq!(out, b"{\"leader\":\"00000nam a2200000 a 4500\",\"fields\":[{\"001\":\"A1\"}]}\n");
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Text<'a> {
    form: TextForm,
    /// Whether characters that the form does not have are replaced.
    replaces: bool,
    out: &'a mut Vec<u8>,
    /// Where the record begins in it.
    start: usize,
    tags: Vec<Tag>,
    /// Position 9 of the leader.
    coding: u8,
    is_of_number: bool,
    control_number: Option<String>,
    /// The first thing that cannot be written.
    refused: Option<WriteError>,
    /// What is odd and written nevertheless: the first of each code.
    odd: Vec<Refusal>,
}

impl<'a> Text<'a> {
    /// Begins a record behind what is in `out`.
    pub fn begin(form: TextForm, replaces: bool, leader: Leader, out: &'a mut Vec<u8>) -> Text<'a> {
        let start = out.len();
        let mut text = Text {
            form,
            replaces,
            out,
            start,
            tags: Vec::new(),
            coding: leader.0[9],
            is_of_number: false,
            control_number: None,
            refused: None,
            odd: Vec::new(),
        };
        text.out.extend_from_slice(form.before());
        in_form!(form, F => {
            text.push(F::LEADER[0]);
            text.text::<F>(&leader_characters(&leader.0), Place::Fixed, None);
            text.push(F::LEADER[1]);
        });
        text
    }

    /// Ends the record, and returns what is odd about it: the first of each kind.
    ///
    /// # Errors
    ///
    /// The first [`WriteError`] about a part. Nothing was then appended to `out`.
    pub fn finish(mut self) -> Result<Vec<Refusal>, WriteError> {
        if let Some(refused) = self.refused {
            self.out.truncate(self.start);
            return Err(refused.with_control_number(self.control_number));
        }
        in_form!(self.form, F => {
            self.end_list::<F>();
            self.push(F::END);
        });
        self.out.extend_from_slice(self.form.after());
        for odd in &mut self.odd {
            odd.control_number.clone_from(&self.control_number);
        }
        Ok(self.odd)
    }

    fn push(&mut self, piece: &[u8]) {
        self.out.extend_from_slice(piece);
    }

    /// Takes back the comma behind the last of several things.
    fn end_list<F: Form>(&mut self) {
        if F::HAS_COMMAS && self.out.last() == Some(&b',') {
            self.out.pop();
        }
    }

    /// Appends a text, and notes if the form does not have all its characters.
    fn text<F: Form>(&mut self, text: &str, place: Place, code: Option<&str>) {
        let lacking = F::lacking(self.coding);
        let is_lacking = |it: &char| lacking.contains(it);
        let first = if lacking.is_empty() { None } else { text.chars().find(is_lacking) };
        let text = match first {
            None => Cow::Borrowed(text),
            Some(_) => text.chars().map(|it| if is_lacking(&it) { F::REPLACEMENT } else { it }).collect(),
        };
        let Some(missing) = spelled::<F>(&text, place, self.out).or(first) else { return };
        let mut found = format!("U+{:04X}", u32::from(missing));
        if self.tags.is_empty() {
            found += " in the leader";
        }
        match self.replaces {
            true => self.note(WriteCode::CharacterUnwritable, code, found),
            false => self.refuse(WriteCode::CharacterUnwritable, code, found),
        }
    }

    fn value<F: Form>(&mut self, value: &Value<'_>, place: Place, code: Option<&str>) {
        match value {
            Value::Bytes(_) => self.refuse(WriteCode::NotText, code, "bytes"),
            value => self.text::<F>(&value.text(), place, code),
        }
    }

    /// Begins a field.
    fn tag<F: Form>(&mut self, tag: &str, has_subfields: bool) {
        match tag.parse::<Tag>() {
            Ok(own) => {
                self.is_of_number = own == Tag::CONTROL_NUMBER && self.control_number.is_none();
                self.tags.push(own);
                if !F::has_tag(own.bytes()) {
                    self.refuse(WriteCode::TagUnwritable, None, "");
                }
                if self.form == TextForm::Mrk && is_wrong(own, has_subfields) {
                    let found = if has_subfields { "a data field" } else { "a control field" };
                    self.note(WriteCode::TagKind, None, found);
                }
            }
            Err(_) => {
                let error = WriteError::new(WriteCode::TagUnwritable).in_field(tag.as_bytes(), 0);
                self.refused.get_or_insert(error);
            }
        }
        self.text::<F>(tag, Place::Name, None);
    }

    /// One printable character of ASCII that stands for itself; what is missing or none becomes a blank.
    fn indicator<F: Form>(&mut self, indicator: &str, indicators: [&str; 2]) {
        let is_one = |byte: &u8| match self.form {
            TextForm::Mrk => is_plain_name::<F>(*byte),
            _ => matches!(byte, b' '..=b'~'),
        };
        // In JSON it is read as a blank, and in MARCMaker it is one.
        let is_blank = indicator == "\\" && self.form != TextForm::Marcxml;
        let first = indicator.bytes().next().filter(is_one);
        if is_blank || !indicator.is_empty() && (first.is_none() || indicator.len() > 1) {
            self.note(WriteCode::IndicatorUnwritable, None, format!("{indicators:?}"));
        }
        let place = if F::SHOWS_BLANKS { Place::Fixed } else { Place::Name };
        self.text::<F>(char::from(first.unwrap_or(b' ')).encode_utf8(&mut [0; 4]), place, None);
    }

    /// One character, or none.
    fn code<F: Form>(&mut self, code: &str, value: &Value<'_>) {
        let mut characters = code.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => {
                let is_taken = u8::try_from(one).is_ok_and(|byte| match self.form {
                    TextForm::Mrk => is_plain_name::<F>(byte),
                    _ => matches!(byte, b' '..=b'~'),
                });
                if !is_taken {
                    self.note(WriteCode::CodeUnwritable, Some(code), "");
                }
                self.text::<F>(code, Place::Name, Some(code));
            }
            // A delimiter without a code.
            (None, _) if value.is_empty() => {}
            (None, _) => self.refuse(WriteCode::CodeUnwritable, Some(code), "a value without a code"),
            _ => self.refuse(WriteCode::CodeUnwritable, Some(code), ""),
        }
    }

    /// Something in the current field.
    fn about(&self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) -> WriteError {
        let mut error = WriteError::new(code).found(found);
        if let Some((tag, before)) = self.tags.split_last() {
            let occurrence = before.iter().filter(|other| *other == tag).count();
            error = error.in_field(&tag.bytes(), occurrence);
        }
        error.in_subfield(subfield_code)
    }

    /// Refuses something in the current field.
    #[cold]
    fn refuse(&mut self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) {
        if self.refused.is_none() {
            self.refused = Some(self.about(code, subfield_code, found));
        }
    }

    /// Reports something in the current field, which is written.
    #[cold]
    fn note(&mut self, code: WriteCode, subfield_code: Option<&str>, found: impl Into<String>) {
        if self.odd.iter().all(|odd| odd.code != code) {
            let WriteError(odd) = self.about(code, subfield_code, found);
            self.odd.push(Refusal { is_written: true, ..*odd });
        }
    }

    /// What is odd so far and will be written nevertheless.
    pub(crate) fn odd(&self) -> &[Refusal] {
        &self.odd
    }

    /// Whether something so far cannot be written.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }
}

/// Whether a reader that goes by the tag would take the field for one of the other kind.
fn is_wrong(tag: Tag, has_subfields: bool) -> bool {
    if has_subfields { pymarc::is_control(tag) } else { !tag.is_control() }
}

impl Visit for Text<'_> {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        in_form!(self.form, F => {
            self.push(F::CONTROL[0]);
            self.tag::<F>(tag, false);
            self.push(F::CONTROL[1]);
            self.value::<F>(&data, Place::Fixed, None);
            self.push(F::CONTROL[2]);
        });
        if std::mem::take(&mut self.is_of_number) {
            self.control_number = Some(data.text().into_owned());
        }
        Ok(())
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        in_form!(self.form, F => {
            self.push(F::DATA[0]);
            self.tag::<F>(tag, true);
            self.push(F::DATA[1]);
            self.indicator::<F>(indicators[0], indicators);
            self.push(F::DATA[2]);
            self.indicator::<F>(indicators[1], indicators);
            self.push(F::DATA[3]);
            match (stray.filter(|stray| !stray.is_empty()), F::STRAY_CODE) {
                (None, _) => {}
                (Some(stray), None) => self.value::<F>(&stray, Place::Value, None),
                (Some(stray), Some(code)) => {
                    self.note(WriteCode::TextOutsideSubfields, None, stray.text());
                    let Ok(()) = self.subfield(code, stray);
                }
            }
        });
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        in_form!(self.form, F => {
            self.push(F::SUBFIELD[0]);
            self.code::<F>(code, &value);
            self.push(F::SUBFIELD[1]);
            self.value::<F>(&value, Place::Value, Some(code));
            self.push(F::SUBFIELD[2]);
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        in_form!(self.form, F => {
            self.end_list::<F>();
            self.push(F::END_DATA);
        });
        Ok(())
    }
}

impl TextForm {
    /// A record in this form, as it stands in a file. What the form does not have is refused, or replaced if `replaces`:
    /// by U+FFFD, or in MARCMaker by a blank.
    ///
    /// ```
    /// use mrrc::RecordBuf;
    /// use mrrc::forms::TextForm;
    ///
    /// let mut record = RecordBuf::default();
    /// record.push_control("001", "A\u{1}1")?;
    /// assert!(TextForm::Marcxml.text(&record, false).is_err());
    /// assert!(TextForm::Marcxml.text(&record, true)?.contains("A\u{fffd}1"));
    /// assert!(TextForm::Mrk.text(&record, false)?.ends_with("=001  A{01}1\n"));
    /// # Ok::<(), mrrc::WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`Text`] refuses.
    pub fn text(self, record: &impl Tell, replaces: bool) -> Result<String, WriteError> {
        let mut out = Vec::with_capacity(4096);
        let mut text = Text::begin(self, replaces, record.leader(), &mut out);
        let Ok(()) = record.tell(&mut text);
        text.finish()?;
        let record = out.get(self.before().len()..).unwrap_or_default();
        Ok(String::from_utf8_lossy(record).into_owned())
    }
}
