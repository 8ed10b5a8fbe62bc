//! Automation of this workspace: `cargo xtask tidy | regen | formats | fuzz | bench`. One file per command.
//!
//! It builds and starts the `plugpoint` binary but links no crate of the workspace, so that it stays quick to build and
//! can judge the others from outside.

// A command-line tool answers on standard output.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its standard streams")]

mod bench;
mod formats;
mod fuzz;
mod regen;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What every command returns: the failure is one text for the person at the terminal.
type Outcome<T = ()> = Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Automation of the Plugpoint workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Proves the house rules: layers, file heads, sizes, reasons, points.
    Tidy,
    /// Writes the generated documents under openapi/.
    Regen {
        /// Writes nothing; fails when a document is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Reads a folder of documents and holds the counts against its manifest.
    Formats {
        /// The folder, with a MANIFEST.json; shared/data beside the workspace unless PLUGPOINT_SHARED_DATA names another.
        folder: Option<std::path::PathBuf>,
        /// Ask this `plugpoint` instead of building one.
        #[arg(long)]
        binary: Option<std::path::PathBuf>,
    },
    /// Runs the fuzz targets on their seeds and, for a bounded time, on what becomes of them.
    Fuzz(fuzz::Fuzz),
    /// Measures the server on this machine.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Tidy => tidy::run(),
        Command::Regen { check } => regen::run(check),
        Command::Formats { folder, binary } => formats::run(folder.as_deref(), binary.as_deref()),
        Command::Fuzz(fuzz) => fuzz::run(&fuzz),
        Command::Bench(bench) => bench::run(&bench),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
