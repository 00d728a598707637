//! The terminal: how wide it is, whether it shows colours, and what is written to it.

use std::io::{self, BufWriter, IsTerminal, Write};

use crate::error::{Error, Result};
use crate::show::Screen;
use crate::words::printable;

const BUFFER: usize = 1 << 16;

/// The columns that a table can take: `COLUMNS`, or those of the terminal; without one, as many as it needs.
pub(super) fn room() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    told.or_else(asked).filter(|&columns| columns > 0).unwrap_or(usize::MAX)
}

/// Whether the output is read by people.
pub(super) fn is_shown() -> bool {
    io::stdout().is_terminal()
}

/// Whether the output has colours: on a terminal, unless `NO_COLOR` is set.
fn has_colours() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    is_shown() && !is_set("NO_COLOR") && !is_dumb
}

/// What the output is shown on.
pub(super) fn screen() -> Screen {
    Screen { room: room(), has_colours: has_colours(), is_terminal: is_shown() }
}

/// Says something beside the output.
pub(super) fn say(message: &str) {
    let lines: Vec<String> = message.lines().map(printable).collect();
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr(), "mrrc: {}", lines.join("\n"));
}

/// Prints lines, such as those of a table.
pub(super) fn print(text: &str) -> Result<()> {
    let (screen, mut output) = (screen(), unfiltered());
    let mut print = |line: &str| match screen.is_terminal {
        true => writeln!(output, "{}", screen.cells(&harmless(line))),
        false => writeln!(output, "{line}"),
    };
    let printed = text.split('\n').try_for_each(&mut print);
    printed.and_then(|()| output.flush()).map_err(Error::of_writing)
}

/// Standard output, in blocks. What would control a terminal is not sent to one.
pub(super) fn output() -> BufWriter<Box<dyn Write>> {
    let output: Box<dyn Write> = match is_shown() {
        true => Box::new(Harmless { to: io::stdout(), begun: Vec::new() }),
        false => Box::new(io::stdout()),
    };
    BufWriter::with_capacity(BUFFER, output)
}

/// Standard output, in blocks, for text that is harmless already, such as that of [`show`](crate::show).
pub(super) fn unfiltered() -> BufWriter<Box<dyn Write>> {
    BufWriter::with_capacity(BUFFER, Box::new(io::stdout()))
}

/// Passes text on without characters that control a terminal, but for those that end lines and cells.
struct Harmless<W> {
    to: W,
    /// The first bytes of a character whose others are still to come.
    begun: Vec<u8>,
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.begun.len(),
        };
        let text: Vec<u8> = self.begun.drain(..whole).collect();
        let lines: Vec<String> = String::from_utf8_lossy(&text).split('\n').map(harmless).collect();
        self.to.write_all(lines.join("\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A line without characters that control a terminal.
pub(super) fn harmless(line: &str) -> String {
    line.split('\t').map(printable).collect::<Vec<_>>().join("\t")
}
