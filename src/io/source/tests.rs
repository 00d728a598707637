use std::fs;
use std::io::Write;

use arrow_schema::ArrowError;

use super::*;
use crate::Error;
use crate::diagnostic::Code;
use crate::error::SourceError;
use crate::io::{PathError, Scan};
use crate::options::{Format, Options, Policy};

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    folder
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn read(source: &Source) -> Vec<u8> {
    let mut bytes = Vec::new();
    source.open().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn names(folder: &Path, pattern: &str) -> Vec<String> {
    let sources = Source::expand(folder.join(pattern)).unwrap();
    let path = |source: &Source| source.as_path().unwrap().strip_prefix(folder).unwrap().to_owned();
    sources.iter().map(|source| path(source).into_os_string().into_string().unwrap()).collect()
}

struct Opener(Vec<u8>);

impl Open for Opener {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.0.clone())))
    }

    fn name(&self) -> Option<String> {
        Some("an object".to_owned())
    }
}

#[test]
fn every_kind_gives_the_same_bytes_compressed_or_not_again_and_again() {
    let folder = folder(&[]);
    for (name, content) in [("empty", &b""[..]), ("one byte", b"0"), ("more", &[b'0'; 100_000])] {
        for stored in [content.to_vec(), gzip(content)] {
            let path = folder.path().join("file");
            fs::write(&path, &stored).unwrap();
            for source in [
                Source::path(&path),
                Source::bytes(stored.clone()),
                Source::opener(Arc::new(Opener(stored.clone()))),
            ] {
                assert!(read(&source) == content, "{name} from {source:?}");
                assert!(read(&source.clone()) == content, "{name} from {source:?}, again");
            }
        }
    }
}

#[test]
fn sizes_are_known_of_files_and_bytes_that_are_not_compressed() {
    let folder = folder(&["plain.mrc"]);
    let packed = folder.path().join("packed.mrc");
    fs::write(&packed, gzip(b"bytes")).unwrap();
    let size = |source: Source| source.open().unwrap().size();
    assert_eq!(size(Source::path(folder.path().join("plain.mrc"))), Some(9));
    assert_eq!(size(Source::bytes(*b"bytes")), Some(5));
    assert_eq!(size(Source::bytes(*b"")), Some(0));
    assert_eq!(size(Source::path(packed)), None);
    assert_eq!(size(Source::bytes(gzip(b"bytes"))), None);
    assert_eq!(size(Source::opener(Arc::new(Opener(b"bytes".to_vec())))), None);
}

#[test]
fn bytes_in_memory_are_shared_not_copied() {
    let bytes = Arc::new([b'0'; 1000]);
    struct Shared(Arc<[u8; 1000]>);
    impl AsRef<[u8]> for Shared {
        fn as_ref(&self) -> &[u8] {
            &self.0[..]
        }
    }
    let source = Source::bytes(Shared(bytes.clone()));
    let shared = source.open().unwrap().shared().unwrap();
    assert_eq!(shared.as_ptr(), bytes.as_ptr());
    assert!(Source::bytes(gzip(b"bytes")).open().unwrap().shared().is_none());
}

#[test]
fn names_are_for_messages() {
    assert_eq!(Source::path("dumps/a.mrc").name().as_deref(), Some("dumps/a.mrc"));
    assert_eq!(Source::bytes(*b"bytes").name(), None);
    assert_eq!(Source::opener(Arc::new(Opener(Vec::new()))).name().as_deref(), Some("an object"));
    assert_eq!(format!("{:?}", Source::bytes([0; 1000])), "Source(1,000 bytes)");
}

#[test]
fn a_text_names_a_file_or_the_files_it_matches() {
    let files =
        ["b.mrc", "a.mrc", "a.txt", "[1].mrc", ".hidden.mrc", "deep/c.mrc", "deep/er/d.mrc", "dir.mrc/x"];
    let folder = folder(&files);
    let names = |pattern| names(folder.path(), pattern);
    assert_eq!(names("a.mrc"), ["a.mrc"]);
    assert_eq!(names("*.mrc"), ["[1].mrc", "a.mrc", "b.mrc"]);
    assert_eq!(names("?.mrc"), ["a.mrc", "b.mrc"]);
    assert_eq!(names("[b-c].mrc"), ["b.mrc"]);
    assert_eq!(names("[1].mrc"), ["[1].mrc"], "an existing path wins");
    assert_eq!(names("**/*.mrc"), ["[1].mrc", "a.mrc", "b.mrc", "deep/c.mrc", "deep/er/d.mrc"]);
    assert_eq!(names(".hidden.mrc"), [".hidden.mrc"]);
}

#[test]
fn what_is_not_there_is_an_error_that_says_so() {
    let folder = folder(&["deep/c.mrc"]);
    let expand = |name: &str| {
        let path = folder.path().join(name);
        (path.display().to_string(), Source::expand(&path).unwrap_err())
    };
    let (path, error) = expand("missing.mrc");
    assert_eq!((error.kind(), error.to_string()), (io::ErrorKind::NotFound, format!("no such file: {path}")));
    let system: &PathError = error.get_ref().and_then(|error| error.downcast_ref()).unwrap();
    assert!(system.error.raw_os_error().is_some());

    let (path, error) = expand("*.mrc");
    assert_eq!(
        (error.kind(), error.to_string()),
        (io::ErrorKind::NotFound, format!("no file matches {path}"))
    );

    let (path, error) = expand("deep");
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    assert!(error.to_string().contains(&format!("a glob such as \"{path}/*.mrc\"")), "{error}");
    let error = Source::path(folder.path()).open().err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);

    let (_, error) = expand("a***b");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let error = Source::path(folder.path().join("missing.mrc")).open().err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_file_that_becomes_shorter_is_an_error_where_it_ends() {
    let folder = folder(&[]);
    let path = folder.path().join("file.mrc");
    let plain = vec![b'0'; 1_000_000];
    // Bytes that do not compress, so that the file is longer than what is read ahead.
    let mut state = 7u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let packed = gzip(&noise.take(1_000_000).collect::<Vec<_>>());
    for (name, content) in [("plain", plain), ("compressed", packed)] {
        fs::write(&path, &content).unwrap();
        let mut input = Source::path(&path).open().unwrap();
        let mut bytes = vec![0; 5000];
        input.read_exact(&mut bytes).unwrap();
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(600_000).unwrap();
        let error = input.read_to_end(&mut bytes).unwrap_err();
        let Error::Source(SourceError(found)) = Error::from(error) else { panic!("{name}") };
        assert_eq!(found.code, Code::SourceChanged, "{name}");
        assert_eq!(found.offset, bytes.len() as u64, "{name}");
        assert!(found.to_string().starts_with(&path.display().to_string()), "{name}: {found}");
        assert!(input.read(&mut bytes).is_err(), "{name}: still");
    }
}

#[test]
fn a_file_that_grows_is_read_as_it_was() {
    let folder = folder(&["file.mrc"]);
    let path = folder.path().join("file.mrc");
    let mut input = Source::path(&path).open().unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"file.mrc");
}

#[test]
fn a_damaged_source_is_named_in_the_error_and_an_odd_one_in_the_warning() {
    let folder = folder(&[]);
    let path = folder.path().join("dump.mrc.gz");
    let packed = gzip(b"bytes");
    fs::write(&path, &packed[..packed.len() - 2]).unwrap();
    let source = Source::path(&path);
    let error = source.open().unwrap().read_to_end(&mut Vec::new()).unwrap_err();
    let message = Error::from(error).to_string();
    assert!(message.starts_with(&path.display().to_string()), "{message}");
    assert!(message.contains("compressed-truncated") && message.contains("get the file again"), "{message}");

    fs::write(&path, [&packed[..], b"tail"].concat()).unwrap();
    let mut input = source.open().unwrap();
    assert_eq!(input.warnings(), []);
    input.read_to_end(&mut Vec::new()).unwrap();
    let warnings = input.warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].code, warnings[0].offset), (Code::CompressedTrailing, 5));
    assert_eq!(warnings[0].source, source.name());
}

#[cfg(unix)]
#[test]
fn a_pipe_has_no_size_and_is_read_to_its_end() {
    let folder = folder(&[]);
    for content in [b"bytes".to_vec(), gzip(b"bytes")] {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, content).unwrap()
        });
        let mut input = Source::path(&pipe).open().unwrap();
        assert_eq!(input.size(), None);
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"bytes");
        writer.join().unwrap();
        fs::remove_file(&pipe).unwrap();
    }
}

struct Failing;

impl Open for Failing {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        struct Reader(usize);
        impl Read for Reader {
            fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1..=20 => {
                        output[0] = b'0';
                        Ok(1)
                    }
                    _ => Err(io::Error::from_raw_os_error(5)),
                }
            }
        }
        Ok(Box::new(Reader(0)))
    }

    fn name(&self) -> Option<String> {
        None
    }
}

#[test]
fn an_error_of_an_object_comes_after_its_bytes_and_as_it_was() {
    let mut input = Source::opener(Arc::new(Failing)).open().unwrap();
    let mut bytes = Vec::new();
    let error = input.read_to_end(&mut bytes).unwrap_err();
    assert_eq!(bytes, [b'0'; 20]);
    assert_eq!(error.raw_os_error(), Some(5));
}

#[test]
fn a_part_of_a_file_that_becomes_shorter_says_so_where_the_file_ends() {
    let folder = folder(&[]);
    let path = folder.path().join("file.mrc");
    let record = b"00044nam a2200037 a 4500001000600000\x1e12345\x1e\x1d";
    fs::write(&path, record.repeat(1000)).unwrap();
    let mut input =
        Source::path(&path).open_range(&(4400..44_000), Format::Auto, &mut || true).unwrap().unwrap();
    assert_eq!((input.offset(), input.size()), (4400, Some(44_000 - 4400)));
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(8800).unwrap();
    let mut bytes = Vec::new();
    let Error::Source(SourceError(found)) = Error::from(input.read_to_end(&mut bytes).unwrap_err()) else {
        panic!("not an error of the source")
    };
    assert_eq!((found.code, found.offset, bytes.len()), (Code::SourceChanged, 8800, 4400));
    assert_eq!(found.expected, "44,000 bytes");
}

#[test]
fn a_file_is_read_by_position() {
    use std::io::{Seek, SeekFrom};
    let folder = folder(&["file.mrc"]);
    let mut file = fs::File::open(folder.path().join("file.mrc")).unwrap();
    let mut reader = super::super::file::Positioned { file: file.try_clone().unwrap(), position: 0 };
    // As a fork does, whose files stand where this process has read to.
    file.seek(SeekFrom::End(0)).unwrap();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"file.mrc");
}

#[cfg(unix)]
mod pipes {
    use super::*;
    use crate::Scan;

    fn pipe() -> (tempfile::TempDir, PathBuf) {
        let folder = folder(&[]);
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        (folder, pipe)
    }

    /// A read of `source` that is wanted for three looks.
    fn given_up(source: &Source) -> Error {
        let mut looks = 0;
        let mut batches = Scan::new(source.clone()).batches().watched(move |_| {
            looks += 1;
            if looks < 3 { Ok(()) } else { Err(Error::Interrupted("enough".into())) }
        });
        batches.next_batch().unwrap_err()
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_can_be_given_up() {
        let (_folder, pipe) = pipe();
        assert_eq!(given_up(&Source::path(&pipe)).to_string(), "interrupted: enough");
    }

    #[test]
    fn a_pipe_on_which_nothing_comes_can_be_given_up() {
        let (_folder, pipe) = pipe();
        let opened = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::OpenOptions::new().write(true).open(pipe).unwrap()
        });
        assert_eq!(given_up(&Source::path(&pipe)).to_string(), "interrupted: enough");
        drop(opened.join().unwrap());
    }

    #[test]
    fn a_pipe_is_read_once() {
        let (_folder, pipe) = pipe();
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, b"bytes").unwrap()
        });
        let source = Source::path(&pipe);
        assert_eq!(read(&source), b"bytes");
        writer.join().unwrap();
        let error = source.clone().open().err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("cannot be read again"), "{error}");
    }
}

#[test]
fn an_address_is_a_local_path_or_says_that_it_is_none() {
    let folder = folder(&["my catalogue.mrc"]);
    let path = folder.path().join("my catalogue.mrc");
    let address = format!("file://{}", path.display()).replace(' ', "%20");
    assert_eq!(Source::expand(address).unwrap()[0].as_path(), Some(path.as_path()));
    for address in ["https://example.org/a.mrc", "s3://bucket/*.mrc"] {
        let error = Source::expand(address).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("addresses are not read yet; get the file first"), "{error}");
    }
}

#[test]
fn a_read_that_skips_goes_on_without_a_missing_file() {
    let folder = folder(&[]);
    let path = folder.path().join("good.mrc");
    let record = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    fs::write(&path, record).unwrap();
    let missing = || Source::path(folder.path().join("missing.mrc"));
    let read = |sources, policy| {
        let scan = Scan::of_sources(sources).with_options(Options::default().on_error(policy)).unwrap();
        let mut batches = scan.batches();
        let rows = (&mut batches).map(|batch| Ok(batch?.num_rows())).sum::<Result<usize, ArrowError>>();
        (rows.map_err(Error::from), batches.into_accounts())
    };
    for policy in [Policy::Skip, Policy::Recover] {
        let (rows, accounts) = read(vec![missing(), Source::path(path.clone()), missing()], policy);
        assert_eq!((rows.unwrap(), accounts.unreadable()), (1, 2));
        assert!(!accounts.is_whole());
        let finding = &accounts.sources[2].diagnostics[0];
        assert_eq!((finding.code, finding.found.as_str()), (Code::SourceUnreadable, "no such file"));
        let (rows, accounts) = read(vec![missing(), missing()], policy);
        assert!(matches!(rows, Err(Error::Input(_))));
        assert_eq!(accounts.unreadable(), 2);
    }
    let (rows, _) = read(vec![Source::path(path.clone()), missing()], Policy::Raise);
    assert!(matches!(rows, Err(Error::Input(_))));
}
