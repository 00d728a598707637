//! Writes made-up records to a file:
//! `cargo run --features fixture --example fixture -- 10000 target/fixture_10k.mrc [--marc-8]`
//!
//! The files named in `tests/data/fixture.sha256` are checked by
//! `cd target && sha256sum -c --ignore-missing ../tests/data/fixture.sha256`.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};

use mrrc::fixture::{self, Encoding};

/// 64-bit FNV-1a of what goes through: enough to tell two files apart at a glance.
struct Hashed<W> {
    to: W,
    hash: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        for byte in &bytes[..written] {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (options, rest): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|it| it.starts_with("--"));
    let encoding = match &options[..] {
        [] => Encoding::Utf8,
        [option] if option == "--marc-8" => Encoding::Marc8,
        _ => return Err("the only option is --marc-8".into()),
    };
    let [count, path] = &rest[..] else {
        return Err("usage: fixture COUNT PATH [--marc-8]".into());
    };
    let count = count.parse()?;
    let mut to = Hashed { to: File::create(path)?, hash: 0xCBF2_9CE4_8422_2325 };
    let bytes = fixture::write(count, encoding, &mut to)?;
    println!("{path}: {count} records, {bytes} bytes, fnv1a {:016x}", to.hash);
    Ok(())
}
