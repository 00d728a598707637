//! Tests of a field, in braces: `{^2=0|^2=1}`.

use crate::notation::condition::Condition;
use crate::notation::error::NotationError;
use crate::notation::mistake;
use crate::notation::path::{Path, Span, TagPattern, Test, What};
use crate::words::counted;

use super::{Parser, Result};

/// A sign between what is tested and a value, the test, and whether the value is a whole one.
type Sign = (&'static str, fn(What, String) -> Test, bool);

/// One that begins like another comes before it.
const SIGNS: &[Sign] = &[
    ("!=", Test::IsNot, true),
    ("!~", Test::ContainsNot, false),
    ("==", Test::Is, true),
    ("=", Test::Is, true),
    ("~", Test::Contains, false),
];

impl Parser<'_> {
    /// A test.
    pub(super) fn test(&mut self, path: &Path) -> Result<Test> {
        let start = self.at;
        if self.eat("!") {
            self.skip_blanks();
            return self.what(path).map(Test::Lacks);
        }
        if self.eat("?") {
            self.skip_blanks();
            return self.what(path).map(Test::Has);
        }
        let what = self.what(path)?;
        let tested = self.since(start);
        self.skip_blanks();
        let Some((_, make, is_whole)) = SIGNS.iter().find(|(sign, ..)| self.eat(sign)) else {
            return self.has(start, what);
        };
        self.skip_blanks();
        let start = self.at;
        let value = self.value(&what)?;
        self.check_length(start, tested, length_of(&what), &value, *is_whole)?;
        Ok(make(what, value))
    }

    /// A test without a value.
    fn has(&self, start: usize, what: What) -> Result<Test> {
        if self.rest().starts_with(['<', '>']) {
            return Err(self.error("in braces, values are only compared by = != ~ !~"));
        }
        if let What::Indicator(_) = what {
            let indicator = self.since(start).trim_end();
            let message =
                format!("a field always has indicators: write {indicator}!=# for one that is not blank");
            return Err(self.error_at(start, message));
        }
        Ok(Test::Has(what))
    }

    /// What is tested.
    fn what(&mut self, path: &Path) -> Result<What> {
        let start = self.at;
        if self.rest().starts_with(['^', '$']) && !path.can_be_of_data() {
            let message = format!("{} has neither subfields nor indicators", path.tag_text());
            return Err(self.error(message));
        }
        if self.eat("^") {
            return self.indicator().map(What::Indicator);
        }
        if self.eat("$") {
            let code = self.code()?;
            if self.rest().starts_with(['[', '-']) {
                let code = char::from(code);
                let message = format!(
                    "a condition is about all subfields of one code: write ${code}, or {{$a|$b}} for several"
                );
                return Err(self.error_at(start, message));
            }
            return Ok(What::Subfield(code, self.characters()?));
        }
        if let Some(characters) = self.characters()? {
            self.check_leader(start, path.tag, characters)?;
            return Ok(What::Characters(characters));
        }
        if !self.rest().starts_with(|first: char| first.is_ascii_alphanumeric() || first == '.') {
            let message =
                "a condition asks for a subfield, an indicator or characters: {$2=fast}, {^2=0}, {LDR/06=a}";
            return Err(self.error(message));
        }
        let tag = self.tag()?;
        let control = tag.map(TagPattern::control_tag);
        match control {
            Some(None) => Err(self.error_of_other_field(start, path)),
            control => {
                let at = self.at;
                let characters = self.characters()?;
                if let Some(characters) = characters {
                    self.check_leader(at, tag, characters)?;
                }
                Ok(What::Control(control.flatten(), characters))
            }
        }
    }

    /// A test of another field than that of the path.
    fn error_of_other_field(&self, start: usize, path: &Path) -> NotationError {
        let (before, rest) = self.text.split_at_checked(start).unwrap_or_default();
        let test = rest.split(['|', '}']).next().unwrap_or_default();
        let about = "a condition in braces is about its own field, the leader and control fields";
        if let Some(of_field) =
            test.strip_prefix(path.tag_text().as_str()).filter(|it| it.starts_with(['$', '^']))
        {
            return self.error_at(start, format!("{about}: write {of_field} without the tag"));
        }
        let condition = mistake::as_condition(test, before.ends_with('!'));
        match condition.filter(|condition| condition.parse::<Condition>().is_ok()) {
            Some(condition) => {
                self.error_at(start, format!("{about}: for those of a record, write where: {condition}"))
            }
            None => self.error_at(start, about),
        }
    }

    /// The value that a test compares with.
    fn value(&mut self, what: &What) -> Result<String> {
        if self.is_quoted() {
            return self.quoted();
        }
        if self.rest().starts_with('\\') {
            return self.marcspec_literal();
        }
        let start = self.at;
        let value = self.take_while(|character| !"}|{$=~\\".contains(character)).trim_end();
        match self.peek() {
            Some('$') if value.is_empty() => {
                let place: String = self.rest().chars().take(2).collect();
                Err(self.error(format!(
                    "a condition compares with a text, not with another place: write '{place}' for the text"
                )))
            }
            Some(sign @ ('{' | '$' | '=' | '~' | '\\')) => {
                Err(self.error(format!("a value with {sign} stands in quotes")))
            }
            _ if value.is_empty() && matches!(what, What::Indicator(_)) => {
                Err(self.error_at(start, "a value is missing: write # for a blank"))
            }
            _ if value.is_empty() => {
                Err(self.error_at(start, "a value is missing: write '' for an empty one"))
            }
            _ if value == "#" && matches!(what, What::Indicator(_)) => Ok(" ".into()),
            _ => Ok(value.into()),
        }
    }

    /// Whether only a word is next, which is neither the leader nor the tag of a field.
    pub(super) fn is_bare_value(&self) -> bool {
        let word = self.rest().split(['|', '}']).next().unwrap_or_default().trim_end();
        let is_word = word.chars().all(|character| character.is_ascii_alphanumeric()) && !word.is_empty();
        let is_tag =
            word == "LDR" || word.len() == 3 && word.starts_with(|first: char| first.is_ascii_digit());
        is_word && !is_tag
    }

    /// That values of this length can be, or contain, the text. `tested` is what they are of.
    pub(super) fn check_length(
        &self,
        start: usize,
        tested: &str,
        length: Length,
        text: &str,
        is_whole: bool,
    ) -> Result<()> {
        let found = text.chars().count();
        let message = match length {
            Length::Exactly(length) | Length::AtMost(length) if found > length => {
                format!("{tested} has {}, and this text {found}", counted(length as u64, "character"))
            }
            Length::Exactly(length) if is_whole && found < length => {
                let length = counted(length as u64, "character");
                format!("{tested} has {length}, and this text {found}: write its blanks, too, in quotes")
            }
            _ => return Ok(()),
        };
        Err(self.error_at(start, message))
    }
}

/// How long values are, as a path says.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Any,
    AtMost(usize),
    Exactly(usize),
}

impl Length {
    /// That of these characters of a subfield.
    pub(super) fn of_subfield(characters: Option<Span>) -> Length {
        characters.and_then(Span::length).map_or(Length::Any, Length::AtMost)
    }

    /// That of these characters of the leader or a control field.
    pub(super) fn of_control(characters: Option<Span>) -> Length {
        characters.and_then(Span::length).map_or(Length::Any, Length::Exactly)
    }
}

fn length_of(what: &What) -> Length {
    match *what {
        What::Indicator(_) => Length::Exactly(1),
        What::Subfield(_, characters) => Length::of_subfield(characters),
        What::Characters(characters) => Length::of_control(Some(characters)),
        What::Control(_, characters) => Length::of_control(characters),
    }
}
