//! Any bytes as a source, with the beginning of a compressed stream in front or as they are: nothing panics,
//! what was read is accounted for, the failure is named, and how the source gives its bytes changes nothing.
//!
//! The limits of memory are libFuzzer's own (`-malloc_limit_mb`, `-rss_limit_mb`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::diagnostic::{Code, Severity};
use mrrc::internals::io::compression::Compression;
use mrrc::{Encoding, Error, Policy, Source};
use mrrc_fuzz::{Outcome, Setting, expands_to, in_blocks};

const BEGINNINGS: [&[u8]; 8] = [
    b"",
    b"\x1F\x8B\x08",
    b"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03",
    b"\x28\xB5\x2F\xFD",
    b"\x50\x2A\x4D\x18",
    b"BZh9",
    b"BZh91AY&SY",
    b"\xFD7zXZ\x00",
];
/// Streams that expand beyond this are left alone: they only take time.
const MOST: u64 = 4 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((setting, rest)) = Setting::of(input) else { return };
    let Some((&beginning, rest)) = rest.split_first() else { return };
    let bytes = [BEGINNINGS[usize::from(beginning) % BEGINNINGS.len()], rest].concat();
    let Some(size) = expands_to(&bytes, MOST) else { return };

    let options = setting.options(Encoding::Declared);
    let whole = Outcome::of(Source::bytes(bytes.clone()), &options);
    // A block of bzip2 that cannot be put in order is damaged throughout; how much of it comes out depends on the
    // room that a call of the decoder has.
    let exact = !bytes.starts_with(b"BZh");
    let in_blocks = Outcome::of(in_blocks(&bytes, setting.block), &options);
    if exact {
        whole.assert_same(&in_blocks);
    }

    let cut_short = [Code::CompressedTruncated, Code::CompressedDamaged];
    let account = &whole.account;
    match &whole.error {
        None if exact => {
            assert_eq!(account.counts.bytes(), size, "all that could be decompressed is accounted for")
        }
        None => {}
        Some(Error::Source(failure)) => {
            assert!(cut_short.contains(&failure.0.code), "{failure}");
            assert_ne!(setting.policy, Policy::Recover, "such a source ends there");
            assert!(!exact || failure.0.offset == size);
        }
        Some(Error::Input(error)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
        }
        Some(error) => {
            let found = error.diagnostic().unwrap();
            assert!(setting.policy == Policy::Raise && found.severity > Severity::Warning, "{error}");
        }
    }
    assert!(!exact || account.counts.bytes_read() <= size);
    if Compression::of(&bytes).is_none() {
        assert_eq!(account.counts.bytes(), bytes.len() as u64);
    }
});
