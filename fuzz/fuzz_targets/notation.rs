//! Any text of the notation is read or refused with a place in it, and what is read means the same when it is displayed.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use mrrc::{Columns, Condition, Expression, NotationError, Tags};

fn check<T: FromStr<Err = NotationError> + Display + Debug + PartialEq>(text: &str) {
    match text.parse::<T>() {
        Ok(read) => assert_eq!(read.to_string().parse::<T>(), Ok(read)),
        Err(error) => {
            assert_eq!(error.text(), text);
            assert!(error.place() <= text.chars().count());
            assert_eq!(error.to_string().lines().count(), 3);
        }
    }
}

fuzz_target!(|text: &str| {
    check::<Expression>(text);
    check::<Condition>(text);
    check::<Tags>(text);
    // The name of a column can end in a \, which no quoted text can.
    if !text.contains('\\') {
        check::<Columns>(text);
    }
});
