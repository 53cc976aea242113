//! Files on their way in. How much has arrived is not here: that is the length of the staged file.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{LISTED_MAX, Reading, bigint, placeholders, row_limit},
};
use ::record::{
    file::FilePath,
    id::{AccountId, RecordId, UploadId},
    instant::Instant,
    upload::Upload,
};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow};

macro_rules! select_upload {
    ($rest:literal) => {
        concat!("SELECT id, record, account, path, bytes, created_at, purpose FROM upload ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<Upload, Fault> {
    let reading = Reading::of(row, "upload", "id");
    Ok(Upload {
        id: reading.parsed("id")?,
        record: reading.parsed("record")?,
        account: reading.parsed("account")?,
        path: reading.parsed("path")?,
        bytes: reading.count("bytes")?,
        created_at: reading.instant("created_at")?,
        purpose: reading.parsed("purpose")?,
    })
}

async fn find(connection: &mut AnyConnection, id: &UploadId) -> Result<Option<Upload>, Fault> {
    let query = sqlx::query(select_upload!("WHERE id = $1")).bind(id.as_str().to_owned());
    query.fetch_optional(connection).await.tried("find an upload")?.as_ref().map(read).transpose()
}

async fn of_record(connection: &mut AnyConnection, record: &RecordId) -> Result<Vec<Upload>, Fault> {
    let query = sqlx::query(select_upload!("WHERE record = $1 ORDER BY path, id LIMIT $2"))
        .bind(record.as_str().to_owned())
        .bind(row_limit(u32::MAX));
    query.fetch_all(connection).await.tried("list a record's uploads")?.iter().map(read).collect()
}

async fn at_paths(connection: &mut AnyConnection, record: &RecordId, paths: &[FilePath]) -> Result<Vec<Upload>, Fault> {
    let mut found = Vec::new();
    for part in paths.chunks(LISTED_MAX) {
        let list = placeholders(2, part.len());
        let statement = format!(concat!(select_upload!("WHERE record = $1 AND path IN ({})"), " ORDER BY path, id"), list);
        let mut query = sqlx::query(AssertSqlSafe(statement)).persistent(false).bind(record.as_str().to_owned());
        for path in part {
            query = query.bind(path.as_str().to_owned());
        }
        for row in &query.fetch_all(&mut *connection).await.tried("look up uploads")? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

async fn count(connection: &mut AnyConnection, account: &AccountId) -> Result<u64, Fault> {
    let query = sqlx::query("SELECT COUNT(*) AS uploads FROM upload WHERE account = $1").bind(account.as_str().to_owned());
    let row = query.fetch_one(connection).await.tried("count someone's uploads")?;
    Reading::of(&row, "upload", "uploads").count("uploads")
}

impl Catalogue {
    pub async fn upload(&self, id: &UploadId) -> Result<Option<Upload>, Fault> {
        find(&mut *self.reader().await?, id).await
    }

    /// The first ten thousand, by path.
    pub async fn uploads_of(&self, record: &RecordId) -> Result<Vec<Upload>, Fault> {
        of_record(&mut *self.reader().await?, record).await
    }

    pub async fn uploads_at(&self, record: &RecordId, paths: &[FilePath]) -> Result<Vec<Upload>, Fault> {
        at_paths(&mut *self.reader().await?, record, paths).await
    }

    pub async fn count_uploads(&self, account: &AccountId) -> Result<u64, Fault> {
        count(&mut *self.reader().await?, account).await
    }

    /// Uploads begun before that time, the oldest first.
    pub async fn uploads_before(&self, time: Instant, limit: u32) -> Result<Vec<Upload>, Fault> {
        let query =
            sqlx::query(select_upload!("WHERE created_at < $1 ORDER BY created_at, id LIMIT $2")).bind(time.0).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list old uploads")?.iter().map(read).collect()
    }
}

impl Change {
    pub async fn upload(&mut self, id: &UploadId) -> Result<Option<Upload>, Fault> {
        find(self.connection(), id).await
    }

    /// The first ten thousand, by path.
    pub async fn uploads_of(&mut self, record: &RecordId) -> Result<Vec<Upload>, Fault> {
        of_record(self.connection(), record).await
    }

    pub async fn uploads_at(&mut self, record: &RecordId, paths: &[FilePath]) -> Result<Vec<Upload>, Fault> {
        at_paths(self.connection(), record, paths).await
    }

    pub async fn count_uploads(&mut self, account: &AccountId) -> Result<u64, Fault> {
        count(self.connection(), account).await
    }

    /// [`Fault::Conflict`] when the record is gone or the id is taken.
    pub async fn insert_upload(&mut self, upload: &Upload) -> Result<(), Fault> {
        self.lock_record(&upload.record).await?;
        let insert =
            sqlx::query("INSERT INTO upload (id, record, account, path, bytes, created_at, purpose) VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .bind(upload.id.as_str().to_owned())
                .bind(upload.record.as_str().to_owned())
                .bind(upload.account.as_str().to_owned())
                .bind(upload.path.as_str().to_owned())
                .bind(bigint("upload", &upload.id, upload.bytes)?)
                .bind(upload.created_at.0)
                .bind(upload.purpose.to_string());
        insert.execute(self.connection()).await.tried("note an upload")?;
        self.count_in_working(&upload.record, 0, 0, 1).await
    }

    /// What was deleted; `None` when somebody else had finished or deleted it before.
    pub async fn delete_upload(&mut self, id: &UploadId) -> Result<Option<Upload>, Fault> {
        let Some(upload) = find(self.connection(), id).await? else {
            return Ok(None);
        };
        self.lock_record(&upload.record).await?;
        let delete = sqlx::query("DELETE FROM upload WHERE id = $1").bind(id.as_str().to_owned());
        if delete.execute(self.connection()).await.tried("forget an upload")?.rows_affected() == 0 {
            return Ok(None);
        }
        self.count_in_working(&upload.record, 0, 0, -1).await?;
        Ok(Some(upload))
    }
}
