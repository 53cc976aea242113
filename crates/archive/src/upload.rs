//! Bytes on their way in. What is acknowledged is durable; what is finished has its sums; a finished file
//! becomes an original in the same transaction that asks for the labour on it.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    secret,
    sight::{At, Sight},
};
use bytes::Bytes;
use futures::Stream;
use record::{
    access::Aspect,
    account::Scope,
    event::Happening,
    file::{FilePath, Original, Place, StoredFile},
    id::{RecordId, UploadId},
    instant::Instant,
    job::Job,
    model::is_model_file,
    movie::is_movie_file,
    upload::{Purpose, Upload},
};
use std::collections::{HashMap, HashSet};
use storage::{AppendFault, Sums};

#[derive(Debug, Clone, Copy)]
pub struct Appended {
    pub offset: u64,
    pub finished: bool,
    /// Finished, it is still an upload and no file.
    pub is_part: bool,
}

/// An upload that is about to begin.
pub(crate) struct Announced {
    pub(crate) path: FilePath,
    pub(crate) bytes: u64,
    pub(crate) replace: bool,
    pub(crate) purpose: Purpose,
}

/// What is here already of what somebody is about to send.
#[derive(Debug, Clone, Default)]
pub struct Check {
    pub existing: Vec<Original>,
    pub unfinished: Vec<(Upload, u64)>,
}

/// Paths asked about in one question.
pub const CHECK_PATHS_MAX: usize = 1000;
/// Labour on a record starts when its files have been quiet for this long.
const QUIET_SECONDS: i64 = 1;
/// Each preserved version repeats the names of all files, so a deposit that is still arriving is preserved seldom.
const PRESERVE_QUIET_SECONDS: i64 = 10;
const PRESERVE_ARRIVING_SECONDS: i64 = 120;

impl Archive {
    pub async fn begin_upload(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        path: FilePath,
        bytes: u64,
        replace: bool,
    ) -> Result<Upload, Refusal> {
        let upload = self.announce(visitor, id, Announced { path, bytes, replace, purpose: Purpose::File }).await?;
        if bytes == 0 {
            self.append(visitor, &upload.id, 0, futures::stream::empty()).await?;
        }
        Ok(upload)
    }

    /// Makes the row and the empty staged file.
    pub(crate) async fn announce(&self, visitor: &Visitor, id: &RecordId, announced: Announced) -> Result<Upload, Refusal> {
        let Announced { path, bytes, replace, purpose } = announced;
        let is_part = purpose == Purpose::Part;
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Change).await?;
        let account = visitor.needs(Scope::Deposit)?.id.clone();
        self.room_for(&sight, bytes)?;
        if self.catalogue().count_uploads(&account).await? >= self.limits().uploads_per_account_max {
            let most = self.limits().uploads_per_account_max;
            return Err(Refusal::TooLarge {
                what: said(
                    "too-many-uploads",
                    format!("You have {most} unfinished uploads; finish or delete some."),
                    format!("Sie haben {most} unfertige Übertragungen; beenden oder löschen Sie einige."),
                ),
            });
        }
        if !replace && !is_part && self.catalogue().file(id, sight.record.version, &path).await?.is_some() {
            return Err(Refusal::Exists { path: path.to_string() });
        }
        let mut abandoned = self.catalogue().uploads_at(id, std::slice::from_ref(&path)).await?;
        abandoned.retain(|old| !is_part && old.purpose != Purpose::Part);
        let now = self.now();
        let new = UploadId::from_random(&secret::random()?);
        let upload = Upload { id: new, record: id.clone(), account, path, bytes, created_at: now, purpose };
        self.store().staging().create(&upload.id, bytes).await?;
        for old in &abandoned {
            change.delete_upload(&old.id).await?;
        }
        change.insert_upload(&upload).await?;
        if sight.record.kind.has_volume() && bytes > 0 && !is_part {
            change.enqueue(&Job::Inspect { record: id.clone() }, now.plus_seconds(1), now).await?;
        }
        self.commit(change, &[id]).await?;
        self.inner.announcements.began(id, &upload.path, now);
        for old in &abandoned {
            self.store().staging().delete(&old.id).await?;
        }
        Ok(upload)
    }

    fn room_for(&self, sight: &Sight, bytes: u64) -> Result<(), Refusal> {
        let limits = self.limits();
        if !sight.record.state.takes_files() {
            return Err(files_are_released());
        }
        if bytes > limits.file_bytes_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "file-too-large",
                    format!("A file of {bytes} bytes is larger than the {} allowed.", limits.file_bytes_max),
                    format!("Eine Datei von {bytes} Bytes ist größer als die erlaubten {}.", limits.file_bytes_max),
                ),
            });
        }
        if sight.holdings.bytes.saturating_add(bytes) > limits.record_bytes_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "record-too-large",
                    format!("With this file the record would hold more than the {} bytes allowed.", limits.record_bytes_max),
                    format!("Mit dieser Datei hielte der Eintrag mehr als die erlaubten {} Bytes.", limits.record_bytes_max),
                ),
            });
        }
        if sight.holdings.files + sight.holdings.unfinished_uploads >= limits.files_per_record_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "too-many-files",
                    format!("The record holds {} files already; pack small ones into a ZIP or HDF5 file.", limits.files_per_record_max),
                    format!(
                        "Der Eintrag hält schon {} Dateien; packen Sie kleine in eine ZIP- oder HDF5-Datei.",
                        limits.files_per_record_max
                    ),
                ),
            });
        }
        Ok(())
    }

    /// The upload and how many of its bytes are safe.
    pub async fn upload(&self, visitor: &Visitor, id: &UploadId) -> Result<(Upload, u64), Refusal> {
        let upload = self.my_upload(visitor, id).await?;
        let offset = self.store().staging().offset(id).await?.ok_or(Refusal::Expired)?;
        // The last byte came, but its request was cut off or the program was killed before the file entered the record.
        if offset == upload.bytes
            && upload.purpose != Purpose::Part
            && let Some(sums) = self.store().staging().sums(id).await?
        {
            self.finish_upload(visitor, &upload, &sums).await?;
        }
        Ok((upload, offset))
    }

    pub(crate) async fn my_upload(&self, visitor: &Visitor, id: &UploadId) -> Result<Upload, Refusal> {
        let upload = self.catalogue().upload(id).await?.ok_or(Refusal::NotFound)?;
        self.see(visitor, At::working(&upload.record), Aspect::Change).await?;
        visitor.needs(Scope::Deposit)?;
        Ok(upload)
    }

    /// Takes bytes from `offset` on. A stream that breaks keeps what arrived.
    pub async fn append<S>(&self, visitor: &Visitor, id: &UploadId, offset: u64, body: S) -> Result<Appended, Refusal>
    where
        S: Stream<Item = Result<Bytes, std::io::Error>> + Send,
    {
        let upload = self.my_upload(visitor, id).await?;
        if matches!(upload.purpose, Purpose::Join { .. }) {
            return Err(Refusal::Forbidden { what: "The bytes of this file come from its parts; nothing can be sent to it.".into() });
        }
        let appended = self.store().staging().append(id, offset, body, upload.bytes).await.map_err(|fault| refused(fault, &upload))?;
        if let Some(sums) = &appended.finished
            && upload.purpose != Purpose::Part
        {
            self.finish_upload(visitor, &upload, sums).await?;
        }
        let is_part = upload.purpose == Purpose::Part;
        Ok(Appended { offset: appended.offset, finished: appended.finished.is_some(), is_part })
    }

    /// Finishes uploads whose last byte was durable when the program was killed. One that cannot be finished, for
    /// example because its record was released meanwhile, stays listed for its owner and does not hold up the others.
    pub async fn finish_complete_uploads(&self) -> Result<u64, Refusal> {
        let mut finished = 0;
        for staged in self.store().staging().list().await? {
            let Some(upload) = self.catalogue().upload(&staged.id).await? else { continue };
            let Some(account) = self.catalogue().account(&upload.account).await? else { continue };
            let visitor = Visitor::person(account);
            let entered = match (&upload.purpose, self.store().staging().sums(&staged.id).await?) {
                (Purpose::File, Some(sums)) => self.finish_upload(&visitor, &upload, &sums).await,
                (Purpose::Join { .. }, _) => self.join(&visitor, &upload).await,
                (Purpose::File, None) | (Purpose::Part, _) => continue,
            };
            match entered {
                Ok(()) => finished += 1,
                Err(refusal) => tracing::warn!(upload = %upload.id, %refusal, "a complete upload could not enter its record"),
            }
        }
        Ok(finished)
    }

    pub(crate) async fn finish_upload(&self, visitor: &Visitor, upload: &Upload, sums: &Sums) -> Result<(), Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, &upload.record, Aspect::Change).await?;
        if !sight.record.state.takes_files() {
            return Err(files_are_released());
        }
        if change.upload(&upload.id).await?.is_none() {
            return Ok(()); // Another request has finished it.
        }
        let original = Original { path: upload.path.clone(), bytes: sums.bytes, sha256: sums.sha256, crc32: sums.crc32, added_at: now };
        let stored = StoredFile { original, place: Place::Staged { upload: upload.id.clone() } };
        let replaced = change.put_file(&upload.record, &stored).await?;
        change.delete_upload(&upload.id).await?;
        let parts: &[UploadId] = if let Purpose::Join { parts } = &upload.purpose { parts } else { &[] };
        for part in parts {
            change.delete_upload(part).await?;
        }
        self.ask_for_labour(&mut change, &sight, 1 + parts.len() as u64).await?;
        if is_model_file(&upload.path) {
            change.enqueue(&Job::Models { record: upload.record.clone() }, now.plus_seconds(1), now).await?;
        }
        if is_movie_file(&upload.path) {
            change.enqueue(&Job::Movies { record: upload.record.clone() }, now.plus_seconds(1), now).await?;
        }
        change.append(&upload.record, visitor.account_id(), &Happening::FileAdded { path: upload.path.clone() }, now).await?;
        self.commit(change, &[&upload.record]).await?;
        for part in parts {
            self.store().staging().delete(part).await?;
        }
        self.forget_staged(&upload.record, replaced).await
    }

    /// Everything that follows from changed files. `leaving` uploads are about to be no longer unfinished.
    async fn ask_for_labour(&self, change: &mut catalogue::Change, sight: &Sight, leaving: u64) -> Result<(), Refusal> {
        let now = self.now();
        let record = sight.record.id.clone();
        let quiet = self.files_awaited_until(&record).unwrap_or(now.plus_seconds(QUIET_SECONDS));
        let arriving = sight.holdings.unfinished_uploads > leaving;
        let preserve_in = if arriving { PRESERVE_ARRIVING_SECONDS } else { PRESERVE_QUIET_SECONDS };
        change.enqueue(&Job::Preserve { record: record.clone() }, now.plus_seconds(preserve_in), now).await?;
        if sight.record.kind.has_volume() {
            if sight.record.read_from_files.is_empty() {
                change.enqueue(&Job::Inspect { record: record.clone() }, now, now).await?;
            }
            if !arriving {
                change.enqueue(&Job::Look { record: record.clone() }, now, now).await?;
                change.enqueue(&Job::Convert { record }, quiet, now).await?;
            }
        }
        Ok(())
    }

    /// Until when a client is given time to send the rest of what it announced; long labour starts later.
    pub fn files_awaited_until(&self, id: &RecordId) -> Option<Instant> {
        self.inner.announcements.awaited_until(id, self.now())
    }

    /// Bytes that no version needs any more.
    pub(crate) async fn forget_staged(&self, id: &RecordId, gone: impl IntoIterator<Item = StoredFile>) -> Result<(), Refusal> {
        for file in gone {
            let Place::Staged { upload } = &file.place else { continue };
            let mut change = self.catalogue().change().await?;
            let needed = change.lies_at(id, &file.original.path, &file.place).await?;
            drop(change);
            if !needed {
                self.store().staging().delete(upload).await?;
            }
        }
        Ok(())
    }

    pub async fn cancel_upload(&self, visitor: &Visitor, id: &UploadId) -> Result<(), Refusal> {
        let upload = self.my_upload(visitor, id).await?;
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, &upload.record, Aspect::Change).await?;
        change.delete_upload(id).await?;
        if sight.holdings.files > 0 {
            self.ask_for_labour(&mut change, &sight, 1).await?;
        }
        self.commit(change, &[&upload.record]).await?;
        self.store().staging().delete(id).await?;
        Ok(())
    }

    pub async fn unfinished(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<(Upload, u64)>, Refusal> {
        self.see(visitor, At::working(id), Aspect::Change).await?;
        self.with_offsets(self.catalogue().uploads_of(id).await?).await
    }

    async fn with_offsets(&self, uploads: Vec<Upload>) -> Result<Vec<(Upload, u64)>, Refusal> {
        let mut list = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let offset = self.store().staging().offset(&upload.id).await?.unwrap_or(0);
            list.push((upload, offset));
        }
        Ok(list)
    }

    pub async fn check(&self, visitor: &Visitor, id: &RecordId, paths: &[(FilePath, u64)]) -> Result<Check, Refusal> {
        let version = self.see(visitor, At::working(id), Aspect::Change).await?.record.version;
        if paths.len() > CHECK_PATHS_MAX {
            return Err(Refusal::TooLarge { what: format!("Ask about at most {CHECK_PATHS_MAX} paths at once.").into() });
        }
        let names: Vec<FilePath> = paths.iter().map(|(path, _)| path.clone()).collect();
        let existing: Vec<Original> = self.catalogue().existing(id, version, &names).await?.into_iter().map(|file| file.original).collect();
        let there: HashSet<&FilePath> = existing.iter().map(|original| &original.path).collect();
        self.inner.announcements.announce(id, names.iter().filter(|path| !there.contains(path)), self.now());
        let uploads = self.catalogue().uploads_at(id, &names).await?;
        let files = uploads.into_iter().filter(|upload| upload.purpose == Purpose::File);
        let same = files.filter(|upload| paths.iter().any(|(path, bytes)| *path == upload.path && *bytes == upload.bytes)).collect();
        Ok(Check { existing, unfinished: self.with_offsets(same).await? })
    }

    pub async fn remove_file(&self, visitor: &Visitor, id: &RecordId, path: &FilePath) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Change).await?;
        if !sight.record.state.takes_files() {
            return Err(files_are_released());
        }
        let removed = change.remove_file(id, path).await?.ok_or(Refusal::NotFound)?;
        self.ask_for_labour(&mut change, &sight, 0).await?;
        change.append(id, visitor.account_id(), &Happening::FileRemoved { path: path.clone() }, self.now()).await?;
        self.commit(change, &[id]).await?;
        self.forget_staged(id, Some(removed)).await
    }

    /// Removes uploads that nobody continued for a long time; one that still grows is kept however old it is.
    pub async fn sweep_uploads(&self) -> Result<u64, Refusal> {
        let idle_seconds_max = self.limits().upload_idle_seconds_max;
        let idle_seconds: HashMap<UploadId, u64> =
            self.store().staging().list().await?.into_iter().map(|staged| (staged.id, staged.idle_seconds)).collect();
        let mut removed = 0;
        for upload in self.catalogue().uploads_before(self.now().plus_seconds(-idle_seconds_max), 10_000).await? {
            if idle_seconds.get(&upload.id).is_some_and(|idle| i64::try_from(*idle).is_ok_and(|idle| idle < idle_seconds_max)) {
                continue;
            }
            let mut change = self.catalogue().change().await?;
            change.delete_upload(&upload.id).await?;
            self.commit(change, &[&upload.record]).await?;
            self.store().staging().delete(&upload.id).await?;
            removed += 1;
        }
        Ok(removed)
    }
}

pub(crate) fn files_are_released() -> Refusal {
    Refusal::Conflict {
        what: said(
            "files-are-released",
            "The files of this record are released and can no longer change.",
            "Die Dateien dieses Eintrags sind freigegeben und lassen sich nicht mehr ändern.",
        ),
        hint: hint("Make a new version of it.", "Machen Sie eine neue Version davon."),
    }
}

pub(crate) fn refused(fault: AppendFault, upload: &Upload) -> Refusal {
    match fault {
        AppendFault::WrongOffset { actual, .. } => Refusal::OffsetMismatch { offset: actual },
        AppendFault::Busy => Refusal::Busy,
        AppendFault::TooLong { .. } => Refusal::TooLarge { what: format!("More bytes came than the {} announced.", upload.bytes).into() },
        AppendFault::NotFound { .. } => Refusal::Expired,
        AppendFault::Interrupted { offset, why } => {
            tracing::debug!(upload = %upload.id, offset, why, "a connection broke; what arrived is kept");
            Refusal::OffsetMismatch { offset }
        }
        AppendFault::Fault(fault) => fault.into(),
    }
}
