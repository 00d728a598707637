//! [`Output`]: a complete file, or none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::compressor::Compressor;
use super::file::{Ended, GoesOn, Sink};
use super::path::{PathError, is_directory};

const BUFFER: usize = 256 << 10;
/// The maximum number of links followed, as in Linux.
const MAX_LINKS: usize = 40;

/// A file being written, which appears, complete, with [`Output::finish`]. If it is dropped before, nothing is left
/// of it, and an earlier file at its place is unchanged. After an error, how much was written is unknown: every later
/// call fails with the same error, and the file does not appear.
///
/// ```
/// use std::io::Write;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("emma.mrc");
/// let mut output = mrrc::Output::create(&path)?;
/// output.write_all(b"...")?;
/// assert!(!path.exists());
/// output.finish()?;
/// assert!(path.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A path that ends in `.gz`, `.bz2`, `.xz` or `.zst` is that of a compressed file.
///
/// Until then the bytes are in a hidden file in the same folder. If `path` is not a regular file (`/dev/null`,
/// `/dev/stdout`, a pipe), they are written to it directly.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    // Always there, except while it is dropped.
    file: Option<Target>,
    compressor: Option<Compressor>,
    process: u32,
    failed: Option<Failure>,
}

#[derive(Debug)]
enum Target {
    /// It is not open while the output rests.
    Neighbour {
        file: Option<BufWriter<File>>,
        hidden: TempPath,
        place: PathBuf,
    },
    Itself(BufWriter<Sink>),
}

/// What the first error was.
#[derive(Clone, Copy, Debug)]
struct Failure {
    kind: io::ErrorKind,
    number: Option<i32>,
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> io::Error {
        failure.number.map_or_else(|| failure.kind.into(), io::Error::from_raw_os_error)
    }
}

impl Output {
    /// Begins the file at `path`. Links are followed; a relative path is resolved in the current folder now.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Output> {
        Output::create_while(path, Box::new(|| Ok(())))
    }

    /// Like [`Output::create`]. `goes_on` is called repeatedly while nobody reads the pipe at `path`; if it returns an
    /// error, writing ends with that error.
    pub fn create_while(path: impl AsRef<Path>, goes_on: GoesOn) -> io::Result<Output> {
        let named = path.as_ref();
        let compressor = Compressor::of(named).map_err(|error| explained(named, error))?;
        let file = Output::begin(named, goes_on).map_err(|error| explained(named, error))?;
        let (path, process) = (named.to_owned(), std::process::id());
        Ok(Output { path, file: Some(file), compressor, process, failed: None })
    }

    fn begin(named: &Path, goes_on: GoesOn) -> io::Result<Target> {
        let replaced = match fs::metadata(named) {
            Ok(metadata) if metadata.is_dir() => return Err(is_directory()),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let special = replaced.as_ref().is_some_and(|metadata| !metadata.is_file());
        if special || is_descriptor(named) {
            let file = Sink::open(named, goes_on)?;
            return Ok(Target::Itself(BufWriter::with_capacity(BUFFER, file)));
        }
        if replaced.is_some() {
            // `rename` checks only the directory's permissions, so check the file's here.
            OpenOptions::new().write(true).open(named)?;
        }
        let place = followed(std::path::absolute(named)?)?;
        place.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        // A short name, since the file's own may already have the maximum length.
        let mut builder = tempfile::Builder::new();
        builder.prefix(".mrrc-").suffix(".part");
        let (file, hidden) = builder.make_in(folder_of(&place), create_new)?.into_parts();
        if let Some(metadata) = replaced {
            file.set_permissions(metadata.permissions())?;
        }
        Ok(Target::Neighbour { file: Some(BufWriter::with_capacity(BUFFER, file)), hidden, place })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The error of an earlier write, if one failed.
    pub fn check(&self) -> io::Result<()> {
        self.failed.map_or(Ok(()), |failure| Err(explained(&self.path, failure.into())))
    }

    /// Flushes, and closes the file until more is written, so that a program can write many files in turns. What is no
    /// regular file stays open.
    pub fn rest(&mut self) -> io::Result<()> {
        self.flush()?;
        if let Some(Target::Neighbour { file, .. }) = &mut self.file {
            *file = None;
        }
        Ok(())
    }

    /// Flushes, waits until the data are on disk, and puts the file in place.
    pub fn finish(mut self) -> io::Result<()> {
        self.check()?;
        if let Some(compressor) = self.compressor.take() {
            let rest = compressor.finish()?;
            self.write_all(&rest)?;
        }
        let result = match self.file.take() {
            Some(Target::Itself(mut file)) => file.flush(),
            Some(Target::Neighbour { file, hidden, place }) => finish(file, hidden, &place),
            None => Ok(()),
        };
        result.map_err(|error| explained(&self.path, error))
    }

    /// Returns the result, and remembers an error that leaves the content unknown.
    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some(Failure { kind: error.kind(), number: error.raw_os_error() });
            }
            explained(&self.path, error)
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        let result = match (&mut self.file, &mut self.compressor) {
            (Some(target), Some(compressor)) => compressor.write(bytes, target).map(|()| bytes.len()),
            (Some(target), None) => target.write(bytes),
            (None, _) => Ok(bytes.len()),
        };
        self.noted(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        let result = self.file.as_mut().map_or(Ok(()), Target::flush);
        self.noted(result)
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Neighbour { file, hidden, .. } => open(file, hidden)?.write(bytes),
            Target::Itself(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Neighbour { file, .. } => file.as_mut().map_or(Ok(()), BufWriter::flush),
            Target::Itself(file) => file.flush(),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        match self.file.take() {
            Some(Target::Neighbour { file, hidden, .. }) => {
                drop(file.map(BufWriter::into_parts));
                if self.process != std::process::id() {
                    // In a fork: the file belongs to the parent.
                    std::mem::forget(hidden);
                }
            }
            // The buffered rest belongs to a file that will not be finished.
            Some(Target::Itself(file)) => drop(file.into_parts()),
            None => {}
        }
    }
}

/// The hidden file, opened again if it rests.
fn open<'a>(file: &'a mut Option<BufWriter<File>>, hidden: &Path) -> io::Result<&'a mut BufWriter<File>> {
    Ok(match file {
        Some(file) => file,
        None => {
            let opened = OpenOptions::new().append(true).open(hidden)?;
            file.insert(BufWriter::with_capacity(BUFFER, opened))
        }
    })
}

fn finish(mut file: Option<BufWriter<File>>, hidden: TempPath, place: &Path) -> io::Result<()> {
    let file = open(&mut file, &hidden)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    hidden.persist(place).map_err(|error| error.error)?;
    // The file is complete and in place; its name surviving a power cut is attempted, not promised.
    #[cfg(unix)]
    let _ = File::open(folder_of(place)).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Creates a file with the permissions of any new file.
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The target of a link, whether or not a file is there.
fn followed(mut path: PathBuf) -> io::Result<PathBuf> {
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // No link.
            Err(_) => return Ok(path),
        }
    }
    fs::metadata(&path).map(|_| path)
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Names of open descriptors of this process, such as `/dev/stdout`, even if they are files.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix)
        && (["/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
            || path.starts_with("/dev/fd")
            || (path.starts_with("/proc") && path.components().any(|part| part.as_os_str() == "fd")))
}

/// The error with the path in its text, and what to do about it if that is known.
fn explained(path: &Path, error: io::Error) -> io::Error {
    let says_it_all = error.get_ref().is_some_and(|it| it.is::<PathError>() || it.is::<Ended>());
    if error.kind() == io::ErrorKind::Interrupted || says_it_all {
        return error;
    }
    PathError::of_writing(path, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[cfg(all(feature = "gzip", feature = "bzip2", feature = "xz", feature = "zstd"))]
    #[test]
    fn a_suffix_says_how_a_file_is_compressed() {
        use crate::io::Source;
        use crate::io::compression::Compression;

        let folder = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        for (name, compression) in [
            ("a.mrc.gz", Some(Compression::Gzip)),
            ("a.xml.BZ2", Some(Compression::Bzip2)),
            ("a.csv.xz", Some(Compression::Xz)),
            ("a.zst", Some(Compression::Zstd)),
            ("gz", None),
        ] {
            let path = folder.path().join(name);
            let mut output = Output::create(&path).unwrap();
            for piece in content.chunks(300_001) {
                output.write_all(piece).unwrap();
                output.rest().unwrap();
            }
            output.finish().unwrap();
            assert_eq!(Compression::of(&fs::read(&path).unwrap()), compression);
            let mut read = Vec::new();
            io::Read::read_to_end(&mut Source::path(&path).open().unwrap(), &mut read).unwrap();
            assert!(read == content, "{name}");
        }
        Output::create(folder.path().join("empty.gz")).unwrap().finish().unwrap();
        assert!(!fs::read(folder.path().join("empty.gz")).unwrap().is_empty());
    }

    #[test]
    fn a_finished_file_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mrc");
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"bytes").unwrap();
        assert!(!path.exists());
        output.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
        assert_eq!(names_in(folder.path()), ["out.mrc"]);
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mrc");
        for before in [None, Some("before")] {
            if let Some(before) = before {
                fs::write(&path, before).unwrap();
            }
            let mut output = Output::create(&path).unwrap();
            output.write_all(&vec![0; 3 * BUFFER]).unwrap();
            drop(output);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
            assert_eq!(names_in(folder.path()).len(), usize::from(before.is_some()));
        }
    }

    #[test]
    fn files_can_be_written_in_turns() {
        let folder = tempfile::tempdir().unwrap();
        let create = |name: &str| Output::create(folder.path().join(name)).unwrap();
        let mut outputs = [create("a"), create("b"), create("c")];
        for round in 0..3 {
            for output in &mut outputs {
                write!(output, "{round}").unwrap();
                output.rest().unwrap();
            }
        }
        let [mut first, second, third] = outputs;
        first.write_all(b"!").unwrap();
        drop(third);
        [first, second].into_iter().for_each(|output| output.finish().unwrap());
        assert_eq!(names_in(folder.path()), ["a", "b"]);
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"012!");
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), b"012");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_new_file_or_of_the_file_before() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let (usual, path) = (folder.path().join("usual"), folder.path().join("out.mrc"));
        fs::write(&usual, "").unwrap();
        Output::create(&path).unwrap().finish().unwrap();
        assert_eq!(mode(&path), mode(&usual));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        Output::create(&path).unwrap().finish().unwrap();
        assert_eq!(mode(&path), 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let mut output = Output::create(&link).unwrap();
        output.write_all(b"after").unwrap();
        output.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"after");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("below/two"));
        std::os::unix::fs::symlink("below/two", &one).unwrap();
        std::os::unix::fs::symlink("../file", &two).unwrap();
        let mut output = Output::create(&one).unwrap();
        output.write_all(b"after").unwrap();
        output.finish().unwrap();
        assert!(fs::symlink_metadata(&one).unwrap().is_symlink());
        assert_eq!(names_in(folder.path()), ["below", "file", "one"]);

        std::os::unix::fs::symlink("round", folder.path().join("round")).unwrap();
        assert!(Output::create(folder.path().join("round")).is_err());
    }

    #[test]
    fn a_name_may_be_as_long_as_names_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let name = "n".repeat(255);
        let mut output = Output::create(folder.path().join(&name)).unwrap();
        output.write_all(b"bytes").unwrap();
        output.finish().unwrap();
        assert_eq!(names_in(folder.path()), [name]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_an_error_nothing_is_written_and_nothing_takes_its_place() {
        let mut output = Output::create("/dev/full").unwrap();
        let error = output.write_all(&vec![0; 2 * BUFFER]).unwrap_err();
        let number = |error: io::Error| {
            let inner = error.into_inner().and_then(|it| it.downcast::<PathError>().ok());
            inner.and_then(|it| it.error.raw_os_error())
        };
        let full = number(error);
        assert!(full.is_some());
        assert_eq!(number(output.write_all(b"more").unwrap_err()), full);
        assert_eq!(number(output.flush().unwrap_err()), full);
        assert_eq!(number(output.finish().unwrap_err()), full);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_and_pipes_are_written_to_directly() {
        let mut output = Output::create("/dev/null").unwrap();
        output.write_all(b"bytes").unwrap();
        output.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());

        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        let mut output = Output::create(&pipe).unwrap();
        output.write_all(b"bytes").unwrap();
        output.finish().unwrap();
        assert_eq!(reader.join().unwrap(), b"bytes");
        assert_eq!(names_in(folder.path()), ["pipe"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_that_nobody_reads_can_be_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut looks = 0;
        let goes_on = move || {
            looks += 1;
            if looks < 3 { Ok(()) } else { Err("enough".into()) }
        };
        let error = Output::create_while(&pipe, Box::new(goes_on)).unwrap_err();
        assert_eq!(crate::Error::from(error).to_string(), "interrupted: enough");

        let _reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        let mut output = Output::create_while(&pipe, Box::new(goes_on)).unwrap();
        let error = output.write_all(&vec![0; 2 * BUFFER]).unwrap_err();
        assert_eq!(crate::Error::from(error).to_string(), "interrupted: enough");
        assert!(output.write_all(b"more").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let mut output = Output::create("/dev/full").unwrap();
        output.write_all(b"bytes").unwrap();
        let error = output.finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().contains("/dev/full"), "{error}");
    }

    #[test]
    fn errors_name_the_path_and_say_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("no/such/out.mrc");
        let error = Output::create(&nowhere).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(error.to_string(), format!("cannot write {}: there is no such folder", nowhere.display()));
        let error = Output::create(folder.path()).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(error.to_string().contains("name a file in it"), "{error}");
    }

    #[test]
    fn a_file_name_alone_means_this_folder() {
        assert_eq!(folder_of(Path::new("out.mrc")), Path::new("."));
    }
}
