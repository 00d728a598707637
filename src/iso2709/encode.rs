//! Encodes fields as the bytes of a record; lengths, directory and base address are computed.
//!
//! This is the only place that lays out a directory.

use memchr::memchr2;

use super::{FIELD_TERMINATOR, RECORD_TERMINATOR};
use crate::error::{WriteCode, WriteError};
use crate::words::counted;

/// The number of bytes in a leader.
pub(super) const LEADER: usize = 24;
/// The longest field, with its terminator, that the four digits of an entry can state.
pub const MAX_FIELD: usize = 9_999;
/// The longest record, with its terminator, that the five digits of leader/00-04 can state.
pub const MAX_RECORD: usize = 99_999;

/// Appends one record to `out`. `fields` are tags and their bytes, in the order of the directory, without field
/// terminators; control fields and data fields alike, the latter with indicators and subfield delimiters.
///
/// Of `leader`, positions 0-4 (record length) and 12-16 (base address) are computed, 10-11 become `22`
/// and 20-23 `4500`; the others are kept. The layout is that of ISO 2709:2008 as MARC 21 uses it
/// (MARC 21 Specifications for Record Structure, Character Sets, and Exchange Media, "Record Structure").
///
/// The fields are iterated twice, first for the directory, then for the data, so the iterator is cloned and must
/// yield the same fields each time.
///
/// ```
/// use mrrc::internals::iso2709::encode::encode;
///
/// let mut out = Vec::new();
/// encode(b"00000nam a2200000 a 4500", [("001", "A1"), ("245", "10\x1faTitle")], &mut out)?;
/// assert_eq!(
///     out,
///     b"00063nam a2200049 a 4500\
///       001000300000\
///       245001000003\x1e\
///       A1\x1e\
///       10\x1faTitle\x1e\x1d"
/// );
/// # Ok::<(), mrrc::WriteError>(())
/// ```
///
/// # Errors
///
/// A [`WriteError`] if a field or the record is longer than its length can state, if a field or the leader contains a
/// field or record terminator, or if a tag is not three printable ASCII bytes. `out` is then unchanged.
pub fn encode<I, T, V>(leader: &[u8; LEADER], fields: I, out: &mut Vec<u8>) -> Result<(), WriteError>
where
    I: IntoIterator<Item = (T, V), IntoIter: Clone>,
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let (mut leader, fields) = (*leader, fields.into_iter());
    settle(&mut leader);
    check_leader(&leader)?;
    check_values(fields.clone())?;
    append(&leader, fields, false, out)
}

/// The same with a leader that says how fields are laid out, and with values that may contain terminators. If
/// `saturates`, numbers that do not fit are written as nines.
pub(super) fn append<I, T, V>(
    leader: &[u8; LEADER],
    fields: I,
    saturates: bool,
    out: &mut Vec<u8>,
) -> Result<(), WriteError>
where
    I: Iterator<Item = (T, V)> + Clone,
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let begin = out.len();
    out.extend_from_slice(leader);
    let laid_out = append_directory(fields.clone(), saturates, out).and_then(|start| {
        let base = out.len() - begin;
        let length = base + start + 1;
        if length > MAX_RECORD && !saturates {
            return Err(too_long(WriteCode::RecordTooLong, length));
        }
        Ok((base, length))
    });
    let (base, length) = laid_out.inspect_err(|_| out.truncate(begin))?;
    let leader = &mut out[begin..begin + LEADER];
    leader[0..5].copy_from_slice(&digits::<5>(length.min(MAX_RECORD)));
    leader[12..17].copy_from_slice(&digits::<5>(base.min(MAX_RECORD)));

    out.reserve(length - base);
    for (_, bytes) in fields {
        out.extend_from_slice(bytes.as_ref());
        out.push(FIELD_TERMINATOR);
    }
    out.push(RECORD_TERMINATOR);
    debug_assert_eq!(out.len() - begin, length, "the iterator gave other fields the second time");
    Ok(())
}

/// Appends an entry for each field, and the directory's terminator; returns the number of bytes of the fields.
fn append_directory<I, T, V>(fields: I, saturates: bool, out: &mut Vec<u8>) -> Result<usize, WriteError>
where
    I: Iterator<Item = (T, V)> + Clone,
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let mut start = 0;
    for (number, (tag, bytes)) in fields.clone().enumerate() {
        let (tag, bytes) = (tag.as_ref(), bytes.as_ref());
        let length = bytes.len() + 1;
        let about = |error: WriteError| in_field(error, number, tag, fields.clone());
        if tag.len() != 3 || !tag.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(about(WriteError::new(WriteCode::TagUnwritable)));
        }
        if length > MAX_FIELD && !saturates {
            return Err(about(too_long(WriteCode::FieldTooLong, length)));
        }
        out.extend_from_slice(tag);
        out.extend_from_slice(&digits::<4>(length.min(MAX_FIELD)));
        out.extend_from_slice(&digits::<5>(start.min(MAX_RECORD)));
        start += length;
    }
    out.push(FIELD_TERMINATOR);
    Ok(start)
}

/// Whether no field contains a terminator.
fn check_values<I, T, V>(fields: I) -> Result<(), WriteError>
where
    I: Iterator<Item = (T, V)> + Clone,
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let mut numbered = fields.clone().enumerate();
    match numbered.find(|(_, (_, bytes))| has_terminator(bytes.as_ref())) {
        Some((number, (tag, _))) => {
            Err(in_field(WriteError::new(WriteCode::DelimiterInValue), number, tag.as_ref(), fields))
        }
        None => Ok(()),
    }
}

/// The error about the field of this number.
fn in_field<I, T, V>(error: WriteError, number: usize, tag: &[u8], fields: I) -> WriteError
where
    I: Iterator<Item = (T, V)>,
    T: AsRef<[u8]>,
{
    error.in_field(tag, fields.take(number).filter(|(other, _)| other.as_ref() == tag).count())
}

/// Sets the layout in the leader of a record: two indicators, one-character codes, twelve-byte entries.
pub fn settle(leader: &mut [u8]) {
    for (place, layout) in [(10, &b"22"[..]), (20, b"4500")] {
        if let Some(bytes) = leader.get_mut(place..place + layout.len()) {
            bytes.copy_from_slice(layout);
        }
    }
}

/// Whether a leader can be written.
pub(crate) fn check_leader(leader: &[u8]) -> Result<(), WriteError> {
    if has_terminator(leader) {
        return Err(WriteError::new(WriteCode::LeaderUnwritable).found(leader.escape_ascii().to_string()));
    }
    Ok(())
}

fn too_long(code: WriteCode, length: usize) -> WriteError {
    WriteError::new(code).found(counted(length as u64, "byte"))
}

fn has_terminator(bytes: &[u8]) -> bool {
    memchr2(FIELD_TERMINATOR, RECORD_TERMINATOR, bytes).is_some()
}

/// The last `N` decimal digits of a number.
///
/// ```
/// assert_eq!(mrrc::internals::iso2709::encode::digits::<5>(217), *b"00217");
/// ```
pub fn digits<const N: usize>(mut number: usize) -> [u8; N] {
    let mut out = [b'0'; N];
    for digit in out.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADER_GIVEN: &[u8; 24] = b"-----cam-a--_____7i-xxxx";

    /// Encodes after other bytes, and checks that these are unchanged.
    fn encoded(fields: &[(&str, &[u8])]) -> Result<Vec<u8>, WriteError> {
        let mut out = b"before".to_vec();
        let result = encode(LEADER_GIVEN, fields.iter().copied(), &mut out);
        assert!(out.starts_with(b"before"));
        let record = out.split_off(6);
        assert!(result.is_ok() || record.is_empty(), "an error leaves nothing behind");
        result.map(|()| record)
    }

    #[test]
    fn lays_out_a_small_record_and_keeps_the_rest_of_the_leader() {
        const RECORD: &[u8] = b"00063cam-a22000497i-4500\
            001000300000\
            245001000003\x1e\
            A1\x1e\
            10\x1faTitle\x1e\x1d";
        assert_eq!(encoded(&[("001", b"A1"), ("245", b"10\x1faTitle")]).as_deref(), Ok(RECORD));
    }

    #[test]
    fn a_record_may_have_no_fields() {
        assert_eq!(encoded(&[]).as_deref(), Ok(&b"00026cam-a22000257i-4500\x1e\x1d"[..]));
    }

    #[test]
    fn a_field_may_be_empty() {
        let record = encoded(&[("900", b""), ("900", b"")]);
        assert_eq!(
            record.as_deref(),
            Ok(&b"00052cam-a22000497i-4500900000100000900000100001\x1e\x1e\x1e\x1d"[..])
        );
    }

    #[test]
    fn records_follow_each_other() {
        let mut out = Vec::new();
        for value in ["1", "2"] {
            assert_eq!(encode(LEADER_GIVEN, [("001", value)], &mut out), Ok(()));
        }
        assert_eq!(out.len(), 2 * 40);
        assert_eq!(&out[40..45], b"00040");
    }

    #[test]
    fn lengths_are_limited() {
        let longest = vec![b'x'; MAX_FIELD - 1];
        let record = encoded(&[("500", &longest)]);
        assert_eq!(record.map(|bytes| bytes[24..36].to_vec()), Ok(b"500999900000".to_vec()));

        let too_long = vec![b'x'; MAX_FIELD];
        assert_eq!(
            encoded(&[("500", b"short"), ("500", &too_long)]),
            Err(WriteError::new(WriteCode::FieldTooLong).in_field(b"500", 1).found("10,000 bytes"))
        );

        // 24 + 12 × 11 + 1 bytes before the data and RT after them leave 99,841 for eleven fields.
        let ten_fields = vec![b'x'; 9_000 - 1];
        let eleventh = vec![b'x'; 9_841];
        let mut fields: Vec<(&str, &[u8])> = vec![("500", &ten_fields); 10];
        fields.push(("520", &eleventh[..9_840]));
        assert_eq!(encoded(&fields).map(|bytes| bytes[0..5].to_vec()), Ok(b"99999".to_vec()));
        fields[10].1 = &eleventh;
        let error = WriteError::new(WriteCode::RecordTooLong).found("100,000 bytes");
        assert_eq!(encoded(&fields), Err(error));
    }

    #[test]
    fn what_would_break_the_structure_is_refused() {
        let delimiter =
            |occurrence| WriteError::new(WriteCode::DelimiterInValue).in_field(b"500", occurrence);
        let tag = |tag: &str| WriteError::new(WriteCode::TagUnwritable).in_field(tag.as_bytes(), 0);
        for (name, fields, error) in [
            ("field terminator", [("001", "A1"), ("500", "  \x1faone\x1etwo")], delimiter(0)),
            ("record terminator", [("500", "  \x1faone"), ("500", "  \x1fatwo\x1d")], delimiter(1)),
            ("short tag", [("001", "A1"), ("50", "  \x1faone")], tag("50")),
            ("long tag", [("5000", "  \x1faone"), ("500", "  \x1faone")], tag("5000")),
            ("control character", [("001", "A1"), ("50\x1f", "  \x1faone")], tag("50\x1f")),
            ("a line end", [("001", "A1"), ("24\n", "10\x1faone")], tag("24\n")),
            ("not ASCII", [("001", "A1"), ("5é", "  \x1faone")], tag("5é")),
        ] {
            let fields = fields.map(|(tag, value)| (tag, value.as_bytes()));
            assert_eq!(encoded(&fields), Err(error), "{name}");
        }
        let mut out = Vec::new();
        let result = encode(b"00000nam a220\x1d000 a 4500", [("001", "A1")], &mut out);
        assert_eq!(result.map_err(|error| error.code()), Err(WriteCode::LeaderUnwritable));
    }
}
