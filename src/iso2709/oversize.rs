//! Records and fields longer than the digits of the format can state: refused, split into several records, or written
//! with numbers of nines that recovery can read.

use super::encode::{LEADER, MAX_RECORD, append};
use super::framing::items;
use super::{Entries, Entry, Kind, Tag};
use crate::error::{WriteCode, WriteError};

/// Bytes of a record besides its fields: the leader, and the terminators of directory and record.
const FRAME: usize = LEADER + 2;
/// Bytes that a field takes besides its own: an entry, and its terminator.
const FIELD: usize = 13;
/// The bytes that readers search by default in a record whose length is nines.
const MAX_RECOVERED: usize = 8 << 20;

/// What happens to a field of more than 9,999 bytes, or a record of more than 99,999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oversize {
    /// It is refused with an error.
    #[default]
    Refuse,
    /// The record is written as several, each with all control fields and as many of the other fields, in order, as
    /// fit. A single field that is too long is an error.
    Split,
    /// Numbers that do not fit are written as nines. Readers that trust them lose the record;
    /// [`Policy::Recover`](crate::Policy::Recover) restores it. A record that it could not restore is an error.
    Saturate,
}

/// Encodes records with one leader, which says how they are laid out; `oversize` decides what happens to those that are
/// too long. A value may contain terminators: lengths say where it ends.
///
/// ```
/// use mrrc::internals::iso2709::oversize::{Encoder, Oversize};
///
/// let long = "x".repeat(6_000);
/// let fields: Vec<_> = [("001", "A1")].into_iter().chain((0..20).map(|_| ("500", &long[..]))).collect();
/// let mut out = Vec::new();
/// Encoder::new(b"00000nam a2200000 a 4500").oversize(Oversize::Split).encode(&fields, &mut out)?;
/// assert_eq!(out.split_inclusive(|&byte| byte == 0x1D).count(), 2);
/// # Ok::<(), mrrc::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Encoder<'a> {
    leader: &'a [u8; LEADER],
    oversize: Oversize,
}

impl<'a> Encoder<'a> {
    /// An encoder for records with this leader, which refuses those that are too long.
    pub fn new(leader: &'a [u8; LEADER]) -> Encoder<'a> {
        Encoder { leader, oversize: Oversize::Refuse }
    }

    /// Sets what happens to records that are too long.
    pub fn oversize(self, oversize: Oversize) -> Encoder<'a> {
        Encoder { oversize, ..self }
    }

    /// Appends a record to `out`, or several, as `oversize` says.
    ///
    /// # Errors
    ///
    /// A [`WriteError`] if a tag is not three printable ASCII bytes, or if the record or a field is longer than
    /// `oversize` allows; with [`Oversize::Saturate`] also if recovery would not
    /// find the fields again. `out` is then unchanged.
    pub fn encode<T, V>(&self, fields: &[(T, V)], out: &mut Vec<u8>) -> Result<(), WriteError>
    where
        T: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let begin = out.len();
        let all = || fields.iter().map(|(tag, bytes)| (tag, bytes));
        let Err(error) = append(self.leader, all(), false, out) else { return Ok(()) };
        let written = match (error.code(), self.oversize) {
            (WriteCode::RecordTooLong, Oversize::Split) => split(self.leader, fields, out),
            (WriteCode::RecordTooLong | WriteCode::FieldTooLong, Oversize::Saturate) => {
                append(self.leader, all(), true, out)
                    .and_then(|()| check_recovery(out.get(begin..).unwrap_or_default(), fields))
            }
            _ => Err(error),
        };
        written.inspect_err(|_| out.truncate(begin))
    }
}

/// Whether recovery finds these fields, and no others, in a record.
fn check_recovery<T, V>(record: &[u8], fields: &[(T, V)]) -> Result<(), WriteError>
where
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let mut start = FRAME - 1 + 12 * fields.len();
    let written: Entries = fields
        .iter()
        .map(|(tag, bytes)| {
            let length = bytes.as_ref().len();
            let tag = Tag::of_ascii(tag.as_ref().first_chunk().copied().unwrap_or_default());
            let entry = Entry::new(tag, start as u32, length as u32);
            start += length + 1;
            entry
        })
        .collect();
    match items(record, MAX_RECOVERED).next() {
        Some(item) if item.kind == Kind::Record && item.end == record.len() && item.entries == written => {
            Ok(())
        }
        _ => Err(WriteError::new(WriteCode::NotRecoverable)),
    }
}

fn split<T, V>(leader: &[u8; LEADER], fields: &[(T, V)], out: &mut Vec<u8>) -> Result<(), WriteError>
where
    T: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let size = |(_, bytes): &&(T, V)| FIELD + bytes.as_ref().len();
    let (control, mut rest): (Vec<_>, Vec<_>) = fields.iter().partition(|(tag, _)| is_control_tag(tag));
    let room = MAX_RECORD.saturating_sub(FRAME + control.iter().map(size).sum::<usize>());
    loop {
        let mut taken = 0;
        let fitting = rest.iter().take_while(|field| {
            taken += size(field);
            taken <= room
        });
        // One that does not fit in a record of its own is an error of that record.
        let after = rest.split_off(fitting.count().max(1).min(rest.len()));
        append(leader, control.iter().chain(&rest).map(|(tag, bytes)| (tag, bytes)), false, out)?;
        if after.is_empty() {
            return Ok(());
        }
        rest = after;
    }
}

fn is_control_tag(tag: &impl AsRef<[u8]>) -> bool {
    tag.as_ref().starts_with(b"00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iso2709::Leader;

    const LEADER: &[u8; 24] = b"00000nam a2200000 a 4500";

    fn record(fields: usize, length: usize) -> Vec<(&'static str, String)> {
        let number = ("001", "A1".to_owned());
        let items = (0..fields).map(|place| ("952", format!("  \x1fp{place:0>length$}")));
        std::iter::once(number).chain(items).collect()
    }

    fn encoded(fields: &[(&'static str, String)], oversize: Oversize) -> Result<Vec<u8>, WriteError> {
        let mut out = b"before".to_vec();
        let written = Encoder::new(LEADER).oversize(oversize).encode(fields, &mut out);
        let out = out.split_off(6);
        assert!(written.is_ok() || out.is_empty());
        written.map(|()| out)
    }

    #[test]
    fn what_fits_is_the_same_whatever_is_asked_for() {
        let fields = record(70, 1_000);
        let strict = encoded(&fields, Oversize::Refuse);
        assert!(strict.is_ok());
        for oversize in [Oversize::Split, Oversize::Saturate] {
            assert_eq!(encoded(&fields, oversize), strict);
        }
    }

    #[test]
    fn parts_have_the_control_fields_each_and_the_others_once() {
        let fields = record(2_500, 100);
        let Ok(bytes) = encoded(&fields, Oversize::Split) else { panic!("it was refused") };
        let parts: Vec<_> = bytes.split_inclusive(|&byte| byte == 0x1D).collect();
        assert_eq!(parts.len(), 3);
        for part in &parts {
            let leader = part.first_chunk().map(|leader| Leader(*leader));
            assert_eq!(leader.and_then(|it| it.record_length()).map(|it| it as usize), Some(part.len()));
            assert!(part[24..].starts_with(b"001000300000"));
        }
        let items = |bytes: &[u8]| bytes.windows(4).filter(|it| it == b"  \x1fp").count();
        assert_eq!(parts.iter().map(|part| items(part)).sum::<usize>(), 2_500);
        assert!(parts.first().is_some_and(|part| part.len() > 99_850), "a part is as long as may be");
    }

    #[test]
    fn a_field_that_is_too_long_is_not_split() {
        let error = encoded(&record(1, 10_000), Oversize::Split);
        assert_eq!(error.map_err(|it| it.code()), Err(WriteCode::FieldTooLong));
    }

    #[test]
    fn control_fields_may_leave_no_room() {
        let fields: Vec<_> =
            (0..11).map(|_| ("008", "x".repeat(9_900))).chain([("500", "y".to_owned())]).collect();
        let error = encoded(&fields, Oversize::Split);
        assert_eq!(error.map_err(|it| it.code()), Err(WriteCode::RecordTooLong));
        let only = &fields[..11];
        let error = encoded(only, Oversize::Split);
        assert_eq!(error.map_err(|it| it.code()), Err(WriteCode::RecordTooLong));
    }

    #[test]
    fn numbers_that_do_not_fit_are_nines() {
        let Ok(bytes) = encoded(&record(12, 10_000), Oversize::Saturate) else { panic!("it was refused") };
        assert!(bytes.starts_with(b"99999nam a2200181"));
        assert!(bytes[36..].starts_with(b"952999900003952999910008"));
        assert!(bytes[24 + 12 * 12..].starts_with(b"952999999999\x1eA1\x1e"));
    }

    #[test]
    fn other_faults_are_refused_in_any_case() {
        for oversize in [Oversize::Refuse, Oversize::Split, Oversize::Saturate] {
            let mut fields = record(12, 10_000);
            fields[3].0 = "95";
            assert!(encoded(&fields, oversize).is_err());
        }
    }

    #[test]
    fn what_recovery_would_not_give_back_is_refused() {
        for (name, tag, value) in [
            ("a tag of control fields with subfields", "00A", "  \x1fax".to_owned()),
            ("a data field without subfields", "500", "10text".to_owned()),
            ("more than readers look through", "500", format!("  \x1fa{}", "x".repeat(9 << 20))),
        ] {
            let fields = [("001", "A1".to_owned()), (tag, value), ("505", format!("  \x1fa{:0>20000}", 0))];
            let error = encoded(&fields, Oversize::Saturate);
            assert_eq!(error.map_err(|it| it.code()), Err(WriteCode::NotRecoverable), "{name}");
        }
    }
}
