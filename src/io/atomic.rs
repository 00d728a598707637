//! [`Output`]: a finished file, or none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::path::{PathError, shown};

const BUFFER: usize = 256 << 10;

/// A file that is being written. It takes its place, whole, with [`Output::finish`]; dropped before
/// that, nothing is left of it, and what stood in its place still stands.
///
/// Until then the bytes go to a hidden neighbour in the same folder. Where there is nothing to replace
/// (`/dev/null`, `/dev/stdout`, a pipe) they go straight to their end.
pub struct Output {
    path: PathBuf,
    // Always there, but for the moment of being dropped.
    file: Option<Target>,
    process: u32,
}

enum Target {
    Neighbour { file: BufWriter<NamedTempFile>, place: PathBuf },
    Itself(BufWriter<File>),
}

impl Output {
    /// Begins the file that will stand at `path`; a link is followed.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Output> {
        let named = path.as_ref();
        let file = Output::begin(named).map_err(|error| explained(named, error))?;
        Ok(Output { path: named.to_owned(), file: Some(file), process: std::process::id() })
    }

    fn begin(named: &Path) -> io::Result<Target> {
        let replaced = match fs::metadata(named) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let special = replaced.as_ref().is_some_and(|metadata| !metadata.is_file());
        if special || is_descriptor(named) {
            let file = OpenOptions::new().write(true).open(named)?;
            return Ok(Target::Itself(BufWriter::with_capacity(BUFFER, file)));
        }
        let mut place = named.to_owned();
        if replaced.is_some() {
            // A rename would ask the folder alone whether the file may be changed.
            OpenOptions::new().write(true).open(named)?;
            place = fs::canonicalize(named)?;
        }
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(place.file_name().ok_or(io::ErrorKind::InvalidFilename)?);
        prefix.push(".");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file has: all that the umask leaves.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder_of(&place))?;
        if let Some(metadata) = replaced {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        Ok(Target::Neighbour { file: BufWriter::with_capacity(BUFFER, file), place })
    }

    /// Where the file will stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is left, waits until the disk has it, and puts the file in its place.
    pub fn finish(mut self) -> io::Result<()> {
        let result = match self.file.take() {
            Some(Target::Itself(mut file)) => file.flush(),
            Some(Target::Neighbour { file, place }) => finish(file, &place),
            None => Ok(()),
        };
        result.map_err(|error| explained(&self.path, error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = match &mut self.file {
            Some(Target::Neighbour { file, .. }) => file.write(bytes),
            Some(Target::Itself(file)) => file.write(bytes),
            None => Ok(bytes.len()),
        };
        result.map_err(|error| explained(&self.path, error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = match &mut self.file {
            Some(Target::Neighbour { file, .. }) => file.flush(),
            Some(Target::Itself(file)) => file.flush(),
            None => Ok(()),
        };
        result.map_err(|error| explained(&self.path, error))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        match self.file.take() {
            Some(Target::Neighbour { file, .. }) => {
                let (file, _) = file.into_parts();
                if self.process != std::process::id() {
                    // A child after a fork: the file is its parent's.
                    std::mem::forget(file);
                }
            }
            // What is still buffered is part of a file that will not be finished.
            Some(Target::Itself(file)) => drop(file.into_parts()),
            None => {}
        }
    }
}

fn finish(file: BufWriter<NamedTempFile>, place: &Path) -> io::Result<()> {
    let file = file.into_inner().map_err(|error| error.into_error())?;
    file.as_file().sync_all()?;
    file.persist(place).map_err(|error| error.error)?;
    // The file is whole and in its place; that its name outlives a power cut is tried, not promised.
    #[cfg(unix)]
    let _ = File::open(folder_of(place)).and_then(|folder| folder.sync_all());
    Ok(())
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Names that stand for what this process has open, such as `/dev/stdout`, even if that is a file.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix)
        && (["/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
            || path.starts_with("/dev/fd")
            || (path.starts_with("/proc") && path.components().any(|part| part.as_os_str() == "fd")))
}

/// The error with the path in its text, and what to do where that can be told.
fn explained(path: &Path, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::Interrupted || error.get_ref().is_some_and(|it| it.is::<PathError>()) {
        return error;
    }
    let shown = shown(path);
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("cannot write {shown}: there is no such folder"),
        io::ErrorKind::IsADirectory => format!("cannot write {shown}: it is a directory; name a file in it"),
        _ => format!("cannot write {shown}: {error}"),
    };
    PathError::with_message(path, error, message)
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
