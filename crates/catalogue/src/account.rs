//! Who may sign in.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit},
};
use ::record::{
    account::{Account, Rank},
    id::AccountId,
    team::Email,
};
use sqlx::{AnyConnection, any::AnyRow};

macro_rules! select_account {
    ($rest:literal) => {
        concat!("SELECT id, email, name, rank, password_hash, created_at FROM account ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<Account, Fault> {
    let reading = Reading::of(row, "account", "id");
    let rank = reading.text("rank")?;
    Ok(Account {
        id: reading.parsed("id")?,
        email: reading.parsed("email")?,
        name: reading.text("name")?,
        rank: Rank::from_name(&rank).ok_or_else(|| reading.wrong("rank", format!("“{rank}” is no rank")))?,
        created_at: reading.instant("created_at")?,
    })
}

async fn find(connection: &mut AnyConnection, id: &AccountId) -> Result<Option<Account>, Fault> {
    let query = sqlx::query(select_account!("WHERE id = $1")).bind(id.as_str().to_owned());
    query.fetch_optional(connection).await.tried("find an account")?.as_ref().map(read).transpose()
}

async fn find_by_email(connection: &mut AnyConnection, email: &Email) -> Result<Option<(Account, Option<String>)>, Fault> {
    let query = sqlx::query(select_account!("WHERE email = $1")).bind(email.as_str().to_owned());
    let Some(row) = query.fetch_optional(connection).await.tried("find an account by its address")? else {
        return Ok(None);
    };
    Ok(Some((read(&row)?, Reading::of(&row, "account", "id").maybe_text("password_hash")?)))
}

async fn count(connection: &mut AnyConnection) -> Result<u64, Fault> {
    let row = sqlx::query("SELECT COUNT(*) AS accounts FROM account").fetch_one(connection).await.tried("count the accounts")?;
    Reading::of(&row, "account", "accounts").count("accounts")
}

impl Catalogue {
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, Fault> {
        find(&mut *self.reader().await?, id).await
    }

    /// The account and, when it has one, its password's hash.
    pub async fn account_by_email(&self, email: &Email) -> Result<Option<(Account, Option<String>)>, Fault> {
        find_by_email(&mut *self.reader().await?, email).await
    }

    /// In the order of their addresses.
    pub async fn accounts(&self, limit: u32) -> Result<Vec<Account>, Fault> {
        let query = sqlx::query(select_account!("ORDER BY email LIMIT $1")).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list the accounts")?.iter().map(read).collect()
    }

    pub async fn count_accounts(&self) -> Result<u64, Fault> {
        count(&mut *self.reader().await?).await
    }
}

impl Change {
    pub async fn account(&mut self, id: &AccountId) -> Result<Option<Account>, Fault> {
        find(self.connection(), id).await
    }

    pub async fn account_by_email(&mut self, email: &Email) -> Result<Option<(Account, Option<String>)>, Fault> {
        find_by_email(self.connection(), email).await
    }

    pub async fn count_accounts(&mut self) -> Result<u64, Fault> {
        count(self.connection()).await
    }

    /// [`Fault::Conflict`] when the address or the id is taken.
    pub async fn insert_account(&mut self, account: &Account, password_hash: Option<&str>) -> Result<(), Fault> {
        let insert = sqlx::query("INSERT INTO account (id, email, name, rank, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(account.id.as_str().to_owned())
            .bind(account.email.as_str().to_owned())
            .bind(account.name.clone())
            .bind(account.rank.name())
            .bind(password_hash.map(str::to_owned))
            .bind(account.created_at.0);
        insert.execute(self.connection()).await.tried("store an account").map(|_| ())
    }

    /// False when there is no such account; so with the next two.
    pub async fn set_password(&mut self, id: &AccountId, password_hash: &str) -> Result<bool, Fault> {
        self.set_account(id, "UPDATE account SET password_hash = $1 WHERE id = $2", password_hash).await
    }

    pub async fn set_name(&mut self, id: &AccountId, name: &str) -> Result<bool, Fault> {
        self.set_account(id, "UPDATE account SET name = $1 WHERE id = $2", name).await
    }

    pub async fn set_rank(&mut self, id: &AccountId, rank: Rank) -> Result<bool, Fault> {
        self.set_account(id, "UPDATE account SET rank = $1 WHERE id = $2", rank.name()).await
    }

    async fn set_account(&mut self, id: &AccountId, update: &'static str, value: &str) -> Result<bool, Fault> {
        let query = sqlx::query(update).bind(value.to_owned()).bind(id.as_str().to_owned());
        Ok(query.execute(self.connection()).await.tried("change an account")?.rows_affected() > 0)
    }
}
