//! The behaviour of the store, through its public methods alone, each test on databases of its own. The suite states what
//! any later backend has to do as well; `damage` alone knows that the files are SQLite's.

mod changes;
mod control;
mod crash;
mod damage;
mod edits;
mod imports;
mod model;
mod recalls;
mod records;
mod snapshots;
mod support;
mod transactions;
mod verifying;
