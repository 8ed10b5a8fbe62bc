//! The entry of `plugpoint`. Everything else is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugpoint_server::cli::run()
}
