//! A record as MARCMaker text, which is what `str` gives.

use pyo3::prelude::*;

use super::record::Record;
use super::text::{Parts, Value};

/// `=LDR`, and a line for each field; none where only Python knows how.
pub(super) fn text(record: &Bound<'_, Record>) -> PyResult<Option<String>> {
    let py = record.py();
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut lines = Lines(String::with_capacity(2048));
    lines.0.extend(["=LDR  ", leader, "\n"]);
    Ok(record.get().tell(py, &mut lines)?.then_some(lines.0))
}

struct Lines(String);

impl Parts for Lines {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        self.0.extend(["=", tag, "  "]);
        self.0.extend(data.text().chars().map(|it| if it == ' ' { '\\' } else { it }));
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2]) -> PyResult<()> {
        self.0.extend(["=", tag, "  "]);
        self.0.extend(indicators.map(|it| if it == " " { "\\" } else { it }));
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        self.0.extend(["$", code, &value.text()]);
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        self.0.push('\n');
        Ok(())
    }
}
