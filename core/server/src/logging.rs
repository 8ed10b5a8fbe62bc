//! Structured logs on standard error: text for people, JSON for machines, as the configuration says.

use std::io::{self, IsTerminal};

use plugpoint_config::{LogFormat, LogSection};
use tracing_subscriber::EnvFilter;

/// Starts logging. A second call (tests, the demo's own server) changes nothing.
pub(crate) fn start(section: &LogSection) {
    let filter = EnvFilter::try_new(section.level.as_str()).unwrap_or_else(|_| EnvFilter::new("info"));
    // Colours are for eyes: a file or a pipe gets none, nor does anybody who set NO_COLOR (no-color.org).
    let has_colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    let builder = builder.with_ansi(has_colours);
    // An error means that a subscriber is there already, which is as good.
    let _ = match section.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.compact().try_init(),
    };
}
