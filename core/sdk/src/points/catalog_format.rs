//! `catalog.format`: transformers that a profile chooses by name.
