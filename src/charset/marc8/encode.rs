//! Encodes text in MARC-8.

use std::fmt;

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, is_combining_mark};

use super::sets::{Place, Set, places};
use super::{ESCAPE, FUNCTIONS, SUPERSCRIPT_ALEF, is_plain};

/// A character that MARC-8 cannot write: no set has it, or it is a mark that follows no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unencodable {
    /// The character.
    pub character: char,
    /// The place of its first byte in the text.
    pub at: usize,
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", u32::from(self.character))?;
        if !self.character.is_control() && !is_combining_mark(self.character) {
            write!(f, " ({})", self.character)?;
        }
        write!(f, " at byte {} has no place in MARC-8", self.at)
    }
}

impl std::error::Error for Unencodable {}

/// Appends one value (subfield or control field) in MARC-8.
///
/// The value begins with ASCII in G0 and ANSEL in G1, and ends with ASCII in G0. Other sets are designated to the
/// half in which the code tables of MARC 21 list them and readers expect them: G0, but G1 for extended Cyrillic and
/// extended Arabic. Spaces and control bytes are never written while a three-byte set is in G0. Marks go before their
/// base; a composed letter that no set has is decomposed. Control bytes except ESC and DEL are written unchanged,
/// including delimiters.
///
/// [`decode`](super::decode()) returns the text, composed; for a mark over two letters (U+0361, U+0360), which the
/// code tables assign to its first half, both halves. If a character cannot be written, nothing is appended.
///
/// ```
/// use mrrc::internals::charset::marc8;
///
/// let mut bytes = Vec::new();
/// marc8::encode("Café мир", &mut bytes)?;
/// assert_eq!(bytes, b"Caf\xe2e \x1b(NMIR\x1b(B");
///
/// let unencodable = marc8::encode("a 🙂", &mut bytes).unwrap_err();
/// assert_eq!(unencodable.to_string(), "U+1F642 (🙂) at byte 2 has no place in MARC-8");
/// # Ok::<(), marc8::Unencodable>(())
/// ```
pub fn encode(text: &str, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    let start = out.len();
    let mut encoder = Encoder::new(out, None);
    let written = encoder.write(text).and_then(|()| encoder.finish());
    written.inspect_err(|_| out.truncate(start))
}

/// The same, but for each character that cannot be written, `replace` appends ASCII in its place.
///
/// A mark whose letter is replaced is replaced as well, as is a mark over two letters if one of them is.
///
/// ```
/// use std::io::Write;
///
/// use mrrc::internals::charset::marc8;
///
/// let mut bytes = Vec::new();
/// marc8::encode_with("Café 🙂", &mut bytes, &mut |character, out| {
///     out.extend(format!("&#x{:04X};", u32::from(character)).bytes());
/// });
/// assert_eq!(bytes, b"Caf\xe2e &#x1F642;");
/// ```
pub fn encode_with(text: &str, out: &mut Vec<u8>, replace: Replace<'_>) {
    let mut encoder = Encoder::new(out, Some(replace));
    // Nothing is an error where all can be replaced.
    let _ = encoder.write(text).and_then(|()| encoder.finish());
}

/// Appends the replacement of a character.
pub type Replace<'a> = &'a mut dyn FnMut(char, &mut Vec<u8>);

struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    g0: Set,
    g1: Set,
    /// The last letter, if it has the first half of a mark over two letters.
    first_of_two: Option<FirstOfTwo>,
    replace: Option<Replace<'a>>,
}

/// A letter with the first half of a mark over two letters, and what is needed to rewrite it without.
struct FirstOfTwo {
    second_half: char,
    /// The mark.
    whole: Unencodable,
    base: char,
    /// The marks before that over two, and those after it.
    marks: [SmallVec<[char; 8]>; 2],
    /// The state of the encoder before the letter.
    length: usize,
    g0: Set,
    g1: Set,
}

/// The halves of a mark over two letters.
fn halves(mark: char) -> Option<[char; 2]> {
    match mark {
        '\u{361}' => Some(['\u{FE20}', '\u{FE21}']),
        '\u{360}' => Some(['\u{FE22}', '\u{FE23}']),
        _ => None,
    }
}

impl<'a> Encoder<'a> {
    fn new(out: &'a mut Vec<u8>, replace: Option<Replace<'a>>) -> Encoder<'a> {
        Encoder { out, g0: Set::Ascii, g1: Set::Ansel, first_of_two: None, replace }
    }

    fn write(&mut self, text: &str) -> Result<(), Unencodable> {
        let mut rest = text;
        loop {
            if self.g0 == Set::Ascii && self.first_of_two.is_none() {
                // Plain ASCII, without its last letter, which a mark may follow.
                let plain = rest.bytes().take_while(|byte| is_plain(*byte)).count();
                let plain = if plain < rest.len() { plain.saturating_sub(1) } else { plain };
                let (itself, after) = rest.split_at_checked(plain).unwrap_or(("", rest));
                self.out.extend(itself.as_bytes());
                rest = after;
            }
            let Some(base) = rest.chars().next() else { return Ok(()) };
            let at = text.len() - rest.len();
            rest = rest.get(base.len_utf8()..).unwrap_or_default();
            if let Some(byte) = control(base) {
                self.no_second_half()?;
                self.leave_three_bytes();
                self.out.push(byte);
                continue;
            }
            let end = rest.find(|next| !is_mark(next)).unwrap_or(rest.len());
            let (marks, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = after;
            if is_writable_mark(base)
                && marks.chars().all(is_writable_mark)
                && let Some(after) = after.strip_prefix(SUPERSCRIPT_ALEF)
            {
                // Canonical order puts marks before the alef that is their letter in MARC-8.
                let others = after.chars().take_while(|next| is_mark(*next) && is_writable_mark(*next));
                rest = after.get(others.clone().map(char::len_utf8).sum()..).unwrap_or_default();
                let all = std::iter::once(base).chain(marks.chars()).chain(others);
                self.write_parts(SUPERSCRIPT_ALEF, all);
            } else {
                self.write_or_replace(base, marks, at)?;
            }
        }
    }

    fn finish(&mut self) -> Result<(), Unencodable> {
        self.no_second_half()?;
        // G1 is not reset: the next value begins with ANSEL, and pymarc takes the E of its designation for text.
        self.designate(Set::Ascii);
        Ok(())
    }

    /// A mark over two letters lacks the second one.
    fn no_second_half(&mut self) -> Result<(), Unencodable> {
        let Some(first) = self.first_of_two.take() else { return Ok(()) };
        if self.replace.is_none() {
            return Err(first.whole);
        }
        let FirstOfTwo { whole, base, marks: [before, after], length, g0, g1, .. } = first;
        self.out.truncate(length);
        (self.g0, self.g1) = (g0, g1);
        self.write_parts_or_replace(base, &before);
        self.replace([whole.character].into_iter().chain(after));
        Ok(())
    }

    /// Writes a letter and the marks after it, and replaces those that cannot be written, if replacing.
    fn write_or_replace(&mut self, base: char, marks: &str, at: usize) -> Result<(), Unencodable> {
        let is_over_two = |mark: char| halves(mark).is_some();
        let written = match self.first_of_two.is_some() || marks.contains(is_over_two) {
            true => self.write_halves(base, marks, at),
            false => self.write_letter(base, marks, at),
        };
        if written.is_ok() || self.replace.is_none() {
            return written;
        }
        if self.first_of_two.is_some() {
            self.no_second_half()?;
            return self.write_or_replace(base, marks, at);
        }
        let end = marks.find(|mark| !is_writable_mark(mark) || is_over_two(mark)).unwrap_or(marks.len());
        let (kept, replaced) = marks.split_at_checked(end).unwrap_or((marks, ""));
        let kept: SmallVec<[char; 8]> = kept.chars().collect();
        self.write_parts_or_replace(base, &kept);
        self.replace(replaced.chars());
        Ok(())
    }

    /// Writes a letter with all these marks, or the replacement of each.
    fn write_parts_or_replace(&mut self, base: char, marks: &[char]) {
        let text: String = marks.iter().collect();
        if self.write_letter(base, &text, 0).is_ok() {
            return;
        }
        let replaced = match self.write_letter(base, "", 0) {
            Ok(()) => None,
            Err(_) => Some(base),
        };
        self.replace(replaced.into_iter().chain(marks.iter().copied()));
    }

    /// Writes the replacements of some characters.
    fn replace(&mut self, characters: impl IntoIterator<Item = char>) {
        for character in characters {
            self.designate(Set::Ascii);
            if let Some(replace) = &mut self.replace {
                replace(character, self.out);
            }
        }
    }

    /// One of the letters below a mark over two.
    fn write_halves(&mut self, base: char, marks: &str, at: usize) -> Result<(), Unencodable> {
        let (length, g0, g1) = (self.out.len(), self.g0, self.g1);
        let mut written = String::new();
        let mut second_half = self.first_of_two.as_ref().map(|first| first.second_half);
        let mut over_two = None;
        let mut others: [SmallVec<[char; 8]>; 2] = Default::default();
        others[0].extend(second_half);
        for (place, mark) in marks.char_indices() {
            let Some([first, second]) = halves(mark) else {
                written.push(mark);
                others[usize::from(over_two.is_some())].push(mark);
                continue;
            };
            if let Some((_, whole)) = over_two {
                return Err(whole);
            }
            written.extend(second_half.take());
            written.push(first);
            over_two = Some((second, Unencodable { character: mark, at: at + base.len_utf8() + place }));
        }
        written.extend(second_half);
        // Where a mark is missing is a matter of the text as it was given.
        self.write_letter(base, &written, at).map_err(|_| missing(base, marks, at))?;
        self.first_of_two = over_two.map(|(second_half, whole)| FirstOfTwo {
            second_half,
            whole,
            base,
            marks: others,
            length,
            g0,
            g1,
        });
        Ok(())
    }

    /// A letter and the marks after it.
    fn write_letter(&mut self, base: char, marks: &str, at: usize) -> Result<(), Unencodable> {
        if is_writable_base(base) && marks.chars().all(is_writable_mark) {
            self.write_parts(base, marks.chars());
            return Ok(());
        }
        let mut parts = std::iter::once(base).chain(marks.chars()).nfd();
        let mut letter = parts.next().unwrap_or(base);
        let mut kept: SmallVec<[char; 8]> = SmallVec::new();
        let mut highest = 0;
        for mark in parts {
            let class = canonical_combining_class(mark);
            if is_writable_mark(mark) {
                kept.push(mark);
                highest = class;
            } else {
                // A mark that no set has may be part of a letter that one has (O and horn: Ơ). Marks
                // of its own class or above between the two would keep them apart.
                let composed = compose(letter, mark).filter(|_| kept.is_empty() || highest < class);
                let Some(composed) = composed else { return Err(missing(base, marks, at)) };
                letter = composed;
            }
        }
        if !is_writable_base(letter) {
            return Err(missing(base, marks, at));
        }
        self.write_parts(letter, kept.iter().copied());
        Ok(())
    }

    fn write_parts(&mut self, base: char, marks: impl Iterator<Item = char>) {
        for mark in marks {
            self.write_place(places(mark));
        }
        if base == ' ' {
            self.leave_three_bytes();
            self.out.push(b' ');
        } else {
            self.write_place(places(base));
        }
    }

    /// Writes a character from the current set, or else from the first set that has it.
    fn write_place(&mut self, places: &[Place]) {
        let in_force = |place: &&Place| place.set == self.g0 || place.set == self.g1;
        let usual = |place: &&Place| place.set == Set::Ansel;
        let place = places.iter().find(in_force).or_else(|| places.iter().find(usual)).or(places.first());
        let Some(place) = place else { return };
        if place.set.is_usual_in_g1() {
            self.designate_g1(place.set);
            self.out.extend(place.bytes().iter().map(|byte| byte | 0x80));
        } else {
            self.designate(place.set);
            self.out.extend(place.bytes());
        }
    }

    /// Some readers take spaces and control bytes between three-byte characters for part of these.
    fn leave_three_bytes(&mut self) {
        if self.g0 == Set::EastAsian {
            self.designate(Set::Ascii);
        }
    }

    fn designate_g1(&mut self, set: Set) {
        if set != self.g1 {
            self.out.push(ESCAPE);
            self.out.extend(set.into_g1());
            self.g1 = set;
        }
    }

    /// Designates a set.
    fn designate(&mut self, set: Set) {
        if set == self.g0 {
            return;
        }
        if self.g0.is_technique_1() {
            self.out.extend(&[ESCAPE, b's']);
        }
        if !(self.g0.is_technique_1() && set == Set::Ascii) {
            self.out.push(ESCAPE);
            self.out.extend(set.into_g0());
        }
        self.g0 = set;
    }
}

/// The byte of a control function; these need no set and are not bases of marks.
fn control(character: char) -> Option<u8> {
    match character {
        '\x1B' => None,
        '\0'..='\x1F' => u8::try_from(character).ok(),
        _ => FUNCTIONS.iter().find(|(_, function)| *function == character).map(|(byte, _)| *byte),
    }
}

/// The space is in no set's table but in all sets.
fn is_writable_base(character: char) -> bool {
    character == ' ' || places(character).iter().any(|place| !place.combining)
}

fn is_writable_mark(character: char) -> bool {
    places(character).iter().any(|place| place.combining)
}

/// Whether a character belongs to the letter before it: according to MARC-8, or to Unicode if MARC-8 lacks it.
fn is_mark(character: char) -> bool {
    match places(character).first() {
        Some(place) => place.combining,
        None => canonical_combining_class(character) != 0,
    }
}

/// The first character of a letter and its marks that no set has.
fn missing(base: char, marks: &str, at: usize) -> Unencodable {
    let after = at + base.len_utf8();
    let is_missing = |mark: char| !is_writable_mark(mark) && halves(mark).is_none();
    let missing = marks.char_indices().find(|(_, mark)| is_missing(*mark));
    match missing {
        Some((place, character)) if is_writable_base(base) => Unencodable { character, at: after + place },
        _ => Unencodable { character: base, at },
    }
}
