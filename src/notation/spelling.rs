//! Operators and functions of other languages, and what they are called here.

/// Why nothing that begins so can be compared.
pub(super) fn of_operand(text: &str) -> Option<String> {
    if text.starts_with('!') {
        return Some("a condition is negated by not".into());
    }
    if text.starts_with(['\'', '"']) {
        return Some("the expression stands first, as in 245$a ~ 'railway'".into());
    }
    let word = first_word(text);
    if WORDS.contains(&word) {
        return Some(format!("a condition is missing before {word}"));
    }
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let behind = text.trim_start_matches(|character: char| character.is_ascii_digit()).trim_start();
    if is_number && word.len() != 3 && behind.starts_with(['<', '>', '=', '!']) {
        return Some("the expression stands first, as in count(650) > 1".into());
    }
    let lower = word.to_ascii_lowercase();
    (lower == "not").then(|| format!("write {lower} for {word}"))
}

/// The words between parts of conditions.
const WORDS: [&str; 4] = ["and", "or", "in", "matches"];

/// Operators of other languages, and ours.
const OPERATORS: &[(&str, &str)] = &[
    ("&&", "and"),
    ("&", "and"),
    ("||", "or"),
    ("|", "or"),
    ("<>", "!="),
    ("=~", "matches"),
    ("===", "=="),
    ("!==", "!="),
    ("like", "~ or matches"),
    ("ilike", "~ or matches"),
    ("contains", "~"),
    ("startswith", "matches '^...'"),
    ("between", ">= and <="),
    ("is", "exists(...) or not exists(...)"),
];

/// What to write instead of the operator that is here, if it is of another language.
pub(super) fn of_operator(text: &str) -> Option<String> {
    let word = first_word(text);
    let lower = word.to_ascii_lowercase();
    let is_here = |sign: &str| if word.is_empty() { text.starts_with(sign) } else { lower == sign };
    if let Some((sign, ours)) = OPERATORS.iter().find(|(sign, _)| is_here(sign)) {
        let found = if word.is_empty() { sign } else { word };
        return Some(format!("write {ours} for {found}"));
    }
    let is_ours = WORDS.contains(&lower.as_str()) || lower == "not";
    (is_ours && word != lower).then(|| format!("write {lower} for {word}"))
}

fn first_word(text: &str) -> &str {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !is_word(character)).next().unwrap_or_default()
}

/// What other tools call a function, and we.
const FUNCTIONS: &[(&str, &str)] = &[
    ("distinct", "unique"),
    ("len", "count"),
    ("length", "count"),
    ("lowercase", "lower"),
    ("size", "count"),
    ("strip", "trim"),
    ("number", "int"),
];

/// The name that was meant, if one is near.
pub(super) fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if let Some((_, ours)) = FUNCTIONS.iter().find(|(theirs, _)| *theirs == name) {
        return Some(ours);
    }
    let most = name.len() / 3 + 1;
    let distances = names.iter().map(|known| (distance(&name, known), *known));
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// How many letters of one name are inserted, left out or changed to make it the other.
fn distance(one: &str, other: &str) -> usize {
    // A name that is much longer is not near.
    if one.len() > 2 * other.len() + 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.bytes().enumerate() {
        let mut diagonal = place;
        let mut left = place + 1;
        for (cell, known) in row.iter_mut().skip(1).zip(other.bytes()) {
            let changed = diagonal + usize::from(letter != known);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
