//! The Icecat reader against case folders, damaged documents and, when they are at hand, real files.

mod cases;
mod damage;
mod limits;
mod real_files;
