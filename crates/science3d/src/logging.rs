//! What happened, for the operator: on standard error, for people or as JSON lines.

use crate::{config::Config, setting::LogStyle};
use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt};

pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.server_log_filter)
        .with_context(|| format!("server.log_filter = “{}” is no filter; try info", config.server_log_filter))?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.server_log {
        LogStyle::Human => lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).init(),
        LogStyle::Json => lines.json().init(),
    }
    Ok(())
}
