//! Makes the inputs that fuzzing begins with, in the folder that is named: generated records, sound, cut and
//! compressed, the damaged files of the tests, and expressions. Nothing of it comes from elsewhere.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds -- fuzz/corpus`

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use mrrc_fixture::{Encoding, records};
use mrrc_fuzz::Setting;

/// Settings that files are read with: policy, sizes, bytes in a block.
const SETTINGS: [[u8; Setting::LENGTH]; 4] = [[0, 0, 255], [1, 8, 0], [2, 13, 7], [0, 2, 4]];

struct Seeds {
    folder: PathBuf,
}

impl Seeds {
    fn put(&self, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder to make the seeds in")?;
    let seeds = Seeds { folder: folder.into() };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, encoding) in [("utf8", Encoding::Utf8), ("marc8", Encoding::Marc8)] {
        let all: Vec<Vec<u8>> = records(12, encoding).collect();
        files.push((format!("{name}-three"), all[..3].concat()));
        for (number, record) in all.into_iter().enumerate() {
            for (place, field) in record.split(|&byte| byte == 0x1E).enumerate().skip(1) {
                seeds.put("marc8", &format!("{name}-{number}-{place}"), field)?;
            }
            seeds.put("record_view", &format!("{name}-{number}"), &record)?;
            seeds.put("lenient", &format!("{name}-{number}"), &record)?;
            seeds.put("encode", &format!("{name}-{number}"), &record)?;
            files.push((format!("{name}-{number}"), record));
        }
    }
    let damaged = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/damaged");
    for entry in fs::read_dir(damaged)? {
        let path = entry?.path();
        let bytes = fs::read(&path)?;
        // Larger ones only slow down the search.
        if path.extension().is_some_and(|it| it == "mrc") && bytes.len() < 1 << 14 {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            seeds.put("record_view", &name, &bytes)?;
            seeds.put("lenient", &name, &bytes)?;
            files.push((name, bytes));
        }
    }
    files.sort();
    for (number, (name, bytes)) in files.iter().enumerate() {
        let setting = &SETTINGS[number % SETTINGS.len()];
        for target in ["framing", "roundtrip"] {
            seeds.put(target, name, &[&setting[..], bytes].concat())?;
        }
        if number % 8 == 0 {
            for (kind, compressed) in compressed(bytes)? {
                // Behind the setting: nothing is put in front.
                let seed = [&setting[..], &[0], &compressed].concat();
                seeds.put("compressed", &format!("{name}-{kind}"), &seed)?;
            }
        }
    }
    for (name, expression) in mrrc::Columns::preset("bib")?.iter() {
        seeds.put("notation", name, expression.to_string().as_bytes())?;
    }
    Ok(())
}

/// The bytes in each compression, in one member, and gzip in two.
fn compressed(bytes: &[u8]) -> std::io::Result<[(&'static str, Vec<u8>); 5]> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes)?;
    let gzip = gzip.finish()?;
    let mut bzip2 = Vec::new();
    bzip2::read::BzEncoder::new(bytes, bzip2::Compression::fast()).read_to_end(&mut bzip2)?;
    let mut xz = Vec::new();
    liblzma::read::XzEncoder::new(bytes, 0).read_to_end(&mut xz)?;
    Ok([
        ("gzip-twice", [&gzip[..], &gzip].concat()),
        ("gzip", gzip),
        ("zstd", zstd::encode_all(bytes, 3)?),
        ("bzip2", bzip2),
        ("xz", xz),
    ])
}
