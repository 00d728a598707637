//! Any bytes by pymarc's rules: what is found stands inside the bytes, entries are the same whoever finds them, and
//! its MARC-8 ends in text or says where it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::charset::marc8::pymarc as marc8;
use mrrc::internals::iso2709::directory::sound;
use mrrc::internals::iso2709::pymarc::{Found, find_entries, find_entry, next, split_field, swallows};
use mrrc::internals::iso2709::{Entries, RECORD_TERMINATOR, SUBFIELD_DELIMITER};

fn check_record(record: &[u8]) {
    let mut entries = Entries::new();
    let found = find_entries(record, &mut entries);
    for (place, entry) in entries.iter().enumerate() {
        let end = entry.start as usize + entry.length as usize;
        check_field(&record[entry.start as usize..end]);
        if found.is_ok() && entries[..place].iter().all(|before| before.tag != entry.tag) {
            assert_eq!(find_entry(record, entry.tag.bytes()), Some(*entry));
        }
    }
    let mut exact = Entries::new();
    if sound(record, &mut exact) {
        assert_eq!((found, entries), (Ok(()), exact));
    }
    swallows(record);
}

/// Its subfields, each behind a delimiter, are the field, but for delimiters behind which there is nothing.
fn check_field(field: &[u8]) {
    let (head, subfields) = split_field(field);
    let mut plain = field.split(|&byte| byte == SUBFIELD_DELIMITER);
    assert_eq!(plain.next(), Some(head));
    let plain: Vec<_> = plain.filter_map(<[u8]>::split_first).map(|(code, value)| (*code, value)).collect();
    assert_eq!(subfields.collect::<Vec<_>>(), plain);
    for (_, value) in plain {
        let (mut text, mut notes) = (String::new(), 0);
        let read = marc8::decode(value, &mut text, &mut |_| notes += 1);
        assert!(read.is_ok() || !value.is_ascii() || value.contains(&0x1B));
    }
}

fuzz_target!(|bytes: &[u8]| {
    check_record(bytes);
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        match next(rest, true) {
            Found::Record(end) => {
                assert_eq!(rest[end - 1], RECORD_TERMINATOR);
                // With more bytes behind it, it is the same.
                assert!(matches!(next(rest, false), Found::Record(_) | Found::Wanted(usize::MAX)));
                check_record(&rest[..end]);
                at += end;
            }
            Found::Fault(end, _) => {
                assert!(end <= rest.len());
                break;
            }
            Found::End => break,
            Found::Wanted(_) => panic!("nothing more comes"),
        }
    }
});
