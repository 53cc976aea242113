//! Folders with the counts of everything below them, and a page of one folder that costs its length, not the folder's.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    file::{self, ancestors, select_file},
    sql::{Reading, row_limit},
};
use ::record::{
    file::{FilePath, StoredFile},
    id::RecordId,
    version::Version,
};
use sqlx::any::AnyRow;

/// A folder, with files and bytes of its whole tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub path: String,
    pub name: String,
    pub files: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FolderPage {
    pub folders: Vec<Folder>,
    pub files: Vec<StoredFile>,
    /// Hand it back as `after` to get the next page; `None` on the last.
    pub next: Option<String>,
}

/// Folders come before files, so a cursor says in which half it stands.
enum Cursor<'a> {
    InFolders(&'a str),
    InFiles(&'a str),
}

impl<'a> Cursor<'a> {
    /// A cursor that nobody gave out starts from the beginning.
    fn parse(text: Option<&'a str>) -> Self {
        let text = text.unwrap_or("");
        match (text.strip_prefix("folder/"), text.strip_prefix("file/")) {
            (_, Some(name)) => Self::InFiles(name),
            (name, None) => Self::InFolders(name.unwrap_or("")),
        }
    }
}

pub(crate) const FOLDERS_OF_FOLDER: &str = "SELECT path, name, files, bytes FROM folder WHERE record = $1 AND parent = $2 AND name > $3 AND since_version <= $5 AND until_version > $5 ORDER BY name LIMIT $4";
pub(crate) const FILES_OF_FOLDER: &str =
    select_file!("WHERE record = $1 AND parent = $2 AND name > $3 AND since_version <= $5 AND until_version > $5 ORDER BY name LIMIT $4");

fn read(row: &AnyRow) -> Result<Folder, Fault> {
    let reading = Reading::of(row, "folder", "path");
    Ok(Folder { path: reading.text("path")?, name: reading.text("name")?, files: reading.count("files")?, bytes: reading.count("bytes")? })
}

impl Catalogue {
    /// One page of a folder (`""` is the top): folders first, then files, each by the bytes of its name.
    pub async fn folder_page(
        &self,
        record: &RecordId,
        version: Version,
        folder: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<FolderPage, Fault> {
        let limit = row_limit(limit.max(1)) as usize;
        let mut connection = self.reader().await?;
        let mut page = FolderPage { folders: Vec::new(), files: Vec::new(), next: None };
        let mut files_after = "";
        match Cursor::parse(after) {
            Cursor::InFiles(name) => files_after = name,
            Cursor::InFolders(name) => {
                let query = sqlx::query(FOLDERS_OF_FOLDER)
                    .bind(record.as_str().to_owned())
                    .bind(folder.to_owned())
                    .bind(name.to_owned())
                    .bind(limit as i64 + 1)
                    .bind(i64::from(version.0));
                let rows = query.fetch_all(&mut *connection).await.tried("list a folder's folders")?;
                page.folders = rows.iter().map(read).collect::<Result<_, _>>()?;
            }
        }
        if page.folders.len() > limit {
            page.folders.truncate(limit);
            page.next = page.folders.last().map(|last| format!("folder/{}", last.name));
            return Ok(page);
        }
        let room = limit - page.folders.len();
        let query = sqlx::query(FILES_OF_FOLDER)
            .bind(record.as_str().to_owned())
            .bind(folder.to_owned())
            .bind(files_after.to_owned())
            .bind(room as i64 + 1)
            .bind(i64::from(version.0));
        let rows = query.fetch_all(&mut *connection).await.tried("list a folder's files")?;
        page.files = rows.iter().map(file::read).collect::<Result<_, _>>()?;
        if page.files.len() > room {
            page.files.truncate(room);
            page.next = Some(page.files.last().map_or_else(|| "file/".to_owned(), |last| format!("file/{}", last.original.path.name())));
        }
        Ok(page)
    }
}

impl Change {
    /// Adds to (or, negative, takes from) the counts of every folder above a file of this version; empty folders vanish.
    /// What earlier versions say of a folder stays.
    pub(crate) async fn count_in_folders(
        &mut self,
        record: &RecordId,
        working: Version,
        path: &FilePath,
        files: i64,
        bytes: i64,
    ) -> Result<(), Fault> {
        for folder in ancestors(path.as_str()) {
            // An ancestor of a path is a path by the same rules.
            let folder: FilePath = folder.parse().map_err(|error| Fault::Inconsistent {
                table: "folder",
                row: folder.to_owned(),
                what: format!("{error}"),
            })?;
            self.continue_folder(record, working, &folder).await?;
            let upsert = "INSERT INTO folder (record, path, parent, name, folded, files, bytes, since_version, until_version)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1000000000)
                ON CONFLICT (record, path, since_version)
                DO UPDATE SET files = folder.files + excluded.files, bytes = folder.bytes + excluded.bytes";
            let query = sqlx::query(upsert)
                .bind(record.as_str().to_owned())
                .bind(folder.as_str().to_owned())
                .bind(folder.parent().to_owned())
                .bind(folder.name().to_owned())
                .bind(folder.folded())
                .bind(files)
                .bind(bytes)
                .bind(i64::from(working.0));
            query.execute(self.connection()).await.tried("count a folder's files")?;
            if files < 0 {
                let empty = sqlx::query("DELETE FROM folder WHERE record = $1 AND path = $2 AND since_version = $3 AND files <= 0");
                let empty = empty.bind(record.as_str().to_owned()).bind(folder.as_str().to_owned()).bind(i64::from(working.0));
                empty.execute(self.connection()).await.tried("remove an empty folder")?;
            }
        }
        Ok(())
    }

    /// A folder's row of an earlier version ends, and one with the same counts begins.
    async fn continue_folder(&mut self, record: &RecordId, working: Version, folder: &FilePath) -> Result<(), Fault> {
        for statement in [
            "INSERT INTO folder (record, path, parent, name, folded, files, bytes, since_version, until_version)
             SELECT record, path, parent, name, folded, files, bytes, $3, 1000000000 FROM folder AS earlier
             WHERE record = $1 AND path = $2 AND until_version = 1000000000 AND since_version < $3",
            "UPDATE folder SET until_version = $3 WHERE record = $1 AND path = $2 AND until_version = 1000000000 AND since_version < $3",
        ] {
            let query = sqlx::query(statement).bind(record.as_str().to_owned()).bind(folder.as_str().to_owned());
            query.bind(i64::from(working.0)).execute(self.connection()).await.tried("continue a folder in a new version")?;
        }
        Ok(())
    }
}
