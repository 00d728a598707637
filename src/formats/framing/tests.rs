//! What tests of all formats look at.

use super::*;

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
