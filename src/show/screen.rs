//! [`Screen`]: what text is shown on, its colours, and text from right to left among other text.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, bidi_class};

/// What text is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// How many columns there are.
    pub room: usize,
    /// Whether it shows colours.
    pub has_colours: bool,
    /// Whether it sets text from right to left by itself, as terminals do.
    pub is_terminal: bool,
}

/// The palette: how text is set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What stands out, such as tags.
    Strong,
    /// Signs between values, such as the codes of subfields.
    Sign,
    /// What explains other text.
    Faint,
    /// What is odd.
    Warning,
}

impl Style {
    fn sequence(self) -> &'static str {
        match self {
            Style::Strong => "\x1b[1m",
            Style::Sign => "\x1b[36m",
            Style::Faint => "\x1b[2m",
            Style::Warning => "\x1b[33m",
        }
    }
}

impl Screen {
    /// Text that is set off, if there are colours.
    pub fn styled<'t>(&self, style: Style, text: &'t str) -> Cow<'t, str> {
        match self.has_colours && !text.trim().is_empty() {
            true => format!("{}{text}\x1b[0m", style.sequence()).into(),
            false => text.into(),
        }
    }

    /// A line in which two blanks stand between cells, each in its own direction.
    pub fn cells<'t>(&self, line: &'t str) -> Cow<'t, str> {
        const BETWEEN: &str = "  ";
        if !self.is_terminal || Direction::of(line).is_none() {
            return line.into();
        }
        let cell = |cell: &str| {
            let text = cell.trim_start();
            let blanks = cell.len() - text.len();
            format!("{}{}", " ".repeat(blanks), self.isolated(text, Direction::of(text)))
        };
        line.split(BETWEEN).map(cell).collect::<Vec<_>>().join(BETWEEN).into()
    }

    /// Text in this direction, which does not move what stands around it.
    pub(super) fn isolated<'t>(&self, text: &'t str, direction: Option<Direction>) -> Cow<'t, str> {
        match direction.filter(|_| self.is_terminal) {
            Some(Direction::RightToLeft) => format!("\u{2067}{text}\u{2069}").into(),
            Some(Direction::LeftToRight) => format!("\u{2066}{text}\u{2069}").into(),
            None => text.into(),
        }
    }
}

/// The direction of text that a terminal may reorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    /// That of the first letter; `None` if nothing in the text runs from right to left.
    pub(super) fn of(text: &str) -> Option<Direction> {
        use BidiClass::{AL, AN, L, R};
        if text.is_ascii() {
            return None;
        }
        let mut classes = text.chars().map(bidi_class);
        classes.clone().find(|class| matches!(class, R | AL | AN))?;
        match classes.find(|class| matches!(class, L | R | AL)) {
            Some(R | AL) => Some(Direction::RightToLeft),
            _ => Some(Direction::LeftToRight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_gives_the_direction() {
        assert_eq!(Direction::of("Emma, 1816, Émile"), None);
        assert_eq!(Direction::of("1948 תל אביב"), Some(Direction::RightToLeft));
        assert_eq!(Direction::of("(القاهرة) Cairo"), Some(Direction::RightToLeft));
        assert_eq!(Direction::of("Tel Aviv = תל אביב"), Some(Direction::LeftToRight));
    }

    #[test]
    fn a_cell_does_not_move_the_others() {
        let screen = Screen { room: 80, has_colours: false, is_terminal: true };
        assert_eq!(screen.cells("  תל אביב   1948  Emma"), "  \u{2067}תל אביב\u{2069}   1948  Emma");
        assert_eq!(screen.cells("  Cairo  1948"), "  Cairo  1948");
        assert_eq!(Screen { is_terminal: false, ..screen }.cells("  תל אביב  1948"), "  תל אביב  1948");
    }
}
