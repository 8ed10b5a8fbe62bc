//! Where registrations come from: a door, which fixes the layer, and one `register` function behind it.
//!
//! Linked and loaded crates alike end here. The layer is never taken from the crate itself.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

use plugpoint_sdk::customer::CustomerEntry;
use plugpoint_sdk::registry::{Layer, PointInfo, Registrar, Registration};

use crate::dynamic::Loaded;
use crate::problem::{Party, Problem};
use crate::report::LibraryReport;
use crate::shelter;

/// The door through which a crate is let in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// The platform itself.
    Core,
    /// A plugin, by name.
    Plugin(String),
    /// A customer's crate.
    Customer {
        /// The name that tenants use: 1 to 40 of `a-z 0-9 -`, the first a letter.
        name: String,
        /// The customer's own profile, as TOML.
        profile: String,
        /// What it does to its tenants' databases, as an update file.
        updates: String,
    },
}

impl Door {
    pub(crate) fn layer(&self) -> Layer {
        match self {
            Self::Core => Layer::Core,
            Self::Plugin(_) => Layer::Plugin,
            Self::Customer { .. } => Layer::Customer,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Core => "core",
            Self::Plugin(name) | Self::Customer { name, .. } => name,
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core => f.write_str("core"),
            Self::Plugin(name) => write!(f, "plugin {name}"),
            Self::Customer { name, .. } => write!(f, "customer {name}"),
        }
    }
}

/// A crate's `register`.
type Register = Box<dyn FnOnce(&mut Registrar) + Send>;

/// How long a library's `register` may take. It only records, so it takes microseconds.
const REGISTER_MAX: Duration = Duration::from_secs(5);

/// What a `register` has recorded, and how it failed.
fn here(register: Register) -> (Vec<Registration>, Vec<String>) {
    let mut registrar = Registrar::default();
    registrar.run(register);
    registrar.into_parts()
}

/// The same for a library, which nobody has linked and tried: one that never comes back is left behind, not waited for.
fn in_time(register: Register) -> (Vec<Registration>, Vec<String>) {
    let (recorded, result) = sync_channel(1);
    let thread = Builder::new().name("register".to_owned()).spawn(move || {
        // Nobody takes what comes too late.
        let _ = recorded.send(here(register));
    });
    let failed = |words: String| (Vec::new(), vec![words]);
    match thread {
        Ok(_) => result
            .recv_timeout(REGISTER_MAX)
            .unwrap_or_else(|_| failed(format!("has not come back within {} s", REGISTER_MAX.as_secs()))),
        Err(error) => failed(format!("could not be started: {error}")),
    }
}

/// One crate to be committed.
pub struct Source {
    door: Door,
    origin: String,
    library: Option<LibraryReport>,
    register: Register,
}

impl Source {
    /// A crate behind `door`. `origin` is its name and version, for reports.
    pub fn new(door: Door, origin: impl Into<String>, register: impl FnOnce(&mut Registrar) + Send + 'static) -> Self {
        Self { door, origin: origin.into(), library: None, register: Box::new(register) }
    }

    /// A plugin.
    pub fn plugin(
        name: &str,
        origin: impl Into<String>,
        register: impl FnOnce(&mut Registrar) + Send + 'static,
    ) -> Self {
        Self::new(Door::Plugin(name.to_owned()), origin, register)
    }

    /// A linked customer crate.
    #[must_use]
    pub fn linked(entry: &CustomerEntry) -> Self {
        let (name, profile, updates) = (entry.name.to_owned(), entry.profile.to_owned(), entry.updates.to_owned());
        let door = Door::Customer { name, profile, updates };
        Self::new(door, format!("{} ({})", entry.package, entry.location), entry.register)
    }

    /// A loaded customer crate. `shadows` are the files of lower versions that were left alone for it.
    #[must_use]
    pub fn loaded(loaded: &Loaded, shadows: &[PathBuf]) -> Self {
        let shown = |path: &PathBuf| path.display().to_string();
        let (file, sha256) = (shown(&loaded.library.file), loaded.library.sha256.clone());
        let library = LibraryReport { file, sha256, shadows: shadows.iter().map(shown).collect() };
        Self { library: Some(library), ..Self::linked(loaded.entry) }
    }

    /// Runs the crate's `register`.
    pub(crate) fn open(self, problems: &mut Vec<Problem>) -> Opened {
        let (registrations, failures) = match &self.library {
            Some(_) => in_time(self.register),
            None => here(self.register),
        };
        let origin = Arc::new(Origin { door: self.door, package: self.origin, library: self.library });
        for failure in failures {
            problems.push(Problem::new(format!("registering {failure}"), vec![origin.party()]));
        }
        let registered = |registration: Registration| {
            let implementation = match origin.library {
                Some(_) => shelter::sheltered(registration.implementation),
                None => registration.implementation,
            };
            let registration = Registration { implementation, ..registration };
            Arc::new(Registered { registration, origin: Arc::clone(&origin) })
        };
        let registered = registrations.into_iter().map(registered).collect();
        Opened { origin, registered }
    }
}

/// A source after its `register` has run.
pub(crate) struct Opened {
    pub(crate) origin: Arc<Origin>,
    pub(crate) registered: Vec<Arc<Registered>>,
}

/// Who registered something.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) door: Door,
    pub(crate) package: String,
    /// The file, if it was loaded.
    pub(crate) library: Option<LibraryReport>,
}

impl Origin {
    /// The crate as a whole, as a party to a problem.
    pub(crate) fn party(&self) -> Party {
        Party { who: self.door.to_string(), id: None, at: self.located(&self.package) }
    }

    /// A place in the crate's sources, and the file that they were built into.
    fn located(&self, place: &str) -> String {
        match &self.library {
            Some(library) => format!("{place} of {}", library.file),
            None => place.to_owned(),
        }
    }
}

/// A registration and who made it.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) registration: Registration,
    pub(crate) origin: Arc<Origin>,
}

impl Registered {
    pub(crate) fn id(&self) -> &str {
        &self.registration.id
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.registration.key.as_deref()
    }

    pub(crate) fn point(&self) -> &'static PointInfo {
        self.registration.implementation.point()
    }

    pub(crate) fn layer(&self) -> Layer {
        self.origin.door.layer()
    }

    /// File and line that registered it.
    pub(crate) fn at(&self) -> String {
        let location = self.registration.location;
        format!("{}:{}", location.file(), location.line())
    }

    pub(crate) fn party(&self) -> Party {
        let at = self.origin.located(&self.at());
        Party { who: self.origin.door.to_string(), id: Some(self.id().to_owned()), at }
    }

    /// Sorts registrations so that nothing depends on when they were made.
    pub(crate) fn rank(&self) -> impl Ord + '_ {
        let location = self.registration.location;
        let place = (location.file(), location.line(), location.column());
        (self.point().name, self.key(), self.id(), self.layer(), &*self.origin, place)
    }
}
