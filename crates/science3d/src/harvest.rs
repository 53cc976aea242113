//! Harvesting at the command line: one source or all, to the end and in sight.

use crate::{
    assemble::{self, IndexUse},
    config::Config,
};
use anyhow::bail;
use serde_json::json;
use std::path::Path;
use worker::harvest::{Ended, harvest_for};

/// A server that asks for longer pauses is left to the schedule.
const WAIT_SECONDS_MAX: u64 = 600;
const ATTEMPTS_MAX: u32 = 5;

pub(crate) async fn harvest(config: &Config, data: &Path, name: Option<&str>, as_json: bool) -> anyhow::Result<()> {
    let house = assemble::house(config, data, config.server_base_url.trim_end_matches('/').to_owned(), IndexUse::Passing).await?;
    let archive = &house.archive;
    let sources = match name {
        Some(name) => vec![archive.harvest_source(name)?.clone()],
        None => archive.settings().publications.sources.clone(),
    };
    if sources.is_empty() {
        bail!("no publication database is configured; publications.sources names the file that lists them");
    }
    let mut failed = Vec::new();
    for source in &sources {
        eprintln!("harvesting {} from {}", source.name, source.url);
        let mut attempts = 0;
        let ended = loop {
            attempts += 1;
            match harvest_for(archive, source, None).await? {
                Ended::AskedToWait { seconds } if seconds <= WAIT_SECONDS_MAX && attempts < ATTEMPTS_MAX => {
                    eprintln!("{} asks for a pause of {seconds} seconds", source.name);
                    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
                }
                ended => break ended,
            }
        };
        let says = match &ended {
            Ended::Whole(counts) => {
                let line = json!({ "source": source.name, "counts": counts });
                println!("{}", if as_json { line.to_string() } else { in_words(&source.name, counts) });
                continue;
            }
            Ended::Busy => "somebody else is harvesting it right now".to_owned(),
            Ended::Failed { says, .. } => says.clone(),
            Ended::AskedToWait { seconds } => format!("it asks for a pause of {seconds} seconds"),
            Ended::GoesOn => "it was not finished".to_owned(),
        };
        if as_json {
            println!("{}", json!({ "source": source.name, "failure": says }));
        }
        failed.push(format!("{}: {says}", source.name));
    }
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

fn in_words(name: &str, counts: &record::harvest::Counts) -> String {
    let record::harvest::Counts { seen, added, changed, known, deleted, unusable } = counts;
    format!("{name}: {seen} seen, {added} added, {changed} changed, {known} known, {deleted} deleted, {unusable} unusable")
}
