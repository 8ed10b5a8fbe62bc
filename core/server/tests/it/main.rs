//! The command line against the real program: what it writes for others has to work where they use it.

mod new_customer;
