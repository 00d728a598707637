//! Cells side by side within the width of a terminal, and text escaped for HTML.

use unicode_width::UnicodeWidthChar;

/// The maximum width of a cell, in terminal columns; East Asian characters take two.
pub(super) const CELL: usize = 60;

/// The style of a cell of HTML that holds text in any direction, on several lines if need be.
pub(super) const TEXT_CELL: &str =
    "text-align:left;vertical-align:top;white-space:pre-wrap;unicode-bidi:plaintext";

/// The columns that a terminal takes for text: those of its characters, as terminals have no ligatures.
pub(super) fn width_of(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

pub(super) fn shortened(text: &str) -> String {
    cut(text, CELL)
}

pub(super) fn cut(text: &str, room: usize) -> String {
    if width_of(text) <= room {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used < room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The end of a text, for names whose beginning says less.
pub(super) fn cut_before(text: &str, room: usize) -> String {
    if width_of(text) <= room {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used < room
    };
    let end: Vec<char> = text.chars().rev().take_while(fits).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

/// Words in lines of at most `room` columns; what does not fit into `most` lines is cut.
pub(super) fn wrapped(text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        let is_last = lines.len() == most;
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && width_of(line) + 1 + width_of(word) > room {
            if is_last {
                // Only what follows shows that something is cut.
                line.extend(std::iter::once(word).chain(words).flat_map(|word| [" ", word]));
                break;
            }
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.iter().map(|line| cut(line, room)).collect()
}

/// A sentence below a table, such as that of its accounts, as lines of at most `room` columns.
pub fn below(news: &str, room: usize) -> impl Iterator<Item = String> {
    const LINES: usize = 4;
    std::iter::once(String::new()).chain(wrapped(news, room, LINES))
}

/// Columns side by side, each as wide as its widest cell, as many as fit; an ellipsis stands for those left out. Columns
/// of numbers are aligned to the right.
pub(super) fn side_by_side(
    names: &[String],
    are_numbers: &[bool],
    rows: &[Option<Vec<String>>],
    room: usize,
) -> Vec<String> {
    let widths: Vec<usize> = (0..names.len())
        .map(|column| {
            let cells = rows.iter().flatten().filter_map(|row| row.get(column));
            cells.chain([&names[column]]).map(|cell| width_of(cell)).max().unwrap_or(0)
        })
        .collect();
    let (widths, all) = fitted(&widths, room);
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).zip(are_numbers).map(|((cell, &its), is_number)| {
            let cell = cut(cell, its);
            let missing = " ".repeat(its.saturating_sub(width_of(&cell)));
            if *is_number { missing + &cell } else { cell + &missing }
        });
        let cells: Vec<String> = padded.chain((!all).then(|| "…".to_owned())).collect();
        format!("  {}", cells.join("  ")).trim_end().to_owned()
    };
    let rows = rows.iter().map(|row| row.as_deref().map_or_else(|| "  …".to_owned(), line));
    std::iter::once(line(names)).chain(rows).collect()
}

/// The widths of the columns that fit, and whether those are all. Wide columns are narrowed before any is left out.
fn fitted(widths: &[usize], room: usize) -> (Vec<usize>, bool) {
    let capped = |cap: usize| widths.iter().map(move |&width| width.min(cap));
    let total = |cap| capped(cap).map(|width| width + 2).sum::<usize>();
    const NARROWEST: usize = 12;
    const NARROW: usize = 24;
    let cap = (NARROWEST..=CELL).rev().find(|&cap| total(cap) <= room);
    let (all, cap) = (cap.is_some(), cap.unwrap_or(NARROW));
    let mut used = 0;
    let fits = |width: &usize| {
        used += width + 2;
        all || used + width_of("  …") <= room
    };
    (capped(cap).take_while(fits).collect(), all)
}

/// Text as the content or an attribute of an HTML element.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
