//! Verbs that look into a file: count, head, check.

use crate::folder::{Folder, record};

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
    assert!(records[0].starts_with("=LDR  00115nam\\a2200061\\a\\4500\n=001  a1\n"), "{printed}");
    assert!(records[1].ends_with("=245  10$aEmma\n"), "{printed}");
    assert_eq!(folder.printed(&["head", "-2", "sound.mrc"]), printed);
    assert_eq!(folder.run(&["head", "-x2", "sound.mrc"]).code, 2);
}

#[test]
fn a_check_exits_with_1_if_it_finds_what_other_verbs_stop_at() {
    let folder = Folder::of_records();
    assert_eq!(folder.printed(&["check", "sound.mrc"]), "3 records, nothing wrong\n");
    let odd = folder.printed(&["check", "odd.mrc"]);
    assert!(odd.contains("subfield-code"), "{odd}");
    let damaged = folder.run(&["check", "damaged.mrc"]);
    assert_eq!((damaged.code, &*damaged.said), (1, ""));
    assert!(damaged.printed.starts_with("1 finding in 3 records of damaged.mrc\n"), "{}", damaged.printed);
    let latin = folder.run(&["check", &in_latin_1(&folder)]);
    assert_eq!((latin.code, latin.printed.contains("utf8-invalid")), (1, true), "{}", latin.printed);
    for file in ["damaged.mrc", "latin.mrc"] {
        assert_eq!(folder.run(&["convert", file, "target.jsonl"]).code, 3, "{file}");
    }
}

/// A record that declares UTF-8 and is in another encoding.
fn in_latin_1(folder: &Folder) -> String {
    let record = record("a1", "Caf_ des arts");
    let bytes: Vec<_> = record.iter().map(|byte| if *byte == b'_' { 0xE9 } else { *byte }).collect();
    folder.write("latin.mrc", &bytes);
    "latin.mrc".into()
}

#[test]
fn examples_of_a_description_are_read_as_the_bytes_suggest() {
    let folder = Folder::new();
    let file = in_latin_1(&folder);
    assert!(folder.printed(&["describe", &file]).contains("Café des arts"));
    assert!(folder.printed(&["describe", "--encoding", "declared", &file]).contains("Caf\u{FFFD} des arts"));
}

#[test]
fn programs_read_findings_as_csv_or_json() {
    let folder = Folder::of_records();
    let csv = folder.run(&["check", "--format", "csv", "damaged.mrc"]);
    let json = folder.run(&["check", "--format", "json", "damaged.mrc"]);
    assert_eq!((csv.code, json.code), (1, 1));
    let (head, row) = csv.printed.trim_end().split_once('\n').unwrap();
    // The same columns in the same order, and no more than one finding.
    let names: Vec<_> = json.printed.split("\":").filter_map(|part| part.rsplit('"').next()).collect();
    assert_eq!(head.split(',').collect::<Vec<_>>(), names[..names.len() - 1]);
    assert!(row.starts_with("1,repaired,record-length,,,00099,00115,damaged.mrc,115,115,"), "{row}");
    assert_eq!(json.printed.lines().count(), 1);
    assert!(json.printed.starts_with("{\"record\":1,\"severity\":\"repaired\",\"code\":\"record-length\","));

    let cut = folder.run(&["check", "--format", "csv", "--limit", "0", "damaged.mrc"]);
    assert_eq!(cut.said, "mrrc: 0 of 1 finding are listed; --limit sets how many\n");
}
