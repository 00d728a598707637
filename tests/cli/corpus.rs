//! What holds for copies of real files, damaged or not: those in `$MRRC_CORPUS`, if that is set.

use std::collections::BTreeMap;
use std::fs;

use crate::folder::Folder;

/// All real files, as an argument.
fn real_files() -> Option<String> {
    let corpus = std::env::var("MRRC_CORPUS").ok()?;
    Some(format!("{corpus}/real/*/*"))
}

/// Runs a verb that does all of its work.
fn run(folder: &Folder, args: &[&str]) {
    let answer = folder.run(args);
    assert_eq!(answer.code, 0, "{args:?}: {}", answer.said);
}

/// How often each record is in a file of sound ones.
fn counted(bytes: &[u8]) -> BTreeMap<&[u8], usize> {
    let mut counted = BTreeMap::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = std::str::from_utf8(&rest[..5]).unwrap().parse().unwrap();
        let (record, behind) = rest.split_at(length);
        *counted.entry(record).or_default() += 1;
        rest = behind;
    }
    counted
}

#[test]
fn a_repaired_file_has_nothing_to_repair() {
    let Some(files) = real_files() else { return };
    let folder = Folder::new();
    let repair = ["repair", "--rejects", "bad.mrc", "--report", "report.csv", &files, "good.mrc"];
    assert_eq!(folder.run(&repair).code, 1);
    let again = folder.run(&["repair", "good.mrc", "again.mrc"]);
    assert!(again.code == 0 && again.said.contains(" records, none of which needs repair"), "{}", again.said);
    let [good, again, bad] =
        ["good.mrc", "again.mrc", "bad.mrc"].map(|it| fs::read(folder.path(it)).unwrap());
    assert!(good == again && good.len() > 10_000_000 && bad.len() > 1_000);
    let report = fs::read_to_string(folder.path("report.csv")).unwrap();
    let told = |severity: &str| report.lines().filter(|line| line.contains(severity)).count();
    assert!(told(",repaired,") > 500 && told(",fatal,") > 10);
    // There is no more in what is left out, and so nothing to write.
    assert_eq!(folder.run(&["repair", "bad.mrc", "of_bad.mrc"]).code, 1);
    assert!(!folder.path("of_bad.mrc").exists());
}

#[test]
fn what_meets_a_condition_and_what_does_not_are_the_sound_records() {
    let Some(files) = real_files() else { return };
    let folder = Folder::new();
    let filter = ["filter", "--on-error", "skip", "--where", "008/35-37 == 'eng' or count(650) > 1", &files];
    run(&folder, &[&filter[..], &["some.mrc"]].concat());
    run(&folder, &[&filter[..], &["--not", "others.mrc"]].concat());
    run(&folder, &["concat", "--on-error", "skip", &files, "all.mrc"]);
    let [some, others, all] =
        ["some.mrc", "others.mrc", "all.mrc"].map(|name| fs::read(folder.path(name)).unwrap());
    assert!(some.len() > 1_000_000 && others.len() > 1_000_000);
    assert!(counted(&[some, others].concat()) == counted(&all));
}

#[test]
fn the_parts_of_a_file_are_the_file() {
    let Some(files) = real_files() else { return };
    let folder = Folder::new();
    run(&folder, &["concat", "--on-error", "skip", &files, "all.mrc"]);
    let all = fs::read(folder.path("all.mrc")).unwrap();
    for cut in [["--records", "99"], ["--size", "100kB"]] {
        run(&folder, &[&["split", "--into", "parts"], &cut[..], &["all.mrc"]].concat());
        run(&folder, &["concat", "--force", "parts/*.mrc", "again.mrc"]);
        assert!(fs::read(folder.path("again.mrc")).unwrap() == all);
        fs::remove_dir_all(folder.path("parts")).unwrap();
    }
    for value in ["008/35-37", "001/0-1", "year(008/07-10)"] {
        run(&folder, &["split", "--by", value, "--into", "parts", "all.mrc"]);
        run(&folder, &["concat", "--force", "parts/*.mrc", "again.mrc"]);
        assert!(counted(&fs::read(folder.path("again.mrc")).unwrap()) == counted(&all), "{value}");
        fs::remove_dir_all(folder.path("parts")).unwrap();
    }
}
