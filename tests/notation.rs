//! The notation beside MARCspec: its public test suite, as `tools/make_marcspec.py` has it.

use mrrc::Expression;

#[test]
fn what_marcspec_allows_is_read_and_what_it_forbids_is_refused() {
    let mut differences = 0;
    for line in include_str!("data/marcspec.txt").lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [spec, valid, ref difference @ ..] = columns[..] else { panic!("{line:?} has no two columns") };
        let read = spec.parse::<Expression>();
        assert_eq!(read.is_ok(), (valid == "valid") == difference.is_empty(), "{line}: {read:?}");
        differences += difference.len();
    }
    assert_eq!(differences, 294, "of 2,884 specs");
}
