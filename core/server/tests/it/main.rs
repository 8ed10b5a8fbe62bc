//! The program from outside: what it writes for others, and customer libraries, built for real, checked, loaded and refused.

mod check;
mod load;
mod many;
mod new_customer;
mod program;
mod serving;
mod workshop;
