//! The program `plugpoint`: puts core, plugins and customers together and runs them.
//!
//! [`bundle`] is the one list of plugins; customers come through the crate `plugpoint-bundle`. Nothing depends on this
//! crate but the test kit. It holds no rule of the business: it assembles, and it talks to the terminal.

pub mod assembly;
pub mod bundle;
mod candidates;
pub mod cli;
pub mod customers;
pub mod demo;
mod head_timer;
mod interrupt;
mod logging;
mod refusals;
pub mod serving;
mod storage;
pub mod terminal;
