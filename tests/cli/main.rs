//! The command as people and scripts run it: what it prints, what it says beside that, and the code it exits with.

// `clippy.toml` allows it in tests, but not in what they share.
#![allow(clippy::unwrap_used)]

mod convert;
mod every_verb;
mod folder;
mod into;
mod looking;
mod page;
mod shell;
mod show;
mod terminal;
mod values;
