//! `mrrc convert --into`: each file into a target of its own in a folder, several at a time, and only what is not done.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::args::is_standard;
use super::convert::{Convert, Form, NAMES, News};
use super::failure::{refused, shown};
use super::output::{Target, identity};
use super::progress::Files;
use super::{Outcome, failure, terminal};
use crate::error::{Error, Result};
use crate::io::{PathError, Scan, Source, pool, within};
use crate::words::{counted, grouped};

/// Each file into its own target.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Many files")]
pub(super) struct IntoFolder {
    /// Convert each file into its own target in this folder. What is there already stays, so that work that was
    /// interrupted goes on.
    #[arg(long = "into", value_name = "FOLDER", requires = "to")]
    pub(super) folder: Option<PathBuf>,
    /// How many files are converted at a time.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "folder", value_parser = jobs())]
    jobs: u64,
}

fn jobs() -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..=pool::MAX_THREADS as u64)
}

/// A file, and the target that it becomes.
struct Job {
    source: Source,
    target: PathBuf,
}

/// What became of a job.
type Done = Result<News>;

impl Convert {
    pub(super) fn run_into(&self, folder: &Path) -> Result<Outcome> {
        let form = self.to.ok_or_else(|| refused("say with --to what the files become"))?;
        let jobs = jobs_of(&self.files, folder, suffix(form))?;
        // What cannot be asked for is refused before anything is read.
        self.scan(Scan::of_sources(Vec::new()), form)?;
        refuse_inputs(&jobs)?;
        let all = jobs.len() as u64;
        let (there, todo): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| !self.force && job.target.exists());
        let done = self.run_jobs(&todo, form);
        let mut failures = Vec::new();
        for (job, done) in todo.iter().zip(done) {
            let name = job.source.name().unwrap_or_default();
            match done {
                None => {}
                Some(Ok(news)) => news.iter().for_each(|news| terminal::say(&format!("{name}: {news}"))),
                Some(Err(error)) if ends_all(&error) => return Err(error),
                Some(Err(error)) => {
                    let message = failure::text(&error, failure::by_options);
                    let of = if message.contains(&*name) { String::new() } else { format!("{name}: ") };
                    terminal::say(&format!("{of}{message}"));
                    failures.push(error);
                }
            }
        }
        let of_all = |some: u64| format!("{} of {}", grouped(some), counted(all, "file"));
        if !there.is_empty() {
            let left = of_all(there.len() as u64);
            terminal::say(&format!("not converted again, as the target is there: {left}; --force does it"));
        }
        if !failures.is_empty() {
            terminal::say(&format!("not converted: {}", of_all(failures.len() as u64)));
        }
        Ok(failures.iter().map(failure::code).min().map_or(Outcome::Done, Outcome::Failed))
    }

    /// Works on the jobs side by side; what is `None` was not begun.
    fn run_jobs(&self, jobs: &[Job], form: Form) -> Vec<Option<Done>> {
        let at_a_time = usize::try_from(self.into.jobs).unwrap_or(1).min(jobs.len().max(1));
        let files = Files::begin(jobs.len() as u64);
        let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let done: Vec<_> = jobs.iter().map(|_| Mutex::new(None)).collect();
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let (Some(job), Some(done)) = (jobs.get(place), done.get(place)) else { break };
                let result = self.run_job(job, form, at_a_time, &files);
                is_over.fetch_or(result.as_ref().is_err_and(ends_all), Ordering::Relaxed);
                *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                files.one_more();
            }
        };
        thread::scope(|scope| {
            (1..at_a_time).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        files.end();
        done.into_iter().map(|done| done.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    fn run_job(&self, job: &Job, form: Form, at_a_time: usize, files: &Files) -> Done {
        let scan = self.scan(Scan::new(job.source.clone()), form)?;
        let threads = scan.options().resources.threads.unwrap_or_else(pool::available);
        let options = scan.options().clone().threads((threads / at_a_time).max(1));
        let scan = scan.with_options(options)?;
        if let Some(folder) = job.target.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| Error::of_writing(PathError::of_writing(folder, error)))?;
        }
        self.write(form, &scan, files.watched(scan.batches()), &Target::Path(job.target.clone()))
    }
}

/// Whether the other files would fare no better.
fn ends_all(error: &Error) -> bool {
    matches!(error, Error::Argument(_) | Error::Output(_) | Error::Interrupted(_) | Error::Internal(_))
}

/// Refuses to write over a file that is read.
fn refuse_inputs(jobs: &[Job]) -> Result<()> {
    let inputs: BTreeSet<_> = jobs.iter().filter_map(|job| identity(job.source.as_path()?)).collect();
    let is_input = |job: &&Job| identity(&job.target).is_some_and(|target| inputs.contains(&target));
    match jobs.iter().find(is_input) {
        Some(job) => Err(refused(&format!("{} is read; choose another folder", shown(&job.target)))),
        None => Ok(()),
    }
}

fn suffix(form: Form) -> &'static str {
    NAMES.iter().find(|(_, its)| *its == form).map_or("", |(name, _)| name)
}

/// The files, each with its target in the folder; an error if two would become one.
fn jobs_of(files: &[PathBuf], folder: &Path, suffix: &str) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    let mut sources = BTreeMap::<PathBuf, PathBuf>::new();
    for file in files {
        if is_standard(file) {
            return Err(refused(
                "standard input has no name for a target; write it to a file, without --into",
            ));
        }
        for source in Source::expand(file)? {
            let Some(path) = source.as_path() else { continue };
            let mut target = folder.join(name_of(path, file)).into_os_string();
            target.extend([OsStr::new("."), OsStr::new(suffix)]);
            let target = PathBuf::from(target);
            match sources.insert(target.clone(), path.to_owned()) {
                Some(other) if other == path => continue,
                Some(other) => {
                    return Err(refused(&format!(
                        "{} and {} would both become {}; convert them into two folders, or write a glob in \
                         quotation marks, which keeps the folders behind its first sign",
                        shown(&other),
                        shown(path),
                        shown(&target)
                    )));
                }
                None => jobs.push(Job { target, source }),
            }
        }
    }
    Ok(jobs)
}

/// The name of a target without its suffix: that of the file, below the folders that a glob found it in.
fn name_of(path: &Path, pattern: &Path) -> PathBuf {
    let is_sign = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let fixed: PathBuf = pattern.components().take_while(|part| !is_sign(part)).collect();
    let found = path.strip_prefix(fixed).ok().filter(|found| path != pattern && found.file_name().is_some());
    let mut name = found.map_or_else(|| PathBuf::from(path.file_name().unwrap_or_default()), Path::to_owned);
    name = within(&name);
    // The number of a volume is no suffix.
    let is_number = |suffix: &OsStr| suffix.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    if name.extension().is_some_and(|suffix| !is_number(suffix)) {
        name.set_extension("");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_the_name_of_its_file_below_the_folders_of_the_glob() {
        let name =
            |path: &str, pattern: &str| name_of(Path::new(path), Path::new(pattern)).display().to_string();
        assert_eq!(name("dumps/a.mrc", "dumps/a.mrc"), "a");
        assert_eq!(name("dumps/2024/a.mrc.gz", "dumps/*/*.mrc.gz"), "2024/a");
        assert_eq!(name("dumps/a.b.MRC", "dumps/*.MRC"), "a.b");
        assert_eq!(name("vol.12", "vol.*"), "vol.12");
        assert_eq!(name("vol.12.xz", "vol.12.xz"), "vol.12");
        assert_eq!(name("dump", "d?mp"), "dump");
    }
}
