use std::cell::Cell;

use arrow_array::Array;

use super::*;

thread_local! {
    static MOST: Cell<usize> = const { Cell::new(i32::MAX as usize) };
}

/// Lowered in tests: the real limit takes 2 GiB of memory.
pub(crate) fn most() -> usize {
    MOST.get()
}

/// Runs `work` with columns that hold no more than `most` bytes.
pub(crate) fn with_most<T>(most: usize, work: impl FnOnce() -> T) -> T {
    let before = MOST.replace(most);
    let done = work();
    MOST.set(before);
    done
}

fn texts(array: &StringArray) -> Vec<&str> {
    array.iter().flatten().collect()
}

#[test]
fn a_value_of_another_width_gets_offsets() {
    let mut codes = FixedTexts::with_capacity(1, 4);
    codes.extend(b"a");
    codes.push("é");
    codes.push("");
    codes.extend(b"bc");
    assert_eq!(texts(&codes.finish(None).unwrap()), ["a", "é", "", "b", "c"]);
}

#[test]
fn values_of_a_draft_follow_those_before() {
    let mut values = Texts::with_capacity(8, 1);
    values.push("one");
    values.extend(&Text { bytes: "twothré".as_bytes(), ends: &[3, 3, 8] });
    assert_eq!(texts(&values.finish(None).unwrap()), ["one", "two", "", "thré"]);

    let mut lists = Ends::with_capacity(1);
    lists.push(2);
    lists.extend(2, &[0, 3]);
    assert_eq!(&*lists.finish(5).unwrap(), [0, 2, 2, 5]);
}

#[test]
fn validity_of_any_length_is_what_was_pushed() {
    for length in 0..70 {
        let are_there: Vec<bool> = (0..length).map(|place| place * place % 7 < 3).collect();
        let mut validity = Validity::with_capacity(0);
        validity.extend(&are_there);
        assert_eq!(validity.finish().iter().collect::<Vec<_>>(), are_there);
    }
}

#[test]
fn what_is_there_where_others_are_not_may_be_elsewhere_too() {
    let mut others = Validity::with_capacity(3);
    others.extend(&[true, false, true]);
    let validity = complement(&others.finish(), &[2]);
    assert_eq!(validity.iter().collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn what_is_cut_leaves_no_trace() {
    let mut values = Texts::with_capacity(8, 1);
    values.push("kept");
    let mark = values.mark();
    values.push("dropped");
    values.cut(mark);
    values.push("also kept");
    assert_eq!(texts(&values.finish(None).unwrap()), ["kept", "also kept"]);

    let mut codes = FixedTexts::with_capacity(1, 1);
    codes.push("a");
    let mark = codes.mark();
    codes.push("wide");
    codes.cut(mark);
    codes.push("b");
    assert_eq!(texts(&codes.finish(None).unwrap()), ["a", "b"]);
}

#[test]
fn shared_offsets_serve_every_length() {
    for rows in [0, 1, 5, (1 << 17) + 1] {
        let mut tags = FixedTexts::with_capacity(3, rows);
        tags.extend(&b"245".repeat(rows));
        assert_eq!(tags.finish(None).unwrap().len(), rows);
    }
}

fn is_too_long<T>(finished: Result<T, ArrowError>) -> bool {
    matches!(finished, Err(ArrowError::OffsetOverflowError(_)))
}

#[test]
fn a_column_that_is_too_long_for_its_offsets_is_an_error() {
    let texts = |texts: &[&str]| {
        let mut column = Texts::with_capacity(0, 0);
        texts.iter().for_each(|text| column.push(text));
        column.finish(None)
    };
    let tags = |tags: &[u8], odd: &str| {
        let mut column = FixedTexts::with_capacity(3, 0);
        column.extend(tags);
        column.push(odd);
        column.finish(None)
    };
    with_most(9, || {
        assert!(texts(&["one", "two", "six"]).is_ok());
        assert!(is_too_long(texts(&["one", "two", "three"])));
        assert!(tags(b"245", "700").is_ok());
        assert!(is_too_long(tags(b"245500650", "700")));
        assert!(is_too_long(tags(b"245500", "wide")));
        assert!(is_too_long(
            [Some("ten"), None, Some("letters")].into_iter().collect::<OptionalTexts>().finish()
        ));
        assert!(is_too_long([Some(&b"ten bytes "[..])].into_iter().collect::<Binaries>().finish()));
        let mut lists = Ends::with_capacity(1);
        lists.push(10);
        assert!(is_too_long(lists.finish(10)));
    });
}

#[test]
fn what_is_cut_does_not_count_for_the_length() {
    with_most(9, || {
        let mut values = Texts::with_capacity(0, 0);
        values.push("kept");
        let mark = values.mark();
        values.push("far too long");
        values.cut(mark);
        assert_eq!(texts(&values.finish(None).unwrap()), ["kept"]);
    });
}

#[test]
fn what_does_not_fit_together_is_an_error() {
    assert!(checked(vec![0, 2, 1], 2).is_err());
    assert!(checked(vec![1, 2], 2).is_err());
    assert!(checked(Vec::new(), 0).is_err());
    let mut values = Texts::with_capacity(0, 0);
    values.push("one");
    assert!(values.finish(Some(NullBuffer::new_valid(2))).is_err());
}
