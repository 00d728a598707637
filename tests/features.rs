//! What a build without some features says when it is asked for more. Run with all of them it says that each is there.

use std::fs;

use mrrc::Source;

/// An empty file of each compression, as its own program writes it, and whether this build reads it.
const EMPTY: [(&str, bool, &[u8]); 4] = [
    (
        "gzip",
        cfg!(feature = "gzip"),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    ),
    ("bzip2", cfg!(feature = "bzip2"), b"BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"),
    (
        "xz",
        cfg!(feature = "xz"),
        b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46\x00\x00\x00\x00\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04YZ",
    ),
    ("zstd", cfg!(feature = "zstd"), b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51"),
];

#[test]
fn a_compressed_source_is_read_or_the_error_names_the_feature() {
    let folder = tempfile::tempdir().unwrap();
    for (feature, is_read, content) in EMPTY {
        let path = folder.path().join(format!("dump.{feature}"));
        fs::write(&path, content).unwrap();
        let message =
            format!("compressed with {feature}; to read it, build mrrc with its feature `{feature}`");
        for (source, expected) in [
            (Source::path(&path), format!("{}: {message}", path.display())),
            (Source::bytes(content), message),
        ] {
            let outcome = mrrc::Scan::new(source).batches().next_batch().map(|batch| batch.is_none());
            match outcome {
                Ok(is_empty) => assert!(is_read && is_empty, "{feature}"),
                Err(error) => {
                    assert!(!is_read, "{feature}: {error}");
                    assert_eq!(error.to_string(), expected);
                }
            }
        }
    }
}

#[test]
fn a_compressed_file_is_written_or_the_error_names_the_feature() {
    let folder = tempfile::tempdir().unwrap();
    for ((feature, is_written, _), suffix) in EMPTY.into_iter().zip(["gz", "bz2", "xz", "zst"]) {
        let path = folder.path().join(format!("dump.{suffix}"));
        let outcome = mrrc::Output::create(&path).and_then(mrrc::Output::finish);
        let reason = format!("to compress it with {feature}, build mrrc with its feature `{feature}`");
        let message = format!("cannot write {}: {reason}", path.display());
        assert_eq!(
            outcome.map_err(|error| error.to_string()),
            if is_written { Ok(()) } else { Err(message) }
        );
        assert_eq!(path.exists(), is_written);
    }
}

#[test]
fn an_archive_is_read_or_the_error_names_the_feature() {
    let mut tar = [0; 1536];
    tar[..5].copy_from_slice(b"a.mrc");
    tar[124..136].copy_from_slice(b"00000000000\0");
    tar[156..262].copy_from_slice(&[&b"0"[..], &[0; 100], b"ustar"].concat());
    let sum: u32 = tar[..512].iter().map(|&byte| u32::from(byte)).sum();
    let of_field: u32 = tar[148..156].iter().map(|&byte| u32::from(byte)).sum();
    tar[148..156].copy_from_slice(format!("{:06o}\0 ", sum - of_field + 256).as_bytes());
    let outcome = mrrc::Scan::new(Source::bytes(tar)).batches().next_batch();
    let message = outcome.err().map(|error| error.to_string());
    let without = "a tar archive; to read it, build mrrc with its feature `archives`";
    assert_eq!(message.as_deref(), (!cfg!(feature = "archives")).then_some(without));
}

#[test]
fn a_glob_is_expanded_or_the_error_names_the_feature() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.mrc", "b.mrc", "[1].mrc"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let named = Source::expand(folder.path().join("[1].mrc")).unwrap();
    assert_eq!(named.len(), 1);
    let pattern = folder.path().join("?.mrc");
    let found = Source::expand(&pattern).map(|sources| sources.len()).map_err(|error| error.to_string());
    let without = format!(
        "no such file: {}; to take it as a glob, build mrrc with its feature `glob`",
        pattern.display()
    );
    assert_eq!(found, if cfg!(feature = "glob") { Ok(2) } else { Err(without) });
}
