//! `plugpoint openapi`, `plugpoint wsdl` and the list of codes: documents made from the declarations, without a server.

use std::fmt::Write;

use clap::Args;
use plugpoint_sdk::codes;

use super::Failure;
use crate::{assembly, terminal};

/// Print the OpenAPI document, as `GET /openapi.json` answers it.
///
/// Example:
///   plugpoint openapi > plugpoint.json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<(), Failure> {
        terminal::line(&serde_json::to_string_pretty(&assembly::openapi()?)?);
        Ok(())
    }
}

/// Print the WSDL, as `GET /soap/v1/catalog?wsdl` answers it.
///
/// Example:
///   plugpoint wsdl --address https://shop.example/soap/v1/catalog > catalog.wsdl
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Wsdl {
    /// The address that clients are told.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8700/soap/v1/catalog")]
    address: String,
    /// With the operations that have no answer, as `?wsdl=oneway` answers it. SOAP::WSDL for Perl cannot read them.
    #[arg(long)]
    one_way: bool,
    /// Print the XML schema of all messages instead.
    #[arg(long)]
    xsd: bool,
}

impl Wsdl {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = match (self.xsd, self.one_way) {
            (true, _) => plugpoint_plugin_soap::xsd(),
            (false, true) => plugpoint_plugin_soap::wsdl_with_one_way(&self.address),
            (false, false) => plugpoint_plugin_soap::wsdl(&self.address),
        };
        terminal::out(&text);
        Ok(())
    }
}

/// All stable codes as Markdown.
pub(crate) fn codes() -> Result<(), Failure> {
    let mut text = String::from(
        "# Stable codes\n\nGenerated from the declarations in the sdk. A code never changes its meaning.\n\n",
    );
    text.push_str("## Errors\n\n| code | HTTP | meaning | what to do |\n| --- | --- | --- | --- |\n");
    for code in codes::ALL {
        writeln!(text, "| `{}` | {} | {}. | {} |", code.name, code.status, code.title, code.remedy)?;
    }
    text.push_str("\n## Findings\n\n| code | meaning |\n| --- | --- |\n");
    for finding in codes::FINDINGS {
        writeln!(text, "| `{}` | {} |", finding.name, finding.meaning)?;
    }
    terminal::out(&text);
    Ok(())
}
