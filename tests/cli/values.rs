//! Verbs that show what records hold: select, frequency.

use crate::folder::{Folder, record};

#[test]
fn a_pipe_gets_csv() {
    let folder = Folder::of_records();
    let all = folder.printed(&["select", "id = 001, title = 245$a", "sound.mrc"]);
    assert_eq!(all, "id,title\na1,Emma\na2,Emma\na3,Emma\n");
    let first =
        folder.printed(&["select", "-n", "1", "--format", "tsv", "id = 001, title = 245$a", "sound.mrc"]);
    assert_eq!(first, "id\ttitle\na1\tEmma\n");
    let json =
        folder.printed(&["select", "--format", "json", "id = 001, title = 245$a, none = 500$a", "sound.mrc"]);
    assert_eq!(json.lines().next(), Some(r#"{"id":"a1","title":["Emma"],"none":[]}"#));
}

#[test]
fn values_are_counted_and_the_most_frequent_are_first() {
    let folder = Folder::of_records();
    let titles: Vec<_> = ["Emma", "Persuasion", "Emma"].iter().map(|title| record("a", title)).collect();
    folder.write("titles.mrc", &titles.concat());
    assert_eq!(folder.printed(&["frequency", "245$a", "titles.mrc"]), "value,count\nEmma,2\nPersuasion,1\n");
    let json = ["frequency", "-n", "1", "--format", "json", "245$a", "titles.mrc"];
    assert_eq!(folder.printed(&json), "{\"value\":\"Emma\",\"count\":2}\n");
    let first = ["frequency", "-n", "1", "--format", "table", "245$a", "titles.mrc"];
    assert_eq!(
        folder.printed(&first),
        "  value  count\n  Emma       2\n  … the first 1 row; -n shows more\n"
    );
}

#[test]
#[cfg(unix)]
fn a_file_of_the_home_folder_is_one_file() {
    let folder = Folder::of_records();
    for (file, head) in [("~/sound.mrc", "001\n"), ("~/soun?.mrc", "001,source\n")] {
        let mut command = folder.command(&["select", "001", file]);
        let output = command.env("HOME", folder.path("")).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.starts_with(head), "{printed}");
    }
}
