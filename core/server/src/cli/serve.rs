//! `plugpoint serve`: run the server until SIGINT or SIGTERM.

use std::net::SocketAddr;

use clap::Args;

use super::{Common, Failure};
use crate::{logging, serving, terminal};

/// Run the server until it is interrupted. Unfinished imports start again by themselves.
///
/// Examples:
///   plugpoint serve --data-dir ./data
///   plugpoint serve --data-dir /var/lib/plugpoint --config /etc/plugpoint/plugpoint.toml --listen 127.0.0.1:8700
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Serve {
    #[command(flatten)]
    common: Common,
    /// Address and port; port 0 takes a free one. Wins over server.listen of the configuration.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut config = super::config::load(&self.common)?;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        logging::start(&config.log);
        let running = serving::start(config, &self.common.data_dir)?;
        terminal::line(&format!("plugpoint listens on {}", running.url()));
        running.wait_for_signal()?;
        running.stop();
        Ok(())
    }
}
