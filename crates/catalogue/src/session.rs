//! Signed-in browsers, known by the hash of a secret that only their cookie holds.

use crate::{
    SecretHash,
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, hex},
};
use ::record::{id::AccountId, instant::Instant};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub hash: SecretHash,
    pub account: AccountId,
    /// Must come back with every form that changes something.
    pub csrf: String,
    pub created_at: Instant,
    pub expires_at: Instant,
}

impl Catalogue {
    /// `None` also when it has expired.
    pub async fn session(&self, hash: &SecretHash, now: Instant) -> Result<Option<Session>, Fault> {
        let select = "SELECT hash, account, csrf, created_at, expires_at FROM session WHERE hash = $1 AND expires_at > $2";
        let query = sqlx::query(select).bind(hex(hash)).bind(now.0);
        let Some(row) = query.fetch_optional(&mut *self.reader().await?).await.tried("find a session")? else {
            return Ok(None);
        };
        let reading = Reading::of(&row, "session", "account");
        Ok(Some(Session {
            hash: *hash,
            account: reading.parsed("account")?,
            csrf: reading.text("csrf")?,
            created_at: reading.instant("created_at")?,
            expires_at: reading.instant("expires_at")?,
        }))
    }
}

impl Change {
    pub async fn insert_session(&mut self, session: &Session) -> Result<(), Fault> {
        let insert = sqlx::query("INSERT INTO session (hash, account, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(hex(&session.hash))
            .bind(session.account.as_str().to_owned())
            .bind(session.csrf.clone())
            .bind(session.created_at.0)
            .bind(session.expires_at.0);
        insert.execute(self.connection()).await.tried("store a session").map(|_| ())
    }

    pub async fn delete_session(&mut self, hash: &SecretHash) -> Result<(), Fault> {
        let delete = sqlx::query("DELETE FROM session WHERE hash = $1").bind(hex(hash));
        delete.execute(self.connection()).await.tried("end a session").map(|_| ())
    }

    pub async fn delete_sessions_of(&mut self, account: &AccountId) -> Result<(), Fault> {
        let delete = sqlx::query("DELETE FROM session WHERE account = $1").bind(account.as_str().to_owned());
        delete.execute(self.connection()).await.tried("end someone's sessions").map(|_| ())
    }

    /// Returns how many there were.
    pub async fn delete_expired_sessions(&mut self, now: Instant) -> Result<u64, Fault> {
        let delete = sqlx::query("DELETE FROM session WHERE expires_at <= $1").bind(now.0);
        Ok(delete.execute(self.connection()).await.tried("remove expired sessions")?.rows_affected())
    }
}
