//! What the programs in `src/bin/` share. There is one program a peer, named for its crate.
//!
//! Our own crate has its place beside them: `mrrc = { path = "../.." }` in `Cargo.toml`, a
//! `src/bin/mrrc.rs` that decodes the octets to nested batches on one thread and drops each as a
//! stream does, and a line in the table of `../peers.py`.

pub mod measure;
