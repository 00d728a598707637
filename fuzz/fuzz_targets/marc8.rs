//! MARC-8: any bytes become text in which each U+FFFD is a fault with a place, and text that can be written
//! comes back, composed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mrrc::internals::charset::{Fault, marc8};
use mrrc::internals::diagnostic::Code;
use unicode_normalization::{UnicodeNormalization, is_nfc};

fn decoded(bytes: &[u8]) -> (String, Vec<Fault>) {
    let (mut text, mut faults) = (String::new(), Vec::new());
    marc8::decode(bytes, &mut text, &mut |fault| faults.push(fault));
    (text, faults)
}

/// How many have no character; marks on no letter are kept.
fn undecodable(faults: &[Fault]) -> usize {
    faults.iter().filter(|fault| fault.code != Code::Marc8Mark).count()
}

/// Text that is composed and can be written comes back as it was.
fn check_text(text: &str) -> bool {
    let mut bytes = Vec::new();
    match marc8::encode(text, &mut bytes) {
        // A mark over two letters comes back as halves.
        Ok(()) if text.contains(['\u{360}', '\u{361}']) => assert_eq!(undecodable(&decoded(&bytes).1), 0),
        Ok(()) => {
            let (read, faults) = decoded(&bytes);
            assert_eq!((read.as_str(), undecodable(&faults)), (text, 0));
        }
        Err(error) => {
            assert!(text[error.at..].starts_with(error.character));
            assert_eq!(bytes, b"");
        }
    }
    !bytes.is_empty() || text.is_empty()
}

fuzz_target!(|bytes: &[u8]| {
    let (text, faults) = decoded(bytes);
    assert!(is_nfc(&text));
    let mut reached = 0;
    for fault in &faults {
        assert!(fault.at >= reached && fault.length > 0, "{faults:?}");
        reached = fault.at + fault.length;
    }
    assert!(reached <= bytes.len());
    assert_eq!(text.matches('\u{FFFD}').count(), undecodable(&faults));

    // Punctuation that no set has, and that is read where it was written as if by code point.
    let stray =
        |it| matches!(it, '\u{2026}' | '\u{201C}' | '\u{2014}' | '\u{2019}' | '\u{201D}' | '\u{2122}');
    // A letter in MARC-8 and a mark in Unicode, whose order of marks takes the letter before it apart.
    let alef = '\u{670}';
    let excused = !faults.is_empty() || text.contains(stray) || text.contains(alef);
    assert!(check_text(&text) || excused, "{text:?} cannot be written");

    let text: String = String::from_utf8_lossy(bytes).nfc().collect();
    check_text(&text);
});
