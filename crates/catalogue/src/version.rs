//! The versions of a record beside the one in its own row: earlier released ones, and the draft of the next.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    record::{Stored, read},
    sql::{Reading, bigint, row_limit, to_json},
};
use ::record::{file::FilePath, id::RecordId, record::Record, version::Version};
use sqlx::AnyConnection;

macro_rules! select_version {
    ($rest:literal) => {
        concat!("SELECT record AS id, doc, files, bytes, unfinished_uploads FROM version ", $rest)
    };
}

/// A file that came, went, or changed between a version and the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDifference {
    pub path: FilePath,
    pub came: bool,
    pub went: bool,
}

async fn find_draft(connection: &mut AnyConnection, record: &RecordId) -> Result<Option<Stored>, Fault> {
    let query = sqlx::query(select_version!("WHERE record = $1 AND draft = 1")).bind(record.as_str().to_owned());
    query.fetch_optional(connection).await.tried("find the draft of a next version")?.as_ref().map(read).transpose()
}

async fn all(connection: &mut AnyConnection, record: &RecordId) -> Result<Vec<Stored>, Fault> {
    let query = sqlx::query(select_version!("WHERE record = $1 ORDER BY number LIMIT $2"));
    let query = query.bind(record.as_str().to_owned()).bind(row_limit(u32::MAX));
    query.fetch_all(connection).await.tried("list a record's versions")?.iter().map(read).collect()
}

impl Catalogue {
    pub async fn draft_of(&self, record: &RecordId) -> Result<Option<Stored>, Fault> {
        find_draft(&mut *self.reader().await?, record).await
    }

    /// A version other than the one in the record's own row.
    pub async fn other_version(&self, record: &RecordId, version: Version) -> Result<Option<Stored>, Fault> {
        let query = sqlx::query(select_version!("WHERE record = $1 AND number = $2"));
        let query = query.bind(record.as_str().to_owned()).bind(i64::from(version.0));
        query.fetch_optional(&mut *self.reader().await?).await.tried("find a version")?.as_ref().map(read).transpose()
    }

    /// All but the one in the record's own row, the oldest first.
    pub async fn other_versions(&self, record: &RecordId) -> Result<Vec<Stored>, Fault> {
        all(&mut *self.reader().await?, record).await
    }

    /// What the files of this version have that those of the one before have not, and the other way round; by path.
    pub async fn file_differences(&self, record: &RecordId, version: Version, limit: u32) -> Result<Vec<FileDifference>, Fault> {
        let select = "SELECT path, CAST(MAX(CASE WHEN since_version = $2 THEN 1 ELSE 0 END) AS BIGINT) AS came,
              CAST(MAX(CASE WHEN until_version = $2 THEN 1 ELSE 0 END) AS BIGINT) AS went
            FROM file WHERE record = $1 AND (since_version = $2 OR until_version = $2) GROUP BY path ORDER BY path LIMIT $3";
        let query = sqlx::query(select).bind(record.as_str().to_owned()).bind(i64::from(version.0)).bind(row_limit(limit));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("compare two versions")?;
        let difference = |row| {
            let reading = Reading::of(row, "file", "path");
            Ok(FileDifference { path: reading.parsed("path")?, came: reading.number("came")? == 1, went: reading.number("went")? == 1 })
        };
        rows.iter().map(difference).collect()
    }
}

impl Change {
    pub async fn draft_of(&mut self, record: &RecordId) -> Result<Option<Stored>, Fault> {
        find_draft(self.connection(), record).await
    }

    /// Opens the draft of the next version beside the record's row, with the files that the row counts.
    pub async fn begin_draft(&mut self, draft: &Record) -> Result<(), Fault> {
        self.lock_record(&draft.id).await?;
        let insert = "INSERT INTO version (record, number, draft, revision, files, bytes, unfinished_uploads, doc)
            SELECT id, $1, 1, $2, files, bytes, 0, $3 FROM record WHERE id = $4";
        let query = sqlx::query(insert).bind(i64::from(draft.version.0)).bind(draft.revision);
        let query = query.bind(to_json("version", &draft.id, draft)?).bind(draft.id.as_str().to_owned());
        query.execute(self.connection()).await.tried("begin a version").map(|_| ())
    }

    /// Refused with [`Fault::Conflict`] when the stored revision is not the expected one.
    pub async fn update_draft(&mut self, draft: &Record, expected_revision: i64) -> Result<(), Fault> {
        let update = "UPDATE version SET revision = $1, doc = $2 WHERE record = $3 AND draft = 1 AND revision = $4";
        let query = sqlx::query(update).bind(draft.revision).bind(to_json("version", &draft.id, draft)?);
        let query = query.bind(draft.id.as_str().to_owned()).bind(expected_revision);
        let done = query.execute(self.connection()).await.tried("store a draft of a version")?;
        if done.rows_affected() == 0 { Err(Fault::Conflict) } else { Ok(()) }
    }

    /// The draft, in its new state, becomes the record's row; what stood there becomes an earlier version.
    pub async fn promote_draft(&mut self, released: &Record) -> Result<(), Fault> {
        let before = self.record(&released.id).await?.ok_or(Fault::Conflict)?;
        let draft = self.draft_of(&released.id).await?.ok_or(Fault::Conflict)?;
        let id = released.id.as_str().to_owned();
        let delete = sqlx::query("DELETE FROM version WHERE record = $1 AND draft = 1").bind(id.clone());
        delete.execute(self.connection()).await.tried("end the draft of a version")?;
        let insert = "INSERT INTO version (record, number, draft, revision, files, bytes, unfinished_uploads, doc)
            VALUES ($1, $2, 0, $3, $4, $5, 0, $6)";
        let query = sqlx::query(insert)
            .bind(id.clone())
            .bind(i64::from(before.record.version.0))
            .bind(before.record.revision)
            .bind(bigint("version", &released.id, before.holdings.files)?)
            .bind(bigint("version", &released.id, before.holdings.bytes)?)
            .bind(to_json("version", &released.id, &before.record)?);
        query.execute(self.connection()).await.tried("keep the version before")?;
        self.update_record(released, before.record.revision).await?;
        let update = sqlx::query("UPDATE record SET files = $1, bytes = $2, unfinished_uploads = $3 WHERE id = $4")
            .bind(bigint("version", &released.id, draft.holdings.files)?)
            .bind(bigint("version", &released.id, draft.holdings.bytes)?)
            .bind(bigint("version", &released.id, draft.holdings.unfinished_uploads)?)
            .bind(id);
        update.execute(self.connection()).await.tried("count a version's files").map(|_| ())
    }

    /// As if the draft had never been begun; its uploads are the caller's. False when there is none.
    pub async fn discard_draft(&mut self, record: &RecordId) -> Result<bool, Fault> {
        let working = self.lock_working(record).await?;
        let deleted = sqlx::query("DELETE FROM version WHERE record = $1 AND draft = 1").bind(record.as_str().to_owned());
        if deleted.execute(self.connection()).await.tried("discard the draft of a version")?.rows_affected() == 0 {
            return Ok(false);
        }
        for statement in [
            "DELETE FROM file WHERE record = $1 AND since_version = $2",
            "UPDATE file SET until_version = 1000000000 WHERE record = $1 AND until_version = $2",
            "DELETE FROM folder WHERE record = $1 AND since_version = $2",
            "UPDATE folder SET until_version = 1000000000 WHERE record = $1 AND until_version = $2",
            "DELETE FROM derivative WHERE record = $1 AND version = $2",
        ] {
            let query = sqlx::query(statement).bind(record.as_str().to_owned()).bind(i64::from(working.0));
            query.execute(self.connection()).await.tried("discard what the draft of a version changed")?;
        }
        Ok(true)
    }

    /// Takes a turn on the record and says which version its files belong to: the draft's, or else that of the record's own
    /// row, which follows the newest kept beside it.
    pub(crate) async fn lock_working(&mut self, record: &RecordId) -> Result<Version, Fault> {
        self.lock_record(record).await?;
        let select =
            "SELECT CAST(MAX(CASE WHEN draft = 1 THEN number ELSE number + 1 END) AS BIGINT) AS number FROM version WHERE record = $1";
        let row = sqlx::query(select).bind(record.as_str().to_owned()).fetch_one(self.connection()).await;
        let row = row.tried("find the version that is being worked on")?;
        let reading = Reading::of(&row, "version", "number");
        if reading.maybe_number("number")?.is_none() { Ok(Version::FIRST) } else { reading.count("number").map(Version) }
    }

    /// Adds to the counts of the version that is being worked on.
    pub(crate) async fn count_in_working(&mut self, record: &RecordId, files: i64, bytes: i64, uploads: i64) -> Result<(), Fault> {
        for statement in [
            "UPDATE version SET files = files + $1, bytes = bytes + $2, unfinished_uploads = unfinished_uploads + $3 WHERE record = $4 AND draft = 1",
            "UPDATE record SET files = files + $1, bytes = bytes + $2, unfinished_uploads = unfinished_uploads + $3 WHERE id = $4",
        ] {
            let update = sqlx::query(statement).bind(files).bind(bytes).bind(uploads).bind(record.as_str().to_owned());
            if update.execute(self.connection()).await.tried("count a version's files")?.rows_affected() > 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}
