//! The command as people and scripts run it: what it prints, what it says beside that, and the code it exits with.

// `clippy.toml` allows it in tests, but not in what they share.
#![allow(clippy::unwrap_used)]

mod concat;
mod convert;
mod corpus;
mod every_verb;
mod filter;
mod folder;
mod into;
mod looking;
mod page;
mod repair;
mod sample;
mod shell;
mod show;
mod split;
mod terminal;
mod values;
