//! What the programs in `src/bin/` share. There is one program a crate, named for it; ours is `ours.rs`.

pub mod measure;
