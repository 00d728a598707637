//! [`Writer`]: records one after another into whatever takes bytes.

use std::io::{self, Write};
use std::path::Path;

use super::Output;
use crate::error::{Error, Refusal, Result};
use crate::forms::{Marc, WriteOptions};
use crate::record::Tell;

/// Writes records in ISO 2709 to any [`Write`].
///
/// A record is encoded completely before any of it is written. A record that could not be read back is refused with a
/// [`WriteError`](crate::WriteError) that says what is wrong and where; nothing of it is written, and the next record
/// can be. An error of `W` is different: how much was written is unknown, so every later call fails as well.
///
/// Each record is one `write_all`, so pass a buffered writer, or an [`Output`](super::Output), which is buffered and
/// puts the file in place only when it is complete.
///
/// ```
/// use mrrc::{Reader, Source, Writer};
///
/// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
/// let mut writer = Writer::new(Vec::new());
/// for record in Reader::open(Source::bytes(bytes))? {
///     writer.write(&record?)?;
/// }
/// assert_eq!(writer.finish()?, bytes);
/// # Ok::<(), mrrc::Error>(())
/// ```
///
/// A character that MARC-8 lacks is refused, or written as a reference:
///
/// ```
/// use mrrc::forms::{Unencodable, WriteEncoding, WriteOptions};
/// use mrrc::{RecordBuf, Writer};
///
/// let mut note = RecordBuf::default();
/// note.push_data("500", [' ', ' '], [('a', "🙂")])?;
/// let mut options = WriteOptions { encoding: WriteEncoding::Marc8, ..WriteOptions::default() };
/// assert!(Writer::new(Vec::new()).with_options(options).write(&note).is_err());
///
/// options.unencodable = Unencodable::Reference;
/// let mut writer = Writer::new(Vec::new()).with_options(options);
/// writer.write(&note)?;
/// assert!(writer.finish()?.ends_with(b"&#x1F642;\x1e\x1d"));
/// # Ok::<(), mrrc::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer<W: Write> {
    to: W,
    options: WriteOptions,
    /// The bytes of the current record.
    bytes: Vec<u8>,
    records: u64,
    failed: Option<Failure>,
}

impl Writer<Output> {
    /// Creates a file, which appears, complete, when [`close`](Writer::close) is called.
    ///
    /// ```
    /// use mrrc::{RecordBuf, Writer};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let mut record = RecordBuf::default();
    /// record.push_data("245", ['1', '0'], [('a', "Emma")])?;
    /// let mut writer = Writer::create(folder.path().join("emma.mrc"))?;
    /// writer.write(&record)?;
    /// writer.close()?;
    /// assert!(folder.path().join("emma.mrc").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An I/O error if no file can be created at `path`.
    pub fn create(path: impl AsRef<Path>) -> Result<Writer<Output>> {
        Output::create(path.as_ref()).map(Writer::new).map_err(Error::of_writing)
    }

    /// Puts the file in its final place.
    ///
    /// # Errors
    ///
    /// Those of [`Writer::flush`]. There is then no file, or the earlier one is kept.
    pub fn close(self) -> Result<()> {
        self.finish()?.finish().map_err(Error::of_writing)
    }
}

impl<W: Write> Writer<W> {
    /// A writer with the default options: UTF-8, and records that are too long are refused.
    pub fn new(to: W) -> Writer<W> {
        Writer { to, options: WriteOptions::default(), bytes: Vec::new(), records: 0, failed: None }
    }

    /// The same with other options.
    pub fn with_options(self, options: WriteOptions) -> Writer<W> {
        Writer { options, ..self }
    }

    /// The number of records passed to it, including refused ones.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Writes a record, and returns what is odd about it: it is written, and comes back, but not every reader may take
    /// it. [`Marc`] lists what that can be.
    ///
    /// ```
    /// use mrrc::{RecordBuf, WriteCode, Writer};
    ///
    /// let mut note = RecordBuf::default();
    /// note.push_data("500", [' ', ' '], [('é', "A code that is not ASCII")])?;
    /// let odd = Writer::new(Vec::new()).write(&note)?;
    /// assert_eq!(odd[0].code, WriteCode::CodeUnwritable);
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the record cannot be written; the next one can. An I/O error if `W` fails now, or failed
    /// before.
    pub fn write<R: Tell>(&mut self, record: &R) -> Result<Vec<Refusal>> {
        self.check()?;
        let number = self.records;
        self.records += 1;
        self.bytes.clear();
        let mut marc = Marc::new(self.options);
        let Ok(()) = record.tell(&mut marc);
        let finished = marc.finish(record.leader(), &mut self.bytes);
        let mut odd = finished.map_err(|error| error.in_record(number))?;
        odd.iter_mut().for_each(|odd| odd.record = Some(number));
        match self.to.write_all(&self.bytes) {
            Ok(()) => Ok(odd),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Flushes the buffers of `W`.
    ///
    /// # Errors
    ///
    /// An I/O error if `W` fails now, or failed before.
    pub fn flush(&mut self) -> Result<()> {
        self.check()?;
        let flushed = self.to.flush();
        flushed.map_err(|error| self.fail(error))
    }

    /// Flushes, and returns `W`.
    ///
    /// # Errors
    ///
    /// Those of [`Writer::flush`].
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        Ok(self.to)
    }

    fn check(&self) -> Result<()> {
        self.failed.as_ref().map_or(Ok(()), |failure| Err(Error::Output(failure.again())))
    }

    fn fail(&mut self, error: io::Error) -> Error {
        self.failed = Some(Failure::of(&error));
        Error::of_writing(error)
    }
}

/// An I/O error, kept for later calls.
#[derive(Clone, Debug)]
struct Failure {
    kind: io::ErrorKind,
    text: String,
}

impl Failure {
    fn of(error: &io::Error) -> Failure {
        Failure { kind: error.kind(), text: error.to_string() }
    }

    /// The error of a later call.
    fn again(&self) -> io::Error {
        io::Error::new(self.kind, format!("an earlier write failed, so this one is not done: {}", self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::WriteCode;
    use crate::forms::{Unencodable, WriteEncoding};
    use crate::iso2709::Leader;
    use crate::iso2709::oversize::Oversize;
    use crate::record::{Value, Visit};

    /// A record of an 001 and notes, each a tag and a value.
    struct Notes(&'static str, Vec<(&'static str, String)>);

    const LEADER: &str = "00000nam a2200000 a 4500";

    impl Tell for Notes {
        fn leader(&self) -> Leader {
            Leader(self.0.as_bytes().try_into().unwrap())
        }

        fn tell<V: Visit>(&self, to: &mut V) -> std::result::Result<(), V::Stop> {
            to.control("001", Value::Text("A1".into()))?;
            for (tag, value) in &self.1 {
                to.data(tag, [" ", " "], None)?;
                to.subfield("a", Value::Text(value.into()))?;
                to.end()?;
            }
            Ok(())
        }
    }

    fn note(tag: &'static str, value: &str) -> Notes {
        Notes(LEADER, vec![(tag, value.to_owned())])
    }

    fn code<T>(result: Result<T>) -> Option<WriteCode> {
        match result {
            Err(Error::Write(error)) => Some(error.code()),
            _ => None,
        }
    }

    /// Takes bytes but for the times that are named.
    #[derive(Default)]
    struct FailsOnce {
        calls: usize,
        fails_at: usize,
        taken: Vec<u8>,
    }

    impl Write for FailsOnce {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls == self.fails_at {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_record_that_cannot_be_written_takes_no_other_with_it() {
        let mut writer = Writer::new(Vec::new());
        for number in 0..300 {
            let good = note("500", "x");
            writer.write(&good).unwrap();
            let (bad, expected_code) = match number % 4 {
                0 => (note("24\n", "x"), WriteCode::TagUnwritable),
                1 => (note("5é", "x"), WriteCode::TagUnwritable),
                2 => (note("008", "x"), WriteCode::TagKind),
                _ => (note("500", "x\x1fy"), WriteCode::DelimiterInValue),
            };
            assert_eq!(code(writer.write(&bad)), Some(expected_code));
        }
        assert_eq!(writer.records(), 600);
        let mut one = Writer::new(Vec::new());
        one.write(&note("500", "x")).unwrap();
        assert_eq!(writer.finish().unwrap(), one.finish().unwrap().repeat(300));
    }

    #[test]
    fn an_error_names_record_field_and_what_was_found() {
        let mut writer = Writer::new(Vec::new());
        writer.write(&note("500", "x")).unwrap();
        let bad = Notes(LEADER, vec![("500", "x".into()), ("500", "x\x1fy".into())]);
        let error = writer.write(&bad).unwrap_err();
        assert_eq!(
            error.to_string(),
            r"record 1 (001 A1), field 500, occurrence 1, $a: a subfield delimiter, or a field or record terminator, in a value (delimiter-in-value); found \x1f"
        );
    }

    #[test]
    fn after_an_io_error_nothing_more_is_accepted() {
        let mut writer = Writer::new(FailsOnce { fails_at: 2, ..FailsOnce::default() });
        writer.write(&note("500", "one")).unwrap();
        let is_io = |error: Error| match error {
            Error::Output(error) => error.kind() == io::ErrorKind::StorageFull,
            _ => false,
        };
        assert!(is_io(writer.write(&note("500", "two")).unwrap_err()));
        assert!(is_io(writer.write(&note("500", "three")).unwrap_err()));
        assert!(is_io(writer.flush().unwrap_err()));
        assert!(writer.finish().is_err_and(is_io));
    }

    #[test]
    fn what_is_too_long_is_refused_or_split_or_saturated() {
        let long = || Notes(LEADER, (0..20).map(|_| ("500", "x".repeat(6_000))).collect());
        for (oversize, expected) in [(Oversize::Split, 2), (Oversize::Saturate, 1)] {
            let options = WriteOptions { oversize, ..WriteOptions::default() };
            let mut writer = Writer::new(Vec::new()).with_options(options);
            writer.write(&long()).unwrap();
            assert_eq!(writer.finish().unwrap().iter().filter(|it| **it == 0x1D).count(), expected);
        }
        assert_eq!(code(Writer::new(Vec::new()).write(&long())), Some(WriteCode::RecordTooLong));
    }

    #[test]
    fn marc_8_refuses_what_it_lacks_or_has_references() {
        let options = WriteOptions { encoding: WriteEncoding::Marc8, ..WriteOptions::default() };
        let affricate = note("500", "t\u{361}ʃ in Polish");
        let mut writer = Writer::new(Vec::new()).with_options(options);
        assert_eq!(code(writer.write(&affricate)), Some(WriteCode::NotEncodable));
        let options = WriteOptions { unencodable: Unencodable::Reference, ..options };
        let mut writer = Writer::new(Vec::new()).with_options(options);
        writer.write(&affricate).unwrap();
        let bytes = writer.finish().unwrap();
        assert!(bytes.ends_with(b"\x1fat&#x0361;&#x0283; in Polish\x1e\x1d"));
        assert_eq!(bytes[9], b' ');
    }
}
