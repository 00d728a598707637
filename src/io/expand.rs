//! The files that a path names: the one with that name, or all that match it as a glob.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::path::PathError;
use super::path::directory;
use crate::words::{brief, printable};

/// The file at `path` if it exists, otherwise the files that match it, sorted. `goes_on` is polled meanwhile.
pub(super) fn expand(path: &Path, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Vec<PathBuf>> {
    let missing = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(directory(path)),
        Ok(_) => return Ok(vec![path.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => error,
        // On some systems a pattern may contain what no file name can.
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => error,
        Err(error) => return Err(PathError::at(path, error)),
    };
    let parts = parts(path)?;
    if !parts.iter().any(|part| matches!(part, Part::Pattern(_) | Part::Folders)) {
        return Err(PathError::at(path, missing));
    }
    let mut search = Search { found: BTreeSet::new(), seen: 0, goes_on };
    search.find(Path::new(""), &parts)?;
    if search.found.is_empty() {
        let message = format!("no file matches {}", brief(&printable(&path.to_string_lossy())));
        return Err(PathError::with_message(path, io::ErrorKind::NotFound.into(), message));
    }
    Ok(search.found.into_iter().collect())
}

/// What a component of a path has to be.
enum Part {
    /// This name, or the root.
    Name(PathBuf),
    /// A name that matches this pattern.
    Pattern(Pattern),
    /// `**`: any number of folders.
    Folders,
}

/// The components of a path. Only those that are patterns must be UTF-8.
fn parts(path: &Path) -> io::Result<Vec<Part>> {
    let invalid = |error: glob::PatternError| {
        let shown = printable(&path.to_string_lossy());
        let message = format!("no such file, and no valid glob: {shown}: {}", error.msg);
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    let mut parts = Vec::new();
    for component in path.components() {
        let text = component.as_os_str();
        match (component, text.to_str()) {
            (Component::Normal(_), Some("**")) if matches!(parts.last(), Some(Part::Folders)) => {}
            (Component::Normal(_), Some("**")) => parts.push(Part::Folders),
            (Component::Normal(_), Some(name)) if name.contains(['*', '?', '[']) => {
                parts.push(Part::Pattern(Pattern::new(name).map_err(invalid)?));
            }
            _ => parts.push(Part::Name(text.into())),
        }
    }
    Ok(parts)
}

struct Search<'a> {
    found: BTreeSet<PathBuf>,
    /// The number of folders and entries examined.
    seen: u64,
    goes_on: &'a mut dyn FnMut() -> bool,
}

impl Search<'_> {
    fn find(&mut self, folder: &Path, parts: &[Part]) -> io::Result<()> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        match part {
            Part::Name(name) => self.reach(folder.join(name), rest),
            Part::Pattern(pattern) => {
                for entry in self.entries(folder)? {
                    let name = entry?.file_name();
                    if matches(pattern, &name) {
                        self.reach(folder.join(name), rest)?;
                    }
                    self.ask()?;
                }
                Ok(())
            }
            Part::Folders => {
                self.find(folder, rest)?;
                for entry in self.entries(folder)? {
                    let entry = entry?;
                    let name = entry.file_name();
                    // Links to folders are not followed: they may lead back up.
                    if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_hidden(&name) {
                        self.find(&folder.join(name), parts)?;
                    }
                    self.ask()?;
                }
                Ok(())
            }
        }
    }

    fn reach(&mut self, path: PathBuf, rest: &[Part]) -> io::Result<()> {
        let is_folder = path.is_dir();
        if !rest.is_empty() && is_folder {
            return self.find(&path, rest);
        }
        if rest.is_empty() && !is_folder && fs::symlink_metadata(&path).is_ok() {
            self.found.insert(path);
        }
        Ok(())
    }

    fn entries(
        &mut self,
        folder: &Path,
    ) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>> + use<>> {
        self.ask()?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.to_owned();
        let entries = fs::read_dir(&folder).map_err(|error| PathError::at(&folder, error))?;
        Ok(entries.map(move |entry| entry.map_err(|error| PathError::at(&folder, error))))
    }

    fn ask(&mut self) -> io::Result<()> {
        self.seen += 1;
        let goes_on = !self.seen.is_multiple_of(128) || (self.goes_on)();
        if goes_on { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
    }
}

fn matches(pattern: &Pattern, name: &OsStr) -> bool {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    pattern.matches_with(&name.to_string_lossy(), options)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        folder
    }

    fn names(folder: &Path, pattern: &str) -> Vec<String> {
        let found = expand(&folder.join(pattern), &mut || true).unwrap_or_default();
        let name = |path: PathBuf| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        found.into_iter().map(name).collect()
    }

    #[test]
    fn patterns_match_as_they_do_elsewhere() {
        let folder = folder(&[
            "a.mrc",
            "b.mrc",
            "c.txt",
            "x/a.mrc",
            "x/y/b.mrc",
            "x/y/z/a.mrc",
            ".h/a.mrc",
            "x/.a.mrc",
            "w/v/x/a.mrc",
        ]);
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        for pattern in [
            "*.mrc",
            "?.mrc",
            "[!a].mrc",
            "*/*.mrc",
            "x/*",
            "**/*.mrc",
            "**/x/*.mrc",
            "x/**/*.mrc",
            "**/**/a.mrc",
            "**/x/**/a.mrc",
            "*/a.mrc",
            "x/**",
            ".h/*",
            "*/../a.mrc",
            "x/./*.mrc",
            "[a-b].*",
            "no*",
        ] {
            let whole = folder.path().join(pattern);
            let theirs = glob::glob_with(whole.to_str().unwrap(), options).unwrap();
            let theirs: BTreeSet<_> = theirs.flatten().filter(|path| !path.is_dir()).collect();
            let ours = expand(&whole, &mut || true).unwrap_or_default();
            assert_eq!(ours, theirs.into_iter().collect::<Vec<_>>(), "{pattern}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed_by_any_number_of_folders() {
        use std::os::unix::fs::symlink;
        let folder = folder(&["a.mrc", "deep/b.mrc", "deep/er/c.mrc"]);
        symlink("..", folder.path().join("deep/up")).unwrap();
        symlink(".", folder.path().join("deep/er/here")).unwrap();
        symlink("b.mrc", folder.path().join("deep/link.mrc")).unwrap();
        assert_eq!(
            names(folder.path(), "**/*.mrc"),
            ["a.mrc", "deep/b.mrc", "deep/er/c.mrc", "deep/link.mrc"]
        );
        // A link that is named, or matched by a pattern, is followed.
        assert_eq!(names(folder.path(), "deep/up/*.mrc"), ["deep/up/a.mrc"]);
        assert_eq!(names(folder.path(), "deep/u?/*.mrc"), ["deep/up/a.mrc"]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_match_too() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&[]);
        let path = folder.path().join(OsStr::from_bytes(b"caf\xE9.mrc"));
        fs::write(&path, "").unwrap();
        assert_eq!(expand(&folder.path().join("*.mrc"), &mut || true).unwrap(), [path]);
    }

    #[test]
    fn a_search_ends_when_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..300 {
            fs::write(folder.path().join(format!("{number}.mrc")), "").unwrap();
        }
        let error = expand(&folder.path().join("*.mrc"), &mut || false).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
    }
}
