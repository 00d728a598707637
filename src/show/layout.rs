//! Cells side by side within the width of a terminal, and text escaped for HTML.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The maximum width of a cell, in terminal columns; East Asian characters take two.
pub(super) const CELL: usize = 60;

pub(super) fn shortened(text: &str) -> String {
    cut(text, CELL)
}

pub(super) fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The end of a text, for names whose beginning says less.
pub(super) fn cut_before(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < room
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
        if !line.is_empty() && line.width() + 1 + word.width() > room {
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

/// The line of accounts below a table, as lines of at most `room` columns.
pub(super) fn news_below(news: &str, room: usize) -> impl Iterator<Item = String> {
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
            cells.chain([&names[column]]).map(|cell| cell.width()).max().unwrap_or(0)
        })
        .collect();
    let (widths, all) = fitted(&widths, room);
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).zip(are_numbers).map(|((cell, &width), is_number)| {
            let cell = cut(cell, width);
            let missing = " ".repeat(width.saturating_sub(cell.width()));
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
    let narrowest = 24;
    let cap = (narrowest..=CELL).rev().find(|&cap| total(cap) <= room);
    let (all, cap) = (cap.is_some(), cap.unwrap_or(narrowest));
    let mut used = 0;
    let fits = |width: &usize| {
        used += width + 2;
        all || used + "  …".width() <= room
    };
    (capped(cap).take_while(fits).collect(), all)
}

/// Text as the content or an attribute of an HTML element.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
