//! What became of an import, for the person who can change the source system: which item is wrong, where, why, and what to do.
//!
//! Called by the endpoints under `imports/{id}`. Everything in it was written by strangers, and is shown as what it is: escaped, cut,
//! with characters that nobody sees made visible. It reads findings and the kept document; it decides nothing and changes nothing.
//!
//! | file | what |
//! |---|---|
//! | `summary` | the findings of an import by their codes |
//! | `excerpt` | the lines of the document around them |
//! | `page` | the printable page |
//! | `table` | the cells of the CSV table |
//! | `visible` | text of strangers in HTML and in cells |

pub(crate) mod excerpt;
pub(crate) mod page;
pub(crate) mod summary;
pub(crate) mod table;
mod visible;
