//! Personal API tokens, known by the hash of their secret.

use crate::{
    SecretHash,
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, hex, row_limit},
};
use ::record::{
    account::{ApiToken, Scope},
    id::{AccountId, TokenId},
    instant::Instant,
};
use sqlx::any::AnyRow;

macro_rules! select_token {
    ($rest:literal) => {
        concat!("SELECT id, account, name, scope, created_at, expires_at, last_used_at FROM token ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<ApiToken, Fault> {
    let reading = Reading::of(row, "token", "id");
    let scope = reading.text("scope")?;
    Ok(ApiToken {
        id: reading.parsed("id")?,
        account: reading.parsed("account")?,
        name: reading.text("name")?,
        scope: Scope::from_name(&scope).ok_or_else(|| reading.wrong("scope", format!("“{scope}” is no scope")))?,
        created_at: reading.instant("created_at")?,
        expires_at: reading.instant("expires_at")?,
        last_used_at: reading.maybe_number("last_used_at")?.map(Instant),
    })
}

impl Catalogue {
    /// `None` also when it has expired.
    pub async fn token_by_hash(&self, hash: &SecretHash, now: Instant) -> Result<Option<ApiToken>, Fault> {
        let query = sqlx::query(select_token!("WHERE hash = $1 AND expires_at > $2")).bind(hex(hash)).bind(now.0);
        query.fetch_optional(&mut *self.reader().await?).await.tried("find a token")?.as_ref().map(read).transpose()
    }

    /// The newest first, expired ones too.
    pub async fn tokens_of(&self, account: &AccountId) -> Result<Vec<ApiToken>, Fault> {
        let query = sqlx::query(select_token!("WHERE account = $1 ORDER BY created_at DESC, id LIMIT $2"))
            .bind(account.as_str().to_owned())
            .bind(row_limit(u32::MAX));
        query.fetch_all(&mut *self.reader().await?).await.tried("list someone's tokens")?.iter().map(read).collect()
    }
}

impl Change {
    pub async fn insert_token(&mut self, token: &ApiToken, hash: &SecretHash) -> Result<(), Fault> {
        let insert = "INSERT INTO token (id, hash, account, name, scope, created_at, expires_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sqlx::query(insert)
            .bind(token.id.as_str().to_owned())
            .bind(hex(hash))
            .bind(token.account.as_str().to_owned())
            .bind(token.name.clone())
            .bind(token.scope.name())
            .bind(token.created_at.0)
            .bind(token.expires_at.0)
            .bind(token.last_used_at.map(|time| time.0));
        query.execute(self.connection()).await.tried("store a token").map(|_| ())
    }

    /// False when this account has no such token.
    pub async fn delete_token(&mut self, account: &AccountId, id: &TokenId) -> Result<bool, Fault> {
        let delete =
            sqlx::query("DELETE FROM token WHERE account = $1 AND id = $2").bind(account.as_str().to_owned()).bind(id.as_str().to_owned());
        Ok(delete.execute(self.connection()).await.tried("delete a token")?.rows_affected() > 0)
    }

    pub async fn touch_token(&mut self, id: &TokenId, now: Instant) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE token SET last_used_at = $1 WHERE id = $2").bind(now.0).bind(id.as_str().to_owned());
        update.execute(self.connection()).await.tried("note the use of a token").map(|_| ())
    }
}
