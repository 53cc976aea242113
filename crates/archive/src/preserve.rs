//! Keeping originals and metadata safe in the record's OCFL object, from which everything can be made again.

use crate::{Archive, Refusal, sight::framed};
use record::{
    Record,
    event::Happening,
    file::{FilePath, Original, Place, Sha256, StoredFile},
    id::RecordId,
};
use sha2::Digest;
use storage::{Entry, Next, Source};

/// Where the record itself lies in its object, beside `files/`.
pub const RECORD_JSON: &str = "record.json";
/// Sizes and sums of all originals, so that a rebuild need not read them.
pub const ORIGINALS_JSON: &str = "originals.json";
const FILES: &str = "files/";
/// Below it one folder for each earlier version, `v1`, with the same two documents.
pub const VERSIONS: &str = "versions/";
/// So that nobody waits long for the one writer of a small catalogue.
const PLACES_AT_ONCE: usize = 2000;

impl Archive {
    /// Writes the present state of the record as the next OCFL version; does nothing if it is there already.
    /// While a next version is drafted, that is its state; the versions before lie beside it in `versions/`.
    pub async fn preserve(&self, id: &RecordId) -> Result<(), Refusal> {
        let Some(current) = self.catalogue().record(id).await? else { return Ok(()) };
        let Some(draft) = self.catalogue().draft_of(id).await? else { return self.preserve_version(&current.record, None).await };
        // The released version first, if its own job has not come so far: the draft may have lost some of its files.
        let files = self.all_files(id, current.record.version).await?;
        if files.iter().any(|file| matches!(file.place, Place::Staged { .. })) {
            self.preserve_version(&current.record, None).await?;
        }
        self.preserve_version(&framed(draft, &current).record, Some(&current.record)).await
    }

    async fn preserve_version(&self, record: &Record, current: Option<&Record>) -> Result<(), Refusal> {
        let id = &record.id;
        let files = self.all_files(id, record.version).await?;
        let mut next = next_version(record, &files)?;
        self.add_versions_before(&mut next.state, id, current).await?;
        let committed = self.store().commit_version(id, next).await?;
        let moved: Vec<(FilePath, Sha256, Place)> = committed
            .places
            .into_iter()
            .filter_map(|(logical, content_path)| {
                let path: FilePath = logical.strip_prefix(FILES)?.parse().ok()?;
                let file = files.binary_search_by(|file| file.original.path.cmp(&path)).ok().map(|found| &files[found])?;
                matches!(file.place, Place::Staged { .. }).then(|| (path, file.original.sha256, Place::Preserved { content_path }))
            })
            .collect();
        let mut change = self.catalogue().change().await?;
        if change.record(id).await?.is_none() {
            drop(change);
            self.store().forget(id).await?;
            return Ok(());
        }
        drop(change);
        for batch in moved.chunks(PLACES_AT_ONCE) {
            let mut change = self.catalogue().change().await?;
            change.set_places(id, batch).await?;
            self.commit(change, &[]).await?;
        }
        let mut change = self.catalogue().change().await?;
        change.append(id, None, &Happening::Preserved { ocfl_version: committed.ocfl_version }, self.now()).await?;
        self.commit(change, &[id]).await?;
        self.forget_staged(id, files).await
    }

    /// Words and file lists of the released versions that are no longer, or not, the object's newest state.
    async fn add_versions_before(&self, state: &mut Vec<Entry>, id: &RecordId, current: Option<&Record>) -> Result<(), Refusal> {
        let others = self.catalogue().other_versions(id).await?.into_iter().map(|stored| stored.record);
        let before: Vec<Record> = others.filter(|record| !record.state.is_draft()).chain(current.cloned()).collect();
        for record in before {
            let files = self.all_files(id, record.version).await?;
            let originals: Vec<&Original> = files.iter().map(|file| &file.original).collect();
            state.push(document(&format!("{VERSIONS}{}/{RECORD_JSON}", record.version), &record)?);
            state.push(document(&format!("{VERSIONS}{}/{ORIGINALS_JSON}", record.version), &originals)?);
        }
        Ok(())
    }
}

fn next_version(record: &Record, files: &[StoredFile]) -> Result<Next, Refusal> {
    let originals: Vec<&Original> = files.iter().map(|file| &file.original).collect();
    let mut state = vec![document(RECORD_JSON, record)?, document(ORIGINALS_JSON, &originals)?];
    state.extend(files.iter().map(|file| Entry {
        logical: format!("{FILES}{}", file.original.path),
        sha256: file.original.sha256,
        bytes: file.original.bytes,
        source: match &file.place {
            Place::Staged { upload } => Source::Staged(upload.clone()),
            Place::Preserved { .. } => Source::AlreadyThere,
        },
    }));
    let owner = record.owners().next().map_or_else(String::new, ToString::to_string);
    Ok(Next {
        state,
        message: format!("{} {}, revision {}", record.state.name(), record.version, record.revision),
        user_name: owner.clone(),
        user_address: format!("mailto:{owner}"),
        created: record.changed_at,
    })
}

fn document<T: serde::Serialize>(logical: &str, value: &T) -> Result<Entry, Refusal> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| Refusal::Unavailable(error.to_string()))?;
    let sum: [u8; 32] = sha2::Sha256::digest(&text).into();
    Ok(Entry { logical: logical.to_owned(), sha256: Sha256(sum), bytes: text.len() as u64, source: Source::Bytes(text.into()) })
}
