//! A folder with files, in which the command runs, and what it answers.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with files, in which the command runs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// With sound.mrc (three records), odd.mrc (a warning), damaged.mrc (the second of three has a wrong length).
    pub(crate) fn of_records() -> Folder {
        let folder = Folder::new();
        let records: Vec<_> = (1..=3).map(|number| record(&format!("a{number}"), "Emma")).collect();
        folder.write("sound.mrc", &records.concat());
        folder.write("odd.mrc", &record("a1", "One\x1fATwo"));
        let mut damaged = records.concat();
        let second = records[0].len();
        damaged[second..second + 5].copy_from_slice(b"00099");
        folder.write("damaged.mrc", &damaged);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mrrc"));
        command.args(args).current_dir(self.0.path()).env_remove("COLUMNS").env_remove("NO_COLOR");
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        Answer::of(self.command(args).output().unwrap())
    }

    /// What is printed, of a command that does its work and has nothing to say beside it.
    pub(crate) fn printed(&self, args: &[&str]) -> String {
        let answer = self.run(args);
        assert_eq!((answer.code, &*answer.said), (0, ""), "{args:?}");
        answer.printed
    }
}

pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) printed: String,
    pub(crate) said: String,
}

impl Answer {
    pub(crate) fn of(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A sound record with a control number, a language and a title.
pub(crate) fn record(control_number: &str, title: &str) -> Vec<u8> {
    let coded = format!("{:35}eng  ", "850423s1815    enk");
    let fields = [("001", control_number.to_owned()), ("008", coded), ("245", format!("10\x1fa{title}"))];
    let (mut directory, mut data) = (String::new(), String::new());
    for (tag, value) in fields {
        directory += &format!("{tag}{:04}{:05}", value.len() + 1, data.len());
        data += &(value + "\x1e");
    }
    let base = 24 + directory.len() + 1;
    let length = base + data.len() + 1;
    format!("{length:05}nam a22{base:05} a 4500{directory}\x1e{data}\x1d").into_bytes()
}
