//! Paths: `650[0]{^2=0}$a`.

use crate::iso2709::Tag;
use crate::notation::mistake;
use crate::notation::path::{Codes, Part, Path, Place, Span, TagPattern, Test, What};

use super::{Parser, Result};

/// Digits of a place: more than any record has.
const MOST_DIGITS: usize = 9;

impl Parser<'_> {
    /// A path. Blanks end it.
    pub(super) fn path(&mut self) -> Result<Path> {
        let start = self.at;
        match self.strict_path() {
            Ok(path) => Ok(path),
            Err(error) => Err(mistake::in_path(self.text, start).unwrap_or(error)),
        }
    }

    fn strict_path(&mut self) -> Result<Path> {
        let start = self.at;
        let tag = self.tag()?;
        let fields = if self.eat("[") { Some(self.index()?) } else { None };
        let mut path = Path { tag, fields, conditions: Vec::new(), part: Part::Whole };
        self.conditions(&mut path)?;
        path.part = self.part(&path)?;
        self.conditions(&mut path)?;
        self.end_of_path(start, &path)?;
        Ok(path)
    }

    /// A tag; `None` for that of the leader.
    fn tag(&mut self) -> Result<Option<TagPattern>> {
        let start = self.at;
        let tag = self.take_while(|character| character.is_ascii_alphanumeric() || character == '.');
        let tag: String = tag.chars().take(3).collect();
        self.at = start + tag.len();
        let Ok(pattern) = <[u8; 3]>::try_from(tag.as_bytes()) else {
            return Err(self.error_at(start, "a tag has three characters, as in 245$a"));
        };
        if let Some(error) = mistake::in_tag(self.text, start) {
            return Err(error);
        }
        let has = |wanted: fn(&u8) -> bool| pattern.iter().any(wanted);
        if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
            return Err(self.error_at(start, "the letters of a tag are either all upper or all lower case"));
        }
        Ok((tag != "LDR").then_some(TagPattern(pattern)))
    }

    /// The tag of a field.
    pub(in crate::notation) fn tag_of_field(&mut self) -> Result<TagPattern> {
        let start = self.at;
        self.tag()?.ok_or_else(|| self.error_at(start, "the leader is no field; it is always there"))
    }

    /// The inside of an index, and the bracket behind it.
    fn index(&mut self) -> Result<Span> {
        let span = self.span()?;
        if self.eat("]") { Ok(span) } else { Err(self.error("an index ends in ], as in 650[0] or 650[0-2]")) }
    }

    /// A place, or places from one to another.
    fn span(&mut self) -> Result<Span> {
        let start = self.at;
        let from = self.place()?;
        if !self.eat("-") {
            return Ok(Span { from, to: from });
        }
        let to = self.place()?;
        match (from, to) {
            (Place::At(first), Place::At(last)) if first > last => {
                let message = format!("places are counted upwards: write {last}-{first}");
                Err(self.error_at(start, message))
            }
            // `#-1` counts from the end: the last two.
            (Place::Last(_), Place::At(back)) => Ok(Span { from: Place::Last(back), to: Place::Last(0) }),
            (from, to) => Ok(Span { from, to }),
        }
    }

    fn place(&mut self) -> Result<Place> {
        if self.eat("#") {
            return Ok(Place::Last(0));
        }
        let start = self.at;
        let digits = self.take_while(|character| character.is_ascii_digit());
        if digits.is_empty() {
            return Err(self.error("a place is a number, counted from 0, or # for the last"));
        }
        if digits.trim_start_matches('0').len() > MOST_DIGITS {
            return Err(self.error_at(start, "no record has so many places"));
        }
        // All zeros have no digits that count.
        Ok(Place::At(digits.trim_start_matches('0').parse().unwrap_or(0)))
    }

    /// Characters, an indicator or codes.
    fn part(&mut self, path: &Path) -> Result<Part> {
        let start = self.at;
        if self.eat("/") {
            let characters = self.span()?;
            return Ok(Part::Characters(characters));
        }
        if self.eat("^") {
            return Ok(Part::Indicator(self.indicator()?));
        }
        let mut codes = Vec::new();
        while self.eat("$") {
            codes.push(self.codes()?);
        }
        let _ = (start, path);
        Ok(if codes.is_empty() { Part::Whole } else { Part::Subfields(codes) })
    }

    /// Which indicator, behind `^`.
    fn indicator(&mut self) -> Result<usize> {
        if self.eat("1") {
            Ok(0)
        } else if self.eat("2") {
            Ok(1)
        } else {
            Err(self.error("there are two indicators: write ^1 or ^2"))
        }
    }

    /// A code, or codes from one to another, behind `$`, and which of them.
    fn codes(&mut self) -> Result<Codes> {
        let start = self.at;
        let first = self.code()?;
        let mut last = first;
        if (first.is_ascii_lowercase() || first.is_ascii_digit()) && self.eat("-") {
            last = self.code()?;
            let is_like_first =
                if first.is_ascii_digit() { last.is_ascii_digit() } else { last.is_ascii_lowercase() };
            if !is_like_first || last < first {
                return Err(self.error_at(start, "a range of codes goes upwards, as in $a-z or $0-9"));
            }
        }
        let turns = if self.eat("[") { Some(self.index()?) } else { None };
        let characters = if self.eat("/") { Some(self.span()?) } else { None };
        Ok(Codes { first, last, turns, characters })
    }

    /// A code: any printable character of ASCII but `|`.
    fn code(&mut self) -> Result<u8> {
        match self.peek() {
            Some(character) if character.is_ascii_graphic() && character != '|' => {
                self.skip(character);
                Ok(character as u8)
            }
            _ => Err(self.error("a code follows $, as in 245$a")),
        }
    }

    /// All conditions in braces that are next.
    fn conditions(&mut self, path: &mut Path) -> Result<()> {
        while self.eat("{") {
            let start = self.at - 1;
            let mut tests = Vec::new();
            loop {
                self.skip_blanks();
                tests.push(self.test(path)?);
                self.skip_blanks();
                if self.eat("}") {
                    break;
                }
                if !self.eat("|") {
                    return Err(match self.peek() {
                        None => {
                            self.error_at(start, "this brace is never closed: write } behind the condition")
                        }
                        Some(_) => self.error("a condition ends in }, or goes on with |"),
                    });
                }
            }
            path.conditions.push(tests);
        }
        Ok(())
    }

    fn test(&mut self, path: &Path) -> Result<Test> {
        if self.eat("!") {
            self.skip_blanks();
            return Ok(Test::Lacks(self.what(path)?));
        }
        if self.eat("?") {
            self.skip_blanks();
            return Ok(Test::Has(self.what(path)?));
        }
        let what = self.what(path)?;
        self.skip_blanks();
        let make: fn(What, String) -> Test = if self.eat("!=") {
            Test::IsNot
        } else if self.eat("!~") {
            Test::ContainsNot
        } else if self.eat("=") {
            self.eat("=");
            Test::Is
        } else if self.eat("~") {
            Test::Contains
        } else {
            return Ok(Test::Has(what));
        };
        self.skip_blanks();
        let value = self.value(&what)?;
        Ok(make(what, value))
    }

    fn what(&mut self, _path: &Path) -> Result<What> {
        if self.eat("^") {
            return Ok(What::Indicator(self.indicator()?));
        }
        if self.eat("$") {
            let code = self.code()?;
            return Ok(What::Subfield(code, self.characters()?));
        }
        if self.eat("/") {
            return Ok(What::Characters(self.span()?));
        }
        let start = self.at;
        match self.tag()? {
            None => Ok(What::Control(None, self.characters()?)),
            Some(TagPattern(tag)) => match Tag::new(tag) {
                Some(tag) if tag.is_control() && !tag.as_str().contains('.') => {
                    Ok(What::Control(Some(tag), self.characters()?))
                }
                _ => {
                    Err(self
                        .error_at(start, "a condition looks at its own field, the leader or a control field"))
                }
            },
        }
    }

    fn characters(&mut self) -> Result<Option<Span>> {
        if self.eat("/") { self.span().map(Some) } else { Ok(None) }
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
        if value.is_empty() {
            return Err(self.error_at(start, "a value is missing: write '' for an empty one"));
        }
        Ok(if matches!(what, What::Indicator(_)) && value == "#" { " ".into() } else { value.into() })
    }

    /// That nothing is next which cannot be behind a path.
    fn end_of_path(&mut self, _start: usize, _path: &Path) -> Result<()> {
        match self.peek() {
            None | Some(',' | ')' | ':' | '=' | '!' | '<' | '>' | '~') => Ok(()),
            Some(blank) if blank.is_whitespace() => Ok(()),
            Some(_) => Err(self.error(format!("the path is complete before {}", self.found()))),
        }
    }
}
