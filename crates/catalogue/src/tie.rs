//! Ties between publications and datasets: noticed, offered, answered. Beside them, by which names they are noticed.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    record::{Stored, read as read_record},
    sql::{Reading, row_limit, to_json},
};
use ::record::{
    doi::Doi,
    id::RecordId,
    record::Record,
    tie::{Standing, Tie},
};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeSet;

macro_rules! select_tie {
    ($rest:literal) => {
        concat!("SELECT dataset, publication, reason, standing, offered_at FROM tie ", $rest)
    };
}

const TIES_MAX: u32 = 500;

fn read(row: &AnyRow) -> Result<Tie, Fault> {
    let reading = Reading::of(row, "tie", "dataset");
    let standing = reading.text("standing")?;
    Ok(Tie {
        dataset: reading.parsed("dataset")?,
        publication: reading.parsed("publication")?,
        reason: reading.json("reason")?,
        standing: Standing::from_name(&standing).ok_or_else(|| reading.wrong("standing", format!("“{standing}” is none")))?,
        offered_at: reading.instant("offered_at")?,
    })
}

async fn of_dataset(connection: &mut AnyConnection, dataset: &RecordId) -> Result<Vec<Tie>, Fault> {
    let query = sqlx::query(select_tie!("WHERE dataset = $1 ORDER BY offered_at DESC, publication LIMIT $2"));
    let query = query.bind(dataset.as_str().to_owned()).bind(row_limit(TIES_MAX));
    query.fetch_all(connection).await.tried("list the publications of a dataset")?.iter().map(read).collect()
}

impl Catalogue {
    /// The newest first.
    pub async fn ties_of_dataset(&self, dataset: &RecordId) -> Result<Vec<Tie>, Fault> {
        of_dataset(&mut *self.reader().await?, dataset).await
    }

    /// What waits for an answer from the owners whose address this is.
    pub async fn ties_offered_to(&self, email: &::record::team::Email, limit: u32) -> Result<Vec<Tie>, Fault> {
        let query = sqlx::query(concat!(
            "SELECT tie.dataset, tie.publication, tie.reason, tie.standing, tie.offered_at FROM tie ",
            "JOIN member ON member.record = tie.dataset WHERE member.email = $1 AND member.role = 'owner' AND tie.standing = 'offered' ",
            "ORDER BY tie.offered_at DESC, tie.dataset, tie.publication LIMIT $2"
        ));
        let query = query.bind(email.as_str().to_owned()).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list what is offered to someone")?.iter().map(read).collect()
    }

    /// Public records of the other sort, texts for a dataset and datasets for a text, that share one of these names.
    pub async fn sharing_authors(&self, names: &BTreeSet<String>, of: &Record, limit: u32) -> Result<Vec<Stored>, Fault> {
        let wanted = if of.kind.is_text() { "datasets" } else { "texts" };
        let mut found: Vec<Stored> = Vec::new();
        for name in names {
            let room = limit.saturating_sub(found.len() as u32);
            let query = sqlx::query(SHARING_AUTHORS).bind(name.clone()).bind(row_limit(room)).bind(wanted);
            let rows = query.fetch_all(&mut *self.reader().await?).await.tried("find records of the same authors")?;
            for row in &rows {
                let stored = read_record(row)?;
                if found.iter().all(|held| held.record.id != stored.record.id) {
                    found.push(stored);
                }
            }
        }
        Ok(found)
    }

    /// Public records whose description, here or where they were harvested, names this DOI.
    pub async fn records_naming(&self, doi: &Doi, limit: u32) -> Result<Vec<Stored>, Fault> {
        let query = sqlx::query(NAMING).bind(doi.as_str().to_owned()).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("find records that name a DOI")?.iter().map(read_record).collect()
    }
}

pub(crate) const SHARING_AUTHORS: &str = concat!(
    "SELECT record.id, record.doc, record.files, record.bytes, record.unfinished_uploads FROM author_name ",
    "JOIN record ON record.id = author_name.record WHERE author_name.name = $1 ",
    "AND (record.kind IN ('publication', 'reference')) = ($3 = 'texts') ORDER BY author_name.record LIMIT $2"
);
pub(crate) const NAMING: &str = concat!(
    "SELECT record.id, record.doc, record.files, record.bytes, record.unfinished_uploads FROM named_doi ",
    "JOIN record ON record.id = named_doi.record WHERE named_doi.doi = $1 ORDER BY named_doi.record LIMIT $2"
);

impl Change {
    pub async fn ties_of_dataset(&mut self, dataset: &RecordId) -> Result<Vec<Tie>, Fault> {
        of_dataset(self.connection(), dataset).await
    }

    pub async fn tie(&mut self, dataset: &RecordId, publication: &RecordId) -> Result<Option<Tie>, Fault> {
        let query = sqlx::query(select_tie!("WHERE dataset = $1 AND publication = $2"));
        let query = query.bind(dataset.as_str().to_owned()).bind(publication.as_str().to_owned());
        query.fetch_optional(self.connection()).await.tried("find a tie")?.as_ref().map(read).transpose()
    }

    /// Whether an owner confirmed that this publication belongs to a dataset.
    pub async fn is_tied(&mut self, publication: &RecordId) -> Result<bool, Fault> {
        let query =
            sqlx::query(select_tie!("WHERE publication = $1 AND standing = 'confirmed' LIMIT 1")).bind(publication.as_str().to_owned());
        Ok(query.fetch_optional(self.connection()).await.tried("find a tie")?.is_some())
    }

    pub async fn put_tie(&mut self, tie: &Tie) -> Result<(), Fault> {
        let upsert = "INSERT INTO tie (dataset, publication, reason, standing, offered_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (dataset, publication) DO UPDATE SET reason = excluded.reason, standing = excluded.standing";
        let query = sqlx::query(upsert)
            .bind(tie.dataset.as_str().to_owned())
            .bind(tie.publication.as_str().to_owned())
            .bind(to_json("tie", &tie.dataset, &tie.reason)?)
            .bind(tie.standing.name())
            .bind(tie.offered_at.0);
        query.execute(self.connection()).await.tried("keep a tie").map(|_| ())
    }

    /// By which names of authors, and of works that it names, this record is found from now on.
    pub async fn set_clues(&mut self, record: &RecordId, names: &BTreeSet<String>, dois: &BTreeSet<Doi>) -> Result<(), Fault> {
        for delete in ["DELETE FROM author_name WHERE record = $1", "DELETE FROM named_doi WHERE record = $1"] {
            let delete = sqlx::query(delete).bind(record.as_str().to_owned());
            delete.execute(self.connection()).await.tried("note by what a record is found")?;
        }
        let names = names.iter().map(|name| ("INSERT INTO author_name (name, record) VALUES ($1, $2)", name.as_str()));
        let dois = dois.iter().map(|doi| ("INSERT INTO named_doi (doi, record) VALUES ($1, $2)", doi.as_str()));
        for (insert, clue) in names.chain(dois) {
            let insert = sqlx::query(insert).bind(clue.to_owned()).bind(record.as_str().to_owned());
            insert.execute(self.connection()).await.tried("note by what a record is found")?;
        }
        Ok(())
    }
}
