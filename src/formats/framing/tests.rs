//! What tests of all formats look at.

use proptest::prelude::*;

use super::*;
use crate::formats::{aleph, json, maker, marcxml};

/// The items of a document that arrives in windows of this size: what each is, and its text. Filler, which may be in any
/// number of parts, is put together.
pub(in crate::formats) fn items<M: Marks + Default>(
    document: &str,
    window: usize,
    max_record: usize,
) -> Vec<(char, String)> {
    let (bytes, mut framer) = (document.as_bytes(), Framer::new(max_record, M::default()));
    let (mut at, mut end, mut passed) = (0, 0, 0);
    let mut items: Vec<(char, String)> = Vec::new();
    while at < bytes.len() {
        let (kind, item_end, begun) = match framer.next(&bytes[..end], at, end == bytes.len()) {
            Next::More => {
                assert!(end < bytes.len(), "more is wanted than there is: {:?}", &document[at..]);
                end = (end + window).min(bytes.len());
                continue;
            }
            Next::Passed(end) => {
                assert!(end > at);
                (passed, at) = (passed + end - at, end);
                continue;
            }
            Next::Frame(end) => ('r', end, 0),
            Next::Item(item) => {
                let kind = match (item.kind, item.findings.first().map(|finding| finding.code)) {
                    (Kind::Filler, _) => ' ',
                    (Kind::Gap, _) => 'g',
                    (Kind::Record, Some(Code::RecordTruncated)) => 't',
                    (Kind::Record, _) => 'l',
                };
                (kind, item.end, std::mem::take(&mut passed))
            }
        };
        assert!(item_end > at && item_end <= end, "{kind} {at} {item_end}");
        let text = &document[at - begun..item_end];
        match items.last_mut() {
            Some((' ', before)) if kind == ' ' => before.push_str(text),
            _ => items.push((kind, text.to_owned())),
        }
        at = item_end;
    }
    assert_eq!(items.iter().map(|(_, text)| &**text).collect::<String>(), document);
    items
}

/// What each item is, in whatever windows the document arrives.
pub(in crate::formats) fn kinds<M: Marks + Default>(document: &str) -> String {
    let whole = items::<M>(document, document.len().max(1), 1 << 20);
    for window in [1, 7, 64] {
        assert_eq!(items::<M>(document, window, 1 << 20), whole, "in windows of {window}: {document}");
    }
    whole.into_iter().map(|(kind, _)| kind).collect()
}

/// Pieces that documents of all formats are made of, sound and damaged.
const PIECES: [&str; 44] = [
    "{\"leader\":\"\"",
    "{\"fields\":[",
    "{ \"leader\" : null",
    "{\"001\":\"1\"}",
    "]}",
    "}",
    "]",
    "[",
    "{",
    ",",
    "\n",
    "\r\n",
    "\"",
    "\\",
    "\"x\":",
    "{\"id\":",
    " ",
    "                    ",
    "x",
    "0123456789012345678901234567890123456789",
    "<record>",
    "</record>",
    "<record/>",
    "<collection>",
    "</collection>",
    "<leader>x</leader>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<m:record xmlns:m=\"x\">",
    "</m:record>",
    "<controlfield tag=\"001\">1</controlfield>",
    "<?xml version='1.0'?>",
    "<OAI-PMH>",
    "<",
    ">",
    "=LDR  00000nam\n",
    "=001  1\n",
    "=245 10$ax\n",
    "# x\n",
    "000000001 LDR   L x\n",
    "000000001 001   L x\n",
    "000000002 24510 L $$ax\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn what_is_found_does_not_depend_on_how_bytes_arrive(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        window in prop::sample::select(vec![1, 2, 7, 64, 200]),
        max_record in prop::sample::select(vec![1, 10, 100, 1000, 1 << 20]),
        format in 0..4,
    ) {
        let document = pieces.concat();
        let found = |window| match format {
            0 => items::<marcxml::Records>(&document, window, max_record),
            1 => items::<json::Records>(&document, window, max_record),
            2 => items::<maker::Records>(&document, window, max_record),
            _ => items::<aleph::Records>(&document, window, max_record),
        };
        prop_assert_eq!(found(window), found(document.len().max(1)), "{:?}", document);
    }
}
