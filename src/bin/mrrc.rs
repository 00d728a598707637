//! The command `mrrc`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mrrc::cli::run(std::env::args_os()).into()
}
