//! Automation of this workspace: `cargo xtask tidy | regen | bench`. One file per command.
//!
//! It builds and starts the `plugpoint` binary but links no crate of the workspace, so that it stays quick to build and
//! can judge the others from outside.

// A command-line tool answers on standard output.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its standard streams")]

mod bench;
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
    /// Measures the server on this machine.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Tidy => tidy::run(),
        Command::Regen { check } => regen::run(check),
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
