//! What a customer crate does to its tenants' databases: an update file, split into tagged steps that run in their order, once each.
//!
//! The file is SQL with a line before each step, or XML. Either way a step has a tag, by which a database records that it has been
//! done, and a text for each backend. Read once, when the crate is taken; the store runs it. What a step may touch is the customer's
//! own: tables whose names begin with [`own_prefix`].

mod sql;
mod xml;

use std::fmt;

/// Bytes of an update file.
pub const UPDATE_BYTES_MAX: usize = 1 << 20;
/// Steps of an update file.
pub const UPDATE_STEPS_MAX: usize = 1_000;
/// Characters of a tag: `a-z 0-9 . _ -`.
pub const TAG_CHARS_MAX: usize = 64;

/// An update file that has been read: steps with different tags, in the order in which they run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updates(Vec<UpdateStep>);

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateStep {
    tag: String,
    title: String,
    sqlite: String,
    postgres: String,
}

/// Which words a database understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// A file of SQLite's.
    Sqlite,
    /// A schema of a PostgreSQL server.
    Postgres,
}

/// Why a text is no update file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateError {
    /// The line, from 1; none where no single line is to blame.
    pub line: Option<u64>,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl Updates {
    /// Reads an update file: XML if it begins with `<`, else SQL. An empty one has no steps.
    ///
    /// ```
    /// use plugpoint_sdk::update::{Backend, Updates};
    ///
    /// let updates: Updates = "
    /// -- step: 2026-11-stock What lies in the warehouse
    /// CREATE TABLE x_example_stock (sku TEXT PRIMARY KEY, pieces BIGINT NOT NULL);
    /// -- step: 2026-12-shelf Where it lies
    /// ALTER TABLE x_example_stock ADD COLUMN shelf TEXT;
    /// -- only: postgres
    /// COMMENT ON COLUMN x_example_stock.shelf IS 'as the ERP writes it';
    /// "
    /// .parse()?;
    /// let [stock, shelf] = updates.steps() else { panic!() };
    /// assert_eq!((stock.tag(), stock.title()), ("2026-11-stock", "What lies in the warehouse"));
    /// assert!(shelf.text(Backend::Postgres).contains("COMMENT") && !shelf.text(Backend::Sqlite).contains("COMMENT"));
    ///
    /// let same = r#"<updates>
    ///   <step tag="2026-11-stock" title="What lies in the warehouse">
    ///     <sql>CREATE TABLE x_example_stock (sku TEXT PRIMARY KEY, pieces BIGINT NOT NULL)</sql>
    ///   </step>
    /// </updates>"#;
    /// assert_eq!(Updates::read(same)?.steps()[0].tag(), stock.tag());
    /// # Ok::<(), plugpoint_sdk::update::UpdateError>(())
    /// ```
    ///
    /// # Errors
    /// What the first thing is that is wrong, and where: a file or a number of steps beyond the bounds of this module, statements
    /// before the first step, tags that are not allowed or there twice, a step without a text for a backend; XML that the platform's
    /// reader refuses, a DOCTYPE among it.
    pub fn read(text: &str) -> Result<Self, UpdateError> {
        if text.len() > UPDATE_BYTES_MAX {
            return Err(UpdateError::new(None, format!("the file is larger than {UPDATE_BYTES_MAX} bytes")));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut taken = Taken::default();
        match text.trim_start().starts_with('<') {
            true => xml::read(text, &mut taken)?,
            false => sql::read(text, &mut taken)?,
        }
        Ok(Self(taken.steps))
    }

    /// The steps in their order.
    #[must_use]
    pub fn steps(&self) -> &[UpdateStep] {
        &self.0
    }
}

impl std::str::FromStr for Updates {
    type Err = UpdateError;

    fn from_str(text: &str) -> Result<Self, UpdateError> {
        Self::read(text)
    }
}

impl UpdateStep {
    /// By which a database records that it has been done.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// What it is for, in the customer's words; may be empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its statements in the words of a backend, separated by semicolons.
    #[must_use]
    pub fn text(&self, backend: Backend) -> &str {
        match backend {
            Backend::Sqlite => &self.sqlite,
            Backend::Postgres => &self.postgres,
        }
    }
}

/// What the names of a customer's own tables, views and types begin with: `x_`, the customer's name with `_` for `-`, `_`.
#[must_use]
pub fn own_prefix(customer: &str) -> String {
    format!("x_{}_", customer.replace('-', "_"))
}

impl Backend {
    const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As an update file names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    fn named(name: &str, line: u64) -> Result<Self, UpdateError> {
        let found = Self::ALL.into_iter().find(|backend| backend.name() == name);
        found.ok_or_else(|| {
            UpdateError::new(Some(line), format!("there is no backend `{name}`: write sqlite or postgres"))
        })
    }
}

impl UpdateError {
    fn new(line: impl Into<Option<u64>>, message: impl Into<String>) -> Self {
        Self { line: line.into(), message: message.into() }
    }
}

impl fmt::Display for UpdateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for UpdateError {}

/// The steps that have been read.
#[derive(Default)]
struct Taken {
    steps: Vec<UpdateStep>,
    lines: Vec<u64>,
}

impl Taken {
    /// Begins a step.
    fn begin(&mut self, tag: &str, title: &str, line: u64) -> Result<(), UpdateError> {
        let is_allowed =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || ".-_".contains(character);
        if tag.is_empty() || tag.len() > TAG_CHARS_MAX || !tag.chars().all(is_allowed) {
            let message = format!("the tag `{tag}` is not 1 to {TAG_CHARS_MAX} of a-z 0-9 . _ -");
            return Err(UpdateError::new(line, message));
        }
        if let Some(at) = self.steps.iter().position(|step| step.tag == tag) {
            return Err(UpdateError::new(line, format!("the tag `{tag}` is that of line {}, too", self.lines[at])));
        }
        if self.steps.len() == UPDATE_STEPS_MAX {
            return Err(UpdateError::new(line, format!("there are more than {UPDATE_STEPS_MAX} steps")));
        }
        let (sqlite, postgres) = (String::new(), String::new());
        self.steps.push(UpdateStep { tag: tag.to_owned(), title: title.trim().to_owned(), sqlite, postgres });
        self.lines.push(line);
        Ok(())
    }

    /// Adds to the text of the last step. False if there is none yet.
    fn add(&mut self, text: &str, only: Option<Backend>) -> bool {
        let Some(step) = self.steps.last_mut() else { return false };
        for backend in Backend::ALL {
            if only.is_none_or(|only| only == backend) {
                let of_backend = match backend {
                    Backend::Sqlite => &mut step.sqlite,
                    Backend::Postgres => &mut step.postgres,
                };
                of_backend.push_str(text);
            }
        }
        true
    }

    /// Ends the last step, if there is one.
    fn end(&self) -> Result<(), UpdateError> {
        let (Some(step), Some(line)) = (self.steps.last(), self.lines.last()) else { return Ok(()) };
        let lacks = Backend::ALL.into_iter().find(|backend| !has_statement(step.text(*backend)));
        lacks.map_or(Ok(()), |backend| {
            let message = format!("the step `{}` has no statement for {}", step.tag, backend.name());
            Err(UpdateError::new(*line, message))
        })
    }
}

/// Whether there is anything but white space, semicolons and comments to the end of a line.
fn has_statement(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.split_once("--").map_or(line, |(statement, _)| statement);
        line.contains(|character: char| !character.is_whitespace() && character != ';')
    })
}
