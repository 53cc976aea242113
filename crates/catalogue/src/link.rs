//! Links that stand for a right: sent by mail and good once, or given to reviewers and good until they expire.

use crate::{
    SecretHash,
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, hex, row_limit, to_json},
};
use ::record::{
    file::Sha256,
    id::{AccountId, RecordId},
    instant::Instant,
};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, any::AnyRow};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub hash: SecretHash,
    pub purpose: LinkPurpose,
    /// Whose right it is; for a reviewer link, who gave it.
    pub account: Option<AccountId>,
    pub expires_at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "kebab-case")]
pub enum LinkPurpose {
    SignIn,
    ResetPassword,
    /// Lets its holder see the files of a registered record. Not consumed by use.
    Reviewer {
        record: RecordId,
        /// For anonymous review: the owners are not named.
        hide_names: bool,
    },
}

impl LinkPurpose {
    fn record(&self) -> Option<&RecordId> {
        match self {
            Self::Reviewer { record, .. } => Some(record),
            Self::SignIn | Self::ResetPassword => None,
        }
    }
}

macro_rules! select_link {
    ($rest:literal) => {
        concat!("SELECT hash, purpose, account, expires_at FROM link ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<Link, Fault> {
    let reading = Reading::of(row, "link", "hash");
    let hash: Sha256 = reading.parsed("hash")?;
    Ok(Link {
        hash: hash.0,
        purpose: reading.json("purpose")?,
        account: reading.maybe_parsed("account")?,
        expires_at: reading.instant("expires_at")?,
    })
}

async fn find(connection: &mut AnyConnection, hash: &SecretHash, now: Instant) -> Result<Option<Link>, Fault> {
    let query = sqlx::query(select_link!("WHERE hash = $1 AND expires_at > $2")).bind(hex(hash)).bind(now.0);
    query.fetch_optional(connection).await.tried("find a link")?.as_ref().map(read).transpose()
}

impl Catalogue {
    /// Looks at it without consuming it. `None` also when it has expired.
    pub async fn link(&self, hash: &SecretHash, now: Instant) -> Result<Option<Link>, Fault> {
        find(&mut *self.reader().await?, hash, now).await
    }

    /// The reviewer links of a record, those that expire last first.
    pub async fn links_of(&self, record: &RecordId) -> Result<Vec<Link>, Fault> {
        let query = sqlx::query(select_link!("WHERE record = $1 ORDER BY expires_at DESC, hash LIMIT $2"))
            .bind(record.as_str().to_owned())
            .bind(row_limit(u32::MAX));
        query.fetch_all(&mut *self.reader().await?).await.tried("list a record's links")?.iter().map(read).collect()
    }
}

impl Change {
    pub async fn insert_link(&mut self, link: &Link) -> Result<(), Fault> {
        let insert = sqlx::query("INSERT INTO link (hash, purpose, account, record, expires_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(hex(&link.hash))
            .bind(to_json("link", "(new)", &link.purpose)?)
            .bind(link.account.as_ref().map(|account| account.as_str().to_owned()))
            .bind(link.purpose.record().map(|record| record.as_str().to_owned()))
            .bind(link.expires_at.0);
        insert.execute(self.connection()).await.tried("store a link").map(|_| ())
    }

    /// Uses it up: of two who come with the same link, one gets `None`. A reviewer link stays.
    pub async fn take_link(&mut self, hash: &SecretHash, now: Instant) -> Result<Option<Link>, Fault> {
        let Some(link) = find(self.connection(), hash, now).await? else {
            return Ok(None);
        };
        if link.purpose.record().is_some() || self.delete_link(hash).await? { Ok(Some(link)) } else { Ok(None) }
    }

    pub async fn delete_link(&mut self, hash: &SecretHash) -> Result<bool, Fault> {
        let delete = sqlx::query("DELETE FROM link WHERE hash = $1").bind(hex(hash));
        Ok(delete.execute(self.connection()).await.tried("delete a link")?.rows_affected() > 0)
    }

    /// Returns how many there were.
    pub async fn delete_expired_links(&mut self, now: Instant) -> Result<u64, Fault> {
        let delete = sqlx::query("DELETE FROM link WHERE expires_at <= $1").bind(now.0);
        Ok(delete.execute(self.connection()).await.tried("remove expired links")?.rows_affected())
    }
}
