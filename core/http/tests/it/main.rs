//! The HTTP core from outside: a router put together as the server does it, over a real store in a temporary folder.

mod assembly;
mod authentication;
mod bodies;
mod digests;
mod directory;
mod errors;
mod observing;
mod pages;
mod queries;
mod refusing;
mod support;
