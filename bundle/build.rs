//! Turns the customers of this crate's `Cargo.toml` into `extern crate` lines, so that the list there is the only one.
//!
//! Without such a line rustc would not link a crate that nobody names, and its customer would be missing in silence. It
//! reads one line per dependency and refuses any other form, rather than bring a TOML parser into every build.

use std::path::Path;
use std::{env, fs};

/// Every other dependency is a customer.
const SDK: &str = "plugpoint-sdk.workspace = true";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=Cargo.toml");
    println!("cargo::rerun-if-changed=build.rs");
    let manifest = fs::read_to_string("Cargo.toml")?;
    let section = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let mut text = String::new();
    for line in section.take_while(|line| !line.starts_with('[')) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == SDK {
            continue;
        }
        text += &format!("extern crate {} as _;\n", customer(line)?.replace('-', "_"));
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("customers.rs"), text)?;
    Ok(())
}

/// The crate's name in `plugpoint-customer-x = { path = "../customers/x" }`.
fn customer(line: &str) -> Result<&str, String> {
    let form = "name = { path = \"...\" } or name = { version = \"...\" }";
    let refused = || format!("bundle/Cargo.toml: {line:?} is no customer; the form is {form}");
    let (name, source) = line.split_once(" = ").ok_or_else(refused)?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_name && source.starts_with("{ ") && source.ends_with(" }") { Ok(name) } else { Err(refused()) }
}
