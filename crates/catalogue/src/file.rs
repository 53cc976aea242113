//! Originals by path, with the counts of their folders and of their record kept right as they come and go.

use crate::{
    catalogue::{Catalogue, Change, Engine},
    fault::{Fault, Tried},
    sql::{LISTED_MAX, Reading, bigint, placeholders, row_limit, to_json},
};
use ::record::{
    file::{FilePath, Original, Place, Sha256, StoredFile},
    id::RecordId,
    version::Version,
};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow};

macro_rules! select_file {
    ($rest:literal) => {
        concat!("SELECT path, bytes, sha256, crc32, added_at, place FROM file ", $rest)
    };
}
pub(crate) use select_file;

pub(crate) const FILES_AFTER: &str =
    select_file!("WHERE record = $1 AND path > $2 AND since_version <= $4 AND until_version > $4 ORDER BY path LIMIT $3");

pub(crate) fn read(row: &AnyRow) -> Result<StoredFile, Fault> {
    let reading = Reading::of(row, "file", "path");
    let original = Original {
        path: reading.parsed("path")?,
        bytes: reading.count("bytes")?,
        sha256: reading.parsed("sha256")?,
        crc32: reading.count("crc32")?,
        added_at: reading.instant("added_at")?,
    };
    Ok(StoredFile { original, place: reading.json("place")? })
}

async fn find(connection: &mut AnyConnection, record: &RecordId, version: Version, path: &FilePath) -> Result<Option<StoredFile>, Fault> {
    let query = sqlx::query(select_file!("WHERE record = $1 AND path = $2 AND since_version <= $3 AND until_version > $3"));
    let query = query.bind(record.as_str().to_owned()).bind(path.as_str().to_owned()).bind(i64::from(version.0));
    query.fetch_optional(connection).await.tried("find a file")?.as_ref().map(read).transpose()
}

async fn page(
    connection: &mut AnyConnection,
    record: &RecordId,
    version: Version,
    after: Option<&FilePath>,
    limit: u32,
) -> Result<Vec<StoredFile>, Fault> {
    let after = after.map_or("", FilePath::as_str).to_owned();
    let query = sqlx::query(FILES_AFTER).bind(record.as_str().to_owned());
    let query = query.bind(after).bind(row_limit(limit)).bind(i64::from(version.0));
    query.fetch_all(connection).await.tried("list files")?.iter().map(read).collect()
}

async fn find_all(
    connection: &mut AnyConnection,
    record: &RecordId,
    version: Version,
    paths: &[FilePath],
) -> Result<Vec<StoredFile>, Fault> {
    let mut found = Vec::new();
    for part in paths.chunks(LISTED_MAX) {
        let list = placeholders(3, part.len());
        let statement = format!(
            concat!(select_file!("WHERE record = $1 AND since_version <= $2 AND until_version > $2 AND path IN ({})"), " ORDER BY path"),
            list
        );
        let mut query = sqlx::query(AssertSqlSafe(statement)).persistent(false);
        query = query.bind(record.as_str().to_owned()).bind(i64::from(version.0));
        for path in part {
            query = query.bind(path.as_str().to_owned());
        }
        for row in &query.fetch_all(&mut *connection).await.tried("look up files")? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

impl Catalogue {
    pub async fn file(&self, record: &RecordId, version: Version, path: &FilePath) -> Result<Option<StoredFile>, Fault> {
        find(&mut *self.reader().await?, record, version, path).await
    }

    /// The record's files in the order of their paths' bytes. `after` is the last one of the page before.
    pub async fn files_after(
        &self,
        record: &RecordId,
        version: Version,
        after: Option<&FilePath>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, Fault> {
        page(&mut *self.reader().await?, record, version, after, limit).await
    }

    /// Those of the paths that are there already.
    pub async fn existing(&self, record: &RecordId, version: Version, paths: &[FilePath]) -> Result<Vec<StoredFile>, Fault> {
        find_all(&mut *self.reader().await?, record, version, paths).await
    }
}

impl Change {
    pub async fn file(&mut self, record: &RecordId, version: Version, path: &FilePath) -> Result<Option<StoredFile>, Fault> {
        find(self.connection(), record, version, path).await
    }

    pub async fn files_after(
        &mut self,
        record: &RecordId,
        version: Version,
        after: Option<&FilePath>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, Fault> {
        page(self.connection(), record, version, after, limit).await
    }

    pub async fn existing(&mut self, record: &RecordId, version: Version, paths: &[FilePath]) -> Result<Vec<StoredFile>, Fault> {
        find_all(self.connection(), record, version, paths).await
    }

    /// Adds a file to the version that is being worked on, or replaces the one of exactly this path, which is returned.
    /// [`Fault::Conflict`] when the record is gone.
    pub async fn put_file(&mut self, record: &RecordId, file: &StoredFile) -> Result<Option<StoredFile>, Fault> {
        let working = self.lock_working(record).await?;
        let path = &file.original.path;
        let replaced = find(self.connection(), record, working, path).await?;
        if replaced.is_none() {
            self.refuse_collision(record, path).await?;
        }
        self.close_row(record, working, path).await?;
        self.insert_file(record, working, file).await?;
        let bytes_before = replaced.as_ref().map_or(0, |old| old.original.bytes);
        let bytes = bigint("file", path, file.original.bytes)? - bigint("file", path, bytes_before)?;
        self.count_in_folders(record, working, path, i64::from(replaced.is_none()), bytes).await?;
        self.count_in_working(record, i64::from(replaced.is_none()), bytes, 0).await?;
        Ok(replaced)
    }

    /// Takes a file out of the version that is being worked on; earlier versions keep it.
    pub async fn remove_file(&mut self, record: &RecordId, path: &FilePath) -> Result<Option<StoredFile>, Fault> {
        let working = self.lock_working(record).await?;
        let Some(removed) = find(self.connection(), record, working, path).await? else {
            return Ok(None);
        };
        self.close_row(record, working, path).await?;
        let bytes = -bigint("file", path, removed.original.bytes)?;
        self.count_in_folders(record, working, path, -1, bytes).await?;
        self.count_in_working(record, -1, bytes, 0).await?;
        Ok(Some(removed))
    }

    /// The row that holds now ends before this version; one that began in it never was.
    async fn close_row(&mut self, record: &RecordId, working: Version, path: &FilePath) -> Result<(), Fault> {
        for statement in [
            "DELETE FROM file WHERE record = $1 AND path = $2 AND since_version = $3",
            "UPDATE file SET until_version = $3 WHERE record = $1 AND path = $2 AND until_version = 1000000000",
        ] {
            let query = sqlx::query(statement).bind(record.as_str().to_owned()).bind(path.as_str().to_owned());
            query.bind(i64::from(working.0)).execute(self.connection()).await.tried("end a file's row")?;
        }
        Ok(())
    }

    /// Whether any version still has its bytes there; asked before they are deleted.
    pub async fn lies_at(&mut self, record: &RecordId, path: &FilePath, place: &Place) -> Result<bool, Fault> {
        let query = sqlx::query("SELECT path FROM file WHERE record = $1 AND path = $2 AND place = $3 LIMIT 1")
            .bind(record.as_str().to_owned())
            .bind(path.as_str().to_owned())
            .bind(to_json("file", path, place)?);
        Ok(query.fetch_optional(self.connection()).await.tried("ask who needs a file's bytes")?.is_some())
    }

    /// Says where bytes lie now, but only of files that still are what they were. Returns how many that was.
    pub async fn set_places(&mut self, record: &RecordId, places: &[(FilePath, Sha256, Place)]) -> Result<u64, Fault> {
        let mut moved = 0;
        for (path, sha256, place) in places {
            let update = sqlx::query("UPDATE file SET place = $1 WHERE record = $2 AND path = $3 AND sha256 = $4");
            let update = update
                .bind(to_json("file", path, place)?)
                .bind(record.as_str().to_owned())
                .bind(path.as_str().to_owned())
                .bind(sha256.to_string());
            moved += update.execute(self.connection()).await.tried("note where a file lies")?.rows_affected();
        }
        Ok(moved)
    }

    pub async fn clear_files(&mut self, record: &RecordId) -> Result<(), Fault> {
        self.lock_record(record).await?;
        for statement in [
            "DELETE FROM file WHERE record = $1",
            "DELETE FROM folder WHERE record = $1",
            "UPDATE record SET files = 0, bytes = 0 WHERE id = $1",
        ] {
            sqlx::query(statement).bind(record.as_str().to_owned()).execute(self.connection()).await.tried("remove a record's files")?;
        }
        Ok(())
    }

    /// Writers of one record take turns, so that its counts stay right. The row is there afterwards.
    pub(crate) async fn lock_record(&mut self, record: &RecordId) -> Result<(), Fault> {
        let select = match self.engine {
            Engine::Sqlite => "SELECT id FROM record WHERE id = $1",
            Engine::Postgres => "SELECT id FROM record WHERE id = $1 FOR UPDATE",
        };
        let row = sqlx::query(select)
            .bind(record.as_str().to_owned())
            .fetch_optional(self.connection())
            .await
            .tried("take its turn on a record")?;
        row.map(|_| ()).ok_or(Fault::Conflict)
    }

    /// A new path may not fold to a file's or folder's, nor may a file stand where one of its folders should be.
    async fn refuse_collision(&mut self, record: &RecordId, path: &FilePath) -> Result<(), Fault> {
        let folded = path.folded();
        let mut taken: Vec<&str> = vec![&folded];
        taken.extend(ancestors(&folded));
        let list = placeholders(3, taken.len());
        let statement = format!(
            "SELECT path FROM file WHERE record = $1 AND folded IN ({list}) AND until_version = 1000000000
             UNION ALL SELECT path FROM folder WHERE record = $1 AND folded = $2 AND until_version = 1000000000 LIMIT 1"
        );
        let mut query = sqlx::query(AssertSqlSafe(statement)).bind(record.as_str().to_owned()).bind(folded.clone());
        for name in taken {
            query = query.bind(name.to_owned());
        }
        match query.fetch_optional(self.connection()).await.tried("compare a file's name with the others")? {
            None => Ok(()),
            Some(row) => Err(Fault::Collision { existing: Reading::of(&row, "file", "path").parsed("path")? }),
        }
    }

    async fn insert_file(&mut self, record: &RecordId, since: Version, file: &StoredFile) -> Result<(), Fault> {
        let original = &file.original;
        let insert = "INSERT INTO file
            (record, path, parent, name, folded, bytes, sha256, crc32, added_at, place, since_version, until_version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1000000000)";
        let query = sqlx::query(insert)
            .bind(record.as_str().to_owned())
            .bind(original.path.as_str().to_owned())
            .bind(original.path.parent().to_owned())
            .bind(original.path.name().to_owned())
            .bind(original.path.folded())
            .bind(bigint("file", &original.path, original.bytes)?)
            .bind(original.sha256.to_string())
            .bind(i64::from(original.crc32))
            .bind(original.added_at.0)
            .bind(to_json("file", &original.path, &file.place)?)
            .bind(i64::from(since.0));
        query.execute(self.connection()).await.tried("store a file").map(|_| ())
    }
}

/// `a/b/c.tif` lies in `a/b` and in `a`: the nearest first.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end])
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_lies_in_every_folder_above_it() {
        assert_eq!(super::ancestors("a/b/c.tif").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(super::ancestors("c.tif").count(), 0);
    }
}
