//! What people write by the rules of other tools, recognised where it is no path of ours: `245abc`, `650|*0|a`,
//! `008[35-37]`, `6XX`. The error then says what to write, in the writer's own tag and codes.

const ALT: &str = "alt finds what is linked in 880";
const BLANK: &str = "a path has no blanks";
const BRACKET: &str = "a bracket counts fields, and characters stand behind /";
const BRACES: &str = "an indicator is asked for in braces";
const DOLLAR: &str = "a $ stands before each code";
const FREE: &str = "indicators are free unless they are asked for";
const LEADER: &str = "the leader is LDR, and its characters stand behind /";
const POINT: &str = "a point is any character of a tag";
const RANGE: &str = "a range of codes has one $";
const SLASH: &str = "characters stand behind /";

/// What others call the leader; the longest come first.
const LEADERS: [&str; 7] = ["leader", "LEADER", "Leader", "ldr", "Ldr", "LDR", "000"];

/// Whether this is a name of the leader.
pub(super) fn is_leader(word: &str) -> bool {
    LEADERS.contains(&word)
}

/// A path of another notation.
pub(super) struct Mistake {
    /// What to write instead, if that is a path.
    pub(super) path: String,
    is_linked: bool,
    reason: &'static str,
}

/// The mistake in the path with which this text begins, if it is a known one.
pub(super) fn of_path(text: &str) -> Option<Mistake> {
    let mut foreign = Foreign { rest: text, path: String::new(), reason: None };
    let is_linked = foreign.link();
    foreign.tag()?;
    if foreign.path == "LDR" || foreign.path.starts_with("00") {
        foreign.characters();
    } else {
        foreign.indicators();
        foreign.codes();
    }
    foreign.copy_the_end();
    Some(Mistake { reason: foreign.reason?, path: foreign.path, is_linked })
}

impl Mistake {
    /// Why, and what to write; `is_joined` if it stands in `join`.
    pub(super) fn advice(&self, is_joined: bool) -> String {
        let Mistake { path, is_linked, reason } = self;
        if *is_linked {
            format!("{reason}: write alt({path})")
        } else if *reason == DOLLAR && path.matches('$').count() > 1 && !is_joined {
            format!("{reason}: write {path} for one value each, or join({path}) for one text a field")
        } else {
            format!("{reason}: write {path}")
        }
    }
}

/// The condition on records that says what a test in braces says of another field.
pub(super) fn as_condition(test: &str, is_negated: bool) -> Option<String> {
    // A value with a $ is another place.
    if test.contains('{') || test.matches('$').count() > 1 {
        return None;
    }
    let signs = [("!=", "!="), ("!~", "!~"), ("=", "=="), ("~", "~")];
    let comparison = signs.iter().find_map(|(sign, ours)| {
        let (place, value) = test.split_once(sign)?;
        let value = value.trim_start().strip_prefix('\\').unwrap_or(value).trim_matches(['\'', '"', ' ']);
        Some(format!("{} {ours} '{value}'", place.trim()))
    });
    let condition = comparison.unwrap_or_else(|| test.trim().into());
    Some(if is_negated { format!("not {condition}") } else { condition })
}

/// Why a tag that looks like one would match nothing.
pub(super) fn in_tag(tag: &str) -> Option<String> {
    if tag != "LDR" && is_leader(tag) {
        return Some("the leader is LDR".into());
    }
    let pattern = with_points(tag)?;
    (pattern != tag).then(|| format!("{POINT}: write {pattern}"))
}

/// A tag with points for what others write for any character; `None` if it is no tag.
fn with_points(tag: &str) -> Option<String> {
    // 6XX, but no X among other letters.
    let is_any_by_letter =
        tag.chars().all(|character| !character.is_ascii_alphabetic() || "xX".contains(character));
    tag.chars()
        .map(|character| match character {
            '.' | '*' | '_' | '?' => Some('.'),
            'x' | 'X' if is_any_by_letter => Some('.'),
            character => character.is_ascii_alphanumeric().then_some(character),
        })
        .collect()
}

/// A path of another notation, while it is rewritten.
struct Foreign<'a> {
    rest: &'a str,
    path: String,
    /// Why it had to be, first of all.
    reason: Option<&'static str>,
}

impl<'a> Foreign<'a> {
    fn because(&mut self, reason: &'static str) {
        self.reason.get_or_insert(reason);
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn eat_any(&mut self, texts: &[&'static str]) -> Option<&'static str> {
        texts.iter().copied().find(|text| self.eat(text))
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// `LNK245a`, `880-245$a`.
    fn link(&mut self) -> bool {
        let is_linked = self
            .rest
            .strip_prefix("LNK")
            .or_else(|| self.rest.strip_prefix("880-"))
            .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
        self.rest = is_linked.unwrap_or(self.rest);
        if is_linked.is_some() {
            self.because(ALT);
        }
        is_linked.is_some()
    }

    fn tag(&mut self) -> Option<()> {
        if let Some(leader) = self.eat_any(&LEADERS) {
            if leader != "LDR" {
                self.because(LEADER);
            }
            self.path.push_str("LDR");
            return Some(());
        }
        let end = self.rest.char_indices().nth(3).map_or(self.rest.len(), |(end, _)| end);
        let (tag, rest) = self.rest.split_at(end);
        let pattern = with_points(tag)?;
        if pattern != tag {
            self.because(POINT);
        }
        self.path.push_str(&pattern);
        self.rest = rest;
        Some(())
    }

    /// Characters of the leader or a control field: `[35-37]`, `_/35-37`, `[35:38]`, `.type`.
    fn characters(&mut self) {
        let before = self.rest;
        if self.path == "LDR" && self.eat(".type") {
            self.path.push_str("/06");
            return;
        }
        let opening = self.eat_any(&["_/", "/", "[", "(", ".", "_", ":", "|", " "]);
        let first = self.digits();
        if first.is_empty() {
            self.rest = before;
            return;
        }
        let sign = self.eat_any(&["-", ":", ".."]);
        match opening {
            Some("[") if self.path == "LDR" => self.because(LEADER),
            Some("[") => self.because(BRACKET),
            Some("/") if matches!(sign, None | Some("-")) => {}
            _ => self.because(SLASH),
        }
        self.path.push('/');
        self.path.push_str(&first);
        match (sign, self.digits()) {
            (None, _) => {}
            // A slice of Python ends before its end.
            (Some(":"), last) => {
                let last = last.parse().map_or(0, |end: u32| end.saturating_sub(1));
                self.path.push_str(&format!("-{last:02}"));
            }
            (Some(_), last) => self.path.push_str(&format!("-{last}")),
        }
        self.eat_any(&["]", ")", "|"]);
    }

    /// Digits of a place, at least two.
    fn digits(&mut self) -> String {
        let digits = self.take_while(|character| character.is_ascii_digit());
        if digits.len() == 1 { format!("0{digits}") } else { digits.into() }
    }

    /// Indicators: `|*0|`, `(*0)`, `[,0]`, `/*0.`, `?0.`, ` #0 ` before a `$`.
    fn indicators(&mut self) {
        let Some((indicators, rest)) = indicators_of(self.rest) else { return };
        self.rest = rest;
        self.because(if indicators == [None, None] { FREE } else { BRACES });
        for (place, value) in indicators.into_iter().enumerate() {
            if let Some(value) = value {
                self.path.push_str(&format!("{{^{}={value}}}", place + 1));
            }
        }
    }

    /// Codes with or without something before each: `abc`, `|a|b`, `‡a ‡b`, `$ab`, `.a`.
    fn codes(&mut self) {
        let mut is_first = true;
        while self.code(is_first).is_some() {
            is_first = false;
        }
    }

    fn code(&mut self, is_first: bool) -> Option<()> {
        let rest = self.rest.trim_start();
        let has_blanks = rest.len() < self.rest.len();
        let behind_delimiter = DELIMITERS.iter().chain(&["_", "."]).find_map(|it| rest.strip_prefix(it));
        let (code, rest) = split_code(behind_delimiter.unwrap_or(rest))?;
        if has_blanks && behind_delimiter.is_none() && (!is_first || split_code(rest).is_some()) {
            return None;
        }
        if has_blanks {
            self.because(BLANK);
        } else if !self.rest.starts_with('$') {
            self.because(DOLLAR);
        }
        self.path.extend(['$', code]);
        self.rest = rest;
        let behind_range = rest.strip_prefix("-$").or_else(|| rest.strip_prefix('-'));
        if rest.starts_with("-$") {
            self.because(RANGE);
        }
        if let Some((last, rest)) = behind_range.and_then(split_code) {
            self.path.extend(['-', last]);
            self.rest = rest;
        }
        Some(())
    }

    /// What is left of the path: an index, characters, conditions.
    fn copy_the_end(&mut self) {
        let mut depth = 0_usize;
        let rest = self.take_while(|_| true);
        for character in rest.chars() {
            match character {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                ',' | ')' | ':' if depth == 0 => return,
                character if character.is_whitespace() && depth == 0 => return,
                _ => {}
            }
            self.path.push(character);
        }
    }
}

/// What stands before a code, in print and in other notations.
const DELIMITERS: [&str; 4] = ["$", "‡", "ǂ", "|"];

fn split_code(text: &str) -> Option<(char, &str)> {
    let code = text.chars().next().filter(char::is_ascii_alphanumeric)?;
    Some((code, text.strip_prefix(code)?))
}

/// What is asked of the indicators; `None` for anything.
type Indicators = [Option<char>; 2];

/// Indicators, and what stands behind them.
fn indicators_of(text: &str) -> Option<(Indicators, &str)> {
    let in_brackets =
        |opening, closing| text.strip_prefix(opening).and_then(|rest| two_indicators(rest, closing));
    let before_delimiter = || {
        let (both, rest) = two_indicators(text.trim_start(), "").filter(|_| !starts_with_letter(text))?;
        let rest = rest.trim_start();
        DELIMITERS.iter().any(|it| rest.starts_with(it)).then_some((both, rest))
    };
    let before_point = || two_indicators(text, ".").filter(|_| !starts_with_letter(text));
    in_brackets("|", "|")
        .or_else(|| in_brackets("(", ")"))
        .or_else(|| in_brackets("/", "."))
        .or_else(|| {
            text.strip_prefix("/*.").or_else(|| text.strip_prefix("*.")).map(|rest| ([None, None], rest))
        })
        .or_else(|| indicators_with_comma(text))
        .or_else(before_point)
        .or_else(before_delimiter)
}

fn starts_with_letter(text: &str) -> bool {
    text.trim_start().starts_with(|first: char| first.is_ascii_alphabetic())
}

fn two_indicators<'a>(text: &'a str, closing: &str) -> Option<(Indicators, &'a str)> {
    let mut characters = text.chars();
    let both = [indicator(characters.next()?)?, indicator(characters.next()?)?];
    Some((both, characters.as_str().strip_prefix(closing)?))
}

/// `[,0]`.
fn indicators_with_comma(text: &str) -> Option<(Indicators, &str)> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    let (first, second) = inside.split_once(',')?;
    let of = |text: &str| text.trim().chars().next().map_or(Some(None), indicator);
    Some(([of(first)?, of(second)?], rest))
}

/// What is asked of an indicator by this character; `None` if it is no indicator.
fn indicator(character: char) -> Option<Option<char>> {
    match character {
        '*' | '?' => Some(None),
        '#' | '_' | ' ' => Some(Some('#')),
        character => character.is_ascii_alphanumeric().then_some(Some(character)),
    }
}
