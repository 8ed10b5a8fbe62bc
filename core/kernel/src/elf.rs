//! Reads from the bytes of a library, without running any of them, whether this machine could load it and what its stamp says.
//!
//! Used by [`library`](crate::library) before the dynamic linker sees the file: loading runs constructors, and a file that is
//! cut off can end the process. It follows no pointer out of the bytes and judges no stamp.

use object::elf::{EM_AARCH64, EM_RISCV, EM_S390, EM_X86_64, ET_DYN, FileHeader64};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSegment, ObjectSymbol};
use plugpoint_sdk::abi;

use crate::library::Fault;

/// The machines that are told by name; the code is that of the ELF header.
const MACHINES: [(&str, u16); 4] =
    [("x86_64", EM_X86_64), ("aarch64", EM_AARCH64), ("riscv64", EM_RISCV), ("s390x", EM_S390)];

/// What a library shows without being run.
pub(crate) struct Shown {
    /// The text of its stamp.
    pub(crate) stamp: String,
}

/// Reads the file's headers and its stamp.
///
/// # Errors
/// Why this machine cannot load it, or that it is no customer crate.
pub(crate) fn read(bytes: &[u8]) -> Result<Shown, Fault> {
    let file = parsed(bytes)?;
    let exported = |name: &str| file.dynamic_symbols().find(|it| it.is_definition() && it.name() == Ok(name));
    if exported(abi::CUSTOMERS_SYMBOL).is_none() {
        return Err(Fault::symbol_missing(abi::CUSTOMERS_SYMBOL));
    }
    let stamp = exported(abi::STAMP_SYMBOL).ok_or_else(|| Fault::symbol_missing(abi::STAMP_SYMBOL))?;
    let size = abi::STAMP_BYTES as u64;
    let stamp = file.segments().find_map(|segment| segment.data_range(stamp.address(), size).ok().flatten());
    let stamp = stamp.and_then(abi::read).ok_or_else(Fault::stamp_unreadable)?;
    Ok(Shown { stamp: stamp.to_owned() })
}

/// A whole library for this machine.
fn parsed(bytes: &[u8]) -> Result<ElfFile64<'_>, Fault> {
    if bytes.is_empty() {
        return Err(Fault::no_library("the file is empty"));
    }
    if !bytes.starts_with(b"\x7fELF") {
        return Err(Fault::no_library("the file is no ELF library"));
    }
    let cut_off = |error: object::Error| Fault::cut_off(error.to_string());
    if bytes.get(4).is_some_and(|class| *class != 2) {
        return Err(Fault::architecture("a machine of 32 bits", std::env::consts::ARCH));
    }
    let header = FileHeader64::<Endianness>::parse(bytes).map_err(cut_off)?;
    let endian = header.endian().map_err(cut_off)?;
    let is_ours =
        MACHINES.iter().any(|(name, code)| *name == std::env::consts::ARCH && *code == header.e_machine(endian));
    let is_little = matches!(endian, Endianness::Little);
    if !is_ours || is_little != cfg!(target_endian = "little") {
        return Err(Fault::architecture(&machine(header.e_machine(endian)), std::env::consts::ARCH));
    }
    if header.e_type(endian) != ET_DYN {
        return Err(Fault::no_library("the ELF file is no shared library"));
    }
    let segments = header.program_headers(endian, bytes).map_err(cut_off)?;
    let ends = segments.iter().map(|it| it.p_offset(endian).saturating_add(it.p_filesz(endian)));
    let needed = ends.max().unwrap_or(0);
    if needed > bytes.len() as u64 {
        return Err(Fault::cut_off(format!("it has {} bytes and needs {needed}", bytes.len())));
    }
    // The table of sections is the last thing in a library, so what is cut off anywhere fails here at the latest.
    ElfFile64::parse(bytes).map_err(cut_off)
}

fn machine(code: u16) -> String {
    let known = MACHINES.iter().find(|(_, known)| *known == code);
    known.map_or_else(|| format!("machine {code}"), |(name, _)| (*name).to_owned())
}
