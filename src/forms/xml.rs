//! MARCXML: the element `record` of the MARC 21 slim schema.

use std::convert::Infallible;
use std::fmt::Write;

use super::STRAY_CODE;
use crate::record::{Value, Visit};

const NAMESPACE: &str = concat!(
    " xmlns=\"http://www.loc.gov/MARC21/slim\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " xsi:schemaLocation=\"http://www.loc.gov/MARC21/slim",
    " http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd\"",
);

/// A record as the MARCXML element `record`, formatted like Python's `xml.etree`.
///
/// ```
/// use mrrc::forms::Xml;
/// use mrrc::record::{Value, Visit};
///
/// let mut xml = Xml::new("00000nam a2200000 a 4500", false, false);
/// let Ok(()) = xml.control("001", Value::Text("A & B".into()));
/// assert!(xml.finish().contains("A &amp; B"));
/// ```
#[derive(Clone, Debug)]
pub struct Xml {
    out: String,
    is_ascii: bool,
    /// True while the tag of the current element lacks its `>`.
    is_open: bool,
    fields: usize,
}

impl Xml {
    /// A record with this leader and no fields yet. If `is_ascii`, other characters become references; `namespace`
    /// declares the namespace of MARCXML on the element.
    pub fn new(leader: &str, is_ascii: bool, namespace: bool) -> Xml {
        let mut xml = Xml { out: String::with_capacity(4096), is_ascii, is_open: false, fields: 0 };
        xml.out.extend(["<record", if namespace { NAMESPACE } else { "" }, "><leader"]);
        xml.content(leader, "leader");
        xml
    }

    /// The number of fields so far.
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// The complete element.
    pub fn finish(mut self) -> String {
        self.out.push_str("</record>");
        self.out
    }

    /// The content of an element whose tag lacks its `>`.
    fn content(&mut self, text: &str, name: &str) {
        if text.is_empty() {
            self.out.push_str(" />");
            return;
        }
        self.out.push('>');
        self.escaped(text, |it| match it {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            _ => None,
        });
        self.out.extend(["</", name, ">"]);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.extend([" ", name, "=\""]);
        self.escaped(value, |it| match it {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\r' => Some("&#13;"),
            '\n' => Some("&#10;"),
            '\t' => Some("&#09;"),
            _ => None,
        });
        self.out.push('"');
    }

    fn escaped(&mut self, text: &str, escape: fn(char) -> Option<&'static str>) {
        let mut rest = text;
        let is_ascii = self.is_ascii;
        while let Some(place) = rest.find(|it: char| is_ascii && !it.is_ascii() || escape(it).is_some()) {
            let (before, after) = rest.split_at(place);
            self.out.push_str(before);
            let mut characters = after.chars();
            if let Some(character) = characters.next() {
                match escape(character) {
                    Some(escaped) => self.out.push_str(escaped),
                    // Writing to a String does not fail.
                    None => drop(write!(self.out, "&#{};", u32::from(character))),
                }
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
    }
}

impl Visit for Xml {
    type Stop = Infallible;

    fn control(&mut self, tag: &str, data: Value<'_>) -> Result<(), Infallible> {
        self.out.push_str("<controlfield");
        self.attribute("tag", tag);
        self.content(&data.text(), "controlfield");
        self.fields += 1;
        Ok(())
    }

    fn data(
        &mut self,
        tag: &str,
        [first, second]: [&str; 2],
        stray: Option<Value<'_>>,
    ) -> Result<(), Infallible> {
        self.out.push_str("<datafield");
        self.attribute("ind1", first);
        self.attribute("ind2", second);
        self.attribute("tag", tag);
        self.is_open = true;
        stray.map_or(Ok(()), |stray| self.subfield(STRAY_CODE, stray))
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> Result<(), Infallible> {
        if std::mem::take(&mut self.is_open) {
            self.out.push('>');
        }
        self.out.push_str("<subfield");
        self.attribute("code", code);
        self.content(&value.text(), "subfield");
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.out.push_str(if std::mem::take(&mut self.is_open) { " />" } else { "</datafield>" });
        self.fields += 1;
        Ok(())
    }
}
