//! One file as several.

use std::fs;
use std::process::{Command, Stdio};

use crate::folder::{Folder, record};

/// The names in a folder, and what is in each file.
fn parts(folder: &Folder, name: &str) -> Vec<(String, Vec<u8>)> {
    let path = folder.path(name);
    let mut parts: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    parts.sort();
    parts
}

fn names(parts: &[(String, Vec<u8>)]) -> Vec<&str> {
    parts.iter().map(|(name, _)| name.as_str()).collect()
}

fn joined(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
}

/// Seven records, of 120 to 126 bytes.
fn seven() -> (Folder, Vec<Vec<u8>>) {
    let folder = Folder::new();
    let records: Vec<_> = (1..=7).map(|it| record(&format!("a{it}"), &"x".repeat(8 + it))).collect();
    folder.write("seven.mrc", &records.concat());
    (folder, records)
}

#[test]
fn parts_have_so_many_records_and_are_the_file_one_after_another() {
    let (folder, records) = seven();
    let answer = folder.run(&["split", "--records", "3", "--into", "parts", "seven.mrc"]);
    assert_eq!((answer.code, &*answer.printed, &*answer.said), (0, "", "mrrc: 3 files in parts\n"));
    let parts = parts(&folder, "parts");
    assert_eq!(names(&parts), ["seven-0001.mrc", "seven-0002.mrc", "seven-0003.mrc"]);
    assert_eq!(parts[0].1, records[..3].concat());
    assert_eq!(joined(&parts), records.concat());
}

#[test]
fn parts_have_so_many_bytes_unless_one_record_has_more() {
    let (folder, records) = seven();
    assert_eq!(folder.run(&["split", "--size", "300B", "--into", "parts", "seven.mrc"]).code, 0);
    let two_each = parts(&folder, "parts");
    assert_eq!(two_each.len(), 4);
    assert!(two_each.iter().all(|(_, bytes)| bytes.len() <= 300));
    assert_eq!(joined(&two_each), records.concat());
    assert_eq!(folder.run(&["split", "--size", "1", "--into", "ones", "seven.mrc"]).code, 0);
    assert_eq!(parts(&folder, "ones").len(), 7);
    assert_eq!(folder.run(&["split", "--size", "1 MB", "--into", "one", "seven.mrc"]).code, 0);
    assert_eq!(parts(&folder, "one"), [("seven-0001.mrc".to_owned(), records.concat())]);
}

#[test]
fn each_value_has_a_file_whose_name_is_safe() {
    let folder = Folder::new();
    let titles = ["Emma", "a/../b", "EMMA", "Emma", " C:\\x y*", "", "no-value", "C. ", "Ému\u{7}", "%"];
    let records: Vec<_> = titles.iter().map(|title| record("a1", title)).collect();
    folder.write("titles.mrc", &records.concat());
    assert_eq!(folder.run(&["split", "--by", "245$a", "--into", "parts", "titles.mrc"]).code, 0);
    let found = parts(&folder, "parts");
    let expected = [
        "titles-%20C%3A%5Cx y%2A.mrc",
        "titles-%25.mrc",
        "titles-C.%20.mrc",
        "titles-EMMA~2.mrc",
        "titles-Emma.mrc",
        "titles-a%2F..%2Fb.mrc",
        "titles-no-value.mrc",
        "titles-no-value~2.mrc",
        "titles-\u{c9}mu%07.mrc",
    ];
    assert_eq!(names(&found), expected);
    let of = |name: &str| &found.iter().find(|(it, _)| it == name).unwrap().1;
    assert_eq!(*of("titles-Emma.mrc"), record("a1", "Emma").repeat(2));
    assert_eq!(*of("titles-no-value.mrc"), record("a1", ""));
    assert_eq!(joined(&found).len(), records.concat().len());
}

#[test]
fn values_need_not_be_text() {
    let (folder, records) = seven();
    assert_eq!(folder.run(&["split", "--by", "year(008/07-10)", "--into", "years", "seven.mrc"]).code, 0);
    assert_eq!(parts(&folder, "years"), [("seven-1815.mrc".to_owned(), records.concat())]);
    assert_eq!(folder.run(&["split", "--by", "650$a", "--name", "x", "--into", "none", "seven.mrc"]).code, 0);
    assert_eq!(parts(&folder, "none"), [("x-no-value.mrc".to_owned(), records.concat())]);
}

#[test]
fn names_are_those_of_the_first_file() {
    let (folder, records) = seven();
    fs::copy(folder.path("seven.mrc"), folder.path("two.parts.mrc.GZ")).unwrap();
    let split = ["split", "--records", "100", "--into"];
    assert_eq!(folder.run(&[&split[..], &["a", "two.parts.mrc.GZ", "seven.mrc"]].concat()).code, 0);
    assert_eq!(parts(&folder, "a"), [("two.parts-0001.mrc".to_owned(), records.concat().repeat(2))]);
    let mut command = folder.command(&[&split[..], &["b", "-"]].concat());
    let input = fs::File::open(folder.path("seven.mrc")).unwrap();
    assert!(command.stdin(input).stderr(Stdio::null()).status().unwrap().success());
    assert_eq!(names(&parts(&folder, "b")), ["records-0001.mrc"]);
    assert_eq!(folder.run(&[&split[..], &["b", "--name", "x/y", "seven.mrc"]].concat()).code, 0);
    assert_eq!(names(&parts(&folder, "b")), ["records-0001.mrc", "x%2Fy-0001.mrc"]);
}

#[test]
fn all_parts_appear_or_none() {
    let folder = Folder::of_records();
    let before = folder.names();
    let split = ["split", "--records", "1", "--into", "parts", "damaged.mrc"];
    assert_eq!(folder.run(&split).code, 3);
    assert_eq!(folder.names(), before);
    fs::create_dir(folder.path("parts")).unwrap();
    folder.write("parts/other.mrc", b"");
    assert_eq!(folder.run(&split).code, 3);
    assert_eq!(names(&parts(&folder, "parts")), ["other.mrc"]);
    assert_eq!(folder.run(&["split", "--records", "1", "--into", "no/parts", "sound.mrc"]).code, 4);
}

#[test]
fn without_records_there_are_no_parts() {
    let (folder, _) = seven();
    let args = ["split", "--records", "1", "--where", "not 001", "--into", "parts", "seven.mrc"];
    let answer = folder.run(&args);
    assert_eq!((answer.code, &*answer.said), (0, "mrrc: no records, so there are no parts\n"));
    assert_eq!(folder.names(), ["seven.mrc"]);
}

#[test]
fn nothing_is_written_beside_what_could_be_taken_for_a_part() {
    let (folder, records) = seven();
    let split = |size| folder.run(&["split", "--records", size, "--into", "parts", "seven.mrc"]);
    assert_eq!(split("1").code, 0);
    let answer = split("3");
    assert_eq!(answer.code, 2);
    assert!(answer.said.starts_with("mrrc: parts has seven-000"), "{}", answer.said);
    assert_eq!(joined(&parts(&folder, "parts")), records.concat());
}

#[test]
fn what_cannot_name_a_file_is_refused() {
    let (folder, _) = seven();
    let refused: [(&[&str], &str); 6] = [
        (&["seven.mrc"], "--records <N>|--size <SIZE>|--by <EXPRESSION>"),
        (&["--records", "0", "seven.mrc"], "0 is not in"),
        (&["--size", "1.5GB", "seven.mrc"], "100MB"),
        (&["--size", "0", "seven.mrc"], "100MB"),
        (&["--records", "5", "--by", "001", "seven.mrc"], "cannot be used with"),
        (&["--by", "245", "seven.mrc"], "text(245)"),
    ];
    for (args, advice) in refused {
        let answer = folder.run(&[&["split", "--into", "parts"], args].concat());
        assert_eq!(answer.code, 2, "{args:?}");
        assert!(answer.said.contains(advice), "{}", answer.said);
        assert_eq!(folder.names(), ["seven.mrc"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn there_may_be_more_values_than_files_that_can_be_open() {
    let folder = Folder::new();
    let title = "x".repeat(5_000);
    let many: Vec<_> = (0..9_000).map(|it| record(&format!("{:03}", it * 7 % 300), &title)).collect();
    folder.write("many.mrc", &many.concat());
    let script =
        format!("ulimit -n 40; exec '{}' split --by 001 --into parts many.mrc", env!("CARGO_BIN_EXE_mrrc"));
    let status =
        Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
    let parts = parts(&folder, "parts");
    assert_eq!(parts.len(), 300);
    assert!(parts.iter().all(|(name, bytes)| {
        let number = name.trim_start_matches("many-").trim_end_matches(".mrc");
        *bytes == record(number, &title).repeat(30)
    }));
}
