//! What stands around the records of a document, followed tag by tag: which elements are open, and which prefix is bound
//! to which namespace.

use std::collections::BTreeMap;

use super::ends_with;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::formats::framing::Token;
use crate::formats::marcxml::tags::{
    End, attributes, doctype_end, is_part, is_space, local, name, split_name, tag_end,
};
use crate::iso2709::framing::BYTE_ORDER_MARK;
use crate::words::{brief, counted};

/// The namespaces of MARCXML: that of MARC 21, those of MarcXchange (ISO 25577), and none.
const SLIM: &[u8] = b"http://www.loc.gov/MARC21/slim";
const MARC_XCHANGE: &[u8] = b"info:lc/xmlns/marcxchange-v";
/// What yaz writes as turbomarc, with names of its own for elements.
const TURBOMARC: &[u8] = b"http://www.indexdata.com/turbomarc";
/// The elements that documents of MARCXML begin with.
const ROOTS: [&[u8]; 5] = [b"collection", b"record", b"OAI-PMH", b"searchRetrieveResponse", b"bibRecords"];
/// A longer tag is no tag.
const LONGEST_TAG: usize = 1 << 16;
/// The most namespaces that are told.
const MOST_NAMESPACES: usize = 16;
/// The most prefixes whose namespaces are known.
const MOST_PREFIXES: usize = 256;

/// What stands around records.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    /// What is open and must end before anything else begins.
    within: Option<&'static [u8]>,
    /// The number of open elements.
    depth: usize,
    /// The first element.
    root: Vec<u8>,
    /// The namespace of each prefix.
    bindings: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The last start tag of a record, and its namespace if that is a foreign one.
    last: Option<(Vec<u8>, Option<Vec<u8>>)>,
    /// The number of records in each foreign namespace.
    foreign: BTreeMap<Vec<u8>, u64>,
    /// Whether there was a record.
    holds_records: bool,
    /// The number of elements that were opened.
    opened: u64,
    /// The number of records that OAI-PMH says are deleted.
    deleted: u64,
}

/// What is next: a token, or what is named like a record.
pub(super) enum Named {
    Token(Token),
    /// The start tag of a `record`, up to here.
    Record(usize),
}

impl From<Token> for Named {
    fn from(token: Token) -> Named {
        Named::Token(token)
    }
}

impl Envelope {
    /// Goes on with a record.
    pub(super) fn reach_record(&mut self) {
        self.within = None;
    }

    /// What begins at `at`.
    pub(super) fn step(&mut self, window: &[u8], at: usize, last: bool) -> Named {
        if let Some(mark) = self.within {
            let token = match ends_with(window, at, mark) {
                End::At(end) => {
                    self.within = None;
                    Token::Passed(end)
                }
                _ if last && at < window.len() => Token::Passed(window.len()),
                _ => match window.len().saturating_sub(mark.len() - 1) {
                    safe if safe > at => Token::Passed(safe),
                    _ => Token::More,
                },
            };
            return token.into();
        }
        let rest = &window[at..];
        let text = memchr::memchr(b'<', rest).unwrap_or(rest.len());
        if text > 0 {
            return self.text(rest, at, text, last).into();
        }
        let window = &window[..window.len().min(at + LONGEST_TAG + 1)];
        let token = match rest {
            [b'<', b'!', ..] if rest.len() < 9 && !last => Token::More,
            [b'<', b'!', b'-', b'-', ..] => self.enter(b"-->", at + 4),
            [b'<', b'?', ..] => self.enter(b"?>", at + 2),
            _ if rest.starts_with(b"<![CDATA[") => self.enter(b"]]>", at + 9),
            _ if rest.starts_with(b"<!DOCTYPE") => match doctype_end(window, at) {
                End::At(end) => Token::Passed(end),
                _ if last || rest.len() > LONGEST_TAG => Token::Stray,
                _ => Token::More,
            },
            [] | [b'<'] if !last => Token::More,
            [] => Token::More,
            _ => match tag_end(window, at) {
                End::At(end) => return self.tag(&window[at..end], end),
                End::Beyond if !last && rest.len() <= LONGEST_TAG => Token::More,
                _ => Token::Stray,
            },
        };
        token.into()
    }

    fn enter(&mut self, mark: &'static [u8], end: usize) -> Token {
        self.within = Some(mark);
        Token::Passed(end)
    }

    /// Text of this length, before the next tag or the end of the window. In an envelope elements have text; between
    /// records there is none, but for an identifier that stands before a record in its line.
    fn text(&self, rest: &[u8], at: usize, length: usize, last: bool) -> Token {
        let text = &rest[..length];
        let blank = text.iter().take_while(|&&byte| is_blank(byte)).count();
        let is_cut = length == rest.len() && !last;
        match () {
            () if self.depth > 1 => Token::Passed(at + length),
            () if blank > 0 => Token::Passed(at + blank),
            () if text.starts_with(BYTE_ORDER_MARK) => Token::Passed(at + BYTE_ORDER_MARK.len()),
            () if is_cut && length <= LONGEST_TAG => Token::More,
            () if is_identifier(text) && length < rest.len() => Token::Passed(at + length),
            () => Token::Stray,
        }
    }

    fn tag(&mut self, tag: &[u8], end: usize) -> Named {
        let (is_end, name) = match tag {
            [b'<', b'/', rest @ ..] => (true, name(rest)),
            [_, rest @ ..] => (false, name(rest)),
            [] => return Token::Stray.into(),
        };
        let local = local(name);
        let is_name = name
            .first()
            .is_some_and(|&first| first.is_ascii_alphabetic() || first == b'_' || !first.is_ascii());
        if is_part(local) || local == b"subfield" || !(is_end || is_name) {
            return Token::Stray.into();
        }
        if is_end {
            self.depth = self.depth.saturating_sub(1);
        } else if local == b"record" {
            return Named::Record(end);
        } else {
            self.open(tag);
        }
        Token::Passed(end).into()
    }

    /// Opens an element of the envelope.
    pub(super) fn open(&mut self, tag: &[u8]) {
        if self.root.is_empty() {
            self.root = name(&tag[1..]).to_vec();
        }
        self.opened += 1;
        // The schema of OAI-PMH 2.0: a record that is deleted has a header alone.
        let is_header = local(name(&tag[1..])) == b"header";
        for (attribute, value) in attributes(tag) {
            self.deleted += u64::from(is_header && attribute == b"status" && value == b"deleted");
            if let Some(prefix) = declared_prefix(attribute)
                && (self.bindings.len() < MOST_PREFIXES || self.bindings.contains_key(prefix))
            {
                self.bindings.insert(prefix.to_vec(), value.to_vec());
                self.last = None;
            }
        }
        self.depth += usize::from(!tag.ends_with(b"/>"));
    }

    /// Notes a record with this start tag.
    pub(super) fn note_record(&mut self, tag: &[u8]) {
        self.holds_records = true;
        if self.last.as_ref().is_none_or(|(last, _)| last != tag) {
            self.last = Some((tag.to_vec(), self.foreign_namespace(tag)));
        }
        if let Some((_, Some(namespace))) = &self.last {
            if let Some(count) = self.foreign.get_mut(namespace) {
                *count += 1;
            } else if self.foreign.len() < MOST_NAMESPACES {
                self.foreign.insert(namespace.clone(), 1);
            }
        }
    }

    /// The namespace of a record with this start tag, unless it is one of MARCXML.
    fn foreign_namespace(&self, tag: &[u8]) -> Option<Vec<u8>> {
        let (prefix, _) = split_name(name(&tag[1..]));
        let own = attributes(tag).find(|(attribute, _)| declared_prefix(attribute) == Some(prefix));
        let namespace = match own {
            Some((_, namespace)) => namespace,
            None => self.bindings.get(prefix)?,
        };
        let is_known = namespace.is_empty() || namespace == SLIM || namespace.starts_with(MARC_XCHANGE);
        (!is_known).then(|| namespace.to_vec())
    }

    /// Whether records are to be expected: there were some, or the document begins as those do that hold records.
    pub(super) fn may_hold_records(&self) -> bool {
        self.holds_records || ROOTS.contains(&local(&self.root)) && !self.is_turbomarc()
    }

    fn is_turbomarc(&self) -> bool {
        self.bindings.values().any(|namespace| namespace == TURBOMARC)
    }

    /// What a document is in which nothing is a record.
    pub(super) fn not_marc(&self) -> String {
        if self.is_turbomarc() {
            return "this is turbomarc; write MARCXML with: yaz-marcdump -i turbomarc -o marcxml FILE".into();
        }
        let root = brief(&String::from_utf8_lossy(&self.root)).into_owned();
        match root.is_empty() {
            true => "this is XML, and there is no record of MARC in it".into(),
            false => format!("this is XML that begins with <{root}>, and there is no record of MARC in it"),
        }
    }

    /// What was found about the whole document, which ends at this offset.
    pub(super) fn findings(&self, end: u64) -> Vec<Diagnostic> {
        let mut findings: Vec<_> = self
            .foreign
            .iter()
            .map(|(namespace, count)| {
                let mut finding = Diagnostic::new(Code::Namespace, Severity::Warning, 0);
                finding.found =
                    format!("{}, in {}", String::from_utf8_lossy(namespace), counted(*count, "record"));
                finding
            })
            .collect();
        if self.deleted > 0 {
            let mut finding = Diagnostic::new(Code::Deleted, Severity::Warning, 0);
            finding.found = counted(self.deleted, "record");
            findings.push(finding);
        }
        // An empty collection is one.
        let is_empty = self.opened == 1 && local(&self.root) == b"collection" || self.deleted > 0;
        if !self.holds_records && self.may_hold_records() && !is_empty {
            let mut finding = Diagnostic::new(Code::NotMarc, Severity::Warning, 0);
            finding.found = self.not_marc();
            findings.push(finding);
        }
        if self.depth > 0 && self.may_hold_records() {
            let mut finding = Diagnostic::new(Code::Syntax, Severity::Warning, end);
            finding.found = "the end of the source".into();
            finding.expected = format!("</{}>", String::from_utf8_lossy(&self.root));
            findings.push(finding);
        }
        findings
    }
}

/// The prefix that an attribute binds to a namespace; empty for the default.
fn declared_prefix(attribute: &[u8]) -> Option<&[u8]> {
    match attribute.strip_prefix(b"xmlns")? {
        [] => Some(&[]),
        [b':', prefix @ ..] => Some(prefix),
        _ => None,
    }
}

/// White space, and what files end with.
fn is_blank(byte: u8) -> bool {
    is_space(byte) || matches!(byte, 0 | 0x1A)
}

/// `10000001` and a TAB: what stands before a record where each has a line.
fn is_identifier(text: &[u8]) -> bool {
    const LONGEST: usize = 64;
    match text.trim_ascii_end() {
        identifier if identifier.len() <= LONGEST && text[identifier.len()..].starts_with(b"\t") => {
            identifier.iter().all(u8::is_ascii_graphic)
        }
        _ => false,
    }
}
