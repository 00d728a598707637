//! Damaged files made sound, and the bytes that cannot be.

use std::fs;

use mrrc::forms::WriteOptions;
use mrrc::internals::iso2709::oversize::Oversize;
use mrrc::{RecordBuf, Writer};

use crate::folder::{Folder, record};

/// A record whose length is wrong.
fn with_wrong_length(mut record: Vec<u8>) -> Vec<u8> {
    record[..5].copy_from_slice(b"00099");
    record
}

#[test]
fn what_is_sound_is_copied_byte_for_byte() {
    let folder = Folder::of_records();
    let odd = [record("a1", "One\x1fATwo"), record("a2", "Caf_")].concat();
    let odd: Vec<_> = odd.iter().map(|&byte| if byte == b'_' { 0xE9 } else { byte }).collect();
    folder.write("odd.mrc", &odd);
    let answer = folder.run(&["repair", "sound.mrc", "odd.mrc", "good.mrc"]);
    assert_eq!((answer.code, &*answer.printed), (0, ""));
    let said = "mrrc: 5 records, none of which needs repair; text is not looked at, which mrrc check does\n";
    assert_eq!(answer.said, said);
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), [sound, odd].concat());
}

#[test]
fn what_is_repaired_is_told_and_sound() {
    let folder = Folder::of_records();
    let answer = folder.run(&["repair", "damaged.mrc", "good.mrc"]);
    assert_eq!((answer.code, &*answer.printed), (0, ""));
    assert_eq!(
        answer.said,
        "mrrc: 1 finding in 3 records of damaged.mrc\n\n  \
         severity  code           record  control_number  message\n  \
         repaired  record-length       1  a2              the record length in the leader is wrong; found 00099; expected 00115\n\n\
         3 records; 3 delivered (1 of them repaired); text is not looked at, which mrrc check does\n"
    );
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), fs::read(folder.path("sound.mrc")).unwrap());
    assert_eq!(folder.printed(&["check", "good.mrc"]), "3 records, nothing wrong\n");
    let output = folder.command(&["repair", "damaged.mrc", "-"]).output().unwrap();
    assert_eq!(output.stdout, fs::read(folder.path("sound.mrc")).unwrap());
}

#[test]
fn the_text_of_a_repaired_record_stays_in_its_encoding() {
    let folder = Folder::new();
    // In MARC-8, and a byte that is nothing in it.
    let with_bytes = |record: Vec<u8>| -> Vec<u8> {
        record
            .into_iter()
            .map(|byte| match byte {
                b'_' => 0xE2,
                b'^' => 0xFF,
                other => other,
            })
            .collect()
    };
    let mut sound = with_bytes(record("a1", "caf_e ^"));
    sound[9] = b' ';
    folder.write("marc8.mrc", &with_wrong_length(sound.clone()));
    assert_eq!(folder.run(&["repair", "marc8.mrc", "good.mrc"]).code, 0);
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), sound);
}

/// A file with a record that is sound, one to repair, one that cannot be, and one that is too long to be sound.
fn of_all_kinds() -> (Folder, [Vec<u8>; 5]) {
    let folder = Folder::new();
    let sound = record("a1", "Emma");
    let mut lost = record("a3", "Emma");
    lost[24] = 1;
    let mut long = RecordBuf::default();
    long.push_control("001", "a4").unwrap();
    long.push_data("505", [' ', ' '], [('a', &*"x".repeat(12_000))]).unwrap();
    let options = WriteOptions { oversize: Oversize::Saturate, ..WriteOptions::default() };
    let mut writer = Writer::new(Vec::new()).with_options(options);
    writer.write(&long).unwrap();
    let long = writer.finish().unwrap();
    let all = [sound, with_wrong_length(record("a2", "Emma")), lost, b"See overleaf\x1d".to_vec(), long];
    folder.write("vendor.mrc", &all.concat());
    (folder, all)
}

#[test]
fn what_cannot_be_repaired_is_kept_apart() {
    let (folder, [sound, _, lost, gap, long]) = of_all_kinds();
    let answer = folder.run(&["repair", "--rejects", "bad.mrc", "vendor.mrc", "good.mrc"]);
    assert_eq!((answer.code, &*answer.printed), (1, ""));
    assert!(answer.said.contains("\n  fatal     gap "), "{}", answer.said);
    assert!(answer.said.contains("the field has more than the 9,999 bytes"), "{}", answer.said);
    assert!(
        answer.said.contains("4 records; 2 delivered (1 of them repaired), 2 rejected"),
        "{}",
        answer.said
    );
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), [sound, record("a2", "Emma")].concat());
    let rejects = [lost, gap, long].concat();
    assert_eq!(fs::read(folder.path("bad.mrc")).unwrap(), rejects);

    // What is asked for appears, even if there is nothing in it.
    let again = ["repair", "--force", "--rejects", "bad.mrc", "good.mrc", "again.mrc"];
    assert_eq!(folder.run(&again).code, 0);
    assert_eq!(fs::read(folder.path("bad.mrc")).unwrap(), b"");
}

#[test]
fn a_file_without_a_record_gives_none() {
    let folder = Folder::new();
    folder.write("vendor.mrc", b"TITLE: Emma\nAUTHOR: Austen\n");
    let answer = folder.run(&["repair", "vendor.mrc", "good.mrc"]);
    assert_eq!((answer.code, folder.names().len()), (1, 1), "{}", answer.said);
    assert!(answer.said.ends_with("good.mrc is not written: there is no record for it\n"), "{}", answer.said);
}

#[test]
fn check_writes_the_bytes_of_what_cannot_be_read() {
    let (folder, [.., lost, gap, long]) = of_all_kinds();
    // Longer than anything that is held in memory.
    let longer = b"y".repeat(9 << 20);
    folder.write("vendor.mrc", &[&lost[..], &gap, &long, &longer].concat());
    let answer = folder.run(&["check", "--rejects", "bad.mrc", "vendor.mrc"]);
    assert_eq!(answer.code, 1);
    let rejects = fs::read(folder.path("bad.mrc")).unwrap();
    assert_eq!(rejects.len(), lost.len() + gap.len() + longer.len());
    assert_eq!(rejects, [lost, gap, longer].concat());
    assert_eq!(answer.printed, folder.run(&["check", "vendor.mrc"]).printed);
}

#[test]
fn a_report_has_each_repair_and_each_reject() {
    let (folder, _) = of_all_kinds();
    let repair =
        |report| folder.run(&["repair", "--force", "--report", report, "vendor.mrc", "good.mrc"]).code;
    assert_eq!((repair("report.csv"), repair("report.json")), (1, 1));
    let csv = fs::read_to_string(folder.path("report.csv")).unwrap();
    let json = fs::read_to_string(folder.path("report.json")).unwrap();
    let rows: Vec<_> = csv.lines().collect();
    assert!(rows[0].starts_with("record,severity,code,"), "{csv}");
    assert!(rows[1].starts_with("1,repaired,record-length,"), "{csv}");
    assert!(rows[2].starts_with("2,fatal,entry-tag,"), "{csv}");
    assert!(rows[3].starts_with(",fatal,gap,"), "{csv}");
    assert!(rows.last().unwrap().starts_with("3,fatal,unwritable,"), "{csv}");
    assert_eq!(json.lines().count(), rows.len() - 1);
    assert!(json.starts_with("{\"record\":1,\"severity\":\"repaired\","), "{json}");
    // There is nothing left to be done about a finding.
    assert!(!csv.contains("--on-error") && !json.contains("--on-error"));

    let answer =
        folder.run(&["repair", "--force", "--limit", "1", "--report", "few.csv", "vendor.mrc", "good.mrc"]);
    assert!(answer.said.contains("are listed; --limit sets how many"), "{}", answer.said);
    assert_eq!(repair("report.txt"), 2);
}

#[test]
fn nothing_is_written_over() {
    let (folder, all) = of_all_kinds();
    for (rejects, target, advice) in [
        ("vendor.mrc", "good.mrc", "vendor.mrc is read"),
        ("bad.mrc", "vendor.mrc", "vendor.mrc is read"),
        ("./x.mrc", "x.mrc", "./x.mrc is named twice"),
        ("-", "x.mrc", "name a file"),
    ] {
        let answer = folder.run(&["repair", "--rejects", rejects, "vendor.mrc", target]);
        assert_eq!(answer.code, 2, "{rejects} {target}");
        assert!(answer.said.contains(advice), "{}", answer.said);
        assert_eq!(folder.names(), ["vendor.mrc"]);
    }
    assert_eq!(fs::read(folder.path("vendor.mrc")).unwrap(), all.concat());
}
