//! The reader of service answers against case folders, damaged documents and, when they are at hand, real files.

mod cases;
mod damage;
mod real_files;
