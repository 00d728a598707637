//! Any bytes, looked at as one record: whatever says what its fields are, these stand inside it, each before a
//! terminator, and a look at them panics for no entries at all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::iso2709::directory::{Directory, sound};
use mrrc::internals::iso2709::recover::recover;
use mrrc::internals::iso2709::{
    Entries, Entry, FIELD_TERMINATOR, FieldView, RecordView, SUBFIELD_DELIMITER, Tag,
};

/// Each entry's bytes and terminator are in the record.
fn check_entries(bytes: &[u8], entries: &[Entry]) {
    let record = RecordView::new(bytes, entries).unwrap();
    assert_eq!(record.fields().len(), entries.len());
    for (field, entry) in record.fields().zip(entries) {
        let end = entry.start as usize + entry.length as usize;
        assert_eq!(bytes[end], FIELD_TERMINATOR);
        assert_eq!(field.bytes(), &bytes[entry.start as usize..end]);
        check_field(&field);
    }
}

/// Its parts, one behind the other, are the field.
fn check_field(field: &FieldView<'_>) {
    let mut parts = [field.indicators(), field.text()].concat();
    for subfield in field.subfields() {
        assert_eq!(&field.bytes()[subfield.start()..][..subfield.bytes().len()], subfield.bytes());
        for code_length in 0..5 {
            let whole = [subfield.code(code_length), subfield.value(code_length)].concat();
            assert_eq!(whole, subfield.bytes());
        }
        parts.push(SUBFIELD_DELIMITER);
        parts.extend(subfield.bytes());
    }
    assert_eq!(parts, field.bytes());
    assert!(field.indicators().len() <= field.indicators_promised());
}

fuzz_target!(|bytes: &[u8]| {
    let mut entries = Entries::new();
    let is_sound = sound(bytes, &mut entries);
    let framed = Directory::parse(bytes, true);
    if is_sound {
        check_entries(bytes, &entries);
        let exact = framed.as_ref().unwrap();
        assert_eq!((&exact.entries, exact.extent, exact.findings.len()), (&entries, bytes.len(), 0));
    }
    for directory in [framed, Directory::parse(bytes, false)] {
        match directory {
            Ok(directory) => {
                assert!(directory.extent <= bytes.len());
                check_entries(&bytes[..directory.extent], &directory.entries);
                assert!(directory.findings.iter().all(|it| it.offset <= directory.extent as u64));
            }
            Err(damage) => assert!(damage.offset <= bytes.len().max(24) as u64),
        }
    }
    if let Some(recovered) = recover(bytes) {
        check_entries(bytes, &recovered.entries);
    }

    // Entries that nobody has checked but for their tags.
    let entries: Vec<Entry> = bytes
        .chunks_exact(7)
        .map(|it| Entry {
            tag: Tag::new([it[0], it[1], it[2]]).unwrap_or(Tag::CONTROL_NUMBER),
            is_control: it[0] & 1 == 0,
            start: u32::from_le_bytes([it[3], it[4], 0, it[4] & it[5]]),
            length: u32::from_le_bytes([it[5], it[6], 0, it[6] & it[3]]),
        })
        .collect();
    if let Some(record) = RecordView::new(bytes, &entries) {
        record.fields().for_each(|field| check_field(&field));
    }
});
