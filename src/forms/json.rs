//! MARC-in-JSON: `{"leader": ..., "fields": [{tag: data}, {tag: {"ind1", "ind2", "subfields": [{code: value}]}}]}`.

use std::convert::Infallible;
use std::fmt::Write;

use super::STRAY_CODE;
use crate::record::{Value, Visit};

/// A record as MARC-in-JSON, formatted like Python's `json.dumps`: in ASCII, with a space after `:` and `,`.
///
/// ```
/// use mrrc::forms::Json;
/// use mrrc::record::{Value, Visit};
///
/// let mut json = Json::new("00000nam a2200000 a 4500");
/// let Ok(()) = json.control("001", Value::Text("A1".into()));
/// assert_eq!(json.finish(), r#"{"leader": "00000nam a2200000 a 4500", "fields": [{"001": "A1"}]}"#);
/// ```
#[derive(Clone, Debug)]
pub struct Json {
    out: String,
    /// The separators between a key and its value, and between two items.
    colon: &'static str,
    comma: &'static str,
    /// True if the next item is the first.
    is_first: bool,
    fields: usize,
}

impl Json {
    /// A record with this leader and no fields yet.
    pub fn new(leader: &str) -> Json {
        Json::begin(leader, ": ", ", ")
    }

    /// The same without spaces, like `json.dumps` with `separators=(",", ":")`.
    pub fn compact(leader: &str) -> Json {
        Json::begin(leader, ":", ",")
    }

    fn begin(leader: &str, colon: &'static str, comma: &'static str) -> Json {
        let out = String::with_capacity(2048);
        let mut json = Json { out, colon, comma, is_first: true, fields: 0 };
        json.out.push('{');
        json.key("leader");
        json.string(leader);
        json.out.push_str(json.comma);
        json.key("fields");
        json.out.push('[');
        json
    }

    /// The number of fields so far.
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// The complete record.
    pub fn finish(mut self) -> String {
        self.out.push_str("]}");
        self.out
    }

    fn key(&mut self, key: &str) {
        self.string(key);
        self.out.push_str(self.colon);
    }

    fn between(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push_str(self.comma);
        }
    }

    /// A string, in ASCII.
    fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(place) = rest.find(|it: char| !matches!(it, ' '..='~') || matches!(it, '"' | '\\')) {
            let (before, after) = rest.split_at(place);
            self.out.push_str(before);
            let mut characters = after.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            '\x08' => self.out.push_str("\\b"),
            '\x0c' => self.out.push_str("\\f"),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(self.out, "\\u{unit:04x}");
                }
            }
        }
    }
}

impl Visit for Json {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.between();
        self.out.push('{');
        self.key(tag);
        self.string(&data.text());
        self.out.push('}');
        self.fields += 1;
        Ok(())
    }

    fn data(
        &mut self,
        tag: &str,
        [first, second]: [&str; 2],
        stray: Option<Value<'_>>,
    ) -> Result<(), Infallible> {
        self.between();
        self.out.push('{');
        self.key(tag);
        self.out.push('{');
        self.key("ind1");
        self.string(first);
        self.out.push_str(self.comma);
        self.key("ind2");
        self.string(second);
        self.out.push_str(self.comma);
        self.key("subfields");
        self.out.push('[');
        self.is_first = true;
        stray.map_or(Ok(()), |stray| self.subfield(STRAY_CODE, stray))
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        self.between();
        self.out.push('{');
        self.key(code);
        self.string(&value.text());
        self.out.push('}');
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.out.push_str("]}}");
        self.is_first = false;
        self.fields += 1;
        Ok(())
    }
}
