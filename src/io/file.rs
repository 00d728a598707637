//! Opening a path: regular files are read by position; anything that may block is polled, when it is read and when it
//! is written.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use super::PATIENCE;
use super::at::ReadAt;
use super::path::PathError;
use super::path::directory;

/// An open file.
pub(super) enum Opened {
    /// A regular file with a length.
    File { file: File, length: u64 },
    /// A pipe, a device, or a file that the system generates (and whose stated length is 0).
    Stream(Box<dyn Read + Send>),
}

/// Whether `path` is a stream that can be read only once.
pub(super) fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        std::fs::metadata(path).is_ok_and(|metadata| {
            let kind = metadata.file_type();
            kind.is_fifo() || kind.is_socket()
        })
    }
    #[cfg(not(unix))]
    {
        path.starts_with(r"\\.\pipe")
    }
}

/// Opens a path. Opening a pipe waits for a writer; `goes_on` is polled meanwhile.
pub(super) fn open(path: &Path, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Opened> {
    let about = |error: io::Error| match error.kind() {
        io::ErrorKind::Interrupted => error,
        _ => PathError::at(path, error),
    };
    let to_read = OpenOptions::new().read(true).clone();
    let file =
        if is_pipe(path) { open_pipe(path, to_read, goes_on) } else { File::open(path) }.map_err(about)?;
    let metadata = file.metadata().map_err(about)?;
    if metadata.is_dir() {
        return Err(directory(path));
    }
    Ok(match (metadata.is_file(), metadata.len()) {
        (true, 0) => Opened::Stream(Box::new(file)),
        (true, length) => Opened::File { file, length },
        (false, _) => Opened::Stream(Box::new(Pipe(file))),
    })
}

/// Opens in a thread, which is left waiting if this is abandoned: the system call returns only when the other end is
/// opened.
fn open_pipe(path: &Path, options: OpenOptions, goes_on: &mut dyn FnMut() -> bool) -> io::Result<File> {
    let (send, opened) = mpsc::sync_channel(1);
    let name = path.to_owned();
    let open = move || {
        // The receiver is gone if this was abandoned.
        let _ = send.send(options.open(name));
    };
    thread::Builder::new().name("mrrc-open".into()).spawn(open)?;
    loop {
        match opened.recv_timeout(PATIENCE) {
            Ok(file) => return file,
            Err(mpsc::RecvTimeoutError::Timeout) if goes_on() => {}
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(io::ErrorKind::Interrupted.into()),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// A regular file read by position, so that another process that shares it, such as a fork, does not move the
/// position here.
pub(super) struct Positioned {
    pub(super) file: File,
    pub(super) position: u64,
}

impl Read for Positioned {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.position, output)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl ReadAt for File {
    fn size(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, output: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, output, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, output: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, output, offset)
    }
}

/// Standard input; a read that waits too long is interrupted.
#[cfg(all(unix, feature = "cli"))]
pub(crate) fn standard_input() -> io::Result<Box<dyn Read + Send>> {
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    Ok(Box::new(Pipe(input.into())))
}

/// Standard input.
#[cfg(all(not(unix), feature = "cli"))]
pub(crate) fn standard_input() -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(io::stdin()))
}

/// A stream that may have nothing to return yet: a read that waits too long is interrupted.
struct Pipe(File);

impl Read for Pipe {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        if !is_ready(&self.0, rustix::event::PollFlags::IN) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.0.read(output)
    }
}

/// Whether the file can be read or written at once, after a while.
#[cfg(unix)]
fn is_ready(file: &File, how: rustix::event::PollFlags) -> bool {
    use rustix::event::{PollFd, Timespec, poll};
    let patience = Timespec::try_from(PATIENCE).ok();
    // Anything that cannot be polled is read or written directly.
    !matches!(poll(&mut [PollFd::new(file, how)], patience.as_ref()), Ok(0) | Err(rustix::io::Errno::INTR))
}

/// Called repeatedly while nobody takes what is written; an error ends the writing.
pub type GoesOn = Box<dyn FnMut() -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send>;

/// Why writing was ended by [`GoesOn`].
#[derive(Debug)]
pub(crate) struct Ended(pub(crate) Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interrupted: {}", self.0)
    }
}

impl std::error::Error for Ended {}

/// A pipe or a device that is written. Nobody may be reading it, so each write waits until it takes something.
pub(super) struct Sink {
    file: File,
    goes_on: GoesOn,
}

impl Sink {
    /// Opens it. Opening a pipe waits for a reader.
    pub(super) fn open(path: &Path, mut goes_on: GoesOn) -> io::Result<Sink> {
        let to_write = OpenOptions::new().write(true).clone();
        if !is_pipe(path) {
            return Ok(Sink { file: to_write.open(path)?, goes_on });
        }
        let mut ended = None;
        let opened = open_pipe(path, to_write, &mut || {
            ended = goes_on().err();
            ended.is_none()
        });
        match ended {
            Some(reason) => Err(io::Error::other(Ended(reason))),
            None => Ok(Sink { file: opened?, goes_on }),
        }
    }
}

impl Write for Sink {
    #[cfg(unix)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The number of bytes that a pipe takes without blocking once it takes any.
        const AT_ONCE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };
        while !is_ready(&self.file, rustix::event::PollFlags::OUT) {
            (self.goes_on)().map_err(|reason| io::Error::other(Ended(reason)))?;
        }
        self.file.write(bytes.get(..AT_ONCE).unwrap_or(bytes))
    }

    #[cfg(not(unix))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}
