//! Records chosen by number, control number or condition.

use std::fs;

use crate::folder::{Folder, record};

/// The control numbers of the records that are printed as MARCMaker text.
fn numbers(printed: &str) -> Vec<&str> {
    printed.lines().filter_map(|line| line.strip_prefix("=001  ")).collect()
}

#[test]
fn a_number_is_that_of_findings() {
    let folder = Folder::of_records();
    let finding = folder.run(&["check", "--format", "csv", "damaged.mrc"]).printed;
    let number = finding.lines().nth(1).unwrap().split(',').next().unwrap();
    let args = ["show", "--number", number, "damaged.mrc"];
    assert_eq!(numbers(&folder.run(&args).printed), ["a2"]);
}

#[test]
fn numbers_can_be_ranges_and_count_in_each_file() {
    let folder = Folder::of_records();
    assert_eq!(numbers(&folder.printed(&["show", "--number", "2,0-0", "sound.mrc"])), ["a1", "a3"]);
    let both = folder.printed(&["show", "--number", "0", "--format", "card", "sound.mrc", "odd.mrc"]);
    let headings: Vec<_> = both.lines().filter(|line| line.starts_with("record")).collect();
    assert_eq!(headings, ["record 0 of sound.mrc", "record 0 of odd.mrc"]);
}

#[test]
fn nothing_is_read_behind_the_last_number() {
    let folder = Folder::of_records();
    assert_eq!(numbers(&folder.printed(&["show", "--number", "0", "damaged.mrc"])), ["a1"]);
    let answer = folder.run(&["show", "--number", "0-1", "damaged.mrc"]);
    assert_eq!((answer.code, numbers(&answer.printed)), (0, vec!["a1", "a2"]));
    assert!(answer.said.contains("1 of them repaired"), "{}", answer.said);
    let strict = ["show", "--on-error", "raise", "--number"];
    assert_eq!(folder.run(&[&strict[..], &["0", "damaged.mrc"]].concat()).code, 0);
    assert_eq!(folder.run(&[&strict[..], &["0-1", "damaged.mrc"]].concat()).code, 3);
}

#[test]
fn control_numbers_are_compared_without_blanks_around_them() {
    let folder = Folder::new();
    let ids = ["ocm1 ", "a.b", "axb", "o'x\\"];
    let records: Vec<_> = ids.iter().map(|id| record(id, "Emma")).collect();
    folder.write("some.mrc", &records.concat());
    for (id, found) in [("ocm1", "ocm1\\"), ("a.b", "a.b"), (" o'x\\ ", "o'x{bsol}")] {
        assert_eq!(numbers(&folder.printed(&["show", "--id", id, "some.mrc"])), [found], "{id}");
    }
    assert_eq!(numbers(&folder.printed(&["show", "--id", "axb,ocm1", "some.mrc"])), ["ocm1\\", "axb"]);
    let both = ["show", "--id", "axb,ocm1", "--where", "001 ~ 'x'", "some.mrc"];
    assert_eq!(numbers(&folder.run(&both).printed), ["axb"]);
}

#[test]
fn what_is_not_there_is_told_and_exits_with_1() {
    let folder = Folder::of_records();
    let missing: [(&[&str], &str); 4] = [
        (&["--number", "1-2,3"], "sound.mrc: there is no record 3; the last is 2"),
        (&["--id", "a1,zz"], "no record has the control number zz"),
        (&["--where", "880"], "nothing to show"),
        (&["--number", "1", "--where", "001 = 'a1'"], "nothing to show"),
    ];
    for (args, told) in missing {
        let answer = folder.run(&[&["show"], args, &["sound.mrc"]].concat());
        assert_eq!((answer.code, &*answer.said), (1, &*format!("mrrc: {told}\n")), "{args:?}");
    }
}

#[test]
fn a_card_names_fields_and_says_what_was_repaired() {
    let folder = Folder::of_records();
    let args = ["show", "--number", "1", "--format", "card", "--on-error", "recover", "damaged.mrc"];
    let card = folder.run(&args).printed;
    assert!(card.starts_with("record 1\nLDR  Leader"), "{card}");
    assert!(card.contains("\n245  Title statement    10  $a Emma\n"), "{card}");
    assert!(card.contains("(record-length); found 00099; expected 00115\n"), "{card}");
    let unimarc = folder.printed(&["head", "--format", "card", "--dialect", "unimarc", "sound.mrc"]);
    assert!(!unimarc.contains("Title statement"), "{unimarc}");
}

#[test]
fn what_is_shown_is_what_convert_writes() {
    let folder = Folder::of_records();
    for (format, target) in [("mrk", "all.mrk"), ("json", "all.jsonl")] {
        folder.printed(&["convert", "sound.mrc", target]);
        let shown = folder.printed(&["show", "--number", "0-2", "--format", format, "sound.mrc"]);
        assert_eq!(fs::read_to_string(folder.path(target)).unwrap(), shown);
        assert_eq!(folder.printed(&["head", "--format", format, "sound.mrc"]), shown);
    }
}

#[test]
fn a_record_that_marcmaker_cannot_say_is_shown_all_the_same() {
    let folder = Folder::of_records();
    let odd = record("a9", "Emma");
    let odd: Vec<u8> = odd
        .windows(3)
        .position(|tag| tag == b"245")
        .map_or(odd.clone(), |place| [&odd[..place], b"2 5", &odd[place + 3..]].concat());
    folder.write("tags.mrc", &[record("a8", "Emma"), odd].concat());
    let answer = folder.run(&["head", "tags.mrc"]);
    assert_eq!(answer.code, 0);
    assert_eq!(numbers(&answer.printed), ["a8"]);
    assert!(answer.printed.contains("2 5"), "{}", answer.printed);
    assert!(answer.said.starts_with("mrrc: record 1 is shown as a card: "), "{}", answer.said);
}
