//! Opening a path: regular files are read by position; anything that may block is polled.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use super::PATIENCE;
use super::path::PathError;
use super::path::directory;
use super::range::ReadAt;

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
    let file = if is_pipe(path) { open_pipe(path, goes_on) } else { File::open(path) }.map_err(about)?;
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

/// Opens in a thread, which is left waiting if the read is abandoned: the system call returns only when a writer
/// appears.
fn open_pipe(path: &Path, goes_on: &mut dyn FnMut() -> bool) -> io::Result<File> {
    let (send, opened) = mpsc::sync_channel(1);
    let name = path.to_owned();
    let open = move || {
        // The receiver is gone if the read was abandoned.
        let _ = send.send(File::open(name));
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
    #[cfg(unix)]
    fn read_at(&self, offset: u64, output: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, output, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, output: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, output, offset)
    }
}

/// A stream that may have nothing to return yet: a read that waits too long is interrupted.
struct Pipe(File);

impl Read for Pipe {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        wait(&self.0)?;
        self.0.read(output)
    }
}

#[cfg(unix)]
fn wait(file: &File) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec::try_from(PATIENCE).ok();
    match poll(&mut [PollFd::new(file, PollFlags::IN)], patience.as_ref()) {
        Ok(0) | Err(rustix::io::Errno::INTR) => Err(io::ErrorKind::Interrupted.into()),
        // Anything that cannot be polled is read directly.
        _ => Ok(()),
    }
}
