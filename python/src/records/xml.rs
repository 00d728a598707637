//! A record as MARCXML, as `xml.etree` writes it.

use std::fmt::Write;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::record::Record;
use super::text::{Parts, Value};

const NAMESPACE: &str = concat!(
    " xmlns=\"http://www.loc.gov/MARC21/slim\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " xsi:schemaLocation=\"http://www.loc.gov/MARC21/slim",
    " http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd\"",
);

/// The element `record`; none where only Python knows how. In ASCII, other characters are references.
#[pyfunction]
pub(super) fn _record_to_xml<'py>(
    record: &Bound<'py, Record>,
    is_ascii: bool,
    namespace: bool,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let py = record.py();
    if !record.is_exact_instance_of::<Record>() {
        return Ok(None);
    }
    let leader = record.get().get_leader(py)?.str()?;
    let Ok(leader) = leader.to_str() else { return Ok(None) };
    let mut xml = Xml { out: String::with_capacity(4096), is_ascii, is_open: false, fields: 0 };
    xml.out.extend(["<record", if namespace { NAMESPACE } else { "" }, ">"]);
    xml.out.push_str("<leader");
    xml.content(leader, "leader");
    if !record.get().tell(py, &mut xml)? {
        return Ok(None);
    }
    xml.out.push_str("</record>");
    record.get().exhaust(xml.fields);
    record.get().exhaust_fields(py)?;
    Ok(Some(PyBytes::new(py, xml.out.as_bytes())))
}

struct Xml {
    out: String,
    is_ascii: bool,
    /// The tag of the element at hand still lacks its `>`.
    is_open: bool,
    fields: usize,
}

impl Xml {
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
            let (before, behind) = rest.split_at(place);
            self.out.push_str(before);
            let mut characters = behind.chars();
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

impl Parts for Xml {
    fn control(&mut self, tag: &str, data: Value<'_>) -> PyResult<()> {
        self.out.push_str("<controlfield");
        self.attribute("tag", tag);
        self.content(&data.text(), "controlfield");
        self.fields += 1;
        Ok(())
    }

    fn data(&mut self, tag: &str, [first, second]: [&str; 2]) -> PyResult<()> {
        self.out.push_str("<datafield");
        self.attribute("ind1", first);
        self.attribute("ind2", second);
        self.attribute("tag", tag);
        self.is_open = true;
        Ok(())
    }

    fn subfield(&mut self, code: &str, value: Value<'_>) -> PyResult<()> {
        if std::mem::take(&mut self.is_open) {
            self.out.push('>');
        }
        self.out.push_str("<subfield");
        self.attribute("code", code);
        self.content(&value.text(), "subfield");
        Ok(())
    }

    fn end(&mut self) -> PyResult<()> {
        self.out.push_str(if std::mem::take(&mut self.is_open) { " />" } else { "</datafield>" });
        self.fields += 1;
        Ok(())
    }
}
