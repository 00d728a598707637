//! Any bytes, read as each format: nothing panics, every byte is accounted for under each policy, and a source that
//! comes in small blocks gives what one in memory does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::io::compression::Compression;
use mrrc::{Encoding, Format, Source};
use mrrc_fuzz::{Outcome, Setting, in_blocks};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, input)) = input.split_first() else { return };
    let Some((setting, bytes)) = Setting::of(input) else { return };
    if Compression::of(bytes).is_some() {
        return;
    }
    let (_, format) = Format::ALL[usize::from(choice) % Format::ALL.len()];
    let options = setting.options(Encoding::Declared).format(format);
    let whole = Outcome::of(Source::bytes(bytes.to_vec()), &options);
    let counts = &whole.account.counts;
    // Text in UTF-16 and its like becomes UTF-8, of another size; and nothing is known of what is behind an error.
    let is_transcoded =
        bytes.contains(&0) || bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if whole.error.is_none() && !is_transcoded && !bytes.trim_ascii_start().starts_with(b"<?xml") {
        assert_eq!((counts.bytes(), counts.bytes_unread), (bytes.len() as u64, 0));
    }
    for reject in &whole.account.rejects {
        assert!(reject.offset + reject.length <= counts.bytes());
    }
    if setting.reads_a_stream() {
        whole.assert_same(&Outcome::of(in_blocks(bytes, setting.block), &options));
    }
});
