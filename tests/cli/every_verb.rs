//! What holds for every verb: where records come from, damage, mistakes, pipes, disks, Ctrl-C, widths.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::folder::{Answer, Folder, record};

pub(crate) const VERBS: [&str; 16] = [
    "count",
    "head",
    "show",
    "describe",
    "check",
    "select",
    "frequency",
    "convert",
    "export",
    "filter",
    "sample",
    "split",
    "concat",
    "repair",
    "completions",
    "man",
];

/// Each verb that prints and stops at a damaged record, with its arguments around the file.
fn printing(file: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["count", file],
        vec!["head", file],
        vec!["show", "--where", "245", file],
        vec!["select", "001, 245$a", file],
        vec!["select", "--format", "json", "001, 245$a", file],
        vec!["frequency", "245$a", file],
    ]
}

/// Each verb that copies records as they are.
fn copying(file: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["filter", "--where", "245", file, "target.mrc"],
        vec!["sample", "-n", "9", file, "target.mrc"],
        vec!["sample", "--share", "100%", file, "target.mrc"],
        vec!["concat", file, "target.mrc"],
        vec!["split", "--records", "2", "--into", "target", file],
        vec!["split", "--by", "001", "--into", "target", file],
    ]
}

/// Each verb that stops at a damaged record.
fn careful(file: &str) -> Vec<Vec<&str>> {
    let convert = vec![
        vec!["convert", "--layout", "subfields", file, "target.csv"],
        vec!["convert", file, "target.parquet"],
        vec!["convert", file, "target.jsonl"],
        vec!["convert", file, "target.xml"],
        vec!["convert", file, "target.mrk"],
        vec!["convert", file, "target.mrc"],
    ];
    let goes_on = |args: &Vec<&str>| matches!(args[0], "head" | "show");
    let printing = printing(file).into_iter().filter(|args| !goes_on(args)).collect();
    [printing, convert, copying(file)].concat()
}

/// The records of a folder in another format, in a file that is named after it.
fn write_in(format: &str, folder: &Folder) -> String {
    let file = format!("all.{format}");
    if format == "aleph" {
        let record = |number| {
            let coded = format!("{:35}eng  ", "850423s1815    enk");
            format!(
                "00000000{number} LDR   L 00000nam a2200000 a 4500\n00000000{number} 001   L a{number}\n\
                 00000000{number} 008   L {coded}\n00000000{number} 24510 L $$aEmma\n"
            )
        };
        folder.write(&file, [1, 2, 3].map(record).concat().as_bytes());
    } else {
        folder.printed(&["convert", "sound.mrc", &file]);
    }
    file
}

#[test]
fn records_in_any_format_are_copied_as_iso_2709() {
    let folder = Folder::of_records();
    let ask = |files: &[&str]| {
        let answer = folder.printed(&[&["select", "001, 008, 245$a"], files].concat());
        // Of several files, the last column is which.
        answer
            .lines()
            .map(|line| line.split(',').take(3).map(str::to_owned).collect())
            .collect::<BTreeSet<Vec<_>>>()
    };
    for format in ["xml", "jsonl", "mrk", "aleph"] {
        let file = write_in(format, &folder);
        assert_eq!(ask(&[&file]), ask(&["sound.mrc"]), "{format}");
        let others = [vec!["convert", &file, "target.mrc"], vec!["repair", &file, "target.mrc"]];
        for args in others.into_iter().chain(copying(&file)) {
            assert_eq!(folder.run(&args).code, 0, "{args:?}");
            let made = match folder.path("target").exists() {
                true => ask(&["target/*.mrc"]),
                false => ask(&["target.mrc"]),
            };
            assert_eq!(made, ask(&["sound.mrc"]), "{args:?}");
            let _ = fs::remove_dir_all(folder.path("target"));
            let _ = fs::remove_file(folder.path("target.mrc"));
        }
    }
}

#[test]
fn a_record_that_iso_2709_cannot_hold_is_never_left_out_in_silence() {
    let folder = Folder::new();
    let note = |length| {
        format!(
            "{{\"500\":{{\"ind1\":\" \",\"ind2\":\" \",\"subfields\":[{{\"a\":\"{}\"}}]}}}}",
            "x".repeat(length)
        )
    };
    let record = |number: u8, notes: String| {
        format!(
            "{{\"leader\":\"00000nam a2200000 a 4500\",\"fields\":[{{\"001\":\"a{number}\"}},{{\"245\":{{\"subfields\":[{{\"a\":\"T\"}}]}}}},{notes}]}}\n"
        )
    };
    let long_field = record(1, note(1)) + &record(2, note(10_000)) + &record(3, note(1));
    let long_record = record(1, note(1)) + &record(2, vec![note(9_000); 12].join(",")) + &record(3, note(1));
    for (source, what) in [(long_field, "the field has more than"), (long_record, "the record has more than")]
    {
        folder.write("long.jsonl", source.as_bytes());
        let stopping = copying("long.jsonl").into_iter().chain([vec!["convert", "long.jsonl", "target.mrc"]]);
        for args in stopping {
            let answer = folder.run(&args);
            assert_eq!(answer.code, 3, "{args:?}: {}", answer.said);
            assert!(answer.said.contains(what), "{args:?}: {}", answer.said);
            let answer = folder.run(&[args.as_slice(), &["--on-error", "skip"]].concat());
            assert_eq!(answer.code, 0, "{args:?}: {}", answer.said);
            assert!(
                answer.said.contains("1 rejected") || answer.said.contains("1 record"),
                "{}",
                answer.said
            );
            let _ = fs::remove_dir_all(folder.path("target"));
            let _ = fs::remove_file(folder.path("target.mrc"));
        }
        let answer = folder.run(&["repair", "--rejects", "bad", "long.jsonl", "target.mrc"]);
        assert_eq!(answer.code, 1, "{}", answer.said);
        assert!(answer.said.contains(what) && answer.said.contains("unwritable"), "{}", answer.said);
        assert_eq!(folder.printed(&["count", "target.mrc"]), "2\n");
        assert_eq!(folder.printed(&["select", "001", "bad"]), "001\na2\n");
        let _ = fs::remove_file(folder.path("target.mrc"));
        let _ = fs::remove_file(folder.path("bad"));
    }
}

#[test]
fn what_is_there_is_written_over_by_force_alone() {
    let folder = Folder::of_records();
    folder.write("kept.csv", b"kept");
    folder.write("list.txt", b"a1\n");
    for args in [
        vec!["check", "sound.mrc", "--rejects", "kept.csv"],
        vec!["repair", "sound.mrc", "new.mrc", "--rejects", "kept.csv"],
        vec!["repair", "sound.mrc", "new.mrc", "--report", "kept.csv"],
    ] {
        let answer = folder.run(&args);
        assert_eq!((answer.code, answer.said.contains("--force")), (2, true), "{args:?}: {}", answer.said);
        assert_eq!(fs::read(folder.path("kept.csv")).unwrap(), b"kept", "{args:?}");
        assert_eq!(folder.run(&[args.as_slice(), &["--force"]].concat()).code, 0, "{args:?}");
        assert_ne!(fs::read(folder.path("kept.csv")).unwrap(), b"kept", "{args:?}");
        folder.write("kept.csv", b"kept");
        let _ = fs::remove_file(folder.path("new.mrc"));
    }
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    fs::copy(folder.path("sound.mrc"), folder.path("sound.json")).unwrap();
    for args in [
        vec!["repair", "sound.json", "new.mrc", "--report", "sound.json", "--force"],
        vec!["filter", "--ids", "list.txt", "sound.mrc", "list.txt", "--force"],
    ] {
        let answer = folder.run(&args);
        assert_eq!((answer.code, answer.said.contains("is read")), (2, true), "{args:?}: {}", answer.said);
    }
    assert_eq!(fs::read(folder.path("sound.json")).unwrap(), sound);
    assert_eq!(fs::read(folder.path("list.txt")).unwrap(), b"a1\n");
}

#[test]
fn standard_input_is_a_file() {
    let folder = Folder::of_records();
    for args in printing("sound.mrc") {
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
    let others =
        [vec!["describe", "no.mrc"], vec!["check", "no.mrc"], vec!["repair", "no.mrc", "target.mrc"]];
    for args in careful("no.mrc").into_iter().chain(others) {
        let answer = folder.run(&args);
        assert_eq!((answer.code, &*answer.printed), (4, ""), "{args:?}");
        assert_eq!(answer.said, "mrrc: no such file: no.mrc\n", "{args:?}");
        assert!(folder.names().is_empty());
    }
}

#[test]
fn looking_into_several_files_goes_on_without_one_that_is_missing() {
    let folder = Folder::of_records();
    let checked = folder.run(&["check", "--format", "csv", "no.mrc", "sound.mrc"]);
    assert_eq!(checked.code, 1);
    assert!(
        checked.printed.contains("source-unreadable") && checked.printed.contains("no.mrc"),
        "{}",
        checked.printed
    );
    let described = folder.run(&["describe", "no.mrc", "sound.mrc"]);
    assert_eq!(described.code, 0);
    assert!(described.printed.starts_with("3 records"), "{}", described.printed);
    assert!(described.printed.contains("no.mrc") || described.said.contains("no.mrc"), "{}", described.said);
    let counted = folder.run(&["count", "--on-error", "skip", "no.mrc", "sound.mrc"]);
    assert_eq!((counted.code, &*counted.printed, counted.said.contains("no.mrc")), (0, "3\n", true));
    assert_eq!(folder.run(&["count", "no.mrc", "sound.mrc"]).code, 4);
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
        let advice = match copying("damaged.mrc").contains(&args) {
            true => "what needs repair is copied as it was found, and mrrc repair mends it",
            false => "mrrc check lists what is wrong",
        };
        let said = format!("mrrc: 3 records; 3 delivered (1 of them repaired); {advice}\n");
        assert_eq!(answer.said.split_inclusive('\n').next(), Some(&*said), "{args:?}");
        for target in folder.names().iter().filter(|name| name.starts_with("target")) {
            let path = folder.path(target);
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
    }
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
fn what_cannot_be_meant_is_refused_with_advice() {
    let folder = Folder::of_records();
    let refused: [(&[&str], &str); 22] = [
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
        (&["convert", "--columns", "bib", "sound.mrc", "target.xml"], "--tags"),
        (&["convert", "sound.mrc"], "--into"),
        (&["convert", "--into", "folder", "sound.mrc"], "--to"),
        (&["concat", "sound.mrc", "odd.mrc"], "odd.mrc is there already; --force writes over it"),
        (&["repair", "damaged.mrc", "sound.mrc"], "--force"),
        (&["select", "sound.mrc"], "the files come last, as in mrrc select bib sound.mrc"),
        (&["convert", "--into", "folder", "--to", "xml", "-"], "standard input has no name"),
        (&["select", "245", "sound.mrc"], "text(245)"),
        (&["show", "sound.mrc"], "--number"),
        (&["show", "--number", "3-1", "sound.mrc"], "ends before it begins"),
        (&["show", "--number", "one", "sound.mrc"], "4,7-9"),
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
    let commands: [&[&str]; 13] = [
        &["head", "-n", "18446744073709551615", "many.mrc"],
        &["show", "--where", "245", "--format", "card", "many.mrc"],
        &["select", "--format", "json", "245$a, 008", "many.mrc"],
        &["convert", "--to", "jsonl", "many.mrc", "-"],
        &["convert", "--to", "xml", "many.mrc", "-"],
        &["filter", "--where", "245", "many.mrc", "-"],
        &["sample", "--share", "90%", "many.mrc", "-"],
        &["sample", "-n", "4000", "many.mrc", "-"],
        &["concat", "many.mrc", "-"],
        &["repair", "many.mrc", "-"],
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
    for args in printing("sound.mrc") {
        let output = folder.command(&args).stdout(full()).output().unwrap();
        let answer = Answer::of(output);
        assert_eq!(answer.code, 4, "{args:?}");
        assert!(answer.said.starts_with("mrrc: ") && answer.said.contains("No space"), "{}", answer.said);
    }
    let targets: [&[&str]; 6] = [
        &["convert", "--to", "parquet", "sound.mrc", "/dev/full"],
        &["filter", "--where", "245", "sound.mrc", "/dev/full"],
        &["sample", "-n", "3", "sound.mrc", "/dev/full"],
        &["concat", "sound.mrc", "/dev/full"],
        &["repair", "sound.mrc", "/dev/full"],
        &["check", "--rejects", "/dev/full", "odd.mrc"],
    ];
    folder.write("odd.mrc", b"See overleaf");
    for args in targets {
        let answer = folder.run(args);
        assert_eq!((answer.code, &*answer.printed), (4, ""), "{args:?}");
        assert!(answer.said.starts_with("mrrc: cannot write /dev/full: No space"), "{}", answer.said);
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_no_part_of_a_target() {
    let folder = Folder::new();
    let repair = vec!["repair", "--rejects", "bad.mrc", "--report", "report.csv", "-", "target.mrc"];
    let others = vec![vec!["convert", "-", "target.parquet"], repair];
    for args in others.into_iter().chain(copying("-")) {
        let mut child = folder.command(&args).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(&record("a1", "Emma")).unwrap();
        // The target has begun.
        while folder.names().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        interrupt(&child);
        // Nothing more comes, and the input does not end.
        assert_eq!(child.wait().unwrap().code(), Some(130), "{args:?}");
        assert_eq!(folder.names(), Vec::<String>::new(), "{args:?}");
        drop(input);
    }
}

/// Ctrl-C.
#[cfg(unix)]
fn interrupt(child: &Child) {
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
#[cfg(unix)]
fn ctrl_c_is_answered_while_nothing_comes() {
    let folder = Folder::new();
    for args in careful("-").into_iter().filter(|args| args[0] != "convert") {
        let mut command = folder.command(&args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(&record("a1", "Emma")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{args:?}");
        drop(input);
    }
}

#[test]
fn lines_fit_into_the_terminal() {
    let folder = Folder::of_records();
    let title =
        "The history of the long nineteenth century, in words and pictures, with an index and four maps";
    let mut bytes = record("number-one", title);
    bytes.extend(record("number-two", "Cut")[..100].iter());
    folder.write("long.mrc", &bytes);
    let commands: [&[&str]; 5] = [
        &["show", "--on-error", "skip", "--format", "card", "--where", "245", "long.mrc"],
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
