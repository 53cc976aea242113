//! Looking after what is kept: verify, rebuild, back up, restore, migrate.

use crate::{
    assemble::{self, IndexUse},
    config::Config,
};
use anyhow::{Context, bail};
use record::id::RecordId;
use serde_json::json;
use std::{
    io::{BufReader, BufWriter, Write},
    path::Path,
};

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

/// The backup appears under its name when it is whole and on the disk.
pub(crate) async fn backup(config: &Config, data: &Path, file: &Path, as_json: bool) -> anyhow::Result<()> {
    let layout = assemble::Layout::new(config, data)?;
    if file.exists() {
        bail!("{} is there already; choose another name", file.display());
    }
    // What is about to be migrated must be kept as it was before.
    let catalogue =
        catalogue::Catalogue::open_to_read(&layout.database_url).await.context("cannot open the catalogue; see database.url")?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", file.display());
    let scratch = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    let mut out = BufWriter::new(scratch);
    let rows = catalogue.back_up(&mut out, archive::clock::Clock::System.now()).await.context("cannot back up the catalogue")?;
    let scratch = out.into_inner().map_err(|error| error.into_error()).with_context(cannot)?;
    scratch.as_file().sync_all().with_context(cannot)?;
    let bytes = scratch.as_file().metadata().with_context(cannot)?.len();
    scratch.persist_noclobber(file).map_err(|error| error.error).with_context(cannot)?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    if as_json {
        println!("{}", json!({ "rows": rows, "bytes": bytes }));
    } else {
        println!("{rows} rows of the catalogue are in {} ({bytes} bytes)", file.display());
    }
    Ok(())
}

pub(crate) async fn restore(config: &Config, data: &Path, file: &Path, as_json: bool) -> anyhow::Result<()> {
    let layout = assemble::Layout::new(config, data)?;
    let input = std::fs::File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let catalogue = catalogue::Catalogue::open(&layout.database_url).await.context("cannot open the catalogue; see database.url")?;
    let (manifest, rows) =
        catalogue.restore(&mut BufReader::new(input)).await.with_context(|| format!("cannot restore {}", file.display()))?;
    // It may know events that the restored log does not have; the next start makes it again.
    match std::fs::remove_dir_all(&layout.index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            bail!("the catalogue is restored, but the search index {} must be deleted by hand: {error}", layout.index.display())
        }
        _ => {}
    }
    if as_json {
        println!("{}", json!({ "rows": rows, "made_at": manifest.made_at, "program": manifest.program }));
    } else {
        println!("{rows} rows of {} are back in the catalogue; the next start fills the search index", manifest.made_at);
    }
    Ok(())
}

/// Opening the catalogue migrates it.
pub(crate) async fn migrate(config: &Config, data: &Path) -> anyhow::Result<()> {
    let layout = assemble::Layout::new(config, data)?;
    catalogue::Catalogue::open(&layout.database_url).await.context("cannot migrate the catalogue; see database.url")?;
    println!("the catalogue is at the version of this program, {}", env!("CARGO_PKG_VERSION"));
    Ok(())
}
