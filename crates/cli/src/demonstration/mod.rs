//! Fills an empty catalogue through the public API, as any depositor could, with volumes that the program
//! makes itself and honestly calls synthetic. The server is the only memory: records are known by their title,
//! so that a run that was killed goes on where it stopped and a second run changes nothing.

mod entry;
mod files;
mod specimens;
mod texts;

use crate::{client::Client, deposit, folder, send};
use anyhow::Context;
use api::RecordView;
use entry::{Entry, Goal};
use record::{
    doi::Doi,
    id::RecordId,
    instant::Instant,
    relation::{Relation, RelationType, Target},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A server that was just started answers within this time or not at all.
const FIRST_ANSWER_SECONDS_MAX: u64 = 30;
const DAY_SECONDS: i64 = 24 * 3600;

pub struct Demonstrator {
    pub server: String,
    pub token: String,
    /// Folder for volumes on their way; empty again at the end.
    pub scratch: PathBuf,
}

fn marker(scratch: &Path) -> PathBuf {
    scratch.join("complete")
}

pub fn is_complete(scratch: &Path) -> bool {
    marker(scratch).exists()
}

/// Whether an earlier run began here, so that records in the catalogue are its own.
pub fn has_begun(scratch: &Path) -> bool {
    scratch.exists()
}

pub async fn fill(demonstrator: &Demonstrator, say: impl Fn(String)) -> anyhow::Result<()> {
    let client = Client::new(&demonstrator.server, Some(demonstrator.token.clone()))?;
    let mut known = records_by_title(&client).await?;
    for group in catalogue() {
        for entry in &group {
            let record =
                make(&client, demonstrator, entry, known.get(entry.title()), &say).await.with_context(|| entry.title().to_owned())?;
            known.insert(entry.title().to_owned(), record);
        }
        for entry in &group {
            let record = finish(&client, entry, &known).await.with_context(|| entry.title().to_owned())?;
            say(format!("{} is {}", entry.title(), record.state));
            known.insert(entry.title().to_owned(), record);
        }
    }
    std::fs::write(marker(&demonstrator.scratch), b"The demonstration is complete.\n")?;
    Ok(())
}

/// Groups are finished together, because their records name each other.
fn catalogue() -> Vec<Vec<Entry>> {
    let mut groups = vec![vec![texts::caecilian_jaws()]];
    groups.extend(specimens::groups());
    groups.push(vec![texts::cone_beam()]);
    groups
}

/// Waits for the door and reads what an earlier run made.
async fn records_by_title(client: &Client) -> anyhow::Result<HashMap<String, RecordView>> {
    let began = std::time::Instant::now();
    let records = loop {
        match client.my_records().await {
            Ok(records) => break records,
            Err(failed) if failed.may_pass() && began.elapsed() < Duration::from_secs(FIRST_ANSWER_SECONDS_MAX) => {
                tokio::time::sleep(Duration::from_millis(100)).await
            }
            Err(failed) => return Err(failed.into()),
        }
    };
    Ok(records.into_iter().map(|record| (record.metadata.title.clone(), record)).collect())
}

/// The record with its files, registered if it shall be public.
async fn make(
    client: &Client,
    demonstrator: &Demonstrator,
    entry: &Entry,
    known: Option<&RecordView>,
    say: &impl Fn(String),
) -> anyhow::Result<RecordView> {
    let record = match known {
        Some(record) => record.clone(),
        None => client.create(entry.kind, entry.metadata.clone()).await?,
    };
    let id: RecordId = record.id.parse()?;
    if !matches!(record.state.as_str(), "draft" | "registered") {
        return Ok(record);
    }
    if let Some(volume) = &entry.volume {
        let place = demonstrator.scratch.join(entry.slug);
        say(format!("computing “{}”", entry.title()));
        let (wanted, target) = (volume.clone(), place.clone());
        tokio::task::spawn_blocking(move || files::write(&wanted, &target))
            .await?
            .with_context(|| format!("cannot write {}", place.display()))?;
        let files = folder::files_of(&place)?;
        send::send_files_silently(client, &id, &files).await?;
        std::fs::remove_dir_all(&place)?;
        deposit::wait_for_labour(client, &id, false, |_| ()).await?;
    }
    if record.state == "draft" && entry.goal != Goal::Draft && entry.kind.is_dataset() {
        return Ok(client.register(&id).await?);
    }
    Ok(client.record(&id).await?)
}

/// Names its relatives and takes the last step of its life.
async fn finish(client: &Client, entry: &Entry, known: &HashMap<String, RecordView>) -> anyhow::Result<RecordView> {
    let Some(record) = known.get(entry.title()) else { anyhow::bail!("the record was not made") };
    let id: RecordId = record.id.parse()?;
    if !matches!(record.state.as_str(), "draft" | "registered") {
        return Ok(record.clone());
    }
    let mut related = entry.metadata.related.clone();
    related.extend(entry.relatives.iter().filter_map(|(relation, title)| relative(*relation, known.get(*title)?)));
    if !related.is_empty() {
        client.patch(&id, serde_json::json!({ "related": related })).await?;
    }
    Ok(match entry.goal {
        Goal::Draft => client.record(&id).await?,
        Goal::Released => client.release(&id).await?,
        Goal::Published => client.publish(&id).await?,
        Goal::ReleasedInDays(days) => client.schedule(&id, in_days(days)).await?,
        Goal::Withdrawn(reason) => {
            client.release(&id).await?;
            client.withdraw(&id, reason).await?
        }
    })
}

fn relative(relation: RelationType, record: &RecordView) -> Option<Relation> {
    let article = record.metadata.article.as_ref().and_then(|article| article.doi.clone());
    let doi: Doi = article.or_else(|| record.doi.as_ref()?.parse().ok())?;
    Some(Relation { relation, target: Target::Doi(doi), title: Some(record.metadata.title.clone()) })
}

/// At the full minute, because a release date holds to the minute.
fn in_days(days: i64) -> Instant {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    Instant((now / 60 * 60 + days * DAY_SECONDS) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{Record, readiness, record::Holdings};

    fn entries() -> Vec<Entry> {
        catalogue().into_iter().flatten().collect()
    }

    #[test]
    fn every_entry_but_the_draft_is_described_completely() {
        for entry in entries().iter().filter(|entry| entry.goal != Goal::Draft) {
            let record =
                Record::draft("7h3k9x2q4".parse().unwrap(), entry.kind, "a@b.example".parse().unwrap(), entry.metadata.clone(), Instant(0));
            let missing = readiness::before_register(&record, &Holdings { files: 1, bytes: 1, unfinished_uploads: 0 });
            assert_eq!(missing, [], "{}", entry.title());
        }
    }

    #[test]
    fn whatever_was_computed_says_so_and_titles_are_unique() {
        let entries = entries();
        let mut titles: Vec<&str> = entries.iter().map(Entry::title).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), entries.len());
        for entry in &entries {
            assert_eq!(entry.metadata.synthetic, entry.volume.is_some(), "{}", entry.title());
            assert!(entry.relatives.iter().all(|(_, title)| titles.contains(title)), "{}", entry.title());
        }
    }

    #[test]
    fn the_first_impression_is_rich() {
        let entries = entries();
        assert!(entries.iter().filter(|entry| entry.goal == Goal::Released && entry.volume.is_some()).count() >= 7);
        assert!(entries.iter().any(|entry| {
            entry
                .metadata
                .article
                .as_ref()
                .and_then(|article| article.doi.as_ref())
                .is_some_and(|doi| doi.as_str() == "10.1098/rsif.2008.0155")
        }));
    }
}
