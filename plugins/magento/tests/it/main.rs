//! The Magento plugin against an invented shop, case folders and damaged answers.

mod cases;
mod facade;
mod pulls;
mod shop;
