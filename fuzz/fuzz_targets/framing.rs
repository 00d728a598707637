//! Any bytes, framed: nothing panics, the items are those of the plain twin whatever the window, every byte is
//! accounted for under each policy, and a source that comes in small blocks gives what one in memory does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::charset::Charset;
use mrrc::internals::diagnostic::{Code, Severity};
use mrrc::internals::iso2709::framing::{Item, Next, items};
use mrrc::internals::iso2709::{Framer, Kind};
use mrrc::{Encoding, Format, Policy, Source};
use mrrc_fuzz::{Outcome, Setting, in_blocks, twin};

/// Items as the framer finds them, where the window grows by `size` bytes and lets go of what is framed.
fn framed(bytes: &[u8], size: usize, max_record: usize) -> Vec<twin::Item> {
    let mut framer = Framer::new(max_record);
    let (mut begin, mut at, mut filled) = (0, 0, 0);
    let mut found: Vec<twin::Item> = Vec::new();
    let mut push = |item: Item, start, end| match found.last_mut() {
        // Where filler is cut depends on the window.
        Some(last) if last.kind == Kind::Filler && item.kind == Kind::Filler => last.end = end,
        _ => found.push(twin::Item {
            kind: item.kind,
            start,
            end,
            fields: item.entries.to_vec(),
            findings: item.findings.iter().map(|it| (it.code, it.severity, it.offset as usize)).collect(),
        }),
    };
    while at < bytes.len() {
        framer.forget(at - begin);
        begin = at;
        match framer.next(&bytes[begin..filled], 0, filled == bytes.len()) {
            Next::More => {
                assert!(filled < bytes.len(), "more bytes wanted behind the end");
                filled = (filled + size).min(bytes.len());
            }
            Next::Passed(end) => at = begin + end,
            Next::Frame(end) => {
                let end = begin + end;
                for item in items(&bytes[at..end], max_record) {
                    let item_end = begin + item.end;
                    push(item, at, item_end);
                    at = item_end;
                }
                assert_eq!(at, end);
            }
            Next::Item(item) => {
                let (start, end) = (at - item.passed as usize, begin + item.end);
                push(*item, start, end);
                at = end;
            }
        }
    }
    found
}

/// The accounts are what the items come to.
fn check_accounts(outcome: &Outcome, bytes: &[u8], setting: &Setting, items: &[twin::Item]) {
    let &Setting { policy, max_record, .. } = setting;
    let delivers = |severity: Option<Severity>| severity.is_none_or(|severity| policy.delivers(severity));
    let raised = match policy {
        Policy::Raise => items.iter().position(|item| !delivers(item.severity())),
        _ => None,
    };
    let read = &items[..raised.unwrap_or(items.len())];
    let sum = |of: &dyn Fn(&twin::Item) -> bool| {
        let found: Vec<_> = read.iter().filter(|item| of(item)).collect();
        (found.len() as u64, found.iter().map(|item| (item.end - item.start) as u64).sum::<u64>())
    };
    let account = &outcome.account;
    let delivered = sum(&|item| item.kind == Kind::Record && delivers(item.severity()));
    assert_eq!((account.counts.delivered, account.counts.bytes_delivered), delivered);
    let rejected = sum(&|item| item.kind == Kind::Record && !delivers(item.severity()));
    assert_eq!((account.counts.rejected, account.counts.bytes_rejected), rejected);
    assert_eq!((account.counts.gaps, account.counts.bytes_gap), sum(&|item| item.kind == Kind::Gap));
    assert_eq!(account.counts.bytes_filler, sum(&|item| item.kind == Kind::Filler).1);
    assert_eq!(account.counts.bytes(), bytes.len() as u64);
    let unread = raised.map_or(0, |place| bytes.len() - items[place].start);
    assert_eq!(account.counts.bytes_unread, unread as u64);

    let places = read.iter().filter(|item| item.kind == Kind::Record && !delivers(item.severity()));
    for (reject, item) in account.rejects.iter().zip(places) {
        let reason = item.findings.iter().find(|finding| !policy.delivers(finding.1)).unwrap();
        assert_eq!((reject.offset as usize, reject.length as usize), (item.start, item.end - item.start));
        assert_eq!(reject.code, reason.0);
        let kept = item.end - item.start <= max_record;
        assert_eq!(reject.raw.as_deref(), kept.then_some(&bytes[item.start..item.end]));
    }
    let found = outcome.error.as_ref().map(|error| error.diagnostic().unwrap());
    assert_eq!(found.is_some(), raised.is_some());
    if let Some((found, place)) = found.zip(raised) {
        let item = &items[place];
        let reason = item.findings.iter().find(|finding| finding.1 > Severity::Warning).unwrap();
        assert_eq!(found.offset as usize, item.start + reason.2);
        // A gap at the beginning of what is no MARC at all is called so.
        assert!(found.code == reason.0 || (reason.0, found.code) == (Code::Gap, Code::NotMarc));
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((setting, bytes)) = Setting::of(input) else { return };
    let expected = twin::items(bytes, setting.max_record);
    assert_eq!(framed(bytes, bytes.len(), setting.max_record), expected);
    assert_eq!(framed(bytes, setting.block, setting.max_record), expected);

    // Each byte is a character, so that structure alone decides.
    let options = setting.options(Encoding::Named(Charset::Latin1)).format(Format::Iso2709);
    let whole = Outcome::of(Source::bytes(bytes.to_vec()), &options);
    // Bytes that begin as a compressed stream does are read as one, and by another target.
    if mrrc::internals::io::compression::Compression::of(bytes).is_none() {
        check_accounts(&whole, bytes, &setting, &expected);
    }
    if setting.reads_a_stream() {
        whole.assert_same(&Outcome::of(in_blocks(bytes, setting.block), &options));
    }
});
