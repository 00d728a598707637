//! Several files as one.

use std::fs;

use crate::folder::{Folder, record};

#[test]
fn records_are_copied_without_what_stands_between_them() {
    let folder = Folder::new();
    let [one, two, three] = ["a1", "a2", "a3"].map(|number| record(number, "Emma"));
    folder.write("a.mrc", &[&b"\r\n"[..], &one, b"\n\n", &two, b"\x1a"].concat());
    folder.write("b.mrc", &three);
    folder.printed(&["concat", "a.mrc", "b.mrc", "a.mrc", "all.mrc"]);
    let all = [one.clone(), two.clone(), three, one, two].concat();
    assert_eq!(fs::read(folder.path("all.mrc")).unwrap(), all);
    assert_eq!(folder.printed(&["concat", "all.mrc", "-"]).as_bytes(), all);
}

#[test]
fn what_is_no_record_ends_the_work_or_is_left_out() {
    let folder = Folder::new();
    let [one, two] = ["a1", "a2"].map(|number| record(number, "Emma"));
    folder.write("a.mrc", &[&one[..], b"See overleaf\x1d", &two].concat());
    let answer = folder.run(&["concat", "a.mrc", "all.mrc"]);
    assert_eq!(answer.code, 3);
    assert!(answer.said.contains("offset 115: bytes that do not begin like a record"), "{}", answer.said);
    assert_eq!(folder.names(), ["a.mrc"]);

    let answer = folder.run(&["concat", "--on-error", "skip", "a.mrc", "all.mrc"]);
    assert_eq!(answer.code, 0);
    assert_eq!(
        answer.said,
        "mrrc: 2 records; 2 delivered, 1 gap of 13 bytes; mrrc check lists what is wrong\n"
    );
    assert_eq!(fs::read(folder.path("all.mrc")).unwrap(), [one, two].concat());
}
