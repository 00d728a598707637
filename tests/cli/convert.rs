//! Files into one file of another form.

use std::fs;

use crate::folder::Folder;

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
