//! Records chosen at random.

use std::fs;

use crate::folder::{Folder, record};

/// A thousand records, each with its place as its number.
fn thousand() -> Folder {
    let folder = Folder::new();
    let records: Vec<_> = (0..1000).map(|it| record(&format!("{it:03}"), "Emma")).collect();
    folder.write("all.mrc", &records.concat());
    folder
}

/// The numbers of a sample, whose records are the bytes that they were.
fn sample(folder: &Folder, args: &[&str]) -> Vec<usize> {
    let printed = folder.printed(&[&["sample"], args, &["all.mrc", "-"]].concat());
    let bytes = printed.into_bytes();
    let length = record("000", "Emma").len();
    let number = |bytes: &[u8]| {
        let number = (0..1000).find(|it| record(&format!("{it:03}"), "Emma") == bytes);
        number.unwrap()
    };
    bytes.chunks(length).map(number).collect()
}

#[test]
fn a_sample_has_so_many_records_in_their_order() {
    let folder = thousand();
    let chosen = sample(&folder, &["-n", "50"]);
    assert_eq!(chosen.len(), 50);
    assert!(chosen.is_sorted_by(|one, other| one < other));
    // From all of the file.
    assert!(chosen[0] < 200 && chosen[49] > 800, "{chosen:?}");
    assert_eq!(sample(&folder, &["-n", "5000"]).len(), 1000);
    assert_eq!(sample(&folder, &["-n", "0"]).len(), 0);
    assert_eq!(sample(&folder, &["-n", "3", "--where", "001 in ('007', '300', '999', '500')"]).len(), 3);
}

#[test]
fn a_seed_says_which_records() {
    let folder = thousand();
    let usual = sample(&folder, &["-n", "20"]);
    assert_eq!(sample(&folder, &["-n", "20", "--seed", "1", "--threads", "1"]), usual);
    assert_ne!(sample(&folder, &["-n", "20", "--seed", "2"]), usual);
    let share = sample(&folder, &["--share", "10%"]);
    assert_eq!(sample(&folder, &["--share", "10 %", "--seed", "1"]), share);
    assert_ne!(sample(&folder, &["--share", "10%", "--seed", "2"]), share);
}

#[test]
fn a_share_is_the_chance_of_each_record() {
    let folder = thousand();
    let chosen = sample(&folder, &["--share", "10%"]);
    assert!((60..140).contains(&chosen.len()), "{}", chosen.len());
    assert!(chosen.is_sorted_by(|one, other| one < other));
    assert_eq!(sample(&folder, &["--share", "100%"]).len(), 1000);
    assert_eq!(sample(&folder, &["--share", "0%"]).len(), 0);
}

#[test]
fn several_files_have_one_sample() {
    let folder = thousand();
    fs::copy(folder.path("all.mrc"), folder.path("again.mrc")).unwrap();
    let args = ["sample", "-n", "40", "all.mrc", "again.mrc", "sample.mrc"];
    folder.printed(&args);
    assert_eq!(folder.printed(&["count", "sample.mrc"]), "40\n");
}

#[test]
fn the_size_of_a_sample_must_be_said() {
    let folder = thousand();
    let refused: [(&[&str], &str); 5] = [
        (&[], "--records <N>|--share"),
        (&["-n", "3", "--share", "1%"], "cannot be used with"),
        (&["--share", "1"], "such as 1% or 0.5%"),
        (&["--share", "101%"], "such as 1% or 0.5%"),
        (&["--share", "nan%"], "such as 1% or 0.5%"),
    ];
    for (args, advice) in refused {
        let answer = folder.run(&[&["sample"], args, &["all.mrc", "-"]].concat());
        assert_eq!((answer.code, &*answer.printed), (2, ""));
        assert!(answer.said.contains(advice), "{}", answer.said);
    }
}
