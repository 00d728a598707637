use std::io::Write;

use super::*;
use crate::Error;

const ALL: [Compression; 4] = [Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Xz];

fn compressed(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        Compression::Zstd => {
            let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            writer.include_checksum(true).unwrap();
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        Compression::Bzip2 => {
            let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        Compression::Xz => {
            let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 1);
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
    }
}

/// Text that compresses, but not to nothing.
fn text(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"etaoin shrdlu\x1f\x1e\x1d"[(state >> 28) as usize]
    })
    .take(length)
    .collect()
}

/// Everything that can be read, and how it ended.
fn read(inner: impl Read, compression: Compression) -> (Vec<u8>, Result<Option<Diagnostic>, io::Error>) {
    let mut stream = Decompressor::new(compression, inner).unwrap();
    let mut bytes = Vec::new();
    let mut block = vec![0; 40_000];
    loop {
        match stream.read(&mut block) {
            Ok(0) => return (bytes, Ok(stream.warning().cloned())),
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                assert_eq!(stream.position(), bytes.len() as u64);
                return (bytes, Err(error));
            }
        }
    }
}

fn diagnostic(error: io::Error) -> Diagnostic {
    match Error::from(error) {
        Error::Source(SourceError(diagnostic)) => *diagnostic,
        other => panic!("not an error of the source: {other}"),
    }
}

/// Gives one byte at a time.
struct Single<R>(R);

impl<R: Read> Read for Single<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let count = output.len().min(1);
        self.0.read(&mut output[..count])
    }
}

#[test]
fn tells_compression_by_the_first_bytes() {
    for compression in ALL {
        for content in [&b""[..], b"one", &text(1000)] {
            assert_eq!(Compression::of(&compressed(compression, content)), Some(compression));
        }
    }
    for plain in [&b""[..], b"\x1F", b"BZh", b"BZhopper", b"BZh91234567", b"00714cam"] {
        assert_eq!(Compression::of(plain), None);
    }
    // All that there is of a source, cut within its first bytes.
    for (cut, compression) in [
        (&b"\x1F\x8B"[..], Compression::Gzip),
        (b"\xFD7zX", Compression::Xz),
        (b"\x28\xB5", Compression::Zstd),
    ] {
        assert_eq!(Compression::of(cut), Some(compression));
    }
    assert_eq!(Compression::of(b"\x50\x2A\x4D\x18\0\0\0\0"), Some(Compression::Zstd));
}

#[test]
fn reads_whole_streams_and_all_their_members() {
    let content = text(300_000);
    let (first, second) = content.split_at(100_001);
    for compression in ALL {
        let whole = compressed(compression, &content);
        let one = compressed(compression, first);
        let two = compressed(compression, second);
        let none = compressed(compression, b"");
        for (name, stream) in [
            ("whole", whole),
            ("two members", [&one[..], &two].concat()),
            ("empty members around them", [&none[..], &one, &none, &two, &none].concat()),
            ("zero bytes between and after", [&one[..], &[0; 512], &two, &[0; 70_000]].concat()),
        ] {
            let (bytes, end) = read(&stream[..], compression);
            assert!(bytes == content, "{name}, {}", compression.name());
            assert_eq!(end.unwrap(), None, "{name}, {}", compression.name());
            let (bytes, end) = read(Single(&stream[..]), compression);
            assert!(bytes == content && end.unwrap().is_none(), "{name}, {}, singly", compression.name());
        }
    }
}

#[test]
fn zstd_frames_that_say_nothing_are_passed_over() {
    let skipped = b"\x5A\x2A\x4D\x18\x03\0\0\0abc";
    let frame = compressed(Compression::Zstd, b"bytes");
    let (bytes, end) = read(&[&skipped[..], &frame, skipped].concat()[..], Compression::Zstd);
    assert_eq!((&bytes[..], end.unwrap()), (&b"bytes"[..], None));
}

#[test]
fn bytes_after_the_last_member_are_a_warning() {
    let content = text(1000);
    for compression in ALL {
        let member = compressed(compression, &content);
        for trailing in [&b"\n"[..], b"trailing bytes", &[b'x'; 200_000]] {
            let stream = [&member[..], b"\0\0", trailing].concat();
            let (bytes, end) = read(&stream[..], compression);
            let warning = end.unwrap().expect("a warning");
            assert!(bytes == content);
            assert_eq!((warning.code, warning.severity), (Code::CompressedTrailing, Severity::Warning));
            assert_eq!(warning.offset, 1000);
            let found = format!("{} bytes, beginning with", grouped(trailing.len() as u64));
            assert!(warning.found.starts_with(&found), "{}", warning.found);
        }
    }
}

#[test]
fn a_stream_that_ends_early_gives_what_it_has_and_an_error() {
    let content = text(60_000);
    for compression in ALL {
        let member = compressed(compression, &content);
        let stream = [&member[..], &member].concat();
        let places = (10..64).chain((64..stream.len()).step_by(1499)).chain(stream.len() - 20..stream.len());
        let places = places.chain(member.len() - 3..member.len() + 14);
        for cut in places.filter(|cut| *cut != member.len()) {
            let (bytes, end) = read(&stream[..cut], compression);
            let name = format!("{} cut at {cut} of {}", compression.name(), stream.len());
            let end = diagnostic(end.expect_err(&name));
            assert_eq!(end.code, Code::CompressedTruncated, "{name}: {end}");
            assert_eq!(end.offset, bytes.len() as u64, "{name}");
            assert!([&content[..], &content].concat().starts_with(&bytes), "{name}");
            if cut > member.len() {
                assert!(bytes.len() >= content.len(), "{name}: the first member is whole");
            }
            if cut % 8 != 0 {
                continue;
            }
            let (singly, _) = read(Single(&stream[..cut]), compression);
            assert!(singly == bytes, "{name}: not the same singly: {} and {}", singly.len(), bytes.len());
        }
    }
}

#[test]
fn one_wrong_byte_never_passes_unnoticed() {
    let content = text(20_000);
    for compression in ALL {
        let member = compressed(compression, &content);
        let stream = [&member[..], &member].concat();
        let places = (0..stream.len()).filter(|place| {
            *place < 40 || place % 41 == 0 || place.abs_diff(member.len()) < 40 || stream.len() - place < 40
        });
        for place in places {
            for mask in [0x01, 0x80, 0xFF] {
                let mut hurt = stream.clone();
                hurt[place] ^= mask;
                let (bytes, end) = read(&hurt[..], compression);
                let name = format!("{} byte {place} of {} ^ {mask:#x}", compression.name(), member.len());
                match end {
                    // A name, a time or a padding bit in a header.
                    Ok(None) => assert!(bytes == [&content[..], &content].concat(), "{name}"),
                    Ok(Some(warning)) => panic!("{name}: only {warning}"),
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                    Err(error) => {
                        let end = diagnostic(error);
                        assert!(
                            matches!(end.code, Code::CompressedDamaged | Code::CompressedTruncated),
                            "{name}: {end}"
                        );
                        assert_eq!(end.offset, bytes.len() as u64, "{name}");
                        if place > member.len() {
                            assert!(bytes.starts_with(&content), "{name}: the first member is sound");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn damage_reads_the_same_however_the_bytes_come() {
    for compression in ALL {
        let whole = compressed(compression, &text(600));
        for place in LOOKED_AT..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x2A;
            let ends = [read(&damaged[..], compression), read(Single(&damaged[..]), compression)]
                .map(|(bytes, end)| (bytes, end.map_err(|error| error.to_string())));
            assert_eq!(ends[0], ends[1], "{compression:?}, byte {place}");
        }
    }
}

#[test]
fn what_was_sound_before_the_damage_is_delivered() {
    // Zstd: blocks of 128 KiB, so a hit near the end leaves all blocks but the last.
    let content = text(1_000_000);
    let mut stream = compressed(Compression::Zstd, &content);
    let place = stream.len() - 2_000;
    stream[place..].fill(0xFF);
    let mut reader = Decompressor::new(Compression::Zstd, &stream[..]).unwrap();
    let mut bytes = Vec::new();
    assert!(reader.read_to_end(&mut bytes).is_err());
    assert!(content.starts_with(&bytes));
    assert!(bytes.len() >= 800_000, "{}", bytes.len());
}

#[test]
fn the_same_error_again_and_again() {
    let stream = compressed(Compression::Gzip, &text(1000));
    let mut reader = Decompressor::new(Compression::Gzip, &stream[..100]).unwrap();
    let mut bytes = Vec::new();
    let first = reader.read_to_end(&mut bytes).unwrap_err().to_string();
    assert_eq!(reader.read(&mut [0; 10]).unwrap_err().to_string(), first);
}

/// Fails once, in the middle, with an error of its own.
struct Failing<'a> {
    bytes: &'a [u8],
    left: usize,
    error: Option<io::Error>,
}

impl Read for Failing<'_> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            self.left = usize::MAX;
        }
        let count = self.left.min(output.len()).min(7);
        let count = self.bytes.read(&mut output[..count])?;
        self.left -= count;
        Ok(count)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection was lost")]
struct Lost(u32);

#[test]
fn an_error_of_the_reader_beneath_is_passed_on_untouched_and_reading_can_go_on() {
    let content = text(30_000);
    for compression in ALL {
        let member = compressed(compression, &content);
        let stream = [&member[..], &member, b"\0\0\0"].concat();
        for left in [0, 5, 20, 3_000, member.len(), member.len() + 3, stream.len() - 3, stream.len()] {
            let error = Some(io::Error::new(io::ErrorKind::UnexpectedEof, Lost(7)));
            let mut reader = Decompressor::new(compression, Failing { bytes: &stream, left, error }).unwrap();
            let mut bytes = Vec::new();
            let error = reader.read_to_end(&mut bytes).unwrap_err();
            let lost: &Lost = error.get_ref().and_then(|error| error.downcast_ref()).unwrap();
            assert_eq!((lost.0, error.kind()), (7, io::ErrorKind::UnexpectedEof));
            reader.read_to_end(&mut bytes).unwrap();
            assert!(bytes == [&content[..], &content].concat(), "{} from {left}", compression.name());
        }
    }
}

#[test]
fn a_window_beyond_bounds_is_refused_not_called_damage() {
    // A frame header that asks for a window of 2 GiB: RFC 8878, 3.1.1.1.2, exponent 21.
    let frame = [ZSTD, b"\x00\xA8\x01\0\0"].concat();
    let (_, end) = read(&frame[..], Compression::Zstd);
    let error = end.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("zstd -d --long=31"), "{error}");
}

/// The longest that one call takes of a stream that has nothing to give for long.
fn longest_call(inner: impl Read, compression: Compression) -> std::time::Duration {
    let mut stream = Decompressor::new(compression, inner).unwrap();
    let (mut longest, mut calls) = (std::time::Duration::ZERO, 0);
    let end = Instant::now() + 8 * PATIENCE;
    while Instant::now() < end {
        let begun = Instant::now();
        match stream.read(&mut [0; 1 << 15]) {
            Ok(count) => assert!(count > 0, "the stream is not long enough"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::Interrupted),
        }
        (longest, calls) = (longest.max(begun.elapsed()), calls + 1);
    }
    assert!(calls > 3);
    longest
}

#[test]
fn a_stream_without_content_lets_its_reader_look_up() {
    let many = |bytes: &[u8]| io::Cursor::new(bytes.repeat((48 << 20) / bytes.len()));
    for (name, compression, stream) in [
        ("empty frames", Compression::Zstd, b"\x5A\x2A\x4D\x18\0\0\0\0".to_vec()),
        ("empty members of gzip", Compression::Gzip, compressed(Compression::Gzip, b"")),
        ("empty members of bzip2", Compression::Bzip2, compressed(Compression::Bzip2, b"")),
        ("empty members of xz", Compression::Xz, compressed(Compression::Xz, b"")),
    ] {
        let longest = longest_call(many(&stream), compression);
        assert!(longest < 10 * PATIENCE, "{name}: {longest:?}");
    }
    for compression in ALL {
        let member = compressed(compression, b"content");
        for byte in [0, b'x'] {
            let longest = longest_call((&member[..]).chain(io::repeat(byte)), compression);
            assert!(longest < 10 * PATIENCE, "{byte} after {}: {longest:?}", compression.name());
        }
    }
}

#[test]
fn want_of_memory_is_not_called_damage() {
    assert!(matches!(Zstd::failed("Allocation error : not enough memory"), State::OutOfMemory));
    let mut stream = Decompressor::new(Compression::Zstd, &b""[..]).unwrap();
    stream.place = Place::OutOfMemory;
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (io::ErrorKind::OutOfMemory, "not enough memory to decompress zstd".to_owned())
    );
}
