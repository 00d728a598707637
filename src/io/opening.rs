//! [`Opening`]: the sources of a read, opened one after another. An archive is opened member by member.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Input;
use super::archive::{Archive, Member};
use super::chunks::{Chunks, Pause};
use super::source::Source;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::error::{Error, Result, SourceError};
use crate::options::{Limits, Options, Policy};

/// Called repeatedly while a source is opened, with its size if that is known; an error ends the read.
type Watch<'a> = &'a mut dyn FnMut(Option<u64>) -> Result<()>;

/// How far the sources of a read were opened.
#[derive(Default)]
pub(super) struct Opening {
    /// The number of sources opened so far.
    opened: usize,
    archive: Option<OpenArchive>,
}

struct OpenArchive {
    name: Option<Arc<str>>,
    archive: Box<dyn Archive>,
    /// The number of files in it so far that look like MARC.
    candidates: usize,
    /// Of these, the number that turned out to be something else.
    others: Arc<AtomicUsize>,
}

impl OpenArchive {
    fn has_marc(&self) -> bool {
        self.candidates > self.others.load(Ordering::Relaxed)
    }
}

/// A source or a member of an archive.
pub(super) struct Opened {
    pub(super) name: Option<Arc<str>>,
    /// The number of its bytes, if it is known.
    pub(super) size: Option<u64>,
    pub(super) content: Content,
}

pub(super) enum Content {
    Chunks(Box<Chunks>),
    /// It is not read, for this reason, and the read goes on.
    NotRead(Diagnostic),
    Failed(Error),
}

impl Opening {
    /// The number of sources opened so far.
    pub(super) fn opened(&self) -> usize {
        self.opened
    }

    /// Whether an archive is open.
    pub(super) fn is_in_archive(&self) -> bool {
        self.archive.is_some()
    }

    /// Opens the next source, or the next member of an archive; `None` at the end.
    ///
    /// # Errors
    ///
    /// That of `watch`.
    pub(super) fn next(
        &mut self,
        sources: &[Source],
        options: &Options,
        watch: Watch<'_>,
    ) -> Result<Option<Opened>> {
        loop {
            let pause = &mut || watch(None);
            if self.archive.is_some() {
                if let Some(opened) = self.next_member(options, pause)? {
                    return Ok(Some(opened));
                }
                self.archive = None;
            }
            let Some(source) = sources.get(self.opened) else { return Ok(None) };
            self.opened += 1;
            let name = source.name();
            let input = while_it_goes_on(pause, |goes_on| open(source, options, goes_on))?;
            let chunks = match input {
                Ok(input) => {
                    let size = input.size();
                    Chunks::new(input, options, &mut || watch(size))
                }
                Err(error) => return Ok(Some(Opened::failed(name, error.into()))),
            };
            let Some(kind) = chunks.archive() else { return Ok(Some(Opened::chunks(name, chunks))) };
            let (first, input) = match chunks.into_input() {
                Ok(parts) => parts,
                Err(error) => return Ok(Some(Opened::failed(name, error))),
            };
            match kind.open(first, input) {
                Ok(archive) => {
                    let (candidates, others) = (0, Arc::default());
                    self.archive = Some(OpenArchive { name, archive, candidates, others });
                }
                Err(error) => {
                    return Ok(Some(Opened::cut_short(name, error.into(), options.records.on_error)));
                }
            }
        }
    }

    /// The next member of the archive that is open; `None` at its end.
    fn next_member(&mut self, options: &Options, pause: Pause<'_>) -> Result<Option<Opened>> {
        let Some(open) = &mut self.archive else { return Ok(None) };
        let error = match while_it_goes_on(pause, |goes_on| open.archive.next(goes_on))? {
            Ok(Some(member)) => {
                let mut opened = open_member(member, open.name.as_deref(), options, pause)?;
                if let Content::Chunks(chunks) = &mut opened.content {
                    chunks.tell_if_other(open.others.clone());
                }
                open.candidates += usize::from(!opened.is_no_marc());
                return Ok(Some(opened));
            }
            Ok(None) if open.has_marc() => return Ok(None),
            Ok(None) => SourceError::new(Code::NotMarc, 0, "an archive in which no file is MARC").into(),
            Err(error) => error.into(),
        };
        let opened = Opened::cut_short(open.name.take(), error, options.records.on_error);
        self.archive = None;
        Ok(Some(opened))
    }
}

/// Opens a source, or the part of it that is to be read.
fn open(source: &Source, options: &Options, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Input> {
    let Limits { byte_range: Some(range), takes_whole, .. } = &options.limits else {
        return source.open_while(goes_on);
    };
    match source.open_range(range, options.records.format, goes_on)? {
        Ok(input) => Ok(input),
        Err(_) if *takes_whole && range.start == 0 => source.open_while(goes_on),
        Err(_) if *takes_whole => Ok(Input::of_nothing(source.name())),
        Err(reason) => Err(reason),
    }
}

/// Opens a member. One that does not look like MARC, such as a `README`, is not read.
fn open_member(member: Member, archive: Option<&str>, options: &Options, pause: Pause<'_>) -> Result<Opened> {
    let (name, size) = (Some(member.name_in(archive)), member.size);
    let not_read = |code, severity, found: &str| {
        let mut finding = Diagnostic::new(code, severity, 0);
        finding.source.clone_from(&name);
        finding.found = found.to_owned();
        Opened { name: name.clone(), size: Some(size), content: Content::NotRead(finding) }
    };
    let content = match member.content {
        Ok(content) => content,
        Err(why) if options.records.on_error == Policy::Raise => {
            let mut error = SourceError::new(Code::SourceUnreadable, 0, why);
            error.0.source.clone_from(&name);
            return Ok(Opened::failed(name, error.into()));
        }
        Err(why) => return Ok(not_read(Code::SourceUnreadable, Severity::Fatal, &why)),
    };
    let input = while_it_goes_on(pause, |goes_on| Input::of_member(name.clone(), content, size, goes_on))?;
    let chunks = match input {
        Ok(input) => Chunks::new(input, options, pause),
        Err(error) => return Ok(Opened::cut_short(name, error.into(), options.records.on_error)),
    };
    Ok(match chunks.not_marc() {
        // That is no error, and never left out in silence.
        Some(kind) if kind.may_hold_marc() => {
            not_read(Code::SourceUnreadable, Severity::Fatal, kind.sentence())
        }
        Some(kind) => not_read(Code::NotMarc, Severity::Warning, kind.sentence()),
        None => Opened::chunks(name, chunks),
    })
}

impl Opened {
    fn chunks(name: Option<Arc<str>>, chunks: Chunks) -> Opened {
        Opened { name, size: chunks.size(), content: Content::Chunks(Box::new(chunks)) }
    }

    fn failed(name: Option<Arc<str>>, error: Error) -> Opened {
        Opened { name, size: None, content: Content::Failed(error) }
    }

    /// An archive or a member that cannot be read, or not further. With damage that is recovered from, it ends.
    fn cut_short(name: Option<Arc<str>>, error: Error, policy: Policy) -> Opened {
        let content = match error {
            Error::Source(SourceError(mut finding)) => {
                finding.source.clone_from(&name);
                let goes_on =
                    policy == Policy::Recover || policy == Policy::Skip && finding.code == Code::NotMarc;
                if goes_on {
                    Content::NotRead(*finding)
                } else {
                    Content::Failed(SourceError(finding).into())
                }
            }
            error => Content::Failed(error),
        };
        Opened { name, size: None, content }
    }

    fn is_no_marc(&self) -> bool {
        matches!(self.content, Content::NotRead(_))
    }
}

/// Does something that takes its time, unless `pause` ends it with an error.
fn while_it_goes_on<T>(
    pause: Pause<'_>,
    action: impl FnOnce(&mut dyn FnMut() -> bool) -> io::Result<T>,
) -> Result<io::Result<T>> {
    let mut stopped = Ok(());
    let done = action(&mut || {
        stopped = pause();
        stopped.is_ok()
    });
    stopped.map(|()| done)
}
