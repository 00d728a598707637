//! The command as people and scripts run it: what it prints, what it says beside that, and the code it exits with.

// `clippy.toml` allows it in tests, but not in what they share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with files, in which the command runs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// With sound.mrc (three records), odd.mrc (a warning), damaged.mrc (the second of three has a wrong length).
    fn of_records() -> Folder {
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

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mrrc"));
        command.args(args).current_dir(self.0.path()).env_remove("COLUMNS").env_remove("NO_COLOR");
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Answer {
        Answer::of(self.command(args).output().unwrap())
    }

    /// What is printed, of a command that does its work and has nothing to say beside it.
    fn printed(&self, args: &[&str]) -> String {
        let answer = self.run(args);
        assert_eq!((answer.code, &*answer.said), (0, ""), "{args:?}");
        answer.printed
    }
}

struct Answer {
    code: i32,
    printed: String,
    said: String,
}

impl Answer {
    fn of(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A sound record with a control number, a language and a title.
fn record(control_number: &str, title: &str) -> Vec<u8> {
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

const VERBS: [&str; 7] = ["count", "head", "describe", "check", "select", "frequency", "convert"];

/// Each verb that stops at a damaged record, with its arguments around the file.
fn careful(file: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["count", file],
        vec!["head", file],
        vec!["select", "001, 245$a", file],
        vec!["frequency", "245$a", file],
        vec!["convert", "--layout", "subfields", file, "target.csv"],
        vec!["convert", file, "target.parquet"],
        vec!["convert", file, "target.mrc"],
    ]
}

#[test]
fn records_are_counted_and_conditions_choose_them() {
    let folder = Folder::of_records();
    assert_eq!(folder.printed(&["count", "sound.mrc"]), "3\n");
    assert_eq!(folder.printed(&["count", "--where", "001 == 'a2'", "sound.mrc"]), "1\n");
    assert_eq!(folder.printed(&["count", "sound.mrc", "odd.mrc"]), "4\n");
    assert_eq!(folder.printed(&["count", "[so]*d.mrc"]), "4\n");
}

#[test]
fn the_first_records_are_shown_as_marcmaker_text() {
    let folder = Folder::of_records();
    let printed = folder.printed(&["head", "-n", "2", "sound.mrc"]);
    let records: Vec<_> = printed.split("\n\n").collect();
    assert_eq!(records.len(), 2);
    assert!(records[0].starts_with("=LDR  00115nam a2200061 a 4500\n=001  a1\n"), "{printed}");
    assert!(records[1].ends_with("=245  10$aEmma\n"), "{printed}");
}

#[test]
fn standard_input_is_a_file() {
    let folder = Folder::of_records();
    for args in careful("sound.mrc").into_iter().filter(|args| args[0] != "convert") {
        let with_input = args.iter().map(|&arg| if arg == "sound.mrc" { "-" } else { arg });
        let mut command = folder.command(&with_input.collect::<Vec<_>>());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(&fs::read(folder.path("sound.mrc")).unwrap()).unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), folder.printed(&args), "{args:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new();
    let others = [vec!["describe", "no.mrc"], vec!["check", "no.mrc"]];
    for args in careful("no.mrc").into_iter().chain(others) {
        let answer = folder.run(&args);
        assert_eq!((answer.code, &*answer.printed), (4, ""), "{args:?}");
        assert_eq!(answer.said, "mrrc: no such file: no.mrc\n", "{args:?}");
        assert!(folder.names().is_empty());
    }
}

#[test]
fn damage_ends_the_work_and_the_advice_is_an_option_of_the_command() {
    let folder = Folder::of_records();
    let before = folder.names();
    for args in careful("damaged.mrc") {
        let answer = folder.run(&args);
        assert_eq!(answer.code, 3, "{args:?}");
        assert!(answer.said.starts_with("mrrc: damaged.mrc: record 1 (a2), offset 115: "), "{}", answer.said);
        assert!(
            answer.said.contains("--on-error recover") && !answer.said.contains("Policy"),
            "{}",
            answer.said
        );
        assert_eq!(folder.names(), before, "{args:?}");

        let recovered = [args.as_slice(), &["--on-error", "recover"]].concat();
        let answer = folder.run(&recovered);
        assert_eq!(answer.code, 0, "{args:?}");
        assert_eq!(
            answer.said,
            "mrrc: 3 records; 3 delivered (1 of them repaired); mrrc check lists what is wrong\n"
        );
        for target in folder.names().iter().filter(|name| name.starts_with("target")) {
            fs::remove_file(folder.path(target)).unwrap();
        }
    }
}

#[test]
fn a_check_exits_with_1_if_a_record_has_to_be_repaired() {
    let folder = Folder::of_records();
    assert_eq!(folder.printed(&["check", "sound.mrc"]), "3 records, nothing wrong\n");
    let odd = folder.printed(&["check", "odd.mrc"]);
    assert!(odd.contains("subfield-code"), "{odd}");
    let damaged = folder.run(&["check", "damaged.mrc"]);
    assert_eq!((damaged.code, &*damaged.said), (1, ""));
    assert!(damaged.printed.starts_with("1 finding in 3 records of damaged.mrc\n"), "{}", damaged.printed);
}

#[test]
fn programs_read_findings_as_csv_or_json() {
    let folder = Folder::of_records();
    let csv = folder.run(&["check", "--format", "csv", "damaged.mrc"]);
    let json = folder.run(&["check", "--format", "json", "damaged.mrc"]);
    assert_eq!((csv.code, json.code), (1, 1));
    let (head, row) = csv.printed.trim_end().split_once('\n').unwrap();
    // The same columns in the same order, and no more than one finding.
    let names: Vec<_> = json.printed.split("\": ").filter_map(|part| part.rsplit('"').next()).collect();
    assert_eq!(head.split(',').collect::<Vec<_>>(), names[..names.len() - 1]);
    assert!(row.starts_with("1,repaired,record-length,,,00099,00115,damaged.mrc,115,115,"), "{row}");
    assert_eq!(json.printed.lines().count(), 1);
    assert!(
        json.printed.starts_with("{\"record\": 1, \"severity\": \"repaired\", \"code\": \"record-length\", ")
    );

    let cut = folder.run(&["check", "--format", "csv", "--limit", "0", "damaged.mrc"]);
    assert_eq!(cut.said, "mrrc: 0 of 1 finding are listed; --limit sets how many\n");
}

#[test]
fn lines_fit_into_the_terminal() {
    let folder = Folder::of_records();
    let title =
        "The history of the long nineteenth century, in words and pictures, with an index and four maps";
    let mut bytes = record("number-one", title);
    bytes.extend(record("number-two", "Cut")[..100].iter());
    folder.write("long.mrc", &bytes);
    let commands: [&[&str]; 4] = [
        &["describe", "long.mrc"],
        &["check", "long.mrc"],
        &["select", "--on-error", "skip", "--format", "table", "bib", "long.mrc"],
        &["frequency", "--on-error", "skip", "--format", "table", "245$a", "long.mrc"],
    ];
    for args in commands {
        let mut shown = Vec::new();
        for width in [60, 80, 160] {
            let output = folder.command(args).env("COLUMNS", width.to_string()).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            let widest = printed.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{args:?}: {widest} of {width}\n{printed}");
            shown.push(printed);
        }
        assert!(args[0] == "frequency" || shown[0] != shown[2], "{args:?}");
    }
}

#[test]
fn values_are_counted_and_the_most_frequent_are_first() {
    let folder = Folder::of_records();
    let titles: Vec<_> = ["Emma", "Persuasion", "Emma"].iter().map(|title| record("a", title)).collect();
    folder.write("titles.mrc", &titles.concat());
    assert_eq!(folder.printed(&["frequency", "245$a", "titles.mrc"]), "value,count\nEmma,2\nPersuasion,1\n");
    let first = ["frequency", "-n", "1", "--format", "table", "245$a", "titles.mrc"];
    assert_eq!(
        folder.printed(&first),
        "  value  count\n  Emma       2\n  … the first 1 row; -n shows more\n"
    );
}

#[test]
fn a_pipe_gets_csv() {
    let folder = Folder::of_records();
    let all = folder.printed(&["select", "id = 001, title = 245$a", "sound.mrc"]);
    assert_eq!(all, "id,title\na1,Emma\na2,Emma\na3,Emma\n");
    let first =
        folder.printed(&["select", "-n", "1", "--format", "tsv", "id = 001, title = 245$a", "sound.mrc"]);
    assert_eq!(first, "id\ttitle\na1\tEmma\n");
}

#[test]
fn what_is_not_changed_is_written_byte_for_byte() {
    let folder = Folder::of_records();
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    folder.printed(&["convert", "sound.mrc", "copy.mrc"]);
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), sound);
    let output = folder.command(&["convert", "--to", "mrc", "sound.mrc", "-"]).output().unwrap();
    assert_eq!(output.stdout, sound);
}

#[test]
fn a_damaged_file_becomes_a_sound_one() {
    let folder = Folder::of_records();
    let answer = folder.run(&["convert", "--on-error", "recover", "damaged.mrc", "good.mrc"]);
    assert_eq!(answer.code, 0);
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), fs::read(folder.path("sound.mrc")).unwrap());
}

#[test]
fn the_suffix_says_what_a_target_is() {
    let folder = Folder::of_records();
    folder.printed(&["convert", "sound.mrc", "all.parquet"]);
    let written = fs::read(folder.path("all.parquet")).unwrap();
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));
    folder.printed(&["convert", "--columns", "001, 245$a", "sound.mrc", "all.TSV"]);
    let printed = folder.printed(&["convert", "--columns", "001, 245$a", "--to", "tsv", "sound.mrc", "-"]);
    assert_eq!(fs::read_to_string(folder.path("all.TSV")).unwrap(), printed);
    assert_eq!(printed, "001\t245$a\na1\tEmma\na2\tEmma\na3\tEmma\n");
}

#[test]
fn several_files_become_one_that_says_where_rows_are_from() {
    let folder = Folder::of_records();
    let printed =
        folder.printed(&["convert", "--columns", "001", "--to", "csv", "sound.mrc", "odd.mrc", "-"]);
    assert_eq!(printed.lines().next_back(), Some("a1,odd.mrc"));
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    folder.printed(&["convert", "sound.mrc", "sound.mrc", "twice.mrc"]);
    assert_eq!(fs::read(folder.path("twice.mrc")).unwrap(), sound.repeat(2));
}

#[test]
fn a_target_is_complete_or_as_it_was() {
    let folder = Folder::of_records();
    folder.write("target.mrc", b"before");
    let before = folder.names();
    assert_eq!(folder.run(&["convert", "damaged.mrc", "target.mrc"]).code, 3);
    assert_eq!(fs::read(folder.path("target.mrc")).unwrap(), b"before");
    let answer = folder.run(&["convert", "sound.mrc", "nowhere/target.mrc"]);
    assert_eq!((answer.code, answer.said.contains("nowhere/target.mrc")), (4, true), "{}", answer.said);
    assert_eq!(folder.names(), before);
}

#[test]
fn a_file_that_is_read_is_not_written_over() {
    let folder = Folder::of_records();
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    fs::hard_link(folder.path("sound.mrc"), folder.path("link.mrc")).unwrap();
    for target in ["sound.mrc", "./sound.mrc", "link.mrc"] {
        let answer = folder.run(&["convert", "*d.mrc", target]);
        assert_eq!(answer.code, 2, "{target}");
        assert!(answer.said.contains(target), "{}", answer.said);
        assert_eq!(fs::read(folder.path("sound.mrc")).unwrap(), sound);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_advice() {
    let folder = Folder::of_records();
    let refused: [(&[&str], &str); 12] = [
        (&["cuont", "sound.mrc"], "unrecognized subcommand 'cuont'"),
        (&["count"], "required arguments"),
        (&["count", "--on-error", "ignore", "sound.mrc"], "raise, skip, recover"),
        (&["count", "--where", "245$a =", "sound.mrc"], "'--where <CONDITION>'"),
        (&["count", "--encoding", "utf8x", "sound.mrc"], "windows-1252"),
        (&["convert", "sound.mrc", "target"], "--to"),
        (&["convert", "sound.mrc", "target.csv"], "--columns bib"),
        (&["convert", "--columns", "bib", "sound.mrc", "target.mrc"], "--tags"),
        (&["convert", "--layout", "fields", "sound.mrc", "target.csv"], "--layout subfields"),
        (&["convert", "--columns", "245", "sound.mrc", "target.csv"], "text(245)"),
        (&["convert", "--columns", "bib", "--layout", "fields", "sound.mrc", "target.csv"], "--layout"),
        (&["select", "245", "sound.mrc"], "text(245)"),
    ];
    let before = folder.names();
    for (args, advice) in refused {
        let answer = folder.run(args);
        assert_eq!((answer.code, &*answer.printed), (2, ""), "{args:?}");
        assert!(answer.said.starts_with("mrrc: ") && answer.said.contains(advice), "{}", answer.said);
        assert_eq!(folder.names(), before);
    }
}

#[test]
fn a_command_without_a_verb_gets_the_list_of_them() {
    let folder = Folder::new();
    let answer = folder.run(&[]);
    assert_eq!((answer.code, &*answer.printed), (2, ""));
    assert_eq!(answer.said, folder.printed(&["--help"]));
}

#[test]
fn an_empty_file_has_no_records_and_that_is_said() {
    let folder = Folder::new();
    folder.write("empty.mrc", b"");
    let answer = folder.run(&["count", "empty.mrc"]);
    assert_eq!((answer.code, &*answer.printed), (0, "0\n"));
    assert_eq!(answer.said, "mrrc: 0 records, 1 source empty\n");
}

#[test]
fn help_has_examples() {
    let folder = Folder::new();
    let all = folder.printed(&["--help"]);
    for verb in VERBS {
        assert!(all.contains(&format!("\n  {verb} ")), "{all}");
        let help = folder.printed(&[verb, "--help"]);
        assert!(help.contains(&format!("Examples:\n  mrrc {verb} ")), "{help}");
    }
}

#[test]
fn a_reader_may_stop_before_the_end() {
    let folder = Folder::new();
    let many: Vec<u8> = (0..5_000).flat_map(|number| record(&format!("{number}"), "Emma")).collect();
    folder.write("many.mrc", &many);
    let commands: [&[&str]; 4] = [
        &["head", "-n", "5000", "many.mrc"],
        &["select", "245$a, 008", "many.mrc"],
        &["convert", "--to", "csv", "--layout", "subfields", "many.mrc", "-"],
        &["convert", "--to", "mrc", "many.mrc", "-"],
    ];
    for args in commands {
        let mut command = folder.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut [0; 10]).unwrap();
        drop(output);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    let folder = Folder::of_records();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for args in careful("sound.mrc").into_iter().filter(|args| args[0] != "convert") {
        let output = folder.command(&args).stdout(full()).output().unwrap();
        let answer = Answer::of(output);
        assert_eq!(answer.code, 4, "{args:?}");
        assert!(answer.said.starts_with("mrrc: ") && answer.said.contains("No space"), "{}", answer.said);
    }
    assert_eq!(folder.run(&["convert", "--to", "parquet", "sound.mrc", "/dev/full"]).code, 4);
}

/// A terminal of 80 columns: its own end, and the one that a command writes to.
#[cfg(target_os = "linux")]
fn terminal() -> (fs::File, fs::File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    (ours.into(), theirs)
}

/// What was written to a terminal, when nobody has its other end any more.
#[cfg(target_os = "linux")]
fn shown(mut terminal: fs::File) -> String {
    let mut shown = Vec::new();
    // The end of a terminal is an error.
    let _ = terminal.read_to_end(&mut shown);
    String::from_utf8(shown).unwrap()
}

/// What the command writes to a terminal.
#[cfg(target_os = "linux")]
fn on_a_terminal(command: &mut Command) -> String {
    let (ours, theirs) = terminal();
    command.stdout(theirs.try_clone().unwrap()).stderr(theirs).env("TERM", "xterm");
    let mut child = command.spawn().unwrap();
    // Reading ends when the child does.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let shown = shown(ours);
    assert!(child.wait().unwrap().success());
    shown
}

#[test]
#[cfg(target_os = "linux")]
fn long_work_shows_its_progress_and_takes_it_away_again() {
    let folder = Folder::new();
    let sound = record("a1", "Emma");
    let (ours, theirs) = terminal();
    let mut command = folder.command(&["convert", "--to", "mrc", "-", "copy.mrc"]);
    let mut child = command.stdin(Stdio::piped()).stderr(theirs).env("TERM", "xterm").spawn().unwrap();
    command.stderr(Stdio::null());
    let mut input = child.stdin.take().unwrap();
    input.write_all(&sound).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    input.write_all(&sound).unwrap();
    drop(input);
    let shown = shown(ours);
    assert!(child.wait().unwrap().success());
    assert!(shown.contains("2 records") && shown.ends_with("\r\x1b[2K"), "{shown:?}");
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), sound.repeat(2));
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_gets_a_table_and_colours_unless_they_are_refused() {
    let folder = Folder::of_records();
    let table =
        on_a_terminal(&mut folder.command(&["select", "id = 001, title = first(245$a)", "sound.mrc"]));
    assert_eq!(table, "  id  title\r\n  a1  Emma\r\n  a2  Emma\r\n  a3  Emma\r\n");
    let described = on_a_terminal(&mut folder.command(&["describe", "sound.mrc"]));
    assert!(described.lines().all(|line| line.chars().count() <= 80), "{described}");

    let head = ["head", "-n", "1", "sound.mrc"];
    assert!(on_a_terminal(&mut folder.command(&head)).starts_with("\x1b[1m=LDR\x1b[0m  00115nam"));
    let plain = on_a_terminal(folder.command(&head).env("NO_COLOR", "1"));
    assert_eq!(plain.replace("\r\n", "\n"), folder.printed(&head));
}

#[test]
#[cfg(target_os = "linux")]
fn records_cannot_control_the_terminal() {
    let folder = Folder::new();
    folder.write("evil.mrc", &record("a\x1b[2J", "\x1b]0;owned\x07\u{202e}Emma"));
    let commands: [&[&str]; 7] = [
        &["head", "evil.mrc"],
        &["describe", "evil.mrc"],
        &["check", "evil.mrc"],
        &["check", "--format", "json", "evil.mrc"],
        &["select", "001, 245$a", "evil.mrc"],
        &["select", "--format", "csv", "001, 245$a", "evil.mrc"],
        &["frequency", "245$a", "evil.mrc"],
    ];
    for args in commands {
        let shown = on_a_terminal(folder.command(args).env("NO_COLOR", "1"));
        assert!(shown.contains("Emma") || args[0] == "check", "{args:?}: {shown:?}");
        let controls = shown.chars().filter(|it| it.is_control() && !['\r', '\n'].contains(it));
        assert_eq!(controls.count(), 0, "{args:?}: {shown:?}");
        assert!(!shown.contains('\u{202e}'), "{args:?}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_no_part_of_a_target() {
    let folder = Folder::new();
    let mut command = folder.command(&["convert", "-", "target.parquet"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&record("a1", "Emma")).unwrap();
    // The target has begun.
    while folder.names().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    std::thread::sleep(std::time::Duration::from_millis(50));
    input.write_all(&record("a2", "Emma")).unwrap();
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.names(), Vec::<String>::new());
}

/// Each block of `text` in docs/command.md is what the block of `sh` before it prints.
#[test]
fn the_page_shows_what_the_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let sample = fs::read(root.join("target/fixture_1k.mrc")).expect("`make samples` generates it");
    folder.write("catalogue.mrc", &sample);
    // Ten bytes are lost.
    folder.write("vendor.mrc", &[&sample[..5_000], &sample[5_010..]].concat());
    let mut page = fs::read_to_string(root.join("docs/command.md")).unwrap();
    let mut shown = String::new();
    let mut examples = 0;
    while let Some((before, rest)) = page.split_once("```sh\n") {
        let (script, rest) = rest.split_once("```\n").unwrap();
        shown += &format!("{before}```sh\n{script}```\n");
        let bin = Path::new(env!("CARGO_BIN_EXE_mrrc")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let is_run = script.starts_with("mrrc ");
        let mut rest = rest.to_owned();
        if is_run {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(folder.0.path());
            let output = shell.env("PATH", path).env("COLUMNS", "100").output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            if let Some(behind) = rest.strip_prefix("\n```text\n") {
                let (told, behind) = behind.split_once("```\n").unwrap();
                let printed = match told.strip_suffix("\n…\n") {
                    Some(told) => {
                        let lines = told.lines().count();
                        printed.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>()
                            + "…\n"
                    }
                    None => printed,
                };
                shown += &format!("\n```text\n{printed}```\n");
                rest = behind.to_owned();
            } else {
                assert_eq!(printed, "", "{script}");
            }
            examples += 1;
        }
        page = rest;
    }
    shown += &page;
    let page = root.join("docs/command.md");
    if std::env::var_os("MRRC_WRITE_PAGES").is_some() {
        fs::write(&page, &shown).unwrap();
    }
    assert!(examples >= VERBS.len());
    assert_eq!(fs::read_to_string(&page).unwrap(), shown, "`make pages` writes it");
}
