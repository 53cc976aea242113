//! Looking after what is kept: verify, rebuild, migrate.

use crate::{
    assemble::{self, IndexUse},
    config::Config,
};
use anyhow::{Context, bail};
use record::id::RecordId;
use serde_json::json;
use std::{io::Write, path::Path};

pub(crate) async fn verify(config: &Config, data: &Path, records: Vec<RecordId>, as_json: bool) -> anyhow::Result<()> {
    let house = assemble::house(config, data, String::new(), IndexUse::Passing).await?;
    let mut bytes_read = 0u64;
    let mut last: Option<RecordId> = None;
    let damages = house
        .archive
        .verify(records, |record, bytes| {
            bytes_read += bytes;
            if last.as_ref() != Some(record) {
                // A closed standard error must not end the verification.
                let _ = writeln!(std::io::stderr(), "reading {record}");
                last = Some(record.clone());
            }
        })
        .await
        .context("cannot verify")?;
    if as_json {
        let list: Vec<_> = damages.iter().map(|(record, damage)| json!({ "record": record, "damage": damage.to_string() })).collect();
        println!("{}", json!({ "bytes": bytes_read, "damaged": list }));
    } else {
        damages.iter().for_each(|(record, damage)| println!("{record}: {damage}"));
        println!("{bytes_read} bytes read, {} damaged", damages.len());
    }
    if damages.is_empty() { Ok(()) } else { bail!("{} files are damaged; bring them back from a backup", damages.len()) }
}

pub(crate) async fn rebuild(config: &Config, data: &Path, as_json: bool) -> anyhow::Result<()> {
    let house = assemble::house(config, data, config.server_base_url.trim_end_matches('/').to_owned(), IndexUse::Own).await?;
    let rebuilt = house
        .archive
        .rebuild(|records| {
            let _ = writeln!(std::io::stderr(), "{records} records");
        })
        .await
        .context("cannot rebuild")?;
    house.archive.settle_index().await.context("cannot fill the search index")?;
    if as_json {
        let list: Vec<_> = rebuilt.damaged.iter().map(|(record, why)| json!({ "record": record, "why": why })).collect();
        println!("{}", json!({ "records": rebuilt.records, "files": rebuilt.files, "damaged": list }));
    } else {
        rebuilt.damaged.iter().for_each(|(record, why)| println!("{record}: {why}"));
        println!("{} records with {} files are back in the catalogue", rebuilt.records, rebuilt.files);
    }
    if rebuilt.damaged.is_empty() { Ok(()) } else { bail!("{} objects could not be read; run science3d verify", rebuilt.damaged.len()) }
}

/// Opening the catalogue migrates it.
pub(crate) async fn migrate(config: &Config, data: &Path) -> anyhow::Result<()> {
    let layout = assemble::Layout::new(config, data)?;
    catalogue::Catalogue::open(&layout.database_url).await.context("cannot migrate the catalogue; see database.url")?;
    println!("the catalogue is at the version of this program, {}", env!("CARGO_PKG_VERSION"));
    Ok(())
}
