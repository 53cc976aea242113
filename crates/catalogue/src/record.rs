//! Records: the whole record as one document, and beside it what is searched or counted by.

use crate::{
    catalogue::{Catalogue, Change, Engine},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{
    doi::Doi,
    harvest::title_key,
    id::RecordId,
    record::{Holdings, Record},
    team::Email,
};
use sqlx::{AnyConnection, any::AnyRow};

/// A record and what lies in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub record: Record,
    pub holdings: Holdings,
}

macro_rules! select_record {
    ($rest:literal) => {
        concat!("SELECT record.id, record.doc, record.files, record.bytes, record.unfinished_uploads FROM record ", $rest)
    };
}

pub(crate) const MY_RECORDS: &str = select_record!(
    "JOIN member ON member.record = record.id WHERE member.email = $1 ORDER BY member.changed_at DESC, member.record DESC LIMIT $2"
);
pub(crate) const MY_FURTHER_RECORDS: &str = select_record!(
    "JOIN member ON member.record = record.id
     JOIN record AS last ON last.id = $3
     WHERE member.email = $1 AND (member.changed_at < last.changed_at OR (member.changed_at = last.changed_at AND member.record < last.id))
     ORDER BY member.changed_at DESC, member.record DESC LIMIT $2"
);

/// Several records of one article: the public one first, then a withdrawn one, then the older id, so that the answer does not waver.
const BY_ARTICLE_DOI: &str =
    select_record!("WHERE article_doi = $1 ORDER BY CASE state WHEN 'draft' THEN 2 WHEN 'withdrawn' THEN 1 ELSE 0 END, id LIMIT $2");
/// More records of one article are not looked at.
const OF_ONE_ARTICLE_MAX: u32 = 50;

async fn by_article_doi(connection: &mut AnyConnection, doi: &Doi) -> Result<Vec<Stored>, Fault> {
    let query = sqlx::query(BY_ARTICLE_DOI).bind(doi.as_str().to_owned()).bind(row_limit(OF_ONE_ARTICLE_MAX));
    query.fetch_all(connection).await.tried("find records by the DOI of an article")?.iter().map(read).collect()
}

fn title_key_of(record: &Record) -> Option<String> {
    record.kind.is_text().then(|| title_key(&record.metadata)).flatten()
}

pub(crate) fn read(row: &AnyRow) -> Result<Stored, Fault> {
    let reading = Reading::of(row, "record", "id");
    let holdings = Holdings {
        files: reading.count("files")?,
        bytes: reading.count("bytes")?,
        unfinished_uploads: reading.count("unfinished_uploads")?,
    };
    Ok(Stored { record: reading.json("doc")?, holdings })
}

async fn find(connection: &mut AnyConnection, select: &'static str, key: &str) -> Result<Option<Stored>, Fault> {
    let row = sqlx::query(select).bind(key.to_owned()).fetch_optional(connection).await.tried("find a record")?;
    row.as_ref().map(read).transpose()
}

impl Catalogue {
    pub async fn record(&self, id: &RecordId) -> Result<Option<Stored>, Fault> {
        find(&mut *self.reader().await?, select_record!("WHERE id = $1"), id.as_str()).await
    }

    /// By the DOI minted here.
    pub async fn record_by_doi(&self, doi: &Doi) -> Result<Option<Stored>, Fault> {
        find(&mut *self.reader().await?, select_record!("WHERE doi = $1"), doi.as_str()).await
    }

    /// By the publisher's DOI of the article, which anybody can enter: what is public comes first.
    pub async fn records_by_article_doi(&self, doi: &Doi) -> Result<Vec<Stored>, Fault> {
        by_article_doi(&mut *self.reader().await?, doi).await
    }

    /// The records on whose team this address is, newest change first. `after` is the last one of the page before.
    pub async fn records_of(&self, email: &Email, after: Option<RecordId>, limit: u32) -> Result<Vec<Stored>, Fault> {
        let mut connection = self.reader().await?;
        let statement = if after.is_some() { MY_FURTHER_RECORDS } else { MY_RECORDS };
        let mut query = sqlx::query(statement).bind(email.as_str().to_owned()).bind(row_limit(limit));
        if let Some(after) = after {
            query = query.bind(after.as_str().to_owned());
        }
        query.fetch_all(&mut *connection).await.tried("list someone's records")?.iter().map(read).collect()
    }

    /// All ids in their order; for readers of everything.
    pub async fn record_ids_after(&self, after: Option<&RecordId>, limit: u32) -> Result<Vec<RecordId>, Fault> {
        let after = after.map_or("", RecordId::as_str).to_owned();
        let query = sqlx::query("SELECT id FROM record WHERE id > $1 ORDER BY id LIMIT $2").bind(after).bind(row_limit(limit));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("list the records")?;
        rows.iter().map(|row| Reading::of(row, "record", "id").parsed("id")).collect()
    }
}

impl Change {
    /// As [`Catalogue::records_by_article_doi`], with what this change has written.
    pub async fn records_by_article_doi(&mut self, doi: &Doi) -> Result<Vec<Stored>, Fault> {
        by_article_doi(self.connection(), doi).await
    }

    /// Texts of this title and year; see [`::record::harvest::title_key`].
    pub async fn texts_by_title_key(&mut self, key: &str) -> Result<Vec<Stored>, Fault> {
        let query = sqlx::query(select_record!("WHERE title_key = $1 ORDER BY id LIMIT $2")).bind(key.to_owned()).bind(row_limit(20));
        query.fetch_all(self.connection()).await.tried("find texts of a title")?.iter().map(read).collect()
    }

    /// For records that were stored before titles were compared.
    pub async fn note_title(&mut self, record: &Record) -> Result<(), Fault> {
        let update =
            sqlx::query("UPDATE record SET title_key = $1 WHERE id = $2").bind(title_key_of(record)).bind(record.id.as_str().to_owned());
        update.execute(self.connection()).await.tried("note a title").map(|_| ())
    }

    /// Reads it and keeps others from changing it until this change is over.
    pub async fn record(&mut self, id: &RecordId) -> Result<Option<Stored>, Fault> {
        let select = match self.engine {
            Engine::Sqlite => select_record!("WHERE id = $1"),
            Engine::Postgres => select_record!("WHERE id = $1 FOR UPDATE"),
        };
        find(self.connection(), select, id.as_str()).await
    }

    pub async fn insert_record(&mut self, record: &Record) -> Result<(), Fault> {
        let insert = "INSERT INTO record (kind, state, doi, article_doi, title_key, revision, changed_at, doc, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        bind_record(insert, record)?.execute(self.connection()).await.tried("store a new record")?;
        self.insert_members(record).await
    }

    /// Refused with [`Fault::Conflict`] when the stored revision is not the expected one. The record's own revision is
    /// what gets stored; the caller counts it up.
    pub async fn update_record(&mut self, record: &Record, expected_revision: i64) -> Result<(), Fault> {
        let update = "UPDATE record SET kind = $1, state = $2, doi = $3, article_doi = $4, title_key = $5, revision = $6, changed_at = $7, doc = $8 WHERE id = $9 AND revision = $10";
        let done = bind_record(update, record)?.bind(expected_revision).execute(self.connection()).await.tried("store a record")?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let delete = sqlx::query("DELETE FROM member WHERE record = $1").bind(record.id.as_str().to_owned());
        delete.execute(self.connection()).await.tried("store a record's team")?;
        self.insert_members(record).await
    }

    /// Removes it with its files, uploads, derivatives, links and jobs. Its events stay: they say that it is gone.
    pub async fn delete_record(&mut self, id: &RecordId) -> Result<bool, Fault> {
        let jobs = sqlx::query("DELETE FROM job WHERE record = $1").bind(id.as_str().to_owned());
        jobs.execute(self.connection()).await.tried("delete a record's jobs")?;
        let record = sqlx::query("DELETE FROM record WHERE id = $1").bind(id.as_str().to_owned());
        Ok(record.execute(self.connection()).await.tried("delete a record")?.rows_affected() > 0)
    }

    async fn insert_members(&mut self, record: &Record) -> Result<(), Fault> {
        for member in &record.team {
            let insert =
                "INSERT INTO member (record, email, role, changed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (record, email) DO NOTHING";
            let query = sqlx::query(insert).bind(record.id.as_str().to_owned()).bind(member.email.as_str().to_owned());
            query.bind(member.role.name()).bind(record.changed_at.0).execute(self.connection()).await.tried("store a record's team")?;
        }
        Ok(())
    }
}

type Query = sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments>;

fn bind_record(statement: &'static str, record: &Record) -> Result<Query, Fault> {
    let doc = to_json("record", &record.id, record)?;
    let article_doi = record.metadata.article.as_ref().and_then(|article| article.doi.as_ref());
    Ok(sqlx::query(statement)
        .bind(record.kind.to_string())
        .bind(record.state.name())
        .bind(record.state.doi().map(|doi| doi.as_str().to_owned()))
        .bind(article_doi.map(|doi| doi.as_str().to_owned()))
        .bind(title_key_of(record))
        .bind(record.revision)
        .bind(record.changed_at.0)
        .bind(doc)
        .bind(record.id.as_str().to_owned()))
}
