//! Paths: `650[0]{^2=0}$a`.

use crate::notation::error::NotationError;
use crate::notation::mistake;
use crate::notation::path::{Codes, Part, Path, Place, Span, TagPattern, Test};

use super::{Parser, Result};

/// More digits of a place than any record needs.
const MOST_DIGITS: usize = 9;
const LAST_OF_LEADER: usize = 23;

impl Parser<'_> {
    /// Whether this text is a path.
    pub(super) fn is_path(text: &str) -> bool {
        let mut parser = Parser::new(text);
        parser.path_of_ours().is_ok() && parser.rest().is_empty()
    }

    /// A path. A blank ends it.
    pub(super) fn path(&mut self) -> Result<Path> {
        let start = self.at;
        self.path_of_ours().map_err(|error| self.with_advice(start, error))
    }

    /// The error for the path that begins here, with what to write if it is of another notation.
    fn with_advice(&self, start: usize, error: NotationError) -> NotationError {
        let (before, rest) = self.text.split_at_checked(start).unwrap_or_default();
        match mistake::of_path(rest) {
            Some(mistake) if Parser::is_path(&mistake.path) => {
                error.instead(mistake.advice(before.trim_end().ends_with("join(")))
            }
            _ => error,
        }
    }

    fn path_of_ours(&mut self) -> Result<Path> {
        let tag = self.tag()?;
        let mut path = Path { tag, fields: None, conditions: Vec::new(), part: Part::Whole };
        path.fields = self.fields(&path)?;
        let mut characters_at = self.conditions(&mut path)?;
        path.part = self.part(&path)?;
        let behind_part = self.at;
        characters_at = self.conditions(&mut path)?.or(characters_at);
        if self.at > behind_part && self.rest().starts_with('$') {
            let message =
                "a condition is about the field: it stands before the first code or behind the last";
            return Err(self.error_at(behind_part, message));
        }
        if let Some(at) = characters_at
            && (path.is_of_data() || !matches!(path.part, Part::Whole | Part::Characters(_)))
        {
            let message = "only control fields have characters of their own: ask for those of a subfield, as in {$a/0=x}";
            return Err(self.error_at(at, message));
        }
        self.end_of_path()?;
        Ok(path)
    }

    /// The tag of a field.
    pub(in crate::notation) fn tag_of_field(&mut self) -> Result<TagPattern> {
        let start = self.at;
        self.tag()?.ok_or_else(|| self.error_at(start, "the leader is no field, and always there"))
    }

    /// The error for what cannot stand behind the tag of a field.
    pub(in crate::notation) fn error_behind_tag(&self) -> NotationError {
        match self.peek() {
            Some('$' | '/' | '[' | '{' | '^') => {
                self.error("tags are of whole fields: columns= takes parts of them")
            }
            _ => self.error("tags have three characters, and commas between them, as in 245, 6.."),
        }
    }

    /// A tag; `None` for that of the leader.
    pub(super) fn tag(&mut self) -> Result<Option<TagPattern>> {
        let start = self.at;
        let all = self.take_while(|character| character.is_ascii_alphanumeric() || character == '.');
        let tag = all.get(..3).unwrap_or(all);
        self.at = start + tag.len();
        let Ok(pattern) = <[u8; 3]>::try_from(tag.as_bytes()) else {
            let message = "a tag is three digits, letters of one case or points, as in 245 or 6..";
            return Err(self.error_at(start, message));
        };
        if let Some(message) = mistake::in_tag(tag) {
            return Err(self.error_at(start, message));
        }
        if tag.contains(|it: char| it.is_ascii_lowercase())
            && tag.contains(|it: char| it.is_ascii_uppercase())
        {
            let (upper, lower) = (tag.to_ascii_uppercase(), tag.to_ascii_lowercase());
            let message = format!("the letters of a tag are of one case: write {upper} or {lower}");
            return Err(self.error_at(start, message));
        }
        Ok((tag != "LDR").then_some(TagPattern(pattern)))
    }

    /// Which of the fields are meant, in brackets.
    fn fields(&mut self, path: &Path) -> Result<Option<Span>> {
        let start = self.at;
        let Some(span) = self.index()? else { return Ok(None) };
        let is_there_once = path.tag.is_none_or(TagPattern::is_not_repeated);
        if is_there_once && !matches!(span.from, Place::At(0) | Place::Last(0)) || path.tag.is_none() {
            let tag = path.tag_text();
            let message =
                format!("there is only one {tag}, and its characters stand behind /: write {tag}/06");
            return Err(self.error_at(start, message));
        }
        Ok(Some(span))
    }

    /// An index in brackets, if there is one.
    fn index(&mut self) -> Result<Option<Span>> {
        if !self.eat("[") {
            return Ok(None);
        }
        let span = self.span()?;
        if self.eat("]") {
            Ok(Some(span))
        } else if self.rest().starts_with(':') {
            Err(self.error("- stands between two places, and both count: [0-1] are the first two"))
        } else {
            Err(self.error("an index ends in ], as in [0] or [0-2]"))
        }
    }

    /// Characters behind `/`, if there are any.
    pub(super) fn characters(&mut self) -> Result<Option<Span>> {
        if self.eat("/") { self.span().map(Some) } else { Ok(None) }
    }

    /// A place, or places from one to another.
    pub(super) fn span(&mut self) -> Result<Span> {
        let start = self.at;
        let from = self.place()?;
        if !self.eat("-") {
            return Ok(Span { from, to: from });
        }
        match (from, self.place()?) {
            (Place::At(first), Place::At(last)) if first > last => {
                Err(self.error_at(start, format!("places are counted upwards: write {last}-{first}")))
            }
            // Backwards, `#-1` are the last two.
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
        match digits.trim_start_matches('0') {
            "" => Ok(Place::At(0)),
            digits if digits.len() > MOST_DIGITS => Err(self.error_at(start, "no record has so many places")),
            digits => digits.parse().map(Place::At).map_err(|_| self.error_at(start, "this is no place")),
        }
    }

    /// What is taken of a field: characters, an indicator, subfields or all.
    fn part(&mut self, path: &Path) -> Result<Part> {
        let start = self.at;
        let tag = path.tag_text();
        if let Some(characters) = self.characters()? {
            if path.is_of_data() {
                let message = format!("{tag} has subfields: count the characters of one, as in {tag}$a/0-3");
                return Err(self.error_at(start, message));
            }
            self.check_leader(start, path.tag, characters)?;
            return Ok(Part::Characters(characters));
        }
        if self.rest().starts_with(['^', '$']) && !path.can_be_of_data() {
            let message =
                format!("{tag} has neither subfields nor indicators: write {tag}/ and the characters");
            return Err(self.error_at(start, message));
        }
        if self.eat("^") {
            return Ok(Part::Indicator(self.indicator()?));
        }
        let mut codes = Vec::new();
        while self.eat("$") {
            codes.push(self.codes()?);
        }
        Ok(if codes.is_empty() { Part::Whole } else { Part::Subfields(codes) })
    }

    /// That the leader has such characters.
    pub(super) fn check_leader(&self, start: usize, tag: Option<TagPattern>, characters: Span) -> Result<()> {
        match characters.to {
            Place::At(last) if tag.is_none() && last > LAST_OF_LEADER => {
                Err(self.error_at(start, "the leader has 24 characters, 0 to 23"))
            }
            _ => Ok(()),
        }
    }

    /// Which indicator, behind `^`.
    pub(super) fn indicator(&mut self) -> Result<usize> {
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
        if first.is_ascii_alphanumeric() && self.eat("-") {
            last = match self.peek() {
                Some(character) if character.is_ascii_alphanumeric() => self.code()?,
                _ => return Err(self.error("a range of codes ends in a code, as in $a-z")),
            };
            let are_alike = first.is_ascii_lowercase() && last.is_ascii_lowercase()
                || first.is_ascii_digit() && last.is_ascii_digit();
            if !are_alike {
                return Err(
                    self.error_at(start, "a range of codes is of lower-case letters or digits: $a-z, $0-9")
                );
            }
            if last < first {
                let (first, last) = (char::from(first), char::from(last));
                return Err(
                    self.error_at(start, format!("a range of codes goes upwards: write ${last}-{first}"))
                );
            }
        }
        Ok(Codes { first, last, turns: self.index()?, characters: self.characters()? })
    }

    /// A code: a printable character of ASCII, but `|`.
    pub(super) fn code(&mut self) -> Result<u8> {
        match self.peek() {
            Some(character) if character.is_ascii_graphic() && character != '|' => {
                self.skip(character);
                Ok(character as u8)
            }
            Some('|') => Err(self.error("| is no code of a subfield")),
            _ => Err(self.error("a code stands behind each $, as in 245$a")),
        }
    }

    /// Reads all conditions in braces that are next. If one asks for characters of the field itself: where.
    fn conditions(&mut self, path: &mut Path) -> Result<Option<usize>> {
        let mut characters_at = None;
        while self.rest().starts_with('{') {
            let start = self.at;
            self.skip('{');
            let mut tests: Vec<Test> = Vec::new();
            loop {
                self.skip_blanks();
                if !tests.is_empty() && self.is_bare_value() {
                    return Err(self.error("a whole condition stands behind |, as in {^2=0|^2=1}"));
                }
                if self.rest().starts_with('/') {
                    characters_at = Some(self.at);
                }
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
                        Some(_) => self.error("a condition ends in }, or goes on with | and another one"),
                    });
                }
            }
            path.conditions.push(tests);
        }
        Ok(characters_at)
    }

    /// That nothing is next which cannot stand behind a path, such as a code behind a blank.
    fn end_of_path(&self) -> Result<()> {
        let rest = self.rest();
        let behind_blanks = rest.trim_start();
        let is_foreign = |rest: &str| {
            let is_code = |rest: &str| rest.starts_with(|code: char| code.is_ascii_alphanumeric());
            rest.starts_with(|first: char| "$‡ǂ#*{[".contains(first) || first.is_ascii_digit())
                || rest.strip_prefix('|').is_some_and(is_code)
        };
        let is_over = rest.starts_with([',', ')', ':', '=', '!', '<', '>', '~']) || behind_blanks.is_empty();
        let is_apart = behind_blanks.len() < rest.len() && !is_foreign(behind_blanks);
        if is_over || is_apart {
            return Ok(());
        }
        let found = behind_blanks.chars().next().unwrap_or_default();
        let at = self.at + (rest.len() - behind_blanks.len());
        Err(self.error_at(at, format!("a path ends before {found}")))
    }
}
