//! The ONIX reader against case folders, damaged documents and, when they are at hand, real files.

mod cases;

mod real_files;
