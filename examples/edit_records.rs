//! Reads records, edits them, and writes those that were edited: no Python, no columns.
//!
//! ```sh
//! cargo run --example edit_records -- catalogue.mrc edited.mrc
//! ```

use mrrc::{Options, Policy, Reader, Writer};

fn main() -> mrrc::Result<()> {
    let mut paths = std::env::args().skip(1);
    let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
        eprintln!("usage: edit_records FROM TO");
        return Ok(());
    };
    let mut reader = Reader::with_options(from.as_str(), Options::default().on_error(Policy::Recover))?;
    let mut writer = Writer::create(to)?;
    for record in reader.by_ref() {
        let mut record = record?;
        record.retain(|field| !field.tag().as_str().starts_with('9')); // local fields
        record.replace_values(|tag, code, value| {
            let is_title = tag == "245" && code == Some('a');
            is_title.then(|| value.trim_end_matches([' ', '/']).to_owned())
        })?;
        record.push_data("583", [' ', ' '], [('a', "cleaned")])?;
        writer.write(&record)?;
    }
    writer.close()?;
    println!("{}", reader.accounts());
    Ok(())
}
