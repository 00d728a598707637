//! Records that meet a condition or are in a list, byte for byte.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::folder::{Answer, Folder, record};

/// Records with the numbers a1 to a6, of which every second one is about Emma, and line breaks between them.
fn novels() -> (Folder, Vec<Vec<u8>>) {
    let folder = Folder::new();
    let records: Vec<_> = (1..=6)
        .map(|it| record(&format!("a{it}"), if it % 2 == 0 { "Emma" } else { "Persuasion" }))
        .collect();
    folder.write("novels.mrc", &records.join(&b"\r\n"[..]));
    (folder, records)
}

fn numbered(records: &[Vec<u8>], numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|number| records[number - 1].clone()).collect()
}

#[test]
fn records_that_meet_a_condition_are_the_bytes_that_they_were() {
    let (folder, records) = novels();
    folder.printed(&["filter", "--where", "245$a == 'Emma'", "novels.mrc", "emma.mrc"]);
    assert_eq!(fs::read(folder.path("emma.mrc")).unwrap(), numbered(&records, &[2, 4, 6]));
    for others in ["--not", "--invert"] {
        folder.printed(&[
            "filter",
            "--force",
            others,
            "--where",
            "245$a == 'Emma'",
            "novels.mrc",
            "others.mrc",
        ]);
        assert_eq!(fs::read(folder.path("others.mrc")).unwrap(), numbered(&records, &[1, 3, 5]));
    }
    let printed = folder.printed(&["filter", "--where", "001 in ('a1', 'a2')", "novels.mrc", "*ls.mrc", "-"]);
    assert_eq!(printed.as_bytes(), numbered(&records, &[1, 2, 1, 2]));
}

#[test]
fn records_in_a_list_are_copied_and_what_was_not_found_is_told() {
    let (folder, records) = novels();
    folder.write("list.txt", b"\xef\xbb\xbfa5\r\n\r\n  a2 \r\nz9");
    let filter = |args: &[&str]| {
        let answer = folder.run(&[&["filter", "--ids", "list.txt"], args, &["novels.mrc", "-"]].concat());
        assert_eq!(answer.code, 0);
        assert_eq!(answer.said, "mrrc: not found: 1 of 3 numbers in list.txt (z9)\n");
        answer.printed.into_bytes()
    };
    assert_eq!(filter(&[]), numbered(&records, &[2, 5]));
    assert_eq!(filter(&["--not"]), numbered(&records, &[1, 3, 4, 6]));
    // A number is found if a record has it, whatever else is asked of the record.
    assert_eq!(filter(&["--where", "245$a == 'Emma'"]), numbered(&records, &[2]));
    assert_eq!(filter(&["--not", "--where", "245$a == 'Emma'"]), numbered(&records, &[1, 3, 4, 5, 6]));
    assert_eq!(filter(&["--threads", "1", "--where", "not 001"]), b"");

    folder.write("list.txt", (0..20).map(|it| format!("z{it:02}\x1b\n")).collect::<String>().as_bytes());
    let answer = folder.run(&["filter", "--ids", "list.txt", "novels.mrc", "-"]);
    assert_eq!(
        answer.said,
        "mrrc: not found: 20 of 20 numbers in list.txt (z00\u{fffd}, z01\u{fffd}, z02\u{fffd}, z03\u{fffd}, z04\u{fffd}, …)\n"
    );
}

#[test]
fn a_list_can_come_from_another_verb() {
    let (folder, records) = novels();
    let mut command = folder.command(&["filter", "--ids", "-", "novels.mrc", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a3\na4\n").unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap());
    assert_eq!(answer.printed.as_bytes(), numbered(&records, &[3, 4]));

    let both = folder.run(&["filter", "--ids", "-", "-", "copy.mrc"]);
    assert_eq!((both.code, both.said.contains("standard input")), (2, true), "{}", both.said);
}

#[test]
fn text_that_cannot_be_decoded_is_copied_as_it_is() {
    let folder = Folder::new();
    let bytes = [record("a1", "Emma"), record("a2", "Caf_")].concat();
    let bytes: Vec<_> = bytes.iter().map(|&byte| if byte == b'_' { 0xE9 } else { byte }).collect();
    folder.write("odd.mrc", &bytes);
    assert_eq!(folder.run(&["count", "odd.mrc"]).code, 3);
    folder.printed(&["filter", "--where", "008", "odd.mrc", "copy.mrc"]);
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), bytes);
}

#[test]
fn a_damaged_record_is_left_out_or_copied_as_it_is() {
    let folder = Folder::of_records();
    let filter = |on_error| {
        let target = "copy.mrc";
        let args =
            ["filter", "--force", "--on-error", on_error, "--where", "001 != 'a1'", "damaged.mrc", target];
        (folder.run(&args).said, fs::read(folder.path(target)).unwrap())
    };
    let damaged = fs::read(folder.path("damaged.mrc")).unwrap();
    let length = damaged.len() / 3;
    let (said, copy) = filter("skip");
    assert_eq!(copy, damaged[2 * length..]);
    assert!(said.contains("1 rejected (offset 115: record-length)"), "{said}");
    let (said, copy) = filter("recover");
    assert_eq!(copy, damaged[length..]);
    assert!(
        said.ends_with("; what needs repair is copied as it was found, and mrrc repair mends it\n"),
        "{said}"
    );
}

#[test]
fn what_is_to_be_copied_must_be_said() {
    let (folder, _) = novels();
    folder.write("blank.txt", b" \n\n");
    folder.write("latin.txt", b"a\xe9\n");
    let refused: [(&[&str], i32, &str); 8] = [
        (&["--where", "245", "novels.mrc", "copy.csv"], 2, "mrrc convert writes other forms"),
        (&["--where", "245", "novels.mrc", "copy.xml.GZ"], 2, "mrrc convert writes other forms"),
        (&["novels.mrc", "copy.mrc"], 2, "--where or --ids"),
        (&["--where", "245", "novels.mrc"], 2, "the target last"),
        (&["--ids", "blank.txt", "novels.mrc", "copy.mrc"], 2, "no number in blank.txt"),
        (&["--ids", "latin.txt", "novels.mrc", "copy.mrc"], 2, "latin.txt is not a text in UTF-8"),
        (&["--ids", "no.txt", "novels.mrc", "copy.mrc"], 4, "no such file: no.txt"),
        (&["--where", "245", "novels.mrc", "./novels.mrc"], 2, "choose another name"),
    ];
    let before = folder.names();
    for (args, code, advice) in refused {
        let answer = folder.run(&[&["filter"], args].concat());
        assert_eq!((answer.code, &*answer.printed), (code, ""), "{args:?}");
        assert!(answer.said.contains(advice), "{}", answer.said);
        assert_eq!(folder.names(), before);
    }
}
