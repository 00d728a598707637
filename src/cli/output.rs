//! What is written: a file, which appears when it is complete or not at all, or standard output.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::args::is_standard;
use super::convert::Form;
use super::failure::{refused, shown};
use super::{interrupt, terminal};
use crate::error::{Error, Result};
use crate::io::{Output, Source};

/// What is written to.
pub(super) enum Target {
    Standard,
    Path(PathBuf),
}

impl Target {
    pub(super) fn of(target: &Path, form: Form) -> Result<Target> {
        if !is_standard(target) {
            return Ok(Target::Path(target.to_owned()));
        }
        if terminal::is_shown() && matches!(form, Form::Parquet | Form::Marc) {
            return Err(refused("a terminal cannot show this form; name a file, or write into a pipe"));
        }
        Ok(Target::Standard)
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Target::Standard => Path::new("/dev/stdout"),
            Target::Path(path) => path,
        }
    }

    pub(super) fn open(&self) -> Result<Opened> {
        Ok(match self {
            Target::Standard => Opened::Standard(terminal::output()),
            Target::Path(path) => {
                let watch = interrupt::watch();
                let goes_on = move || watch.check().map_err(Into::into);
                let output = Output::create_while(path, Box::new(goes_on)).map_err(Error::of_writing)?;
                Opened::File(Box::new(output))
            }
        })
    }

    /// Writes all of it.
    pub(super) fn fill<T>(&self, write: impl FnOnce(&mut Opened) -> Result<T>) -> Result<T> {
        let mut output = self.open()?;
        let written = write(&mut output)?;
        output.finish()?;
        Ok(written)
    }

    /// Refuses to write over a file that is there: it may be the last of a glob, and be meant to be read.
    pub(super) fn refuse_existing(&self, force: bool) -> Result<()> {
        match self {
            Target::Path(path) if !force && path.is_file() => {
                Err(refused(&format!("{} is there already; --force writes over it", shown(path))))
            }
            _ => Ok(()),
        }
    }

    /// Refuses to write over a file that is read.
    pub(super) fn refuse_input(&self, sources: &[Source]) -> Result<()> {
        let Target::Path(path) = self else { return Ok(()) };
        let Some(target) = identity(path) else { return Ok(()) };
        let is_input = |source: &Source| source.as_path().and_then(identity).as_ref() == Some(&target);
        if sources.iter().any(is_input) {
            return Err(refused(&format!("{} is read; choose another name for the target", shown(path))));
        }
        Ok(())
    }
}

/// A target that is being written.
pub(super) enum Opened {
    Standard(BufWriter<Box<dyn Write>>),
    File(Box<Output>),
}

impl Opened {
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(Error::of_writing)
    }

    pub(super) fn finish(self) -> Result<()> {
        let finished = match self {
            Opened::Standard(mut output) => output.flush(),
            Opened::File(output) => output.finish(),
        };
        finished.map_err(Error::of_writing)
    }
}

impl Write for Opened {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Opened::Standard(output) => output.write(bytes),
            Opened::File(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Opened::Standard(output) => output.flush(),
            Opened::File(output) => output.flush(),
        }
    }
}

/// What is the same for all paths that lead to one file, through links of any kind.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| (file.dev(), file.ino())).ok()
}

/// What is the same for all paths that lead to one file.
#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}
