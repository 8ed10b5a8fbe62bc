//! Prints the linked customers, one a line: name, crate, and where it announces itself. Used by this crate's test.

use std::io::{Write, stdout};

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    for entry in plugpoint_bundle::linked() {
        writeln!(out, "{} {} {}", entry.name, entry.package, entry.location)?;
    }
    Ok(())
}
