//! [`Reader`]: records one at a time, from anything a [`Scan`] can read.

use std::vec;

use super::batches::Batches;
use super::scan::Scan;
use super::source::Source;
use crate::accounts::Accounts;
use crate::columns::Purpose;
use crate::error::Result;
use crate::options::Options;
use crate::record::RecordBuf;

impl Scan {
    /// Starts a read that yields the records themselves.
    ///
    /// ```
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let scan = mrrc::Scan::new(mrrc::Source::bytes(bytes));
    /// for record in scan.records() {
    ///     assert_eq!(record?.field("245").unwrap().subfield('a'), Some("Title"));
    /// }
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    pub fn records(&self) -> Reader {
        Reader::of_scan(self)
    }
}

/// An iterator over records.
///
/// It is a [`Scan`] that yields records instead of columns: sources may be compressed, [`Options::on_error`] says
/// what happens to damaged records, and the [accounts](Reader::accounts) say what became of every byte. The threads
/// of the read decode ahead, in chunks of 1 MiB.
///
/// ```no_run
/// for record in mrrc::Reader::open("catalogue.mrc")? {
///     let record = record?;
///     if let Some(title) = record.field("245").and_then(|field| field.subfield('a')) {
///         println!("{title}");
///     }
/// }
/// # Ok::<(), mrrc::Error>(())
/// ```
pub struct Reader {
    batches: Batches,
    records: vec::IntoIter<RecordBuf>,
}

impl Reader {
    /// Reads the file at a path, or any other [`Source`], with the default options: the first record that cannot be
    /// delivered unchanged is an error.
    ///
    /// ```
    /// use mrrc::{Reader, Source};
    ///
    /// let bytes = b"00063nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let mut reader = Reader::open(Source::bytes(bytes))?;
    /// let record = reader.next().unwrap()?;
    /// assert_eq!(record.control_number(), Some("A1"));
    /// assert!(reader.next().is_none());
    /// assert_eq!(reader.accounts().to_string(), "1 record");
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An [`Error`](crate::Error) if the source cannot be opened.
    pub fn open(source: impl Into<Source>) -> Result<Reader> {
        Reader::with_options(source, Options::default())
    }

    /// Reads a source with these options. Options about columns have no effect.
    ///
    /// ```
    /// use mrrc::{Options, Policy, Reader, Source};
    ///
    /// let damaged = b"00099nam a2200049 a 4500001000300000245001000003\x1eA1\x1e10\x1faTitle\x1e\x1d";
    /// let options = Options::default().on_error(Policy::Recover);
    /// let mut reader = Reader::with_options(Source::bytes(damaged), options)?;
    /// assert_eq!(reader.next().unwrap()?.control_number(), Some("A1"));
    /// # Ok::<(), mrrc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An [`Error`](crate::Error) if the source cannot be opened, or the options cannot be applied to it.
    pub fn with_options(source: impl Into<Source>, options: Options) -> Result<Reader> {
        let mut reader = Reader::of_scan(&Scan::new(source).with_options(options)?);
        reader.batches.open_first()?;
        Ok(reader)
    }

    /// The records of a scan.
    pub(super) fn of_scan(scan: &Scan) -> Reader {
        let batches = scan.clone().with_purpose(Purpose::Records).batches();
        Reader { batches, records: Vec::new().into_iter() }
    }

    /// The accounts so far; complete after the last record.
    pub fn accounts(&self) -> &Accounts {
        self.batches.accounts()
    }

    fn next_record(&mut self) -> Result<Option<RecordBuf>> {
        loop {
            if let Some(record) = self.records.next() {
                return Ok(Some(record));
            }
            match self.batches.next_records()? {
                Some(records) => self.records = records.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<RecordBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_record().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iso2709::encode::encode;
    use crate::options::Policy;

    fn catalogue(records: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in 0..records {
            let number = number.to_string();
            let fields = [
                ("001", number.as_bytes()),
                ("245", "10\x1faÜber\x1fb\x1f".as_bytes()),
                ("500", b"  Only text"),
            ];
            encode(b"00000nam a2200000 a 4500", fields, &mut bytes).unwrap();
        }
        bytes
    }

    #[test]
    fn records_come_in_order_whatever_the_threads() {
        for threads in [1, 4] {
            let options = Options::default().threads(threads).batch_size(7);
            let reader = Reader::with_options(Source::bytes(catalogue(100)), options).unwrap();
            let records: Vec<_> = reader.map(|record| record.unwrap()).collect();
            let numbers: Vec<_> = records.iter().filter_map(|record| record.control_number()).collect();
            assert_eq!(numbers, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
            assert_eq!(records[7].field("500").unwrap().stray(), Some("Only text"));
            let title = records[7].field("245").unwrap();
            assert_eq!(title.subfields().collect::<Vec<_>>(), [("a", "Über"), ("b", ""), ("", "")]);
        }
    }

    #[test]
    fn a_damaged_record_is_an_error_or_is_left_out() {
        let mut bytes = catalogue(3);
        let second = bytes.iter().position(|&byte| byte == 0x1D).unwrap() + 1;
        bytes[second + 24] = 0;
        let read = |on_error| {
            let options = Options::default().on_error(on_error);
            let mut reader = Reader::with_options(Source::bytes(bytes.clone()), options).unwrap();
            let records: Vec<_> = reader.by_ref().map(|record| record.is_ok()).collect();
            (records, reader.accounts().counts().rejected)
        };
        assert_eq!(read(Policy::Raise), (vec![true, false], 0));
        assert_eq!(read(Policy::Skip), (vec![true, true], 1));
    }

    #[test]
    fn a_source_that_is_not_there_is_an_error_at_once() {
        let error = Reader::open("no/such/file.mrc").err().unwrap();
        assert!(error.to_string().contains("no such file"), "{error}");
    }
}
