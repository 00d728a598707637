//! Any bytes, read as an archive: nothing panics, every byte of each file in it is accounted for, and a tar archive that
//! comes in small blocks gives what one in memory does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::accounts::Accounts;
use mrrc::internals::io::compression::Compression;
use mrrc::{Encoding, Options, Scan, Source};
use mrrc_fuzz::{Setting, in_blocks};

fuzz_target!(|input: &[u8]| {
    let Some((setting, bytes)) = Setting::of(input) else { return };
    if Compression::of(bytes).is_some() {
        return;
    }
    let options = setting.options(Encoding::Declared);
    let whole = outcome(Source::bytes(bytes.to_vec()), &options);
    let (rows, accounts, _) = &whole;
    assert_eq!(*rows, accounts.counts().delivered);
    for source in &accounts.sources {
        for reject in &source.rejects {
            assert!(reject.offset + reject.length <= source.counts.bytes());
        }
    }
    if setting.reads_a_stream() && !bytes.starts_with(b"PK") {
        let parts = outcome(in_blocks(bytes, setting.block), &options);
        assert_eq!((whole.0, &whole.2), (parts.0, &parts.2));
        let names =
            |accounts: &Accounts| accounts.sources.iter().map(|it| it.source.clone()).collect::<Vec<_>>();
        assert_eq!(names(&whole.1), names(&parts.1));
    }
});

/// The number of rows, the accounts, and the error that ended the read.
fn outcome(source: Source, options: &Options) -> (u64, Accounts, Option<String>) {
    let mut read = Scan::new(source).with_options(options.clone()).unwrap().batches();
    let mut rows = 0;
    let error = loop {
        match read.next_batch() {
            Ok(Some(batch)) => rows += batch.num_rows() as u64,
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    (rows, read.into_accounts(), error)
}
