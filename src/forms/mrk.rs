//! MARCMaker text, the mnemonic format of MarcEdit.

use std::convert::Infallible;

use crate::record::{Value, Visit};

/// A record as MARCMaker text: `=LDR`, then a line for each field, with `\` for a blank.
///
/// ```
/// use mrrc::forms::Mrk;
/// use mrrc::record::{Value, Visit};
///
/// let mut mrk = Mrk::new("00000nam a2200000 a 4500");
/// let Ok(()) = mrk.control("001", Value::Text("A 1".into()));
/// assert_eq!(mrk.finish(), "=LDR  00000nam a2200000 a 4500\n=001  A\\1\n");
/// ```
#[derive(Clone, Debug)]
pub struct Mrk(String);

impl Mrk {
    /// A record with this leader and no fields yet.
    pub fn new(leader: &str) -> Mrk {
        let mut text = String::with_capacity(2048);
        text.extend(["=LDR  ", leader, "\n"]);
        Mrk(text)
    }

    /// The complete record.
    pub fn finish(self) -> String {
        self.0
    }
}

impl Visit for Mrk {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.0.extend(["=", tag, "  "]);
        self.0.extend(data.text().chars().map(|it| if it == ' ' { '\\' } else { it }));
        self.end()
    }

    fn data(&mut self, tag: &str, indicators: [&str; 2], stray: Option<Value<'_>>) -> Result<(), Infallible> {
        self.0.extend(["=", tag, "  "]);
        self.0.extend(indicators.map(|it| if it == " " { "\\" } else { it }));
        self.0.extend(stray.as_ref().map(Value::text));
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.0.extend(["$", code, &value.text()]);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.0.push('\n');
        Ok(())
    }
}
