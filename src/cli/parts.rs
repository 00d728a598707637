//! [`Parts`]: files of one folder that are written in turns, and that appear together or not at all.
//!
//! What is written is gathered, and then appended to one file after another. So one of them is open at a time, and the
//! memory for records does not depend on their number.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::failure::{refused, shown};
use crate::error::{Error, Result};
use crate::io::{Output, PathError};
use crate::words::{grouped, printable};

/// The most bytes that are gathered.
const GATHERED: usize = 16 << 20;
/// The most files; as many again have to be renamed at the end.
const MOST: usize = 100_000;
/// The most bytes of a value in the name of a file.
const LONGEST: usize = 100;
const SUFFIX: &str = ".mrc";
/// The label of records without a value.
const NO_VALUE: &str = "no-value";

pub(super) struct Parts {
    parts: Vec<Part>,
    by_value: HashMap<Box<str>, usize>,
    /// The labels, as a file system sees them that does not tell cases apart.
    labels: HashSet<String>,
    gathered: usize,
    name: String,
    folder: Folder,
}

struct Part {
    output: Output,
    gathered: Vec<u8>,
}

/// The folder; if it was made for the parts and they do not appear, it goes away again.
struct Folder {
    path: PathBuf,
    is_for_nothing: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_for_nothing {
            // It stays if somebody put something into it.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

impl Parts {
    /// Begins with a folder in which nothing can be taken for a part.
    pub(super) fn into(folder: &Path, name: &str) -> Result<Parts> {
        let is_new = !folder.exists();
        if is_new {
            fs::create_dir(folder).map_err(|error| Error::Output(PathError::of_writing(folder, error)))?;
        }
        let folder = Folder { path: folder.to_owned(), is_for_nothing: is_new };
        refuse_parts(&folder.path, name)?;
        Ok(Parts {
            parts: Vec::new(),
            by_value: HashMap::new(),
            labels: HashSet::from([NO_VALUE.to_owned()]),
            gathered: 0,
            name: name.to_owned(),
            folder,
        })
    }

    /// Begins the next part of those that are numbered, from 1.
    pub(super) fn begin_next(&mut self) -> Result<usize> {
        self.begin(&format!("{:04}", self.parts.len() + 1))
    }

    /// The part of a value; no text is none.
    pub(super) fn of_value(&mut self, value: &str) -> Result<usize> {
        if let Some(part) = self.by_value.get(value) {
            return Ok(*part);
        }
        let part = match value {
            "" => self.begin(NO_VALUE),
            value => {
                let label = self.free(label(value));
                self.begin(&label)
            }
        }?;
        self.by_value.insert(value.into(), part);
        Ok(part)
    }

    /// A label that no other part has.
    fn free(&mut self, label: String) -> String {
        let others = (2..).map(|number| format!("{label}~{number}"));
        let mut all = std::iter::once(label.clone()).chain(others);
        all.find(|label| self.labels.insert(label.to_lowercase())).unwrap_or(label)
    }

    fn begin(&mut self, label: &str) -> Result<usize> {
        if self.parts.len() == MOST {
            return Err(refused(&format!(
                "that would be more than {} files; choose larger parts, or another value",
                grouped(MOST as u64)
            )));
        }
        let path = self.folder.path.join(format!("{}-{label}{SUFFIX}", self.name));
        let mut output = Output::create(path).map_err(Error::of_writing)?;
        output.rest().map_err(Error::of_writing)?;
        self.parts.push(Part { output, gathered: Vec::new() });
        Ok(self.parts.len() - 1)
    }

    /// Adds a record to a part.
    pub(super) fn write(&mut self, part: usize, record: &[u8]) -> Result<()> {
        if let Some(part) = self.parts.get_mut(part) {
            part.gathered.extend_from_slice(record);
            self.gathered += record.len();
        }
        if self.gathered < GATHERED { Ok(()) } else { self.append() }
    }

    /// Appends to the files what was gathered.
    fn append(&mut self) -> Result<()> {
        for Part { output, gathered } in self.parts.iter_mut().filter(|part| !part.gathered.is_empty()) {
            let gathered = std::mem::take(gathered);
            output.write_all(&gathered).and_then(|()| output.rest()).map_err(Error::of_writing)?;
        }
        self.gathered = 0;
        Ok(())
    }

    /// Puts all parts in place; returns how many there are.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.append()?;
        let count = self.parts.len() as u64;
        for Part { output, .. } in self.parts.drain(..) {
            output.finish().map_err(Error::of_writing)?;
            self.folder.is_for_nothing = false;
        }
        Ok(count)
    }
}

/// Refuses a folder that has files which could be taken for parts.
fn refuse_parts(folder: &Path, name: &str) -> Result<()> {
    let begin = format!("{name}-").to_lowercase();
    let read = |error: io::Error| Error::Output(PathError::of_writing(folder, error));
    for entry in fs::read_dir(folder).map_err(read)? {
        let found = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        if found.to_lowercase().starts_with(&begin) && found.to_lowercase().ends_with(SUFFIX) {
            return Err(refused(&format!(
                "{} has {} already, which would be taken for a part; choose another folder, or another --name",
                shown(folder),
                printable(&found)
            )));
        }
    }
    Ok(())
}

/// A text as a part of a file's name, on any system: letters and digits are themselves, other characters than some
/// are bytes in hexadecimal, as in addresses of the web.
pub(super) fn label(text: &str) -> String {
    const SAFE: &str = "._-+,=";
    let is_edge = |place: usize| place == 0 || place + 1 == text.len();
    let mut label = String::new();
    for (place, character) in text.char_indices() {
        let is_itself =
            character.is_alphanumeric() || SAFE.contains(character) || (character == ' ' && !is_edge(place));
        let mut bytes = [0; 4];
        let itself = &*character.encode_utf8(&mut bytes);
        let written = match is_itself {
            true => itself.to_owned(),
            false => itself.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        };
        if label.len() + written.len() > LONGEST {
            break;
        }
        label += &written;
    }
    label
}
