//! Files that arrive in parts, each an upload of its own, side by side. When all parts are there they are joined: their bytes
//! are read in order, summed and put down as if they had come in one piece, and the parts go in the transaction in which
//! the file enters the record. After a crash the joining continues where it was.

use crate::{
    Archive, Refusal, Visitor,
    upload::{Announced, refused},
};
use futures::{StreamExt, TryStreamExt};
use record::{
    file::FilePath,
    id::{RecordId, UploadId},
    upload::{Purpose, Upload},
};
use std::{collections::BTreeSet, ops::Range};
use storage::Fault;

impl Archive {
    /// Announces a part; `path` is only shown.
    pub async fn begin_part(&self, visitor: &Visitor, id: &RecordId, path: FilePath, bytes: u64) -> Result<Upload, Refusal> {
        self.announce(visitor, id, Announced { path, bytes, replace: false, purpose: Purpose::Part }).await
    }

    /// Announces the file that finished parts of the same record and account shall become. [`Archive::join`] makes it.
    pub async fn begin_join(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        path: FilePath,
        parts: Vec<UploadId>,
        replace: bool,
    ) -> Result<Upload, Refusal> {
        let field = |what: String, hint: &'static str| Refusal::invalid("Upload-Concat", what, hint);
        if parts.is_empty() || parts.len() > self.limits().upload_parts_max {
            let what = format!("A file is joined from 1 to {} parts.", self.limits().upload_parts_max);
            return Err(field(what, "Name the parts in their order, with spaces between."));
        }
        if parts.iter().collect::<BTreeSet<_>>().len() < parts.len() {
            return Err(field("A part is named twice.".to_owned(), "Upload it twice, or name it once."));
        }
        let mut bytes = 0u64;
        for part in &parts {
            let upload = self.my_upload(visitor, part).await?;
            if upload.purpose != Purpose::Part || upload.record != *id || Some(&upload.account) != visitor.account_id() {
                return Err(field(
                    format!("The upload {part} is no part of yours for this record."),
                    "Begin parts with Upload-Concat: partial and the same record.",
                ));
            }
            let offset = self.store().staging().offset(part).await?.ok_or(Refusal::Expired)?;
            if offset != upload.bytes {
                return Err(Refusal::Conflict {
                    what: format!("The part {part} has {offset} of its {} bytes.", upload.bytes).into(),
                    hint: "Send its rest first.".into(),
                });
            }
            bytes = bytes.saturating_add(upload.bytes);
        }
        self.announce(visitor, id, Announced { path, bytes, replace, purpose: Purpose::Join { parts } }).await
    }

    /// Makes the file, or continues to make it. A second caller finds [`Refusal::Busy`].
    pub async fn join(&self, visitor: &Visitor, upload: &Upload) -> Result<(), Refusal> {
        let Purpose::Join { parts } = &upload.purpose else { return Ok(()) };
        let staging = self.store().staging();
        let offset = staging.offset(&upload.id).await?.ok_or(Refusal::Expired)?;
        let wanted = self.behind(parts, offset).await?;
        let source = staging.clone();
        let blobs = futures::stream::iter(wanted).then(move |(part, range)| {
            let source = source.clone();
            async move {
                let blob = source.blob(&part).await?.ok_or_else(|| Fault::NotFound { key: format!("the part {part}") })?;
                Ok::<_, Fault>(blob.stream(range))
            }
        });
        let bytes = blobs.try_flatten().boxed();
        let appended = staging.append(&upload.id, offset, bytes, upload.bytes).await.map_err(|fault| refused(fault, upload))?;
        match appended.finished {
            Some(sums) => self.finish_upload(visitor, upload, &sums).await,
            None => Err(Refusal::Unavailable(format!("the parts of the upload {} became shorter", upload.id))),
        }
    }

    /// Which bytes of which parts follow behind that offset of the whole.
    async fn behind(&self, parts: &[UploadId], offset: u64) -> Result<Vec<(UploadId, Range<u64>)>, Refusal> {
        let mut wanted = Vec::with_capacity(parts.len());
        let mut begin = 0;
        for part in parts {
            let bytes = self.store().staging().offset(part).await?.ok_or(Refusal::Expired)?;
            if begin + bytes > offset {
                wanted.push((part.clone(), offset.saturating_sub(begin)..bytes));
            }
            begin += bytes;
        }
        Ok(wanted)
    }
}
