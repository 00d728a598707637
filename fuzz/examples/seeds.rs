//! Makes the inputs that fuzzing begins with, in the folder that is named: generated records, sound, cut and
//! compressed, the damaged files of the tests, and expressions. Nothing of it comes from elsewhere.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds -- fuzz/corpus`

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use mrrc_fixture::{Encoding, records};
use mrrc_fuzz::Setting;

/// Settings that files are read with: policy, sizes, bytes in a block.
const SETTINGS: [[u8; Setting::LENGTH]; 4] = [[0, 0, 255], [1, 8, 0], [2, 13, 7], [0, 2, 4]];

/// Records in other formats than ISO 2709.
const DOCUMENTS: [(&str, &str); 7] = [
    (
        "marcxml",
        "<collection xmlns=\"http://www.loc.gov/MARC21/slim\">\n<record>\n  <leader>00000nam a2200000 a 4500</leader>\n  \
         <controlfield tag=\"001\">A1</controlfield>\n  <datafield tag=\"245\" ind1=\"1\" ind2=\"0\">\n    <subfield \
         code=\"a\">Emma &amp; m\u{E9}</subfield>\n  </datafield></record><record/></collection>",
    ),
    (
        "prefixed",
        "<?xml version='1.0'?><OAI-PMH><record><header status='deleted'/><metadata><m:record xmlns:m='x'><!-- c --><m:leader/>\
         <m:datafield tag='245' ind1=' '><![CDATA[x]]></m:datafield></m:record></metadata></record></OAI-PMH>",
    ),
    (
        "lines",
        "{\"leader\":\"00000nam a2200000 a 4500\",\"fields\":[{\"001\":\"A1\"},{\"245\":{\"ind1\":\"1\",\"ind2\":\"0\",\
         \"subfields\":[{\"a\":\"Emma \\u00e9\"}]}}]}\n{\"fields\":[{\"001\":\"A2\"}],\"leader\":\"\"}\n",
    ),
    ("array", "[\n  {\"leader\": null, \"fields\": [ {\"001\": 1} ]},\n  {\"fields\": []}\n]"),
    (
        "envelope",
        "{\"id\": [1.5, true], \"content\": {\"leader\": \"\", \"fields\": [{\"001\": \"A1\"}]}, \"x\": \"}\"}",
    ),
    (
        "maker",
        "# All\n=LDR  00000nam  2200000 a 4500\n=001  A\\1\n=245 10$aEmma{acute}e {1F}{zilch}\r\nand so on\n\n=001  A2\n",
    ),
    (
        "aleph",
        "000000001 LDR   L 00000nam^a2200000^a^4500\n000000001 24510 L $$aEmma$$\nand so on\n000000002 001   L A2\n",
    ),
];

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
    for (number, (name, document)) in DOCUMENTS.iter().enumerate() {
        for (format, setting) in SETTINGS.iter().enumerate() {
            let seed = [&[format as u8], &setting[..], document.as_bytes()].concat();
            seeds.put("documents", &format!("{name}-{number}-{format}"), &seed)?;
        }
    }
    let documents: Vec<_> = DOCUMENTS.iter().map(|(name, document)| (*name, document.as_bytes())).collect();
    for (kind, archive) in archives(&documents)? {
        for (number, setting) in SETTINGS.iter().enumerate() {
            seeds.put("archives", &format!("{kind}-{number}"), &[&setting[..], &archive].concat())?;
        }
    }
    for (name, expression) in mrrc::Columns::preset("bib")?.iter() {
        seeds.put("notation", name, expression.to_string().as_bytes())?;
    }
    Ok(())
}

/// Files in each kind of archive.
fn archives(files: &[(&str, &[u8])]) -> Result<BTreeMap<&'static str, Vec<u8>>, Box<dyn Error>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, *bytes)?;
    }
    let zip = |method| -> Result<Vec<u8>, Box<dyn Error>> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for (name, bytes) in files {
            zip.start_file(*name, options)?;
            zip.write_all(bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    };
    Ok(BTreeMap::from([
        ("tar", tar.into_inner()?),
        ("zip", zip(zip::CompressionMethod::Deflated)?),
        ("zip-stored", zip(zip::CompressionMethod::Stored)?),
    ]))
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
