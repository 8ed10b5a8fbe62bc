//! `plugpoint new`: writes a customer crate that builds and passes its tests at once, inside or outside of any workspace.
//!
//! It makes one folder and touches nothing else. The files are templates under `templates/customer`; a test builds each.

mod sdk;
mod template;

use std::fs;
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use plugpoint_sdk::model::TenantId;

use super::Failure;
use crate::terminal;
use sdk::Sdk;

/// Start a crate of your own.
#[derive(Subcommand)]
pub(crate) enum New {
    /// Write ./NAME, a customer crate with a transformer, a rule, a profile and a first case.
    ///
    /// Examples:
    ///   plugpoint new customer acme
    ///   plugpoint new customer acme --from bmecat
    ///   plugpoint new customer acme --sdk ~/src/plugpoint/core/sdk
    #[command(verbatim_doc_comment)]
    Customer(Customer),
}

/// Options of `new customer`.
#[derive(Args)]
pub(crate) struct Customer {
    /// Name of customer and folder: 1 to 40 of a-z 0-9 -, the first a letter.
    name: String,
    /// What the customer sends.
    #[arg(long, value_enum, default_value = "canonical", value_name = "FORMAT")]
    from: From,
    /// The sdk to build with: its folder (or that of the repository), or a version. Default: the one this program was built from.
    #[arg(long, value_name = "PATH|VERSION")]
    sdk: Option<String>,
}

/// What a customer crate starts from.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum From {
    /// The platform's own form: JSON, NDJSON, XML or CSV.
    Canonical,
    /// An XML of their own, read with the sdk's reader.
    Xml,
    /// BMEcat, read by the plugin.
    Bmecat,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Customer(command) = self;
        command.run()
    }
}

impl Customer {
    fn run(self) -> Result<(), Failure> {
        let name = checked(&self.name)?;
        let sdk = Sdk::find(self.sdk.as_deref(), self.from)?;
        let folder = Path::new(name);
        // Making the folder is also the question whether it is there.
        fs::create_dir(folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::usage(format!("./{name} is already there; nothing was changed"))
            }
            _ => Failure::new(format!("./{name} cannot be made: {error}")),
        })?;
        if let Err(failure) = template::write(folder, name, self.from, &sdk) {
            // Half a crate would be in the way of the next attempt.
            let _ = fs::remove_dir_all(folder);
            return Err(failure);
        }
        terminal::out(&next_steps(name));
        Ok(())
    }
}

/// A customer's name is also that of its tenant, as a rule, and part of a crate's.
fn checked(name: &str) -> Result<&str, Failure> {
    if name.parse::<TenantId>().is_ok() && !name.ends_with('-') && !name.contains("--") {
        return Ok(name);
    }
    let rule = "1 to 40 of a-z 0-9 -, the first a letter, the last no hyphen, no two hyphens together";
    let nearest = nearest(name);
    let offer = if nearest.is_empty() { String::new() } else { format!("; did you mean {nearest:?}?") };
    let shown: String = name.chars().take(80).collect();
    Err(Failure::usage(format!("{shown:?} is no name for a customer: {rule}{offer}")))
}

/// The name that was perhaps meant: lower-case, everything else a hyphen.
fn nearest(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    let start = joined.find(|character: char| character.is_ascii_lowercase()).unwrap_or(joined.len());
    joined[start..].chars().take(40).collect::<String>().trim_end_matches('-').to_owned()
}

fn next_steps(name: &str) -> String {
    let package = format!("plugpoint-customer-{name}");
    let library = package.replace('-', "_");
    format!(
        "./{name} is crate {package}. What next:\n\n\
         \x20 cd {name}\n\
         \x20 cargo test                                # no server needed\n\
         \x20 cargo build --release                     # target/release/lib{library}.so\n\
         \x20 plugpoint tenant create {name} --customer {name} --data-dir DIR   # once a server has loaded it\n\n\
         README.md says where what is.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{checked, nearest};

    #[test]
    fn names() {
        for name in ["a", "acme", "acme-2", "a1", &"a".repeat(40)] {
            assert!(checked(name).is_ok(), "{name}");
        }
        for name in ["", "-", "1a", "Acme", "a_b", "a.b", "a/b", "..", "a-", "a--b", "ä", "a b", &"a".repeat(41)] {
            assert!(checked(name).is_err(), "{name}");
        }
    }

    #[test]
    fn what_was_perhaps_meant_is_a_name() {
        let cases = [
            ("Acme_GmbH", "acme-gmbh"),
            ("1a", "a"),
            ("a--b-", "a-b"),
            ("../etc", "etc"),
            ("ä", ""),
            ("", ""),
            ("2-b", "b"),
        ];
        for (sent, expected) in cases {
            assert_eq!(nearest(sent), expected, "{sent}");
        }
        assert!(checked(&nearest(&"Long Name ".repeat(20))).is_ok());
    }
}
