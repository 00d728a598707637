//! Any fields, written: they come back the same from a record in which nothing is wrong, or the error is right.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mrrc::internals::charset::Charset;
use mrrc::internals::diagnostic::Severity;
use mrrc::internals::iso2709::encode::{MAX_FIELD, MAX_RECORD, encode};
use mrrc::internals::iso2709::framing::items;
use mrrc::internals::iso2709::{FIELD_TERMINATOR, RECORD_TERMINATOR, RecordView};
use mrrc::{Encoding, Options, Source, WriteCode};
use mrrc_fuzz::Outcome;

#[derive(Arbitrary, Debug)]
struct Record<'a> {
    leader: [u8; 24],
    fields: Vec<Field<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Field<'a> {
    tag: Tag<'a>,
    bytes: &'a [u8],
    /// Long fields are made by saying the same again.
    times: u16,
}

#[derive(Arbitrary, Debug)]
enum Tag<'a> {
    Number(u16),
    Bytes(&'a [u8]),
}

impl Field<'_> {
    fn parts(&self) -> (Vec<u8>, Vec<u8>) {
        let tag = match self.tag {
            Tag::Number(number) => format!("{:03}", number % 1000).into_bytes(),
            Tag::Bytes(bytes) => bytes.to_vec(),
        };
        let times = if self.times < 0xFF00 { 1 } else { usize::from(self.times & 0xFF) };
        (tag, self.bytes.repeat(times))
    }
}

fn has_terminator(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| [FIELD_TERMINATOR, RECORD_TERMINATOR].contains(byte))
}

fuzz_target!(|record: Record<'_>| {
    let fields: Vec<(Vec<u8>, Vec<u8>)> = record.fields.iter().map(Field::parts).collect();
    let length = 26 + fields.iter().map(|(_, bytes)| 12 + bytes.len() + 1).sum::<usize>();
    let mut bytes = b"before".to_vec();
    let written = encode(&record.leader, fields.iter().map(|(tag, bytes)| (tag, bytes)), &mut bytes);
    let bytes = bytes.strip_prefix(b"before").unwrap();
    if let Err(error) = written {
        assert_eq!(bytes, b"", "an error leaves nothing behind");
        assert!(match error.code() {
            WriteCode::LeaderUnwritable => has_terminator(&record.leader),
            WriteCode::TagUnwritable => fields
                .iter()
                .any(|(tag, _)| tag.len() != 3 || !tag.iter().all(|it| (0x20..0x7F).contains(it))),
            WriteCode::FieldTooLong => fields.iter().any(|(_, bytes)| bytes.len() + 1 > MAX_FIELD),
            WriteCode::DelimiterInValue => fields.iter().any(|(_, bytes)| has_terminator(bytes)),
            WriteCode::RecordTooLong => length > MAX_RECORD,
            _ => false,
        });
        return;
    }
    assert_eq!(bytes.len(), length);

    let items: Vec<_> = items(bytes, 1).collect();
    let [item] = &items[..] else { panic!("one record was written, and {} items read", items.len()) };
    assert!(item.severity().is_none_or(|severity| severity == Severity::Warning), "{:?}", item.findings);
    let view = RecordView::new(bytes, &item.entries).unwrap();
    let again: Vec<_> = view.fields().map(|it| (it.tag().bytes().to_vec(), it.bytes().to_vec())).collect();
    assert_eq!(again, fields);
    let kept = |leader: &[u8]| [&leader[5..10], &leader[17..20]].concat();
    assert_eq!(kept(&view.leader().0), kept(&record.leader));

    let options = Options::default().encoding(Encoding::Named(Charset::Latin1)).threads(1);
    let outcome = Outcome::of(Source::bytes(bytes.to_vec()), &options);
    if mrrc::internals::io::compression::Compression::of(bytes).is_none() {
        assert_eq!((outcome.account.counts.delivered, outcome.error.is_none()), (1, true));
    }
});
