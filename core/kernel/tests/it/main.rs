//! The kernel from outside: what is refused, what is resolved, what is called.

mod calls;
mod order;
mod permutation;
mod plan;
mod problems;
mod support;
