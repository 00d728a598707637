//! What the fuzz targets share: how an input says how it is read, sources that give small blocks, reads that are
//! kept whole, and rows as plain text. [`twin`] is framing once more, slow and plain, to compare with.

pub mod rows;
pub mod twin;

use std::io::{self, Read};
use std::sync::Arc;

use arrow_array::RecordBatch;
use mrrc::accounts::SourceAccount;
use mrrc::internals::io::Open;
use mrrc::{Encoding, Error, Options, Policy, Scan, Source};

/// How an input is read: its first bytes say so, the others are what is read.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub policy: Policy,
    pub max_record: usize,
    pub batch_size: usize,
    /// The most bytes that a source gives at a time.
    pub block: usize,
}

impl Setting {
    /// Bytes of an input that say how it is read.
    pub const LENGTH: usize = 3;

    /// The setting, and the rest of the input.
    pub fn of(input: &[u8]) -> Option<(Setting, &[u8])> {
        let (&[choice, sizes, block], rest) = input.split_first_chunk()?;
        let policy = [Policy::Recover, Policy::Skip, Policy::Raise][usize::from(choice % 3)];
        let max_record = [8 << 20, 1000, 100, 1][usize::from(sizes % 4)];
        let batch_size = [8192, 7, 2, 1][usize::from(sizes / 4 % 4)];
        Some((Setting { policy, max_record, batch_size, block: usize::from(block) + 1 }, rest))
    }

    /// Whether the bytes are read from a stream, too: that costs more than all else, so one in eight is.
    pub fn reads_a_stream(&self) -> bool {
        self.block.is_multiple_of(8)
    }

    pub fn options(&self, encoding: Encoding) -> Options {
        Options::default()
            .on_error(self.policy)
            .max_record(self.max_record)
            .batch_size(self.batch_size)
            .encoding(encoding)
            .threads(1)
    }
}

/// A source that gives its bytes a few at a time.
pub fn in_blocks(bytes: &[u8], most: usize) -> Source {
    Source::opener(Arc::new(Blocks { bytes: bytes.into(), most }))
}

struct Blocks {
    bytes: Arc<[u8]>,
    most: usize,
}

impl Open for Blocks {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reader { bytes: self.bytes.clone(), at: 0, most: self.most, turn: 0 }))
    }

    fn name(&self) -> Option<String> {
        None
    }
}

struct Reader {
    bytes: Arc<[u8]>,
    at: usize,
    most: usize,
    turn: usize,
}

impl Read for Reader {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        self.turn = self.turn % self.most + 1;
        let count = self.turn.min(output.len()).min(self.bytes.len() - self.at);
        output[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// One source, read to its end or to an error.
#[derive(Debug)]
pub struct Outcome {
    pub batches: Vec<RecordBatch>,
    pub account: SourceAccount,
    pub error: Option<Error>,
}

impl Outcome {
    pub fn of(source: Source, options: &Options) -> Outcome {
        let mut read = Scan::new(source).with_options(options.clone()).unwrap().batches();
        let mut batches = Vec::new();
        let error = loop {
            match read.next_batch() {
                Ok(Some(batch)) => batches.push(batch),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        let account = read.accounts().sources.first().cloned().unwrap_or_default();
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(account.counts.delivered, rows as u64, "as many rows as records were delivered");
        assert_eq!(account.counts.rejected, account.rejects.len() as u64);
        Outcome { batches, account, error }
    }

    /// Asserts that another read gave the same. What is left unread is known of a source with a size only.
    pub fn assert_same(&self, other: &Outcome) {
        let message = |outcome: &Outcome| outcome.error.as_ref().map(Error::to_string);
        assert_eq!(message(self), message(other));
        assert_eq!(self.batches, other.batches);
        let (mut ours, mut others) = (self.account.clone(), other.account.clone());
        (ours.counts.bytes_unread, others.counts.bytes_unread) = (0, 0);
        assert_eq!(ours, others);
    }
}

/// How many bytes a source gives, decompressed, before its end or its failure; none if they are more than `most`.
pub fn expands_to(bytes: &[u8], most: u64) -> Option<u64> {
    let source = Source::bytes(bytes.to_vec());
    let Ok(mut input) = source.open() else { return Some(0) };
    let (mut buffer, mut size) = (vec![0; 1 << 16], 0);
    while size <= most {
        match input.read(&mut buffer) {
            Ok(0) | Err(_) => return Some(size),
            Ok(count) => size += count as u64,
        }
    }
    None
}
