//! What a source is written in, by its first bytes.

use proptest::prelude::*;

use super::*;

const RECORD: &[u8] =
    b"00714cam a2200205 a 4500001000900000003000400009005001700013008004100030245002200071\x1E12883376\x1E\
DLC\x1E20020101000000.0\x1E020101s2002    xx            000 0 eng d\x1E10\x1FaTitle /\x1Fcby A.\x1E\x1D";

#[test]
fn a_format_is_told_by_its_first_bytes() {
    for (first, format) in [
        (RECORD, Format::Iso2709),
        (b"<collection>", Format::Marcxml),
        (b"{\"leader\": \"\"}", Format::Json),
        (b"=LDR  00714cam a2200205 a 4500\n", Format::Mrk),
        (b"000000001 LDR   L 00714cam^a2200205^a^4500\n", Format::Aleph),
        (b"", Format::Iso2709),
    ] {
        assert_eq!(Syntax::of(first, Format::Auto).format(), format, "{}", String::from_utf8_lossy(first));
        for (_, named) in Format::ALL.iter().filter(|(_, named)| *named != Format::Auto) {
            assert_eq!(Syntax::of(first, *named).format(), *named);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn iso_2709_is_never_taken_for_lines(
        damage in prop::collection::vec((0..120usize, "[ -~\\n\u{1D}-\u{1F}]"), 0..8),
        cut in 0..30usize,
    ) {
        let mut record = RECORD.to_vec();
        for (place, byte) in damage {
            record[place] = byte.as_bytes()[0];
        }
        let format = Syntax::of(&record[cut..], Format::Auto).format();
        prop_assert!(!matches!(format, Format::Mrk | Format::Aleph), "{}", String::from_utf8_lossy(&record));
    }
}
