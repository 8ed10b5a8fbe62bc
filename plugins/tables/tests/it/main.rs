//! The reader of lists against case folders, workbooks made part by part, damaged documents and its own limits.

mod cases;
mod damage;
mod limits;
mod workbook;
mod workbooks;
