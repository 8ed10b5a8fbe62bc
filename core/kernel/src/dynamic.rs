//! Loads customer libraries: the one place with `unsafe`, and the reasons why it is sound.
//!
//! Used by the server for what [`Library::inspect`] has passed. A library is never unloaded, and never found through
//! `inventory`: its entry comes by symbol, after its ABI stamp was found equal to ours. Both sides use the system's allocator.
#![expect(unsafe_code, reason = "loading a library and calling into it is unsafe; nothing else in the workspace is")]

use std::fs;
use std::mem::ManuallyDrop;
use std::path::Path;

use libloading::os::unix::{Library as Handle, RTLD_LOCAL, RTLD_NOW};
use plugpoint_sdk::abi::{self, Customers};
use plugpoint_sdk::customer::CustomerEntry;

use crate::library::{Fault, FaultCode, Library, Refusal};

/// A library that is part of this process from now on.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The file, and what it holds.
    pub library: Library,
    /// Its customer.
    pub entry: &'static CustomerEntry,
}

impl Loaded {
    /// Loads a library and takes its entry. Nothing of it is registered yet, but its constructors have run.
    ///
    /// # Errors
    /// The dynamic linker's own words, or that it does not hold exactly one customer.
    pub fn open(library: Library) -> Result<Self, Refusal> {
        match entries(&library.file) {
            Ok(entries) => match entries.as_slice() {
                [entry] => Ok(Self { library, entry }),
                [] => Err(Fault::new(FaultCode::CustomerCount, "it holds no customer").at(&library.file)),
                several => {
                    let names: Vec<&str> = several.iter().map(|entry| entry.name).collect();
                    let reason = format!("it holds more than one customer: {}", names.join(", "));
                    Err(Fault::new(FaultCode::CustomerCount, reason).at(&library.file))
                }
            },
            Err(reason) => Err(Fault::new(FaultCode::Unloadable, reason).at(&library.file)),
        }
    }
}

fn entries(file: &Path) -> Result<Vec<&'static CustomerEntry>, String> {
    // A name without a slash would be searched for in the system's folders.
    let path = fs::canonicalize(file).map_err(|error| error.to_string())?;
    // SAFETY: loading runs the library's constructors, which is all that a library can do by being loaded. It was inspected: it
    // is whole, for this machine, and was built with the sdk, so that its constructors are those of std and of `inventory`.
    // Whoever may write to the customers folder is trusted with the server's rights; that is what the folder is.
    // RTLD_NOW: a missing function shows here, not in the middle of an import. RTLD_LOCAL: libraries cannot take one another's.
    let handle = unsafe { Handle::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| explained(&error))?;
    // Never unloaded: hooks, their vtables, texts and thread-locals' destructors live in it.
    let handle = ManuallyDrop::new(handle);
    // SAFETY: the stamps are equal, so the symbol is the function of this type of the very same sdk.
    let customers = unsafe { handle.get::<Customers>(abi::CUSTOMERS_SYMBOL) }.map_err(|error| explained(&error))?;
    let mut list = Vec::new();
    // The list is ours and grows over there: the stamps say that its layout is one, and the allocator is the system's.
    customers(&mut list);
    Ok(list)
}

/// The linker's message is the cause of libloading's.
fn explained(error: &libloading::Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("the dynamic linker refuses it: {error}{cause}")
}
