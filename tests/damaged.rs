//! Damage of any kind: nothing panics, every byte is accounted for, and sound records come out untouched.

// `clippy.toml` allows it in tests, but not in what they share.
#![allow(clippy::unwrap_used)]

use arrow_array::cast::AsArray;
use mrrc::accounts::SourceAccount;
use mrrc::internals::charset::Charset;
use mrrc::internals::columns::Copying;
use mrrc::internals::diagnostic::Code;
use mrrc::internals::iso2709::framing::{Next, items};
use mrrc::internals::iso2709::{FIELD_TERMINATOR, Framer, Kind, RECORD_TERMINATOR};
use mrrc::{Encoding, Options, Policy, RecordBuf, Scan, Source};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A sound record of a control number, a title and as many notes.
fn record(control_number: &str, notes: usize) -> Vec<u8> {
    let mut fields = vec![("001", control_number.to_owned()), ("245", "10\x1faTitle /\x1fcNobody.".into())];
    fields.extend((0..notes).map(|note| ("500", format!("  \x1faNote {note}, of 2245 leaves"))));
    let (mut directory, mut data) = (String::new(), String::new());
    for (tag, value) in fields {
        directory += &format!("{tag}{:04}{:05}", value.len() + 1, data.len());
        data += &(value + "\x1e");
    }
    let base = 24 + directory.len() + 1;
    let length = base + data.len() + 1;
    format!("{length:05}nam a22{base:05} a 4500{directory}\x1e{data}\x1d").into_bytes()
}

/// One thing that happens to bytes.
#[derive(Clone, Debug)]
enum Damage {
    Delete(Index, usize),
    Insert(Index, Vec<u8>),
    Replace(Index, Vec<u8>),
    Cut(Index),
    Repeat(Index, usize),
    /// Another record stands in the middle.
    Swallow(Index),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index| index.index(bytes.len() + 1);
        match self {
            Damage::Delete(index, count) => {
                let from = place(index);
                bytes.drain(from..(from + count).min(bytes.len()));
            }
            Damage::Insert(index, new) => {
                let at = place(index);
                bytes.splice(at..at, new.iter().copied());
            }
            Damage::Replace(index, new) => {
                let from = place(index);
                bytes.splice(from..(from + new.len()).min(bytes.len()), new.iter().copied());
            }
            Damage::Cut(index) => bytes.truncate(place(index)),
            Damage::Repeat(index, count) => {
                let from = place(index);
                let again = bytes[from..(from + count).min(bytes.len())].to_vec();
                bytes.splice(from..from, again);
            }
            Damage::Swallow(index) => {
                let at = place(index);
                bytes.splice(at..at, record("inner", 1));
            }
        }
    }
}

/// Bytes that mean something to framing.
const TELLING: [&[u8]; 12] = [
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"22",
    b"45",
    b"\0",
    b" ",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"00000",
    b"99999",
    b"00026",
];

fn telling_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => select(&TELLING[..]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 1..20),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    prop_oneof![
        (place(), 1..40usize).prop_map(|(at, count)| Damage::Delete(at, count)),
        (place(), telling_bytes()).prop_map(|(at, new)| Damage::Insert(at, new)),
        (place(), telling_bytes()).prop_map(|(at, new)| Damage::Replace(at, new)),
        place().prop_map(Damage::Cut),
        (place(), 1..200usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
        place().prop_map(Damage::Swallow),
    ]
}

fn damaged_record() -> impl Strategy<Value = Vec<u8>> {
    (0..6usize, prop::collection::vec(damage(), 0..4)).prop_map(|(notes, damages)| {
        let mut bytes = record("damaged", notes);
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        bytes
    })
}

/// Its directory's first two entries read as a leader, of which the other two are the directory.
const LEADER_IN_A_DIRECTORY: &[u8] = b"99999nam a2200073 a 4500\
    000000000022\
    000490004500\
    245000100000\
    245000100000\x1e";

fn damaged_file() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        6 => damaged_record(),
        1 => telling_bytes(),
        1 => Just(LEADER_IN_A_DIRECTORY.to_vec()),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Control numbers of the delivered records, and what became of every byte.
fn read(bytes: &[u8], options: Options) -> (Vec<Option<String>>, SourceAccount) {
    let mut batches = Scan::new(Source::bytes(bytes.to_vec())).with_options(options).unwrap().batches();
    let mut delivered = Vec::new();
    while let Some(batch) = batches.next_batch().unwrap() {
        delivered.extend(batch["control_number"].as_string::<i32>().iter().map(|it| it.map(str::to_owned)));
    }
    (delivered, batches.accounts().sources[0].clone())
}

/// The same records as bytes, and the bytes that are none.
fn copied(bytes: &[u8], options: Options, copying: Copying) -> (Vec<u8>, Vec<u8>, SourceAccount) {
    let scan = Scan::new(Source::bytes(bytes.to_vec())).with_options(options).unwrap();
    let mut batches = scan.copying(copying).batches();
    let (mut records, mut refused) = (Vec::new(), Vec::new());
    while let Some(copied) = batches.next_copied().unwrap() {
        records.extend(copied.records().flatten());
        refused.extend(copied.refused);
    }
    (records, refused, batches.accounts().sources[0].clone())
}

/// The records themselves, with a character for each byte, and without what is made anew in a leader.
fn fields(bytes: &[u8], on_error: Policy) -> Vec<RecordBuf> {
    let options = Options::default().on_error(on_error).encoding(Encoding::Named(Charset::Latin1));
    let scan = Scan::new(Source::bytes(bytes.to_vec())).with_options(options).unwrap();
    let without_numbers = |mut record: RecordBuf| {
        let mut leader = record.leader();
        (0..5).chain(12..17).chain(20..24).for_each(|place| leader.0[place] = b' ');
        record.set_leader(leader);
        record
    };
    scan.records().map(|record| without_numbers(record.unwrap())).collect()
}

fn skipping() -> Options {
    Options::default().on_error(Policy::Skip).threads(1)
}

fn recovering() -> Options {
    skipping().on_error(Policy::Recover)
}

/// The leader of the one record.
fn leader(bytes: &[u8]) -> String {
    let mut batches = Scan::new(Source::bytes(bytes.to_vec())).with_options(recovering()).unwrap().batches();
    let batch = batches.next_batch().unwrap().unwrap();
    batch["leader"].as_string::<i32>().value(0).to_owned()
}

#[test]
fn a_leader_is_24_characters_whatever_its_bytes() {
    let put = |bytes: &mut Vec<u8>, at: usize, new: &str| {
        bytes.splice(at..at + new.len(), new.bytes());
    };
    let mut two_bytes = record("a", 1);
    put(&mut two_bytes, 17, "ä");
    assert_eq!(leader(&two_bytes)[17..], *"\u{c3}\u{a4} 4500");
    // The leader that is delivered ends in the middle of a character.
    let mut too_long = record("a", 1);
    let length = too_long.len() + 1;
    too_long.insert(23, b' ');
    put(&mut too_long, 0, &format!("{length:05}"));
    put(&mut too_long, 23, "ä");
    assert_eq!(leader(&too_long).chars().count(), 24);
    assert!(leader(&too_long).ends_with("450\u{c3}"));
}

/// Kind and extent of every item, where the window grows by `size` bytes and lets go of what is framed;
/// neighbouring filler is joined.
fn items_in_blocks(bytes: &[u8], size: usize, max_record: usize) -> Vec<(Kind, usize)> {
    let mut framer = Framer::new(max_record);
    let (mut begin, mut at, mut filled) = (0, 0, 0);
    let mut found: Vec<(Kind, usize)> = Vec::new();
    let mut push = |kind, extent| match found.last_mut() {
        Some((Kind::Filler, so_far)) if kind == Kind::Filler => *so_far += extent,
        _ => found.push((kind, extent)),
    };
    while at < bytes.len() {
        if size < bytes.len() {
            framer.forget(at - begin);
            begin = at;
        }
        match framer.next(&bytes[begin..filled], at - begin, filled == bytes.len()) {
            Next::More => {
                assert!(filled < bytes.len(), "more bytes wanted behind the end");
                filled = (filled + size).min(bytes.len());
            }
            Next::Passed(end) => at = begin + end,
            Next::Frame(end) => {
                let end = begin + end;
                let mut from = 0;
                for item in items(&bytes[at..end], max_record) {
                    push(item.kind, item.end - from);
                    from = item.end;
                }
                at = end;
            }
            Next::Item(item) => {
                let end = begin + item.end;
                push(item.kind, item.passed as usize + end - at);
                at = end;
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn every_byte_is_accounted_for(bytes in damaged_file()) {
        for options in [skipping(), recovering()] {
            let (delivered, account) = read(&bytes, options);
            prop_assert_eq!(account.counts.bytes(), bytes.len() as u64);
            prop_assert_eq!(account.counts.bytes_unread, 0);
            prop_assert_eq!(account.counts.delivered, delivered.len() as u64);
            prop_assert_eq!(account.counts.rejected, account.rejects.len() as u64);
            let mut reached = 0;
            for reject in &account.rejects {
                prop_assert!(reject.offset >= reached, "rejects overlap");
                reached = reject.offset + reject.length;
                let raw = &bytes[reject.offset as usize..reached as usize];
                prop_assert_eq!(reject.raw.as_deref(), Some(raw));
            }
            // That a source is empty is not about a record.
            for finding in account.diagnostics.iter().filter(|finding| finding.code != Code::EmptySource) {
                prop_assert!(finding.offset <= bytes.len() as u64, "{:?}", finding);
                prop_assert!(finding.record_offset.is_some_and(|record| record <= finding.offset), "{:?}", finding);
            }
        }
    }

    #[test]
    fn every_byte_is_copied_or_refused(bytes in damaged_file()) {
        for options in [skipping(), recovering(), recovering().max_record(100).window(64), recovering().threads(7)] {
            let (records, refused, account) = copied(&bytes, options, Copying::AsFound);
            prop_assert_eq!(records.len() as u64, account.counts.bytes_delivered);
            prop_assert_eq!(refused.len() as u64, account.counts.bytes_rejected + account.counts.bytes_gap);
            prop_assert_eq!(account.counts.bytes(), bytes.len() as u64);
        }
    }

    #[test]
    fn repaired_records_are_sound_and_have_the_same_fields(bytes in damaged_file()) {
        let (sound, _, account) = copied(&bytes, recovering(), Copying::Sound);
        prop_assert_eq!(fields(&sound, Policy::Raise), fields(&bytes, Policy::Recover));
        let (again, refused, _) = copied(&sound, skipping(), Copying::Sound);
        prop_assert!(again == sound && refused.is_empty());
        let (as_found, ..) = copied(&bytes, recovering(), Copying::AsFound);
        prop_assert_eq!(sound == as_found, account.counts.repaired == 0);
    }

    #[test]
    fn recovering_delivers_what_skipping_does_and_what_it_repaired(bytes in damaged_file()) {
        // Each byte is a character, so that structure alone decides.
        let latin = |options: Options| options.encoding(Encoding::Named(Charset::Latin1));
        let (skipped, without) = read(&bytes, latin(skipping()));
        let (recovered, with) = read(&bytes, latin(recovering()));
        prop_assert_eq!(without.counts.repaired, 0);
        prop_assert_eq!(with.counts.delivered, without.counts.delivered + with.counts.repaired);
        prop_assert_eq!(with.counts.rejected, without.counts.rejected - with.counts.repaired);
        prop_assert_eq!((with.counts.gaps, with.counts.bytes_gap, with.counts.bytes_filler), (without.counts.gaps, without.counts.bytes_gap, without.counts.bytes_filler));
        let mut rest = recovered.iter();
        prop_assert!(skipped.iter().all(|number| rest.any(|other| other == number)), "in the same order");
        let offsets = |account: &SourceAccount| account.rejects.iter().map(|reject| (reject.record, reject.offset)).collect::<Vec<_>>();
        let rejected = offsets(&without);
        prop_assert!(offsets(&with).iter().all(|reject| rejected.contains(reject)), "numbered alike");
    }

    #[test]
    fn threads_and_batches_change_nothing(bytes in damaged_file()) {
        for options in [skipping(), recovering()] {
            let expected = read(&bytes, options.clone());
            for (threads, batch_size) in [(1, 1), (7, 1), (7, 2)] {
                let found = read(&bytes, options.clone().threads(threads).batch_size(batch_size));
                prop_assert_eq!(&found, &expected, "{} threads, batches of {}", threads, batch_size);
            }
        }
    }

    #[test]
    fn raising_delivers_what_stands_before_the_first_damage(bytes in damaged_file()) {
        let (delivered, account) = read(&bytes, skipping());
        let mut batches = Scan::new(Source::bytes(bytes.clone())).with_options(Options::default().threads(1)).unwrap().batches();
        let (mut rows, mut error) = (0, None);
        loop {
            match batches.next_batch() {
                Ok(Some(batch)) => rows += batch.num_rows(),
                Ok(None) => break,
                Err(raised) => { error = Some(raised); break; }
            }
        }
        prop_assert_eq!(error.is_some(), account.counts.rejected + account.counts.gaps > 0);
        prop_assert!(rows <= delivered.len());
        prop_assert!(error.is_some() || rows == delivered.len());
        prop_assert_eq!(batches.accounts().sources[0].counts.bytes(), bytes.len() as u64);
    }

    #[test]
    fn blocks_of_any_size_give_the_same_items(bytes in damaged_file(), size in 1..300usize) {
        for max_record in [8 << 20, 100] {
            let whole = items_in_blocks(&bytes, bytes.len().max(1), max_record);
            prop_assert_eq!(items_in_blocks(&bytes, size, max_record), whole, "at most {}", max_record);
        }
    }

    #[test]
    fn sound_neighbours_are_untouched(mut bytes in damaged_file()) {
        // What is damaged ends in a terminator, else the next record may be read as its end.
        bytes.push(RECORD_TERMINATOR);
        let (first, last) = (record("first", 2), record("last", 3));
        let source = [&first[..], &bytes, &last].concat();
        for options in [skipping(), recovering()] {
            let (delivered, account) = read(&source, options);
            prop_assert_eq!(delivered.first(), Some(&Some("first".to_owned())));
            prop_assert_eq!(delivered.last(), Some(&Some("last".to_owned())));
            prop_assert!(account.counts.bytes_delivered >= (first.len() + last.len()) as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Beyond `max_record`, bytes are let go of before the end of the item is known.
    #[test]
    fn blocks_of_any_size_give_the_same_items_of_any_length(
        before in damaged_file(),
        between in damaged_file(),
        after in damaged_file(),
        stretch in select(vec![b'x', b' ', b'0', b'2', FIELD_TERMINATOR]),
        length in 90_000..210_000usize,
        max_record in select(vec![1, 100, 5000, 150_000]),
        size in select(vec![65_536, 100_030, 150_000]),
    ) {
        let stretch = vec![stretch; length];
        let bytes = [&before[..], &stretch, &between, &stretch, &after].concat();
        let whole = items_in_blocks(&bytes, bytes.len(), max_record);
        prop_assert_eq!(items_in_blocks(&bytes, size, max_record), whole);
    }
}
