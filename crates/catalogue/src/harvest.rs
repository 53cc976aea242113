//! Harvests: how far each source is, and what became of each of its records.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{harvest::Progress, id::RecordId, instant::Instant, metadata::Metadata};
use sqlx::{AnyConnection, any::AnyRow};

/// What is known of one foreign record.
#[derive(Debug, Clone, PartialEq)]
pub struct HarvestedItem {
    pub source: String,
    pub identifier: String,
    pub standing: ItemStanding,
    /// The publication here that it is.
    pub record: Option<RecordId>,
    /// As it was when it was last taken.
    pub metadata: Option<Metadata>,
    pub fault: Option<String>,
    pub seen_at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemStanding {
    Taken,
    Deleted,
    Unusable,
}

impl ItemStanding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Deleted => "deleted",
            Self::Unusable => "unusable",
        }
    }
}

macro_rules! select_item {
    ($rest:literal) => {
        concat!("SELECT source, identifier, standing, record, doc, fault, seen_at FROM harvest_item ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<HarvestedItem, Fault> {
    let reading = Reading::of(row, "harvest_item", "identifier");
    let standing = reading.text("standing")?;
    let standings = [ItemStanding::Taken, ItemStanding::Deleted, ItemStanding::Unusable];
    Ok(HarvestedItem {
        source: reading.text("source")?,
        identifier: reading.text("identifier")?,
        standing: standings
            .into_iter()
            .find(|known| known.name() == standing)
            .ok_or_else(|| reading.wrong("standing", format!("“{standing}” is none")))?,
        record: reading.maybe_parsed("record")?,
        metadata: reading.maybe_json("doc")?,
        fault: reading.maybe_text("fault")?,
        seen_at: reading.instant("seen_at")?,
    })
}

async fn progress(connection: &mut AnyConnection, source: &str) -> Result<Progress, Fault> {
    let query = sqlx::query("SELECT name, progress FROM harvest_source WHERE name = $1").bind(source.to_owned());
    let row = query.fetch_optional(connection).await.tried("see how far a harvest is")?;
    row.map_or(Ok(Progress::default()), |row| Reading::of(&row, "harvest_source", "name").json("progress"))
}

async fn of_record(connection: &mut AnyConnection, record: &RecordId) -> Result<Vec<HarvestedItem>, Fault> {
    let query = sqlx::query(select_item!("WHERE record = $1 ORDER BY source, identifier LIMIT $2")).bind(record.as_str().to_owned());
    query.bind(row_limit(100)).fetch_all(connection).await.tried("see where a publication came from")?.iter().map(read).collect()
}

impl Catalogue {
    pub async fn harvest_progress(&self, source: &str) -> Result<Progress, Fault> {
        progress(&mut *self.reader().await?, source).await
    }

    /// The newest first: what nothing could be made of.
    pub async fn unusable_items(&self, source: &str, limit: u32) -> Result<Vec<HarvestedItem>, Fault> {
        let query = sqlx::query(select_item!("WHERE source = $1 AND standing = 'unusable' ORDER BY seen_at DESC, identifier LIMIT $2"));
        let query = query.bind(source.to_owned()).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list what was not usable")?.iter().map(read).collect()
    }

    pub async fn items_of_record(&self, record: &RecordId) -> Result<Vec<HarvestedItem>, Fault> {
        of_record(&mut *self.reader().await?, record).await
    }
}

impl Change {
    pub async fn harvest_progress(&mut self, source: &str) -> Result<Progress, Fault> {
        progress(self.connection(), source).await
    }

    pub async fn set_harvest_progress(&mut self, source: &str, progress: &Progress) -> Result<(), Fault> {
        let upsert =
            "INSERT INTO harvest_source (name, progress) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET progress = excluded.progress";
        let query = sqlx::query(upsert).bind(source.to_owned()).bind(to_json("harvest_source", source, progress)?);
        query.execute(self.connection()).await.tried("note how far a harvest is").map(|_| ())
    }

    pub async fn harvest_item(&mut self, source: &str, identifier: &str) -> Result<Option<HarvestedItem>, Fault> {
        let query = sqlx::query(select_item!("WHERE source = $1 AND identifier = $2")).bind(source.to_owned()).bind(identifier.to_owned());
        query.fetch_optional(self.connection()).await.tried("find a harvested record")?.as_ref().map(read).transpose()
    }

    pub async fn items_of_record(&mut self, record: &RecordId) -> Result<Vec<HarvestedItem>, Fault> {
        of_record(self.connection(), record).await
    }

    pub async fn put_harvest_item(&mut self, item: &HarvestedItem) -> Result<(), Fault> {
        let upsert =
            "INSERT INTO harvest_item (source, identifier, standing, record, doc, fault, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (source, identifier) DO UPDATE SET standing = excluded.standing, record = excluded.record, doc = excluded.doc,
              fault = excluded.fault, seen_at = excluded.seen_at";
        let doc = item.metadata.as_ref().map(|metadata| to_json("harvest_item", &item.identifier, metadata)).transpose()?;
        let query = sqlx::query(upsert)
            .bind(item.source.clone())
            .bind(item.identifier.clone())
            .bind(item.standing.name())
            .bind(item.record.as_ref().map(|record| record.as_str().to_owned()))
            .bind(doc)
            .bind(item.fault.clone())
            .bind(item.seen_at.0);
        query.execute(self.connection()).await.tried("keep a harvested record").map(|_| ())
    }
}
